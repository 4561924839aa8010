"""What the rules and scores of one policy do over all cases, counted batch by batch."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from triage.backtest.cases import JudgedCases
from triage.backtest.decisive import Decisive
from triage.deciding.calendar import Snapshots, turning_days
from triage.deciding.decide import Decider
from triage.model.facts import Request
from triage.model.policy import Policy, Recommendation

MARKS = 1 << 40
"""Marks of cases are below this, so that the sum of millions of them is still exact."""

MOST_ACCEPTED = 20_000
"""With more accepted cases limits are not counted: each is decided by itself to know its demand."""


@dataclass
class PolicyTally:
    """The counts under the baseline or the candidate.

    `matched` and `decisive` count cases by a rule's position in `policy.rules`. `marks` adds up a
    mark for each case on which a rule held: rules with the same count and sum held on the same
    cases. `thresholds` counts cases by the scores for accept and defer. `accepted` are the cases to
    be accepted, unless these are too many (`crowded`).
    """

    policy: Policy
    matched: Counter[int] = field(default_factory=Counter)
    decisive: Counter[int] = field(default_factory=Counter)
    marks: Counter[int] = field(default_factory=Counter)
    scores: Counter[int] = field(default_factory=Counter)
    thresholds: Counter[tuple[int, int]] = field(default_factory=Counter)
    near: int = 0
    hanging: int = 0
    counted: int = 0
    accepted: list[Request] = field(default_factory=list)
    crowded: bool = False

    @cached_property
    def decider(self) -> Decider:
        return Decider(self.policy)

    @property
    def snapshots(self) -> Snapshots:
        return self.decider.snapshots

    @cached_property
    def _decisive(self) -> Decisive:
        return Decisive(self.policy, self.snapshots)

    @cached_property
    def ids(self) -> list[str]:
        return [rule.id for rule in self.policy.rules]

    def in_force(self, day: date) -> bool:
        """Whether any strategy is in force; on other days there is nothing to judge a case by."""
        return any(one.in_force.covers(day) for one in self.policy.strategies.values())

    def count(self, results: pl.DataFrame, days: pl.Series, near: int) -> pl.DataFrame:
        """Count the results of a batch; gives them back with day, thresholds and `gap`.

        `gap` is the distance in points from the score to the nearer threshold. A case is near when
        it is at most `near`.
        """
        snapshots = {day: self.snapshots.on(day) for day in days.unique()}
        accept = {day: one.accept for day, one in snapshots.items()}
        defer = {day: one.defer for day, one in snapshots.items()}
        gaps = ((pl.col("score") - pl.col(name)).abs() for name in ("accept", "defer"))
        frame = results.with_columns(
            days.alias("day"),
            days.replace_strict(accept, return_dtype=pl.Int16).alias("accept"),
            days.replace_strict(defer, return_dtype=pl.Int16).alias("defer"),
        ).with_columns(pl.min_horizontal(*gaps).alias("gap"))
        self.scores.update(dict(frame.group_by("score").len().iter_rows()))
        self.near += frame.select((pl.col("gap") <= near).sum()).item()
        self.hanging += frame.select(pl.col("hangs").sum()).item()
        for first, second, cases in frame.group_by("accept", "defer").len().iter_rows():
            self.thresholds[first, second] += cases
        self._count_matched(frame)
        self._count_decisive(frame)
        return frame

    def keep_accepted(self, batch: JudgedCases, ranks: pl.Series) -> None:
        """Keep the accepted cases of a batch for the limits, while they are not too many."""
        if not self.policy.limits or self.crowded:
            return
        rows = ranks.eq(Recommendation.ACCEPT.rank).arg_true().to_list()
        if len(self.accepted) + len(rows) > MOST_ACCEPTED:
            self.accepted, self.crowded = [], True
            return
        self.accepted += batch.requests(rows)

    def _count_matched(self, frame: pl.DataFrame) -> None:
        last = self.counted + frame.height
        marks = pl.int_range(self.counted, last, dtype=pl.UInt64, eager=True).hash() % MARKS
        self.counted = last
        held = frame.select("rules", marks.alias("mark"))
        held = held.explode("rules", empty_as_null=False, keep_nulls=False)
        counts = held.group_by("rules").agg(pl.len(), pl.col("mark").sum())
        for rule, cases, mark in counts.iter_rows():
            self.matched[rule] += cases
            self.marks[rule] += mark

    def _count_decisive(self, frame: pl.DataFrame) -> None:
        """Cases on which the same rules with points or bounds hold are looked at once."""
        starts = turning_days(self.policy)
        stretches = {day: sum(start <= day for start in starts) for day in frame["day"].unique()}
        stretch = frame["day"].replace_strict(stretches, return_dtype=pl.Int32).alias("stretch")
        touching = frame.with_columns(stretch).filter(pl.col("strategy").is_not_null())
        for (number, strategy), cases in touching.group_by("stretch", "strategy"):
            day, within = cases["day"][0], (int(str(number)), str(strategy))
            moving = pl.Series([self._decisive.moving(day, *within)], dtype=pl.List(pl.UInt16))
            held = pl.col("rules").list.set_intersection(pl.lit(moving).first()).list.sort()
            for rules, count in cases.select(held).group_by("rules").len().iter_rows():
                for rule in self._decisive.of(day, *within, tuple(rules)):
                    self.decisive[rule] += count
