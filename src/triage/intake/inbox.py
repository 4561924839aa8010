"""Files of requests -> requests and rejected rows: CSV, XLSX, JSON, JSON lines, YAML and Parquet,
read row by row.

Every row that is read is either accepted or rejected with its number, field, value and what was
expected.
"""

import csv
import io
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

import orjson

from triage.errors import RequestError, UsageError
from triage.formats.parquet import MAGIC as COLUMNS_MAGIC
from triage.formats.parquet import SUFFIX as COLUMNS_SUFFIX
from triage.formats.parquet import ParquetFile
from triage.formats.read_xlsx import ZIP, Sheet, WorkbookError, open_workbook
from triage.formats.rows import (
    BIGGEST_CELL,
    Cells,
    find_encoding,
    find_header,
    is_blank,
    is_help,
    read_text,
)
from triage.formats.yaml import DocumentError, Sequence, parse, read_document
from triage.intake.rejects import FORMATS, TEXTS, WORKBOOKS, FileShape, Kind, Rejects
from triage.intake.requests import PASSED_OVER, Given, RequestReader, shown
from triage.intake.suggestions import Suggester
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy

COLUMNS = (COLUMNS_SUFFIX,)
LISTS = ("requests", "cases", "decisions")
MOST_UNKNOWN = 20
YAML = re.compile(r"---|#|- |[^,;\t]+:(\s|$)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, what stands in it or what is wrong with it, and what it was made of."""

    number: int
    given: Given | RequestError
    original: Any


Rows = Iterator[Row]


@dataclass(frozen=True, slots=True)
class Intake:
    """How an inbox is read.

    `sheet` names the sheet of a workbook; `rejects` is a file for the rejected rows; facts that
    nobody gave are taken from the text only when `accept_suggestions` says so.
    """

    sheet: str | None = None
    rejects: Path | None = None
    accept_suggestions: bool = False

    def open(self, policy: Policy, language: Language, files: Iterable[str] = ()) -> "Inbox":
        """An inbox for these files; the caller closes it."""
        names = list(files)
        if self.sheet is not None and not any(
            name == "-" or name.lower().endswith(WORKBOOKS) for name in names
        ):
            raise UsageError(say("intake.sheet-without-workbook", language))
        reader = RequestReader(
            policy, language, Suggester(policy) if self.accept_suggestions else None
        )
        return Inbox(
            reader, self.sheet, Rejects(self.rejects, names, language) if self.rejects else None
        )


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be a request: where it stands, and each thing that is wrong with it."""

    source: str
    row: int
    errors: tuple[RequestError, ...]

    def as_dict(self) -> dict[str, Any]:
        """The first error in the JSON shape, the others under `more`."""
        first, *others = [
            {"field": one.field, "value": one.value, "expected": one.expected}
            for one in self.errors
        ]
        shape: dict[str, Any] = {"source": self.source, "row": self.row, **first}
        return shape | {"more": others} if others else shape

    def lines(self, language: Language) -> list[str]:
        """One line an error, for people."""
        return [
            say(
                "intake.rejected",
                language,
                source=self.source,
                row=self.row,
                field=one.field,
                value=one.value,
                expected=one.expected,
            )
            for one in self.errors
        ]

    def reason(self, language: Language) -> str:
        """All errors in one line that begins with the place."""
        errors = [
            say("rejects.error", language, field=e.field, value=e.value, expected=e.expected)
            for e in self.errors
        ]
        return say("rejects.place", language, source=self.source, row=self.row) + "; ".join(errors)


@dataclass
class Inbox:
    """Reads files one after the other; counts what it has read and keeps what it has rejected."""

    reader: RequestReader
    sheet: str | None = None
    rejects: Rejects | None = None
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

        Content that was read already is given as `data`; it shows its form, and `path` is only its
        name.
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
        """Take the ids of another inbox as given out: a request with one of them is rejected
        here.
        """
        self._ids.update(other._ids)

    def prose(self, path: str, data: bytes | None = None) -> Iterator[tuple[int, str | None, str]]:
        """The number of each row, the id in it and its free text; the other facts may be missing
        or wrong.
        """
        for row in self._rows(path, data):
            if not isinstance(row.given, RequestError):
                yield row.number, *self.reader.prose(row.given)

    def _reject(self, path: str, row: Row, errors: list[RequestError]) -> None:
        rejected = Rejected(path, row.number, tuple(errors))
        self.rejected.append(rejected)
        if self.rejects is not None:
            self.rejects.add(row.original, rejected.reason(self.language))

    def close(self) -> None:
        """Let go of what waits to be written."""
        if self.rejects is not None:
            self.rejects.close()

    def _rows(self, path: str, data: bytes | None) -> Rows:
        """The rows of a file of any kind; a `UsageError` when the file itself cannot be read."""
        try:
            if data is None and path == "-":
                data = sys.stdin.buffer.read()
            yield from self._file(Path(path), path) if data is None else self._stream(data, path)
        except UnicodeDecodeError:
            raise UsageError(say("intake.not-utf8", self.language, path=path)) from None
        except DocumentError as error:
            problem = say(f"diagnostic.{error.code}", self.language, **error.values)
            raise UsageError(f"{path}:{error.line}: {problem}") from None
        except csv.Error as error:
            if "field limit" in str(error):
                raise UsageError(
                    say("intake.cell-too-large", self.language, path=path, limit=BIGGEST_CELL)
                ) from None
            raise UsageError(
                say("intake.unreadable", self.language, path=path, problem=error)
            ) from None
        except OSError as error:
            raise UsageError(
                say("intake.unreadable", self.language, path=path, problem=error.strerror)
            ) from None

    def _file(self, file: Path, path: str) -> Rows:
        suffix = file.suffix.lower()
        if suffix in COLUMNS:
            yield from self._parquet(path)
            return
        if suffix not in FORMATS:
            # What is not there, or is a folder, is said before what kind of file it is.
            file.open("rb").close()
            raise UsageError(
                say(
                    "intake.format",
                    self.language,
                    path=path,
                    formats=", ".join((*FORMATS, *COLUMNS)),
                )
            )
        if suffix in (*TEXTS, *WORKBOOKS):
            with file.open("rb") as stream:
                yield from (
                    self._text(stream, path) if suffix in TEXTS else self._workbook(stream, path)
                )
        elif suffix in (".jsonl", ".ndjson"):
            with file.open("rb") as lines:
                yield from self._json_lines(lines, path)
        elif suffix == ".json":
            yield from self._items(self._json(file.read_bytes(), path), path, "json")
        else:
            yield from self._items(read_document(file), path, "yaml")

    def _stream(self, data: bytes, path: str) -> Rows:
        """Standard input shows what it is: a workbook is an archive, JSON starts with a bracket."""
        file = io.BytesIO(data)
        if data.startswith(COLUMNS_MAGIC):
            yield from self._parquet(path, data)
            return
        if data.startswith(ZIP):
            yield from self._workbook(file, path)
            return
        encoding = find_encoding(file)
        text = data.decode(encoding)
        lines = [line for line in text.splitlines() if line.strip()][:2]
        start = lines[0].lstrip()[:1] if lines else ""
        is_yaml = bool(lines) and YAML.match(lines[0].lstrip()) is not None
        if encoding == "cp1252" and (start in ("{", "[") or is_yaml):
            raise UsageError(say("intake.not-utf8", self.language, path=path))
        if start in ("{", "["):
            if len(lines) > 1 and not _is_json(text) and any(_is_json(line) for line in lines):
                yield from self._json_lines(io.BytesIO(text.encode()), path)
            else:
                yield from self._items(self._json(text.encode(), path), path, "json")
        elif is_yaml:
            yield from self._items(parse(text), path, "yaml")
        else:
            yield from self._text(file, path)

    def _parquet(self, path: str, data: bytes | None = None) -> Rows:
        file = ParquetFile(path, self.language, data)
        self._begin(FileShape("jsonl"), path)
        self._pass_over(
            path, (name for name in file.schema.names() if not self.reader.header(name))
        )
        for row, given in enumerate(file.rows(), 1):
            yield Row(row, given, given)

    # -- rows of cells
    # ------------------------------------------------------------------------------------------

    def _text(self, file: BinaryIO, path: str) -> Rows:
        encoding = find_encoding(file)
        with io.TextIOWrapper(file, encoding=encoding, newline="") as stream:
            form, rows = read_text(stream, encoding, lambda name: self._fact(name) is not None)
            yield from self._table(rows, path, FileShape("text", text=form))

    def _workbook(self, file: IO[bytes], path: str) -> Rows:
        try:
            sheet = self._chosen(open_workbook(file), path)
            yield from self._table(sheet.rows(), path, FileShape("workbook", sheet=sheet.name))
        except WorkbookError as error:
            raise UsageError(
                say(f"intake.{error.key}", self.language, path=path, **error.values)
            ) from None

    def _chosen(self, sheets: list[Sheet], path: str) -> Sheet:
        """The sheet that was named, else the only visible one that holds requests."""
        if self.sheet is not None:
            wanted = self.sheet.strip().casefold()
            for sheet in sheets:
                if sheet.name.strip().casefold() == wanted:
                    return sheet
            names = ", ".join(sheet.name for sheet in sheets)
            raise UsageError(
                say("intake.no-sheet", self.language, path=path, sheet=self.sheet, names=names)
            )
        visible = [sheet for sheet in sheets if sheet.visible] or sheets
        if len(visible) == 1:
            return visible[0]
        headed, filled = [], []
        for sheet in visible:
            rows = sheet.rows()
            header, below = find_header(rows, self._fact)
            if header is not None and header.known > 1:
                headed.append(sheet)
                if not all(
                    is_blank(cells) or is_help(cells) for _, cells in itertools.chain(below, rows)
                ):
                    filled.append(sheet)
        if len(filled) > 1:
            names = ", ".join(sheet.name for sheet in filled)
            raise UsageError(say("intake.several-sheets", self.language, path=path, names=names))
        found = filled or headed or visible
        if not found:
            raise WorkbookError("workbook-damaged")
        return found[0]

    def _table(self, rows: Cells, path: str, shape: FileShape) -> Rows:
        header, below = find_header(rows, self._fact)
        if header is None:
            first = next((cells for _, cells in below if not is_blank(cells)), None)
            if first is None:
                raise UsageError(say("intake.no-header", self.language, path=path))
            said = shown(", ".join(str(cell) for cell in first if cell is not None))
            raise UsageError(say("intake.bad-header", self.language, path=path, header=said))
        names = header.names
        self._begin(shape, path, names)
        self._pass_over(path, (name for name in names if name and not self.reader.header(name)))
        titles = [
            name or say("intake.column", self.language, number=n) for n, name in enumerate(names, 1)
        ]
        unnamed = [number for number, name in enumerate(names) if not name]
        for row, cells in itertools.chain(below, rows):
            if is_blank(cells) or is_help(cells):
                continue
            if len(cells) > len(names) and not is_blank(cells[len(names) :]):
                expected = say("expected.cells", self.language, header=len(names), row=len(cells))
                rest = " ".join("" if cell is None else str(cell) for cell in cells[len(names) :])
                yield Row(row, RequestError("row", shown(rest), expected), cells)
                continue
            for number in unnamed:
                if number < len(cells) and not is_blank(cells[number : number + 1]):
                    self._pass_over(
                        path, [say("intake.unnamed-column", self.language, number=number + 1)]
                    )
            yield Row(row, list(zip(titles, cells, strict=False)), cells)

    def _fact(self, name: str) -> str | None:
        found = self.reader.header(name)
        return None if found == PASSED_OVER else found

    def _begin(self, shape: FileShape, path: str, names: list[str] | None = None) -> None:
        if self.rejects is not None:
            self.rejects.begin(shape, path, names or [])

    def _pass_over(self, path: str, names: Iterable[str]) -> None:
        """Keep the headers that mean nothing, so that the reader is told of them once."""
        for name in names:
            known = self.unknown_headers.setdefault(path, [])
            if name not in known and len(known) < MOST_UNKNOWN:
                known.append(name)

    # -- rows of data
    # -------------------------------------------------------------------------------------------

    def _json(self, data: bytes, path: str) -> Any:
        try:
            return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            problem = say(
                "intake.bad-json-at", self.language, path=path, line=error.lineno, problem=error.msg
            )
            raise UsageError(problem) from None

    def _json_lines(self, stream: Iterable[bytes], path: str) -> Rows:
        self._begin(FileShape("jsonl"), path)
        for row, line in enumerate(stream, 1):
            data = line.removeprefix(b"\xef\xbb\xbf") if row == 1 else line
            if not data.strip():
                continue
            try:
                given = orjson.loads(data)
            except json.JSONDecodeError as error:
                expected = say("expected.json-line", self.language, problem=error.msg)
                text = data.decode(errors="replace").strip()
                yield Row(row, RequestError("row", shown(text[:1000]), expected), text)
                continue
            yield Row(row, self._object(given, path), given)

    def _items(self, content: Any, path: str, kind: Kind) -> Rows:
        """One request, a list of them, or a mapping with a list under `requests`."""
        key = None
        if isinstance(content, Mapping):
            key = next((key for key in LISTS if isinstance(content.get(key), list)), None)
            content = [content] if key is None else content[key]
        if not isinstance(content, list):
            raise UsageError(say("intake.no-requests", self.language, path=path))
        self._begin(FileShape(kind, key=key), path)
        lines = content.lines if isinstance(content, Sequence) else range(1, len(content) + 1)
        for row, given in zip(lines, content, strict=True):
            yield Row(row, self._object(given, path), given)

    def _object(self, given: Any, path: str) -> Given | RequestError:
        if isinstance(given, Mapping):
            self._pass_over(
                path, (name for name in map(str, given) if not self.reader.header(name))
            )
            return given
        return RequestError("row", shown(given), say("expected.object", self.language))


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
