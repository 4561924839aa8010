"""The first later day on which a request that waits would fit."""

from dataclasses import dataclass, field
from datetime import date

from triage.limits.book import Need, Slot
from triage.limits.demands import Claim
from triage.limits.ledger import Ledger


@dataclass
class LaterDays:
    """Finds the first later day on which a request fits beside what a ledger has.

    The ledger only grows, so a day on which nothing fitted is never tried again.
    """

    ledger: Ledger
    _searched: dict[tuple[object, int], tuple[int, int]] = field(default_factory=dict)
    _skip: dict[Slot, int] = field(default_factory=dict)

    def add(self, claim: Claim) -> date | None:
        """The first day after its own on which a request fits, where it is then counted."""
        book = self.ledger.book
        start, last = claim.day.toordinal() + 1, book.horizon.toordinal()
        # The same demands were refused on every day from `begun` to before `reached`.
        key = (claim.demands, claim.score if book.policy.suspensions else 0)
        begun, reached = self._searched.get(key, (start, start))
        known = begun <= start <= reached
        found, needs = self._search(claim, reached if known else start, last)
        self._searched[key] = (begun if known else start, found)
        if found > last:
            return None
        self.ledger.reserve(needs)
        return date.fromordinal(found)

    def _search(self, claim: Claim, day: int, last: int) -> tuple[int, list[Need]]:
        """The first day from `day` on which the request fits, or one after the `last`.

        With what it takes on that day.
        """
        book, needs = self.ledger.book, list[Need]()
        while day <= last:
            moved = date.fromordinal(day)
            if (suspension := book.suspension(claim, moved)) is not None:
                end = suspension.in_force.end
                day = last + 1 if end is None else end.toordinal() + 1
                continue
            needs = book.needs(claim, moved)
            shortages = self.ledger.short(needs)
            if not shortages:
                break
            # A slot that is too full is so on each of its days.
            day = max(self._open_after((*slot[:2], end)) for _, slot, end, _ in shortages)
        return day, needs

    def _open_after(self, slot: Slot) -> int:
        """The first day after a slot and after the full slots that follow it."""
        book, passed = self.ledger.book, [slot]
        while True:
            day = self._skip.get(slot) or book.free_after(slot)
            following = book.slot_on(slot, day) if day <= book.horizon.toordinal() else None
            if following is None or not self._full(following):
                break
            slot = following
            passed.append(slot)
        self._skip.update((slot, day) for slot in passed if self._full(slot))
        return day

    def _full(self, slot: Slot) -> bool:
        return self.ledger.used.at(slot) >= self.ledger.book.room(slot)
