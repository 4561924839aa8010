"""The figures of a backtest that are worked out from its tally: rules, scores, segments, causes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.backtest.attribution import Attribution, Causation
from triage.backtest.policy_tally import PolicyTally
from triage.backtest.segments import SMALL
from triage.backtest.tally import Flip, Move, Tally

BIN = 5
"""Points of a score that one bar of the distribution covers; the last one takes in 100 too."""
TOGETHER_LEAST = 5
"""Of rules that held on fewer cases it is chance that they held on the same ones."""


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
        return self.new_matched == 0


def rule_figures(baseline: PolicyTally, candidate: PolicyTally) -> list[RuleFigures]:
    old = {id: position for position, id in enumerate(baseline.ids)}
    new = {id: position for position, id in enumerate(candidate.ids)}
    return [
        RuleFigures(
            id,
            baseline.matched[old[id]] if id in old else None,
            candidate.matched[new[id]] if id in new else None,
            baseline.decisive[old[id]] if id in old else None,
            candidate.decisive[new[id]] if id in new else None,
            _together(candidate, new[id]) if id in new else (),
        )
        for id in sorted({*old, *new})
    ]


def _together(tally: PolicyTally, rule: int) -> tuple[str, ...]:
    if tally.matched[rule] < TOGETHER_LEAST:
        return ()
    same = (tally.matched[rule], tally.marks[rule])
    others = (
        other for other, count in tally.matched.items() if (count, tally.marks[other]) == same
    )
    return tuple(sorted(tally.ids[other] for other in others if other != rule))


@dataclass(frozen=True, slots=True)
class Bin:
    """How many cases have a score from `low` to `high`."""

    low: int
    high: int
    old: int
    new: int


def distribution(baseline: PolicyTally, candidate: PolicyTally) -> list[Bin]:
    bins = []
    for low in range(0, 100, BIN):
        high = 100 if low + BIN == 100 else low + BIN - 1
        scores = range(low, high + 1)
        old, new = (sum(one.scores[score] for score in scores) for one in (baseline, candidate))
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
        return self.cases - self.gained - self.lost

    @property
    def small(self) -> bool:
        """Whether the group has too few cases for its shares to mean much."""
        return self.cases < SMALL


def segments(groups: Mapping[str | None, Counter[Move]]) -> list[Segment]:
    """The groups of one dimension by value; the cases that lack the fact come last."""
    made = [
        Segment(value, moves.total(), _gained(moves), _lost(moves))
        for value, moves in groups.items()
    ]
    return sorted(made, key=lambda segment: (segment.value is None, segment.value or ""))


def _gained(moves: Counter[Move]) -> int:
    return sum(count for (old, new), count in moves.items() if new > old)


def _lost(moves: Counter[Move]) -> int:
    return sum(count for (old, new), count in moves.items() if new < old)


def causes(
    flips: Iterable[Flip], caused: Mapping[str, Attribution]
) -> list[tuple[tuple[str, ...], Causation, int]]:
    """The edits that flips are due to, how, and how many flips; the most first.

    Flips without a known cause are left out.
    """
    known = [caused[flip.request.id] for flip in flips if flip.request.id in caused]
    counts = Counter((cause.edits, cause.how) for cause in known)
    counted = [(edits, how, count) for (edits, how), count in counts.items()]
    return sorted(counted, key=lambda cause: (-cause[2], cause[0]))


def gained(tally: Tally) -> int:
    return _gained(tally.moves)


def lost(tally: Tally) -> int:
    return _lost(tally.moves)
