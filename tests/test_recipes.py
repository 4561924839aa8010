"""Each recipe of CONTRIBUTING.md, followed on a copy, is all that a change needs.

A recipe is followed to the letter: only the files that it names are changed, by the texts below.
"""

import json
import shutil
from typing import Any

import pytest

from copied import TESTS, Copy
from support import ROOT

TOY_RULES = "operations/toy.yaml"
TOY_RULE = """\
strategy: asia
rules:
  - id: toy
    title: {en: A toy, fr: Un jouet}
    when: [{WHEN}]
    then: {THEN}
    because: {en: It is tried., fr: C'est un essai.}
    basis: setting
    rationale: {en: To try it., fr: Pour l'essayer.}
"""


def with_rule(copy: Copy, when: str, then: str, rules: str = "rules") -> None:
    """Put one rule of this condition and this effect beside the rules of the copy."""
    text = TOY_RULE.replace("WHEN", when).replace("THEN", then)
    copy.write(f"{rules}/{TOY_RULES}", text)


def decided(copy: Copy, *topics: str) -> list[tuple[list[dict[str, Any]], set[str]]]:
    """For requests with these topics each the rules that hold, and the ids of those that wait."""
    rows = [f"{number},2022-07-05,meeting,JPN,{of}" for number, of in enumerate(topics)]
    copy.write("inbox.csv", "\n".join(["id,received,engagement_type,countries,topics", *rows]))
    said = copy.triage("screen", "inbox.csv", "--rules", "rules", "--format", "json")
    return [
        (one["rules"], {id for unknown in one["unknown"] for id in unknown["rules"]})
        for one in json.loads(said)["decisions"]
    ]


def findings(copy: Copy) -> dict[str, str]:
    """What `triage check` finds in the toy rules, by code."""
    ran = copy.python("-m", "triage.cli", "check", "rules", "--format", "json")
    found = json.loads(ran.stdout)["diagnostics"]
    return {one["code"]: one["message"] for one in found if one["file"].endswith(TOY_RULES)}


# -- an operator

OPERATOR = """\
    Operator(
        *("include at least two of", _SET, "many", "operator.include-at-least-two-of"),
        means=lambda wanted: lambda given: len(wanted & given) > 1,
        rises=True,
        set_column=lambda nodes, named, _: nodes.any_(
            nodes.all_((one, other)) for place, one in enumerate(named) for other in named[:place]
        ),
    ),
"""
TWO = "include at least two of"


@pytest.fixture
def with_operator(copy: Copy) -> Copy:
    copy.insert("src/triage/model/operators.py", OPERATOR, '    Operator("is known", ')
    for language, sentence in (
        ("en", "{fact} include at least two of {value}"),
        ("fr", "{fact} : au moins deux valeurs parmi {value}"),
    ):
        row = f'include-at-least-two-of = "{sentence}"\n'
        copy.insert(f"src/triage/messages/{language}.toml", row, "\n[effect]\n")
    return copy


def test_a_new_operator_is_read_offered_and_told(with_operator: Copy) -> None:
    copy = with_operator
    with_rule(copy, f"topics {TWO}: [removals, deterrence]", "score: {readiness: 2}")
    assert findings(copy) == {}
    schema = json.loads(copy.triage("rules", "--rules", "rules", "--schema"))
    assert f"topics {TWO}" in json.dumps(schema["$defs"]["condition"])
    for language, sentence in (("en", "include at least two of"), ("fr", "au moins deux valeurs")):
        words = ("--rules", "rules", "--lang", language)
        assert sentence in copy.triage("rules", "toy", *words)
        assert sentence in copy.triage("worksheet", *words)
    shutil.copytree(copy.folder / "rules", copy.folder / "other")
    with_rule(
        copy, f"topics {TWO}: [removals, irregular_migration]", "score: {readiness: 2}", "other"
    )
    assert "include at least two of" in copy.triage("diff", "rules", "other")


def test_a_new_operator_is_meant_and_suggested(with_operator: Copy) -> None:
    copy = with_operator
    with_rule(copy, f"topics {TWO}: [removals, deterrence]", "score: {readiness: 2}")
    (both, _), (one, _), (_, waiting) = decided(copy, "removals;deterrence", "removals", "")
    assert "toy" in {rule["id"] for rule in both}
    assert "toy" not in {rule["id"] for rule in one}
    assert "toy" in waiting
    with_rule(copy, "topics include at least too of: [removals]", "score: {readiness: 2}")
    assert f"topics {TWO}" in findings(copy)["unknown-condition"]


