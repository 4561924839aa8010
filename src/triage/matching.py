"""Policy + facts -> the rules that hold, and those that could hold once unknown facts are known.

Layer by layer: match, conclude facts, go on. A concluded set is kept as what it has for certain and what it may have, so
that nothing downstream mistakes a missing fact for an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from triage.conditions import Among, Partial
from triage.engine import Matcher
from triage.facts import DERIVED_FROM, READ_FACTS
from triage.policy import ALIGNED_TOPICS
from triage.snapshots import ActiveRule, Plan

Waits = frozenset[str]
"""Names of the request's unknown facts."""

ALIGNMENTS = ("none", "partial", "large", "full")


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A rule that some way of filling in the unknown facts turns on or off, and the facts it waits for.

    `matched` tells whether it holds as things stand (a rule on a fact being unknown does).
    """

    rule: ActiveRule
    waits: Waits
    matched: bool


@dataclass(frozen=True)
class Matches:
    """What one assessment found. `matched` are the rules that hold; `uncertain` those that could change."""

    plan: Plan
    matched: list[ActiveRule]
    uncertain: list[Uncertain]
    state: Mapping[str, Any]


def match_rules(plan: Plan, facts: Mapping[str, Any], matcher: Matcher, large: Fraction) -> Matches:
    """Run every layer of a plan on the known facts; `large` is the share of topics from which alignment is large."""
    state = dict(facts)
    waits = _unknown(state)
    matched: list[ActiveRule] = []
    uncertain: list[Uncertain] = []
    for layer in range(len(plan.layers)):
        _settle(plan, layer, matched, uncertain, state, waits)
        if ALIGNED_TOPICS in plan.settled[layer]:
            _align(state, waits, large)
        found = matcher.match(layer, state)
        matched += found
        uncertain += _uncertain(plan, layer, state, waits, found)
    _settle(plan, len(plan.layers), matched, uncertain, state, waits)
    return Matches(plan, matched, uncertain, state)


def _unknown(state: Mapping[str, Any]) -> dict[str, Waits]:
    waits = {name: frozenset((name,)) for name in READ_FACTS if name not in state}
    for name, sources in DERIVED_FROM.items():
        if name not in state and (missing := frozenset(source for source in sources if source in waits)):
            waits[name] = missing
    return waits


def _settle(
    plan: Plan,
    layer: int,
    matched: list[ActiveRule],
    uncertain: list[Uncertain],
    state: dict[str, Any],
    waits: dict[str, Waits],
) -> None:
    """Put concluded facts into the state once every rule that concludes them has been tried."""
    conclusions: dict[str, list[frozenset[str] | bool]] = {}
    for rule in matched:
        for name, value in rule.rule.then.conclude:
            conclusions.setdefault(name, []).append(value)
    possible: dict[str, list[tuple[frozenset[str] | bool, Waits]]] = {}
    for one in uncertain:
        for name, value in one.rule.rule.then.conclude:
            possible.setdefault(name, []).append((value, one.waits))
    for name in plan.settled[layer]:
        sure, maybe = conclusions.get(name, []), possible.get(name, [])
        if plan.defaults[name] is False:
            if sure or not maybe:
                state[name] = bool(sure)
                continue
        else:
            lower: frozenset[str] = frozenset().union(*(value for value in sure if isinstance(value, frozenset)))
            upper = lower.union(*(value for value, _ in maybe if isinstance(value, frozenset)))
            state[name] = lower if upper == lower else Partial(lower, upper)
            if upper == lower:
                continue
        waits[name] = frozenset().union(*(waiting for _, waiting in maybe))


def _align(state: dict[str, Any], waits: dict[str, Waits], large: Fraction) -> None:
    """Work out `alignment`, the share of the request's topics that serve the strategy."""
    topics = state.get("topics")
    if topics is None:
        return
    aligned = state.get(ALIGNED_TOPICS, frozenset())
    if isinstance(aligned, Partial):
        low, high = (_level(topics, bound, large) for bound in (aligned.lower, aligned.upper))
        if low != high:
            among = ALIGNMENTS[ALIGNMENTS.index(low) : ALIGNMENTS.index(high) + 1]
            state["alignment"] = Among(frozenset(among))
            waits["alignment"] = waits[ALIGNED_TOPICS]
            return
        aligned = aligned.lower
    state["alignment"] = _level(topics, aligned, large)


def _level(topics: frozenset[str], aligned: frozenset[str], large: Fraction) -> str:
    serving = len(topics & aligned)
    if not serving:
        return "none"
    if serving == len(topics):
        return "full"
    # Compared as whole numbers, so that two topics of three are exactly two thirds.
    enough = serving * large.denominator >= len(topics) * large.numerator
    return "large" if enough else "partial"


def _uncertain(
    plan: Plan, layer: int, state: Mapping[str, Any], waits: Mapping[str, Waits], found: list[ActiveRule]
) -> list[Uncertain]:
    candidates: dict[int, ActiveRule] = {}
    readers = plan.readers[layer]
    for name in waits:
        for rule in readers.get(name, ()):
            candidates[rule.position] = rule
    if not candidates:
        return []
    holding = {rule.position for rule in found}
    uncertain = []
    for position in sorted(candidates):
        rule = candidates[position]
        matched = position in holding
        if rule.presence:
            # Filling in a fact turns "is unknown" off and "is known" on: settled only when it holds either way.
            if rule.completed(state, waits) is not None:
                continue
            open_facts = [fact for fact, _ in rule.leaves]
        elif matched or rule.holds(state) is not None:
            continue
        else:
            open_facts = rule.unsettled(state)
        waiting: Waits = frozenset().union(*(waits[fact] for fact in open_facts if fact in waits))
        uncertain.append(Uncertain(rule, waiting, matched))
    return uncertain
