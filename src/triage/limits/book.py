"""The limits of a policy as slots with room in whole numbers: one a limit, group and period.

A calendar limit counts an engagement in one period. A rolling limit counts it in each window of so
many days that its first day lies in; every window has its own room.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from triage.limits.demands import UNKNOWN, Claim
from triage.model.periods import ROLLING, Span, calendar_span, rolling_span
from triage.model.policy import Cap, Limit, Policy, Suspension

Slot = tuple[int, str, int]
"""The place of a limit in the policy, the group, and the first day of the period as an ordinal; of
a window of days its last day.
"""

LONGEST = timedelta(days=731)


class Need(NamedTuple):
    """What a claim takes of a slot, in `Book.unit`; `reserved` if it is not known for certain.

    Of a rolling limit it takes the same of each window from that slot to the one that ends on the
    day `last`, and all these have the same room. Of a calendar limit `last` is the slot's own day.
    """

    slot: Slot
    last: int
    amount: int
    reserved: bool

    def slots(self) -> Iterator[Slot]:
        """Every slot, one by one."""
        place, group, first = self.slot
        return ((place, group, day) for day in range(first, self.last + 1))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A period of a limit: its value in force, and the room that suspensions leave of it."""

    span: Span
    first: int
    """The first day as an ordinal."""
    cap: Cap | None
    room: int
    set_aside: int


