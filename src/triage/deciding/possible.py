"""What is still possible while facts are unknown, and which facts could change the result.

In plain words: take every open rule both ways, in all combinations, and decide each time.

    for some in every_subset(open_rules):
        points, answer, ceiling, floor = outcome(snapshot, [*certain_rules, *some])
        possible.add(recommend(answer, ceiling, floor))

Here points, ceilings and floors are combined as sets instead, in which ranks or scores are the bits
of one integer. That finds all of these results, which a test holds, and sometimes more.
"""

import itertools
from collections.abc import Iterable
from functools import cache

from triage.deciding.bitsets import Bits, positions
from triage.deciding.calendar import Snapshot
from triage.deciding.match import Matches
from triage.deciding.settled import ActiveRule
from triage.model.policy import RANKED, Recommendation

LOWEST, HIGHEST = 0, len(RANKED) - 1
Ranks = int
"""Ranks of recommendations as bits."""


def outcome(snapshot: Snapshot, rules: Iterable[ActiveRule]) -> tuple[list[int], int, int, int]:
    """Points by criterion (capped), and the ranks of the score's answer, the ceiling, the floor."""
    points = [0] * len(snapshot.maxima)
    ceiling, floor = HIGHEST, LOWEST
    for rule in rules:
        if not rule.moves:
            continue
        for criterion, number in rule.points:
            points[criterion] += number
        if rule.ceiling is not None and rule.ceiling < ceiling:
            ceiling = rule.ceiling
        if rule.floor is not None and rule.floor > floor:
            floor = rule.floor
    capped = [min(given, maximum) for given, maximum in zip(points, snapshot.maxima, strict=True)]
    return capped, snapshot.threshold(sum(capped)).rank, ceiling, floor


def recommend(answer: int, ceiling: int, floor: int) -> int:
    """Thresholds, then ceilings, then floors."""
    return max(min(answer, ceiling), floor)


class Bounds:
    """The reachable outcomes of one assessment."""

    def __init__(
        self, snapshot: Snapshot, certain: tuple[list[int], int, int, int], matches: Matches
    ) -> None:
        """`certain` is the outcome of the rules that hold however the unknown facts turn out."""
        self._masks, self._waiting = matches.plan.masks, matches.waiting
        self._maxima = snapshot.maxima
        self._points, answer, self._ceiling, self._floor = certain
        self._movers = matches.open & self._masks.moving
        below_accept, below_defer = (1 << snapshot.accept) - 1, (1 << snapshot.defer) - 1
        # The scores that give each rank, as bits.
        self._ranges = (below_accept & below_defer, below_accept & ~below_defer, ~below_accept)
        self._reached = self._sums(self._movers)
        self._beside: dict[int, int] = {}
        self.possible = {recommend(answer, self._ceiling, self._floor)}
        if self._movers:
            ranks = [rank for rank, scores in enumerate(self._ranges) if self._reached & scores]
            answers = sum([1 << rank for rank in ranks])
            self.possible = set(_reached(answers, *self._limits(self._movers)))

    def _limits(self, rules: Bits) -> tuple[Ranks, Ranks]:
        """The ceilings and the floors that there may be, when each of the rules may hold or not."""
        ceilings, floors = 1 << self._ceiling, 1 << self._floor
        for rank, bounding in self._masks.ceilings:
            if bounding & rules:
                ceilings |= 1 << min(self._ceiling, rank)
        for rank, bounding in self._masks.floors:
            if bounding & rules:
                floors |= 1 << max(self._floor, rank)
        return ceilings, floors

    def _sums(self, rules: Bits, but: int | None = None) -> int:
        """The scores, as bits, when each rule may hold or not; in all criteria `but` one."""
        total = 1 << sum(self._points)
        for criterion, (scoring, _) in self._masks.scoring.items():
            if scoring & rules and criterion != but:
                total = _added(total >> self._points[criterion], self._capped(criterion, rules))
        return total

    def _capped(self, criterion: int, rules: Bits) -> int:
        """The same for the points of one criterion."""
        sums = self._masks.sums(criterion, rules) << self._points[criterion]
        top = 1 << self._maxima[criterion]
        return (sums & (top - 1)) | (top if sums >= top else 0)

    def could_change(self, fact: str) -> bool:
        """Whether an answer to this fact, with some answers to others, changes the result."""
        own = self._movers & self._waiting.get(fact, 0)
        if len(self.possible) == 1 or not own:
            return False
        masks, others = self._masks, self._movers & ~own
        gain, sums = self._gained(own, others) if own & masks.giving else (0, self._reached)
        pairs = 0  # see `_differ`
        for least, low in enumerate(self._ranges):
            for most in range(least, len(RANKED)):
                if sums & low & (self._ranges[most] >> gain):
                    pairs |= 1 << len(RANKED) * least + most
        lowest = min([rank for rank, bounding in masks.ceilings if bounding & own], default=HIGHEST)
        highest = max([rank for rank, bounding in masks.floors if bounding & own], default=LOWEST)
        return _differ(pairs, *self._limits(others), lowest, highest)

    def _gained(self, own: Bits, others: Bits) -> tuple[int, int]:
        """The most points that `own` could add, and the scores that the others can reach."""
        gain, touched = 0, []
        for criterion, (scoring, _) in self._masks.scoring.items():
            if scoring & own:
                most = self._masks.sums(criterion, own).bit_length() - 1
                gain += min(most, self._maxima[criterion] - self._points[criterion])
                touched.append(criterion)
        if len(touched) > 1:
            return gain, self._sums(others)
        (criterion,) = touched
        beside = self._beside.get(criterion)
        if beside is None:
            # What all rules can add to the other criteria.
            beside = self._sums(self._movers, criterion) >> self._points[criterion]
            self._beside[criterion] = beside
        return gain, _added(beside, self._capped(criterion, others))


@cache  # there are few sets of ranks
def _reached(answers: Ranks, ceilings: Ranks, floors: Ranks) -> frozenset[int]:
    """Every recommendation that some answer, ceiling and floor give."""
    every = itertools.product(positions(answers), positions(ceilings), positions(floors))
    return frozenset(recommend(*ranks) for ranks in every)


@cache
def _differ(pairs: int, ceilings: Ranks, floors: Ranks, lowest: int, highest: int) -> bool:
    """Whether the worst and the best that some rules can do are different results.

    At worst they give no points and set the ceiling `lowest`; at best they give all their points
    and set the floor `highest`. Bit 3a + b of `pairs`: the score's answer is then a or b.
    """
    answers = [divmod(position, len(RANKED)) for position in positions(pairs)]
    others = list(itertools.product(positions(ceilings), positions(floors)))
    return any(
        recommend(least, min(ceiling, lowest), floor)
        != recommend(most, ceiling, max(floor, highest))
        for least, most in answers
        for ceiling, floor in others
    )


def _added(first: int, second: int) -> int:
    """All sums of a number of the first set and one of the second."""
    if first.bit_count() < second.bit_count():
        first, second = second, first
    total = 0
    while second:
        lowest = second & -second
        total |= first * lowest
        second ^= lowest
    return total


def ranked(ranks: Iterable[int]) -> list[Recommendation]:
    """Recommendations from the most favourable down."""
    return [RANKED[rank] for rank in sorted(ranks, reverse=True)]
