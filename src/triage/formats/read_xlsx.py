"""XLSX workbooks -> rows of values: dates as dates, and the results of formulas.

A cell that is merged downward counts for every row that it covers. A file is looked over before it
is opened, because a small archive can unpack to any size.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import IO, Any
from xml.parsers import expat

from triage.formats.values import UnreadableCell

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_BYTES = 400_000_000
MOST_PARTS = 2_000
BIGGEST_RATIO = 150
SMALL_BYTES = 10_000_000
"""Below this size, unpacked, the ratio does no harm: a sheet of equal rows packs very well."""
MOST_ROWS = 1_048_576
MOST_COLUMNS = 1_000
MOST_MARKS = 10_000
PIECE = 1 << 20
ERRORS = frozenset(
    "#REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC!".split()  # noqa: SIM905
)
Merged = dict[int, list[tuple[int, int]]]
"""By row the columns that start to be merged downward there, with the last row of each."""
Held = dict[int, tuple[int, Any]]
"""By column the last row for which a merged cell still counts, and its value."""

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b([^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*)>\s*'
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


class WorkbookError(Exception):
    """The workbook cannot be read: the key of a message under `intake`, with what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass
class Sheet:
    name: str
    visible: bool
    _sheet: Any

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows with their numbers, as far as their last cell; empty rows are empty lists."""
        self._sheet.reset_dimensions()
        merged, uncalculated = self._marks()
        held: Held = {}
        try:
            for number, values in enumerate(self._sheet.iter_rows(values_only=True), 1):
                if number > MOST_ROWS:
                    raise WorkbookError("workbook-damaged")
                cells = list(values)
                while cells and cells[-1] is None:
                    cells.pop()
                if len(cells) > MOST_COLUMNS:
                    raise WorkbookError("too-many-columns", limit=MOST_COLUMNS)
                for column in uncalculated.get(number, ()):
                    cells += [None] * (column - len(cells))
                    cells[column - 1] = UnreadableCell("=", "formula-not-calculated")
                cells = [_value(cell) for cell in cells]
                yield number, _filled(cells, number, merged, held) if merged else cells
        except WorkbookError:
            raise
        # openpyxl fails in many ways on a file that is not what it should be.
        except Exception as error:
            raise _damaged(error) from None

    def _marks(self) -> tuple[Merged, dict[int, list[int]]]:
        """The cells merged downward, and by row the columns of formulas without a result.

        openpyxl tells neither of a sheet that it streams.
        """
        merged: Merged = {}
        formulas: dict[int, list[int]] = {}
        left = MOST_MARKS
        with self._sheet.parent._archive.open(self._sheet._worksheet_path) as part:
            for piece in _pieces(part):
                if b"mergeCell" in piece:
                    for match in _MERGED.finditer(piece):
                        column, first, _, last = _corners(match[1])
                        left -= 1
                        if last > first and left > 0:
                            merged.setdefault(first, []).append((column, last))
                if b"<f" in piece or b":f" in piece:
                    for match in _FORMULA.finditer(piece):
                        left -= 1
                        if b't="str"' not in match[1] and left > 0:
                            column, row, _, _ = _corners(match[2])
                            formulas.setdefault(row, []).append(column)
        return merged, formulas


def open_workbook(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a workbook, in its order; `WorkbookError` when it is none or is not safe."""
    start = file.read(4)
    if start == OLD_OFFICE:
        raise WorkbookError("workbook-locked")
    if start != ZIP:
        raise WorkbookError("not-a-workbook")
    try:
        _look_over(file)
        file.seek(0)
        # openpyxl warns of looks that it does not keep, and nobody asks for them here.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\b")
        import openpyxl

        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        return [Sheet(one.title, one.sheet_state == "visible", one) for one in book.worksheets]
    except WorkbookError:
        raise
    except Exception as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> WorkbookError | OSError:
    """Trouble with the disk stays what it is; any other failure is the file's."""
    return error if isinstance(error, OSError) else WorkbookError("workbook-damaged")


def _look_over(file: IO[bytes]) -> None:
    """Refuse what would unpack to too much, and XML that declares entities."""
    size = file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MOST_BYTES or len(parts) > MOST_PARTS:
            raise WorkbookError("workbook-too-large", limit=MOST_BYTES // 1_000_000)
        if unpacked > SMALL_BYTES and unpacked > BIGGEST_RATIO * size:
            raise WorkbookError("workbook-ratio", ratio=BIGGEST_RATIO)
        if any(part.flag_bits & 1 for part in parts):
            raise WorkbookError("workbook-locked")
        # The other methods unpack without regard to the size that the archive declares.
        if {part.compress_type for part in parts} - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise WorkbookError("workbook-damaged")
        if not any(part.filename.endswith("workbook.xml") for part in parts):
            raise WorkbookError("not-a-workbook")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    _check_start(stream)


def _check_start(stream: IO[bytes]) -> None:
    """Read XML up to its first element; a declared document type could grow without end."""
    parser, done = expat.ParserCreate(), []

    def refuse(*_: object) -> None:
        raise WorkbookError("workbook-damaged")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda *_: done.append(True)
    read = 0
    while not done and read < PIECE and (piece := stream.read(4096)):
        read += len(piece)
        parser.Parse(piece, False)
    if not done:
        refuse()


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """The XML of a sheet in pieces that end with a row, so that no cell is cut in two."""
    rest = b""
    while piece := part.read(PIECE):
        rest += piece
        end = rest.rfind(b"</row>") + len(b"</row>")
        if end < len(b"</row>") and len(rest) > 16 * PIECE:
            end = len(rest)
        if end >= len(b"</row>"):
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _corners(reference: bytes) -> tuple[int, int, int, int]:
    """The first column and row and the last of a reference such as `A1:B2` or `A1`."""
    from openpyxl.utils.cell import coordinate_to_tuple

    ends = [coordinate_to_tuple(one) for one in reference.decode().split(":")]
    return ends[0][1], ends[0][0], ends[-1][1], ends[-1][0]


def _filled(cells: list[Any], number: int, merged: Merged, held: Held) -> list[Any]:
    """The row with the values merged downward into it; a row of nothing else stays empty."""
    for column, last in merged.get(number, ()):
        if len(cells) >= column:
            held[column] = (last, cells[column - 1])
    if any(cell is not None for cell in cells):
        for column, (last, value) in held.items():
            if number <= last:
                cells += [None] * (column - len(cells))
                if cells[column - 1] is None:
                    cells[column - 1] = value
    return cells


def _value(cell: Any) -> Any:
    if isinstance(cell, str):
        return UnreadableCell(cell, "cell-error") if cell in ERRORS else cell
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return str(cell) if isinstance(cell, time | timedelta) else cell
