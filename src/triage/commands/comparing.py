"""`triage diff`, `replay` and `sweep`: policies, decisions and settings side by side."""

from pathlib import Path
from typing import Annotated

import typer

from triage.commands.console import as_json, note, progress, report, write
from triage.errors import UsageError
from triage.messages import say
from triage.options import Lang, LangOption, OutputOption, SheetOption, TextFormat, TextOrJson, help_text

SetOption = Annotated[list[str] | None, typer.Option("--set", help=help_text("set"), metavar="NAME=VALUE")]


def diff(
    baseline: Annotated[Path, typer.Argument(help=help_text("diff-baseline"), metavar="BASELINE")],
    candidate: Annotated[Path | None, typer.Argument(help=help_text("diff-candidate"), metavar="[CANDIDATE]")] = None,
    settings: SetOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    output: OutputOption = None,
) -> None:
    """Compare two policies."""
    from triage.reports import comparing
    from triage.service.comparing import compare

    language = lang.language
    found = compare(baseline, candidate, settings or [], language)
    if format is TextOrJson.json:
        write([as_json(found.as_dict(language))], output)
    else:
        write([comparing.edits(found.baseline, found.candidate, found.edits, language).encode()], output)


def replay(
    records: Annotated[list[str], typer.Argument(help=help_text("records"), metavar="DECISIONS...")],
    requests: Annotated[
        list[str] | None, typer.Option("--requests", help=help_text("replay-requests"), metavar="INBOX")
    ] = None,
    rules: Annotated[list[Path] | None, typer.Option("--rules", help=help_text("replay-rules"), metavar="DIR")] = None,
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
    found = service.replay(records, requests, rules or [], language, sheet, progress())
    for inbox in found.inboxes:
        report(inbox)
    for one in found.unreadable:
        note(one.line(language))
    if format is TextOrJson.json:
        write([as_json(found.as_dict())], output)
    else:
        text = comparing.replayed(
            found.agreed, found.differences, found.unreadable, found.engine, found.versions, language
        )
        write([text.encode()], output)
    rejected = any(inbox.rejected for inbox in found.inboxes)
    raise typer.Exit(1 if found.differences or found.unreadable or rejected else 0)
