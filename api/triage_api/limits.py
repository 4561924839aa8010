"""How much may be sent, and how long anything may take."""

from time import monotonic

from triage_api.problems import ProblemError

JSON_BYTES = 1_000_000
INLINE_BYTES = 50_000
BATCH_BYTES = 8_000_000
UPLOAD_BYTES = 20_000_000
OTHER_BYTES = 16_384
DROPPED_BYTES = 100_000_000
MOST_REQUESTS = 1000

BODY_SECONDS = 30.0
"""For a whole body to arrive."""
WORK_SECONDS = 180.0
"""For a batch or an inbox to be decided."""
ASSESS_SECONDS = 30.0
"""For the changes that would raise a recommendation to be found; most take well under a second."""
DROPPED_SECONDS = 5.0
"""For the rest of a body that is too large, before it is refused."""
IDLE_SECONDS = 5
"""For an open connection without a request."""
STOP_SECONDS = 200
"""For what is under way when the server is told to stop: longer than any of it may take."""

MOST_JOBS = 100
"""Batches and inboxes at work or waiting; the next one is told to come back later."""

BODY_LIMITS = {
    "/v1/decisions": JSON_BYTES,
    "/v1/assessments": JSON_BYTES,
    "/v1/decisions/batch": BATCH_BYTES,
    # The multipart form around the file is not counted against it.
    "/v1/screenings": UPLOAD_BYTES + OTHER_BYTES,
}


class Deadline:
    """The moment by which a job must be done."""

    def __init__(self, seconds: float = WORK_SECONDS) -> None:
        self._end, self._seconds = monotonic() + seconds, seconds

    def check(self, _count: int = 0) -> None:
        """`ProblemError` when the time is up; it can stand where a job reports its progress."""
        if monotonic() > self._end:
            raise ProblemError("too-slow", seconds=int(self._seconds))
