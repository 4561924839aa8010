"""Conditions: a fact, an operator and a value.

`Test.holds` is the reference meaning of the policy language in plain Python: True, False, or None
when the facts do not tell. What each operator means stands in `operators`. A property test holds
the engine to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from triage.model.operators import OPERATORS, Family, Operator, Predicate


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
    def row(self) -> Operator:
        """The operator with its meanings."""
        return OPERATORS[self.operator]

    @property
    def presence(self) -> bool:
        """Whether the test asks only if the fact is known."""
        return self.row.known is not None

    @property
    def values(self) -> frozenset[Any]:
        """The values that the test names: none, one or many."""
        value = self.value
        if isinstance(value, frozenset):
            return value
        return frozenset() if value is None else frozenset((value,))

    def predicate(self) -> Predicate:
        """The meaning on a value that is known; not for tests of presence."""
        row = self.row
        assert row.means is not None
        if Family.RANK in row.families:
            passes = row.means(self.ranks.index(self.value))
            return frozenset(
                value for rank, value in enumerate(self.ranks) if passes(rank)
            ).__contains__
        return row.means(self.value if row.rises is None else self.values)

    def holds(self) -> Holds:
        """The meaning as a function of the facts."""
        if self.row.known is not None:
            return _presence(self.fact, self.row.known)
        if self.row.rises is not None:
            return _on_set(self.fact, self.predicate())
        return _on_scalar(self.fact, self.predicate())

    def completed(self) -> Holds:
        """The meaning while answers may still come: whether an unknown fact is known is open."""
        if self.row.known is not None:
            return _open_presence(self.fact, self.row.known)
        return self.holds()

    def passing(self) -> tuple[frozenset[str], bool]:
        """For a test on an enum: the values that pass it (True), or those that fail it (False)."""
        if self.row.member is not None:
            return self.values, self.row.member
        return frozenset(filter(self.predicate(), self.ranks)), True


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


def _on_scalar(fact: str, predicate: Predicate) -> Holds:
    def holds(state: State) -> bool | None:
        value = state.get(fact)
        if value is None:
            return None
        if value.__class__ is Among:
            answers = {predicate(one) for one in value.values}
            return answers.pop() if len(answers) == 1 else None
        return predicate(value)

    return holds


def _on_set(fact: str, predicate: Predicate) -> Holds:
    def holds(state: State) -> bool | None:
        value = state.get(fact)
        if value is None:
            return None
        if value.__class__ is Partial:
            # The predicate is monotone: what it says of both ends it says of all sets between.
            least = predicate(value.lower)
            return least if predicate(value.upper) is least else None
        return predicate(value)

    return holds
