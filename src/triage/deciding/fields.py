"""Facts and conditions in the form that the core of durable-rules can compare: flat typed fields.

A number, date or value of a vocabulary is one field. The core compares scalars only, so a set is
one field, T or F, for every group of values that some condition looks for in it. An unknown fact is
an absent field, on which no comparison holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from triage.errors import EvaluationError
from triage.model.conditions import Partial, State, Test
from triage.model.derived import concluded_behind
from triage.model.facts import Fact, Kind
from triage.model.operators import OPERATORS

MAX_INTEGER = 2**53
SCALE = 10**6

Comparison = tuple[str, str, int | str]
"""A field, the core's operator ("" for equality), and a value."""


def encode(kind: Kind, value: Any, ranks: Sequence[str] = ()) -> int | str:
    """A value as the core compares it rightly: booleans as T and F, dates and decimals as integers.

    `ranks` are the values of an ordered vocabulary, from the lowest. `EvaluationError` where the
    core would compare a number wrongly.
    """
    number: int
    match kind:
        case Kind.BOOLEAN:
            return "T" if value else "F"
        case Kind.ENUM | Kind.TEXT:
            return ranks.index(value) if ranks else str(value)
        case Kind.DATE:
            assert isinstance(value, date)
            number = value.toordinal()
        case Kind.DECIMAL:
            scaled = Decimal(value) * SCALE
            number = int(scaled)
            if number != scaled:
                raise EvaluationError("evaluation.decimals", value=value)
        case _:
            number = int(value)
    if abs(number) > MAX_INTEGER:
        raise EvaluationError("evaluation.too-large", value=value)
    return number


def _encoder(kind: Kind, ranks: tuple[str, ...]) -> Callable[[Any], int | str]:
    """`encode` prepared for one fact; values of a vocabulary need no check."""
    if kind is Kind.BOOLEAN:
        return {True: "T", False: "F"}.__getitem__
    if ranks:
        return {value: rank for rank, value in enumerate(ranks)}.__getitem__
    if kind is Kind.ENUM:
        return str
    return lambda value: encode(kind, value)


@dataclass
class FactFields:
    """How the value of one fact becomes fields.

    `scalar` is the field that holds the value itself. `present` has the fields that a member of the
    set (or the one value) makes T; `absent` those that are F without one. `tests` are conditions
    that the core cannot compare, each with its field. `kept` is a memory for the matcher.
    """

    name: str
    scalar: tuple[str, Callable[[Any], int | str]] | None = None
    absent: dict[str, str] = field(default_factory=dict)
    present: dict[str, list[str]] = field(default_factory=dict)
    tests: list[tuple[str, Callable[[State], bool | None]]] = field(default_factory=list)
    kept: dict[Any, tuple[str, int]] = field(default_factory=dict)

    def fields(self, value: Any) -> dict[str, int | str]:
        """The fields for a value, None when the fact is unknown."""
        fields: dict[str, int | str] = {}
        if value is not None and self.scalar is not None:
            name, encoded = self.scalar
            fields[name] = encoded(value)
        if value is not None and self.present:
            fields.update(self.absent)
            if value.__class__ is Partial:
                for member in value.upper - value.lower:
                    for name in self.present.get(member, ()):
                        fields.pop(name, None)
            for member in _members(value):
                for name in self.present.get(member, ()):
                    fields[name] = "T"
        state = {} if value is None else {self.name: value}
        for name, holds in self.tests:
            answer = holds(state)
            if answer is not None:
                fields[name] = "T" if answer else "F"
        return fields


def _members(value: Any) -> Iterable[str]:
    if value.__class__ is Partial:
        value = value.lower
    return (value,) if value.__class__ is str else value


class LayerFields:
    """The fields that the rules of one layer compare."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.by_fact: dict[str, FactFields] = {}
        self._facts = facts
        self._names: dict[Any, str] = {}

    def comparison(self, test: Test, wanted: bool) -> Comparison:
        """The comparison of one field that holds exactly when the test is `wanted`."""
        fact, row = self._facts[test.fact], test.row
        asked = row if wanted else OPERATORS.get(row.opposite or "")
        if fact.kind is Kind.BOOLEAN and not test.presence:
            return self._scalar(fact, ()), "", encode(fact.kind, test.value is wanted)
        # A fact that rests on conclusions may be known in part, which a scalar cannot say; text is
        # compared in Python.
        enum = fact.kind is Kind.ENUM and concluded_behind(fact.name) == fact.name
        scalar = enum or fact.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.DATE)
        if scalar and asked is not None and asked.core is not None:
            value = encode(fact.kind, test.value, test.ranks)
            return self._scalar(fact, test.ranks), asked.core, value
        if (enum or fact.kind is Kind.SET) and row.member is not None:
            answer = "T" if row.member is wanted else "F"
            return self._member(test, answer), "", answer
        name, tests = self._name("test", test), self._of(test.fact).tests
        if all(name != known for known, _ in tests):
            tests.append((name, test.holds()))
        return name, "", "T" if wanted else "F"

    def _of(self, fact: str) -> FactFields:
        return self.by_fact.setdefault(fact, FactFields(fact))

    def _scalar(self, fact: Fact, ranks: tuple[str, ...]) -> str:
        name = self._name("fact", fact.name)
        self._of(fact.name).scalar = (name, _encoder(fact.kind, ranks))
        return name

    def _member(self, test: Test, answer: str) -> str:
        """The field that tells whether the fact has, or is, one of the test's values."""
        values = test.values
        known = ("member", test.fact, values) in self._names
        name, fields = self._name("member", test.fact, values), self._of(test.fact)
        if not known:
            for value in values:
                fields.present.setdefault(value, []).append(name)
        if answer == "F":
            # Sent only where a rule asks for it: every field costs the core time.
            fields.absent[name] = "F"
        return name

    def _name(self, *key: Any) -> str:
        # The core tells fields apart by a 32-bit hash of the name; f0 to f9999 are known to differ.
        return self._names.setdefault(key, f"f{len(self._names)}")
