"""The changes of single facts that are worth trying on one request: to values that matter.

The policy says which facts may change. A value matters when some condition turns there, on the fact
itself or on one worked out from it; the rules of the day tell which.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import combinations, product
from math import comb
from typing import Any

from triage.deciding.calendar import Plan, Snapshot
from triage.deciding.settled import ActiveRule
from triage.intake.cells import NEVER_EMPTY
from triage.model.conditions import Test
from triage.model.derived import concluded_behind
from triage.model.facts import Fact, Kind, Request
from triage.model.policy import Change, Policy, Reference
from triage.model.program import EFFORTS
from triage.model.workdays import last_day, length, nearest

Facts = dict[str, Any]
Apply = Callable[[Facts], None]
"""Changes facts by name, where None is not known."""
LINKED: Mapping[str, tuple[str, ...]] = {
    "start": ("end",),
    "participants": ("visa_required_participants",),
}
"""Facts that go along with a change of another: a visit that begins later ends later."""
CENT = Decimal("0.01")
MOST_SUBSETS = 2_000
"""The most changes of one set that are tried: very many topics can be left out in too many ways."""


@dataclass(frozen=True, eq=False)
class Move:
    """One change of one fact.

    `reach` tells which moves are within others: a move is smaller than another of its fact when its
    reach is a proper subset. `steps` has what is done and to which value; `count` is how many
    changes a reader would count; `order` sorts the moves of one fact.
    """

    fact: str
    reach: frozenset[Any]
    steps: tuple[tuple[Change, Any], ...]
    count: int
    order: tuple[int, ...]
    apply: Apply

    @property
    def effort(self) -> int:
        """1 for each value that is hard to change, -1 for each that is easy."""
        efforts = ((EFFORTS.get(change.effort or "", 0), value) for change, value in self.steps)
        return sum(
            one * (len(value) if isinstance(value, frozenset) else 1) for one, value in efforts
        )


def relevant_rules(plan: Plan) -> list[ActiveRule]:
    """The rules that move the recommendation or score, and those that conclude what these read."""
    wanted: set[str] = set()
    chosen: dict[int, ActiveRule] = {}
    while True:
        more = [
            rule
            for rule in plan.rules
            if rule.position not in chosen
            and (rule.moves or any(fact in wanted for fact, _ in rule.rule.then.conclude))
        ]
        if not more:
            return [chosen[position] for position in sorted(chosen)]
        for rule in more:
            chosen[rule.position] = rule
            for fact in rule.rule.reads():
                wanted.add(concluded_behind(fact))


class Moves:
    """Finds the moves of a request under one policy on one day; `rules` are the relevant ones."""

    def __init__(self, snapshot: Snapshot, request: Request, rules: Iterable[ActiveRule]) -> None:
        self.policy: Policy = snapshot.policy
        self.values, self.known = snapshot.values, request.known(self.policy.readable)
        self._derived = [one for one in snapshot.of_request if one.row.turn is not None]
        self.largest: int | None = None
        """Changes of more members of one set than this were left out; None: none were."""
        self._tests: dict[str, list[Test]] = {}
        for rule in rules:
            for clause in rule.when + rule.unless:
                for test in clause:
                    self._tests.setdefault(test.fact, []).append(test)

    def all(self) -> dict[str, list[Move]]:
        """The moves by fact, in the order of the facts of a request.

        No order here is that of a file: the version of a policy does not depend on it.
        """
        texts = self.policy.fact_texts
        names = [name for name in self.policy.request_facts if name in texts]
        moves = {name: list(self._of(name, texts[name].changes)) for name in names}
        return {name: own for name, own in moves.items() if own}

    def turning(self, name: str) -> list[Any]:
        """The dates or numbers at which a condition on a fact turns, in order."""
        return sorted({value for value, _ in self._turning(name, up=True)})

    def named(self, name: str) -> set[Any]:
        """The values that conditions on a fact name."""
        return {value for test in self._tests.get(name, ()) for value in _each(test.value)}

    def _of(self, name: str, changes: Sequence[Change]) -> Iterator[Move]:
        verbs = {change.verb: change for change in changes}
        if "to" in verbs:
            yield from self._to(name, verbs["to"])
        if "add" in verbs or "remove" in verbs:
            yield from self._members(name, verbs.get("add"), verbs.get("remove"))
        for change in changes:
            if change.verb in ("later", "earlier", "fewer", "more"):
                yield from self._along(name, change)

    def _to(self, name: str, change: Change) -> Iterator[Move]:
        """Moves to each other value that the policy allows."""
        fact, current = self.policy.facts[name], self.known.get(name)
        allowed = change.values
        if isinstance(allowed, Reference):
            allowed = tuple(_each(self.values.get(allowed.parameter)))
        ordered = fact.values is not None and self.policy.ordered(fact)
        values: list[Any] = [False, True] if fact.values is None else self._terms(fact)
        positions = {value: position for position, value in enumerate(values)}
        wanted = [value for value in values if value in allowed and value != current]
        origin = positions.get(current, -1)
        for value in wanted:
            position, reach = positions[value], [value]
            if ordered:
                # The values on the way are within those beyond them.
                low, high = min(origin, position), max(origin, position)
                reach = [one for one in wanted if low <= positions[one] <= high]
            order = (abs(position - origin), position)
            apply = partial(_set, name, value)
            yield Move(name, frozenset(reach), ((change, value),), 1, order, apply)

    def _terms(self, fact: Fact) -> list[str]:
        """The values of a fact: from the lowest to the highest, or by id."""
        terms = self.policy.vocabularies[fact.values or ""].terms
        return list(terms) if self.policy.ordered(fact) else sorted(terms)

    def _members(self, name: str, add: Change | None, remove: Change | None) -> Iterator[Move]:
        """Moves that take members out of a set and put others in."""
        current: frozenset[str] = self.known.get(name, frozenset())
        terms, named = self._terms(self.policy.facts[name]), self.named(name)
        absent = [one for one in terms if one in named and one not in current] if add else []
        present = [one for one in terms if one in current] if remove else []
        least = 1 if name in NEVER_EMPTY else 0
        for fewer, more in self._sizes(len(present), remove, len(absent), add):
            for gone, new in product(combinations(present, fewer), combinations(absent, more)):
                value = (current - frozenset(gone)) | frozenset(new)
                if len(value) < least:
                    continue
                reach = frozenset([("add", one) for one in new] + [("remove", one) for one in gone])
                steps = tuple(
                    (change, frozenset(members))
                    for change, members in ((add, new), (remove, gone))
                    if change and members
                )
                order = (len(gone), *map(present.index, gone), *map(absent.index, new))
                yield Move(name, reach, steps, len(reach), order, partial(_set, name, value))

    def _sizes(
        self, present: int, remove: Change | None, absent: int, add: Change | None
    ) -> Iterator[tuple[int, int]]:
        """How many members go and how many come, the fewest first, until `MOST_SUBSETS`."""
        most_fewer, most_more = remove.at_most if remove else 0, add.at_most if add else 0
        pairs = product(range(1 + most_fewer), range(1 + most_more))
        subsets = 0
        for fewer, more in sorted(pairs, key=lambda pair: (sum(pair), pair)):
            subsets += comb(present, fewer) * comb(absent, more)
            if subsets > MOST_SUBSETS:
                self.largest = fewer + more - 1
                return
            if fewer + more:
                yield fewer, more

    def _along(self, name: str, change: Change) -> Iterator[Move]:
        """Moves of a date or number in one direction, the nearest first, each within the next."""
        up = change.verb in ("later", "more")
        current = self.known.get(name)
        turns = sorted(self._turning(name, up), key=lambda turn: turn[0], reverse=not up)
        passed: list[Any] = []
        for value, apply in turns:
            if current is not None and (value <= current if up else value >= current):
                continue
            if passed and passed[-1] == value:
                continue
            passed.append(value)
            reach = frozenset((change.verb, one) for one in passed)
            yield Move(name, reach, ((change, value),), 1, (len(passed),), apply)

    def _turning(self, name: str, up: bool) -> Iterator[tuple[Any, Apply]]:
        """Values on each side of every limit of a condition, and what gives each to the fact.

        The condition is on the fact, or on one derived from it. An amount moves by cents, a date by
        working days.
        """
        put = SETTERS.get(name, _set)
        dates = self.policy.facts[name].kind is Kind.DATE
        for limit in self._limits(name):
            for step in (-1, 0, 1):
                value = _dated(_stepped, limit, step, up) if dates else _beside(limit, step)
                if value is not None:
                    yield value, partial(put, name, value)
        for derivation in self._derived:
            row, turn = derivation.row, derivation.row.turn
            others = {*row.sources} - {name}
            if turn is None or turn.source != name or not others <= self.known.keys():
                continue
            if limits := self._limits(row.fact.name):
                for target in turn.targets(limits, *derivation.settings):
                    reached = partial(turn.reached, target, up)
                    if (value := _dated(reached, self.known)) is not None:
                        yield value, partial(_reach, name, put, reached)

    def _limits(self, name: str) -> set[Any]:
        """The values that conditions on a fact compare it with."""
        return {test.value for test in self._tests.get(name, ()) if not test.presence}


def changed(request: Request, moves: Iterable[Move]) -> Request | None:
    """The request with some moves made; None when they do not go together."""
    facts: Facts = dict(request.facts)
    try:
        # How long it lasts depends on when it begins.
        for move in sorted(moves, key=lambda move: move.fact == "end"):
            move.apply(facts)
    except OverflowError:
        return None  # the calendar ends before the engagement
    start, end = facts.get("start"), facts.get("end")
    if start is not None and end is not None and end < start:
        return None
    return request.having(facts)


def touched(fact: str) -> tuple[str, ...]:
    """The facts of the request that a move of one fact may change."""
    return (fact, *LINKED.get(fact, ()))


def _each(value: Any) -> Collection[Any]:
    """The members of a set, the one value, or nothing."""
    if isinstance(value, frozenset):
        return value
    return () if value is None else (value,)


def _set(name: str, value: Any, facts: Facts) -> None:
    facts[name] = value


def _set_number(name: str, value: Any, facts: Facts) -> None:
    facts[name] = value
    for other in LINKED.get(name, ()):
        if facts.get(other) is not None:
            facts[other] = min(facts[other], value)


def _set_start(name: str, day: date, facts: Facts) -> None:
    """Another first day; the engagement lasts as many working days as before."""
    start, end = facts.get(name), facts.get("end")
    facts[name] = day
    if start is not None and end is not None:
        days = length(start, end)
        facts["end"] = last_day(day, days) if days >= 1 else day + (end - start)


SETTERS: Mapping[str, Callable[[str, Any, Facts], None]] = {
    "start": _set_start,
    "participants": _set_number,
}
"""What gives a value to a fact that takes others along."""


def _reach(
    name: str, put: Callable[[str, Any, Facts], None], reached: Callable[[Facts], Any], facts: Facts
) -> None:
    """Give a fact the value that reaches a target as the other facts now are."""
    put(name, reached(facts), facts)


def _beside(limit: int | Decimal, step: int) -> int | Decimal | None:
    """A number beside a limit, by whole ones or by cents; None below 0."""
    value = limit + (step * CENT if isinstance(limit, Decimal) else step)
    return value if value >= 0 else None


def _dated(make: Callable[..., Any], *values: Any) -> Any:
    """What is made of a day, or None beyond the end of the calendar."""
    try:
        return make(*values)
    except OverflowError:
        return None


def _stepped(day: date, step: int, up: bool) -> date:
    return nearest(day + timedelta(days=step), up)
