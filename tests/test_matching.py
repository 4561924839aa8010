"""The bitsets find what the plain meaning of each rule says while facts are not known."""

from itertools import product
from typing import Any

from hypothesis import given, settings

from random_rules import plan_of, random_facts, random_rules, uncertain
from support import decider, requests
from triage.deciding.bitsets import positions
from triage.deciding.durable import ReferenceMatcher
from triage.deciding.match import Matches, bound_rules, match_rules
from triage.deciding.possible import Bounds, outcome, recommend
from triage.deciding.settled import ActiveRule
from triage.model.conditions import Among, Partial
from triage.model.derived import concluded_behind
from triage.model.facts import Request
from triage.model.policy import Rule


def unsettled(rule: ActiveRule, matches: Matches) -> list[str]:
    """The facts of a rule that are not wholly known, as far as their conditions have no answer."""
    if rule.presence:
        in_part = (Partial, Among, type(None))
        return [fact for fact, _ in rule.leaves if isinstance(matches.state.get(fact), in_part)]
    return [fact for fact, holds in rule.leaves if holds(matches.state) is None]


def waits(rule: ActiveRule, matches: Matches) -> set[str]:
    """The unknown facts of the request that a rule hangs on, also through other conclusions."""
    behind = concluded_behind("alignment")
    sources = {"alignment": behind if "topics" in matches.state else "topics"}
    facts = [sources.get(fact, fact) for fact in unsettled(rule, matches)]
    unknown = {fact for fact in facts if fact not in matches.plan.defaults}
    for other in matches.plan.rules:
        concludes = any(fact in facts for fact, _ in other.rule.then.conclude)
        if concludes and other not in matches.matched and other.completed(matches.state) is None:
            unknown |= waits(other, matches)
    return unknown


@settings(max_examples=200, deadline=None)
@given(random_rules(), random_facts())
def test_the_open_rules_are_those_whose_meaning_has_no_answer(
    rules: list[Rule], facts: dict[str, Any]
) -> None:
    plan, _ = plan_of(rules)
    matches = match_rules(plan, facts, ReferenceMatcher(plan))
    open_ = [rule for rule in plan.rules if rule.completed(matches.state) is None]
    expected = {rule.id: (waits(rule, matches), rule in matches.matched) for rule in open_}
    assert uncertain(matches) == expected
    moving = [rule.id for rule in open_ if rule.moves]
    assert plan.masks.ids(matches.open & plan.masks.moving) == moving
    for fact, bits in matches.waiting.items():
        assert plan.masks.ids(bits) == [id for id, (facts, _) in expected.items() if fact in facts]


@settings(max_examples=200, deadline=None)
@given(random_rules(), random_facts())
def test_without_an_engine_the_masks_find_the_same(
    rules: list[Rule], facts: dict[str, Any]
) -> None:
    plan, _ = plan_of(rules)
    matches = match_rules(plan, facts, ReferenceMatcher(plan))
    bounds = bound_rules(plan, facts)
    assert bounds.open == matches.open
    assert bounds.waiting == matches.waiting
    assert bounds.state == matches.state
    revocable = {id for id, (_, matched) in uncertain(matches).items() if matched}
    assert {one.id for one in bounds.matched} == {one.id for one in matches.matched} - revocable


MOST_OPEN = 8
"""Open rules of which all combinations are tried, twice as many for each more."""


@settings(max_examples=60, deadline=None)
@given(requests())
def test_every_combination_of_open_rules_gives_a_result_that_is_possible(found: Request) -> None:
    snapshot = decider().snapshots.on(found.received)
    for matches in decider().matches(found):
        masks = matches.plan.masks
        movers = matches.open & masks.moving
        sure = [rule for rule in matches.matched if not movers >> rule.position & 1]
        open_ = [masks.rules[position] for position in positions(movers)][:MOST_OPEN]
        possible = Bounds(snapshot, outcome(snapshot, sure), matches).possible
        for holds in product((False, True), repeat=len(open_)):
            chosen = [rule for rule, held in zip(open_, holds, strict=True) if held]
            _, answer, ceiling, floor = outcome(snapshot, [*sure, *chosen])
            assert recommend(answer, ceiling, floor) in possible
