"""`triage check`, `test`, `rules` and `worksheet`: the policy itself."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from triage.cli.console import check_outputs, day, note, write, write_json, write_text
from triage.cli.options import (
    FORMAT,
    AsOfOption,
    LangOption,
    OutputOption,
    RulesOption,
    TextFormat,
    argument,
    option,
)
from triage.reports import policy_texts


def check(
    rules: Annotated[Path | None, argument("help-text.rules-argument", "[RULES]")] = None,
    cases: Annotated[Path | None, option("--cases", "help-text.cases-option", "DIR")] = None,
    rules_option: RulesOption = None,
    lang: LangOption = "en",
    format: TextFormat = "text",
    output: OutputOption = None,
) -> None:
    """Check a policy."""
    from triage import service

    check_outputs((output,), (rules or rules_option, cases), lang)
    checked = service.check(rules or rules_option, cases)
    if format == "json":
        write_json(checked.as_dict(lang), output)
    else:
        write_text(policy_texts.checked(checked.policy, checked.diagnostics, lang), output)
    raise typer.Exit(1 if checked.findings else 0)


def run_cases(
    cases: Annotated[list[Path] | None, argument("help-text.cases-argument", "[CASES]...")] = None,
    rules: RulesOption = None,
    lang: LangOption = "en",
    format: TextFormat = "text",
    output: OutputOption = None,
) -> None:
    """Run policy cases."""
    from triage import service

    check_outputs((output,), [*(cases or ()), rules], lang)
    tested = service.run_policy_cases(cases or [], rules, lang)
    for diagnostic in tested.diagnostics:
        note(diagnostic.line(lang))
    if format == "json":
        write_json(tested.as_dict(), output)
    else:
        write_text(policy_texts.tested(tested.outcomes, tested.coverage, lang), output)
    raise typer.Exit(1 if tested.failed or tested.diagnostics else 0)


def show_rules(
    id: Annotated[str | None, argument("help-text.rule-id", "[ID]")] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = "en",
    format: TextFormat = "text",
    schema: Annotated[bool, option("--schema", "help-text.schema")] = False,
    vocabulary: Annotated[
        str | None, option("--vocabulary", "help-text.vocabulary", "NAME")
    ] = None,
    output: OutputOption = None,
) -> None:
    """List the rules, or show one in words."""
    from triage.review.describe import Describer
    from triage.review.schema import json_schema
    from triage.rulebook.load import load_policy

    check_outputs((output,), (rules,), lang)
    policy = load_policy(rules, lang)
    if schema:
        write_json(json_schema(policy), output)
        return
    if vocabulary is not None:
        write_text(policy_texts.vocabulary(policy, vocabulary, lang), output)
        return
    describer = Describer(policy, lang, day(as_of, lang) or date.today())
    if id is not None:
        description = describer.describe(policy_texts.find_rule(policy, id, lang))
        if format == "json":
            write_json(description.as_dict(), output)
        else:
            write_text(description.text(lang), output)
    elif format == "json":
        rows = [
            {"id": one.id, "title": one.title[lang], "basis": one.basis} for one in policy.rules
        ]
        write_json({"rules": rows, "policy": {"version": policy.version}}, output)
    else:
        write_text(policy_texts.rules(policy, lang), output)


def worksheet(
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = "en",
    format: Annotated[Literal["md", "html"], FORMAT] = "md",
    output: OutputOption = None,
) -> None:
    """Print the paper fallback."""
    from triage.reports import markdown, pages
    from triage.reports.worksheet import document
    from triage.rulebook.load import load_policy

    policy, as_of_day = load_policy(rules, lang), day(as_of, lang) or date.today()
    check_outputs((output,), (rules,), lang)
    if format == "html":
        write(pages.render(document(policy, lang, as_of_day)), output)
    else:
        # On paper the title stands at the head once.
        write(markdown.render(document(policy, lang, as_of_day, marking="")), output)
