"""Files of requests -> requests and rejected rows: CSV, JSON, JSON lines and YAML, read row by row.

Every row that is read is either accepted or rejected with its number, field, value and what was expected.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from triage.documents import DocumentError, Sequence, parse, read_document
from triage.errors import RequestError, UsageError
from triage.facts import Request
from triage.intake import RequestReader
from triage.messages import Language, say

FORMATS = (".csv", ".json", ".jsonl", ".ndjson", ".yaml", ".yml")
LISTS = ("requests", "cases", "decisions")
csv.field_size_limit(4 * 1024 * 1024)


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
        for row, given in self._rows(path):
            self.read += 1
            if isinstance(given, RequestError):
                self.rejected.append(Rejected(path, row, (given,)))
                continue
            request, errors = self.reader.read(given)
            if request is not None and request.id in self._ids:
                source, first = self._ids[request.id]
                expected = say("expected.unique-id", self.language, source=source, row=first)
                errors = [RequestError("id", request.id, expected)]
            if errors or request is None:
                self.rejected.append(Rejected(path, row, tuple(errors)))
                continue
            self._ids[request.id] = (path, row)
            yield request

    def _rows(self, path: str) -> Iterator[tuple[int, Mapping[str, Any] | RequestError]]:
        suffix = Path(path).suffix.lower()
        if path == "-":
            yield from self._stream(sys.stdin.buffer.read(), path)
        elif suffix not in FORMATS:
            raise UsageError(say("intake.format", self.language, path=path, formats=", ".join(FORMATS)))
        else:
            yield from self._file(path, suffix)

    def _file(self, path: str, suffix: str) -> Iterator[tuple[int, Mapping[str, Any] | RequestError]]:
        try:
            if suffix == ".csv":
                with Path(path).open(encoding="utf-8-sig", newline="") as stream:
                    yield from self._csv(stream, path)
            elif suffix in (".jsonl", ".ndjson"):
                with Path(path).open("rb") as stream_:
                    yield from self._json_lines(stream_, path)
            elif suffix == ".json":
                yield from self._items(self._json(Path(path).read_bytes(), path), path)
            else:
                yield from self._items(read_document(Path(path)), path)
        except UnicodeDecodeError:
            raise UsageError(say("intake.not-utf8", self.language, path=path)) from None
        except DocumentError as error:
            problem = say(f"diagnostic.{error.code}", self.language, **error.values)
            raise UsageError(f"{path}:{error.line}: {problem}") from None
        except csv.Error as error:
            raise UsageError(say("intake.unreadable", self.language, path=path, problem=error)) from None
        except OSError as error:
            raise UsageError(say("intake.unreadable", self.language, path=path, problem=error.strerror)) from None

    def _stream(self, data: bytes, path: str) -> Iterator[tuple[int, Mapping[str, Any] | RequestError]]:
        """Standard input shows what it is: JSON starts with a bracket, JSON lines repeat it, else it is CSV or YAML."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(say("intake.not-utf8", self.language, path=path)) from None
        start = text.lstrip()[:1]
        if start in ("{", "["):
            try:
                yield from self._items(orjson.loads(text), path)
            except orjson.JSONDecodeError:
                if "\n" not in text.strip():
                    raise UsageError(say("intake.bad-json", self.language, path=path)) from None
                yield from self._json_lines(io.BytesIO(text.encode()), path)
        elif "," in text.partition("\n")[0] or ":" not in text.partition("\n")[0]:
            yield from self._csv(io.StringIO(text, newline=""), path)
        else:
            try:
                yield from self._items(parse(text), path)
            except DocumentError as error:
                problem = say(f"diagnostic.{error.code}", self.language, **error.values)
                raise UsageError(f"{path}:{error.line}: {problem}") from None

    def _csv(self, stream: Any, path: str) -> Iterator[tuple[int, Mapping[str, Any] | RequestError]]:
        rows = csv.reader(stream, strict=True)
        header = next(rows, None)
        if header is None or not any(cell.strip() for cell in header):
            raise UsageError(say("intake.no-header", self.language, path=path))
        names = [cell.strip() for cell in header]
        meanings = [self.reader.header(name) for name in names]
        if not any(meanings):
            raise UsageError(say("intake.bad-header", self.language, path=path, header=", ".join(names)[:80]))
        unknown = [name for name, meaning in zip(names, meanings, strict=True) if name and meaning is None]
        if unknown:
            self.unknown_headers[path] = unknown
        for cells in rows:
            # The line in the file, as an editor or spreadsheet shows it; a quoted cell may span several.
            row = rows.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(names):
                expected = say("expected.cells", self.language, header=len(names), row=len(cells))
                yield row, RequestError("row", cells[len(names)][:80], expected)
                continue
            yield row, dict(zip(names, cells, strict=False))

    def _json(self, data: bytes, path: str) -> Any:
        try:
            return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            line = data[: error.pos].count(b"\n") + 1 if error.pos else error.lineno
            problem = say("intake.bad-json-at", self.language, path=path, line=line, problem=error.msg)
            raise UsageError(problem) from None

    def _json_lines(self, stream: Any, path: str) -> Iterator[tuple[int, Mapping[str, Any] | RequestError]]:
        for row, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                given = orjson.loads(line)
            except json.JSONDecodeError as error:
                yield row, RequestError("row", line[:80].decode(errors="replace").strip(), error.msg)
                continue
            yield row, self._object(given)

    def _items(self, content: Any, path: str) -> Iterator[tuple[int, Mapping[str, Any] | RequestError]]:
        """One request, a list of them, or a mapping with a list under `requests`."""
        if isinstance(content, Mapping):
            inner = next((content[key] for key in LISTS if isinstance(content.get(key), list)), None)
            content = [content] if inner is None else inner
        if not isinstance(content, list):
            raise UsageError(say("intake.no-requests", self.language, path=path))
        lines = content.lines if isinstance(content, Sequence) else range(1, len(content) + 1)
        for row, given in zip(lines, content, strict=True):
            yield row, self._object(given)

    def _object(self, given: Any) -> Mapping[str, Any] | RequestError:
        if isinstance(given, Mapping):
            return given
        return RequestError("row", str(given)[:80], say("expected.object", self.language))
