"""A grid of settings over historical cases, with finished points kept in a file."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from triage import __version__
from triage.errors import UsageError
from triage.intake.inbox import Inbox, Intake
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.policy_diff.trial import try_policy
from triage.rulebook.load import load_policy
from triage.sweep.grid import Grid, Point, read_grid
from triage.sweep.points import FinishedPoints, Result, Sweep

Progress = Callable[[int, int, Point], None]
"""Told how many points of how many are done, and which was the last."""


@dataclass
class CaseFiles:
    """Files of cases (`-` is standard input), read as often as they are needed; rejected rows
    are kept once.
    """

    files: Sequence[str]
    policy: Policy
    language: Language
    sheet: str | None = None
    inbox: Inbox | None = None
    keep: bool = False
    """Whether requests stay in memory: they are read several times otherwise."""
    _data: dict[str, bytes] = field(default_factory=dict)
    _requests: list[Request] | None = None

    def digest(self) -> str:
        """Hexadecimal SHA-256 of the only file, or of the digests of several, in their order."""
        digests = [self._digest(path) for path in self.files]
        return (
            digests[0]
            if len(digests) == 1
            else hashlib.sha256("".join(digests).encode()).hexdigest()
        )

    def _digest(self, path: str) -> str:
        if path == "-":
            self._data[path] = sys.stdin.buffer.read()
            return hashlib.sha256(self._data[path]).hexdigest()
        try:
            with Path(path).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise UsageError(
                say("intake.unreadable", self.language, path=path, problem=error.strerror)
            ) from None

    def requests(self) -> Iterator[Request]:
        """The accepted requests in the order of the files."""
        if self._requests is not None:
            return iter(self._requests)
        if self.keep:
            self._requests = list(self._read())
            return iter(self._requests)
        return self._read()

    def _read(self) -> Iterator[Request]:
        inbox = Intake(self.sheet).open(self.policy, self.language, self.files)
        if self.inbox is None:
            self.inbox = inbox
        for path in self.files:
            yield from inbox.requests(path, self._data.get(path))


@dataclass(frozen=True)
class Swept:
    """What a sweep found: the points in the order of the grid, and how many of them were there
    already.
    """

    baseline: Policy
    grid: Grid
    as_of: date | None
    digest: str
    results: dict[tuple[int, ...], Result]
    inbox: Inbox | None
    eligible: int
    not_in_force: int
    classifications: Counter[str | None]
    kept: int

    @property
    def rejected(self) -> int:
        """How many rows could not be read."""
        return len(self.inbox.rejected) if self.inbox else 0

    @property
    def counts(self) -> dict[str, int]:
        """Cases read, judged, from days on which nothing was in force, and rejected."""
        return {
            "read": self.eligible + self.not_in_force + self.rejected,
            "eligible": self.eligible,
            "not_in_force": self.not_in_force,
            "rejected": self.rejected,
        }

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "baseline": {"version": self.baseline.version},
            "as_of": self.as_of.isoformat() if self.as_of else "received",
            "cases": {"digest": self.digest, **self.counts},
            "axes": [
                {"name": axis.name, "values": list(axis.values), "baseline": axis.current}
                for axis in self.grid.axes
            ],
            "points": [self.results[point.places].as_dict() for point in self.grid.points()],
        }


def sweep(
    files: Sequence[str],
    settings: Sequence[str],
    rules: Path | None = None,
    as_of: date | None = None,
    language: Language = "en",
    output: Path | None = None,
    sheet: str | None = None,
    progress: Progress | None = None,
) -> Swept:
    """Run a grid over cases. Points that the file of `output` has already are not run again."""
    baseline = load_policy(rules, language)
    grid = read_grid(settings, baseline, language)
    cases = CaseFiles(files, baseline, language, sheet)
    digest = cases.digest()
    same = {
        "cases": digest,
        "baseline": baseline.version,
        "as_of": as_of.isoformat() if as_of else "received",
    }
    kept = FinishedPoints(output, {**same, "program": __version__}, language) if output else None
    run = Sweep(baseline, grid, cases.requests, as_of, language)
    # Where only scoring changes, the engine runs the baseline alone; else one family of points
    # stands for all of them.
    if compiled := [f"{axis.name}={axis.values[0]}" for axis in run.matching]:
        try_policy(None, compiled, rules, language)
    cases.keep = len(run.families()) > 1
    results: dict[tuple[int, ...], Result] = {}
    there = 0
    for point, result, new in run.run(kept.get if kept else lambda point: None):
        results[point.places] = result
        there += not new
        if new and kept is not None:
            kept.add(result)
        if progress is not None:
            progress(len(results), len(grid), point)
    counts = run.eligible, run.not_in_force, run.classifications
    return Swept(baseline, grid, as_of, digest, results, cases.inbox, *counts, there)
