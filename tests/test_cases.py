"""The policy cases, each a test of its own, on durable-rules and on the reference evaluator."""

from dataclasses import replace
from pathlib import Path

import pytest

from support import ROOT, decider, shipped
from triage.deciding import durable
from triage.review.cases import Case, cover, read_cases, run_cases
from triage.rulebook.diagnostics import Diagnostics

FOLDER = ROOT / "tests" / "cases"


def read(path: Path = FOLDER) -> tuple[list[Case], Diagnostics]:
    diagnostics = Diagnostics()
    return read_cases([path], shipped(), diagnostics), diagnostics


CASES = read()[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_policy_gives_what_the_case_expects(case: Case) -> None:
    (outcome,) = run_cases([case], decider())
    assert outcome.differences == {}


@pytest.mark.skipif(durable.core is None, reason="the reference evaluator ran the cases already")
def test_the_reference_evaluator_passes_every_case() -> None:
    failed = [one for one in run_cases(CASES, decider("reference")) if not one.passed]
    assert failed == []


def test_the_case_files_can_be_read() -> None:
    assert [one.line() for one in read()[1].sorted()] == []


def test_every_rule_has_a_case_where_it_matches_and_one_where_it_just_does_not() -> None:
    coverage = cover(CASES, decider())
    assert coverage.never_matched == ()
    assert coverage.never_just_missed == ()


TRIED = "request: {engagement_type: meeting, forum: gfmd}, parameters: {accept_treshold: 5}"
MISTAKES = {
    "cases: [{name: a, request: {}, expect: {recommendation: accept}}]": (
        "the request cannot be read"
    ),
    "cases: [{name: a, expect: {recommendation: accept}}]": '"request" is missing',
    "cases: [{name: a, request: {}, expct: {}}]": 'unknown key "expct"; did you mean "expect"?',
    "rules: []": "a case file has a list under",
    "cases: [": "this is not valid YAML",
    f"cases: [{{name: a, as_of: 2022-07-04, {TRIED}, expect: {{recommendation: accept}}}}]": (
        '"accept_treshold" is not a parameter; did you mean "accept_threshold"?'
    ),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.items())
def test_a_mistake_in_a_case_is_told_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text, "utf-8")
    found = [one.line() for one in read(path)[1].sorted()]
    assert any(message in line for line in found), found
    assert all(line.startswith(f"{path}:") for line in found)


def test_a_mistake_in_the_request_of_a_case_is_told_in_the_language_of_the_reader(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cases.yaml"
    wrong = "{engagement_type: meeting, countries: [JPN], received: 2022-13-01}"
    path.write_text(
        f"cases: [{{name: a, request: {wrong}, expect: {{recommendation: accept}}}}]", "utf-8"
    )
    (found,) = read(path)[1].sorted()
    assert found.message("en").endswith("received: expected a date as YYYY-MM-DD")
    assert found.message("fr").endswith("received\u00a0: date attendue sous la forme AAAA-MM-JJ")


@pytest.mark.parametrize("expected", ["[1, urgent]", "[urgent, 1, {a: b}, null]", "urgent", "3"])
def test_a_case_that_expects_values_of_other_types_fails_and_says_so(
    tmp_path: Path, expected: str
) -> None:
    path = tmp_path / "cases.yaml"
    asked = "{engagement_type: meeting, countries: [JPN], received: 2022-07-04}"
    path.write_text(f"cases: [{{name: a, request: {asked}, expect: {{flags: {expected}}}}}]")
    (outcome,) = run_cases(read(path)[0], decider())
    assert list(outcome.differences) == ["flags"]


def test_a_case_lists_what_it_expects_in_any_order() -> None:
    case = next(one for one in CASES if len(one.expect.get("rules", ())) > 1)
    turned = replace(case, expect={**case.expect, "rules": case.expect["rules"][::-1]})
    assert run_cases([turned], decider())[0].passed


def test_a_case_may_try_another_parameter() -> None:
    case = next(one for one in CASES if one.parameters)
    assert run_cases([case], decider())[0].passed
