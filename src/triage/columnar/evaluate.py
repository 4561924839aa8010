"""Cases in a frame -> what policies make of each: `Decider` on columns, without explanations."""

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from triage.columnar.columns import facts_of
from triage.columnar.compile import compile_snapshot
from triage.columnar.emit import Emitter, Needs, Stage
from triage.columnar.graph import Graph
from triage.columnar.prepare import prepare
from triage.columnar.scoring import PolicyScoring
from triage.deciding.calendar import Snapshot, Snapshots, turning_days
from triage.model.policy import Policy
from triage.model.workdays import day_number

if TYPE_CHECKING:
    import polars as pl

CASE = "case"


@dataclass(frozen=True)
class Program:
    """Some policies on days that are alike, as stages of expressions.

    The last stage holds the results. `results` has for each policy the name of each column in its
    result, `rules` the position in `policy.rules` for each column of a rule.
    """

    needs: Needs
    stages: Sequence[Stage]
    results: Sequence[dict[str, str]]
    rules: Sequence[dict[str, int]]


def compiled(snapshots: Sequence[Snapshot], rules: bool, module: Any) -> Program:
    """The program of some policies on one day; `module` is `polars`, or `narwhals`."""
    graph = Graph(facts_of(snapshot.policy for snapshot in snapshots))
    policies = [
        PolicyScoring(graph, compile_snapshot(graph, snapshot), f"{number}.", rules)
        for number, snapshot in enumerate(snapshots)
    ]
    emitter = Emitter(module, graph, [node for policy in policies for node in policy.wanted()])
    stages = emitter.stages()
    for several in zip(*(policy.stages(emitter) for policy in policies), strict=True):
        stages.append({name: written for stage in several for name, written in stage.items()})
    return Program(
        emitter.needs,
        [stage for stage in stages if stage],
        [policy.result_columns() for policy in policies],
        [policy.rule_columns() for policy in policies],
    )


class JointEvaluator:
    """Evaluates cases under several policies at once, computing what their conditions share once.

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
        """For each policy the frame that `Evaluator.evaluate` gives; without `rules`, no rules.

        Each case is judged by what was in force on the day it was received, unless `as_of` says
        otherwise.
        """
        import numpy as np
        import polars as pl

        if as_of is not None or not cases.height:
            return self._on_stretch(bisect_right(self._turning, as_of or date.max), cases, rules)
        turning = np.array([day_number(day) for day in self._turning], np.int32)
        received = cases["received"].to_physical().to_numpy()
        stretches = np.searchsorted(turning, received, side="right")
        present = np.unique(stretches).tolist()
        if len(present) == 1:
            return self._on_stretch(present[0], cases, rules)
        rows = [np.flatnonzero(stretches == stretch) for stretch in present]
        evaluated = [
            self._on_stretch(stretch, cases[own], rules)
            for stretch, own in zip(present, rows, strict=True)
        ]
        order = np.argsort(np.concatenate(rows))
        case = pl.Series(CASE, np.arange(cases.height))
        by_policy = zip(*evaluated, strict=True)
        return [pl.concat(frames)[order].with_columns(case) for frames in by_policy]

    def _on_stretch(self, stretch: int, cases: "pl.DataFrame", rules: bool) -> "list[pl.DataFrame]":
        """Evaluate cases of one stretch: the days from a turning day on until the next."""
        program = self._program(stretch, rules)
        columns = prepare(cases, program.needs)
        for stage in program.stages:
            columns = columns.with_columns(**stage)
        frames = []
        for names, positions in zip(program.results, program.rules, strict=True):
            results = (columns[column].alias(name) for column, name in names.items())
            frame = columns.select(CASE, *results)
            if rules:
                frame = frame.with_columns(matched(columns, positions).alias("rules"))
            frames.append(frame)
        return frames

    def _program(self, stretch: int, rules: bool) -> Program:
        import polars

        with self._lock:
            program = self._programs.get((stretch, rules))
            if program is None:
                day = self._turning[stretch - 1] if stretch else date.min
                on_day = [snapshots.on(day) for snapshots in self._snapshots]
                program = self._programs[stretch, rules] = compiled(on_day, rules, polars)
        return program


class Evaluator:
    """Evaluates cases under one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._joint = JointEvaluator((policy,))

    def evaluate(
        self, cases: "pl.DataFrame", as_of: date | None = None, rules: bool = True
    ) -> "pl.DataFrame":
        """One row a case, in their order.

        `case` is the row in the case set; `recommendation` 0 for decline, 1 for defer, 2 for
        accept; `score` and `points_<criterion>` as in a decision; `strategy` the one that counts,
        null outside all; `hangs` whether an unknown fact could change the recommendation; `rules`
        the positions in `policy.rules` of the rules that matched under the strategy that counts,
        ascending.
        """
        return self._joint.evaluate(cases, as_of, rules)[0]


def matched(columns: "pl.DataFrame", positions: dict[str, int]) -> "pl.Series":
    """For each case the rules that matched, as a list of their positions in `policy.rules`."""
    import numpy as np
    import polars as pl

    height = columns.height
    rows = [np.flatnonzero(columns[column].to_numpy()) for column in positions]
    every = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    counts = np.bincount(every, minlength=height)
    after = np.cumsum(counts)
    free = after - counts
    values = np.empty(len(every), np.uint16)
    for own, position in zip(rows, positions.values(), strict=True):
        to = free[own]
        values[to] = position
        free[own] = to + 1
    filled = np.flatnonzero(counts)
    long = pl.DataFrame({CASE: np.repeat(filled, counts[filled]), "rules": values})
    groups = long.with_columns(pl.col(CASE).set_sorted()).group_by(CASE, maintain_order=True)
    lists = groups.agg("rules")
    if len(filled) < height:
        cases = pl.DataFrame({CASE: np.arange(height)})
        lists = cases.join(lists, on=CASE, how="left", maintain_order="left")
        lists = lists.with_columns(pl.col("rules").fill_null(pl.lit([], dtype=pl.List(pl.UInt16))))
    return lists["rules"]
