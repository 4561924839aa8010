"""Rules as bits of whole numbers: which fail on what is known, and which wait for what is not.

A rule is turned into alternatives, each a conjunction (a "term"). A term fails when one of its
conditions does; it is open when none fails and one has no answer yet. A rule is open when none of
its terms holds and one is open. What a condition means is asked of `conditions`, once for each
value of its fact; from then on the value means a few bits. A property test holds the outcome to the
meaning of each rule.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from triage.deciding.settled import ActiveRule, Literal, terms
from triage.model.conditions import Holds, Partial, Test
from triage.model.facts import DERIVED_FACTS, DERIVED_FROM, READ_FACTS

Bits = int
"""Rules by position, or terms: the only term of a rule has the position of the rule."""

MOST_KEPT = 1024
_BY_MEMBER = frozenset(("include", "include any of", "include none of"))


def positions(bits: Bits) -> Iterator[int]:
    """The places of the bits that are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class _Condition(NamedTuple):
    """A condition of one or more terms: those that fail when it is true, those that fail when it
    is false.
    """

    meaning: Holds
    when_true: Bits
    when_false: Bits
    rules: Bits


@dataclass(slots=True)
class FactMasks:
    """What the values of one fact mean for the terms and `rules` that read it.

    Conditions that look for members of a set are told by member: `wanting` are the terms that fail
    unless the set has one of the members under which they stand in `satisfied`; `forbidden` has the
    terms that fail when the set has the member. `asking` are the rules that ask, of any fact,
    whether it is known.
    """

    name: str
    terms: Bits = 0
    rules: Bits = 0
    asking: Bits = 0
    wanting: Bits = 0
    satisfied: dict[str, Bits] = field(default_factory=dict)
    forbidden: dict[str, Bits] = field(default_factory=dict)
    conditions: dict[Test, _Condition] = field(default_factory=dict)
    kept: dict[Any, Bits] = field(default_factory=dict)

    def failing(self, value: Any) -> Bits:
        """The terms that fail when the fact has this value; remembered, because values come
        again.
        """
        found = self.kept.get(value)
        if found is None:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            found = self.kept[value] = self._failing(value)
        return found

    def _failing(self, value: Any) -> Bits:
        satisfied = failing = 0
        for one in value if self.satisfied or self.forbidden else ():
            satisfied |= self.satisfied.get(one, 0)
            failing |= self.forbidden.get(one, 0)
        return failing | (self.wanting & ~satisfied) | self.partly(value)[0]

    def partly(self, value: Any) -> tuple[Bits, Bits, Bits]:
        """The terms that fail, the terms that are open and the rules that wait when the fact is
        known in part.
        """
        failing = open_ = waiting = 0
        state = {self.name: value}
        for meaning, when_true, when_false, rules in self.conditions.values():
            answer = meaning(state)
            if answer is None:
                open_ |= when_true | when_false
                waiting |= rules
            else:
                failing |= when_true if answer else when_false
        return failing, open_, waiting | self.asking

    def add(self, term: Bits, literals: list[Literal], rule: Bits, by_member: bool) -> None:
        """Take in the conditions of one term on this fact; without `by_member` the fact may be
        known in part.
        """
        self.terms |= term
        wanting = 0
        for test, wanted in literals:
            members = _members(test) if by_member else None
            required = wanted is (test.operator != "include none of")
            if members is None or (required and wanting):
                found = self.conditions.get(test) or _Condition(test.completed(), 0, 0, 0)
                when_true, when_false = (0, term) if wanted else (term, 0)
                self.conditions[test] = found._replace(
                    when_true=found.when_true | when_true,
                    when_false=found.when_false | when_false,
                    rules=found.rules | rule,
                )
                continue
            for one in members:
                table = self.satisfied if required else self.forbidden
                table[one] = table.get(one, 0) | term
            if required:
                wanting = term
        self.wanting |= wanting


def _members(test: Test) -> frozenset[str] | None:
    if test.operator not in _BY_MEMBER:
        return None
    return frozenset((test.value,)) if test.operator == "include" else test.value


