"""`triage screen` as a whole process: rows per second to JSON, peak memory, and the cold start.

Run: python benchmarks/screening.py
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
INBOX = ROOT / "examples" / "inbox.csv"
SIZES = (1_000, 10_000, 20_000)


def main() -> None:
    """Print rows per second and peak memory for each size, then the cold start."""
    with INBOX.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"inbox-{size}.csv"
            write(path, header, rows, size)
            seconds, memory = run([str(path), "--format", "json"])
            rate = size / seconds
            print(
                f"{size:>7,} rows to JSON: {seconds:6.1f} s  {rate:7,.0f} rows/s  "
                f"peak {memory:6.0f} MB"
            )
    cold = sorted(run([str(INBOX)])[0] for _ in range(5))
    least, middle, most = cold[0], cold[2], cold[-1]
    print(f"example inbox from a cold start: median of 5 {middle:.2f} s ", end="")
    print(f"(from {least:.2f} to {most:.2f})")


def write(path: Path, header: list[str], rows: list[list[str]], size: int) -> None:
    """An inbox of the example's rows in random order, each with an id of its own."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for number in range(size):
            writer.writerow([f"B-{number:06}", *chance.choice(rows)[1:]])


def run(arguments: list[str]) -> tuple[float, float]:
    """Wall seconds and peak megabytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "triage.cli", "screen", *arguments], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"screen failed with status {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
