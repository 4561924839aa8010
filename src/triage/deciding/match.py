"""Policy + facts -> the rules that hold, and those that could hold once unknown facts are known.

Layer by layer: match, conclude facts, go on. A concluded set is kept as the members that it has for
certain and those that it may have, so that no later rule takes a missing fact for an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage.deciding.bitsets import Bits, Settled, positions
from triage.deciding.calendar import Plan
from triage.deciding.durable import Matcher
from triage.deciding.settled import ActiveRule
from triage.model.conditions import Among, Partial
from triage.model.derived import Derivation, worked_out


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


def match_rules(plan: Plan, facts: Mapping[str, Any], matcher: Matcher) -> Matches:
    """Run every layer on the known facts."""
    run = _Run(plan, facts)
    matched: list[ActiveRule] = []
    for layer in range(len(plan.layers)):
        run.settle(layer)
        of_layer = matcher.match(layer, run.state)
        matched += of_layer
        run.add(layer, sum([1 << rule.position for rule in of_layer]))
    run.settle(len(plan.layers))
    return run.matches(matched)


def bound_rules(plan: Plan, facts: Mapping[str, Any]) -> Matches:
    """The same by the masks alone, without an engine, to bound what is possible.

    A rule that holds because a fact is unknown is not in `matched` here, only in `open`.
    """
    run = _Run(plan, facts)
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

    def __init__(self, plan: Plan, facts: Mapping[str, Any]) -> None:
        self.plan, self.masks = plan, plan.masks
        self.state = worked_out(plan.of_strategy, facts)
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
        for name, fact, sources, concluded in self.masks.derived:
            value = self.state.get(name)
            if value is not None:
                failing |= fact.failing(value)
            elif missing := [one for one in sources if one not in facts]:
                open_ |= fact.terms
                self._wait(missing, fact.rules)
            elif concluded is None:
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
        for resting in self.plan.resting:
            if resting.row.concluded in names:
                self._work_out(resting)

    def _work_out(self, derivation: Derivation) -> None:
        """Put a derived fact into the state that rests on a set, now settled, of conclusions."""
        row, concluded = derivation.row, self.state[derivation.row.concluded or ""]
        name, masks = derivation.name, self.masks.facts[derivation.name]
        if isinstance(concluded, Partial):
            low, high = (
                derivation.value(self.state, bound) for bound in (concluded.lower, concluded.upper)
            )
            if low != high:
                levels = row.terms[row.terms.index(low) : row.terms.index(high) + 1]
                among = self.state[name] = Among(frozenset(levels))
                maybe = (
                    self.masks.concluded[row.concluded or ""]
                    .settle(self.held, self.undecided)
                    .maybe
                )
                self._take(Settled(among, *masks.partly(among), maybe))
                return
            concluded = concluded.lower
        level = derivation.value(self.state, concluded)
        if level is not None:
            self.state[name] = level
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
