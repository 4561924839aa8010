"""Files of requests -> the rows of an inbox: CSV, XLSX, JSON, JSON lines, YAML and Parquet, row by
row.
"""

import csv
import io
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from triage.errors import UsageError
from triage.formats.encodings import OLDER, find_encoding
from triage.formats.parquet import MAGIC as PARQUET_MAGIC
from triage.formats.parquet import SUFFIX as PARQUET
from triage.formats.parquet import ParquetFile
from triage.formats.rows import BIGGEST_CELL
from triage.formats.sheets import OLD_OFFICE, ZIP
from triage.formats.strict_json import DuplicateKeyError, read_json
from triage.formats.yaml import DocumentError, Sequence, parse, read_document
from triage.intake.cells import shown
from triage.intake.forms import (
    FORMATS,
    NO_TABLES,
    OTHER_TABLES,
    TEXTS,
    WORKBOOKS,
    FileShape,
    Form,
    InboxFile,
    Row,
    Rows,
)
from triage.intake.tables import text_rows, workbook_rows
from triage.messages import say

LISTS = ("requests", "cases", "decisions")
YAML = re.compile(r"---|#|- |[^,;\t]+:(\s|$)")
UTF8_MARK = b"\xef\xbb\xbf"


def read_rows(file: InboxFile, data: bytes | None = None) -> Rows:
    """The rows of a file, of its content given as `data`, or of standard input where it is `-`.

    Raises `UsageError` when the file itself cannot be read.
    """
    try:
        if data is None and file.path == "-":
            data = sys.stdin.buffer.read()
        yield from _rows_by_suffix(file) if data is None else _rows_by_content(file, data)
    except UnicodeDecodeError:
        raise file.error("intake.not-utf8") from None
    except DocumentError as error:
        # The reader of YAML names a message under `diagnostic`.
        problem = say(f"diagnostic.{error.code}", file.language, **error.values)
        raise UsageError(f"{file.name}:{error.line}: {problem}") from None
    except csv.Error as error:
        if "field limit" in str(error):
            raise file.error("intake.cell-too-large", limit=BIGGEST_CELL) from None
        raise file.error("intake.unreadable", problem=error) from None
    except OSError as error:
        raise file.error("intake.unreadable", problem=error.strerror) from None


def _rows_by_suffix(file: InboxFile) -> Rows:
    path = Path(file.path)
    suffix = path.suffix.lower()
    if suffix == PARQUET:
        yield from _parquet_rows(file)
        return
    if suffix not in FORMATS:
        # What is not there, or is a folder, is said before what kind of file it is.
        path.open("rb").close()
        if suffix in NO_TABLES:
            raise file.error("intake.no-table", suffix=suffix)
        if suffix in OTHER_TABLES:
            raise file.error("intake.other-table", suffix=suffix)
        raise file.error("intake.format", formats=", ".join((*FORMATS, PARQUET)))
    if suffix == ".json":
        yield from _listed_rows(file, _json(file, path.read_bytes()), "json")
    elif suffix in (".yaml", ".yml"):
        yield from _listed_rows(file, read_document(path), "yaml")
    else:
        with path.open("rb") as stream:
            if suffix in TEXTS:
                yield from text_rows(file, stream)
            elif suffix in WORKBOOKS:
                yield from workbook_rows(file, stream)
            else:
                yield from _json_lines(file, stream)


def _rows_by_content(file: InboxFile, data: bytes) -> Rows:
    """Content shows its form: a workbook is an archive, JSON starts with a bracket."""
    stream = io.BytesIO(data)
    if data.startswith(PARQUET_MAGIC):
        yield from _parquet_rows(file, data)
        return
    if data.startswith((ZIP, OLD_OFFICE)):
        yield from workbook_rows(file, stream)
        return
    encoding = find_encoding(stream)
    text = data.decode(encoding.name, "replace" if encoding.stray else "strict")
    lines = [line for line in text.splitlines() if line.strip()][:2]
    first = lines[0].lstrip() if lines else ""
    is_json = first.startswith(("{", "["))
    is_yaml = YAML.match(first) is not None
    if (encoding.name in OLDER or encoding.stray) and (is_json or is_yaml):
        raise file.error("intake.not-utf8")
    if is_json:
        if len(lines) > 1 and not _is_json(text) and any(map(_is_json, lines)):
            yield from _json_lines(file, io.BytesIO(text.encode()))
        else:
            yield from _listed_rows(file, _json(file, text.encode()), "json")
    elif is_yaml:
        yield from _listed_rows(file, parse(text), "yaml")
    else:
        yield from text_rows(file, stream)


def _parquet_rows(file: InboxFile, data: bytes | None = None) -> Rows:
    parquet = ParquetFile(file.path, file.language, data)
    # Rejected rows of columns are written as objects.
    file.begin(FileShape("jsonl"))
    file.check(parquet.schema.names())
    for number, given in enumerate(parquet.rows(), 1):
        yield Row(number, given, given)


def _json(file: InboxFile, data: bytes) -> Any:
    try:
        return read_json(data.removeprefix(UTF8_MARK))
    except DuplicateKeyError as error:
        values = {"line": error.line, "name": shown(error.key), "first": error.first}
        raise file.error("intake.duplicate-key", **values) from None
    except orjson.JSONDecodeError as error:
        raise file.error("intake.bad-json-at", line=error.lineno, problem=error.msg) from None


def _json_lines(file: InboxFile, stream: Iterable[bytes]) -> Rows:
    file.begin(FileShape("jsonl"))
    for number, line in enumerate(stream, 1):
        data = line.removeprefix(UTF8_MARK) if number == 1 else line
        if not data.strip():
            continue
        try:
            given = read_json(data)
        except (orjson.JSONDecodeError, DuplicateKeyError) as error:
            yield _broken_line(file, number, data.decode(errors="replace").strip(), error)
            continue
        yield _object_row(file, number, given)


def _broken_line(
    file: InboxFile, number: int, text: str, error: orjson.JSONDecodeError | DuplicateKeyError
) -> Row:
    told = shown(text[:1000])
    if isinstance(error, DuplicateKeyError):
        values = {"name": shown(error.key), "column": error.column}
        return file.rejection(number, "expected.unique-keys", told, text, **values)
    return file.rejection(number, "expected.json-line", told, text, problem=error.msg)


def _listed_rows(file: InboxFile, content: Any, form: Form) -> Rows:
    """One request, a list of them, or a mapping with a list under one of `LISTS`."""
    key = None
    if isinstance(content, Mapping):
        key = next((key for key in LISTS if isinstance(content.get(key), list)), None)
        content = [content] if key is None else content[key]
    if not isinstance(content, list):
        raise file.error("intake.no-requests")
    file.begin(FileShape(form, key=key))
    lines = content.lines if isinstance(content, Sequence) else range(1, len(content) + 1)
    for number, given in zip(lines, content, strict=True):
        yield _object_row(file, number, given)


def _object_row(file: InboxFile, number: int, given: Any) -> Row:
    if not isinstance(given, Mapping):
        return file.rejection(number, "expected.object", shown(given), given)
    file.check(map(str, given))
    return Row(number, given, given)


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
