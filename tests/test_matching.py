"""The masks find what the meaning of each rule, asked one after the other, says of facts that
are not known.
"""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings

from random_rules import plan_of, random_facts, random_rules
from triage.deciding.durable import ReferenceMatcher
from triage.deciding.match import Matches, bound_rules, match_rules
from triage.deciding.settled import ActiveRule
from triage.model.conditions import Among, Partial
from triage.model.policy import Rule
from triage.model.program import ALIGNED_TOPICS

LARGE = Fraction(2, 3)


def unsettled(rule: ActiveRule, matches: Matches) -> list[str]:
    """The facts of a rule that are unknown or known in part, as far as their conditions have no
    answer.
    """
    if rule.presence:
        in_part = (Partial, Among, type(None))
        return [fact for fact, _ in rule.leaves if isinstance(matches.state.get(fact), in_part)]
    return [fact for fact, holds in rule.leaves if holds(matches.state) is None]


def waits(rule: ActiveRule, matches: Matches) -> set[str]:
    """The unknown facts of the request that a rule hangs on, through whatever other rules
    conclude.
    """
    sources = {"alignment": ALIGNED_TOPICS if "topics" in matches.state else "topics"}
    facts = [sources.get(fact, fact) for fact in unsettled(rule, matches)]
    found = {fact for fact in facts if fact not in matches.plan.defaults}
    for other in matches.plan.rules:
        concludes = any(fact in facts for fact, _ in other.rule.then.conclude)
        if concludes and other not in matches.matched and other.completed(matches.state) is None:
            found |= waits(other, matches)
    return found


@settings(max_examples=200, deadline=None)
@given(random_rules(), random_facts())
def test_the_open_rules_are_those_whose_meaning_has_no_answer(
    rules: list[Rule], facts: dict[str, Any]
) -> None:
    plan, _ = plan_of(rules)
    matches = match_rules(plan, facts, ReferenceMatcher(plan), LARGE)
    expected = {
        one.id: (waits(one, matches), one in matches.matched)
        for one in plan.rules
        if one.completed(matches.state) is None
    }
    assert {one.rule.id: (set(one.waits), one.matched) for one in matches.uncertain} == expected
    moving = {one.id for one in plan.rules if one.moves}
    assert [one.rule.id for one in matches.movers] == [one for one in expected if one in moving]
    for fact, bits in matches.waiting.items():
        assert plan.masks.ids(bits) == [one for one, (on, _) in expected.items() if fact in on]


@settings(max_examples=200, deadline=None)
@given(random_rules(), random_facts())
def test_without_an_engine_the_masks_find_the_same(
    rules: list[Rule], facts: dict[str, Any]
) -> None:
    plan, _ = plan_of(rules)
    matches = match_rules(plan, facts, ReferenceMatcher(plan), LARGE)
    bounds = bound_rules(plan, facts, LARGE)
    assert (bounds.open, bounds.waiting, bounds.state) == (
        matches.open,
        matches.waiting,
        matches.state,
    )
    revocable = {one.rule.id for one in matches.uncertain if one.matched}
    assert {one.id for one in bounds.matched} == {one.id for one in matches.matched} - revocable
