"""The smallest changes that would raise a proposal: time and runs of the engine.

Over the example inbox and the example proposals, all but those that are accepted already. The aim
is a p99 under one second. Absolute figures depend on the machine; the ratio to one decision, taken
in the same run, depends on it much less.

Run: python benchmarks/changes.py
"""

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from triage.advice.search import MOST_RUNS, find_changes
from triage.deciding.decide import Decider
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request
from triage.rulebook.load import load_policy

EXAMPLES = Path(__file__).parents[1] / "examples"
ROUNDS = 5


def main() -> None:
    """Print p50, p99 and the worst of both, the ratio, and the runs of the engine."""
    policy = load_policy()
    decider = Decider(policy)
    files = [EXAMPLES / "inbox.csv", *sorted((EXAMPLES / "proposals").iterdir())]
    inbox = Inbox(RequestReader(policy))
    requests = [request for file in files for request in inbox.requests(str(file))]
    open_ = [one for one in requests if decider.decide(one).recommendation != "accept"]
    counts = f"{len(open_)} of {len(requests)} not accepted"
    print(f"policy {policy.version}, {decider.engines.name}, {counts}")
    gc.freeze()  # as the command line does
    changes: list[float] = []
    decisions: list[float] = []
    for _ in range(ROUNDS):
        for request in open_:
            # In turn, so that both see the same moments of a shared machine.
            times = [timed(lambda one=request: decider.decide(one)) for _ in range(5)]
            decisions.append(statistics.median(times))
            changes.append(timed(lambda one=request: find_changes(decider, one)))
    show("one decision", decisions, 1e6, "µs")
    show("changes", changes, 1e3, "ms")
    ratio = statistics.median(changes) / statistics.median(decisions)
    print(f"changes / decision      p50 {ratio:6.0f}")
    searches = [find_changes(decider, one) for one in open_]
    runs, sets = [one.runs for one in searches], [len(one.sets) for one in searches]
    print(
        f"runs of the engine      p50 {statistics.median(runs):6.0f}    most {max(runs)} "
        f"(at most {MOST_RUNS} sets are tried, and what is shown is run again)"
    )
    short = sum(one.largest is not None for one in searches)
    print(
        f"sets found              p50 {statistics.median(sets):6.0f}    most {max(sets)}; "
        f"searches cut short: {short}"
    )
    slowest(decider, open_)


def slowest(decider: Decider, requests: list[Request]) -> None:
    """The three requests that take longest."""
    times = [(timed(lambda one=one: find_changes(decider, one)), one.id) for one in requests]
    times.sort(reverse=True)
    print("slowest: " + ", ".join(f"{id} {seconds * 1e3:.0f} ms" for seconds, id in times[:3]))


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def show(name: str, values: list[float], scale: float, unit: str) -> None:
    """One line: the median, the p99 and the largest value."""
    p50, p99 = statistics.median(values), statistics.quantiles(values, n=100)[98]
    figures = {"p50": p50, "p99": p99, "most": max(values)}
    told = [f"{label} {value * scale:6.0f} {unit}" for label, value in figures.items()]
    print(f"{name:<23} {'  '.join(told)}")


if __name__ == "__main__":
    main()
