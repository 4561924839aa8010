"""Cases in a frame -> what the policy makes of each: the columnar counterpart of `Decider`,
without explanations.
"""

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from triage.columnar.algebra import Graph
from triage.columnar.compile import compile_snapshot
from triage.columnar.emit import Emitter, Needs, Stage
from triage.columnar.outcome import PolicyOutcome
from triage.columnar.prepare import prepare
from triage.columnar.shape import day_number
from triage.deciding.calendar import Snapshot, Snapshots, turning_days
from triage.model.policy import Policy

if TYPE_CHECKING:
    import polars as pl

CASE = "case"


@dataclass(frozen=True)
class Program:
    """The policies on the days of one stretch as stages of expressions; the last stage holds the
    results.

    `results` has the columns of each policy by the name they have in its result, `rules` the
    columns of its rules.
    """

    needs: Needs
    stages: Sequence[Stage]
    results: Sequence[dict[str, str]]
    rules: Sequence[dict[str, int]]


def compiled(snapshots: Sequence[Snapshot], rules: bool, module: Any) -> Program:
    """The program of some policies on one day; `module` is `polars`, or `narwhals` for frames of
    another kind.
    """
    graph = Graph()
    outcomes = [
        PolicyOutcome(graph, compile_snapshot(graph, snapshot), f"{number}.", rules)
        for number, snapshot in enumerate(snapshots)
    ]
    emitter = Emitter(module, graph, [node for outcome in outcomes for node in outcome.wanted()])
    stages = emitter.stages()
    for several in zip(*(outcome.stages(emitter) for outcome in outcomes), strict=True):
        stages.append({name: written for stage in several for name, written in stage.items()})
    return Program(
        emitter.needs,
        [stage for stage in stages if stage],
        [outcome.result_columns() for outcome in outcomes],
        [outcome.rule_columns() for outcome in outcomes],
    )


class JointEvaluator:
    """Evaluates the same cases under several policies at once: what their conditions share is
    computed once.

    Safe to use from several threads; it is pickled as its policies, so that it can be sent to other
    machines.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = tuple(policies)
        self._begin()

    def _begin(self) -> None:
        self._snapshots = [Snapshots(policy) for policy in self.policies]
        self._turning = sorted({day for policy in self.policies for day in turning_days(policy)})
        self._programs: dict[tuple[int, bool], Program] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"policies": self.policies}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.policies = state["policies"]
        self._begin()

    def evaluate(
        self, cases: "pl.DataFrame", as_of: date | None = None, rules: bool = True
    ) -> "list[pl.DataFrame]":
        """For each policy one row a case, in their order; without `rules` the column of matched
        rules is left out.

        Each case is judged by what was in force on the day it was received, unless `as_of` says
        otherwise.
        """
        import numpy as np
        import polars as pl

        if as_of is not None or not cases.height:
            return self._on_stretch(bisect_right(self._turning, as_of or date.max), cases, rules)
        turning = np.array([day_number(day) for day in self._turning], np.int32)
        stretches = np.searchsorted(
            turning, cases["received"].to_physical().to_numpy(), side="right"
        )
        present = np.unique(stretches).tolist()
        if len(present) == 1:
            return self._on_stretch(present[0], cases, rules)
        places = [np.flatnonzero(stretches == stretch) for stretch in present]
        parts = [
            self._on_stretch(one, cases[where], rules)
            for one, where in zip(present, places, strict=True)
        ]
        order = np.argsort(np.concatenate(places))
        own = pl.Series(CASE, np.arange(cases.height))
        return [pl.concat(found)[order].with_columns(own) for found in zip(*parts, strict=True)]

    def _on_stretch(self, stretch: int, cases: "pl.DataFrame", rules: bool) -> "list[pl.DataFrame]":
        program = self._program(stretch, rules)
        found = prepare(cases, program.needs)
        for stage in program.stages:
            found = found.with_columns(**stage)
        frames = []
        for names, places in zip(program.results, program.rules, strict=True):
            frame = found.select(
                CASE, *(found[column].alias(name) for column, name in names.items())
            )
            if rules:
                frame = frame.with_columns(matched(found, places).alias("rules"))
            frames.append(frame)
        return frames

    def _program(self, stretch: int, rules: bool) -> Program:
        import polars

        with self._lock:
            program = self._programs.get((stretch, rules))
            if program is None:
                day = self._turning[stretch - 1] if stretch else date.min
                found = [snapshots.on(day) for snapshots in self._snapshots]
                program = self._programs[stretch, rules] = compiled(found, rules, polars)
        return program


class Evaluator:
    """One policy on many cases."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._joint = JointEvaluator((policy,))

    def evaluate(
        self, cases: "pl.DataFrame", as_of: date | None = None, rules: bool = True
    ) -> "pl.DataFrame":
        """One row a case, in their order.

        `case` is the place in the case set; `recommendation` 0 for decline, 1 for defer, 2 for
        accept; `score` and `points_<criterion>` as in a decision; `strategy` the one that counts,
        null outside all; `hangs` whether an unknown fact could change the recommendation; `rules`
        the places in `policy.rules` of the rules that matched under the strategy that counts,
        ascending.
        """
        return self._joint.evaluate(cases, as_of, rules)[0]


def matched(found: "pl.DataFrame", places: dict[str, int]) -> "pl.Series":
    """For each case the rules that matched, as a list of their places in `policy.rules`."""
    import numpy as np
    import polars as pl

    height = found.height
    rows = [np.flatnonzero(found[column].to_numpy()) for column in places]
    every = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    counts = np.bincount(every, minlength=height)
    after = np.cumsum(counts)
    free = after - counts
    values = np.empty(len(every), np.uint16)
    for where, place in zip(rows, places.values(), strict=True):
        to = free[where]
        values[to] = place
        free[where] = to + 1
    filled = np.flatnonzero(counts)
    long = pl.DataFrame({CASE: np.repeat(filled, counts[filled]), "rules": values})
    lists = (
        long.with_columns(pl.col(CASE).set_sorted())
        .group_by(CASE, maintain_order=True)
        .agg("rules")
    )
    if len(filled) < height:
        lists = pl.DataFrame({CASE: np.arange(height)}).join(
            lists, on=CASE, how="left", maintain_order="left"
        )
        lists = lists.with_columns(pl.col("rules").fill_null(pl.lit([], dtype=pl.List(pl.UInt16))))
    return lists["rules"]
