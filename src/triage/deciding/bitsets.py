"""Rules as bits of whole numbers: which fail on what is known, and which wait for what is not.

In plain words: a rule is a list of conjunctions ("terms"), of which one must hold. A term fails
when one of its conditions is false; it is open when none is false and one has no answer yet. A rule
is open when no term holds and one is open.

    failing = any(holds(state) is False for holds in term)
    open = not failing and any(holds(state) is None for holds in term)

Here a term is one bit. What a value means for all terms is worked out once, as the bits of the
terms that it makes fail, and remembered. `tests/test_matching.py` holds this to the plain meaning.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from triage.deciding.settled import ActiveRule, Literal, terms
from triage.model.conditions import Holds, Partial, Test
from triage.model.derived import DERIVED
from triage.model.facts import Fact, Origin

Bits = int
"""Rules by position, or terms: the only term of a rule has the position of the rule."""

MOST_KEPT = 1024


def positions(bits: Bits) -> Iterator[int]:
    """The positions of the bits that are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class _Condition(NamedTuple):
    """A condition, the terms that fail when it is true or false, and the rules that have it."""

    meaning: Holds
    when_true: Bits
    when_false: Bits
    rules: Bits


@dataclass(slots=True)
class FactMasks:
    """What the values of one fact mean for the terms and rules that read it."""

    name: str
    terms: Bits = 0
    rules: Bits = 0
    asking: Bits = 0
    """Those of the rules that ask, of any fact, whether it is known."""
    wanting: Bits = 0
    """Terms that fail unless the set has a member under which they stand in `satisfied`."""
    satisfied: dict[str, Bits] = field(default_factory=dict)
    forbidden: dict[str, Bits] = field(default_factory=dict)
    """By member the terms that fail when the set has it."""
    conditions: dict[Test, _Condition] = field(default_factory=dict)
    """All conditions that are not told by member."""
    kept: dict[Any, Bits] = field(default_factory=dict)

    def failing(self, value: Any) -> Bits:
        """The terms that fail when the fact has this value; remembered, as values come again."""
        failing = self.kept.get(value)
        if failing is None:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            failing = self.kept[value] = self._failing(value)
        return failing

    def _failing(self, value: Any) -> Bits:
        satisfied = failing = 0
        for member in value if self.satisfied or self.forbidden else ():
            satisfied |= self.satisfied.get(member, 0)
            failing |= self.forbidden.get(member, 0)
        return failing | (self.wanting & ~satisfied) | self.partly(value)[0]

    def partly(self, value: Any) -> tuple[Bits, Bits, Bits]:
        """The failing terms, open terms and waiting rules for a fact that is known in part."""
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
        """Take in a term's conditions on this fact, `by_member` where it is never known in part."""
        self.terms |= term
        wanting = 0
        for test, wanted in literals:
            member = test.row.member if by_member and test.row.rises is not None else None
            required = wanted is member
            if member is None or (required and wanting):
                self._add_condition(term, test, wanted, rule)
                continue
            table = self.satisfied if required else self.forbidden
            for value in test.values:
                table[value] = table.get(value, 0) | term
            if required:
                wanting = term
        self.wanting |= wanting

    def _add_condition(self, term: Bits, test: Test, wanted: bool, rule: Bits) -> None:
        known = self.conditions.get(test) or _Condition(test.completed(), 0, 0, 0)
        meaning, when_true, when_false, rules = known
        if wanted:
            when_false |= term
        else:
            when_true |= term
        self.conditions[test] = _Condition(meaning, when_true, when_false, rules | rule)


class Settled(NamedTuple):
    """What follows for a concluded fact: its value (None is not known), and what that means."""

    value: Any
    failing: Bits
    open: Bits
    waiting: Bits
    """The rules that wait for it."""
    maybe: Bits
    """The rules that may still conclude more of it."""


@dataclass(slots=True)
class Concluded:
    """A fact that rules conclude; it is `default` until one of them does."""

    masks: FactMasks
    default: frozenset[str] | bool
    rules: Bits = 0
    """All rules that conclude it; `by_value` has those of each member of a set."""
    by_value: dict[str, Bits] = field(default_factory=dict)
    _kept: dict[tuple[Bits, Bits], Settled] = field(default_factory=dict)

    def settle(self, held: Bits, undecided: Bits) -> Settled:
        """The fact when some rules hold and some may; remembered, as few rules conclude it."""
        sure, maybe = self.rules & held, self.rules & undecided & ~held
        settled = self._kept.get((sure, maybe))
        if settled is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            settled = self._kept[sure, maybe] = self._settle(self._value(sure, maybe), maybe)
        return settled

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
    """The terms of one layer; `several` pairs the terms of a rule that has more with the rule."""

    terms: Bits
    several: tuple[tuple[Bits, Bits], ...]


