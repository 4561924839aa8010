"""Files of historical cases -> case sets in batches: Parquet column by column, every other format
row by row.

Every row is accepted or rejected as `inbox` would have it: what is not canonical in a column goes
to the same reader of requests, with the same messages.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from triage.columnar.canonical import columns, typed
from triage.columnar.encode import frame_of
from triage.columnar.shape import ID
from triage.errors import RequestError, UsageError
from triage.formats.parquet import SLICE, ParquetFile
from triage.intake.cells import shown
from triage.intake.inbox import Inbox, Rejected
from triage.intake.requests import REQUIRED, RequestReader
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy

if TYPE_CHECKING:
    import polars as pl

GROUP = 100_000
"""Rows of a row group: slices that keep to them need not read others."""


@dataclass(frozen=True)
class FileSlice:
    """Some rows of a Parquet file.

    `repeated` has the ids that several rows have, with the first of these rows; `identified` tells
    whether every row of the file has an id.
    """

    path: str
    start: int
    length: int
    repeated: Mapping[str, int] = field(default_factory=dict)
    identified: bool = True


@dataclass(frozen=True)
class AcceptedCases:
    """Accepted cases with the number of the row in which each stood, what was rejected, and how
    many rows were read.

    `unknown` are the headers that mean nothing.
    """

    path: str
    cases: "pl.DataFrame"
    rows: "pl.Series"
    rejected: tuple[Rejected, ...]
    read: int
    unknown: tuple[str, ...] = ()


class CaseReader:
    """Reads cases with the headers and vocabularies of one policy; it can be sent to other
    machines.
    """

    def __init__(self, policy: Policy, language: Language = "en") -> None:
        self.reader = RequestReader(policy, language)

    def parts(self, path: str, length: int = SLICE) -> list[FileSlice]:
        """A Parquet file in parts; a `UsageError` when it cannot be read, or has no column that
        a request needs.
        """
        reader, file = self.reader, ParquetFile(path, self.reader.language)
        meant = columns(reader, file.schema).meant
        for name in REQUIRED:
            if name not in meant.values():
                label = reader.policy.fact_texts[name].label[reader.language]
                values = {
                    "label": label,
                    "name": name,
                    "names": shown(", ".join(file.schema.names())),
                }
                raise UsageError(say("case-set.no-column", reader.language, path=path, **values))
        if not file.height:
            raise UsageError(say("intake.no-rows", reader.language, path=path))
        ids = [name for name, meaning in meant.items() if meaning == ID]
        repeated, missing = file.repeated(ids[0]) if len(ids) == 1 else ({}, file.height)
        return [
            FileSlice(path, start, length, repeated, not missing)
            for start in range(0, file.height, length)
        ]

    def read(self, part: FileSlice) -> AcceptedCases:
        """The cases of a part."""
        import polars as pl

        file = ParquetFile(part.path, self.reader.language)
        rows, read = file.slice(part.start, part.length), columns(self.reader, file.schema)
        cases, sound = read.read(rows)
        if part.repeated:
            sound = sound & ~cases[ID].is_in(list(part.repeated))
        numbers = pl.int_range(
            part.start + 1, part.start + rows.height + 1, dtype=pl.Int64, eager=True
        )
        if sound.all():
            return AcceptedCases(part.path, cases, numbers, (), rows.height, tuple(read.unknown))
        accepted, at, rejected = self._one_by_one(part, rows, numbers, ~sound)
        mended = frame_of(accepted).cast(dict(typed(self.reader)))  # type: ignore[arg-type]
        where = pl.concat([numbers.filter(sound), pl.Series(at, dtype=pl.Int64)])
        order = where.arg_sort()
        together = pl.concat([cases.filter(sound), mended])[order]
        return AcceptedCases(
            part.path, together, where[order], tuple(rejected), rows.height, tuple(read.unknown)
        )

    def _one_by_one(
        self, part: FileSlice, rows: "pl.DataFrame", numbers: "pl.Series", doubtful: "pl.Series"
    ) -> tuple[list[Request], list[int], list[Rejected]]:
        accepted: dict[str, Request] = {}
        at: list[int] = []
        rejected: list[Rejected] = []
        first = {id: row + 1 for id, row in part.repeated.items()}
        for number, given in zip(
            numbers.filter(doubtful), rows.filter(doubtful).iter_rows(named=True), strict=True
        ):
            request, errors = self.reader.read(given)
            if request is not None and first.setdefault(request.id, number) != number:
                values = {"source": part.path, "row": first[request.id]}
                expected = say("expected.unique-id", self.reader.language, **values)
                errors = [RequestError("id", shown(request.id), expected)]
            if errors or request is None:
                rejected.append(Rejected(part.path, number, tuple(errors)))
                continue
            accepted[request.id] = request
            at.append(number)
        return list(accepted.values()), at, rejected

    def by_row(self, path: str, length: int = SLICE) -> Iterator[AcceptedCases]:
        """The cases of a file of any intake format, read row by row."""
        import polars as pl

        inbox = Inbox(self.reader)
        requests, types = inbox.requests(path), typed(self.reader)
        read = rejected = 0
        while some := list(islice(requests, length)):
            cases = frame_of(some).cast(dict(types))  # type: ignore[arg-type]
            numbers = pl.Series([inbox.row(one.id) for one in some], dtype=pl.Int64)
            told = tuple(inbox.rejected[rejected:])
            yield AcceptedCases(
                path,
                cases,
                numbers,
                told,
                inbox.read - read,
                tuple(inbox.unknown_headers.get(path, ())),
            )
            read, rejected = inbox.read, len(inbox.rejected)
        if inbox.read > read:
            none = frame_of(()).cast(dict(types))  # type: ignore[arg-type]
            told = tuple(inbox.rejected[rejected:])
            yield AcceptedCases(path, none, pl.Series([], dtype=pl.Int64), told, inbox.read - read)


def write_cases(requests: Iterable[Request], path: str | Path) -> None:
    """Write requests as a case set in Parquet."""
    import polars as pl

    frames, waiting = [frame_of(())], iter(requests)
    while some := list(islice(waiting, GROUP)):
        frames.append(frame_of(some))
    pl.concat(frames).write_parquet(path, row_group_size=GROUP)