def test_the_checks_know_what_a_new_operator_can_never_do(with_operator: Copy) -> None:
    copy = with_operator
    nothing = (
        f"topics {TWO}: [removals, deterrence], topics include none of: [removals, deterrence]"
    )
    with_rule(copy, nothing.replace(", topics", "}, {topics"), "score: {readiness: 2}")
    assert "never-matches" in findings(copy)
    with_rule(copy, f"priorities {TWO}: [asia-sp1, americas-sp1]", "score: {readiness: 2}")
    assert "never-concluded" in findings(copy)


def test_a_new_operator_means_the_same_to_every_evaluator(with_operator: Copy) -> None:
    ran = with_operator.python(str(TESTS / "toy_operator.py"), TWO)
    assert ran.stdout == "held\n", ran.stderr


# -- a derived fact

DERIVED_ROWS = """\
    DerivedFact(
        _fact("waiting_days", Kind.INTEGER, unit="working_days"),
        told="worksheet.waiting-days",
        sources=("received", "end"),
        value=workdays.length,
        column=lambda received, end: workdays.before(end + 1) - workdays.before(received),
        turn=Turn(
            "end",
            targets=_near,
            reached=lambda days, _, facts: workdays.last_day(facts["received"], days),
        ),
    ),
    DerivedFact(
        _fact("begins_on_monday", Kind.BOOLEAN),
        told="worksheet.begins-on-monday",
        sources=("start",),
        value=lambda start: start.weekday() == 0,
    ),
"""
WAITING = "waiting days, from receipt to the last day"
FACTS = "facts:\n"
DECLARED = """\
facts:
  waiting_days:
    derived: true
    label: {en: Days of waiting, fr: Jours d'attente}
  begins_on_monday:
    derived: true
    label: {en: Begins on a Monday, fr: Commence un lundi}
"""


@pytest.fixture
def with_derived(copy: Copy) -> Copy:
    copy.insert("src/triage/model/derived.py", DERIVED_ROWS, ")\n\nDERIVED: Mapping")
    for language, days, monday in (
        ("en", WAITING, "begins on a Monday"),
        ("fr", "jours d'attente, de la réception au dernier jour", "commence un lundi"),
    ):
        rows = f'waiting-days = "{days}"\nbegins-on-monday = "{monday}"\n'
        copy.insert(f"src/triage/messages/{language}.toml", rows, "follows-text = ")
    facts = copy.folder / "rules/vocabulary/facts.yaml"
    facts.write_text(facts.read_text("utf-8").replace(FACTS, DECLARED), "utf-8")
    return copy


LONG = "waiting_days at most: 10}, {begins_on_monday is: true"


def test_a_new_derived_fact_is_read_offered_and_told(with_derived: Copy) -> None:
    copy = with_derived
    with_rule(copy, LONG, "score: {readiness: 2}")
    assert findings(copy) == {}
    schema = json.loads(copy.triage("rules", "--rules", "rules", "--schema"))
    assert "waiting_days at most" in json.dumps(schema["$defs"]["condition"])
    for language, label, told in (
        ("en", "Days of waiting", WAITING),
        ("fr", "Jours d'attente", "jours d'attente, de la réception"),
    ):
        words = ("--rules", "rules", "--lang", language)
        assert label in copy.triage("rules", "toy", *words)
        assert told in copy.triage("worksheet", *words)
    with_rule(copy, "waiting_day at most: 10", "score: {readiness: 2}")
    assert "waiting_days" in str(findings(copy))


