"""Files of requests -> requests and rejected rows.

Every row is either accepted, or rejected with its number, field, value and what was expected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from triage.errors import RequestError, UsageError
from triage.formats.file_names import one_line
from triage.intake.cells import shown
from triage.intake.confirming import SuggestionSheet, read_answers
from triage.intake.files import read_rows
from triage.intake.forms import WORKBOOKS, InboxFile, Row, Rows
from triage.intake.likeness import content_digest
from triage.intake.profile import NO_PROFILE, HiddenParts, ImportProfile
from triage.intake.rejects import Rejects
from triage.intake.requests import RequestReader
from triage.intake.suggestions import Suggester
from triage.intake.survey import FileSurvey, PassedRow
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Intake:
    """How an inbox is read.

    `sheet` names the sheet of a workbook; `rejects` is a file for the rejected rows; facts that
    nobody gave are taken from the text only when `accept_suggestions` says so. `profile` is that of
    the source of the files. `hidden` says, in the place of the profile, whether hidden rows and
    columns are read. `suggest_to` is a file for what the texts suggest, `confirmed` such a file as
    a person filled it in.
    """

    sheet: str | None = None
    rejects: Path | None = None
    accept_suggestions: bool = False
    profile: ImportProfile = NO_PROFILE
    hidden: HiddenParts | None = None
    suggest_to: Path | None = None
    confirmed: Path | None = None

    def open(self, policy: Policy, language: Language, files: Iterable[str] = ()) -> "Inbox":
        """An inbox for these files; the caller closes it."""
        paths = list(files)
        profile = replace(self.profile, hidden=self.hidden) if self.hidden else self.profile
        sheet = self.sheet or profile.sheet
        if self.sheet is not None and not any(
            path == "-" or path.lower().endswith(WORKBOOKS) for path in paths
        ):
            raise UsageError(say("intake.sheet-without-workbook", language))
        suggests = self.accept_suggestions or self.suggest_to is not None
        suggester = Suggester(policy) if suggests else None
        rejects = Rejects(self.rejects, paths, language) if self.rejects else None
        reader = RequestReader(policy, language, suggester, profile)
        reader.accepts, suggestions = self.accept_suggestions, None
        if self.suggest_to is not None:
            kept = [*paths, *([str(self.confirmed)] if self.confirmed else ())]
            suggestions = SuggestionSheet(self.suggest_to, kept, policy, language)
            reader.on_suggestions = suggestions.add
        if self.confirmed is not None:
            reader.answers = read_answers(self.confirmed, policy, language)
        return Inbox(reader, sheet, rejects, suggestions=suggestions)

    def beside(self, files: Iterable[str]) -> "Intake":
        """How files are read beside an inbox: a sheet is for workbooks, no row is written out."""
        books = any(name.lower().endswith(WORKBOOKS) for name in files)
        sheet = self.sheet if books else None
        return replace(self, sheet=sheet, rejects=None, suggest_to=None, confirmed=None)


PLAIN_INTAKE = Intake()
"""Nothing in particular is asked of the reading."""


class AcceptedRow(NamedTuple):
    """Where an accepted request stood, and the digest of its content."""

    file: str
    row: int
    content: bytes


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
        return [self.line(error, language) for error in self.errors]

    def line(self, error: RequestError, language: Language) -> str:
        """One error with its place."""
        return _told("intake.rejected", language, error, source=self.source, row=self.row)

    def reason(self, language: Language) -> str:
        """All errors in one line that begins with the place."""
        errors = [_told("rejects.error", language, error) for error in self.errors]
        return say("rejects.place", language, source=self.source, row=self.row) + "; ".join(errors)


def _told(key: str, language: Language, error: RequestError, **values: object) -> str:
    values |= {"field": error.field, "value": error.value, "expected": error.expected}
    return say(key, language, **values)


@dataclass
class Inbox:
    """Reads files one after the other; counts what it has read and keeps what it has rejected.

    Rows that are no requests, such as totals, are read and passed over; `surveys` has by path what
    was found of each file that was read to its end.
    """

    reader: RequestReader
    sheet: str | None = None
    rejects: Rejects | None = None
    suggestions: SuggestionSheet | None = None
    rejected: list[Rejected] = field(default_factory=list)
    unknown_headers: dict[str, list[str]] = field(default_factory=dict)
    read: int = 0
    passed_over: int = 0
    surveys: dict[str, FileSurvey] = field(default_factory=dict)
    _ids: dict[str, AcceptedRow] = field(default_factory=dict)

    @property
    def language(self) -> Language:
        """The language of messages."""
        return self.reader.language

    def requests(self, path: str, data: bytes | None = None) -> Iterator[Request]:
        """The accepted requests of a file (`-` is standard input), in its order.

        Content that was read already is given as `data`, and `path` is then only its name.
        """
        requests, name = 0, one_line(path)
        for row in self._rows(path, data):
            self.read += 1
            if isinstance(row.given, PassedRow):
                self.passed_over += 1
                continue
            requests += 1
            if isinstance(row.given, RequestError):
                self._reject(name, row, [row.given])
                continue
            request, errors = self.reader.read(row.given)
            if errors or request is None:
                self._reject(name, row, errors)
                continue
            accepted = AcceptedRow(name, row.number, content_digest(request))
            first = self._ids.setdefault(request.id, accepted)
            if first is accepted:
                yield request
            else:
                self._reject(name, row, [self._taken(request.id, first, accepted)])
        if not requests:
            raise UsageError(say("intake.no-rows", self.language, path=name))

    def place(self, id: str) -> AcceptedRow:
        """Where an accepted request stood."""
        return self._ids[id]

    def row(self, id: str) -> int:
        """The number of the row in which an accepted request stood."""
        return self._ids[id].row

    def reserve(self, other: "Inbox") -> None:
        """Take the ids of another inbox as used: a request with one of them is rejected here."""
        self._ids.update(other._ids)

    def prose(self, path: str, data: bytes | None = None) -> Iterator[tuple[int, str | None, str]]:
        """The number of each row, its id and its free text, whatever is wrong with its facts."""
        for row in self._rows(path, data):
            if not isinstance(row.given, RequestError | PassedRow):
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

    def look(self, path: str, data: bytes | None = None) -> FileSurvey:
        """What is found of a file when it is read to its end, whatever its header means.

        Nothing is accepted, rejected or counted.
        """
        file = replace(self._file(path), on_shape=None, unknown_headers={}, any_header=True)
        for _ in read_rows(file, data):
            pass
        return file.survey

    def _rows(self, path: str, data: bytes | None) -> Rows:
        file = self._file(path)
        yield from read_rows(file, data)
        self.surveys[file.name] = file.survey

    def _file(self, path: str) -> InboxFile:
        on_shape = self.rejects.begin if self.rejects is not None else None
        header, unknown = self.reader.header, self.unknown_headers
        profile = self.reader.profile
        return InboxFile(
            path,
            self.language,
            header,
            unknown,
            self.sheet,
            on_shape,
            profile.header_rows,
            skips_hidden=profile.hidden == "skip",
        )

    def _taken(self, id: str, first: AcceptedRow, second: AcceptedRow) -> RequestError:
        """What is wrong with a request whose id is taken: it is there already, or another is."""
        same = first.content == second.content
        key = "expected.same-request" if same else "expected.unique-id"
        expected = say(key, self.language, source=first.file, row=first.row)
        return RequestError("id", shown(id), expected, key)

    def _reject(self, source: str, row: Row, errors: list[RequestError]) -> None:
        rejected = Rejected(source, row.number, tuple(errors))
        self.rejected.append(rejected)
        if self.rejects is not None:
            self.rejects.add(row.original, rejected.reason(self.language))
