"""Historical cases in batches with what two policies make of them, and digests of their files.

Files are read and evaluated by `columnar`, on a backend of choice. Standard input, and a named
sheet of a workbook, are read as an inbox.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from triage.columnar.backends import BACKENDS, Backend, evaluate_files
from triage.columnar.cases import reading_policy
from triage.columnar.columns import ID, OUTCOME, facts_of
from triage.columnar.encode import frame_of, requests_of
from triage.columnar.evaluate import JointEvaluator
from triage.formats.parquet import SLICE, SUFFIX
from triage.intake.inbox import PLAIN_INTAKE, Intake, Rejected
from triage.intake.survey import FileSurvey
from triage.messages import Language
from triage.model.facts import Request
from triage.model.policy import Policy

BATCH = 20_000
"""Cases of an inbox that are evaluated together."""

ABOUT = (
    "received",
    "engagement_type",
    "mission",
    "requester_type",
    "countries",
    "language",
    "classification",
)
"""The columns of a case set by which the report groups cases."""


@dataclass(frozen=True)
class JudgedCases:
    """Some cases with their results under the baseline and under the candidate, in the same order.

    The results have the columns of `Evaluator.evaluate`.
    """

    cases: pl.DataFrame
    results: tuple[pl.DataFrame, pl.DataFrame]

    @property
    def about(self) -> pl.DataFrame:
        """What the report groups by, with `id`, and the `outcome` of the determination."""
        return self.cases.select(pl.col(ID).alias("id"), *ABOUT, pl.col(OUTCOME).alias("outcome"))

    def requests(self, rows: Sequence[int]) -> list[Request]:
        """The cases in some rows as requests: a report explains few of many."""
        return list(requests_of(self.cases[rows])) if rows else []

    def filter(self, keep: pl.Series) -> "JudgedCases":
        """The cases for which a column of truth values is true."""
        if keep.all():
            return self
        old, new = (one.filter(keep) for one in self.results)
        return JudgedCases(self.cases.filter(keep), (old, new))


@dataclass(frozen=True, slots=True)
class Source:
    """A file of cases, with the SHA-256 of its bytes."""

    path: str
    digest: str


@dataclass
class CaseSet:
    """The cases of some files (`-` is standard input).

    What they were is known once all batches have been taken. `read` counts rejected rows too;
    `unknown_headers` has by file the headers that mean nothing, and `surveys` what was found of a
    file beside its rows.
    """

    files: Sequence[str]
    language: Language
    intake: Intake = PLAIN_INTAKE
    sources: list[Source] = field(default_factory=list)
    read: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    unknown_headers: dict[str, list[str]] = field(default_factory=dict)
    surveys: dict[str, FileSurvey] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the only file, or of the digests of several, in their order."""
        if len(self.sources) == 1:
            return self.sources[0].digest
        return hashlib.sha256("".join(one.digest for one in self.sources).encode()).hexdigest()

    @property
    def rejected_by_field(self) -> Counter[str]:
        """Rejected rows by the field that is wrong first."""
        return Counter(one.errors[0].field for one in self.rejected)

    def batches(
        self,
        baseline: Policy,
        candidate: Policy,
        as_of: date | None,
        on: Backend,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[JudgedCases]:
        """The accepted cases with their results, in the order of the files.

        Headers are those of `reading_policy`. Each case is judged by its own day unless `as_of`
        says otherwise. `progress` is called with the number of rows read.
        """
        policies = (baseline, candidate)
        as_inbox = self.intake != PLAIN_INTAKE or "-" in self.files
        read = self._inbox(policies, as_of) if as_inbox else self._files(policies, as_of, on)
        for batch in read:
            if progress is not None:
                progress(self.read)
            if batch.cases.height:
                yield batch
        if not as_inbox:
            self.sources += [Source(path, _digest(path)) for path in self.files]

    def _files(
        self, policies: tuple[Policy, Policy], as_of: date | None, on: Backend
    ) -> Iterator[JudgedCases]:
        # Files that are read row by row are slow enough for their progress to be shown.
        length = SLICE if all(path.lower().endswith(SUFFIX) for path in self.files) else BATCH
        evaluated = evaluate_files(
            policies, self.files, as_of, on=on, language=self.language, length=length
        )
        for batch, (old, new) in evaluated:
            self.read += batch.read
            self.rejected += batch.rejected
            self._note_unknown(batch.path, batch.unknown)
            if batch.survey is not None:
                self.surveys[batch.path] = batch.survey
            yield JudgedCases(batch.cases, (old, new))

    def _inbox(self, policies: tuple[Policy, Policy], as_of: date | None) -> Iterator[JudgedCases]:
        policy = reading_policy(policies, self.language)
        inbox = self.intake.open(policy, self.language, self.files)
        evaluator = JointEvaluator(policies)
        waiting: list[Request] = []
        for path in self.files:
            data = sys.stdin.buffer.read() if path == "-" else None
            for request in inbox.requests(path, data):
                waiting.append(request)
                if len(waiting) == BATCH:
                    self.read = inbox.read - inbox.passed_over
                    yield _evaluated(evaluator, waiting, as_of)
                    waiting = []
            digest = _digest(path) if data is None else hashlib.sha256(data).hexdigest()
            self.sources.append(Source(path, digest))
        self.read, self.rejected = inbox.read - inbox.passed_over, inbox.rejected
        self.surveys = inbox.surveys
        for path, names in inbox.unknown_headers.items():
            self._note_unknown(path, names)
        yield _evaluated(evaluator, waiting, as_of)

    def _note_unknown(self, path: str, names: Sequence[str]) -> None:
        for name in names:
            known = self.unknown_headers.setdefault(path, [])
            if name not in known:
                known.append(name)


def _evaluated(
    evaluator: JointEvaluator, requests: Sequence[Request], as_of: date | None
) -> JudgedCases:
    cases = frame_of(requests, facts_of(evaluator.policies))
    old, new = evaluator.evaluate(cases, as_of)
    return JudgedCases(cases, (old, new))


def _digest(path: str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def engine_name(backend: str) -> str:
    """The evaluator as a report names it, with the backend if it is not this machine."""
    elsewhere = f", {backend}" if backend != BACKENDS[0] else ""
    return f"columnar (polars {pl.__version__}){elsewhere}"
