"""The changes of single facts that are worth trying on one request: what its policy lets change, to
values that matter.

A value matters when some condition turns there: on the fact itself or on one worked out from it.
Which they are is read off the rules of the day, never known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product
from math import comb
from typing import Any

from triage.deciding.calendar import Plan, Snapshot
from triage.deciding.settled import ActiveRule
from triage.intake.cells import NEVER_EMPTY
from triage.model.conditions import Test
from triage.model.facts import DERIVED_FROM, REQUEST_FACTS, Fact, Request, working_days
from triage.model.policy import Change, Policy, Reference
from triage.model.program import ALIGNED_TOPICS

Facts = dict[str, Any]
Step = tuple[Any, Callable[[Facts], None]]
"""A value, and what gives it to a fact."""
FARTHEST = 20_000
"""The most days, and the largest number of working days, that a date is moved by."""
LINKED: Mapping[str, tuple[str, ...]] = {
    "start": ("end",),
    "participants": ("visa_required_participants",),
}
"""Facts that go along with a change of another: a visit that begins later ends later."""
CENT = Decimal("0.01")
MOST_WAYS = 2_000
"""The most changes of one set that are tried: a request with very many topics has too many ways
to leave some out.
"""


@dataclass(frozen=True, eq=False)
class Move:
    """One change of one fact.

    `parts` tells which changes are within others: a move is smaller than another when its parts are
    a proper subset. `said` has what is done and to which value; `count` is how many changes a
    reader would count; `place` orders the moves of one fact; `apply` changes facts by name, where
    None is not known.
    """

    fact: str
    parts: frozenset[Any]
    said: tuple[tuple[Change, Any], ...]
    count: int
    place: tuple[int, ...]
    apply: Callable[[Facts], None]


def relevant_rules(plan: Plan) -> list[ActiveRule]:
    """The rules that move the recommendation or the score, and those that conclude what such
    rules read.
    """
    wanted: set[str] = set()
    chosen: dict[int, ActiveRule] = {}
    rules = plan.rules
    while True:
        found = [
            rule
            for rule in rules
            if rule.position not in chosen
            and (rule.moves or any(fact in wanted for fact, _ in rule.rule.then.conclude))
        ]
        if not found:
            return [chosen[position] for position in sorted(chosen)]
        for rule in found:
            chosen[rule.position] = rule
            for fact in rule.rule.reads():
                wanted.add(ALIGNED_TOPICS if fact == "alignment" else fact)


class Moves:
    """Finds the moves of a request under one policy on one day; `rules` are the relevant ones."""

    def __init__(self, snapshot: Snapshot, request: Request, rules: Iterable[ActiveRule]) -> None:
        self.policy: Policy = snapshot.policy
        self.values, self.known = snapshot.values, request.known()
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
        found = {
            name: list(self._of(name, texts[name].changes))
            for name in REQUEST_FACTS
            if name in texts
        }
        return {name: moves for name, moves in found.items() if moves}

    def turning(self, name: str) -> list[Any]:
        """The dates or numbers at which a condition on a fact turns, in order."""
        return sorted({value for value, _ in self._turning(name, up=True)})

    def _of(self, name: str, changes: Sequence[Change]) -> Iterator[Move]:
        verbs = {change.verb: change for change in changes}
        if "to" in verbs:
            yield from self._to(name, verbs["to"])
        if "add" in verbs or "remove" in verbs:
            yield from self._members(name, verbs.get("add"), verbs.get("remove"))
        for change in changes:
            if change.verb in ("later", "earlier", "fewer", "more"):
                yield from self._along(name, change)

    # -- to another value
    # ---------------------------------------------------------------------------------------

    def _to(self, name: str, change: Change) -> Iterator[Move]:
        fact, current = self.policy.facts[name], self.known.get(name)
        allowed = change.values
        if isinstance(allowed, Reference):
            found = self.values.get(allowed.parameter)
            allowed = tuple(
                found if isinstance(found, frozenset) else () if found is None else (found,)
            )
        if fact.values is None:
            order: list[Any] = [False, True]
            ordered = False
        else:
            order, ordered = self._terms(fact), self.policy.ordered(fact)
        places: dict[Any, int] = {one: place for place, one in enumerate(order)}
        wanted = [one for one in order if one in allowed and one != current]
        origin = places.get(current, -1)
        for value in wanted:
            place = places[value]
            # Of ordered values those on the way are within those beyond them.
            way = [one for one in wanted if min(origin, place) <= places[one] <= max(origin, place)]
            parts = frozenset(way if ordered else (value,))
            yield Move(
                name,
                parts,
                ((change, value),),
                1,
                (abs(place - origin), place),
                _setting(name, value),
            )

    def _terms(self, fact: Fact) -> list[str]:
        """The values of a fact: from the lowest to the highest, or by id."""
        terms = self.policy.vocabularies[fact.values or ""].terms
        return list(terms) if self.policy.ordered(fact) else sorted(terms)

    # -- members of a set
    # ---------------------------------------------------------------------------------------

    def _members(self, name: str, add: Change | None, remove: Change | None) -> Iterator[Move]:
        current: frozenset[str] = self.known.get(name, frozenset())
        order = self._terms(self.policy.facts[name])
        named = {one for test in self._tests.get(name, ()) for one in _members_of(test)}
        more = [one for one in order if one in named and one not in current] if add else []
        less = [one for one in order if one in current] if remove else []
        least = 1 if name in NEVER_EMPTY else 0
        for out, into in self._sizes(len(less), remove, len(more), add):
            for gone, new in product(combinations(less, out), combinations(more, into)):
                value = (current - frozenset(gone)) | frozenset(new)
                if len(value) < least:
                    continue
                parts = frozenset(
                    [*(("add", one) for one in new), *(("remove", one) for one in gone)]
                )
                said = [
                    (change, frozenset(some))
                    for change, some in ((add, new), (remove, gone))
                    if change and some
                ]
                place = (
                    len(gone),
                    *(less.index(one) for one in gone),
                    *(more.index(one) for one in new),
                )
                yield Move(name, parts, tuple(said), len(parts), place, _setting(name, value))

    def _sizes(
        self, less: int, remove: Change | None, more: int, add: Change | None
    ) -> Iterator[tuple[int, int]]:
        """How many members go and how many come, the fewest first, as long as there are not too
        many ways to choose.
        """
        pairs = product(
            range(1 + (remove.at_most if remove else 0)), range(1 + (add.at_most if add else 0))
        )
        ways = 0
        for out, into in sorted(pairs, key=lambda pair: (sum(pair), pair)):
            ways += comb(less, out) * comb(more, into)
            if ways > MOST_WAYS:
                self.largest = out + into - 1
                return
            if out + into:
                yield out, into

    # -- along a line: dates and numbers
    # ------------------------------------------------------------------------

    def _along(self, name: str, change: Change) -> Iterator[Move]:
        """Values on one side of the present one, the nearest first; each is within those farther
        off.
        """
        up = change.verb in ("later", "more")
        current = self.known.get(name)
        steps = sorted({*self._turning(name, up)}, key=lambda one: one[0], reverse=not up)
        way: list[Any] = []
        for value, apply in steps:
            if current is not None and (value <= current if up else value >= current):
                continue
            if way and way[-1] == value:
                continue
            way.append(value)
            parts = frozenset((change.verb, one) for one in way)
            yield Move(name, parts, ((change, value),), 1, (len(way),), apply)

    def _turning(self, name: str, up: bool) -> Iterator[Step]:
        """The values at which a condition turns, each with what sets it."""
        own = [test.value for test in self._tests.get(name, ()) if not test.presence]
        if name not in ("start", "end"):
            yield from (
                (value, _counting(name, value)) for value in self._amounts(name, own) if value >= 0
            )
            return
        for day in own:
            for step in (-1, 0, 1):
                if (value := _dated(_stepped, day, step, up)) is not None:
                    yield value, _starting(value) if name == "start" else _setting(name, value)
        received, start = self.known["received"], self.known.get("start")
        if name == "start":
            for number in self._numbers("notice_days"):
                if (value := _dated(_noticed, received, number, up)) is not None:
                    yield value, _starting(value)
        elif start is not None:
            for number in self._numbers("duration_days") - {0}:
                if (value := _dated(lasting, start, number)) is not None:
                    yield value, _lasting(number)

    def _amounts(self, name: str, own: Iterable[Any]) -> set[int | Decimal]:
        numbers: set[int | Decimal] = set()
        for one in own:
            step = CENT if isinstance(one, Decimal) else 1
            numbers |= {one - step, one, one + step}
        if name == "participants" and self._tests.get("event_size"):
            for border in ("small_event_at_most", "medium_event_at_most"):
                limit = self.values.get(border) or 0
                numbers |= {limit, limit + 1}
        return numbers

    def _numbers(self, derived: str) -> set[int]:
        """Working days on each side of every limit that a condition on a derived fact has."""
        limits = {test.value for test in self._tests.get(derived, ()) if not test.presence}
        return {
            limit + step for limit in limits for step in (-1, 0, 1) if 0 <= limit + step <= FARTHEST
        }


def changed(request: Request, moves: Iterable[Move]) -> Request | None:
    """The request with some moves made; None when they do not go together."""
    facts: Facts = dict(request.known())
    try:
        for move in sorted(
            moves, key=lambda one: one.fact == "end"
        ):  # how long it lasts depends on when it begins
            move.apply(facts)
    except OverflowError:
        return None  # the calendar ends before the engagement
    start, end = facts.get("start"), facts.get("end")
    if start is not None and end is not None and end < start:
        return None
    return request.model_copy(update=facts)


def touched(fact: str) -> tuple[str, ...]:
    """The facts of the request that a move of one fact may change."""
    return (fact, *LINKED.get(fact, ()))


def derived_from(fact: str) -> tuple[str, ...]:
    """The facts of the request that a fact depends on without any rule."""
    return DERIVED_FROM.get(fact, (fact,))


def _members_of(test: Test) -> Iterable[str]:
    if isinstance(test.value, frozenset):
        return test.value
    return () if test.value is None else (test.value,)


def _setting(name: str, value: Any) -> Callable[[Facts], None]:
    def apply(facts: Facts) -> None:
        facts[name] = value

    return apply


def _counting(name: str, value: Any) -> Callable[[Facts], None]:
    def apply(facts: Facts) -> None:
        facts[name] = value
        for other in LINKED.get(name, ()):
            if facts.get(other) is not None:
                facts[other] = min(facts[other], value)

    return apply


def _starting(day: date) -> Callable[[Facts], None]:
    """Another first day; the engagement lasts as many working days as before."""

    def apply(facts: Facts) -> None:
        start, end = facts.get("start"), facts.get("end")
        facts["start"] = day
        if start is not None and end is not None:
            days = working_days(start, end) + (end.weekday() < 5)
            facts["end"] = lasting(day, days) if days >= 1 else day + (end - start)

    return apply


def _lasting(days: int) -> Callable[[Facts], None]:
    def apply(facts: Facts) -> None:
        if (start := facts.get("start")) is not None:
            facts["end"] = lasting(start, days)

    return apply


def lasting(start: date, days: int) -> date:
    """The last day of an engagement that takes a number of working days, 1 or more."""
    day = _working(start, up=True) + timedelta(days=(days - 1) // 5 * 7)
    for _ in range((days - 1) % 5):
        day = _working(day + timedelta(days=1), up=True)
    return day


def _noticed(received: date, days: int, up: bool) -> date:
    """The working day nearest to today's plan that gives a number of working days' notice: the
    first or the last.
    """
    day = received + timedelta(days=days // 5 * 7 - 7)
    while working_days(received, day) < days:
        day += timedelta(days=1)
    if up:
        return _working(day, up=True)
    while working_days(received, day + timedelta(days=1)) <= days:
        day += timedelta(days=1)
    return _working(day, up=False)


def _dated(make: Callable[..., date], *values: Any) -> date | None:
    """A day, or None beyond the end of the calendar."""
    try:
        return make(*values)
    except OverflowError:
        return None


def _stepped(day: date, step: int, up: bool) -> date:
    return _working(day + timedelta(days=step), up)


def _working(day: date, up: bool) -> date:
    """The day itself, or the nearest Monday to Friday after it (or before it)."""
    while day.weekday() >= 5:
        day += timedelta(days=1 if up else -1)
    return day
