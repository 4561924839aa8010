"""`triage diff`, `replay` and `sweep`: policies, decisions and settings side by side."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from triage.cli.console import (
    check_outputs,
    csv_form,
    day,
    note,
    progress,
    report,
    write,
    write_json,
    write_text,
)
from triage.cli.options import (
    FORMAT,
    AsOfOption,
    BriefFormat,
    CommittedOption,
    CsvForOption,
    HiddenOption,
    LangOption,
    OutputOption,
    RulesOption,
    SetOption,
    SheetOption,
    TextFormat,
    argument,
    option,
)
from triage.errors import UsageError
from triage.messages import say

if TYPE_CHECKING:
    from triage.service.sweeping import Progress
    from triage.sweep.grid import Point

BAR, WIDTH = 30, 79

Requests = Annotated[list[str] | None, option("--requests", "help-text.replay-requests", "INBOX")]
Policies = Annotated[list[Path] | None, option("--rules", "help-text.replay-rules", "DIR")]
Settings = Annotated[list[str] | None, option("--set", "help-text.sweep-set", "NAME=VALUES")]
Points = Annotated[Path | None, option("--output -o", "help-text.sweep-output", "FILE")]
SweepFormat = Literal["text", "json", "csv", "html"]


def diff(
    baseline: Annotated[Path, argument("help-text.diff-baseline", "BASELINE")],
    candidate: Annotated[Path | None, argument("help-text.diff-candidate", "[CANDIDATE]")] = None,
    settings: SetOption = None,
    lang: LangOption = "en",
    format: Annotated[BriefFormat, FORMAT] = "text",
    output: OutputOption = None,
) -> None:
    """Compare two policies."""
    from triage.reports import comparing, markdown, pages
    from triage.service.comparing import compare

    check_outputs((output,), (baseline, candidate), lang)
    compared = compare(baseline, candidate, settings or [], lang)
    if format == "json":
        write_json(compared.as_dict(lang), output)
        return
    made = comparing.document(compared.baseline, compared.candidate, compared.edits, lang)
    if format == "text":
        write_text(comparing.as_text(made), output)
    else:
        write((pages if format == "html" else markdown).render(made), output)


def replay(
    records: Annotated[list[str], argument("help-text.records", "DECISIONS...")],
    requests: Requests = None,
    rules: Policies = None,
    committed: CommittedOption = None,
    sheet: SheetOption = None,
    hidden: HiddenOption = None,
    lang: LangOption = "en",
    format: TextFormat = "text",
    output: OutputOption = None,
) -> None:
    """Make recorded decisions again."""
    from triage.intake.inbox import Intake
    from triage.reports import comparing
    from triage.service import comparing as service

    if not requests:
        raise UsageError(say("replay.no-requests", lang))
    check_outputs((output,), [*records, *requests, *(committed or ()), *(rules or ())], lang)
    intake = Intake(sheet, hidden=hidden)
    replayed = service.replay(
        records, requests, rules or [], lang, intake, committed or [], progress()
    )
    for inbox in replayed.inboxes:
        report(inbox)
    for record in replayed.unreadable:
        note(record.line(lang))
    if format == "json":
        write_json(replayed.as_dict(), output)
    else:
        counts = replayed.agreed, replayed.differences, replayed.unreadable
        text = comparing.replayed(*counts, replayed.engine, replayed.versions, lang)
        write_text(text, output)
    rejected = any(inbox.rejected for inbox in replayed.inboxes)
    raise typer.Exit(1 if replayed.differences or replayed.unreadable or rejected else 0)


def sweep(
    cases: Annotated[list[str], argument("help-text.sweep-cases", "CASES...")],
    settings: Settings = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    sheet: SheetOption = None,
    hidden: HiddenOption = None,
    lang: LangOption = "en",
    csv_for: CsvForOption = None,
    format: Annotated[SweepFormat, FORMAT] = "text",
    output: Points = None,
) -> None:
    """Run a grid of settings."""
    from triage.intake.inbox import Intake
    from triage.reports.sweep import SweepReport, render
    from triage.service import sweeping

    if not settings:
        raise UsageError(say("sweep.no-grid", lang))
    check_outputs((output,), [*cases, rules], lang)
    written = csv_form(csv_for, format == "csv", lang)
    show, as_of_day = _bar(), day(as_of, lang)
    intake = Intake(sheet, hidden=hidden)
    swept = sweeping.sweep(cases, settings, rules, as_of_day, lang, output, intake, show)
    if swept.inbox is not None:
        report(swept.inbox)
    if swept.kept:
        note(say("sweep.kept", lang, kept=swept.kept, count=len(swept.grid), path=output))
    if format == "json":
        write_json(swept.as_dict(), None)
    else:
        write(render(SweepReport(swept, lang), format, written), None)
    raise typer.Exit(1 if swept.rejected else 0)


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
