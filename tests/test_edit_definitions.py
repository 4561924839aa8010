"""Edits of what rules stand on: criteria, vocabularies, parameters, facts; any choice runs."""

import itertools
from dataclasses import replace

import pytest

from support import (
    BOTH,
    CONCLUDED_FLAG,
    CONCLUDED_SET,
    HERE,
    REQUEST_FACTS,
    condition,
    request,
    rule,
    small_policy,
)
from triage.deciding.decide import Decider
from triage.deciding.layers import CycleError
from triage.model.facts import Fact, Kind, Origin
from triage.model.policy import (
    Basis,
    Criterion,
    DatedValue,
    Effects,
    Parameter,
    Policy,
    Reference,
    Text,
)
from triage.policy_diff.edits import Edit, edits_between, with_edits

FACTS = REQUEST_FACTS
DAY = request().received.replace(month=1, day=1)
CASE = request(topics=["a"], level="director", participants=7)


def parameter(id: str, of: str, value: object) -> Parameter:
    return Parameter(id, BOTH, of, Basis.SETTING, (DatedValue(DAY, value, (), BOTH),), HERE)


def points(number: int | Reference, criterion: str = "alignment") -> Effects:
    return Effects(score=((criterion, number),))


WORDS = {"topics": (False, ["a", "b"]), "levels": (True, ["working", "director", "minister"])}
ON_A = rule("on-a", [(condition(FACTS["topics"], "include", "a"),)], then=points(10))


def ids(baseline: Policy, candidate: Policy) -> list[tuple[str, str, bool]]:
    return [
        (edit.id, edit.kind, edit.affects_results) for edit in edits_between(baseline, candidate)
    ]


def every_choice_runs(baseline: Policy, candidate: Policy) -> None:
    """Each choice of edits makes a policy that decides; all of them decide as the candidate."""
    edits = edits_between(baseline, candidate)
    for count in range(len(edits) + 1):
        for chosen in itertools.combinations(edits, count):
            made = with_edits(baseline, candidate, chosen)
            score = Decider(made, "reference").decide(CASE).score
            if count in (0, len(edits)):
                other = Decider(candidate if count else baseline, "reference").decide(CASE)
                assert score == other.score
            for edit in chosen:
                assert all(edit.words(language) for language in ("en", "fr"))


def test_a_new_criterion_comes_with_the_rule_that_gives_points_for_it() -> None:
    baseline = small_policy([ON_A], [], WORDS)
    other = rule("on-b", [(condition(FACTS["topics"], "include", "a"),)], then=points(5, "partner"))
    candidate = replace(
        small_policy([ON_A, other], [], WORDS),
        criteria=(*baseline.criteria, Criterion("partner", BOTH, 20)),
    )
    assert ids(baseline, candidate) == [
        ("criterion:partner", "criterion", True),
        ("rule:on-b", "rule_added", True),
    ]
    rule_only = [edit for edit in edits_between(baseline, candidate) if edit.kind == "rule_added"]
    assert Decider(with_edits(baseline, candidate, rule_only)).decide(CASE).score == 15
    every_choice_runs(baseline, candidate)
    every_choice_runs(candidate, baseline)


def test_another_order_of_a_vocabulary_is_one_edit_that_can_change_results() -> None:
    senior = rule(
        "senior", [(condition(FACTS["level"], "is at least", "minister"),)], then=points(30)
    )
    baseline = small_policy([senior], [], WORDS)
    words = WORDS | {"levels": (True, ["working", "minister", "head", "director"])}
    candidate = small_policy([senior], [], words)
    assert ids(baseline, candidate) == [("vocabulary:levels", "vocabulary", True)]
    (edit,) = edits_between(baseline, candidate)
    assert edit.words("en")[0] == (
        "vocabulary levels, from the lowest to the highest: working, director, minister → "
        "working, minister, head, director"
    )
    every_choice_runs(baseline, candidate)


def test_a_rule_that_names_a_new_term_can_be_tried_without_the_edit_of_the_vocabulary() -> None:
    words = WORDS | {"levels": (True, ["working", "director", "head", "minister"])}
    baseline = small_policy([ON_A], [], WORDS)
    heads = rule("heads", [(condition(FACTS["level"], "is below", "head"),)], then=points(30))
    candidate = small_policy([ON_A, heads], [], words)
    assert [id for id, _, _ in ids(baseline, candidate)] == ["rule:heads", "vocabulary:levels"]
    added = [edit for edit in edits_between(baseline, candidate) if edit.kind == "rule_added"]
    assert Decider(with_edits(baseline, candidate, added)).decide(CASE).score == 40
    every_choice_runs(baseline, candidate)
    every_choice_runs(candidate, baseline)


