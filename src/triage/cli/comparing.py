"""`triage diff`, `replay` and `sweep`: policies, decisions and settings side by side."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.console import as_json, day, note, progress, report, write
from triage.cli.options import (
    AsOfOption,
    AssessFormat,
    Lang,
    LangOption,
    OutputOption,
    RulesOption,
    SetOption,
    SheetOption,
    SweepFormat,
    TextFormat,
    TextOrJson,
    help_text,
)
from triage.errors import UsageError
from triage.messages import say

if TYPE_CHECKING:
    from triage.service.sweeping import Progress
    from triage.sweep.grid import Point

BAR, WIDTH = 30, 79


def diff(
    baseline: Annotated[Path, typer.Argument(help=help_text("diff-baseline"), metavar="BASELINE")],
    candidate: Annotated[
        Path | None, typer.Argument(help=help_text("diff-candidate"), metavar="[CANDIDATE]")
    ] = None,
    settings: SetOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[
        AssessFormat, typer.Option("--format", help=help_text("format"))
    ] = AssessFormat.text,
    output: OutputOption = None,
) -> None:
    """Compare two policies."""
    from triage.reports import comparing, document_pages
    from triage.service.comparing import compare

    language = lang.language
    found = compare(baseline, candidate, settings or [], language)
    between = found.baseline, found.candidate, found.edits, language
    if format is AssessFormat.json:
        write([as_json(found.as_dict(language))], output)
    elif format is AssessFormat.text:
        write([comparing.edits(*between).encode()], output)
    else:
        page = document_pages.html if format is AssessFormat.html else document_pages.markdown
        write(page(comparing.document(*between)), output)


def replay(
    records: Annotated[
        list[str], typer.Argument(help=help_text("records"), metavar="DECISIONS...")
    ],
    requests: Annotated[
        list[str] | None,
        typer.Option("--requests", help=help_text("replay-requests"), metavar="INBOX"),
    ] = None,
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", help=help_text("replay-rules"), metavar="DIR")
    ] = None,
    committed: Annotated[
        list[str] | None, typer.Option("--committed", help=help_text("committed"), metavar="FILE")
    ] = None,
    sheet: SheetOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    output: OutputOption = None,
) -> None:
    """Make recorded decisions again."""
    from triage.reports import comparing
    from triage.service import comparing as service

    language = lang.language
    if not requests:
        raise UsageError(say("replay.no-requests", language))
    found = service.replay(
        records, requests, rules or [], language, sheet, committed or [], progress()
    )
    for inbox in found.inboxes:
        report(inbox)
    for one in found.unreadable:
        note(one.line(language))
    if format is TextOrJson.json:
        write([as_json(found.as_dict())], output)
    else:
        text = comparing.replayed(
            found.agreed,
            found.differences,
            found.unreadable,
            found.engine,
            found.versions,
            language,
        )
        write([text.encode()], output)
    rejected = any(inbox.rejected for inbox in found.inboxes)
    raise typer.Exit(1 if found.differences or found.unreadable or rejected else 0)


def sweep(
    cases: Annotated[list[str], typer.Argument(help=help_text("sweep-cases"), metavar="CASES...")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help=help_text("sweep-set"), metavar="NAME=VALUES")
    ] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    sheet: SheetOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[
        SweepFormat, typer.Option("--format", help=help_text("format"))
    ] = SweepFormat.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=help_text("sweep-output"), metavar="FILE")
    ] = None,
) -> None:
    """Run a grid of settings."""
    from triage.reports import sweep as shown
    from triage.service import sweeping

    language = lang.language
    if not settings:
        raise UsageError(say("sweep.no-grid", language))
    show = _bar()
    found = sweeping.sweep(
        cases, settings, rules, day(as_of, language), language, output, sheet, show
    )
    if found.inbox is not None:
        report(found.inbox)
    if found.kept:
        note(say("sweep.kept", language, kept=found.kept, count=len(found.grid), path=output))
    if format is SweepFormat.json:
        write([as_json(found.as_dict())], None)
    else:
        made = shown.SweepReport(
            policy=found.baseline,
            grid=found.grid,
            results=found.results,
            counts=found.counts,
            digest=found.digest,
            as_of=found.as_of,
            classifications=found.classifications,
            language=language,
        )
        forms = {SweepFormat.csv: shown.comma_separated, SweepFormat.html: shown.html}
        write(
            [shown.terminal(made).encode()] if format is SweepFormat.text else forms[format](made),
            None,
        )
    raise typer.Exit(1 if found.rejected else 0)


def _bar() -> "Progress | None":
    """A bar on a terminal while points are run; quiet in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int, point: "Point") -> None:
        full = done * BAR // total
        values = " ".join(f"{name}={value}" for name, value in point.values.items())
        line = f"[{'#' * full}{'.' * (BAR - full)}] {done}/{total} {values}"[:WIDTH]
        sys.stderr.write(f"\r{line:<{WIDTH}}" if done < total else f"\r{'':<{WIDTH}}\r")
        sys.stderr.flush()

    return show
