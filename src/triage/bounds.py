"""What is still possible while facts are unknown: the reachable recommendations, and which facts could change them.

Each uncertain rule is taken both ways, independently of the others. That can only find too much, never too little: the
true set of outcomes is always inside. Sums of points are sets of whole numbers, kept as the bits of one integer.
"""

from collections.abc import Iterable, Mapping

from triage.active import ActiveRule
from triage.masks import Bits
from triage.matching import Matches
from triage.policy import RANKED, Recommendation
from triage.snapshots import Snapshot

LOWEST, HIGHEST = 0, len(RANKED) - 1


def outcome(snapshot: Snapshot, rules: Iterable[ActiveRule]) -> tuple[list[int], int, int, int]:
    """Points by criterion (capped), and the ranks of the threshold's answer, the ceiling and the floor."""
    points = [0] * len(snapshot.maxima)
    ceiling, floor = HIGHEST, LOWEST
    for rule in rules:
        if not rule.moves:
            continue
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

    def __init__(self, snapshot: Snapshot, certain: tuple[list[int], int, int, int], matches: Matches) -> None:
        """`certain` is the outcome of the rules that hold however the unknown facts turn out."""
        self._snapshot, self._masks, self._waiting = snapshot, matches.plan.masks, matches.waiting
        self._points, answer, self._ceiling, self._floor = certain
        self._movers = matches.open & self._masks.moving
        below_accept, below_defer = (1 << snapshot.accept) - 1, (1 << snapshot.defer) - 1
        self._ranges = (below_accept & below_defer, below_accept & ~below_defer, ~below_accept)
        self.possible = self._reachable() if self._movers else {recommend(answer, self._ceiling, self._floor)}

    def _reachable(self) -> set[int]:
        sums = self._sums(self._movers)
        answers = [rank for rank, scores in enumerate(self._ranges) if sums & scores]
        ceilings, floors = self._limits(self._movers)
        return {recommend(answer, ceiling, floor) for answer in answers for ceiling in ceilings for floor in floors}

    def _limits(self, rules: Bits) -> tuple[set[int], set[int]]:
        """The ceilings and the floors that there may be, when each of the rules may hold or not."""
        ceilings = {min(self._ceiling, rank) for rank in _ranks(self._masks.ceilings, rules)}
        floors = {max(self._floor, rank) for rank in _ranks(self._masks.floors, rules)}
        return ceilings | {self._ceiling}, floors | {self._floor}

    def _sums(self, rules: Bits) -> int:
        """The scores that can be reached, as bits, when each of the rules may hold or not."""
        settled, spread = 0, []
        for criterion, (points, maximum) in enumerate(zip(self._points, self._snapshot.maxima, strict=True)):
            gains = self._masks.sums(criterion, rules)
            if gains == 1:
                settled += points
                continue
            sums, top = gains << points, 1 << maximum
            spread.append((sums & (top - 1)) | (top if sums >= top else 0))
        total = 1 << settled
        for sums in spread:
            total = _added(total, sums)
        return total

    def could_change(self, fact: str) -> bool:
        """Whether an answer to this fact, with some answers to the other unknown facts, changes the recommendation."""
        own = self._movers & self._waiting.get(fact, 0)
        if len(self.possible) == 1 or not own:
            return False
        others = self._movers & ~own
        sums, gain = self._sums(others), self._gain(own)
        pairs = [
            (least, most)
            for least, low in enumerate(self._ranges)
            for most, high in enumerate(self._ranges)
            if sums & low & (high >> gain)
        ]
        ceilings, floors = self._limits(others)
        lowest = min(_ranks(self._masks.ceilings, own), default=HIGHEST)
        highest = max(_ranks(self._masks.floors, own), default=LOWEST)
        return any(
            recommend(least, min(ceiling, lowest), floor) != recommend(most, ceiling, max(floor, highest))
            for least, most in pairs
            for ceiling in ceilings
            for floor in floors
        )

    def _gain(self, rules: Bits) -> int:
        """The most points that the rules could add."""
        gains = [self._masks.sums(criterion, rules).bit_length() - 1 for criterion in range(len(self._points))]
        rooms = zip(gains, self._points, self._snapshot.maxima, strict=True)
        return sum(min(gain, maximum - points) for gain, points, maximum in rooms)


def _ranks(bounds: Mapping[int, Bits], rules: Bits) -> list[int]:
    return [rank for rank, own in bounds.items() if own & rules]


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
