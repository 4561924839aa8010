"""What is used of the limits so far, and what a request lacks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import Claim
from triage.limits.sums import Sums


class Shortage(NamedTuple):
    """A slot in which a request does not fit, and by how much; or a run of windows to `last`."""

    need: Need
    slot: Slot
    last: int
    over: int


@dataclass
class Ledger:
    """What is used of each slot, in units of the book, and by whom."""

    book: Book
    used: Sums = field(default_factory=Sums)
    _users: dict[tuple[int, str], tuple[list[int], list[str]]] = field(default_factory=dict)
    """By limit and group: the days of its slots, ascending, and the id of who is in each."""

    def add(self, claim: Claim, needs: Sequence[Need]) -> None:
        self.reserve(needs)
        for (place, group, day), _, _, _ in needs:
            # Windows overlap: a rolling limit keeps who begins on the day that ends a window.
            if not self.book.rolling[place] or day == claim.day.toordinal():
                days, ids = self._users.setdefault((place, group), ([], []))
                at = bisect_right(days, day)
                days.insert(at, day)
                ids.insert(at, claim.id)

    def reserve(self, needs: Iterable[Need]) -> None:
        """Count what is taken without noting by whom."""
        for slot, last, amount, _ in needs:
            self.used.add(slot, last, amount)

    def short(self, needs: Iterable[Need]) -> list[Shortage]:
        """The slots in which a request does not fit."""
        most, room, found = self.used.most, self.book.room, []
        for need in needs:
            free = room(need.slot) - need.amount
            if most(need.slot, need.last) <= free:
                continue
            place, group, _ = need.slot
            for first, last, used in self.used.parts(need.slot, need.last):
                if used > free:
                    found.append(Shortage(need, (place, group, first), last, used - free))
        return found

    def users(self, slot: Slot) -> list[str]:
        """The ids of the engagements in a slot, by day and then as they were added."""
        place, group, last = slot
        first = last - self.book.limits[place].days + 1 if self.book.rolling[place] else last
        days, ids = self._users.get((place, group), ([], []))
        return ids[bisect_left(days, first) : bisect_right(days, last)]