class Settled(NamedTuple):
    """What follows for a concluded fact: its value (None is not known), and its bits as
    `FactMasks.partly` has them.

    `maybe` are the rules that may still conclude more of it.
    """

    value: Any
    failing: Bits
    open: Bits
    waiting: Bits
    maybe: Bits


@dataclass(slots=True)
class Concluded:
    """A fact that rules conclude: `rules` in all and, of a set, `by_value`; it is `default`
    until one of them does.
    """

    masks: FactMasks
    default: frozenset[str] | bool
    rules: Bits = 0
    by_value: dict[str, Bits] = field(default_factory=dict)
    _kept: dict[tuple[Bits, Bits], Settled] = field(default_factory=dict)

    def settle(self, held: Bits, undecided: Bits) -> Settled:
        """The fact when these rules hold, and these may; remembered, because few of them
        conclude it.
        """
        sure, maybe = self.rules & held, self.rules & undecided & ~held
        found = self._kept.get((sure, maybe))
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[sure, maybe] = self._settle(self._value(sure, maybe), maybe)
        return found

    def _value(self, sure: Bits, maybe: Bits) -> frozenset[str] | Partial | bool | None:
        if isinstance(self.default, bool):
            return True if sure else None if maybe else False
        lower = frozenset([one for one, rules in self.by_value.items() if rules & sure])
        upper = frozenset([one for one, rules in self.by_value.items() if rules & (sure | maybe)])
        return lower if lower == upper else Partial(lower, upper)

    def _settle(self, value: frozenset[str] | Partial | bool | None, maybe: Bits) -> Settled:
        if value is None:
            return Settled(None, 0, self.masks.terms, self.masks.rules, maybe)
        if isinstance(value, Partial):
            return Settled(value, *self.masks.partly(value), maybe)
        return Settled(value, self.masks.failing(value), 0, 0, 0)


class _Layer(NamedTuple):
    """The terms of one layer; `several` has, for each rule with more than one, its terms and the
    rule.
    """

    terms: Bits
    several: tuple[tuple[Bits, Bits], ...]


