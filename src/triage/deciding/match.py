"""Policy + facts -> the rules that hold, and those that could hold once unknown facts are known.

Layer by layer: match, conclude facts, go on. A concluded set is kept as what it has for certain and
what it may have, so that nothing downstream mistakes a missing fact for an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from triage.deciding.bitsets import Bits, Settled, positions
from triage.deciding.calendar import Plan
from triage.deciding.durable import Matcher
from triage.deciding.settled import ActiveRule
from triage.model.conditions import Among, Partial
from triage.model.program import ALIGNED_TOPICS

Waits = frozenset[str]
"""Names of the request's unknown facts."""

ALIGNMENTS = ("none", "partial", "large", "full")


class Uncertain(NamedTuple):
    """A rule that some way of filling in the unknown facts turns on or off, and the facts it waits
    for.

    `matched` tells whether it holds as things stand (a rule on a fact being unknown does).
    """

    rule: ActiveRule
    waits: Waits
    matched: bool


@dataclass(frozen=True)
class Matches:
    """What one assessment found. `matched` are the rules that hold; `uncertain` those that could
    change.

    `held` and `open` are the same as bits of the plan's masks, `waiting` the uncertain rules by the
    unknown fact of the request that they wait for. `movers` are the uncertain rules that could move
    the recommendation: most only advise or route.
    """

    plan: Plan
    matched: list[ActiveRule]
    held: Bits
    open: Bits
    waiting: Mapping[str, Bits]
    state: Mapping[str, Any]

    @cached_property
    def uncertain(self) -> list[Uncertain]:
        """The rules that could change, by id."""
        return self._uncertain(self.open)

    @cached_property
    def movers(self) -> list[Uncertain]:
        """Those of them that could move the recommendation."""
        return self._uncertain(self.open & self.plan.masks.moving)

    def _uncertain(self, rules: Bits) -> list[Uncertain]:
        found = []
        for place in positions(rules):
            waits = frozenset(
                name for name, waiting in self.waiting.items() if waiting >> place & 1
            )
            found.append(
                Uncertain(self.plan.masks.rules[place], waits, bool(self.held >> place & 1))
            )
        return found


def match_rules(plan: Plan, facts: Mapping[str, Any], matcher: Matcher, large: Fraction) -> Matches:
    """Run every layer of a plan on the known facts; `large` is the share of topics from which
    alignment is large.
    """
    run = _Run(plan, facts, large)
    matched: list[ActiveRule] = []
    for layer in range(len(plan.layers)):
        run.settle(layer)
        found = matcher.match(layer, run.state)
        matched += found
        run.add(layer, sum([1 << rule.position for rule in found]))
    run.settle(len(plan.layers))
    return run.matches(matched)


def bound_rules(plan: Plan, facts: Mapping[str, Any], large: Fraction) -> Matches:
    """The same without an engine, by the masks alone, for what is only asked to bound what is
    possible.

    Of the rules that hold, those on a fact being unknown are left out: they are among the uncertain
    ones.
    """
    run = _Run(plan, facts, large)
    for layer in range(len(plan.layers)):
        run.settle(layer)
        run.add(layer, run.certain(layer))
    run.settle(len(plan.layers))
    return run.matches([plan.masks.rules[place] for place in positions(run.held)])


class _Run:
    """One assessment under way.

    `failing` and `open` are the terms that fail, and that read an unknown fact, on what is settled
    so far; `waiting` has, by unknown fact of the request, the rules whose answer hangs on it as far
    as they are open.
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
        """Put concluded facts into the state once every rule that concludes them has been tried,
        and what follows.
        """
        for name in self.plan.settled[layer]:
            found = self.masks.concluded[name].settle(self.held, self.undecided)
            if found.value is not None:
                self.state[name] = found.value
            self._take(found)
        if (
            ALIGNED_TOPICS in self.plan.settled[layer]
            and (topics := self.state.get("topics")) is not None
        ):
            self._align(topics, self.state[ALIGNED_TOPICS])

    def _align(self, topics: frozenset[str], aligned: frozenset[str] | Partial) -> None:
        """Work out `alignment`, the share of the request's topics that serve the strategy."""
        masks = self.masks.facts["alignment"]
        if isinstance(aligned, Partial):
            low, high = (
                _level(topics, bound, self.large) for bound in (aligned.lower, aligned.upper)
            )
            if low != high:
                among = Among(
                    frozenset(ALIGNMENTS[ALIGNMENTS.index(low) : ALIGNMENTS.index(high) + 1])
                )
                self.state["alignment"] = among
                maybe = self.masks.concluded[ALIGNED_TOPICS].settle(self.held, self.undecided).maybe
                self._take(Settled(among, *masks.partly(among), maybe))
                return
            aligned = aligned.lower
        level = self.state["alignment"] = _level(topics, aligned, self.large)
        self._failing |= masks.failing(level)

    def _take(self, found: Settled) -> None:
        """Take in what follows from a fact; what waits for it waits for the facts that the
        `maybe` rules wait for.
        """
        self._failing |= found.failing
        self._open |= found.open
        if found.waiting:
            self._wait(
                [name for name, rules in self.waiting.items() if rules & found.maybe], found.waiting
            )

    def _wait(self, facts: list[str], rules: Bits) -> None:
        for name in facts:
            self.waiting[name] = self.waiting.get(name, 0) | rules

    def matches(self, matched: list[ActiveRule]) -> Matches:
        """What was found."""
        waiting = {
            name: found for name, rules in self.waiting.items() if (found := rules & self.undecided)
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
