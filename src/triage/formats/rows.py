"""Rows of cells, from CSV or a sheet, and the delimiter of a text."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

# French settings of a spreadsheet write semicolons into a file that is still called CSV.
DELIMITERS = (",", ";", "\t")
HEAD = 64 * 1024
DELIMITER_WITHIN = 20
"""The delimiter is told by so many rows: titles may stand above the header."""
BIGGEST_CELL = 4 * 1024 * 1024
csv.field_size_limit(BIGGEST_CELL)

Row = tuple[int, Sequence[Any]]
"""The number of a row, and its cells."""
Cells = Iterator[Row]


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file with cells is written."""

    encoding: str
    delimiter: str


def read_text(
    stream: TextIO, encoding: str, knows: Callable[[str], bool]
) -> tuple[TextForm, Cells]:
    """The form and the rows of a text; `knows` tells which headers mean something."""
    head = stream.read(HEAD).removeprefix("\ufeff")
    stream.seek(0)
    # Spreadsheets write this line for themselves, above the header.
    declared = re.match(r"sep=(.)\r?\n", head, re.IGNORECASE)
    if declared:
        delimiter = declared[1]
    else:
        delimiter = max(DELIMITERS, key=lambda mark: _fit(head, mark, knows))
    return TextForm(encoding, delimiter), _rows(stream, delimiter, skipped=declared is not None)


def _rows(stream: TextIO, delimiter: str, skipped: bool) -> Cells:
    """Rows with the line on which each starts, as an editor counts: a cell may span several."""
    if skipped:
        stream.readline()
    rows = csv.reader(stream, delimiter=delimiter, strict=True)
    end = int(skipped)
    for number, cells in enumerate(rows):
        line, end = end + 1, rows.line_num + skipped
        if number == 0 and cells:
            cells[0] = cells[0].removeprefix("\ufeff")
        yield line, cells


def _fit(head: str, delimiter: str, knows: Callable[[str], bool]) -> tuple[int, int]:
    """The most known headers that one of the first rows has with this delimiter.

    Beside it how many cells at least half of these rows have, for headers that are all unknown.
    """
    known, widths = 0, []
    try:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        for _, cells in zip(range(DELIMITER_WITHIN), rows, strict=False):
            known = max(known, sum(knows(cell.strip()) for cell in cells))
            widths += [len(cells)] if cells else []
    except csv.Error:
        pass
    return known, sorted(widths)[len(widths) // 2] if widths else 0
