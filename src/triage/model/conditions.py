"""Conditions: a fact, an operator and a value.

`Test.holds` is the reference meaning of the policy language in plain Python: True, False, or None
when the facts do not tell. A property test holds the engine to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from triage.model.facts import Fact, Kind, Origin

Takes = Literal["nothing", "one", "many"]

_EQUALITY: dict[str, Takes] = {"is": "one", "is not": "one"}
_CHOICE: dict[str, Takes] = {**_EQUALITY, "is any of": "many", "is none of": "many"}
_RANKS = ("is at least", "is at most", "is above", "is below")
_ORDER: dict[str, Takes] = dict.fromkeys(_RANKS, "one")
_BOUNDS = ("at least", "at most", "above", "below")
_NUMBER: dict[str, Takes] = _EQUALITY | dict.fromkeys(_BOUNDS, "one")
_SET: dict[str, Takes] = {
    "include": "one",
    "include any of": "many",
    "include all of": "many",
    "include none of": "many",
    "is empty": "nothing",
    "is not empty": "nothing",
}
PRESENCE: dict[str, Takes] = {"is known": "nothing", "is unknown": "nothing"}
"""The operators that ask only whether a fact is known."""

LIST_FORM = {"is": "is any of", "include": "include any of"}
"""The operator that takes a list where its key takes one value."""

OPPOSITE = {
    "is": "is not",
    "is any of": "is none of",
    "at least": "below",
    "at most": "above",
    "is at least": "is below",
    "is at most": "is above",
    "include any of": "include none of",
    "is empty": "is not empty",
    "is known": "is unknown",
}
OPPOSITE |= {opposite: operator for operator, opposite in OPPOSITE.items()}
"""The operator that holds exactly when its key does not, on facts that are known."""


def operators(fact: Fact, ordered: bool) -> dict[str, Takes]:
    """The operators that a fact takes, and what each takes; `ordered` is said of its vocabulary."""
    if not fact.readable:
        return {}
    # A fact that rules conclude is false or empty until one does, so it is never absent.
    presence = {} if fact.origin is Origin.CONCLUDED else PRESENCE
    match fact.kind:
        case Kind.SET:
            return _SET | presence
        case Kind.BOOLEAN:
            return {"is": "one", **presence}
        case Kind.ENUM if ordered:
            return _CHOICE | _ORDER | presence
        case Kind.ENUM | Kind.TEXT:
            return _CHOICE | presence
        case _:
            return _NUMBER | presence


@dataclass(frozen=True, slots=True)
class Partial:
    """A set of which only a part is known: it has at least `lower` and at most `upper`."""

    lower: frozenset[str]
    upper: frozenset[str]


@dataclass(frozen=True, slots=True)
class Among:
    """A value that is known to be one of several."""

    values: frozenset[str]


State = Mapping[str, Any]
"""Facts by name: a plain value, a `Partial` set or an `Among`; absent is unknown."""

Holds = Callable[[State], bool | None]


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on one day: its value is a value, a frozenset, or None where it takes nothing.

    `ranks` has the values of an ordered enum, from the lowest.
    """

    __test__ = False  # not a pytest class

    fact: str
    operator: str
    value: Any = None
    ranks: tuple[str, ...] = ()

    @property
    def presence(self) -> bool:
        """Whether the test asks only if the fact is known."""
        return self.operator in PRESENCE

    def holds(self) -> Holds:
        """The meaning as a function of the facts."""
        if self.presence:
            return _presence(self.fact, self.operator == "is known")
        if self.operator in _SET:
            return _on_set(self.fact, self.operator, self.value)
        return _on_scalar(self.fact, _scalar_predicate(self))

    def completed(self) -> Holds:
        """The meaning while answers may still come: whether an unknown fact is known is open."""
        if self.presence:
            return _open_presence(self.fact, self.operator == "is known")
        return self.holds()


def _presence(fact: str, known: bool) -> Holds:
    def holds(state: State) -> bool:
        value = state.get(fact)
        return (value is not None and value.__class__ is not Among) is known

    return holds


def _open_presence(fact: str, known: bool) -> Holds:
    def holds(state: State) -> bool | None:
        value = state.get(fact)
        return None if value is None or value.__class__ is Among else known

    return holds


def _scalar_predicate(test: Test) -> Callable[[Any], bool]:
    value = test.value
    if test.ranks and test.operator in _ORDER:
        allowed = frozenset(_ranked(test))
        return lambda given: given in allowed
    match test.operator:
        case "is":
            return lambda given: bool(given == value)
        case "is not":
            return lambda given: bool(given != value)
        case "is any of":
            return lambda given: given in value
        case "is none of":
            return lambda given: given not in value
        case "at least":
            return lambda given: bool(given >= value)
        case "at most":
            return lambda given: bool(given <= value)
        case "above":
            return lambda given: bool(given > value)
    return lambda given: bool(given < value)


def allowed(test: Test) -> tuple[frozenset[str], bool]:
    """For a test on an enum: the values that pass it (True), or those that fail it (False)."""
    if test.ranks and test.operator in _ORDER:
        return frozenset(_ranked(test)), True
    values = test.value if isinstance(test.value, frozenset) else frozenset((test.value,))
    return values, test.operator in ("is", "is any of")


def _ranked(test: Test) -> tuple[str, ...]:
    """The values of an ordered enum that pass the test."""
    rank = test.ranks.index(test.value)
    match test.operator:
        case "is at least":
            return test.ranks[rank:]
        case "is above":
            return test.ranks[rank + 1 :]
        case "is at most":
            return test.ranks[: rank + 1]
    return test.ranks[:rank]


def _on_scalar(fact: str, predicate: Callable[[Any], bool]) -> Holds:
    def holds(state: State) -> bool | None:
        value = state.get(fact)
        if value is None:
            return None
        if value.__class__ is Among:
            answers = {predicate(one) for one in value.values}
            return answers.pop() if len(answers) == 1 else None
        return predicate(value)

    return holds


def _on_set(fact: str, operator: str, value: Any) -> Holds:
    wanted = frozenset((value,)) if operator == "include" else value
    match operator:
        case "include" | "include any of":
            disjoint = wanted.isdisjoint
            return _bounded(fact, lambda known: not disjoint(known), positive=True)
        case "include none of":
            disjoint = wanted.isdisjoint
            return _bounded(fact, lambda known: not disjoint(known), positive=False)
        case "include all of":
            return _bounded(fact, lambda known: wanted <= known, positive=True)
        case "is not empty":
            return _bounded(fact, bool, positive=True)
    return _bounded(fact, bool, positive=False)


def _bounded(fact: str, grows: Callable[[frozenset[str]], bool], positive: bool) -> Holds:
    """A test that is `positive` once `grows` is true, which it then stays as the set grows."""

    def holds(state: State) -> bool | None:
        value = state.get(fact)
        if value is None:
            return None
        if value.__class__ is Partial:
            if grows(value.lower):
                return positive
            return None if grows(value.upper) else not positive
        return grows(value) is positive

    return holds
