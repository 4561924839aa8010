"""What was found of a file beside its rows: how it is written, its header, what was passed over.

Nothing is decided here. `Findings` collects while a file is read, and `FileSurvey` is what stays.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from triage.formats.encodings import ENCODING_NAMES, Encoding
from triage.messages import Language, say

RowKind = Literal["header", "total", "section", "footer", "hidden"]
"""Why a row below the header is no request."""

KINDS: Mapping[RowKind, str] = {
    "header": "file.passed-headers",
    "total": "file.passed-totals",
    "section": "file.passed-sections",
    "footer": "file.passed-footers",
    "hidden": "file.passed-hidden",
}
"""The message that tells the rows of each kind."""

MOST_KEPT = 1_000
FEW_ROWS = 5


def passed_over(totals: Mapping[str, int], language: Language) -> str:
    """The sentence on rows that are no requests, after a blank; nothing where there are none."""
    count = totals.get("passed_over", 0)
    return " " + say("file.passed-over", language, count=count) if count else ""


@dataclass(frozen=True, slots=True)
class PassedRow:
    """A row that is no request, for what it is; `text` is what stands in it, in short."""

    number: int
    kind: RowKind
    text: str


@dataclass(frozen=True, slots=True)
class FileSurvey:
    """A file as it was found.

    `titles` are the rows above the header with their numbers, `header_rows` those of the header.
    `hidden_rows` counts the hidden rows that hold something, `hidden_columns` names the hidden
    columns; both were read unless `skips_hidden`. `passed` has the first `MOST_KEPT` rows that were
    passed over, and `passed_count` all of them by kind. `stray_rows` are the first rows with bytes
    that are not of the encoding. `sees_looks` tells whether number formats and hidden parts are
    seen in a file of this form. Numbers of rows and columns begin at 1.
    """

    source: str
    form: str = ""
    encoding: Encoding | None = None
    delimiter: str | None = None
    sheet: str | None = None
    hidden_sheets: tuple[str, ...] = ()
    titles: tuple[tuple[int, str], ...] = ()
    header_rows: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    unnamed_columns: tuple[int, ...] = ()
    hidden_rows: int = 0
    first_hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    skips_hidden: bool = False
    passed: tuple[PassedRow, ...] = ()
    passed_count: Mapping[RowKind, int] = field(default_factory=dict)
    stray_rows: tuple[int, ...] = ()
    sees_looks: bool = True

    @property
    def passed_over(self) -> int:
        """How many rows were passed over."""
        return sum(self.passed_count.values())

    @property
    def is_remarkable(self) -> bool:
        """Whether a reader should know something of the file."""
        return next(self.lines("en"), None) is not None

    def lines(self, language: Language) -> Iterator[str]:
        """What a reader should know of the file, a line each; nothing of an ordinary file."""
        path = self.source
        if self.encoding is not None and not self.encoding.is_plain:
            yield self._encoding_line(self.encoding, language)
        if self.hidden_sheets:
            names = ", ".join(self.hidden_sheets)
            yield say("file.hidden-sheets", language, path=path, names=names)
        if not self.sees_looks:
            yield say("file.looks-unseen", language, path=path)
        if self.hidden_rows and not self.skips_hidden:
            rows = _shortened(self.first_hidden_rows, self.hidden_rows)
            values = {"path": path, "count": self.hidden_rows, "rows": rows}
            yield say("file.hidden-rows", language, **values)
        if self.hidden_columns:
            names = ", ".join(self.hidden_columns)
            skipped, read = "file.hidden-columns-skipped", "file.hidden-columns"
            key = skipped if self.skips_hidden else read
            yield say(key, language, path=path, names=names)
        for kind, key in KINDS.items():
            if count := self.passed_count.get(kind, 0):
                rows = _told([row for row in self.passed if row.kind == kind], count, language)
                yield say(key, language, path=path, count=count, rows=rows)

    def _encoding_line(self, encoding: Encoding, language: Language) -> str:
        name = ENCODING_NAMES[encoding.name]
        if encoding.stray:
            rows = _shortened(self.stray_rows, len(self.stray_rows) + (encoding.stray > FEW_ROWS))
            values = {"path": self.source, "count": encoding.stray, "rows": rows}
            return say("file.stray-bytes", language, **values)
        key = "file.encoding" if encoding.certainty == "certain" else "file.encoding-likely"
        return say(key, language, path=self.source, encoding=name)

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of what was passed over and what is hidden."""
        shape: dict[str, Any] = {"source": self.source}
        if self.encoding is not None:
            shape["encoding"] = ENCODING_NAMES[self.encoding.name]
        if self.hidden_rows:
            shape["hidden_rows"] = self.hidden_rows
        if self.hidden_columns:
            shape["hidden_columns"] = list(self.hidden_columns)
        if self.hidden_sheets:
            shape["hidden_sheets"] = list(self.hidden_sheets)
        if self.passed:
            passed = [
                {"row": one.number, "kind": one.kind, "text": one.text} for one in self.passed
            ]
            shape["passed_over"] = passed
        return shape


def _shortened(numbers: Sequence[int], count: int) -> str:
    """The first numbers; an ellipsis where there are more."""
    shown = ", ".join(str(number) for number in numbers[:FEW_ROWS])
    return f"{shown} …" if count > len(numbers[:FEW_ROWS]) else shown


def _told(rows: Sequence[PassedRow], count: int, language: Language) -> str:
    """The first rows with what stands in them."""
    shown = ", ".join(
        say("file.row", language, row=one.number, text=one.text) for one in rows[:FEW_ROWS]
    )
    return f"{shown} …" if count > len(rows[:FEW_ROWS]) else shown


@dataclass
class Findings:
    """Collects what is found of a file while it is read; the names are those of `FileSurvey`."""

    known: dict[str, Any] = field(default_factory=dict)
    passed: list[PassedRow] = field(default_factory=list)
    passed_count: Counter[RowKind] = field(default_factory=Counter)
    unnamed_columns: set[int] = field(default_factory=set)
    stray_rows: list[int] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_count: int = 0

    def note(self, **found: Any) -> None:
        """Keep what is known before the rows come."""
        self.known |= found

    def pass_over(self, row: PassedRow) -> None:
        self.passed_count[row.kind] += 1
        if len(self.passed) < MOST_KEPT:
            self.passed.append(row)

    def note_hidden(self, number: int) -> None:
        """Count a hidden row that holds something."""
        self.hidden_count += 1
        if len(self.hidden_rows) < FEW_ROWS:
            self.hidden_rows.append(number)

    def note_stray(self, number: int) -> None:
        """Keep the first rows with bytes that are not of the encoding."""
        if len(self.stray_rows) < FEW_ROWS:
            self.stray_rows.append(number)

    def survey(self, source: str) -> FileSurvey:
        """What was found so far."""
        return FileSurvey(
            source,
            **self.known,
            unnamed_columns=tuple(sorted(self.unnamed_columns)),
            hidden_rows=self.hidden_count,
            first_hidden_rows=tuple(self.hidden_rows),
            passed=tuple(self.passed),
            passed_count=dict(self.passed_count),
            stray_rows=tuple(self.stray_rows),
        )
