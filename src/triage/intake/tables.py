"""Rows of cells below a header -> the rows of an inbox: text files and the sheets of workbooks."""

import io
from collections.abc import Sequence
from itertools import chain
from typing import IO, Any, BinaryIO

from triage.formats.rows import Cells, find_encoding, find_header, is_blank, is_help, read_text
from triage.formats.sheets import Sheet, WorkbookError
from triage.formats.workbooks import open_workbook
from triage.intake.cells import shown
from triage.intake.forms import FileShape, InboxFile, Row, Rows
from triage.messages import say


def text_rows(file: InboxFile, stream: BinaryIO) -> Rows:
    """The rows of a text file with cells; its encoding and delimiter are found out."""
    encoding = find_encoding(stream)
    with io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        form, rows = read_text(text, encoding, lambda name: file.fact(name) is not None)
        yield from _table(file, rows, FileShape("text", text=form))


def workbook_rows(file: InboxFile, stream: IO[bytes]) -> Rows:
    """The rows of the sheet that was named, or else of the one that holds requests."""
    try:
        sheet = _choose(file, open_workbook(stream))
        yield from _table(file, sheet.rows(), FileShape("workbook", sheet=sheet.name))
    except WorkbookError as error:
        # The reader of workbooks names a message under `intake`.
        raise file.error(f"intake.{error.key}", **error.values) from None


def _choose(file: InboxFile, sheets: list[Sheet]) -> Sheet:
    if file.sheet is not None:
        wanted = file.sheet.strip().casefold()
        for sheet in sheets:
            if sheet.name.strip().casefold() == wanted:
                return sheet
        names = ", ".join(sheet.name for sheet in sheets)
        raise file.error("intake.no-sheet", sheet=file.sheet, names=names)
    visible = [sheet for sheet in sheets if sheet.state == "visible"] or sheets
    if len(visible) == 1:
        return visible[0]
    headed, filled = [], []
    for sheet in visible:
        rows = sheet.rows()
        header, below = find_header(rows, file.fact)
        if header is not None and header.known > 1:
            headed.append(sheet)
            if any(not _is_passed_over(cells) for _, cells in chain(below, rows)):
                filled.append(sheet)
    if len(filled) > 1:
        names = ", ".join(sheet.name for sheet in filled)
        raise file.error("intake.several-sheets", names=names)
    candidates = filled or headed or visible
    if not candidates:
        raise WorkbookError("workbook-damaged")
    return candidates[0]


def _is_passed_over(cells: Sequence[Any]) -> bool:
    return is_blank(cells) or is_help(cells)


def _table(file: InboxFile, rows: Cells, shape: FileShape) -> Rows:
    header, below = find_header(rows, file.fact)
    if header is None:
        first = next((cells for _, cells in below if not is_blank(cells)), None)
        if first is None:
            raise file.error("intake.no-header")
        words = shown(", ".join(str(cell) for cell in first if cell is not None))
        raise file.error("intake.bad-header", header=words)
    names = header.names
    file.begin(shape, names)
    file.check(name for name in names if name)
    titles = [
        name or say("intake.column", file.language, number=number)
        for number, name in enumerate(names, 1)
    ]
    unnamed = [index for index, name in enumerate(names) if not name]
    for number, cells in chain(below, rows):
        if _is_passed_over(cells):
            continue
        rest = cells[len(names) :]
        if rest and not is_blank(rest):
            text = shown(" ".join("" if cell is None else str(cell) for cell in rest))
            counts = {"header": len(names), "row": len(cells)}
            yield file.rejection(number, "expected.cells", text, cells, **counts)
            continue
        for index in unnamed:
            if not is_blank(cells[index : index + 1]):
                file.note(say("intake.unnamed-column", file.language, number=index + 1))
        yield Row(number, list(zip(titles, cells, strict=False)), cells)
