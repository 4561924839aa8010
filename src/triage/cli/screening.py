"""`triage screen` and `topics`: requests in, recommendations out."""

import gc
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from triage.cli.console import (
    check_outputs,
    csv_form,
    day,
    note,
    progress,
    refuse_terminal,
    report,
    write,
    write_json,
    write_text,
)
from triage.cli.options import (
    FORMAT,
    AcceptOption,
    AsOfOption,
    CommittedOption,
    CsvForOption,
    HiddenOption,
    LangOption,
    OutputOption,
    RulesOption,
    SeenOption,
    SheetOption,
    Spreadsheet,
    TextFormat,
    argument,
    option,
)
from triage.errors import UsageError
from triage.messages import Language, say

if TYPE_CHECKING:
    from triage.formats.csv_forms import CsvForm
    from triage.service import Screening, Triage

ScreenFormat = Literal["table", "json", "csv", "xlsx", "md", "html"]
Files = Annotated[list[str] | None, argument("help-text.files", "FILE...")]
Explain = Annotated[str | None, option("--explain", "help-text.explain", "ID")]
ActionPlan = Annotated[Spreadsheet | None, option("--action-plan", "help-text.action-plan")]
Template = Annotated[Spreadsheet | None, option("--template", "help-text.template")]
Rejects = Annotated[Path | None, option("--rejects", "help-text.rejects", "FILE")]
SuggestTo = Annotated[Path | None, option("--suggest-to", "help-text.suggest-to", "FILE")]
Confirmed = Annotated[Path | None, option("--confirmed", "help-text.confirmed", "FILE")]
Allocate = Annotated[Literal["rank", "best"], option("--allocate", "help-text.allocate")]
TimeLimit = Annotated[float, option("--time-limit", "help-text.time-limit", "SECONDS")]


def screen(
    files: Files = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = "en",
    format: Annotated[ScreenFormat, FORMAT] = "table",
    explain: Explain = None,
    action_plan: ActionPlan = None,
    template: Template = None,
    sheet: SheetOption = None,
    hidden: HiddenOption = None,
    rejects: Rejects = None,
    accept_suggestions: AcceptOption = False,
    suggest_to: SuggestTo = None,
    confirmed: Confirmed = None,
    committed: CommittedOption = None,
    seen: SeenOption = None,
    allocate: Allocate = "rank",
    time_limit: TimeLimit = 60.0,
    csv_for: CsvForOption = None,
    output: OutputOption = None,
) -> None:
    """Screen an inbox."""
    from triage.intake.inbox import Intake
    from triage.service import Limits, Triage

    check_outputs((output, rejects), [*(files or ()), *(committed or ()), rules], lang)
    written = csv_form(csv_for, "csv" in (template, action_plan, format), lang)
    if template is not None:
        _write_template(template, files, rules, lang, output, written if csv_for else None)
        return
    if not files:
        raise UsageError(say("screen.no-files", lang))
    if not 0 < time_limit < float("inf"):
        raise UsageError(say("screen.bad-time-limit", lang))
    intake = Intake(
        *(sheet, rejects, accept_suggestions),
        suggest_to=suggest_to,
        confirmed=confirmed,
        hidden=hidden,
    )
    triage = Triage(rules, lang)
    # The policy stays for good: the collector need not look through it while rows go by.
    gc.freeze()
    form = _form(format, action_plan, explain, output, lang)
    limits = Limits(tuple(committed or ()), allocate, time_limit)
    on = day(as_of, lang)
    with closing(
        triage.screen(files, on, explain, form, progress(), intake, limits, seen or ())
    ) as screening:
        screening.csv_form = written
        rejected = _tell(triage, screening, form, output)
    raise typer.Exit(1 if rejected else 0)


def _tell(triage: "Triage", screening: "Screening", form: str, output: Path | None) -> bool:
    """Write what a screening found; true when a row was rejected."""
    for inbox in screening.inboxes:
        report(inbox)
    for line in screening.inbox.remarks:
        note(line)
    if screening.explained is None:
        write(screening.pieces(), output)
    else:
        form = "text" if form == "table" else form
        write(triage.explain(screening.explained, form, screening.limits), output)
    return any(inbox.rejected for inbox in screening.inboxes)


def _write_template(
    template: Spreadsheet,
    files: list[str] | None,
    rules: Path | None,
    language: Language,
    output: Path | None,
    written: "CsvForm | None",
) -> None:
    from triage.service import empty_inbox

    if files:
        raise UsageError(say("screen.template-alone", language))
    refuse_terminal(template, output, language)
    write([empty_inbox(template, rules, language, written)], output)


def _form(
    format: ScreenFormat,
    plan: Spreadsheet | None,
    explain: str | None,
    output: Path | None,
    language: Language,
) -> str:
    """The name of the form that the options of `screen` ask for."""
    if plan is not None:
        if format != "table" or explain is not None:
            raise UsageError(say("action-plan.no-format", language))
        if output is None:
            raise UsageError(say("action-plan.no-output", language))
        return f"action-plan-{plan}"
    if explain is not None and format in ("csv", "xlsx"):
        raise UsageError(say("screen.explain-format", language))
    refuse_terminal(format, output, language)
    return format


def topics(
    file: Annotated[str, argument("help-text.prose", "FILE|-")],
    rules: RulesOption = None,
    lang: LangOption = "en",
    format: TextFormat = "text",
    sheet: SheetOption = None,
    hidden: HiddenOption = None,
    output: OutputOption = None,
) -> None:
    """Suggest topics from the words of a text."""
    from triage.intake.inbox import Intake
    from triage.service import suggest_topics

    check_outputs((output,), (file, rules), lang)
    suggesting, suggestions = suggest_topics(file, rules, lang, Intake(sheet, hidden=hidden))
    if format == "json":
        rows = [suggesting.as_dict(one) for one in suggestions]
        policy = {"version": suggesting.policy.version}
        write_json({"suggestions": rows, "policy": policy}, output)
        return
    texts = [suggesting.text(one) for one in suggestions]
    write_text("\n".join([*texts, say("topics.note", lang) + "\n"]), output)
