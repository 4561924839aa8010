"""Rows of cells, from CSV or a sheet: their header, and the encoding and delimiter of a text."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, TextIO

from triage.messages import LANGUAGES, say

# French settings of a spreadsheet write semicolons into a file that is still called CSV.
DELIMITERS = (",", ";", "\t")
HEAD = 64 * 1024
PIECE = 1 << 20
HEADER_WITHIN = 20
"""The header is looked for in this many rows: titles and blank rows may stand above it."""
BIGGEST_CELL = 4 * 1024 * 1024
csv.field_size_limit(BIGGEST_CELL)
_HELP_ROWS = frozenset(say("template.help-row", language) for language in LANGUAGES)

Row = tuple[int, Sequence[Any]]
"""The number of a row, and its cells."""
Cells = Iterator[Row]


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file with cells is written."""

    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet, and how many of its names mean a fact."""

    names: list[str]
    known: int


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
        delimiter = max(DELIMITERS, key=lambda mark: _known(head, mark, knows))
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


def find_encoding(file: IO[bytes]) -> str:
    """UTF-8 or UTF-16 where the bytes are such; else Windows-1252, the default of spreadsheets.

    The file must be seekable, and is left at its beginning.
    """
    encoding = _encoding(file)
    file.seek(0)
    return encoding


def _encoding(file: IO[bytes]) -> str:
    head = file.read(HEAD)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = file.read(PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def find_header(
    rows: Cells, meaning: Callable[[str], str | None]
) -> tuple[Header | None, list[Row]]:
    """The first of the rows with the most known names, and the rows read below it.

    Where no row has a known name: None, and all rows read.
    """
    seen: list[Row] = []
    best = (0, 0)
    for index, (number, cells) in enumerate(rows):
        seen.append((number, cells))
        words = [cell.strip() for cell in cells if isinstance(cell, str)]
        facts = {fact for word in words if (fact := meaning(word)) is not None}
        best = max(best, (len(facts), -index))
        if len(seen) >= HEADER_WITHIN:
            break
    known, index = best[0], -best[1]
    if not known:
        return None, seen
    names = ["" if cell is None else " ".join(str(cell).split()) for cell in seen[index][1]]
    return Header(names, known), seen[index + 1 :]


def is_help(cells: Sequence[Any]) -> bool:
    """Whether a row is the one with which the empty inbox explains its columns."""
    first = next((cell for cell in cells if cell is not None), None)
    return isinstance(first, str) and first.strip() in _HELP_ROWS


def is_blank(cells: Sequence[Any]) -> bool:
    return not any(cell is not None and str(cell).strip() for cell in cells)


def _known(head: str, delimiter: str, knows: Callable[[str], bool]) -> int:
    """The most known headers that one of the first rows has with this delimiter."""
    best = 0
    try:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        for _, cells in zip(range(HEADER_WITHIN), rows, strict=False):
            best = max(best, sum(knows(cell.strip()) for cell in cells))
    except csv.Error:
        pass
    return best