def test_a_new_derived_fact_is_worked_out_and_waited_for(with_derived: Copy) -> None:
    copy = with_derived
    with_rule(copy, LONG, "score: {readiness: 2}")
    head = "id,received,engagement_type,countries,start,end"
    days = ["07-11,2022-07-12", "07-11,2022-08-12", "07-12,2022-07-12", "07-11,"]
    rows = [",", *(f"2022-{one}" for one in days)]
    cases = [f"{number},2022-07-05,meeting,JPN,{days}" for number, days in enumerate(rows)]
    copy.write("inbox.csv", "\n".join([head, *cases]))
    said = copy.triage("screen", "inbox.csv", "--rules", "rules", "--format", "json")
    decisions = {one["request_id"]: one for one in json.loads(said)["decisions"]}
    holding = [id for id, one in decisions.items() if '"toy"' in json.dumps(one["rules"])]
    assert holding == ["1"]
    waiting = {
        id: {unknown["fact"] for unknown in one["unknown"] if "toy" in unknown["rules"]}
        for id, one in decisions.items()
    }
    assert waiting == {"0": {"start", "end"}, "1": set(), "2": set(), "3": set(), "4": {"end"}}


def test_a_new_derived_fact_turns_what_may_be_changed(with_derived: Copy) -> None:
    copy = with_derived
    with_rule(copy, "waiting_days above: 40", "at most: defer")
    proposal = (ROOT / "examples" / "proposals" / "peru.yaml").read_text("utf-8")
    proposal = proposal.replace("[PER]", "[JPN]").replace("end: 2022-10-24", "end: 2022-11-25")
    copy.write("proposal.yaml", proposal)
    said = copy.triage("assess", "proposal.yaml", "--rules", "rules", "--format", "json")
    assert "End on 2022-10-28 or earlier" in said


def test_a_new_derived_fact_means_the_same_on_columns(with_derived: Copy) -> None:
    ran = with_derived.python(str(TESTS / "toy_derived.py"), "waiting_days", "begins_on_monday")
    assert ran.stdout == "held\n", ran.stderr


# -- an effect

EFFECT = """\
    Effect(
        *("inform", "inform", EffectShape.TERMS, "effect.inform", ("departments",)),
        paper="routing",
    ),
"""
FLAG = "    flag: str | None = None\n"


@pytest.fixture
def with_effect(copy: Copy) -> Copy:
    copy.insert("src/triage/model/effects.py", EFFECT, '    Effect("fund", ')
    copy.insert("src/triage/model/policy.py", "    inform: tuple[str, ...] = ()\n", FLAG)
    for language, sentence in (("en", "inform: {value}"), ("fr", "à informer : {value}")):
        row = f'inform = "{sentence}"\n'
        copy.insert(f"src/triage/messages/{language}.toml", row, "\n[describe]\n")
    return copy


JAPAN = "countries include: JPN"


def test_a_new_effect_is_read_offered_decided_and_told(with_effect: Copy) -> None:
    copy = with_effect
    with_rule(copy, JAPAN, "inform: [PS, CBSA]")
    assert findings(copy) == {}
    schema = json.loads(copy.triage("rules", "--rules", "rules", "--schema"))
    offered = schema["$defs"]["rule"]["properties"]["then"]["properties"]["inform"]
    assert "CBSA" in json.dumps(offered)
    [(rules, _)] = decided(copy, "removals")
    assert [rule["effect"] for rule in rules if rule["id"] == "toy"] == [{"inform": ["CBSA", "PS"]}]
    for language, sentence in (("en", "inform: "), ("fr", "à informer : ")):
        words = ("--rules", "rules", "--lang", language)
        assert sentence in copy.triage("rules", "toy", *words)
        assert sentence in copy.triage("worksheet", *words)
    shutil.copytree(copy.folder / "rules", copy.folder / "other")
    with_rule(copy, JAPAN, "inform: [PS]", "other")
    assert "inform: " in copy.triage("diff", "rules", "other")


def test_the_checks_know_a_new_effect(with_effect: Copy) -> None:
    copy = with_effect
    with_rule(copy, JAPAN, "inform: [XYZ]")
    assert set(findings(copy)) == {"unknown-value"}
    with_rule(copy, JAPAN, "inform: [PS, CBSA]")
    whole = (copy.folder / "rules" / TOY_RULES).read_text("utf-8")
    narrow = whole.partition("rules:\n")[2].replace("id: toy", "id: narrow")
    narrow = narrow.replace("[PS, CBSA]", "[PS]").replace(
        f"[{JAPAN}]", f"[{JAPAN}, level is: minister]"
    )
    copy.write(f"rules/{TOY_RULES}", whole + narrow.replace(", level", "}, {level"))
    assert set(findings(copy)) == {"moot"}
