"""XLSX workbooks -> rows of values: dates as dates, the results of formulas, what formats show.

A cell that is merged downward counts for every row that it covers.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any

from triage.formats.number_formats import NumberFormat, telling_format
from triage.formats.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    PIECE,
    Held,
    Merged,
    Sheet,
    SheetState,
    WorkbookError,
    damaged,
    filled,
    plain_value,
)
from triage.formats.values import UnreadableCell

MOST_MARKS = 10_000
STATES: Mapping[str, SheetState] = {"hidden": "hidden", "veryHidden": "very hidden"}

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b([^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*)>\s*'
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_HIDDEN = re.compile(rb'<(?:\w+:)?(row|col)\b([^>]*?\bhidden="(?:1|true)"[^>]*)>')
_NUMBERS = re.compile(rb'\b(r|min|max)="(\d{1,7})"')


@dataclass
class XlsxSheet:
    """One sheet; `telling` has by the number of a style the format that shows more than digits."""

    name: str
    state: SheetState
    telling: Mapping[int, NumberFormat]
    _sheet: Any
    sees_looks: bool = True
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows with their numbers, as far as their last cell; empty rows are empty lists."""
        self._sheet.reset_dimensions()
        try:
            merged, uncalculated = self._marks
            held: Held = {}
            for number, values in enumerate(self._values(), 1):
                if number > MOST_ROWS:
                    raise WorkbookError("workbook-damaged")
                cells = [plain_value(value) for value in values]
                while cells and cells[-1] is None:
                    cells.pop()
                if len(cells) > MOST_COLUMNS:
                    raise WorkbookError("too-many-columns", limit=MOST_COLUMNS)
                for column in uncalculated.get(number, ()):
                    cells += [None] * (column - len(cells))
                    cells[column - 1] = UnreadableCell("=", "formula-not-calculated")
                yield number, filled(cells, number, merged, held) if merged else cells
        except WorkbookError:
            raise
        # openpyxl fails in many ways on a file that is not what it should be.
        except Exception as error:
            raise damaged(error) from None

    def _values(self) -> Iterator[Iterable[Any]]:
        telling = self.telling
        if not telling:
            yield from self._sheet.iter_rows(values_only=True)
            return
        for row in self._sheet.iter_rows():
            cells = []
            for cell in row:
                value = cell.value
                if value.__class__ in (int, float) and cell._style_id in telling:
                    value = telling[cell._style_id].shown(value)
                cells.append(value)
            yield cells

    @cached_property
    def _marks(self) -> tuple[Merged, dict[int, list[int]]]:
        """The cells merged downward, and by row the columns of formulas without a result.

        openpyxl tells neither of a sheet that it streams, nor what is hidden, which is noted too.
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
                if b' hidden="' in piece:
                    for match in _HIDDEN.finditer(piece):
                        self._note_hidden(match[1], dict(_NUMBERS.findall(match[2])))
        return merged, formulas

    def _note_hidden(self, kind: bytes, numbers: Mapping[bytes, bytes]) -> None:
        if kind == b"row" and b"r" in numbers:
            self.hidden_rows.add(int(numbers[b"r"]))
        elif kind == b"col" and b"min" in numbers:
            last = min(int(numbers.get(b"max", numbers[b"min"])), MOST_COLUMNS)
            self.hidden_columns.update(range(int(numbers[b"min"]), last + 1))


def open_xlsx(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a workbook that was looked over, in its order."""
    # openpyxl warns of looks that it does not keep, and nobody asks for them here.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\b")
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    telling = _telling(book)
    return [
        XlsxSheet(one.title, STATES.get(one.sheet_state, "visible"), telling, one)
        for one in book.worksheets
    ]


def _telling(book: Any) -> dict[int, NumberFormat]:
    """By the number of a style the format of its numbers, where that shows more than digits."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    own = dict(enumerate(book._number_formats, BUILTIN_FORMATS_MAX_SIZE))
    formats = {}
    for style, cell in enumerate(book._cell_styles):
        code = own.get(cell.numFmtId) or BUILTIN_FORMATS.get(cell.numFmtId, "General")
        if style not in book._date_formats and (shown := telling_format(code)) is not None:
            formats[style] = shown
    return formats


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
