"""Intake alone: 100,000 rows of CSV and of XLSX become requests, each in one process.

The rows are those of the example inbox in random order, each with an id of its own.
Run: python benchmarks/intake.py [--rows 100000]
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
INBOX = ROOT / "examples" / "inbox.csv"
READ = """
import sys
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.rulebook.load import load_policy

inbox = Inbox(RequestReader(load_policy()))
accepted = sum(1 for _ in inbox.requests(sys.argv[1]))
print(accepted, len(inbox.rejected))
"""
LOAD = "from triage.rulebook.load import load_policy; load_policy(); print('0 0')"


def main() -> None:
    """Print rows per second and peak memory of each format, beside loading the policy alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    size = parser.parse_args().rows
    with INBOX.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    idle, least, _ = run(LOAD, Path())
    print(f"policy loaded, nothing read: {idle:6.1f} s, peak {least:5.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        for path in (Path(folder) / "inbox.csv", Path(folder) / "inbox.xlsx"):
            write(path, header, list(drawn(rows, size)))
            seconds, memory, counts = run(READ, path)
            rate = size / (seconds - idle)
            weight = path.stat().st_size / 1e6
            print(
                f"{size:,} rows of {path.suffix[1:]:<4} ({weight:3.0f} MB): {seconds:6.1f} s, "
                f"{rate:7,.0f} rows/s, "
                f"peak {memory:5.0f} MB ({memory - least:+.0f}); accepted and rejected: {counts}"
            )


def drawn(rows: list[list[str]], size: int) -> Iterator[list[str]]:
    """Rows of the example, each with an id of its own."""
    chance = random.Random(7)
    for number in range(size):
        yield [f"B-{number:06}", *chance.choice(rows)[1:]]


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """An inbox as CSV or XLSX."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("inbox")
    for row in (header, *rows):
        sheet.append([cell or None for cell in row])
    book.save(path)


def run(code: str, path: Path) -> tuple[float, float, str]:
    """Wall seconds, peak megabytes and the last line of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    if status:
        sys.exit(f"reading failed with status {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, out.strip()


if __name__ == "__main__":
    main()
