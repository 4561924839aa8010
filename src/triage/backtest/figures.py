"""The figures of a backtest that are worked out from its tally: rules, scores, segments, causes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.backtest.attribution import Attribution, How
from triage.backtest.segments import SMALL
from triage.backtest.sides import Side
from triage.backtest.tally import Flip, Move, Tally

BIN = 5
"""Points of a score that one bar of the distribution covers; the last one takes in 100 too."""
TOGETHER_LEAST = 5
"""Rules that held on fewer cases than this are not said to hold always together: that would be
chance.
"""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one rule does over the cases; None where a policy does not have the rule.

    `together` are the rules of the candidate that held on exactly the same cases.
    """

    id: str
    old_matched: int | None
    new_matched: int | None
    old_decisive: int | None
    new_decisive: int | None
    together: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether it held on, or decided, another number of cases, or came or went."""
        return (self.old_matched, self.old_decisive) != (self.new_matched, self.new_decisive)

    @property
    def never_matched(self) -> bool:
        """Whether the candidate has it and it held on no case."""
        return self.new_matched == 0


def rule_figures(baseline: Side, candidate: Side) -> list[RuleFigures]:
    """Every rule of either policy, by id."""
    old = {id: place for place, id in enumerate(baseline.ids)}
    new = {id: place for place, id in enumerate(candidate.ids)}
    found = []
    for id in sorted({*old, *new}):
        before, after = old.get(id), new.get(id)
        found.append(
            RuleFigures(
                id,
                None if before is None else baseline.matched[before],
                None if after is None else candidate.matched[after],
                None if before is None else baseline.decisive[before],
                None if after is None else candidate.decisive[after],
                () if after is None else _together(candidate, after),
            )
        )
    return found


def _together(side: Side, rule: int) -> tuple[str, ...]:
    if side.matched[rule] < TOGETHER_LEAST:
        return ()
    same = (side.matched[rule], side.places[rule])
    others = (
        other
        for other in side.matched
        if other != rule and (side.matched[other], side.places[other]) == same
    )
    return tuple(sorted(side.ids[other] for other in others))


@dataclass(frozen=True, slots=True)
class Bin:
    """How many cases have a score from `low` to `high`."""

    low: int
    high: int
    old: int
    new: int


def distribution(baseline: Side, candidate: Side) -> list[Bin]:
    """The scores under both policies, in bins."""
    bins = []
    for low in range(0, 100, BIN):
        high = 100 if low + BIN == 100 else low + BIN - 1
        old, new = (
            sum(side.scores[score] for score in range(low, high + 1))
            for side in (baseline, candidate)
        )
        bins.append(Bin(low, high, old, new))
    return bins


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of cases: how many gain a more favourable recommendation, how many lose it."""

    value: str | None
    cases: int
    gained: int
    lost: int

    @property
    def unchanged(self) -> int:
        """The cases that keep their recommendation."""
        return self.cases - self.gained - self.lost

    @property
    def small(self) -> bool:
        """Whether the group has too few cases for its shares to mean much."""
        return self.cases < SMALL


def segments(groups: Mapping[str | None, Counter[Move]]) -> list[Segment]:
    """The groups of one dimension by value; the cases that lack the fact come last."""
    found = [
        Segment(
            value,
            sum(moves.values()),
            sum(count for (old, new), count in moves.items() if new > old),
            sum(count for (old, new), count in moves.items() if new < old),
        )
        for value, moves in groups.items()
    ]
    return sorted(found, key=lambda one: (one.value is None, one.value or ""))


def causes(
    flips: Iterable[Flip], caused: Mapping[str, Attribution]
) -> list[tuple[tuple[str, ...], How, int]]:
    """The edits that flips are due to, how, and how many; the most first. Flips without a known
    cause are left out.
    """
    found = [caused[flip.request.id] for flip in flips if flip.request.id in caused]
    counts = Counter((one.edits, one.how) for one in found)
    return sorted(
        ((*cause, count) for cause, count in counts.items()), key=lambda one: (-one[2], one[0])
    )


def gained(tally: Tally) -> int:
    """The cases that get a more favourable recommendation."""
    return sum(count for (old, new), count in tally.moves.items() if new > old)


def lost(tally: Tally) -> int:
    """The cases that get a less favourable one."""
    return sum(count for (old, new), count in tally.moves.items() if new < old)
