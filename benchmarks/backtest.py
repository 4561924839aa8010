"""A rule change tried on 1,000,000 cases, from Parquet to the transition matrix and the flips.

Three ways in processes of their own, on the same file: the columnar evaluator with both policies at
once; a plain Polars program of the same policies; the engine that decides one case, on a part of
the cases. The results must be the same. Each way runs several times and the best counts, because
other work may share the machine; the ratios are of runs taken in turn.

Run: python benchmarks/backtest.py [CASES]
"""

import gc
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CASES = 1_000_000
PART = 100_000
"""The plain program lists the rules of every case so slowly that both do it on a part only."""
SAMPLE = 4_000
ROUNDS = 2
SLICE = 200_000
FIRST_DAY, DAYS = "2022-04-12", 1350
WAYS = {
    "columnar": ("columnar", False, False),
    "columnar, rules of all": ("columnar", True, False),
    "plain Polars": ("plain", False, False),
    "columnar, rules of all, a part": ("columnar", True, True),
    "plain Polars, rules of all, a part": ("plain", True, True),
    "case by case, first cases": ("by_case", False, True),
}
"""Of each way: its function, whether it lists the rules of every case or only of the flips, and
whether it reads a part of the cases.
"""


def main() -> None:
    """Write the cases once, run every way, compare, and print what was measured."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    best = run_all(count)
    same = all(
        len({result["digest"] for result in best.values() if result["cases"] == size}) == 1
        for size in (count, min(PART, count))
    )
    sample = len({result["sample"] for result in best.values()}) == 1
    print(f"the same matrix and flips: {same}; ", end="")
    print(f"those of the first {SAMPLE:,} as case by case: {sample}")
    print(f"flips: {best['columnar']['flips']:,}; {best['columnar']['matrix']}")
    for way, result in best.items():
        rate = result["cases"] * 2 / result["seconds"]
        print(
            f"{way:<35} {result['cases']:>9,} cases {result['seconds']:7.2f} s  "
            f"{rate:>9,.0f} cases/s a policy  {result['processor']:6.1f} s of processors  "
            f"peak {result['memory']:6,.0f} MB"
        )
    print("cases by second of processor time, which other work on the machine distorts least:")
    rates = {way: result["cases"] / result["processor"] for way, result in best.items()}
    for way, other in (
        ("columnar", "case by case, first cases"),
        ("columnar", "plain Polars"),
        ("columnar, rules of all, a part", "plain Polars, rules of all, a part"),
    ):
        print(f"  {way} / {other}: {rates[way] / rates[other]:.1f}")
    if not same or not sample:
        sys.exit("the ways differ")


def run_all(count: int) -> dict[str, dict[str, Any]]:
    """The best run of every way."""
    best: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        whole, part = Path(folder) / "cases.parquet", Path(folder) / "part.parquet"
        # In a process of its own: a child begins with the memory of its parent.
        command = [sys.executable, __file__, "write", str(whole), str(part), str(count)]
        subprocess.run(command, check=True)
        size = whole.stat().st_size / 1e6
        cores = os.cpu_count()
        print(f"{count:,} cases, {size:.0f} MB of Parquet, two policies, {cores} cores")
        for _ in range(ROUNDS):
            for way, (_, _, partly) in WAYS.items():
                result = measured(way, part if partly else whole)
                if way not in best or result["seconds"] < best[way]["seconds"]:
                    best[way] = result
    return best


def measured(way: str, path: Path) -> dict[str, Any]:
    """One way in a process of its own, with its peak memory in megabytes."""
    process = subprocess.Popen(
        [sys.executable, __file__, "run", way, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{way} failed with status {status}")
    return {**json.loads(text), "memory": usage.ru_maxrss / 1024}


# -- cases


def write(whole: Path, part: Path, count: int) -> None:
    """Cases like those of the example history: its rows on other days, with some facts mixed."""
    import numpy as np
    import polars as pl

    from triage.columnar.columns import facts_of
    from triage.columnar.encode import frame_of
    from triage.intake.inbox import Inbox
    from triage.intake.requests import RequestReader
    from triage.rulebook.load import load_policy

    policy = load_policy()
    cases = Inbox(RequestReader(policy)).requests(
        str(ROOT / "examples" / "history" / "cases-synthetic.csv")
    )
    history = frame_of(cases, facts_of([policy]))
    chance = np.random.default_rng(20220412)
    first = np.datetime64(FIRST_DAY).astype(int)
    days = pl.Series(np.sort(chance.integers(first, first + DAYS, count)).astype(np.int32))
    cases = history[chance.integers(0, history.height, count)]
    moved = days - cases["received"].to_physical()
    for name, often in (("topics", 0.4), ("countries", 0.3), ("participants", 0.3), ("level", 0.2)):
        other = history[name][chance.integers(0, history.height, count)]
        cases = cases.with_columns(
            pl.when(pl.Series(chance.random(count) < often))
            .then(other)
            .otherwise(pl.col(name))
            .alias(name)
        )
    cases = cases.with_columns(
        request_id=pl.format("B-{}", pl.int_range(pl.len())),
        received=days.cast(pl.Date),
        start=(cases["start"].to_physical() + moved).cast(pl.Date),
        end=(cases["end"].to_physical() + moved).cast(pl.Date),
        visa_required_participants=pl.lit(None, dtype=pl.Int32),
    )
    cases.write_parquet(whole, row_group_size=100_000)
    cases.head(PART).write_parquet(part, row_group_size=100_000)


# -- the ways


def run(way: str, path: str) -> dict[str, Any]:
    """The matrix and the flips of one way, and its seconds, loading of policies not counted."""
    import polars as pl

    from triage.policy_diff.candidate import load_candidate
    from triage.rulebook.load import load_policy

    baseline = load_policy()
    candidate = load_candidate(ROOT / "examples" / "candidate" / "wider-door.yaml", (), baseline)
    name, rules, _ = WAYS[way]
    judge = {"columnar": columnar, "plain": plain, "by_case": by_case}[name]
    gc.freeze()  # as the command line does
    start, used = time.perf_counter(), time.process_time()
    matrix: Counter[str] = Counter()
    frames = []
    cases = 0
    for size, counted, changed in judge(baseline, candidate, path, rules):
        cases += size
        matrix += counted
        frames.append(changed)
    flips = pl.concat(frames)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    early = flips.filter(pl.col("id").str.strip_prefix("B-").cast(pl.Int64) < SAMPLE)
    return {
        "seconds": seconds,
        "processor": used,
        "cases": cases,
        "flips": flips.height,
        "matrix": dict(sorted(matrix.items())),
        "digest": digest(sorted(matrix.items()), flips),
        "sample": digest(early),
    }


def digest(*content: Any) -> str:
    """The same for the same content."""

    def plain(item: Any) -> Any:
        """A table as rows, with the lists in its cells sorted."""
        if not hasattr(item, "rows"):
            return item
        rows = item.rows()
        return [[sorted(cell) if isinstance(cell, list) else cell for cell in row] for row in rows]

    return hashlib.sha256(json.dumps([plain(item) for item in content]).encode()).hexdigest()


def columnar(baseline: Any, candidate: Any, path: str, rules: bool) -> Any:
    """Both policies at once; rules of the flips only, unless those of all cases are asked for."""
    from triage.columnar.backends import evaluate_files
    from triage.columnar.evaluate import JointEvaluator

    numbers = numbers_of(baseline, candidate)
    joint = JointEvaluator((baseline, candidate))
    for batch, (old, new) in evaluate_files((baseline, candidate), [path], rules=rules):
        flipped = (old["recommendation"] != new["recommendation"]).arg_true()
        few = [old[flipped], new[flipped]] if rules else joint.evaluate(batch.cases[flipped])
        yield compared(numbers, batch.cases["request_id"], old, new, flipped, *few)


def plain(baseline: Any, candidate: Any, path: str, rules: bool) -> Any:
    """One program a policy, the rules of the flips in a second run."""
    import polars as pl
    from yardstick.plain_polars import PlainProgram

    first, second = PlainProgram(baseline), PlainProgram(candidate)
    numbers = numbers_of(baseline, candidate)
    scan = pl.scan_parquet(path)
    height = scan.select(pl.len()).collect().item()
    for start in range(0, height, SLICE):
        cases = scan.slice(start, SLICE).collect()
        old, new = first.evaluate(cases, rules), second.evaluate(cases, rules)
        flipped = (old["recommendation"] != new["recommendation"]).arg_true()
        if rules:
            few = [old[flipped], new[flipped]]
        else:
            few = [program.evaluate(cases[flipped], True) for program in (first, second)]
        yield compared(numbers, cases["request_id"], old, new, flipped, *few)


def numbers_of(*policies: Any) -> list[Any]:
    """For each policy a number for each of its rules: the same for rules of the same id."""
    import polars as pl

    ids = sorted({rule.id for policy in policies for rule in policy.rules})
    numbers = {id: number for number, id in enumerate(ids)}
    return [
        pl.Series([numbers[rule.id] for rule in policy.rules], dtype=pl.UInt16)
        for policy in policies
    ]


def compared(
    numbers: Any, ids: Any, old: Any, new: Any, flipped: Any, old_rules: Any, new_rules: Any
) -> Any:
    """The matrix and the flips of some cases, each with its score, rules gained and rules lost."""
    import polars as pl

    counted: Counter[str] = Counter()
    pairs = old["recommendation"] * 3 + new["recommendation"]
    for pair, number in pairs.value_counts().iter_rows():
        counted[f"{pair // 3}>{pair % 3}"] += number
    lists = []
    for own, results in zip(numbers, (old_rules, new_rules), strict=True):
        number_of = pl.element().replace_strict(pl.int_range(len(own), eager=True), own)
        lists.append(results["rules"].list.eval(number_of))
    flips = pl.DataFrame({"id": ids[flipped], "from": old["recommendation"][flipped]}).with_columns(
        to=new["recommendation"][flipped],
        score=new["score"][flipped],
        gained=lists[1].list.set_difference(lists[0]),
        lost=lists[0].list.set_difference(lists[1]),
    )
    return len(ids), counted, flips


def by_case(baseline: Any, candidate: Any, path: str, rules: bool) -> Any:
    """The engine of `triage screen` on the first cases, one process."""
    import polars as pl

    from triage.columnar.encode import requests_of
    from triage.deciding.decide import Decider

    first, second = Decider(baseline), Decider(candidate)
    ids = sorted({rule.id for policy in (baseline, candidate) for rule in policy.rules})
    numbers = {id: number for number, id in enumerate(ids)}
    counted: Counter[str] = Counter()
    changed = []
    for request in requests_of(pl.scan_parquet(path).head(SAMPLE).collect()):
        old, new = first.decide(request), second.decide(request)
        counted[f"{old.recommendation.rank}>{new.recommendation.rank}"] += 1
        if old.recommendation is not new.recommendation:
            had, has = (
                {numbers[one["id"]] for one in decision.result.rules} for decision in (old, new)
            )
            ranks = [old.recommendation.rank, new.recommendation.rank]
            changed.append([request.id, *ranks, new.score, sorted(has - had), sorted(had - has)])
    schema = {"id": pl.String, "from": pl.Int8, "to": pl.Int8, "score": pl.Int16}
    lists = {"gained": pl.List(pl.UInt16), "lost": pl.List(pl.UInt16)}
    yield SAMPLE, counted, pl.DataFrame(changed, schema=schema | lists, orient="row")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", whole, part, count]:
            write(Path(whole), Path(part), int(count))
        case ["run", way, path]:
            print(json.dumps(run(way, path)))
        case _:
            main()
