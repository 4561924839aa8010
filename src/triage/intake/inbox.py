"""Files of requests -> requests and rejected rows.

Every row is either accepted, or rejected with its number, field, value and what was expected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import RequestError, UsageError
from triage.intake.cells import shown
from triage.intake.confirming import SuggestionSheet, read_answers
from triage.intake.files import read_rows
from triage.intake.forms import WORKBOOKS, InboxFile, Row, Rows
from triage.intake.rejects import Rejects
from triage.intake.requests import RequestReader
from triage.intake.suggestions import Suggester
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Intake:
    """How an inbox is read.

    `sheet` names the sheet of a workbook; `rejects` is a file for the rejected rows; facts that
    nobody gave are taken from the text only when `accept_suggestions` says so. `suggest_to` is a
    file for what the texts suggest, `confirmed` such a file as a person filled it in.
    """

    sheet: str | None = None
    rejects: Path | None = None
    accept_suggestions: bool = False
    suggest_to: Path | None = None
    confirmed: Path | None = None

    def open(self, policy: Policy, language: Language, files: Iterable[str] = ()) -> "Inbox":
        """An inbox for these files; the caller closes it."""
        paths = list(files)
        if self.sheet is not None and not any(
            path == "-" or path.lower().endswith(WORKBOOKS) for path in paths
        ):
            raise UsageError(say("intake.sheet-without-workbook", language))
        suggests = self.accept_suggestions or self.suggest_to is not None
        suggester = Suggester(policy) if suggests else None
        rejects = Rejects(self.rejects, paths, language) if self.rejects else None
        reader = RequestReader(policy, language, suggester)
        reader.accepts, sheet = self.accept_suggestions, None
        if self.suggest_to is not None:
            kept = [*paths, *([str(self.confirmed)] if self.confirmed else ())]
            sheet = SuggestionSheet(self.suggest_to, kept, policy, language)
            reader.on_suggestions = sheet.add
        if self.confirmed is not None:
            reader.answers = read_answers(self.confirmed, policy, language)
        return Inbox(reader, self.sheet, rejects, suggestions=sheet)


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be a request: where it stands, and each thing that is wrong with it."""

    source: str
    row: int
    errors: tuple[RequestError, ...]

    def as_dict(self) -> dict[str, Any]:
        """The first error in the JSON shape, the others under `more`."""
        first, *others = [
            {"field": error.field, "value": error.value, "expected": error.expected}
            for error in self.errors
        ]
        shape: dict[str, Any] = {"source": self.source, "row": self.row, **first}
        return shape | {"more": others} if others else shape

    def lines(self, language: Language) -> list[str]:
        """One line an error, for people."""
        place = {"source": self.source, "row": self.row}
        return [_told("intake.rejected", language, error, **place) for error in self.errors]

    def reason(self, language: Language) -> str:
        """All errors in one line that begins with the place."""
        errors = [_told("rejects.error", language, error) for error in self.errors]
        return say("rejects.place", language, source=self.source, row=self.row) + "; ".join(errors)


def _told(key: str, language: Language, error: RequestError, **values: object) -> str:
    values |= {"field": error.field, "value": error.value, "expected": error.expected}
    return say(key, language, **values)


@dataclass
class Inbox:
    """Reads files one after the other; counts what it has read and keeps what it has rejected."""

    reader: RequestReader
    sheet: str | None = None
    rejects: Rejects | None = None
    suggestions: SuggestionSheet | None = None
    rejected: list[Rejected] = field(default_factory=list)
    unknown_headers: dict[str, list[str]] = field(default_factory=dict)
    read: int = 0
    _ids: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def language(self) -> Language:
        """The language of messages."""
        return self.reader.language

    def requests(self, path: str, data: bytes | None = None) -> Iterator[Request]:
        """The accepted requests of a file (`-` is standard input), in its order.

        Content that was read already is given as `data`, and `path` is then only its name.
        """
        before = self.read
        for row in self._rows(path, data):
            self.read += 1
            if isinstance(row.given, RequestError):
                self._reject(path, row, [row.given])
                continue
            request, errors = self.reader.read(row.given)
            if request is not None and request.id in self._ids:
                source, first = self._ids[request.id]
                expected = say("expected.unique-id", self.language, source=source, row=first)
                errors = [RequestError("id", shown(request.id), expected)]
            if errors or request is None:
                self._reject(path, row, errors)
                continue
            self._ids[request.id] = (path, row.number)
            yield request
        if self.read == before:
            raise UsageError(say("intake.no-rows", self.language, path=path))

    def row(self, id: str) -> int:
        """The number of the row in which an accepted request stood."""
        return self._ids[id][1]

    def reserve(self, other: "Inbox") -> None:
        """Take the ids of another inbox as used: a request with one of them is rejected here."""
        self._ids.update(other._ids)

    def prose(self, path: str, data: bytes | None = None) -> Iterator[tuple[int, str | None, str]]:
        """The number of each row, its id and its free text, whatever is wrong with its facts."""
        for row in self._rows(path, data):
            if not isinstance(row.given, RequestError):
                yield row.number, *self.reader.prose(row.given)

    @property
    def remarks(self) -> list[str]:
        """A line for each row of a sheet of answers that says nothing which could be used."""
        answers = self.reader.answers
        return [*answers.problems, *answers.unmet(self.language)] if answers else []

    def close(self) -> None:
        """Let go of the rejected rows that wait to be written."""
        if self.rejects is not None:
            self.rejects.close()

    def _rows(self, path: str, data: bytes | None) -> Rows:
        on_shape = self.rejects.begin if self.rejects is not None else None
        header, unknown = self.reader.header, self.unknown_headers
        return read_rows(
            InboxFile(path, self.language, header, unknown, self.sheet, on_shape), data
        )

    def _reject(self, path: str, row: Row, errors: list[RequestError]) -> None:
        rejected = Rejected(path, row.number, tuple(errors))
        self.rejected.append(rejected)
        if self.rejects is not None:
            self.rejects.add(row.original, rejected.reason(self.language))
