"""`triage assess`: one proposal in full, with what would raise it."""

from typing import Annotated

import typer

from triage.commands.console import day, report, write
from triage.options import (
    AcceptOption,
    AsOfOption,
    AssessFormat,
    Lang,
    LangOption,
    OutputOption,
    RulesOption,
    SheetOption,
    help_text,
)


def assess(
    file: Annotated[str, typer.Argument(help=help_text("file"), metavar="FILE|-")],
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[AssessFormat, typer.Option("--format", help=help_text("format"))] = AssessFormat.text,
    expect_version: Annotated[
        str | None, typer.Option("--expect-version", help=help_text("expect-version"), metavar="VERSION")
    ] = None,
    sheet: SheetOption = None,
    accept_suggestions: AcceptOption = False,
    output: OutputOption = None,
) -> None:
    """Assess one proposal in full."""
    from triage import service
    from triage.inbox import Intake

    triage = service.Triage(rules, lang.language)
    service.expect_version(triage.policy, expect_version, lang.language)
    judged = day(as_of, lang.language)
    request, inbox = service.read_proposal(triage, file, Intake(sheet, accept_suggestions=accept_suggestions))
    report(inbox)
    if request is None:
        raise typer.Exit(1)
    write(service.render(triage, service.assess(triage, request, judged), format.value), output)
