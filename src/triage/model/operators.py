"""The operators of the policy language, one row each: what a condition means, in every reading.

Whatever reads conditions asks here: the parser and the schema for phrases, the evaluators for
meanings, the checks for what can hold together, the words for the key of their sentence. A new
operator is a row here, and its sentence under `operator` in `messages/`.
"""

import operator as python
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, Literal, Protocol

from triage.model.facts import Fact, Kind, Origin

Takes = Literal["nothing", "one", "many"]

Predicate = Callable[[Any], bool]


class Family(Enum):
    """Which facts take an operator; a fact is of one family or more."""

    FLAG = auto()
    CHOICE = auto()
    RANK = auto()
    """An ordered vocabulary. Predicates see positions in it, the lowest value at 0."""
    NUMBER = auto()
    SET = auto()
    ABSENT = auto()
    """Every fact that may be unknown."""


class Nodes(Protocol):
    """A graph of expressions on columns, whose nodes are numbered and have three values."""

    def any_(self, nodes: Iterable[int]) -> int: ...

    def all_(self, nodes: Iterable[int]) -> int: ...

    def not_(self, node: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator; `told` is the key of its sentence, `opposite` holds when it does not.

    On a set it must be monotone: it stays true as the set grows, or it stays false. So it is true
    of a set that is known in part when it is true of both the least and the largest possible set.
    """

    phrase: str
    families: tuple[Family, ...]
    takes: Takes
    told: str
    opposite: str | None = None
    means: Callable[[Any], Predicate] | None = None
    """From the value of a condition (on sets a frozenset) the predicate on values of the fact."""
    list_form: str | None = None
    """The operator that takes a list where this one takes one value."""
    member: bool | None = None
    """It holds when the fact is, or has, one of the values (True), or none of them (False)."""
    rises: bool | None = None
    """On sets: it stays true as the set grows (True), or stays false (False)."""
    known: bool | None = None
    """It asks only whether the fact is known (True) or unknown (False)."""
    core: str | None = None
    """The comparison of durable-rules on one field; without one, Python answers for it."""
    set_column: Callable[[Nodes, Sequence[int], int], int] | None = None
    """On columns, from whether the set has each of the values, and whether it is empty."""
    number_column: Callable[[Nodes, Callable[[str], int]], int] | None = None
    """On columns, from a function that compares with the value by `==`, `>=` or `<=`."""
    written: tuple[str, ...] = ()
    """What people write in its place, for "did you mean"."""


def _meets(wanted: frozenset[str]) -> Predicate:
    disjoint = wanted.isdisjoint
    return lambda given: not disjoint(given)


def _compared(comparison: Callable[[Any, Any], bool]) -> Callable[[Any], Predicate]:
    """A comparison whose first operand is the value of the condition."""
    return lambda value: partial(comparison, value)


_RANK, _NUMBER, _SET, _ABSENT = (Family.RANK,), (Family.NUMBER,), (Family.SET,), (Family.ABSENT,)

_AT_LEAST: dict[str, Any] = {
    "means": _compared(python.le),
    "core": "$gte",
    "number_column": lambda _, compared: compared(">="),
    "written": (">=",),
}
_AT_MOST: dict[str, Any] = {
    "means": _compared(python.ge),
    "core": "$lte",
    "number_column": lambda _, compared: compared("<="),
    "written": ("<=",),
}
_ABOVE: dict[str, Any] = {
    "means": _compared(python.lt),
    "core": "$gt",
    "number_column": lambda nodes, compared: nodes.not_(compared("<=")),
    "written": (">", "more than", "is more than"),
}
_BELOW: dict[str, Any] = {
    "means": _compared(python.gt),
    "core": "$lt",
    "number_column": lambda nodes, compared: nodes.not_(compared(">=")),
    "written": ("<", "less than", "is less than"),
}
_HAS_ONE: dict[str, Any] = {
    "means": _meets,
    "member": True,
    "rises": True,
    "set_column": lambda nodes, named, _: nodes.any_(named),
}

_ROWS = (
    Operator(
        *("is", (Family.FLAG, Family.CHOICE, Family.NUMBER), "one", "operator.is", "is not"),
        means=_compared(python.eq),
        list_form="is any of",
        member=True,
        core="",
        number_column=lambda _, compared: compared("=="),
        written=("=", "==", "equals", "contain", "contains", "includes", "include"),
    ),
    Operator(
        *("is not", (Family.CHOICE, Family.NUMBER), "one", "operator.is-not", "is"),
        means=_compared(python.ne),
        member=False,
        core="$neq",
        number_column=lambda nodes, compared: nodes.not_(compared("==")),
        written=("!=",),
    ),
    Operator(
        *("is any of", (Family.CHOICE,), "many", "operator.is-any-of", "is none of"),
        means=lambda values: values.__contains__,
        member=True,
        written=("is one of", "is in", "in", "include any of"),
    ),
    Operator(
        *("is none of", (Family.CHOICE,), "many", "operator.is-none-of", "is any of"),
        means=lambda values: lambda given: given not in values,
        member=False,
        written=("include none of",),
    ),
    Operator("is at least", _RANK, "one", "operator.is-at-least", "is below", **_AT_LEAST),
    Operator("is at most", _RANK, "one", "operator.is-at-most", "is above", **_AT_MOST),
    Operator("is above", _RANK, "one", "operator.is-above", "is at most", **_ABOVE),
    Operator("is below", _RANK, "one", "operator.is-below", "is at least", **_BELOW),
    Operator("at least", _NUMBER, "one", "operator.at-least", "below", **_AT_LEAST),
    Operator("at most", _NUMBER, "one", "operator.at-most", "above", **_AT_MOST),
    Operator("above", _NUMBER, "one", "operator.above", "at most", **_ABOVE),
    Operator("below", _NUMBER, "one", "operator.below", "at least", **_BELOW),
    Operator(
        *("include", _SET, "one", "operator.include"),
        **_HAS_ONE,
        list_form="include any of",
        written=("=", "==", "equals", "contain", "contains", "includes", "is"),
    ),
    Operator(
        *("include any of", _SET, "many", "operator.include-any-of", "include none of"),
        **_HAS_ONE,
        written=("is one of", "is in", "in", "is any of"),
    ),
    Operator(
        *("include all of", _SET, "many", "operator.include-all-of"),
        means=lambda wanted: wanted.issubset,
        rises=True,
        set_column=lambda nodes, named, _: nodes.all_(named),
    ),
    Operator(
        *("include none of", _SET, "many", "operator.include-none-of", "include any of"),
        means=lambda unwanted: unwanted.isdisjoint,
        member=False,
        rises=False,
        set_column=lambda nodes, named, _: nodes.not_(nodes.any_(named)),
        written=("!=", "is not", "is none of"),
    ),
    Operator(
        *("is empty", _SET, "nothing", "operator.is-empty", "is not empty"),
        means=lambda _: python.not_,
        rises=False,
        set_column=lambda _nodes, _named, empty: empty,
    ),
    Operator(
        *("is not empty", _SET, "nothing", "operator.is-not-empty", "is empty"),
        means=lambda _: bool,
        rises=True,
        set_column=lambda nodes, _, empty: nodes.not_(empty),
    ),
    Operator("is known", _ABSENT, "nothing", "operator.is-known", "is unknown", known=True),
    Operator(
        *("is unknown", _ABSENT, "nothing", "operator.is-unknown", "is known"),
        known=False,
        written=("is not known",),
    ),
)

OPERATORS = {row.phrase: row for row in _ROWS}
"""The rows by phrase, in the order in which they are offered."""


def operators_of(fact: Fact, ordered: bool) -> dict[str, Operator]:
    """The operators that a fact takes, by phrase; `ordered` is said of its vocabulary."""
    families = _families(fact, ordered)
    return {row.phrase: row for row in OPERATORS.values() if families.intersection(row.families)}


def _families(fact: Fact, ordered: bool) -> set[Family]:
    if not fact.readable:
        return set()
    match fact.kind:
        case Kind.SET:
            families = {Family.SET}
        case Kind.BOOLEAN:
            families = {Family.FLAG}
        case Kind.ENUM if ordered:
            families = {Family.CHOICE, Family.RANK}
        case Kind.ENUM | Kind.TEXT:
            families = {Family.CHOICE}
        case _:
            families = {Family.NUMBER}
    # A fact that rules conclude is false or empty until one does, so it is never absent.
    return families if fact.origin is Origin.CONCLUDED else families | {Family.ABSENT}
