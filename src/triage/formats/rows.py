"""Rows of cells, from CSV or a sheet: which row is the header, and what encoding and delimiter a
text file has.
"""

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
"""Titles and blank rows may stand above the header; it is looked for in this many rows."""
BIGGEST_CELL = 4 * 1024 * 1024
csv.field_size_limit(BIGGEST_CELL)

Cells = Iterator[tuple[int, Sequence[Any]]]
"""The number of each row, and its cells."""


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
    """The form and the rows of a text that was opened with an encoding; `knows` tells which
    headers mean something.
    """
    head = stream.read(HEAD).removeprefix("\ufeff")
    stream.seek(0)
    # Spreadsheets write this line for themselves, above the header.
    declared = re.match(r"sep=(.)\r?\n", head, re.IGNORECASE)
    delimiter = (
        declared[1] if declared else max(DELIMITERS, key=lambda one: _known(head, one, knows))
    )
    return TextForm(encoding, delimiter), _rows(stream, delimiter, skipped=declared is not None)


def _rows(stream: TextIO, delimiter: str, skipped: bool) -> Cells:
    if skipped:
        stream.readline()
    rows = csv.reader(stream, delimiter=delimiter, strict=True)
    end = int(skipped)
    for number, cells in enumerate(rows):
        # The line in the file where the row starts, as an editor shows it; a quoted cell may span
        # several.
        row, end = end + 1, rows.line_num + skipped
        if number == 0 and cells:
            cells[0] = cells[0].removeprefix("\ufeff")
        yield row, cells


def find_encoding(file: IO[bytes]) -> str:
    """UTF-8 or UTF-16 where the bytes are such, else Windows-1252, in which spreadsheets save by
    default.

    The file must be seekable, and stands at its beginning again.
    """
    found = _encoding(file)
    file.seek(0)
    return found


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
) -> tuple[Header | None, list[tuple[int, Sequence[Any]]]]:
    """The row with the most known names among the first rows, and the rows read below it; all
    rows, without one.
    """
    seen: list[tuple[int, Sequence[Any]]] = []
    best = (0, 0)
    for place, (row, cells) in enumerate(rows):
        seen.append((row, cells))
        meanings = {
            found
            for cell in cells
            if isinstance(cell, str) and (found := meaning(cell.strip())) is not None
        }
        best = max(best, (len(meanings), -place))
        if place + 1 >= HEADER_WITHIN:
            break
    known, place = best[0], -best[1]
    if not known:
        return None, seen
    names = ["" if cell is None else " ".join(str(cell).split()) for cell in seen[place][1]]
    return Header(names, known), seen[place + 1 :]


def is_help(cells: Sequence[Any]) -> bool:
    """Whether a row is the one with which the empty inbox explains its columns."""
    first = next((cell for cell in cells if cell is not None), None)
    return isinstance(first, str) and first.strip() in _HELP_ROWS


_HELP_ROWS = frozenset(say("template.help-row", language) for language in LANGUAGES)


def is_blank(cells: Sequence[Any]) -> bool:
    """Whether a row holds nothing."""
    return not any(cell is not None and str(cell).strip() for cell in cells)


def _known(head: str, delimiter: str, knows: Callable[[str], bool]) -> int:
    best = 0
    try:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        for _, cells in zip(range(HEADER_WITHIN), rows, strict=False):
            best = max(best, sum(knows(cell.strip()) for cell in cells))
    except csv.Error:
        pass
    return best
