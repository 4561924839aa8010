"""The edit behind each of 10,000 changed cases, among 10 edits, beside one evaluation of them.

The cases are those of benchmarks/backtest.py. Every edit is tried alone and left out, and sets of
edits where none changes a case alone. What is said of a sample of the cases is then checked by the
engine that decides one case.

Run: python benchmarks/attribution.py [FLIPS]
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backtest import write

from triage.backtest.attribution import attribute
from triage.columnar.encode import requests_of
from triage.columnar.evaluate import Evaluator
from triage.deciding.decide import Decider
from triage.model.policy import RANKED, Policy
from triage.policy_diff.candidate import load_candidate
from triage.policy_diff.edits import edits_between, with_edits
from triage.rulebook.load import load_policy

ROOT = Path(__file__).parents[1]
FLIPS = 10_000
CASES_A_FLIP = 12
SAMPLE = 60
OVERLAY = ROOT / "examples" / "candidate" / "wider-door.yaml"
SETTINGS = [
    *("defer_threshold=30", "points_full_alignment=42", "points_expressed_interest=12"),
    *("points_listed_country=14", "largely_aligned_share=3/4", "americas_visit_gate=true"),
]
"""With the four edits of the overlay these make ten."""


def main() -> None:
    """Find the flips, attribute them, check a sample, and print what was measured."""
    import polars as pl

    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else FLIPS
    baseline = load_policy()
    candidate = load_candidate(OVERLAY, SETTINGS, baseline)
    edits = [edit for edit in edits_between(baseline, candidate) if edit.affects_results]
    with tempfile.TemporaryDirectory() as folder:
        whole, part = Path(folder) / "cases.parquet", Path(folder) / "part.parquet"
        write(whole, part, wanted * CASES_A_FLIP)
        cases = pl.read_parquet(whole)
    old = Evaluator(baseline).evaluate(cases, rules=False)["recommendation"]
    new = Evaluator(candidate).evaluate(cases, rules=False)["recommendation"]
    rows = (old != new).arg_true().head(wanted)
    flips = cases[rows]
    moved = dict(enumerate(zip(old[rows].to_list(), new[rows].to_list(), strict=True)))
    counts = f"{len(moved):,} changed cases of {cases.height:,}, {len(edits)} edits"
    print(f"{counts}, {os.cpu_count()} cores")
    runs: list[int] = []

    def evaluate(policy: Policy, chosen: Sequence[Any]) -> list[int]:
        runs.append(len(chosen))
        results = Evaluator(policy).evaluate(flips[list(chosen)], rules=False)
        return [int(rank) for rank in results["recommendation"]]

    once = timed(lambda: evaluate(candidate, range(len(moved))))
    runs.clear()
    start = time.perf_counter()
    causes = attribute(edits, moved, evaluate, baseline, candidate)
    seconds = time.perf_counter() - start
    print(Counter((cause.how, len(cause.edits)) for cause in causes.values()))
    print(f"one evaluation of these cases, the policy compiled for it: {once:.2f} s")
    print(
        f"attribution: {seconds:.1f} s, {len(runs)} evaluations of {sum(runs):,} cases, "
        f"{seconds / once:.1f} times one"
    )
    check(flips, moved, causes, edits, baseline, candidate)


def timed(run: Any) -> float:
    """The best of three."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def check(
    flips: Any, moved: Any, causes: Any, edits: Any, baseline: Policy, candidate: Policy
) -> None:
    """On a sample, decide each case again with the edits named; the result must be that of all."""
    chosen = random.Random(7).sample(sorted(moved), min(SAMPLE, len(moved)))
    requests = list(requests_of(flips[chosen]))
    by_id = {edit.id: edit for edit in edits}
    for number, request in zip(chosen, requests, strict=True):
        cause = causes[number]
        tries = [cause.edits] if cause.how == "jointly" else [(id,) for id in cause.edits]
        for ids in tries:
            policy = with_edits(baseline, candidate, [by_id[id] for id in ids])
            decision = Decider(policy, "reference").decide(request)
            if decision.recommendation != RANKED[moved[number][1]]:
                sys.exit(f"{request.id}: {ids} do not give what is said")
    print(f"{len(chosen)} of them tried case by case: as it is said")


if __name__ == "__main__":
    main()