class Book:
    """The limits, with the whole numbers in which everything is counted.

    Each measure is scaled by a power of ten that makes all its amounts whole, so that sums and
    comparisons are exact. `unit`, by place, is one of the measure itself: one day, one dollar.
    `horizon` is the last day that a search looks at: two years after the last day on which anything
    is known to change.
    """

    def __init__(self, policy: Policy, claims: Iterable[Claim]) -> None:
        self.policy, self.limits = policy, policy.limits
        self.unit = [1] * len(policy.limits)
        places = dict.fromkeys((limit.measure for limit in policy.limits), 0)
        for limit in policy.limits:
            for cap in limit.at_most:
                for value in (cap.value, cap.for_unknown):
                    places[limit.measure] = max(places[limit.measure], _places(value))
        for suspension in policy.suspensions:
            for name, value in suspension.reserves:
                measure = next(limit.measure for limit in policy.limits if limit.id == name)
                places[measure] = max(places[measure], _places(value))
        last, amounts = date.min, set[tuple[int, Decimal | None]]()
        for claim in claims:
            last = max(last, claim.day)
            amounts.update((demand.limit, demand.amount) for demand in claim.demands)
        for place, amount in amounts:
            measure = policy.limits[place].measure
            places[measure] = max(places[measure], _places(amount))
        self.unit = [10 ** places[limit.measure] for limit in policy.limits]
        self._stretches: dict[tuple[int, int], _Stretch] = {}
        self._rooms: dict[Slot, int] = {}
        self._sizes: dict[tuple[Decimal, int], int] = {}
        self.rolling = [limit.per == ROLLING for limit in policy.limits]
        dated = [cap.since for limit in policy.limits for cap in limit.at_most]
        ends = [suspension.in_force.end for suspension in policy.suspensions]
        ahead = max([last, *dated, *(end for end in ends if end is not None)])
        self.horizon = ahead + LONGEST if ahead < date.max - LONGEST else date.max
        self._changes = [self._change_days(limit) for limit in policy.limits]

    def _change_days(self, limit: Limit) -> list[int]:
        """The days from which on the windows of a limit have another value or another room."""
        changes = {cap.since.toordinal() for cap in limit.at_most}
        for suspension in self.policy.suspensions:
            start, end = suspension.in_force.start, suspension.in_force.end
            changes |= {start.toordinal()} if start else set()
            changes |= {end.toordinal() + 1} if end else set()
        return sorted(changes)

    def needs(self, claim: Claim, day: date) -> list[Need]:
        """What a claim takes of each slot if it lies on a day; nothing of limits not in force."""
        found: list[Need] = []
        ordinal = day.toordinal()
        for place, group, amount, sure in claim.demands:
            if group == UNKNOWN:
                continue
            reserved = amount is None or not sure
            unit = self.unit[place]
            known = None if amount is None else self._size(amount, unit)
            if self.rolling[place]:
                for first, last in self._runs(place, ordinal):
                    window = self._stretches.get((place, first)) or self._window(place, first)
                    if window.cap is not None:
                        size = self._size(window.cap.for_unknown, unit) if known is None else known
                        found.append(Need((place, group, first), last, size, reserved))
                continue
            stretch = self._stretches.get((place, ordinal)) or self.stretch(place, day)
            if stretch.cap is not None:
                first = stretch.first
                size = self._size(stretch.cap.for_unknown, unit) if known is None else known
                found.append(Need((place, group, first), first, size, reserved))
        return found

    def _size(self, value: Decimal, unit: int) -> int:
        found = self._sizes.get((value, unit))
        if found is None:
            found = self._sizes[value, unit] = _scaled(value, unit)
        return found

    def stretch(self, place: int, day: date) -> _Stretch:
        """The calendar period of a limit that a day lies in."""
        found = self._stretches.get((place, day.toordinal()))
        if found is None:
            span = calendar_span(self.limits[place].per, day)
            first = (place, span.start.toordinal())
            found = self._stretches.get(first) or self._settled(place, span, span.start)
            self._stretches[first] = self._stretches[place, day.toordinal()] = found
        return found

    def _runs(self, place: int, first: int) -> list[tuple[int, int]]:
        """The windows that a day lies in, by the days that end them, in runs on equal terms."""
        last = min(first + self.limits[place].days - 1, date.max.toordinal())
        runs = []
        for change in self._changes[place]:
            if first < change <= last:
                runs.append((first, change - 1))
                first = change
        runs.append((first, last))
        return runs

    def _window(self, place: int, end: int) -> _Stretch:
        found = self._stretches.get((place, end))
        if found is None:
            last = date.fromordinal(end)
            span = rolling_span(self.limits[place].days, last)
            found = self._stretches[place, end] = self._settled(place, span, last)
        return found

    def _settled(self, place: int, span: Span, day: date) -> _Stretch:
        limit = self.limits[place]
        # A value that begins inside a period holds for the whole of it: there is no other.
        cap = limit.on(day) or (_begun(limit, span) if span.per != ROLLING else None)
        if cap is None or cap.value is None:
            return _Stretch(span, span.start.toordinal(), None, 0, 0)
        aside = sum(
            _scaled(amount, self.unit[place])
            for suspension in self.policy.suspensions
            for name, amount in suspension.reserves
            if name == limit.id and _overlaps(suspension, span, day)
        )
        room = _scaled(cap.value, self.unit[place])
        left = max(0, room - aside)
        return _Stretch(span, span.start.toordinal(), cap, left, min(aside, room))

    def of(self, slot: Slot) -> _Stretch:
        """The period of a slot."""
        place, _, day = slot
        return self._window(place, day) if self.rolling[place] else self.stretch(place, _day(day))

    def room(self, slot: Slot) -> int:
        """How much a slot lets through in all."""
        found = self._rooms.get(slot)
        if found is None:
            found = self._rooms[slot] = self.of(slot).room
        return found

    def free_after(self, slot: Slot) -> int:
        """The first day, as an ordinal, that no longer falls into a slot."""
        return self.of(slot).span.end.toordinal() + 1

    def slot_on(self, slot: Slot, day: int) -> Slot | None:
        """The slot of the same limit and group on a day; None if not in force, or a window."""
        place, group, _ = slot
        if self.rolling[place]:
            return None
        stretch = self.stretch(place, _day(day))
        return None if stretch.cap is None else (place, group, stretch.first)

    def amount(self, place: int, units: int) -> Decimal:
        """A number of units of a limit as what it measures."""
        return Decimal(units) / self.unit[place]

    def suspension(self, claim: Claim, day: date) -> Suspension | None:
        """The first suspension that keeps a claim from a day; it never keeps a mandatory one."""
        if not claim.mandatory:
            for suspension in self.policy.suspensions:
                if claim.score < suspension.below and suspension.in_force.covers(day):
                    return suspension
        return None


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _begun(limit: Limit, span: Span) -> Cap | None:
    caps = (cap for cap in limit.at_most if span.start < cap.since <= span.end)
    return next((cap for cap in caps if cap.value is not None), None)


def _overlaps(suspension: Suspension, span: Span, day: date) -> bool:
    if span.per == ROLLING:
        return suspension.in_force.covers(day)
    start, end = suspension.in_force.start or date.min, suspension.in_force.end or date.max
    return start <= span.end and span.start <= end


def _places(value: Decimal | None) -> int:
    if value is None:
        return 0
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _scaled(value: Decimal, unit: int) -> int:
    """A decimal in whole units, exactly, whatever its length."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * unit // denominator
