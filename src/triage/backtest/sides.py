"""One policy in a backtest: what its rules and scores do over all cases, counted batch by batch."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from triage.backtest.decisive import Decisive
from triage.decisions import Decider
from triage.policy import Policy
from triage.snapshots import Snapshots, turning_days


@dataclass
class Side:
    """The baseline or the candidate. `matched` and `decisive` count cases by a rule's place in `policy.rules`.

    `together` has for each such rule, as the bits of a number, the rules that held on every case where it did;
    `scores` counts cases by score, `recommended` by rank, `thresholds` by the scores for accept and defer.
    """

    policy: Policy
    matched: Counter[int] = field(default_factory=Counter)
    decisive: Counter[int] = field(default_factory=Counter)
    together: dict[int, int] = field(default_factory=dict)
    scores: Counter[int] = field(default_factory=Counter)
    recommended: Counter[int] = field(default_factory=Counter)
    thresholds: Counter[tuple[int, int]] = field(default_factory=Counter)
    near: int = 0
    hanging: int = 0

    @cached_property
    def decider(self) -> Decider:
        """Decides the single cases that a report explains."""
        return Decider(self.policy)

    @property
    def snapshots(self) -> Snapshots:
        """The policy as it stands on each day."""
        return self.decider.snapshots

    @cached_property
    def _decisive(self) -> Decisive:
        return Decisive(self.policy, self.snapshots)

    @cached_property
    def ids(self) -> list[str]:
        """The rules by their places."""
        return [rule.id for rule in self.policy.rules]

    def in_force(self, day: date) -> bool:
        """Whether any strategy is in force on a day; without one there is nothing to judge a case by."""
        return any(one.in_force.covers(day) for one in self.policy.strategies.values())

    def count(self, results: pl.DataFrame, days: pl.Series, near: int) -> pl.DataFrame:
        """Count the results of a batch, and give them back with `gap`: points from the score to the nearer threshold.

        A case is near a threshold when the gap is at most `near`.
        """
        settled = {day: self.snapshots.on(day) for day in days.unique()}
        accept = days.replace_strict({day: one.accept for day, one in settled.items()}, return_dtype=pl.Int16)
        defer = days.replace_strict({day: one.defer for day, one in settled.items()}, return_dtype=pl.Int16)
        gaps = ((pl.col("score") - pl.col(name)).abs() for name in ("accept", "defer"))
        frame = results.with_columns(days.alias("day"), accept.alias("accept"), defer.alias("defer"))
        frame = frame.with_columns(pl.min_horizontal(*gaps).alias("gap"))
        self._count(frame, near)
        return frame

    def _count(self, frame: pl.DataFrame, near: int) -> None:
        self.scores.update(dict(frame.group_by("score").len().iter_rows()))
        self.recommended.update(dict(frame.group_by("recommendation").len().iter_rows()))
        self.near += frame.select((pl.col("gap") <= near).sum()).item()
        self.hanging += frame.select(pl.col("hangs").sum()).item()
        for accept, defer, count in frame.group_by("accept", "defer").len().iter_rows():
            self.thresholds[accept, defer] += count
        self._count_rules(frame)

    def _count_rules(self, frame: pl.DataFrame) -> None:
        """Cases that are alike in what holds on them are counted once."""
        starts = turning_days(self.policy)
        stretches = {day: sum(start <= day for start in starts) for day in frame["day"].unique()}
        stretch = frame["day"].replace_strict(stretches, return_dtype=pl.Int32).alias("stretch")
        alike = frame.with_columns(stretch).group_by("stretch", "strategy", "rules").agg(pl.len(), pl.col("day").min())
        for number, strategy, rules, count, day in alike.iter_rows():
            bits = 0
            for rule in rules:
                bits |= 1 << rule
                self.matched[rule] += count
            for rule in rules:
                self.together[rule] = self.together.get(rule, bits) & bits
            for rule in self._decisive.of(number, day, strategy, tuple(rules)):
                self.decisive[rule] += count
