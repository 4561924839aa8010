"""The forms of file that requests come in, and one such file while it is read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from triage.errors import RequestError, UsageError
from triage.formats.file_names import one_line
from triage.formats.rows import TextForm
from triage.intake.headers import PASSED_OVER
from triage.intake.requests import Given
from triage.intake.survey import FileSurvey, Findings, PassedRow
from triage.messages import LANGUAGES, Language, say

TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls")
OBJECTS = (".json", ".jsonl", ".ndjson", ".yaml", ".yml")
FORMATS = (*TEXTS, *WORKBOOKS, *OBJECTS)
"""The forms that rejected rows can be written in too; Parquet is only read."""
NO_TABLES = frozenset((".doc", ".docx", ".odt", ".pages", ".rtf", ".pdf", ".eml", ".msg"))
OTHER_TABLES = frozenset((".numbers", ".xlsb", ".xltx", ".fods", ".gsheet", ".html", ".htm"))
REASONS = frozenset(say("rejects.reason", language) for language in LANGUAGES)
"""The headers of the column in which rejected rows carry their reason."""
MOST_UNKNOWN = 20

Form = Literal["text", "workbook", "json", "jsonl", "yaml"]


@dataclass(frozen=True, slots=True)
class FileShape:
    """What must be known of a file to write another like it: its form and what goes with that.

    `key` is the one under which the requests of a JSON or YAML file stand.
    """

    form: Form
    text: TextForm | None = None
    sheet: str | None = None
    key: str | None = None

    @property
    def has_cells(self) -> bool:
        """Whether its rows are cells below a header."""
        return self.form in ("text", "workbook")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, what stands in it or what is wrong with it, and what it was made of.

    A row that is no request is given as what it is.
    """

    number: int
    given: Given | RequestError | PassedRow
    original: Any


Rows = Iterator[Row]


@dataclass(frozen=True)
class InboxFile:
    """A file while it is read: how it is called, what its headers mean, and whom to tell of it.

    `sheet` names the sheet of a workbook. `unknown_headers` has the headers without a meaning, by
    path. `on_shape` is called with the shape of the file, its path and its header before its rows.
    `header_rows` is the number of rows of its header where that is known, and `any_header` tells
    that a header will do of which no name is known. Hidden rows and columns are passed over where
    `skips_hidden` says so.
    """

    path: str
    language: Language
    header: Callable[[str], str | None]
    unknown_headers: dict[str, list[str]]
    sheet: str | None = None
    on_shape: Callable[[FileShape, str, Sequence[str]], None] | None = None
    header_rows: int | None = None
    any_header: bool = False
    skips_hidden: bool = False
    findings: Findings = field(default_factory=Findings)

    @cached_property
    def name(self) -> str:
        """The path as it can be shown."""
        return one_line(self.path)

    @property
    def survey(self) -> FileSurvey:
        """What was found of the file so far."""
        return self.findings.survey(self.name)

    def begin(self, shape: FileShape, names: Sequence[str] = ()) -> None:
        """From here on rows of this shape come, below these headers if it has any."""
        self.findings.note(form=shape.form, sheet=shape.sheet, headers=tuple(names))
        if self.on_shape is not None:
            self.on_shape(shape, self.name, names)

    def fact(self, header: str) -> str | None:
        """The fact that a header means; the reason of a rejected row is none."""
        meaning = self.header(header)
        return None if meaning == PASSED_OVER else meaning

    def check(self, headers: Iterable[str]) -> None:
        """Note the headers that mean nothing."""
        for header in headers:
            if not self.header(header):
                self.note(header)

    def note(self, header: str) -> None:
        """Keep a header that means nothing, so that the reader is told of it once."""
        unknown = self.unknown_headers.setdefault(self.name, [])
        if header not in unknown and len(unknown) < MOST_UNKNOWN:
            unknown.append(header)

    def error(self, key: str, **values: object) -> UsageError:
        """Why the file cannot be read: the message under `key`."""
        return UsageError(say(key, self.language, path=self.name, **values))

    def rejection(
        self, number: int, key: str, text: str, original: Any, /, **values: object
    ) -> Row:
        """A row that is no request: `text` stands in it, and `key` tells what was expected."""
        expected = say(key, self.language, **values)
        return Row(number, RequestError("row", text, expected, key), original)
