"""Requests in rank order: each is taken when it fits beside what stands above it, and nobody overtakes.

A request that has to wait keeps its place: what it asked for is not handed to one that ranks lower. So taking a request
out of an inbox never costs another one its place, which first come, first served by size would not give. Two bounds
keep that from wasting room. A request that does not fit beside what is committed even alone asks for nothing. And what
waits at one limit counts at another only as far as the first limit could ever let it through.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from triage.limits.book import Book, Need, Slot
from triage.periods import ROLLING


@dataclass
class Queue:
    """What stands above the next request: what is used of each slot, and the most that could come to be used.

    `bound` has for each slot a number for every limit and one more, each of them a bound on what the requests so far
    can take there together: the last one simply adds up, the others add up only what their limit could let through.
    """

    book: Book
    committed: dict[Slot, int] = field(default_factory=dict)
    used: dict[Slot, int] = field(default_factory=dict)
    bound: dict[Slot, list[int]] = field(default_factory=dict)
    _summed: dict[tuple[Slot, Slot], int] = field(default_factory=dict)
    _largest: dict[tuple[Slot, Slot], list[int]] = field(default_factory=dict)

    def commit(self, needs: Iterable[Need]) -> None:
        """Count what is accepted already."""
        for slot, amount, _ in needs:
            self.committed[slot] = self.committed.get(slot, 0) + amount
            self.used[slot] = self.used.get(slot, 0) + amount
            self.bound[slot] = [number + amount for number in self._bounds(slot)]

    def take(self, needs: Iterable[Need]) -> None:
        """Count what is taken now."""
        for slot, amount, _ in needs:
            self.used[slot] = self.used.get(slot, 0) + amount

    def ask(self, needs: Sequence[Need], always: bool = False) -> None:
        """Keep a place for a request, whether it is taken or waits; one that is `always` in counts in full."""
        through: dict[int, Need] = {}
        for need in () if always else needs:
            if self.book.limits[need.slot[0]].per != ROLLING:
                # In several groups of one limit it counts by the first: each of them bounds it.
                through.setdefault(need.slot[0], need)
        for slot, amount, _ in needs:
            bounds = self.bound[slot] = self._bounds(slot)
            place = slot[0]
            for other in range(len(bounds)):
                door = through.get(other)
                if door is None or other == place or len(bounds) == 1:
                    bounds[other] += amount
                else:
                    bounds[other] += self._passing(slot, amount, door)

    def short(self, needs: Iterable[Need]) -> list[tuple[Need, int]]:
        """The slots in which a request does not fit beside all above it, and by how much."""
        found = []
        for need in needs:
            bounds = self.bound.get(need.slot)
            over = (min(bounds) if bounds else 0) + need.amount - self.book.room(need.slot)
            if over > 0:
                found.append((need, over))
        return found

    def fits_without(self, needs: Iterable[Need], slot: Slot) -> bool:
        """Whether a request fits everywhere but in one slot, however much that slot may let through."""
        for need in needs:
            if need.slot == slot:
                continue
            bounds = self.bound.get(need.slot)
            if bounds is None:
                bounds = [0]
            elif len(bounds) > 1:
                bounds = [number for other, number in enumerate(bounds) if other != slot[0]]
            if min(bounds) + need.amount > self.book.room(need.slot):
                return False
        return True

    def fits_alone(self, needs: Iterable[Need]) -> bool:
        """Whether a request fits beside what is committed, if it were the only one."""
        return all(self.committed.get(slot, 0) + amount <= self.book.room(slot) for slot, amount, _ in needs)

    def held(self, slot: Slot) -> int:
        """How much of a slot is kept for requests that wait."""
        return max(0, min(self.bound.get(slot, [0])) - self.used.get(slot, 0))

    def _bounds(self, slot: Slot) -> list[int]:
        # Windows of days overlap, and there are many: they simply add up.
        count = 1 if self.book.limits[slot[0]].per == ROLLING else len(self.book.limits) + 1
        return self.bound.get(slot) or [0] * count

    def _passing(self, slot: Slot, amount: int, door: Need) -> int:
        """By how much the most that can pass a door into a slot grows with one more request."""
        room = max(0, self.book.room(door.slot) - self.committed.get(door.slot, 0))
        measure, through = self.book.limits[slot[0]].measure, self.book.limits[door.slot[0]].measure
        pair = (slot, door.slot)
        if through == measure and amount <= door.amount:
            before = self._summed.get(pair, 0)
            self._summed[pair] = before + amount
            return min(before + amount, room) - min(before, room)
        if through == "count":
            largest = self._largest.setdefault(pair, [])
            if len(largest) < room:
                heapq.heappush(largest, amount)
                return amount
            return amount - heapq.heappushpop(largest, amount) if largest else 0
        return amount
