"""Files of historical cases -> case sets in batches.

Parquet is read column by column, every other format row by row. Both ways accept and reject the
same rows: a row with a value that is not canonical goes to the reader of requests, which
understands it or rejects it with the message that every intake gives.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from triage.columnar.canonical import file_columns, typed
from triage.columnar.columns import ID, facts_of
from triage.columnar.encode import frame_of
from triage.errors import RequestError, UsageError
from triage.formats.file_names import one_line
from triage.formats.parquet import SLICE, ParquetFile
from triage.intake.cells import shown
from triage.intake.inbox import Inbox, Rejected
from triage.intake.requests import REQUIRED, RequestReader
from triage.intake.survey import FileSurvey
from triage.messages import Language, say
from triage.model.facts import Fact, Origin, Request
from triage.model.policy import Policy

if TYPE_CHECKING:
    import polars as pl

ROW_GROUP = 100_000
"""Rows of a row group that is written: a reader skips the groups that its slice does not touch."""


@dataclass(frozen=True)
class FileSlice:
    """Consecutive rows of a Parquet file.

    `repeated` has the ids that several rows of the file have, with the first of these rows, counted
    from 0; `identified` tells whether every row of the file has an id.
    """

    path: str
    start: int
    length: int
    repeated: Mapping[str, int] = field(default_factory=dict)
    identified: bool = True


@dataclass(frozen=True)
class AcceptedCases:
    """The accepted cases of a batch, with the row of the file in which each stood.

    `read` counts the rejected rows too, and no rows that are no cases; `unknown` are the headers
    that mean nothing. The last batch of a file has its `survey` where that says something.
    """

    path: str
    cases: "pl.DataFrame"
    rows: "pl.Series"
    rejected: tuple[Rejected, ...]
    read: int
    unknown: tuple[str, ...] = ()
    survey: FileSurvey | None = None


def reading_policy(policies: Sequence[Policy], language: Language) -> Policy:
    """The first policy, with the facts of requests that only another one declares.

    `UsageError` where two policies differ in what a fact can be: a case has one value of it.
    """
    first = policies[0]
    facts, texts, vocabularies = dict(first.facts), dict(first.fact_texts), dict(first.vocabularies)
    for policy in policies[1:]:
        for name, fact in policy.request_facts.items():
            known = facts.setdefault(name, fact)
            if known.origin is Origin.REQUEST and known.kind is not fact.kind:
                values = {"fact": name, "first": known.kind, "other": fact.kind}
                raise UsageError(say("case-set.other-kind", language, **values))
            if known is fact:
                texts |= {name: policy.fact_texts[name]} if name in policy.fact_texts else {}
                if fact.values and fact.values in policy.vocabularies:
                    vocabularies.setdefault(fact.values, policy.vocabularies[fact.values])
    if facts.keys() == first.facts.keys():
        return first
    return replace(first, facts=facts, fact_texts=texts, vocabularies=vocabularies)


class CaseReader:
    """Reads cases by the headers and vocabularies of one policy; can be sent to other machines."""

    def __init__(self, policy: Policy, language: Language = "en") -> None:
        self.reader = RequestReader(policy, language)

    def slices(self, path: str, length: int = SLICE) -> list[FileSlice]:
        """A Parquet file in slices; `UsageError` if it is unreadable, empty or lacks a column."""
        reader, file = self.reader, ParquetFile(path, self.reader.language)
        meant = file_columns(reader, file.schema).meant
        for name in REQUIRED:
            if name not in meant.values():
                label = reader.policy.fact_texts[name].label[reader.language]
                names = shown(", ".join(file.schema.names()))
                values = {"label": label, "name": name, "names": names}
                raise UsageError(
                    say("case-set.no-column", reader.language, path=file.path, **values)
                )
        if not file.height:
            raise UsageError(say("intake.no-rows", reader.language, path=file.path))
        ids = [name for name, meaning in meant.items() if meaning == ID]
        repeated, missing = file.repeated(ids[0]) if len(ids) == 1 else ({}, file.height)
        starts = range(0, file.height, length)
        return [FileSlice(path, start, length, repeated, not missing) for start in starts]

    def read(self, slice_: FileSlice) -> AcceptedCases:
        import polars as pl

        path, first = slice_.path, slice_.start + 1
        file = ParquetFile(path, self.reader.language)
        rows = file.slice(slice_.start, slice_.length)
        columns = file_columns(self.reader, file.schema)
        unknown = tuple(columns.unknown)
        cases, sound = columns.read(rows)
        if slice_.repeated:
            sound = sound & ~cases[ID].is_in(list(slice_.repeated))
        numbers = pl.int_range(first, first + rows.height, dtype=pl.Int64, eager=True)
        if sound.all():
            return AcceptedCases(path, cases, numbers, (), rows.height, unknown)
        requests, at, rejected = self._one_by_one(slice_, rows, numbers, ~sound)
        kept = pl.concat([cases.filter(sound), self._cases(requests)])
        where = pl.concat([numbers.filter(sound), pl.Series(at, dtype=pl.Int64)])
        order = where.arg_sort()
        return AcceptedCases(path, kept[order], where[order], tuple(rejected), rows.height, unknown)

    def _cases(self, requests: Iterable[Request]) -> "pl.DataFrame":
        facts = facts_of([self.reader.policy])
        return frame_of(requests, facts).cast(dict(typed(self.reader)))  # type: ignore[arg-type]

    def _one_by_one(
        self, slice_: FileSlice, rows: "pl.DataFrame", numbers: "pl.Series", doubtful: "pl.Series"
    ) -> tuple[list[Request], list[int], list[Rejected]]:
        """The doubtful rows as requests with their row numbers, and those that are rejected."""
        accepted: dict[str, Request] = {}
        source = one_line(slice_.path)
        at: list[int] = []
        rejected: list[Rejected] = []
        first = {id: row + 1 for id, row in slice_.repeated.items()}
        given = rows.filter(doubtful).iter_rows(named=True)
        for number, row in zip(numbers.filter(doubtful), given, strict=True):
            request, errors = self.reader.read(row)
            if request is not None and first.setdefault(request.id, number) != number:
                values = {"source": source, "row": first[request.id]}
                expected = say("expected.unique-id", self.reader.language, **values)
                errors = [RequestError("id", shown(request.id), expected, "expected.unique-id")]
            if errors or request is None:
                rejected.append(Rejected(source, number, tuple(errors)))
                continue
            accepted[request.id] = request
            at.append(number)
        return list(accepted.values()), at, rejected

    def by_row(self, path: str, length: int = SLICE) -> Iterator[AcceptedCases]:
        """The cases of a file of any intake format, `length` accepted ones a batch."""
        import polars as pl

        inbox = Inbox(self.reader)
        requests = inbox.requests(path)
        read = rejected = 0
        while batch := list(islice(requests, length)):
            numbers = pl.Series([inbox.row(one.id) for one in batch], dtype=pl.Int64)
            new = tuple(inbox.rejected[rejected:])
            unknown = tuple(inbox.unknown_headers.get(one_line(path), ()))
            count = inbox.read - inbox.passed_over - read
            yield AcceptedCases(path, self._cases(batch), numbers, new, count, unknown)
            read, rejected = inbox.read - inbox.passed_over, len(inbox.rejected)
        new, none = tuple(inbox.rejected[rejected:]), pl.Series([], dtype=pl.Int64)
        count, survey = inbox.read - inbox.passed_over - read, inbox.surveys[one_line(path)]
        if count or survey.is_remarkable:
            yield AcceptedCases(path, self._cases(()), none, new, count, (), survey)


def write_cases(requests: Iterable[Request], path: str | Path, facts: Mapping[str, Fact]) -> None:
    """Write some facts of requests as a case set in Parquet."""
    import polars as pl

    frames, waiting = [frame_of((), facts)], iter(requests)
    while batch := list(islice(waiting, ROW_GROUP)):
        frames.append(frame_of(batch, facts))
    pl.concat(frames).write_parquet(path, row_group_size=ROW_GROUP)
