"""What two policies say of a batch of cases, as columns: the one place where the way of evaluating is chosen."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import polars as pl

from triage.backtest.cases import Batch, Schema
from triage.columnar.encode import frame_of
from triage.columnar.evaluate import Evaluator, JointEvaluator
from triage.decisions import Decider
from triage.facts import Request
from triage.policy import Policy

RESULT: Schema = {
    "recommendation": pl.Int8,
    "score": pl.Int16,
    "strategy": pl.String,
    "hangs": pl.Boolean,
    "rules": pl.List(pl.UInt16),
}
"""Rank of the recommendation (0 decline, 1 defer, 2 accept), score, the strategy that counts (null: none), whether an
unknown fact could change the recommendation, and the rules that hold under that strategy, as places in `policy.rules`.
"""

FEW = 300
"""Up to so many requests are decided one by one: compiling the columns would take longer."""

Results = tuple[pl.DataFrame, pl.DataFrame]
"""A row with the columns of `RESULT` for each case, under the baseline and under the candidate."""


class Evaluation(Protocol):
    """Evaluates cases under a baseline and a candidate."""

    name: str
    """The engine, as a report names it."""

    def evaluate(self, batch: Batch, as_of: date | None) -> Results:
        """The results of a batch; each case by its own day unless `as_of` says otherwise."""


class PerCase:
    """Decides case by case, as `triage screen` does."""

    def __init__(self, baseline: Policy, candidate: Policy, engine: str | None = None) -> None:
        self._deciders = Decider(baseline, engine), Decider(candidate, engine)
        self._places = [{rule.id: at for at, rule in enumerate(policy.rules)} for policy in (baseline, candidate)]
        self.name = self._deciders[0].engines.name

    def evaluate(self, batch: Batch, as_of: date | None) -> Results:
        """The results of a batch; each case by its own day unless `as_of` says otherwise."""
        return self._one(0, batch, as_of), self._one(1, batch, as_of)

    def _one(self, which: int, batch: Batch, as_of: date | None) -> pl.DataFrame:
        decider, places = self._deciders[which], self._places[which]
        rows = []
        for request in batch.requests:
            decision = decider.decide(request, as_of)
            rules = sorted(places[one["id"]] for one in decision.result.rules)
            hangs = len(decision.result.possible) > 1
            rows.append((decision.recommendation.rank, decision.score, decision.strategy, hangs, rules))
        return pl.DataFrame(rows, schema=RESULT, orient="row")


class Columnar:
    """Evaluates whole columns; what the conditions of both policies share is computed once."""

    name = f"columnar (polars {pl.__version__})"

    def __init__(self, baseline: Policy, candidate: Policy) -> None:
        self._joint = JointEvaluator((baseline, candidate))

    def evaluate(self, batch: Batch, as_of: date | None) -> Results:
        """The results of a batch; each case by its own day unless `as_of` says otherwise."""
        old, new = self._joint.evaluate(batch.frame(), as_of)
        names = list(RESULT)
        return old.select(names), new.select(names)


def evaluation(baseline: Policy, candidate: Policy, engine: str | None = None) -> Evaluation:
    """The way of evaluating cases under two policies: whole columns, unless `reference` asks for case by case."""
    return Columnar(baseline, candidate) if engine is None else PerCase(baseline, candidate, engine)


def ranks(policy: Policy, requests: Sequence[Request], as_of: date | None) -> list[int]:
    """The rank of the recommendation on each request: what attribution compares under policies with some edits."""
    if len(requests) > FEW:
        found = Evaluator(policy).evaluate(frame_of(requests), as_of, rules=False)
        return [int(rank) for rank in found["recommendation"]]
    decider = Decider(policy, "reference")
    return [decider.decide(request, as_of).recommendation.rank for request in requests]