class Masks:
    """The rules of one plan as bits. Safe to use from several threads."""

    def __init__(
        self,
        facts: Mapping[str, Fact],
        layers: Sequence[Sequence[ActiveRule]],
        defaults: Mapping[str, frozenset[str] | bool],
    ) -> None:
        """`defaults` are the facts that rules conclude, as they are until a rule does."""
        self.rules = {rule.position: rule for layer in layers for rule in layer}
        # These facts may be known in part.
        resting = [name for name, row in DERIVED.items() if row.concluded]
        self.facts = {name: FactMasks(name) for name in (*defaults, *resting)}
        self._in_part = frozenset(self.facts)
        self.alone: Bits = 0
        """The terms that are the only ones of their rules."""
        self._free = 1 + max(self.rules, default=-1)
        self.layers = [self._compile(layer) for layer in layers]
        for rule in self.rules.values():
            for name in {fact for fact, _ in rule.leaves}:
                self.facts[name].rules |= 1 << rule.position
                self.facts[name].asking |= rule.presence << rule.position
        self.concluded = self._concluded(defaults)
        read = [fact for name, fact in facts.items() if name in self.facts]
        self.given = tuple(
            (fact.name, self.facts[fact.name]) for fact in read if fact.origin is Origin.REQUEST
        )
        rows = [DERIVED[fact.name] for fact in read if fact.origin is Origin.DERIVED]
        self.derived = tuple(
            (row.fact.name, self.facts[row.fact.name], row.sources, row.concluded) for row in rows
        )
        self._bytes = self._free // 8 + 1
        self._named: dict[tuple[int, int], list[str]] = {}
        self._sums: dict[tuple[int, Bits], int] = {}

    def _compile(self, rules: Sequence[ActiveRule]) -> _Layer:
        every, several = 0, []
        for rule in rules:
            of_rule, own = terms(rule), 1 << rule.position
            if len(of_rule) == 1:
                self.alone |= own
                bits = own
            else:
                bits = ((1 << len(of_rule)) - 1) << self._free
                self._free += len(of_rule)
                several.append((bits, own))
            every |= bits
            for position, term in zip(positions(bits), of_rule, strict=True):
                by_fact: dict[str, list[Literal]] = {}
                for literal in term:
                    by_fact.setdefault(literal[0].fact, []).append(literal)
                for name, literals in by_fact.items():
                    masks = self.facts.setdefault(name, FactMasks(name))
                    masks.add(1 << position, literals, own, by_member=name not in self._in_part)
        return _Layer(every, tuple(several))

    def _concluded(self, defaults: Mapping[str, frozenset[str] | bool]) -> dict[str, Concluded]:
        facts = {name: Concluded(self.facts[name], value) for name, value in defaults.items()}
        for position, rule in self.rules.items():
            for name, value in rule.rule.then.conclude:
                fact = facts[name]
                fact.rules |= 1 << position
                for member in value if isinstance(value, frozenset) else ():
                    fact.by_value[member] = fact.by_value.get(member, 0) | 1 << position
        return facts

    def undecided(self, layer: int, failing: Bits, open_: Bits) -> Bits:
        """The rules of a layer that are open; `open_` are the terms that read an unknown fact."""
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
        ids: list[str] = []
        for index, byte in enumerate(rules.to_bytes(self._bytes, "little")):
            if byte:
                ids += self._named.get((index, byte)) or self._name(index, byte)
        return ids

    def _name(self, index: int, byte: int) -> list[str]:
        # Remembered eight rules at a time, so that ids are not looked for bit by bit.
        ids = [self.rules[8 * index + position].id for position in positions(byte)]
        self._named[index, byte] = ids
        return ids

    # -- effects

    @cached_property
    def moving(self) -> Bits:
        """The rules that can move the recommendation."""
        return sum(1 << position for position, rule in self.rules.items() if rule.moves)

    @cached_property
    def giving(self) -> Bits:
        """The rules that give points."""
        return sum(1 << position for position, rule in self.rules.items() if rule.points)

    @cached_property
    def scoring(self) -> Mapping[int, tuple[Bits, list[tuple[Bits, int]]]]:
        """By criterion the rules that give points, in all and each with its points."""
        by_criterion: dict[int, tuple[Bits, list[tuple[Bits, int]]]] = {}
        for position, rule in self.rules.items():
            for criterion, points in rule.points:
                every, gains = by_criterion.get(criterion, (0, []))
                gains = [*gains, (1 << position, points)]
                by_criterion[criterion] = (every | 1 << position, gains)
        return by_criterion

    def sums(self, criterion: int, rules: Bits) -> int:
        """What some of the rules can add to a criterion: bit n is set when n points are possible.

        One more rule that gives p points shifts the sums by p: `sums | sums << p`.
        """
        scoring, gains = self.scoring[criterion]
        key = (criterion, rules & scoring)
        sums = self._sums.get(key)
        if sums is None:
            if len(self._sums) >= MOST_KEPT:
                self._sums.clear()
            sums = 1
            for rule, points in gains:
                if rule & rules:
                    sums |= sums << points
            self._sums[key] = sums
        return sums

    @cached_property
    def ceilings(self) -> list[tuple[int, Bits]]:
        """Each rank that an `at most` has, with its rules."""
        return _by_rank((rule.ceiling, position) for position, rule in self.rules.items())

    @cached_property
    def floors(self) -> list[tuple[int, Bits]]:
        """Each rank that an `at least` has, with its rules."""
        return _by_rank((rule.floor, position) for position, rule in self.rules.items())


def _by_rank(bounds: Iterable[tuple[int | None, int]]) -> list[tuple[int, Bits]]:
    by_rank: dict[int, Bits] = {}
    for rank, position in bounds:
        if rank is not None:
            by_rank[rank] = by_rank.get(rank, 0) | 1 << position
    return sorted(by_rank.items())
