"""`triage screen` and `topics`: requests in, recommendations out."""

import gc
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from triage.cli.console import as_json, day, progress, report, write
from triage.cli.options import (
    AcceptOption,
    Allocate,
    AsOfOption,
    Lang,
    LangOption,
    OutputOption,
    PlanFormat,
    RulesOption,
    ScreenFormat,
    SheetOption,
    TemplateFormat,
    TextFormat,
    TextOrJson,
    help_text,
)
from triage.errors import UsageError
from triage.messages import Language, say

TIME_LIMIT = 60.0


def screen(
    files: Annotated[
        list[str] | None, typer.Argument(help=help_text("files"), metavar="FILE...")
    ] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[
        ScreenFormat, typer.Option("--format", help=help_text("format"))
    ] = ScreenFormat.table,
    explain: Annotated[
        str | None, typer.Option("--explain", help=help_text("explain"), metavar="ID")
    ] = None,
    action_plan: Annotated[
        PlanFormat | None, typer.Option("--action-plan", help=help_text("action-plan"))
    ] = None,
    template: Annotated[
        TemplateFormat | None, typer.Option("--template", help=help_text("template"))
    ] = None,
    sheet: SheetOption = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help=help_text("rejects"), metavar="FILE")
    ] = None,
    accept_suggestions: AcceptOption = False,
    committed: Annotated[
        list[str] | None, typer.Option("--committed", help=help_text("committed"), metavar="FILE")
    ] = None,
    allocate: Annotated[
        Allocate, typer.Option("--allocate", help=help_text("allocate"))
    ] = Allocate.rank,
    time_limit: Annotated[
        float, typer.Option("--time-limit", help=help_text("time-limit"), metavar="SECONDS")
    ] = TIME_LIMIT,
    output: OutputOption = None,
) -> None:
    """Screen an inbox."""
    from triage.intake.inbox import Intake
    from triage.service import Limits, Triage, empty_inbox

    language = lang.language
    if template is not None:
        if files:
            raise UsageError(say("screen.template-alone", language))
        if template is TemplateFormat.xlsx and output is None and sys.stdout.isatty():
            raise UsageError(say("screen.needs-output", language))
        write([empty_inbox(template.value, rules, language)], output)
        return
    if not files:
        raise UsageError(say("screen.no-files", language))
    if not 0 < time_limit < float("inf"):
        raise UsageError(say("screen.bad-time-limit", language))
    intake = Intake(sheet, rejects, accept_suggestions)
    triage = Triage(rules, language)
    # The policy stays for good: the collector need not look through it again and again while rows
    # go by.
    gc.freeze()
    form = _form(format, action_plan, explain, output, language)
    limits = Limits(tuple(committed or ()), allocate.value, time_limit)
    with closing(
        triage.screen(files, day(as_of, language), explain, form, progress(), intake, limits)
    ) as result:
        inboxes = [result.inbox] if result.committed is None else [result.committed, result.inbox]
        for inbox in inboxes:
            report(inbox)
        if result.explained is not None:
            write(
                triage.explain(
                    result.explained, "text" if form == "table" else form, result.limits
                ),
                output,
            )
        else:
            write(result.pieces(), output)
    raise typer.Exit(1 if any(inbox.rejected for inbox in inboxes) else 0)


def topics(
    file: Annotated[str, typer.Argument(help=help_text("prose"), metavar="FILE|-")],
    rules: RulesOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    sheet: SheetOption = None,
    output: OutputOption = None,
) -> None:
    """Suggest topics from the words of a text."""
    from triage.service import suggest_topics

    suggesting, found = suggest_topics(file, rules, lang.language, sheet)
    if format is TextOrJson.json:
        shapes = [suggesting.as_dict(one) for one in found]
        write(
            [as_json({"suggestions": shapes, "policy": {"version": suggesting.policy.version}})],
            output,
        )
        return
    texts = [suggesting.text(one) for one in found]
    write(["\n".join([*texts, say("topics.note", lang.language) + "\n"]).encode()], output)


def _form(
    format: ScreenFormat,
    plan: PlanFormat | None,
    explain: str | None,
    output: Path | None,
    language: Language,
) -> str:
    """The name of the form that the options of `screen` ask for."""
    if plan is not None:
        if format is not ScreenFormat.table or explain is not None:
            raise UsageError(say("action-plan.no-format", language))
        if output is None:
            raise UsageError(say("action-plan.no-output", language))
        return f"action-plan-{plan.value}"
    if explain is not None and format in (ScreenFormat.csv, ScreenFormat.xlsx):
        raise UsageError(say("screen.explain-format", language))
    if format is ScreenFormat.xlsx and output is None and sys.stdout.isatty():
        raise UsageError(say("screen.needs-output", language))
    return format.value
