"""Counts over all cases of a backtest, batch by batch.

Of the cases themselves only flips and those that the report shows are kept.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import polars as pl

from triage.backtest.cases import JudgedCases
from triage.backtest.policy_tally import PolicyTally
from triage.backtest.segments import split
from triage.messages import Language, say
from triage.model.facts import Determination, Request
from triage.model.policy import RANKED, RECOMMENDATION_MESSAGES

SHOWN = 200
"""The most cases that a list of the report shows, of all that are counted near or hanging."""

Move = tuple[int, int]
"""The rank under the baseline and under the candidate: 0 decline, 1 defer, 2 accept."""


def rank_word(rank: int, language: Language) -> str:
    return say(RECOMMENDATION_MESSAGES[RANKED[rank]], language)


@dataclass(frozen=True, slots=True)
class Flip:
    """A case whose recommendation changes, with both ranks and scores."""

    request: Request
    day: date
    old: int
    new: int
    old_score: int
    new_score: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def determination(self) -> Determination | None:
        return self.request.determination


class Shown(NamedTuple):
    """A case that the report shows, as the candidate judges it."""

    gap: int
    id: str
    request: Request
    day: date
    old: int
    new: int
    score: int
    accept: int
    defer: int


def _order(case: Shown) -> tuple[int, str]:
    return case.gap, case.id


@dataclass
class Tally:
    """The counts of one backtest.

    `moves` counts cases by move, `determined` those with a determination by its rank and the move,
    `segments` by dimension, value and move, `classifications` by the classification of the case.
    """

    baseline: PolicyTally
    candidate: PolicyTally
    as_of: date | None
    dimensions: Sequence[str]
    near_points: int
    moves: Counter[Move] = field(default_factory=Counter)
    determined: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    segments: dict[str, dict[str | None, Counter[Move]]] = field(default_factory=dict)
    classifications: Counter[str | None] = field(default_factory=Counter)
    flips: list[Flip] = field(default_factory=list)
    near: list[Shown] = field(default_factory=list)
    hanging: list[Shown] = field(default_factory=list)
    not_in_force: int = 0

    @property
    def eligible(self) -> int:
        return sum(self.moves.values())

    def add(self, batch: JudgedCases) -> None:
        days = batch.about["received"]
        if self.as_of is not None:
            days = pl.Series([self.as_of] * len(days), dtype=pl.Date)
        policies = (self.baseline, self.candidate)
        judged = {day: any(one.in_force(day) for one in policies) for day in days.unique()}
        keep = days.replace_strict(judged, return_dtype=pl.Boolean)
        self.not_in_force += len(keep) - int(keep.sum())
        batch, days = batch.filter(keep), days.filter(keep)
        if not len(days):
            return
        old = self.baseline.count(batch.results[0], days, self.near_points)
        new = self.candidate.count(batch.results[1], days, self.near_points)
        frame = batch.about.with_columns(
            days.alias("day"),
            old["recommendation"].alias("old"),
            new["recommendation"].alias("new"),
            old["score"].alias("old_score"),
            new["score"].alias("new_score"),
            old["rules"].alias("old_rules"),
            new["rules"].alias("new_rules"),
            *new.select("hangs", "gap", "accept", "defer").get_columns(),
        )
        self._count(frame)
        self.baseline.keep_accepted(batch, frame["old"])
        self.candidate.keep_accepted(batch, frame["new"])
        self._keep(frame.with_row_index("row"), batch)

    def _count(self, frame: pl.DataFrame) -> None:
        for old, new, count in frame.group_by("old", "new").len().iter_rows():
            self.moves[old, new] += count
        for name, count in frame.group_by("classification").len().iter_rows():
            self.classifications[name] += count
        ranks = {one.value: one.rank for one in RANKED}
        known = frame.filter(pl.col("outcome").is_not_null())
        for outcome, old, new, count in known.group_by("outcome", "old", "new").len().iter_rows():
            self.determined[ranks[outcome], old, new] += count
        for dimension in self.dimensions:
            groups = self.segments.setdefault(dimension, {})
            for value, move, count in split(frame, dimension, self.baseline.snapshots):
                groups.setdefault(value, Counter())[move] += count

    def _keep(self, frame: pl.DataFrame, batch: JudgedCases) -> None:
        flips = frame.filter(pl.col("old") != pl.col("new"))
        requests = batch.requests(flips["row"].to_list())
        names = ("day", "old", "new", "old_score", "new_score")
        for row, request in zip(flips.iter_rows(named=True), requests, strict=True):
            before = {self.baseline.ids[position] for position in row["old_rules"]}
            after = {self.candidate.ids[position] for position in row["new_rules"]}
            gained, lost = tuple(sorted(after - before)), tuple(sorted(before - after))
            values = {name: row[name] for name in names}
            self.flips.append(Flip(request, gained=gained, lost=lost, **values))
        near = frame.filter(pl.col("gap") <= self.near_points)
        self.near = self._least(self.near, near.sort("gap", "id").head(SHOWN), batch)
        hanging = frame.filter(pl.col("hangs")).with_columns(pl.lit(0).alias("gap"))
        self.hanging = self._least(self.hanging, hanging.sort("id").head(SHOWN), batch)

    def _least(self, kept: list[Shown], frame: pl.DataFrame, batch: JudgedCases) -> list[Shown]:
        """The first of the cases kept and those of a frame, by gap, then by id."""
        requests = batch.requests(frame["row"].to_list())
        names = ("day", "old", "new", "new_score", "accept", "defer")
        shown = [
            Shown(row["gap"], row["id"], request, *(row[name] for name in names))
            for row, request in zip(frame.iter_rows(named=True), requests, strict=True)
        ]
        return heapq.nsmallest(SHOWN, [*kept, *shown], key=_order)

    def finish(self) -> None:
        """Put the flips in the order of their ids, whatever the order of the batches."""
        self.flips.sort(key=lambda flip: flip.request.id)
