"""Requests in rank order: each is taken when it fits beside everything that ranks higher.

A request that has to wait keeps its place: lower ranks do not get what it asked for. So taking a
request out of an inbox never makes another one wait. Two bounds keep this from wasting room. A
request that does not fit beside what is committed even alone asks for nothing. And what waits at
one limit counts at another only as far as the first limit could ever let it through.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from triage.limits.book import Book, Need, Slot

SHUT_BEYOND = 2
"""A slot of which more than so many times its room is asked counts no further."""
MOST_WEIGHED = 256
"""The most requests of a limit on their number for which each amount of another measure is kept."""


@dataclass
class Queue:
    """What is used of each slot by the requests so far, and the most that could come to be used.

    `bound` has for each slot a number for every limit and one more. Each is a bound on what the
    requests so far can take there together: the last is the sum of what they ask, the others add
    only what their limit could let through.
    """

    book: Book
    committed: dict[Slot, int] = field(default_factory=dict)
    used: dict[Slot, int] = field(default_factory=dict)
    bound: dict[Slot, list[int]] = field(default_factory=dict)
    _shut: set[Slot] = field(default_factory=set)
    _asked: dict[Slot, int] = field(default_factory=dict)
    _passed: dict[Slot, list[tuple[Sequence[Need], Need]]] = field(default_factory=dict)
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
        """Count what a request asks, whether it is taken or waits; in full if `always` in."""
        narrow = [] if always else self._doors(needs)
        for slot, amount, _ in needs:
            if slot in self._shut:
                continue
            bounds = self.bound[slot] = [number + amount for number in self._bounds(slot)]
            for door in narrow:
                if self._bounding(door.slot, slot):
                    bounds[door.slot[0]] += self._passing(slot, amount, door) - amount
            if min(bounds) > self.book.room(slot) * SHUT_BEYOND:
                self._shut.add(slot)

    def _bounding(self, door: Slot, slot: Slot) -> bool:
        """Whether a door may let too little through to fill a slot, by the limits alone."""
        book, through = self.book, door[0]
        if through == slot[0] or book.rolling[slot[0]]:
            return False
        if book.limits[through].measure == book.limits[slot[0]].measure:
            return book.room(door) < book.room(slot)
        return book.limits[through].measure == "count" and book.room(door) <= MOST_WEIGHED

    def _doors(self, needs: Sequence[Need]) -> list[Need]:
        """The slots too small for all that is asked of them, which bounds what others can get.

        Where a limit counts a request in several groups, the first of them is looked at.
        """
        narrow = []
        seen: set[int] = set()
        for door in needs:
            slot = door.slot
            if slot[0] in seen or self.book.rolling[slot[0]]:
                continue
            seen.add(slot[0])
            asked = self._asked[slot] = self._asked.get(slot, 0) + door.amount
            if asked <= self.book.room(slot) - self.committed.get(slot, 0):
                # As long as all of it fits, everything passes.
                self._passed.setdefault(slot, []).append((needs, door))
                continue
            for earlier, through in self._passed.pop(slot, ()):
                for other, amount, _ in earlier:
                    if self._bounding(slot, other):
                        self._passing(other, amount, through)
            narrow.append(door)
        return narrow

    def shut(self, slot: Slot) -> bool:
        """Whether so much is asked of a slot that its numbers are no longer exact."""
        return slot in self._shut

    def full(self, slot: Slot) -> bool:
        """Whether nothing at all fits into a slot, however little it is."""
        bounds = self.bound.get(slot)
        return bounds is not None and min(bounds) >= self.book.room(slot)

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
        """Whether a request fits everywhere but in one slot, whatever that slot lets through."""
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
        return all(
            self.committed.get(slot, 0) + amount <= self.book.room(slot)
            for slot, amount, _ in needs
        )

    def opens_at(self, needs: Iterable[Need]) -> tuple[Slot, int] | None:
        """The only slot in which a request does not fit even alone, and the room that it lacks."""
        over = [
            (slot, self.committed.get(slot, 0) + amount - self.book.room(slot))
            for slot, amount, _ in needs
        ]
        found = [(slot, wanting) for slot, wanting in over if wanting > 0]
        return found[0] if len(found) == 1 else None

    def held(self, slot: Slot) -> int:
        """How much of a slot is kept for requests that wait: no more than there is."""
        most = min(*self.bound.get(slot, [0]), self.book.room(slot))
        return max(0, most - self.used.get(slot, 0))

    def _bounds(self, slot: Slot) -> list[int]:
        # Windows of days overlap, and there are many: they have the sum alone.
        count = 1 if self.book.rolling[slot[0]] else len(self.book.limits) + 1
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
