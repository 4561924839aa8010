"""The command line: formatting and exit codes only; the work is in `service`.

Exit codes: 0 fine, 1 findings (rejected rows, diagnostics, failed cases), 2 wrong use or unreadable input.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage import __version__, reports
from triage.errors import PolicyError, TriageError, UsageError
from triage.messages import Language, say
from triage.options import (
    AcceptOption,
    AsOfOption,
    AssessFormat,
    Lang,
    LangOption,
    OutputOption,
    PageFormat,
    PlanFormat,
    RulesOption,
    ScreenFormat,
    SheetOption,
    TemplateFormat,
    TextFormat,
    TextOrJson,
)
from triage.options import help_text as _help

if TYPE_CHECKING:
    from triage.inbox import Inbox


app = typer.Typer(
    help=_help("triage"),
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=_help("version"))] = False,
    lang: Annotated[Lang | None, typer.Option("--lang", help=_help("lang"))] = None,
) -> None:
    if lang is not None:
        # Before a command it stands for the command's own option, whose default is this variable.
        os.environ["TRIAGE_LANG"] = lang.value
    if version:
        typer.echo(f"triage {__version__}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


@app.command(help=_help("screen"))
def screen(
    files: Annotated[list[str] | None, typer.Argument(help=_help("files"), metavar="FILE...")] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[ScreenFormat, typer.Option("--format", help=_help("format"))] = ScreenFormat.table,
    explain: Annotated[str | None, typer.Option("--explain", help=_help("explain"), metavar="ID")] = None,
    action_plan: Annotated[PlanFormat | None, typer.Option("--action-plan", help=_help("action-plan"))] = None,
    template: Annotated[TemplateFormat | None, typer.Option("--template", help=_help("template"))] = None,
    sheet: SheetOption = None,
    rejects: Annotated[Path | None, typer.Option("--rejects", help=_help("rejects"), metavar="FILE")] = None,
    accept_suggestions: AcceptOption = False,
    output: OutputOption = None,
) -> None:
    """Screen an inbox."""
    from triage.inbox import Intake
    from triage.service import Triage, empty_inbox

    language = lang.language
    if template is not None:
        if files:
            raise UsageError(say("screen.template-alone", language))
        if template is TemplateFormat.xlsx and output is None and sys.stdout.isatty():
            raise UsageError(say("screen.needs-output", language))
        _write([empty_inbox(template.value, rules, language)], output)
        return
    if not files:
        raise UsageError(say("screen.no-files", language))
    intake = Intake(sheet, rejects, accept_suggestions)
    triage = Triage(rules, language)
    # The policy stays for good: the collector need not look through it again and again while rows go by.
    gc.freeze()
    form = _form(format, action_plan, explain, output, language)
    with closing(triage.screen(files, _day(as_of, language), explain, form, _progress(), intake)) as result:
        _report(result.inbox)
        if result.explained is not None:
            _write(triage.explain(result.explained, "text" if form == "table" else form), output)
        else:
            _write(result.pieces(), output)
    raise typer.Exit(1 if result.inbox.rejected else 0)


@app.command(help=_help("assess"))
def assess(
    file: Annotated[str, typer.Argument(help=_help("file"), metavar="FILE|-")],
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[AssessFormat, typer.Option("--format", help=_help("format"))] = AssessFormat.text,
    sheet: SheetOption = None,
    accept_suggestions: AcceptOption = False,
    output: OutputOption = None,
) -> None:
    """Assess one request in full."""
    from triage.inbox import Intake
    from triage.service import Triage

    triage = Triage(rules, lang.language)
    intake = Intake(sheet, accept_suggestions=accept_suggestions)
    decision, inbox = triage.assess(file, _day(as_of, lang.language), intake)
    _report(inbox)
    if decision is None:
        raise typer.Exit(1)
    _write(triage.explain(decision, format.value), output)


@app.command(help=_help("topics"))
def topics(
    file: Annotated[str, typer.Argument(help=_help("prose"), metavar="FILE|-")],
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
        _write([_json({"suggestions": shapes, "policy": {"version": suggesting.policy.version}})], output)
        return
    texts = [suggesting.text(one) for one in found]
    _write(["\n".join([*texts, say("topics.note", lang.language) + "\n"]).encode()], output)


@app.command(help=_help("check"))
def check(
    rules: Annotated[Path | None, typer.Argument(help=_help("rules-argument"), metavar="[RULES]")] = None,
    cases: Annotated[Path | None, typer.Option("--cases", help=_help("cases-option"), metavar="DIR")] = None,
    rules_option: RulesOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    output: OutputOption = None,
) -> None:
    """Check a policy."""
    from triage import service

    language = lang.language
    checked = service.check(rules or rules_option, cases)
    if format is TextOrJson.json:
        _write([_json(checked.as_dict(language))], output)
    else:
        _write([reports.checked(checked.policy, checked.diagnostics, language).encode()], output)
    raise typer.Exit(1 if checked.findings else 0)


@app.command(name="test", help=_help("test"))
def run_cases(
    cases: Annotated[list[Path] | None, typer.Argument(help=_help("cases-argument"), metavar="[CASES]...")] = None,
    rules: RulesOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    output: OutputOption = None,
) -> None:
    """Run policy cases."""
    from triage import service

    language = lang.language
    tested = service.run_policy_cases(cases or [], rules, language)
    for diagnostic in tested.diagnostics:
        _note(diagnostic.line(language))
    if format is TextOrJson.json:
        _write([_json(tested.as_dict())], output)
    else:
        _write([reports.tested(tested.outcomes, tested.coverage, language).encode()], output)
    raise typer.Exit(1 if tested.failed or tested.diagnostics else 0)


@app.command(name="rules", help=_help("rules"))
def show_rules(
    id: Annotated[str | None, typer.Argument(help=_help("rule-id"), metavar="[ID]")] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    schema: Annotated[bool, typer.Option("--schema", help=_help("schema"))] = False,
    vocabulary: Annotated[str | None, typer.Option("--vocabulary", help=_help("vocabulary"), metavar="NAME")] = None,
    output: OutputOption = None,
) -> None:
    """List the rules, or show one in words."""
    from triage import describe, loading
    from triage.schema import json_schema

    language = lang.language
    policy = loading.load_policy(rules, language)
    if schema:
        _write([(json.dumps(json_schema(policy), indent=2, ensure_ascii=False) + "\n").encode()], output)
        return
    if vocabulary is not None:
        _write([reports.vocabulary(policy, vocabulary, language).encode()], output)
        return
    describer = describe.Describer(policy, language, _day(as_of, language) or date.today())
    if id is None:
        if format is TextOrJson.json:
            listed = [{"id": one.id, "title": one.title[language], "basis": one.basis} for one in policy.rules]
            _write([_json({"rules": listed, "policy": {"version": policy.version}})], output)
        else:
            _write([reports.rules(policy, language).encode()], output)
        return
    description = describer.describe(reports.find_rule(policy, id, language))
    as_json = format is TextOrJson.json
    _write([_json(description.as_dict()) if as_json else description.text(language).encode()], output)


@app.command(help=_help("serve"))
def serve(
    host: Annotated[str, typer.Option("--host", help=_help("host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=_help("port"), min=0, max=65535)] = 8000,
    rules: RulesOption = None,
    lang: LangOption = Lang.en,
    allow_remote: Annotated[bool, typer.Option("--allow-remote", help=_help("allow-remote"))] = False,
    keys: Annotated[Path | None, typer.Option("--keys", help=_help("keys"), metavar="FILE")] = None,
    new_key: Annotated[str | None, typer.Option("--new-key", help=_help("new-key"), metavar="NAME")] = None,
) -> None:
    """Serve the decisions over HTTP."""
    language = lang.language
    if new_key is not None:
        from triage_api.keys import add_key

        if keys is None:
            raise UsageError(say("api.new-key-needs-file", language))
        _write([f"{add_key(keys, new_key, language)}\n".encode()], None)
        _note(say("api.new-key", language, path=keys))
        return
    from triage_api import server

    server.serve(rules, language, host, port, allow_remote, keys)


@app.command(help=_help("worksheet"))
def worksheet(
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[PageFormat, typer.Option("--format", help=_help("format"))] = PageFormat.md,
    output: OutputOption = None,
) -> None:
    """Print the paper fallback."""
    from triage import loading, worksheet_pages
    from triage.worksheet import make_worksheet

    policy = loading.load_policy(rules, lang.language)
    sheet = make_worksheet(policy, lang.language, _day(as_of, lang.language) or date.today())
    _write(worksheet_pages.render(sheet, format.value), output)


def _report(inbox: "Inbox") -> None:
    """Say on stderr what was passed over and what was rejected, a line each."""
    for path, names in inbox.unknown_headers.items():
        _note(say("intake.unknown-columns", inbox.language, path=path, columns=", ".join(names)))
    for rejected in inbox.rejected:
        for line in rejected.lines(inbox.language):
            _note(line)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _form(
    format: ScreenFormat, plan: PlanFormat | None, explain: str | None, output: Path | None, language: Language
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


def _day(text: str | None, language: Language) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'--as-of: "{text}": {say("expected.date", language)}') from None


def _progress() -> Callable[[int], None] | None:
    """Counts on the terminal while a long file is read; quiet in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        if count % 500 == 0:
            sys.stderr.write(f"\r{count}\r")
            sys.stderr.flush()

    return show


def _write(pieces: Iterable[bytes], output: Path | None) -> None:
    if output is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    try:
        with output.open("wb") as stream:
            stream.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from None


def _note(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> None:
    """Run the command line; every failure is one line on stderr and an exit code."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as exit_:
        code = exit_.exit_code
    except typer.Abort:
        code = 130
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        _note(f"triage: {' '.join(message.split())}")
        code = 2
    except PolicyError as error:
        for line in error.diagnostics or (error.message,):
            _note(line)
        code = 2
    except TriageError as error:
        _note(f"triage: {error.message}" + (f" ({error.help})" if error.help else ""))
        code = 2
    except BrokenPipeError:
        # The reader went away, as `head` does: nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
