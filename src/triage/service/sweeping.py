"""A grid of settings over historical cases, with finished points kept in a file."""

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from triage import __version__
from triage.errors import UsageError
from triage.intake.inbox import PLAIN_INTAKE, Inbox, Intake
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.policy_diff.trial import try_policy
from triage.rulebook.load import load_policy
from triage.sweep.grid import Point, read_grid
from triage.sweep.points import FinishedPoints, Result, Sweep
from triage.sweep.swept import Swept

Progress = Callable[[int, int, Point], None]
"""Told how many points of how many are done, and which was the last."""


@dataclass
class CaseFiles:
    """Files of cases (`-` is standard input), read as often as needed; `inbox` has the first time.

    `keep` holds the requests in memory, when they are read more than once.
    """

    files: Sequence[str]
    policy: Policy
    language: Language
    intake: Intake = PLAIN_INTAKE
    inbox: Inbox | None = None
    keep: bool = False
    _data: dict[str, bytes] = field(default_factory=dict)
    _requests: list[Request] | None = None

    def digest(self) -> str:
        """Hexadecimal SHA-256 of the only file, or of the digests of several, in their order."""
        digests = [self._digest(path) for path in self.files]
        if len(digests) == 1:
            return digests[0]
        return hashlib.sha256("".join(digests).encode()).hexdigest()

    def _digest(self, path: str) -> str:
        if path == "-":
            self._data[path] = sys.stdin.buffer.read()
            return hashlib.sha256(self._data[path]).hexdigest()
        try:
            with Path(path).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            values = {"path": path, "problem": error.strerror}
            raise UsageError(say("intake.unreadable", self.language, **values)) from None

    def requests(self) -> Iterator[Request]:
        """The accepted requests in the order of the files."""
        if not self.keep:
            return self._read()
        if self._requests is None:
            self._requests = list(self._read())
        return iter(self._requests)

    def _read(self) -> Iterator[Request]:
        inbox = self.intake.open(self.policy, self.language, self.files)
        if self.inbox is None:
            self.inbox = inbox
        for path in self.files:
            yield from inbox.requests(path, self._data.get(path))


def sweep(
    files: Sequence[str],
    settings: Sequence[str],
    rules: Path | None = None,
    as_of: date | None = None,
    language: Language = "en",
    output: Path | None = None,
    intake: Intake = PLAIN_INTAKE,
    progress: Progress | None = None,
) -> Swept:
    """Run a grid over cases. Points that the file of `output` has already are not run again."""
    baseline = load_policy(rules, language)
    grid = read_grid(settings, baseline, language)
    cases = CaseFiles(files, baseline, language, intake)
    digest, day = cases.digest(), as_of.isoformat() if as_of else "received"
    finished = None
    if output:
        same = {"cases": digest, "baseline": baseline.version, "as_of": day, "program": __version__}
        if intake != PLAIN_INTAKE:
            same |= {"sheet": intake.sheet or "", "hidden": intake.hidden or ""}
        finished = FinishedPoints(output, same, language)
    run = Sweep(baseline, grid, cases.requests, as_of, language)
    # Where only scoring changes, the engine runs the baseline alone; else one family of points
    # stands for all of them.
    if compiled := [f"{axis.name}={axis.values[0]}" for axis in run.matching]:
        try_policy(None, compiled, rules, language)
    cases.keep = len(run.families()) > 1
    results: dict[tuple[int, ...], Result] = {}
    kept = 0
    for point, result, new in run.run(finished.get if finished else lambda point: None):
        results[point.places] = result
        kept += not new
        if new and finished is not None:
            finished.add(result)
        if progress is not None:
            progress(len(results), len(grid), point)
    counts = run.eligible, run.not_in_force, run.classifications
    return Swept(baseline, grid, as_of, digest, results, cases.inbox, *counts, kept)
