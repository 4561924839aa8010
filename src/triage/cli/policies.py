"""`triage check`, `test`, `rules` and `worksheet`: the policy itself."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from triage.cli.console import as_json, day, note, write
from triage.cli.options import (
    AsOfOption,
    Lang,
    LangOption,
    OutputOption,
    PageFormat,
    RulesOption,
    TextFormat,
    TextOrJson,
    help_text,
)
from triage.reports import terminal_policy


def check(
    rules: Annotated[
        Path | None, typer.Argument(help=help_text("rules-argument"), metavar="[RULES]")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", help=help_text("cases-option"), metavar="DIR")
    ] = None,
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
        write([as_json(checked.as_dict(language))], output)
    else:
        text = terminal_policy.checked(checked.policy, checked.diagnostics, language)
        write([text.encode()], output)
    raise typer.Exit(1 if checked.findings else 0)


def run_cases(
    cases: Annotated[
        list[Path] | None, typer.Argument(help=help_text("cases-argument"), metavar="[CASES]...")
    ] = None,
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
        note(diagnostic.line(language))
    if format is TextOrJson.json:
        write([as_json(tested.as_dict())], output)
    else:
        write([terminal_policy.tested(tested.outcomes, tested.coverage, language).encode()], output)
    raise typer.Exit(1 if tested.failed or tested.diagnostics else 0)


def show_rules(
    id: Annotated[str | None, typer.Argument(help=help_text("rule-id"), metavar="[ID]")] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: TextFormat = TextOrJson.text,
    schema: Annotated[bool, typer.Option("--schema", help=help_text("schema"))] = False,
    vocabulary: Annotated[
        str | None, typer.Option("--vocabulary", help=help_text("vocabulary"), metavar="NAME")
    ] = None,
    output: OutputOption = None,
) -> None:
    """List the rules, or show one in words."""
    from triage.review import describe
    from triage.review.schema import json_schema
    from triage.rulebook import load

    language = lang.language
    policy = load.load_policy(rules, language)
    if schema:
        write(
            [(json.dumps(json_schema(policy), indent=2, ensure_ascii=False) + "\n").encode()],
            output,
        )
        return
    if vocabulary is not None:
        write([terminal_policy.vocabulary(policy, vocabulary, language).encode()], output)
        return
    describer = describe.Describer(policy, language, day(as_of, language) or date.today())
    if id is None:
        if format is TextOrJson.json:
            listed = [
                {"id": one.id, "title": one.title[language], "basis": one.basis}
                for one in policy.rules
            ]
            write([as_json({"rules": listed, "policy": {"version": policy.version}})], output)
        else:
            write([terminal_policy.rules(policy, language).encode()], output)
        return
    description = describer.describe(terminal_policy.find_rule(policy, id, language))
    in_json = format is TextOrJson.json
    write(
        [as_json(description.as_dict()) if in_json else description.text(language).encode()], output
    )


def worksheet(
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[
        PageFormat, typer.Option("--format", help=help_text("format"))
    ] = PageFormat.md,
    output: OutputOption = None,
) -> None:
    """Print the paper fallback."""
    from triage.reports import worksheet_pages
    from triage.review.worksheet import make_worksheet
    from triage.rulebook import load

    policy = load.load_policy(rules, lang.language)
    sheet = make_worksheet(policy, lang.language, day(as_of, lang.language) or date.today())
    write(worksheet_pages.render(sheet, format.value), output)
