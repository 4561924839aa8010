"""What is used of each limit by the engagements that are in: a row for each group and period."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import UNKNOWN, Claim
from triage.limits.ledger import Ledger
from triage.limits.outcome import Next, Use
from triage.limits.sums import Sums
from triage.model.periods import ROLLING, Span, calendar_span, rolling_span

Windows = dict[tuple[int, str], list[tuple[Claim, Need, bool]]]
"""What takes of the windows of each group, by limit; true for what is committed."""


@dataclass
class _Row:
    """What is in a slot, in units of the book."""

    used: int = 0
    reserved: int = 0
    committed: int = 0
    ids: list[str] = field(default_factory=list)
    reserved_for: list[str] = field(default_factory=list)

    def add(self, claim: Claim, need: Need, before: bool) -> None:
        self.committed += need.amount if before else 0
        if need.reserved:
            self.reserved += need.amount
            self.reserved_for.append(claim.id)
        else:
            self.used += need.amount
            self.ids.append(claim.id)


def uses(
    ledger: Ledger,
    committed: Iterable[Claim],
    taken: Iterable[Claim],
    waiting: Sums,
    nexts: Mapping[Slot, tuple[Next | None, str | None]],
) -> tuple[Use, ...]:
    """A `Use` for each slot that an engagement is in or waits for, and for each unknown group.

    Of a rolling limit only the fullest window of each group is told. `waiting` counts those that
    wait for a slot; `nexts` has the first request that a slot alone keeps out, and the id of the
    one that one more unit lets in.
    """
    book, rows, windows = ledger.book, defaultdict[Slot, _Row](_Row), Windows()
    unknown: dict[tuple[int, date], list[str]] = {}
    for claims, before in ((committed, True), (taken, False)):
        for claim in claims:
            for need in book.needs(claim, claim.day):
                if book.rolling[need.slot[0]]:
                    windows.setdefault(need.slot[:2], []).append((claim, need, before))
                else:
                    rows[need.slot].add(claim, need, before)
            for demand in claim.demands:
                if demand.group == UNKNOWN:
                    unknown.setdefault((demand.limit, claim.day), []).append(claim.id)
    for slot in _fullest(ledger, windows, waiting):
        rows[slot] = _Row()
        for claim, need, before in windows.get(slot[:2], ()):
            if need.slot[2] <= slot[2] <= need.last:
                rows[slot].add(claim, need, before)
    for slot, _, _ in waiting.added():
        if not book.rolling[slot[0]]:
            rows.setdefault(slot, _Row())
    found = [_use(book, slot, row, waiting, nexts) for slot, row in rows.items()]
    found += _unknown(book, unknown)
    return tuple(sorted(found, key=lambda use: (use.limit, use.group, use.span)))


def _fullest(ledger: Ledger, windows: Windows, waiting: Sums) -> Iterator[Slot]:
    """The fullest window of each group of a rolling limit; one that is waited for comes first."""
    book = ledger.book
    runs: dict[tuple[int, str], list[tuple[Slot, int]]] = defaultdict(list)
    for slot, last, _ in waiting.added():
        if book.rolling[slot[0]]:
            runs[slot[:2]].append((slot, last))
    for key, takers in windows.items():
        if key not in runs:
            runs[key] = [(need.slot, need.last) for _, need, _ in takers]
    for (place, group), chosen in runs.items():
        _, day = min(
            (book.room(slot) - used, first)
            for slot, last in chosen
            for first, _, used in ledger.used.parts(slot, last)
        )
        yield place, group, day


def _use(
    book: Book,
    slot: Slot,
    row: _Row,
    waiting: Sums,
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
        deferred=waiting.at(slot),
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
