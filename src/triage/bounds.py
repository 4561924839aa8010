"""What is still possible while facts are unknown: the reachable recommendations, and which facts could change them.

Each uncertain rule is taken both ways, independently of the others. That can only find too much, never too little: the
true set of outcomes is always inside. Sums of points are sets of whole numbers, kept as the bits of one integer.
"""

from collections.abc import Iterable, Sequence

from triage.active import ActiveRule
from triage.matching import Uncertain
from triage.policy import RANKED, Recommendation
from triage.snapshots import Snapshot

LOWEST, HIGHEST = 0, len(RANKED) - 1


def outcome(snapshot: Snapshot, rules: Iterable[ActiveRule]) -> tuple[list[int], int, int, int]:
    """Points by criterion (capped), and the ranks of the threshold's answer, the ceiling and the floor."""
    points = [0] * len(snapshot.maxima)
    ceiling, floor = HIGHEST, LOWEST
    for rule in rules:
        for criterion, number in rule.points:
            points[criterion] += number
        then = rule.rule.then
        if then.ceiling is not None:
            ceiling = min(ceiling, then.ceiling.rank)
        if then.floor is not None:
            floor = max(floor, then.floor.rank)
    capped = [min(found, maximum) for found, maximum in zip(points, snapshot.maxima, strict=True)]
    return capped, snapshot.threshold(sum(capped)).rank, ceiling, floor


def recommend(answer: int, ceiling: int, floor: int) -> int:
    """Thresholds, then ceilings, then floors."""
    return max(min(answer, ceiling), floor)


class Bounds:
    """The reachable outcomes of one assessment."""

    def __init__(
        self, snapshot: Snapshot, certain: tuple[list[int], int, int, int], uncertain: Sequence[Uncertain]
    ) -> None:
        """`certain` is the outcome of the rules that hold however the unknown facts turn out."""
        self._snapshot = snapshot
        self._points, _, self._ceiling, self._floor = certain
        self._scoring = [(one.rule.points, one.waits) for one in uncertain if one.rule.points]
        self._ceilings = [(bound.rank, one.waits) for one in uncertain if (bound := one.rule.rule.then.ceiling)]
        self._floors = [(bound.rank, one.waits) for one in uncertain if (bound := one.rule.rule.then.floor)]
        below_accept, below_defer = (1 << snapshot.accept) - 1, (1 << snapshot.defer) - 1
        self._ranges = (below_accept & below_defer, below_accept & ~below_defer, ~below_accept)
        movers = (*self._scoring, *self._ceilings, *self._floors)
        self._movers: frozenset[str] = frozenset().union(*(waits for _, waits in movers))
        self.possible = self._reachable()

    def _reachable(self) -> set[int]:
        sums = self._sums(None)
        answers = [rank for rank, scores in enumerate(self._ranges) if sums & scores]
        ceilings = {self._ceiling, *(min(self._ceiling, rank) for rank, _ in self._ceilings)}
        floors = {self._floor, *(max(self._floor, rank) for rank, _ in self._floors)}
        return {recommend(answer, ceiling, floor) for answer in answers for ceiling in ceilings for floor in floors}

    def _sums(self, without: str | None) -> int:
        """The scores that can be reached, as bits, leaving out the rules that wait for one fact."""
        maxima = self._snapshot.maxima
        reached: dict[int, int] = {}
        settled = sum(self._points)
        for points, waits in self._scoring:
            if without in waits:
                continue
            for criterion, number in points:
                if criterion not in reached:
                    settled -= self._points[criterion]
                    reached[criterion] = 1 << self._points[criterion]
                top = 1 << maxima[criterion]
                more = reached[criterion] << number
                reached[criterion] |= (more & (top * 2 - 1)) | (top if more >= top * 2 else 0)
        total = 1 << settled
        for sums in reached.values():
            total = _added(total, sums)
        return total

    def could_change(self, fact: str) -> bool:
        """Whether an answer to this fact, with some answers to the other unknown facts, changes the recommendation."""
        if len(self.possible) == 1 or fact not in self._movers:
            return False
        gain = self._gain(fact)
        own_ceilings = [rank for rank, waits in self._ceilings if fact in waits]
        own_floors = [rank for rank, waits in self._floors if fact in waits]
        sums = self._sums(fact)
        pairs = [
            (least, most)
            for least, low in enumerate(self._ranges)
            for most, high in enumerate(self._ranges)
            if sums & low & (high >> gain)
        ]
        ceilings = {self._ceiling, *(min(self._ceiling, r) for r, waits in self._ceilings if fact not in waits)}
        floors = {self._floor, *(max(self._floor, r) for r, waits in self._floors if fact not in waits)}
        lowest, highest = min(own_ceilings, default=HIGHEST), max(own_floors, default=LOWEST)
        return any(
            recommend(least, min(ceiling, lowest), floor) != recommend(most, ceiling, max(floor, highest))
            for least, most in pairs
            for ceiling in ceilings
            for floor in floors
        )

    def _gain(self, fact: str) -> int:
        """The most points that the rules waiting for a fact could add."""
        extra: dict[int, int] = {}
        for points, waits in self._scoring:
            if fact in waits:
                for criterion, number in points:
                    extra[criterion] = extra.get(criterion, 0) + number
        maxima = self._snapshot.maxima
        return sum(min(number, maxima[one] - self._points[one]) for one, number in extra.items())


def _added(first: int, second: int) -> int:
    """All sums of a number of the first set and one of the second."""
    total = 0
    while second:
        lowest = second & -second
        total |= first << (lowest.bit_length() - 1)
        second ^= lowest
    return total


def ranked(ranks: Iterable[int]) -> list[Recommendation]:
    """Recommendations from the most favourable down."""
    return [RANKED[rank] for rank in sorted(ranks, reverse=True)]
