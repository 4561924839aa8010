"""Files of requests -> requests and rejected rows: CSV, JSON, JSON lines and YAML, read row by row.

Every row that is read is either accepted or rejected with its number, field, value and what was expected.
"""

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import orjson

from triage.documents import DocumentError, Sequence, parse, read_document
from triage.errors import RequestError, UsageError
from triage.facts import Request
from triage.intake import Given, RequestReader, shown
from triage.messages import Language, say

FORMATS = (".csv", ".json", ".jsonl", ".ndjson", ".yaml", ".yml")
LISTS = ("requests", "cases", "decisions")
# French settings of a spreadsheet write semicolons into a file that is still called CSV.
DELIMITERS = (",", ";", "\t")
HEAD = 64 * 1024
MOST_UNKNOWN = 20
YAML = re.compile(r"---|#|- |[^,;\t]+:(\s|$)")
csv.field_size_limit(4 * 1024 * 1024)

Rows = Iterator[tuple[int, Given | RequestError]]
"""The number of each row, and what stands in it or what is wrong with it."""


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be a request: where it stands, and each thing that is wrong with it."""

    source: str
    row: int
    errors: tuple[RequestError, ...]

    def as_dict(self) -> dict[str, Any]:
        """The first error in the JSON shape, the others under `more`."""
        first, *others = [{"field": one.field, "value": one.value, "expected": one.expected} for one in self.errors]
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


@dataclass
class Inbox:
    """Reads files one after the other; counts what it has read and keeps what it has rejected."""

    reader: RequestReader
    rejected: list[Rejected] = field(default_factory=list)
    unknown_headers: dict[str, list[str]] = field(default_factory=dict)
    read: int = 0
    _ids: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def language(self) -> Language:
        """The language of messages."""
        return self.reader.language

    def requests(self, path: str) -> Iterator[Request]:
        """The accepted requests of a file (`-` is standard input), in its order."""
        before = self.read
        for row, given in self._rows(path):
            self.read += 1
            if isinstance(given, RequestError):
                self.rejected.append(Rejected(path, row, (given,)))
                continue
            request, errors = self.reader.read(given)
            if request is not None and request.id in self._ids:
                source, first = self._ids[request.id]
                expected = say("expected.unique-id", self.language, source=source, row=first)
                errors = [RequestError("id", shown(request.id), expected)]
            if errors or request is None:
                self.rejected.append(Rejected(path, row, tuple(errors)))
                continue
            self._ids[request.id] = (path, row)
            yield request
        if self.read == before:
            raise UsageError(say("intake.no-rows", self.language, path=path))

    def _rows(self, path: str) -> Rows:
        """The rows of a file of any kind; a `UsageError` when the file itself cannot be read."""
        try:
            yield from self._stream(sys.stdin.buffer.read(), path) if path == "-" else self._file(Path(path), path)
        except UnicodeDecodeError:
            raise UsageError(say("intake.not-utf8", self.language, path=path)) from None
        except DocumentError as error:
            problem = say(f"diagnostic.{error.code}", self.language, **error.values)
            raise UsageError(f"{path}:{error.line}: {problem}") from None
        except csv.Error as error:
            raise UsageError(say("intake.unreadable", self.language, path=path, problem=error)) from None
        except OSError as error:
            raise UsageError(say("intake.unreadable", self.language, path=path, problem=error.strerror)) from None

    def _file(self, file: Path, path: str) -> Rows:
        suffix = file.suffix.lower()
        if suffix not in FORMATS:
            # What is not there, or is a folder, is said before what kind of file it is.
            file.open("rb").close()
            raise UsageError(say("intake.format", self.language, path=path, formats=", ".join(FORMATS)))
        if suffix == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as stream:
                yield from self._csv(stream, path)
        elif suffix in (".jsonl", ".ndjson"):
            with file.open("rb") as lines:
                yield from self._json_lines(lines, path)
        elif suffix == ".json":
            yield from self._items(self._json(file.read_bytes(), path), path)
        else:
            yield from self._items(read_document(file), path)

    def _stream(self, data: bytes, path: str) -> Rows:
        """Standard input shows what it is: JSON starts with a bracket, JSON lines repeat it, else it is CSV or YAML."""
        text = data.decode("utf-8-sig")
        lines = [line for line in text.splitlines() if line.strip()][:2]
        start = lines[0].lstrip()[:1] if lines else ""
        if start in ("{", "["):
            if len(lines) > 1 and not _is_json(text) and any(_is_json(line) for line in lines):
                yield from self._json_lines(io.BytesIO(text.encode()), path)
            else:
                yield from self._items(self._json(text.encode(), path), path)
        elif lines and YAML.match(lines[0].lstrip()):
            yield from self._items(parse(text), path)
        else:
            yield from self._csv(io.StringIO(text, newline=""), path)

    def _csv(self, stream: TextIO, path: str) -> Rows:
        head = stream.read(HEAD)
        stream.seek(0)
        if not head.strip():
            raise UsageError(say("intake.no-header", self.language, path=path))
        delimiter = max(DELIMITERS, key=lambda one: sum(map(bool, map(self.reader.header, _first_row(head, one)))))
        rows = csv.reader(stream, delimiter=delimiter, strict=True)
        names = [cell.strip() for cell in next(rows, [])]
        meanings = [self.reader.header(name) for name in names]
        if not any(meanings):
            raise UsageError(say("intake.bad-header", self.language, path=path, header=shown(", ".join(names))))
        self._pass_over(path, (name for name, meaning in zip(names, meanings, strict=True) if name and not meaning))
        end = rows.line_num
        for cells in rows:
            # The line in the file where the row starts, as an editor shows it; a quoted cell may span several.
            row, end = end + 1, rows.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(names) :]):
                expected = say("expected.cells", self.language, header=len(names), row=len(cells))
                yield row, RequestError("row", shown(" ".join(cells[len(names) :])), expected)
                continue
            for number, (name, cell) in enumerate(zip(names, cells, strict=False), 1):
                if not name and cell.strip():
                    self._pass_over(path, [say("intake.unnamed-column", self.language, number=number)])
            yield row, list(zip(names, cells, strict=False))

    def _pass_over(self, path: str, names: Iterable[str]) -> None:
        """Keep the headers that mean nothing, so that the reader is told of them once."""
        for name in names:
            known = self.unknown_headers.setdefault(path, [])
            if name not in known and len(known) < MOST_UNKNOWN:
                known.append(name)

    def _json(self, data: bytes, path: str) -> Any:
        try:
            return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            problem = say("intake.bad-json-at", self.language, path=path, line=error.lineno, problem=error.msg)
            raise UsageError(problem) from None

    def _json_lines(self, stream: Iterable[bytes], path: str) -> Rows:
        for row, line in enumerate(stream, 1):
            data = line.removeprefix(b"\xef\xbb\xbf") if row == 1 else line
            if not data.strip():
                continue
            try:
                given = orjson.loads(data)
            except json.JSONDecodeError as error:
                expected = say("expected.json-line", self.language, problem=error.msg)
                yield row, RequestError("row", shown(data[:1000].decode(errors="replace")), expected)
                continue
            yield row, self._object(given, path)

    def _items(self, content: Any, path: str) -> Rows:
        """One request, a list of them, or a mapping with a list under `requests`."""
        if isinstance(content, Mapping):
            inner = next((content[key] for key in LISTS if isinstance(content.get(key), list)), None)
            content = [content] if inner is None else inner
        if not isinstance(content, list):
            raise UsageError(say("intake.no-requests", self.language, path=path))
        lines = content.lines if isinstance(content, Sequence) else range(1, len(content) + 1)
        for row, given in zip(lines, content, strict=True):
            yield row, self._object(given, path)

    def _object(self, given: Any, path: str) -> Given | RequestError:
        if isinstance(given, Mapping):
            self._pass_over(path, (name for name in map(str, given) if not self.reader.header(name)))
            return given
        return RequestError("row", shown(given), say("expected.object", self.language))


def _first_row(head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
