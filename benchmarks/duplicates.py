"""What finding duplicates costs: its share of a screening, and seconds for 100,000 requests.

The share is measured within one process, in seconds of its own time: reading, deciding and writing
JSON as a whole, and then the same requests again, to find duplicates alone. The rows are those of
the example inbox in random order on random days, so that most are like one before them. Without
screening, three kinds of 100,000 requests: of many requesters, of 300 requesters, and of one
requester on one day.
Run: python benchmarks/duplicates.py [--rows 10000] [--requests 100000]
"""

import argparse
import csv
import gc
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from triage.intake.duplicates import Duplicates
from triage.intake.inbox import AcceptedRow, Intake
from triage.intake.likeness import content_digest
from triage.model.facts import Request
from triage.service import Triage

INBOX = Path(__file__).parents[1] / "examples" / "inbox.csv"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    """Print the share, then the seconds of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inbox.csv"
        write(path, given.rows)
        share(path, given.rows)
    for name, kind in KINDS.items():
        alone(name, kind, given.requests)


def write(path: Path, size: int) -> None:
    """An inbox of the example's rows, each on a day and with an id of its own."""
    chance = random.Random(7)
    with INBOX.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    day = header.index("Date received")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for number in range(size):
            row = list(chance.choice(rows))
            row[0], row[day] = f"B-{number:06}", str(later(chance, 1500))
            writer.writerow(row)


def later(chance: random.Random, days: int) -> date:
    return date(2020, 1, 6) + timedelta(chance.randrange(days))


def share(path: Path, size: int) -> None:
    """Screen once, then find the duplicates of the same requests once more, alone."""
    triage = Triage()
    gc.freeze()
    start = time.process_time()
    screening = triage.screen([str(path)], form="json")
    written = sum(map(len, screening.pieces()))
    whole = time.process_time() - start
    inbox = Intake().open(triage.policy, "en", [str(path)])
    requests = list(inbox.requests(str(path)))
    gc.freeze()
    start = time.process_time()
    found = Duplicates()
    for number, request in enumerate(requests):
        found.add(request, "inbox", AcceptedRow(str(path), number, content_digest(request)))
    links = found.links()
    again = time.process_time() - start
    print(
        f"{size:,} rows to {written / 1e6:.0f} MB of JSON: {whole:.1f} s; to find {len(links):,} "
        f"links takes {again:.2f} s, {again / whole:.1%} of it"
    )
    screening.close()
    inbox.close()


def alone(name: str, kind: Callable[[random.Random, list[str]], dict[str, Any]], size: int) -> None:
    """Keep and link requests that are made up."""
    chance = random.Random(7)
    words = ["".join(chance.choices(LETTERS, k=8)) for _ in range(5000)]
    found = Duplicates()
    spent = 0.0
    for number, facts in enumerate(made(chance, words, kind, size)):
        request = Request({"id": f"B-{number:06}", "engagement_type": "meeting", **facts})
        start = time.process_time()
        found.add(request, "inbox", AcceptedRow("b.csv", number, content_digest(request)))
        spent += time.process_time() - start
    start = time.process_time()
    links = found.links()
    linking = time.process_time() - start
    print(f"{size:,} requests of {name}: {spent:.1f} s to keep, {linking:.1f} s for ", end="")
    print(f"{len(links):,} links")


def made(
    chance: random.Random, words: list[str], kind: Callable[..., dict[str, Any]], size: int
) -> Iterator[dict[str, Any]]:
    for _ in range(size):
        received = later(chance, 1000)
        facts = {
            "received": received,
            "start": received + timedelta(chance.randrange(20, 90)),
            "title": " ".join(chance.sample(words, 5)),
            "countries": frozenset(chance.sample(words[:10], 1)),
            "topics": frozenset(chance.sample(words[:60], 2)),
        }
        yield facts | kind(chance, words)


KINDS: dict[str, Callable[[random.Random, list[str]], dict[str, Any]]] = {
    "100,000 requesters at most": lambda chance, words: {
        "requester_organization": "Ministry of " + " ".join(chance.sample(words, 2))
    },
    "300 requesters": lambda chance, words: {
        "requester_organization": f"Ministry of {chance.choice(words[:300])}"
    },
    "one requester on one day": lambda chance, words: {
        "requester_organization": "Ministry of Labour",
        "received": date(2020, 1, 6),
        "start": date(2020, 3, 2),
        "topics": frozenset(chance.sample(words, 1)),
    },
}


if __name__ == "__main__":
    main()
