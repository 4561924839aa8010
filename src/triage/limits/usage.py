"""What is used of each limit, from the engagements that are in: a row for each group and period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from triage.limits.book import Book, Slot
from triage.limits.demands import UNKNOWN, Claim
from triage.limits.outcome import Next, Use
from triage.model.periods import ROLLING, Span, calendar_span, rolling_span


@dataclass
class _Row:
    used: int = 0
    reserved: int = 0
    committed: int = 0
    ids: list[str] = field(default_factory=list)
    reserved_for: list[str] = field(default_factory=list)


def uses(
    book: Book,
    committed: Iterable[Claim],
    taken: Iterable[Claim],
    held: Mapping[Slot, int],
    waiting: Mapping[Slot, Sequence[str]],
    nexts: Mapping[Slot, tuple[Next | None, str | None]],
) -> tuple[Use, ...]:
    """A row for each slot that anything touches: what is in it, what waits for it, and what more
    room would let in.
    """
    rows: dict[Slot, _Row] = {}
    unknown: dict[Slot, list[str]] = {}
    for claim, before in [*((one, True) for one in committed), *((one, False) for one in taken)]:
        for need in book.needs(claim, claim.day):
            row = rows.setdefault(need.slot, _Row())
            row.committed += need.amount if before else 0
            if need.reserved:
                row.reserved += need.amount
                row.reserved_for.append(claim.id)
            else:
                row.used += need.amount
                row.ids.append(claim.id)
        for demand in claim.demands:
            if demand.group == UNKNOWN:
                unknown.setdefault((demand.limit, UNKNOWN, claim.day.toordinal()), []).append(
                    claim.id
                )
    for slot in waiting:
        rows.setdefault(slot, _Row())
    found = [
        _use(book, slot, row, held, waiting, nexts) for slot, row in _shown(book, rows, waiting)
    ]
    return tuple(
        sorted([*found, *_unknown(book, unknown)], key=lambda one: (one.limit, one.group, one.span))
    )


def _shown(
    book: Book, rows: Mapping[Slot, _Row], waiting: Mapping[Slot, Sequence[str]]
) -> Iterable[tuple[Slot, _Row]]:
    """Every calendar slot, and the fullest window of each group of a rolling limit."""
    fullest: dict[tuple[int, str], tuple[tuple[bool, int, int], Slot]] = {}
    for slot, row in rows.items():
        place, group, day = slot
        if book.limits[place].per != ROLLING:
            yield slot, row
            continue
        key = (slot not in waiting, book.room(slot) - row.used - row.reserved, day)
        if (place, group) not in fullest or key < fullest[place, group][0]:
            fullest[place, group] = (key, slot)
    for _, slot in fullest.values():
        yield slot, rows[slot]


def _use(
    book: Book,
    slot: Slot,
    row: _Row,
    held: Mapping[Slot, int],
    waiting: Mapping[Slot, Sequence[str]],
    nexts: Mapping[Slot, tuple[Next | None, str | None]],
) -> Use:
    place, group, _ = slot
    stretch = book.of(slot)
    following, one_more = nexts.get(slot, (None, None))
    amounts = {
        "set_aside": stretch.set_aside,
        "committed": row.committed,
        "used": row.used,
        "reserved": row.reserved,
    }
    amounts |= {"free": stretch.room - row.used - row.reserved, "held": held.get(slot, 0)}
    return Use(
        limit=place,
        group=group,
        span=stretch.span,
        at_most=book.amount(place, stretch.room + stretch.set_aside),
        **{name: book.amount(place, units) for name, units in amounts.items()},
        ids=tuple(row.ids),
        reserved_for=tuple(row.reserved_for),
        deferred=len(waiting.get(slot, ())),
        one_more=one_more,
        next=following,
    )


def _unknown(book: Book, found: Mapping[Slot, list[str]]) -> Iterable[Use]:
    """What is in no known group: counted, and held to nothing."""
    rows: dict[tuple[int, Span], list[str]] = {}
    for (place, _, ordinal), ids in found.items():
        limit, day = book.limits[place], date.fromordinal(ordinal)
        if limit.on(day) is None:
            continue
        span = (
            rolling_span(limit.days, day) if limit.per == ROLLING else calendar_span(limit.per, day)
        )
        rows.setdefault((place, span), []).extend(ids)
    zero = Decimal(0)
    for (place, span), ids in rows.items():
        yield Use(
            place,
            UNKNOWN,
            span,
            None,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            tuple(ids),
            (),
            0,
            None,
            None,
        )
