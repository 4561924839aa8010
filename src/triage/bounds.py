"""What is still possible while facts are unknown: the reachable recommendations, and which fact could change the one given.

Each uncertain rule is taken both ways, independently of the others. That can only find too much, never too little: the true
set of outcomes is always inside. Sums of points are sets of whole numbers, kept as the bits of one integer.
"""

from collections.abc import Iterable, Sequence

from triage.matching import Uncertain
from triage.policy import RANKED, Recommendation
from triage.snapshots import ActiveRule, Snapshot

LOWEST, HIGHEST = 0, len(RANKED) - 1


def outcome(snapshot: Snapshot, rules: Iterable[ActiveRule]) -> tuple[list[int], int, int, int]:
    """Points by criterion (capped), and the ranks of the threshold's answer, the ceiling and the floor."""
    points = [0] * len(snapshot.maxima)
    ceiling, floor = HIGHEST, LOWEST
    for rule in rules:
        for criterion, number in rule.points:
            points[criterion] += number
        if rule.rule.then.ceiling is not None:
            ceiling = min(ceiling, rule.rule.then.ceiling.rank)
        if rule.rule.then.floor is not None:
            floor = max(floor, rule.rule.then.floor.rank)
    capped = [min(found, maximum) for found, maximum in zip(points, snapshot.maxima, strict=True)]
    return capped, snapshot.threshold(sum(capped)).rank, ceiling, floor


def recommend(answer: int, ceiling: int, floor: int) -> int:
    """Thresholds, then ceilings, then floors."""
    return max(min(answer, ceiling), floor)


class Bounds:
    """The reachable outcomes of one assessment."""

    def __init__(self, snapshot: Snapshot, sure: Iterable[ActiveRule], uncertain: Sequence[Uncertain]) -> None:
        self._snapshot, self._uncertain = snapshot, uncertain
        self._points, _, self._ceiling, self._floor = outcome(snapshot, sure)
        self.possible = self._reachable(uncertain)

    def _reachable(self, uncertain: Sequence[Uncertain]) -> set[int]:
        if not uncertain:
            points = sum(self._points)
            return {recommend(self._snapshot.threshold(points).rank, self._ceiling, self._floor)}
        sums = self._sums(uncertain)
        accept, defer = self._snapshot.accept, self._snapshot.defer
        below_accept, below_defer = (1 << max(accept, 0)) - 1, (1 << max(defer, 0)) - 1
        answers = set()
        if sums & ~below_accept:
            answers.add(2)
        if sums & below_accept & ~below_defer:
            answers.add(1)
        if sums & below_accept & below_defer:
            answers.add(0)
        return {
            recommend(answer, ceiling, floor)
            for answer in answers
            for ceiling in self._ceilings(uncertain)
            for floor in self._floors(uncertain)
        }

    def _sums(self, uncertain: Sequence[Uncertain]) -> int:
        """The scores that can be reached, as bits."""
        total = 1
        extra: dict[int, list[int]] = {}
        for one in uncertain:
            for criterion, number in one.rule.points:
                extra.setdefault(criterion, []).append(number)
        for criterion, base in enumerate(self._points):
            maximum = self._snapshot.maxima[criterion]
            reached = 1 << base
            for number in extra.get(criterion, ()):
                more = reached << number
                over = more >> (maximum + 1)
                reached |= (more & ((1 << (maximum + 1)) - 1)) | ((1 << maximum) if over else 0)
            total = _added(total, reached)
        return total

    def _ceilings(self, uncertain: Sequence[Uncertain]) -> set[int]:
        found = {one.rule.rule.then.ceiling for one in uncertain}
        return {self._ceiling} | {min(self._ceiling, one.rank) for one in found if one is not None}

    def _floors(self, uncertain: Sequence[Uncertain]) -> set[int]:
        found = {one.rule.rule.then.floor for one in uncertain}
        return {self._floor} | {max(self._floor, one.rank) for one in found if one is not None}

    def could_change(self, fact: str) -> bool:
        """Whether an answer to this fact, with some answers to the other unknown facts, changes the recommendation."""
        if len(self.possible) == 1:
            return False
        own = [one for one in self._uncertain if fact in one.waits]
        others = [one for one in self._uncertain if fact not in one.waits]
        gain = self._gain(own)
        low_ceiling = min((one.rule.rule.then.ceiling or RANKED[HIGHEST]).rank for one in own)
        high_floor = max((one.rule.rule.then.floor or RANKED[LOWEST]).rank for one in own)
        sums = self._sums(others)
        pairs = set()
        while sums:
            lowest = sums & -sums
            score = lowest.bit_length() - 1
            pairs.add((self._answer(score), self._answer(score + gain)))
            sums ^= lowest
        return any(
            recommend(least, min(ceiling, low_ceiling), floor) != recommend(most, ceiling, max(floor, high_floor))
            for least, most in pairs
            for ceiling in self._ceilings(others)
            for floor in self._floors(others)
        )

    def _answer(self, score: int) -> int:
        return self._snapshot.threshold(score).rank

    def _gain(self, own: Sequence[Uncertain]) -> int:
        extra = [0] * len(self._points)
        for one in own:
            for criterion, number in one.rule.points:
                extra[criterion] += number
        room = (m - p for m, p in zip(self._snapshot.maxima, self._points, strict=True))
        return sum(min(number, left) for number, left in zip(extra, room, strict=True))


def _added(first: int, second: int) -> int:
    """All sums of a number of the first set and one of the second."""
    total = 0
    while second:
        lowest = second & -second
        total |= first << (lowest.bit_length() - 1)
        second ^= lowest
    return total


def names(ranks: Iterable[int]) -> list[Recommendation]:
    """Recommendations from the most favourable down."""
    return [RANKED[rank] for rank in sorted(ranks, reverse=True)]