def test_a_parameter_that_becomes_a_list_changes_together_with_the_rules_that_read_it() -> None:
    one = rule(
        "reads", [(condition(FACTS["topics"], "include", Reference("wanted")),)], then=points(10)
    )
    many = rule(
        "reads",
        [(condition(FACTS["topics"], "include any of", Reference("wanted")),)],
        then=points(10),
    )
    baseline = replace(
        small_policy([one], [], WORDS), parameters={"wanted": parameter("wanted", "topics", "a")}
    )
    candidate = replace(
        small_policy([many], [], WORDS),
        parameters={"wanted": parameter("wanted", "topics", frozenset({"b"}))},
    )
    # Neither half can be evaluated without the other.
    (edit,) = edits_between(baseline, candidate)
    assert edit.affects_results
    assert {key[0] for key in edit.keys} == {"value", "rule"}
    every_choice_runs(baseline, candidate)


def test_a_parameter_that_goes_stays_while_a_rule_still_names_it() -> None:
    named = rule(
        "on-a", [(condition(FACTS["topics"], "include", "a"),)], then=points(Reference("some"))
    )
    baseline = replace(
        small_policy([named], [], WORDS), parameters={"some": parameter("some", "integer", 7)}
    )
    candidate = small_policy([ON_A], [], WORDS)
    assert ids(baseline, candidate) == [
        ("rule:on-a", "rule_changed", True),
        ("parameter:some", "parameter_removed", False),
    ]
    every_choice_runs(baseline, candidate)


def test_a_concluded_fact_of_another_type_changes_together_with_its_rules() -> None:
    feeds = Effects(conclude=(("found", frozenset({"a"})),))
    found = Fact("found", Kind.SET, "topics", Origin.CONCLUDED)
    flag = Fact("found", Kind.BOOLEAN, None, Origin.CONCLUDED)
    baseline = small_policy(
        [
            rule("feeds", [(condition(FACTS["topics"], "include", "a"),)], then=feeds),
            rule("reads", [(condition(found, "include", "a"),)], then=points(20)),
        ],
        [found],
        WORDS,
    )
    candidate = small_policy(
        [
            rule(
                "feeds",
                [(condition(FACTS["topics"], "include", "a"),)],
                then=Effects(conclude=(("found", True),)),
            ),
            rule("reads", [(condition(flag, "is", True),)], then=points(30)),
        ],
        [flag],
        WORDS,
    )
    assert ids(baseline, candidate) == [("fact:found", "fact", True)]
    every_choice_runs(baseline, candidate)


def test_edits_that_make_a_circle_without_the_others_cannot_be_tried() -> None:
    words = WORDS | {"letters": (False, ["x"])}
    facts = [CONCLUDED_SET, CONCLUDED_FLAG]
    fill, raise_ = (
        Effects(conclude=(("found", frozenset({"x"})),)),
        Effects(conclude=(("raised", True),)),
    )
    on_topic = [(condition(FACTS["topics"], "include", "a"),)]
    on_found, on_raised = (
        [(condition(CONCLUDED_SET, "include", "x"),)],
        [(condition(CONCLUDED_FLAG, "is", True),)],
    )
    baseline = small_policy(
        [rule("fills", on_topic, then=fill), rule("raises", on_found, then=raise_)], facts, words
    )
    candidate = small_policy(
        [rule("fills", on_raised, then=fill), rule("raises", on_topic, then=raise_)], facts, words
    )
    edits = {edit.id: edit for edit in edits_between(baseline, candidate)}
    assert list(edits) == ["rule:fills", "rule:raises"]
    with pytest.raises(CycleError, match="fills -> raises -> fills"):
        with_edits(baseline, candidate, [edits["rule:fills"]])
    assert (
        with_edits(baseline, candidate, list(edits.values())).rule["fills"].when
        == candidate.rule["fills"].when
    )


def test_texts_of_anything_are_told_and_change_no_result() -> None:
    baseline = small_policy([ON_A], [], WORDS)
    new = Text("Other", "Autre")
    candidate = replace(
        baseline,
        title=new,
        default_lead="OTHER",
        criteria=tuple(replace(one, label=new) for one in baseline.criteria),
        vocabularies={
            **baseline.vocabularies,
            "topics": replace(
                baseline.vocabularies["topics"],
                terms={
                    id: replace(term, label=new)
                    for id, term in baseline.vocabularies["topics"].terms.items()
                },
            ),
        },
    )
    found: dict[str, Edit] = {edit.id: edit for edit in edits_between(baseline, candidate)}
    assert {id for id, edit in found.items() if edit.affects_results} == {"policy:default_lead"}
    assert set(found) == {
        "policy:default_lead",
        "policy:title",
        "criterion:alignment",
        "term:topics/a",
        "term:topics/b",
    }
    assert found["policy:default_lead"].words("en") == ["policy, default_lead:", "  IIR → OTHER"]
    assert found["criterion:alignment"].words("fr")[1].endswith("texte → Autre")
    every_choice_runs(baseline, candidate)
