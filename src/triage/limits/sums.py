"""Sums by slot. Windows of a rolling limit are held as steps: thousands of days, few changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from triage.limits.book import Slot

Steps = tuple[list[int], list[int]]
"""The days on which a sum changes, ascending, and the sum from each of them on."""


class Sums:
    """A whole number for each slot, 0 where nothing was added.

    What is given as a slot and a `last` day is the slot and all that follow it in the same limit
    and group up to that day: one slot of a calendar limit, or a run of windows.
    """

    def __init__(self) -> None:
        self._steps: dict[tuple[int, str], Steps] = {}

    def copy(self) -> "Sums":
        found = Sums()
        found._steps = {key: (days[:], sums[:]) for key, (days, sums) in self._steps.items()}
        return found

    def add(self, slot: Slot, last: int, amount: int) -> None:
        """Add an amount to each slot of a run."""
        place, group, first = slot
        days, sums = self._steps.setdefault((place, group), ([0], [0]))
        start, end = _cut(days, sums, first), _cut(days, sums, last + 1)
        for at in range(start, end):
            sums[at] += amount

    def most(self, slot: Slot, last: int) -> int:
        """The greatest sum of a run."""
        place, group, first = slot
        steps = self._steps.get((place, group))
        if steps is None:
            return 0
        days, sums = steps
        start = bisect_right(days, first) - 1
        if first == last:
            return sums[start]
        return max(sums[start : bisect_right(days, last, start)])

    def at(self, slot: Slot) -> int:
        """The sum of one slot."""
        return self.most(slot, slot[2])

    def parts(self, slot: Slot, last: int) -> Iterator[tuple[int, int, int]]:
        """A run in parts of one sum each: first and last day, and the sum."""
        place, group, first = slot
        days, sums = self._steps.get((place, group), ([0], [0]))
        at = bisect_right(days, first) - 1
        while first <= last:
            at += 1
            end = min(last, days[at] - 1) if at < len(days) else last
            yield first, end, sums[at - 1]
            first = end + 1

    def added(self) -> Iterator[tuple[Slot, int, int]]:
        """Every run with a sum above 0: its first slot, its last day, and the sum."""
        for (place, group), (days, sums) in self._steps.items():
            # The sum is 0 again from the last of the days on.
            for first, after, amount in zip(days, days[1:], sums, strict=False):
                if amount > 0:
                    yield (place, group, first), after - 1, amount


def _cut(days: list[int], sums: list[int], day: int) -> int:
    """Where the steps have a day, which is put in if it is not there."""
    at = bisect_left(days, day)
    if at == len(days) or days[at] != day:
        days.insert(at, day)
        sums.insert(at, sums[at - 1])
    return at
