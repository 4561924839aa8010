"""Policy + facts -> the rules that hold, and those that could hold once unknown facts are known.

Layer by layer: match, conclude facts, go on. A concluded set is kept as the members that it has for
certain and those that it may have, so that no later rule takes a missing fact for an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from triage.deciding.bitsets import Bits, Settled, positions
from triage.deciding.calendar import Plan
from triage.deciding.durable import Matcher
from triage.deciding.settled import ActiveRule
from triage.model.conditions import Among, Partial
from triage.model.program import ALIGNED_TOPICS

ALIGNMENTS = ("none", "partial", "large", "full")


@dataclass(frozen=True)
class Matches:
    """What one assessment found. The bits are those of the plan's masks."""

    plan: Plan
    matched: list[ActiveRule]
    """The rules that hold, as things stand."""
    held: Bits
    """The same as bits."""
    open: Bits
    """The rules that some way of filling in the unknown facts turns on or off."""
    waiting: Mapping[str, Bits]
    """By unknown fact of the request the open rules that wait for it."""
    state: Mapping[str, Any]
    """The facts, with those that rules concluded."""


def match_rules(plan: Plan, facts: Mapping[str, Any], matcher: Matcher, large: Fraction) -> Matches:
    """Run every layer on the known facts; alignment is large from the share `large` of topics."""
    run = _Run(plan, facts, large)
    matched: list[ActiveRule] = []
    for layer in range(len(plan.layers)):
        run.settle(layer)
        of_layer = matcher.match(layer, run.state)
        matched += of_layer
        run.add(layer, sum([1 << rule.position for rule in of_layer]))
    run.settle(len(plan.layers))
    return run.matches(matched)


def bound_rules(plan: Plan, facts: Mapping[str, Any], large: Fraction) -> Matches:
    """The same by the masks alone, without an engine, to bound what is possible.

    A rule that holds because a fact is unknown is not in `matched` here, only in `open`.
    """
    run = _Run(plan, facts, large)
    for layer in range(len(plan.layers)):
        run.settle(layer)
        run.add(layer, run.certain(layer))
    run.settle(len(plan.layers))
    return run.matches([plan.masks.rules[position] for position in positions(run.held)])


class _Run:
    """One assessment under way.

    `_failing` are the terms that fail on what is settled so far, `_open` those that read an unknown
    fact. `waiting` has, by unknown fact of the request, the rules that hang on it if they are open.
    """

    def __init__(self, plan: Plan, facts: Mapping[str, Any], large: Fraction) -> None:
        self.plan, self.masks, self.large = plan, plan.masks, large
        self.state = dict(facts)
        self.held: Bits = 0
        self.undecided: Bits = 0
        self.waiting: dict[str, Bits] = {}
        failing = open_ = 0
        for name, fact in self.masks.given:
            value = facts.get(name)
            if value is not None:
                failing |= fact.kept.get(value) or fact.failing(value)
            else:
                open_ |= fact.terms
                self.waiting[name] = fact.rules
        for name, fact, sources in self.masks.derived:
            value = facts.get(name)
            if value is not None:
                failing |= fact.failing(value)
            elif missing := [one for one in sources if one not in facts]:
                open_ |= fact.terms
                self._wait(missing, fact.rules)
            elif name != "alignment":
                failing |= fact.terms
        self._failing, self._open = failing, open_

    def certain(self, layer: int) -> Bits:
        """The rules of a layer that hold whatever the unknown facts are."""
        return self.masks.holding(layer, self._failing, self._open)

    def add(self, layer: int, held: Bits) -> None:
        """Take in the rules of a layer that hold, and find those that still could."""
        self.held |= held
        self.undecided |= self.masks.undecided(layer, self._failing, self._open)

    def settle(self, layer: int) -> None:
        """Put the facts that no later rule concludes into the state, with what follows of them."""
        names = self.plan.settled[layer]
        for name in names:
            settled = self.masks.concluded[name].settle(self.held, self.undecided)
            if settled.value is not None:
                self.state[name] = settled.value
            self._take(settled)
        if ALIGNED_TOPICS in names and (topics := self.state.get("topics")) is not None:
            self._align(topics, self.state[ALIGNED_TOPICS])

    def _align(self, topics: frozenset[str], aligned: frozenset[str] | Partial) -> None:
        """Work out `alignment`, the share of the request's topics that serve the strategy."""
        masks = self.masks.facts["alignment"]
        if isinstance(aligned, Partial):
            low = _level(topics, aligned.lower, self.large)
            high = _level(topics, aligned.upper, self.large)
            if low != high:
                levels = ALIGNMENTS[ALIGNMENTS.index(low) : ALIGNMENTS.index(high) + 1]
                among = self.state["alignment"] = Among(frozenset(levels))
                maybe = self.masks.concluded[ALIGNED_TOPICS].settle(self.held, self.undecided).maybe
                self._take(Settled(among, *masks.partly(among), maybe))
                return
            aligned = aligned.lower
        level = self.state["alignment"] = _level(topics, aligned, self.large)
        self._failing |= masks.failing(level)

    def _take(self, settled: Settled) -> None:
        """Take in what a fact means; rules that wait for it wait for what its own rules do."""
        self._failing |= settled.failing
        self._open |= settled.open
        if settled.waiting:
            facts = [name for name, rules in self.waiting.items() if rules & settled.maybe]
            self._wait(facts, settled.waiting)

    def _wait(self, facts: list[str], rules: Bits) -> None:
        for name in facts:
            self.waiting[name] = self.waiting.get(name, 0) | rules

    def matches(self, matched: list[ActiveRule]) -> Matches:
        waiting = {
            name: still for name, rules in self.waiting.items() if (still := rules & self.undecided)
        }
        return Matches(self.plan, matched, self.held, self.undecided, waiting, self.state)


def _level(topics: frozenset[str], aligned: frozenset[str], large: Fraction) -> str:
    serving = len(topics & aligned)
    if not serving:
        return "none"
    if serving == len(topics):
        return "full"
    # Compared as whole numbers, so that two topics of three are exactly two thirds.
    enough = serving * large.denominator >= len(topics) * large.numerator
    return "large" if enough else "partial"