class Masks:
    """The rules of one plan as bits. Safe to use from several threads."""

    def __init__(
        self, layers: Sequence[Sequence[ActiveRule]], defaults: Mapping[str, frozenset[str] | bool]
    ) -> None:
        """`defaults` has the facts that rules conclude, as they are until a rule does: these may
        be known in part.
        """
        self.rules = {rule.position: rule for layer in layers for rule in layer}
        self.facts = {name: FactMasks(name) for name in (*defaults, "alignment")}
        self.alone: Bits = 0
        """The terms that are the only ones of their rules."""
        self._in_part = frozenset(self.facts)
        self._free = 1 + max(self.rules, default=-1)
        self.layers = [_Layer(*self._compile(layer)) for layer in layers]
        for rule in self.rules.values():
            for name in {fact for fact, _ in rule.leaves}:
                self.facts[name].rules |= 1 << rule.position
                self.facts[name].asking |= rule.presence << rule.position
        self.concluded = {
            name: Concluded(self.facts[name], value) for name, value in defaults.items()
        }
        for place, rule in self.rules.items():
            for name, value in rule.rule.then.conclude:
                fact = self.concluded[name]
                fact.rules |= 1 << place
                for one in value if isinstance(value, frozenset) else ():
                    fact.by_value[one] = fact.by_value.get(one, 0) | 1 << place
        self.given = tuple((name, self.facts[name]) for name in READ_FACTS if name in self.facts)
        self.derived = tuple(
            (name, self.facts[name], DERIVED_FROM.get(name, ()))
            for name in DERIVED_FACTS
            if name in self.facts
        )
        self._bytes = self._free // 8 + 1
        self._named: dict[tuple[int, int], list[str]] = {}
        self._sums: dict[tuple[int, Bits], int] = {}

    def _compile(self, rules: Sequence[ActiveRule]) -> tuple[Bits, tuple[tuple[Bits, Bits], ...]]:
        every, several = 0, []
        for rule in rules:
            found, bits = terms(rule), 1 << rule.position
            if len(found) == 1:
                self.alone |= bits
            else:
                bits = ((1 << len(found)) - 1) << self._free
                self._free += len(found)
                several.append((bits, 1 << rule.position))
            every |= bits
            for place, term in zip(positions(bits), found, strict=True):
                by_fact: dict[str, list[Literal]] = {}
                for literal in term:
                    by_fact.setdefault(literal[0].fact, []).append(literal)
                for name, literals in by_fact.items():
                    masks = self.facts.setdefault(name, FactMasks(name))
                    masks.add(
                        1 << place,
                        literals,
                        1 << rule.position,
                        by_member=name not in self._in_part,
                    )
        return every, tuple(several)

    def undecided(self, layer: int, failing: Bits, open_: Bits) -> Bits:
        """The rules of a layer that are open, of the terms that fail and those that read an
        unknown fact.
        """
        undecided = self.layers[layer].terms & open_ & ~failing
        rules = undecided & self.alone
        for own, rule in self.layers[layer].several:
            if own & undecided and not own & ~failing & ~open_:
                rules |= rule
        return rules

    def holding(self, layer: int, failing: Bits, open_: Bits) -> Bits:
        """The rules of a layer that hold, however the unknown facts turn out."""
        holding = self.layers[layer].terms & ~open_ & ~failing
        rules = holding & self.alone
        for own, rule in self.layers[layer].several:
            if own & holding:
                rules |= rule
        return rules

    def ids(self, rules: Bits) -> list[str]:
        """The ids of the rules, in order."""
        found: list[str] = []
        for place, byte in enumerate(rules.to_bytes(self._bytes, "little")):
            if byte:
                found += self._named.get((place, byte)) or self._name(place, byte)
        return found

    def _name(self, place: int, byte: int) -> list[str]:
        """The ids of eight rules at most; remembered, so that an id is not looked for bit by
        bit.
        """
        found = self._named[place, byte] = [
            self.rules[8 * place + one].id for one in positions(byte)
        ]
        return found

    # -- effects
    # ------------------------------------------------------------------------------------------------

    @cached_property
    def moving(self) -> Bits:
        """The rules that can move the recommendation."""
        return sum(1 << place for place, rule in self.rules.items() if rule.moves)

    def sums(self, criterion: int, rules: Bits) -> int:
        """The points that some of the rules can add to a criterion: bit n is set when they can
        add n.
        """
        scoring, gains = self.scoring[criterion]
        key = (criterion, rules & scoring)
        found = self._sums.get(key)
        if found is None:
            if len(self._sums) >= MOST_KEPT:
                self._sums.clear()
            found = 1
            for rule, points in gains:
                if rule & rules:
                    found |= found << points
            self._sums[key] = found
        return found

    @cached_property
    def scoring(self) -> Mapping[int, tuple[Bits, list[tuple[Bits, int]]]]:
        """By criterion the rules that give points, in all and each with its points."""
        found: dict[int, tuple[Bits, list[tuple[Bits, int]]]] = {}
        for place, rule in self.rules.items():
            for criterion, points in rule.points:
                every, gains = found.get(criterion, (0, []))
                found[criterion] = (every | 1 << place, [*gains, (1 << place, points)])
        return found

    @cached_property
    def giving(self) -> Bits:
        """The rules that give points."""
        return sum(1 << place for place, rule in self.rules.items() if rule.points)

    @cached_property
    def ceilings(self) -> list[tuple[int, Bits]]:
        """Each rank that an `at most` has, with its rules."""
        return _by_rank((rule.ceiling, place) for place, rule in self.rules.items())

    @cached_property
    def floors(self) -> list[tuple[int, Bits]]:
        """Each rank that an `at least` has, with its rules."""
        return _by_rank((rule.floor, place) for place, rule in self.rules.items())


def _by_rank(bounds: Iterable[tuple[int | None, int]]) -> list[tuple[int, Bits]]:
    found: dict[int, Bits] = {}
    for rank, place in bounds:
        if rank is not None:
            found[rank] = found.get(rank, 0) | 1 << place
    return sorted(found.items())
