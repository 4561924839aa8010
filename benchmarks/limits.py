"""The share of limits in a screening in which many wait: the example inbox sixty times over.

The aim is at most a tenth. Gathering what each request asks, choosing, and saying why a request
waits count as limits; everything else that `triage screen --format json` does is the rest. All
seconds are of the processor.

Run: python benchmarks/limits.py
"""

import csv
import functools
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from triage.service.limiting import Limiter
from triage.service.screening import Screening, Triage

INBOX = Path(__file__).parents[1] / "examples" / "inbox.csv"
COPIES = 60
ROUNDS = 5
STEPS = ((Limiter, "add"), (Limiter, "report"), (Screening, "keep_within"))


def main() -> None:
    """Print the share, the seconds and how many wait."""
    triage = Triage()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inbox.csv"
        write(path)
        screened(triage, path)  # settles the policy for the days of the inbox
        gc.collect()
        gc.freeze()  # as the API does
        rounds = [screened(triage, path) for _ in range(ROUNDS)]
    shares = sorted(limits / total for limits, total, _ in rounds)
    totals = statistics.median(total for _, total, _ in rounds)
    (counts,) = {counts for _, _, counts in rounds}
    print(
        f"{counts}: limits take {statistics.median(shares):.1%} of {totals:.2f} s "
        f"(median of {ROUNDS}, from {shares[0]:.1%} to {shares[-1]:.1%})"
    )


def write(path: Path) -> None:
    """The rows of the example, each several times with an id of its own."""
    with INBOX.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for copy in range(COPIES):
            writer.writerows([f"{id}-{copy:03}", *rest] for id, *rest in rows)


def screened(triage: Triage, path: Path) -> tuple[float, float, str]:
    """Seconds of the limits and of the whole, and what came of it."""
    seconds: list[float] = []
    with timing(seconds):
        start = time.process_time()
        report = triage.screen([str(path)], form="json")
        for _ in report.pieces():
            pass
        total = time.process_time() - start
    read, deferred = report.totals["read"], len(report.limits.words.allocation.deferred)
    report.close()
    return sum(seconds), total, f"{read:,} rows of which {deferred:,} wait"


@contextmanager
def timing(seconds: list[float]) -> Iterator[None]:
    """Note the seconds of each call of what keeps the limits."""

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def measured(*arguments: Any) -> Any:
            start = time.process_time()
            try:
                return call(*arguments)
            finally:
                seconds.append(time.process_time() - start)

        return measured

    patches = [patch.object(owner, name, timed(getattr(owner, name))) for owner, name in STEPS]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


if __name__ == "__main__":
    main()
