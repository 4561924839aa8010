"""Historical cases in batches: read from files of every intake format, counted, known by a digest of their bytes."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from triage.columnar.encode import frame_of
from triage.facts import Request
from triage.inbox import Inbox, Intake
from triage.messages import Language
from triage.policy import Policy

Schema = dict[str, pl.DataType | type[pl.DataType]]

BATCH = 20_000
"""Cases evaluated together."""

ABOUT: Schema = {
    "id": pl.String,
    "received": pl.Date,
    "engagement_type": pl.String,
    "mission": pl.String,
    "requester_type": pl.String,
    "countries": pl.List(pl.String),
    "language": pl.String,
    "classification": pl.String,
    "outcome": pl.String,
}
"""What the report groups cases by; `outcome` is that of the determination. Absent is null."""


@dataclass(frozen=True)
class Batch:
    """Some cases: the columns of `ABOUT`, and the requests themselves in the same order."""

    about: pl.DataFrame
    requests: Sequence[Request]

    def frame(self) -> pl.DataFrame:
        """The cases as columns for evaluation."""
        return frame_of(self.requests)

    def filter(self, keep: pl.Series) -> "Batch":
        """The cases for which a column of truth values is true."""
        if keep.all():
            return self
        return Batch(self.about.filter(keep), [one for one, kept in zip(self.requests, keep, strict=True) if kept])


@dataclass(frozen=True, slots=True)
class Source:
    """A file of cases, with the SHA-256 of its bytes."""

    path: str
    digest: str


@dataclass
class CaseSet:
    """The cases of some files (`-` is standard input). What they were is known once all batches have been read."""

    files: Sequence[str]
    policy: Policy
    language: Language
    intake: Intake = field(default_factory=Intake)
    sources: list[Source] = field(default_factory=list)
    inbox: Inbox = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = self.intake.open(self.policy, self.language, self.files)

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the only file, or of the digests of several, in their order."""
        if len(self.sources) == 1:
            return self.sources[0].digest
        return hashlib.sha256("".join(one.digest for one in self.sources).encode()).hexdigest()

    @property
    def read(self) -> int:
        """Rows read, rejected ones too."""
        return self.inbox.read

    @property
    def rejected(self) -> Counter[str]:
        """Rejected rows by the field that is wrong first."""
        return Counter(one.errors[0].field for one in self.inbox.rejected)

    def batches(self, progress: Callable[[int], None] | None = None) -> Iterator[Batch]:
        """The accepted cases in the order of the files."""
        waiting: list[Request] = []
        for path in self.files:
            data = sys.stdin.buffer.read() if path == "-" else None
            for request in self.inbox.requests(path, data):
                waiting.append(request)
                if progress is not None:
                    progress(self.inbox.read)
                if len(waiting) == BATCH:
                    yield _batch(waiting)
                    waiting = []
            self.sources.append(Source(path, _digest(path, data)))
        if waiting:
            yield _batch(waiting)

    def close(self) -> None:
        """Let go of what waits to be written."""
        self.inbox.close()


def _batch(requests: list[Request]) -> Batch:
    columns = {name: [getattr(one, name) for one in requests] for name in ABOUT if name not in ("countries", "outcome")}
    columns["countries"] = [None if one.countries is None else sorted(one.countries) for one in requests]
    columns["outcome"] = [one.determination and one.determination.outcome for one in requests]
    return Batch(pl.DataFrame(columns, schema=ABOUT), requests)


def _digest(path: str, data: bytes | None) -> str:
    if data is not None:
        return hashlib.sha256(data).hexdigest()
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
