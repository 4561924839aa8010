"""What is used of the limits so far, and what a request lacks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import Claim


class Shortage(NamedTuple):
    """A slot in which a request does not fit, and by how much."""

    need: Need
    over: int


@dataclass
class Ledger:
    """What is used of each slot, in units of the book, and by whom."""

    book: Book
    used: dict[Slot, int] = field(default_factory=dict)
    _users: dict[Slot, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, claim: Claim, needs: Iterable[Need]) -> None:
        for slot, amount, _ in needs:
            self.used[slot] = self.used.get(slot, 0) + amount
            # Windows overlap: a rolling limit keeps who begins on the day that ends a window.
            if not self.book.rolling[slot[0]] or slot[2] == claim.day.toordinal():
                self._users[slot].append(claim.id)

    def short(self, needs: Iterable[Need]) -> list[Shortage]:
        """The slots in which a request does not fit."""
        used, room, found = self.used, self.book.room, []
        for need in needs:
            over = used.get(need.slot, 0) + need.amount - room(need.slot)
            if over > 0:
                found.append(Shortage(need, over))
        return found

    def users(self, slot: Slot) -> list[str]:
        """The ids of the engagements in a slot, in the order in which they were added."""
        place, group, end = slot
        if not self.book.rolling[place]:
            return self._users.get(slot, [])
        first = end - self.book.limits[place].days + 1
        days = ((place, group, day) for day in range(first, end + 1))
        return [id for day in days for id in self._users.get(day, ())]
