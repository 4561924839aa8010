"""Rejected rows -> a file of the form they came in, with reasons, to be mended and sent again."""

import csv
import io
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import orjson
import yaml

from triage.errors import UsageError
from triage.formats.cells import shielded
from triage.formats.encodings import StrayCell
from triage.formats.file_names import one_line
from triage.formats.rows import TextForm
from triage.formats.values import UnreadableCell
from triage.formats.whole_files import same_file, whole_file
from triage.intake.forms import FORMATS, OBJECTS, REASONS, TEXTS, WORKBOOKS, FileShape
from triage.messages import Language, say

IN_MEMORY = 8_000_000
CELL_LIMIT = 32_767
WRITTEN = tuple(suffix for suffix in FORMATS if suffix not in WORKBOOKS or suffix == ".xlsx")
Column = tuple[str, int]
"""A header, and how many columns before it have the same."""


class Rejects:
    """Takes rejected rows as they stood and writes them at the end; a temporary file holds them."""

    def __init__(self, path: Path, inputs: Iterable[str], language: Language = "en") -> None:
        """`inputs` are the paths of the files that are read; none of them is written over."""
        self.path, self.language = path, language
        self.suffix = path.suffix.lower()
        self._title = say("rejects.reason", language)
        if self.suffix not in WRITTEN:
            formats = ", ".join(WRITTEN)
            raise UsageError(say("intake.format", language, path=one_line(path), formats=formats))
        if not path.parent.is_dir() or path.is_dir():
            raise UsageError(say("rejects.no-folder", language, path=one_line(path)))
        if any(name != "-" and same_file(path, Path(name)) for name in inputs):
            raise UsageError(say("output.is-input", language, path=one_line(path)))
        self._shapes: list[FileShape] = []
        self._columns: dict[Column, None] = {}
        self._here: list[Column] = []
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115

    def begin(self, shape: FileShape, source: str, names: Sequence[str]) -> None:
        """From here on rows come from a file of this shape, below these headers if it has any."""
        if shape.has_cells is not (self.suffix in (*TEXTS, *WORKBOOKS)):
            formats = ", ".join((*TEXTS, ".xlsx") if shape.has_cells else OBJECTS)
            values = {"path": one_line(self.path), "source": source, "formats": formats}
            raise UsageError(say("rejects.other-shape", self.language, **values))
        self._shapes.append(shape)
        self._here = [(name, names[:index].count(name)) for index, name in enumerate(names)]
        self._columns |= {column: None for column in self._here if column[0] not in REASONS}

    def add(self, content: Any, reason: str) -> None:
        """Keep a row; `content` is its cells, or the value that stood for it."""
        with suppress(RecursionError):
            pickle.dump((reason, _plain(content), self._here), self._spool)

    def write(self) -> None:
        """Write the file, whole or not at all; without rejected rows it holds none."""
        try:
            with whole_file(self.path) as file:
                self._write(file)
        except OSError as error:
            raise UsageError(f"{one_line(self.path)}: {error.strerror}") from None

    def close(self) -> None:
        """Let go of the temporary file."""
        self._spool.close()

    def _rows(self) -> Iterator[tuple[str, Any, list[Column]]]:
        self._spool.seek(0)
        while True:
            try:
                yield pickle.load(self._spool)
            except EOFError:
                return

    def _write(self, file: IO[bytes]) -> None:
        if self.suffix in TEXTS:
            self._write_text(file)
        elif self.suffix in WORKBOOKS:
            self._write_workbook(file)
        else:
            self._write_objects(file)

    def _cells(self) -> Iterator[list[Any]]:
        """The header, then the rows: the reason, the cells, and cells beyond the header."""
        columns = list(self._columns)
        yield [self._title, *(name for name, _ in columns)]
        for reason, cells, here in self._rows():
            held = dict(zip(here, cells, strict=False))
            yield [reason, *(held.get(column) for column in columns), *cells[len(here) :]]

    def _write_text(self, file: IO[bytes]) -> None:
        form = next((shape.text for shape in self._shapes if shape.text), None)
        form = form or TextForm("utf-8-sig", "\t" if self.suffix == ".tsv" else ",")
        encoding = "utf-16" if form.encoding.startswith("utf-16") else form.encoding
        # A reason may quote a letter that an older encoding lacks; a cell of UTF-8 may have stray
        # bytes, which stay as they were.
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        stream = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
        writer = csv.writer(stream, delimiter=form.delimiter)
        writer.writerows([shielded(_text(cell)) for cell in row] for row in self._cells())
        stream.flush()
        stream.detach()

    def _write_workbook(self, file: IO[bytes]) -> None:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        name = next((shape.sheet for shape in self._shapes if shape.sheet), None)
        sheet = book.create_sheet(name or say("template.requests", self.language))
        sheet.freeze_panes = "B2"
        sheet.column_dimensions["A"].width = 60
        for number, row in enumerate(self._cells()):
            sheet.append([_workbook_cell(sheet, cell, bold=number == 0) for cell in row])
        book.save(file)

    def _write_objects(self, file: IO[bytes]) -> None:
        objects = (_object(self._title, reason, content) for reason, content, _ in self._rows())
        key = next((shape.key for shape in self._shapes if shape.key), None)
        if self.suffix in (".jsonl", ".ndjson"):
            for row in objects:
                file.write(orjson.dumps(row, default=str, option=orjson.OPT_APPEND_NEWLINE))
        elif self.suffix == ".json":
            file.write(b"[" if key is None else b"{" + orjson.dumps(key) + b":[")
            for number, row in enumerate(objects):
                file.write((b",\n" if number else b"\n") + orjson.dumps(row, default=str))
            file.write(b"\n]\n" if key is None else b"\n]}\n")
        else:
            content: Any = list(objects)
            content = content if key is None else {key: content}
            text = yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
            file.write(text.encode())


def _object(title: str, reason: str, content: Any) -> dict[str, Any]:
    if not isinstance(content, Mapping):
        return {title: reason, "row": content}
    facts = {key: value for key, value in content.items() if key not in REASONS}
    return {title: reason, **facts}


def _plain(content: Any) -> Any:
    """Without the line numbers of the YAML reader, which would not come back from the spool."""
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    if isinstance(content, StrayCell):
        return content.raw
    if isinstance(content, UnreadableCell):
        return None if content.shown == "=" else content.shown
    return content


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _workbook_cell(sheet: Any, cell: Any, bold: bool) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    if cell is None:
        return None
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, str):
        cell = ILLEGAL_CHARACTERS_RE.sub(" ", cell)[:CELL_LIMIT]
    made = WriteOnlyCell(sheet, value=cell)
    if isinstance(cell, str):
        # Text that begins with "=" stays text.
        made.data_type = "s"
    elif isinstance(cell, date):
        made.number_format = "yyyy-mm-dd"
    if bold:
        made.font = Font(bold=True)
    return made


class _Dumper(yaml.SafeDumper):
    """Writes exact decimals as plain numbers, and a value that comes twice without an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")
)
