"""What came of a sweep, for every form in which it is given out."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from triage.intake.inbox import Inbox
from triage.model.policy import Policy
from triage.sweep.grid import Grid
from triage.sweep.points import Result


@dataclass(frozen=True)
class Swept:
    """The result of each point, by its places on the axes of the grid.

    `eligible` cases were judged; on the days of `not_in_force` no strategy was in force. `kept`
    points were in the file already.
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
        """The rows that could not be read."""
        return len(self.inbox.rejected) if self.inbox else 0

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of cases."""
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
