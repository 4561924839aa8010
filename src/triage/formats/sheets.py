"""What the readers of workbooks share: a sheet, what is wrong with a workbook, safe archives.

An archive is looked over before it is opened, because a small one can unpack to any size.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import time, timedelta
from typing import IO, Any, Literal, Protocol
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
PIECE = 1 << 20
ERRORS = frozenset(
    "#REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC!".split()  # noqa: SIM905
)

SheetState = Literal["visible", "hidden", "very hidden"]
Merged = dict[int, list[tuple[int, int]]]
"""By row the columns that start to be merged downward there, with the last row of each."""
Held = dict[int, tuple[int, Any]]
"""By column the last row for which a merged cell still counts, and its value."""


class WorkbookError(Exception):
    """The workbook cannot be read: the key of a message under `intake`, with what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class Sheet(Protocol):
    """A sheet of any kind of workbook.

    The numbers of hidden rows and columns, from 1, are known once the first row was given.
    `sees_looks` tells whether the reader sees number formats, errors and what is hidden at all.
    """

    name: str
    state: SheetState
    sees_looks: bool
    hidden_rows: set[int]
    hidden_columns: set[int]

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows with their numbers, as far as their last cell; empty rows are empty lists."""
        ...


def damaged(error: BaseException) -> BaseException:
    """Trouble with the disk stays what it is; any other failure is the file's."""
    return error if isinstance(error, OSError) else WorkbookError("workbook-damaged")


def look_over(file: IO[bytes], needed: str) -> None:
    """Refuse what would unpack to too much, and XML that declares entities.

    `needed` ends the name of the part without which the archive is no workbook of its kind.
    """
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
        if not any(part.filename.endswith(needed) for part in parts):
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


def filled(cells: list[Any], number: int, merged: Merged, held: Held) -> list[Any]:
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


def plain_value(cell: Any) -> Any:
    """A value as every reader gives it: whole numbers whole, times of day as text."""
    if isinstance(cell, str):
        return UnreadableCell(cell, "cell-error") if cell in ERRORS else cell
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return str(cell) if isinstance(cell, time | timedelta) else cell
