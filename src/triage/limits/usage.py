"""What is used of each limit by the engagements that are in: a row for each group and period."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from triage.limits.book import Book, Slot
from triage.limits.demands import UNKNOWN, Claim
from triage.limits.outcome import Next, Use
from triage.model.periods import ROLLING, Span, calendar_span, rolling_span


@dataclass
class _Row:
    """What is in a slot, in units of the book."""

    used: int = 0
    reserved: int = 0
    committed: int = 0
    ids: list[str] = field(default_factory=list)
    reserved_for: list[str] = field(default_factory=list)


def uses(
    book: Book,
    committed: Iterable[Claim],
    taken: Iterable[Claim],
    waiting: Mapping[Slot, Sequence[str]],
    nexts: Mapping[Slot, tuple[Next | None, str | None]],
) -> tuple[Use, ...]:
    """A `Use` for each slot that an engagement is in or waits for, and for each unknown group.

    `waiting` has the ids of those that wait for a slot; `nexts` the first request that a slot alone
    keeps out, and the id of the one that one more unit lets in.
    """
    rows: dict[Slot, _Row] = {}
    unknown: dict[tuple[int, date], list[str]] = {}
    for claims, before in ((committed, True), (taken, False)):
        for claim in claims:
            _count(book, claim, before, rows)
            for demand in claim.demands:
                if demand.group == UNKNOWN:
                    unknown.setdefault((demand.limit, claim.day), []).append(claim.id)
    for slot in waiting:
        rows.setdefault(slot, _Row())
    shown = _shown(book, rows, waiting)
    found = [_use(book, slot, rows[slot], waiting, nexts) for slot in shown]
    found += _unknown(book, unknown)
    return tuple(sorted(found, key=lambda use: (use.limit, use.group, use.span)))


def _count(book: Book, claim: Claim, before: bool, rows: dict[Slot, _Row]) -> None:
    for need in book.needs(claim, claim.day):
        row = rows.setdefault(need.slot, _Row())
        row.committed += need.amount if before else 0
        if need.reserved:
            row.reserved += need.amount
            row.reserved_for.append(claim.id)
        else:
            row.used += need.amount
            row.ids.append(claim.id)


def _shown(
    book: Book, rows: Mapping[Slot, _Row], waiting: Mapping[Slot, Sequence[str]]
) -> Iterator[Slot]:
    """Every calendar slot, and the fullest window of each group of a rolling limit."""
    fullest: dict[tuple[int, str], tuple[tuple[bool, int, int], Slot]] = {}
    for slot, row in rows.items():
        place, group, day = slot
        if book.limits[place].per != ROLLING:
            yield slot
            continue
        key = (slot not in waiting, book.room(slot) - row.used - row.reserved, day)
        if (place, group) not in fullest or key < fullest[place, group][0]:
            fullest[place, group] = (key, slot)
    yield from (slot for _, slot in fullest.values())


def _use(
    book: Book,
    slot: Slot,
    row: _Row,
    waiting: Mapping[Slot, Sequence[str]],
    nexts: Mapping[Slot, tuple[Next | None, str | None]],
) -> Use:
    place, group, _ = slot
    period = book.of(slot)
    following, one_more = nexts.get(slot, (None, None))
    units = {
        "at_most": period.room + period.set_aside,
        "set_aside": period.set_aside,
        "committed": row.committed,
        "used": row.used,
        "reserved": row.reserved,
        "free": period.room - row.used - row.reserved,
    }
    return Use(
        limit=place,
        group=group,
        span=period.span,
        **{name: book.amount(place, number) for name, number in units.items()},
        ids=tuple(row.ids),
        reserved_for=tuple(row.reserved_for),
        deferred=len(waiting.get(slot, ())),
        one_more=one_more,
        next=following,
    )


def _unknown(book: Book, unknown: Mapping[tuple[int, date], list[str]]) -> Iterator[Use]:
    """What is in no known group, by period: counted, and held to nothing."""
    periods: dict[tuple[int, Span], list[str]] = {}
    for (place, day), ids in unknown.items():
        limit = book.limits[place]
        if limit.on(day) is not None:
            rolling = limit.per == ROLLING
            span = rolling_span(limit.days, day) if rolling else calendar_span(limit.per, day)
            periods.setdefault((place, span), []).extend(ids)
    for (place, span), ids in periods.items():
        yield Use(place, UNKNOWN, span, ids=tuple(ids))
