"""Rows of cells below a header -> the rows of an inbox: text files and the sheets of workbooks."""

import io
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import IO, Any, BinaryIO

from triage.formats.cells import unshielded
from triage.formats.encodings import StrayCell, find_encoding, marked
from triage.formats.rows import Cells, read_text
from triage.formats.sheets import Sheet, WorkbookError
from triage.formats.workbooks import open_workbook
from triage.intake.cells import shown
from triage.intake.forms import REASONS, FileShape, InboxFile, Row, Rows
from triage.intake.layout import Layout, find_header, is_blank, is_help
from triage.intake.survey import PassedRow, RowKind
from triage.messages import LANGUAGES, say

MOST_PENDING = 1_000
"""So many rows that look like headings wait for what follows them."""


def text_rows(file: InboxFile, stream: BinaryIO) -> Rows:
    """The rows of a text file with cells; its encoding and delimiter are found out."""
    encoding = find_encoding(stream)
    if encoding.certainty == "unsure":
        raise file.error("file.encoding-unsure")
    # A byte that is not of the encoding comes as a lone surrogate, which no text has.
    errors = "surrogateescape" if encoding.stray else "strict"
    with io.TextIOWrapper(stream, encoding.name, errors, newline="") as text:
        form, rows = read_text(text, encoding.name, lambda name: file.fact(name) is not None)
        file.findings.note(encoding=encoding, delimiter=form.delimiter)
        if encoding.stray:
            rows = _marked(file, rows)
        yield from _table(file, rows, FileShape("text", text=form))


def _marked(file: InboxFile, rows: Cells) -> Cells:
    """The rows with each cell unreadable that has a byte which is not of the encoding."""
    for number, cells in rows:
        found = [marked(cell) for cell in cells]
        if any(isinstance(cell, StrayCell) for cell in found):
            file.findings.note_stray(number)
        yield number, found


def workbook_rows(file: InboxFile, stream: IO[bytes]) -> Rows:
    """The rows of the sheet that was named, or else of the one that holds requests."""
    try:
        sheets = open_workbook(stream)
        sheet = _choose(file, sheets)
        _note_sheets(file, sheet, sheets)
        yield from _table(file, sheet.rows(), FileShape("workbook", sheet=sheet.name), sheet)
    except WorkbookError as error:
        # The reader of workbooks names a message under `intake`.
        raise file.error(f"intake.{error.key}", **error.values) from None


def _note_sheets(file: InboxFile, read: Sheet, sheets: Sequence[Sheet]) -> None:
    """Note the hidden sheets that are not read, but for that of our own empty inbox."""
    own = {say("template.lists", language) for language in LANGUAGES}
    hidden = [
        sheet.name
        for sheet in sheets
        if sheet.state != "visible" and sheet is not read and sheet.name not in own
    ]
    file.findings.note(hidden_sheets=tuple(hidden), sees_looks=read.sees_looks)


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
        header, below = find_header(rows, file.fact, file.header_rows)
        if header is not None and header.known > 1:
            headed.append(sheet)
            if any(not (is_blank(cells) or is_help(cells)) for _, cells in chain(below, rows)):
                filled.append(sheet)
    if len(filled) > 1:
        names = ", ".join(sheet.name for sheet in filled)
        raise file.error("intake.several-sheets", names=names)
    candidates = filled or headed or visible
    if not candidates:
        raise WorkbookError("workbook-damaged")
    return candidates[0]


def _table(file: InboxFile, rows: Cells, shape: FileShape, sheet: Sheet | None = None) -> Rows:
    header, below = find_header(rows, file.fact, file.header_rows)
    if header is None or not (header.known or file.any_header):
        first = next((cells for _, cells in below if not is_blank(cells)), None)
        if header is None and first is None:
            raise file.error("intake.no-header")
        words = header.names if header is not None else first or ()
        told = shown(", ".join(str(word) for word in words if word is not None))
        raise file.error("intake.bad-header", header=told)
    names = header.names
    given: Cells = chain(below, rows)
    if shape.form == "text" and not REASONS.isdisjoint(names):
        # Our own file of rejected rows, where an apostrophe keeps formulas from being run.
        names = [unshielded(name) for name in names]
        given = ((number, [_unshielded(cell) for cell in cells]) for number, cells in given)
    hidden = sheet.hidden_columns if sheet is not None else set()
    columns = [index - 1 for index in sorted(hidden) if "".join(names[index - 1 : index])]
    skipped = frozenset(columns) if file.skips_hidden else frozenset()
    file.findings.note(
        titles=tuple((number, _text(cells)) for number, cells in header.titles),
        header_rows=header.rows,
        hidden_columns=tuple(names[index] for index in columns),
        skips_hidden=file.skips_hidden,
    )
    file.begin(shape, names)
    file.check(name for index, name in enumerate(names) if name and index not in skipped)
    yield from _Table(file, names, skipped, sheet).rows(given)


class _Table:
    """The rows below one header; columns with an index in `skipped` are left out."""

    def __init__(
        self, file: InboxFile, names: Sequence[str], skipped: AbstractSet[int], sheet: Sheet | None
    ) -> None:
        self.file, self.names, self.skipped = file, names, skipped
        self.titles = [
            name or say("intake.column", file.language, number=number)
            for number, name in enumerate(names, 1)
        ]
        self.unnamed = [index for index, name in enumerate(names) if not name]
        self.hidden: AbstractSet[int] = sheet.hidden_rows if sheet is not None else frozenset()

    def rows(self, given: Cells) -> Rows:
        """Each row that is not blank, as a request or as what it is instead.

        What looks like the heading of a section is a footer where no row follows it.
        """
        kind_of = Layout(self.names, self.file.fact).kind
        pending: list[tuple[int, Sequence[Any]]] = []
        for number, cells in given:
            if is_blank(cells) or is_help(cells):
                continue
            kind = kind_of(cells)
            if number in self.hidden:
                kind = self._hidden(number, kind)
            if kind == "section" and len(pending) < MOST_PENDING:
                pending.append((number, cells))
                continue
            if pending:
                yield from (self._passed(*row, "section") for row in pending)
                pending.clear()
            yield self._read(number, cells) if kind is None else self._passed(number, cells, kind)
        yield from (self._passed(*row, "footer") for row in pending)

    def _hidden(self, number: int, kind: RowKind | None) -> RowKind | None:
        if self.file.skips_hidden:
            return "hidden"
        self.file.findings.note_hidden(number)
        return kind

    def _passed(self, number: int, cells: Sequence[Any], kind: RowKind) -> Row:
        passed = PassedRow(number, kind, _text(cells))
        self.file.findings.pass_over(passed)
        return Row(number, passed, cells)

    def _read(self, number: int, cells: Sequence[Any]) -> Row:
        file, names = self.file, self.names
        rest = cells[len(names) :]
        if rest and not is_blank(rest):
            text = shown(" ".join("" if cell is None else str(cell) for cell in rest))
            counts = {"header": len(names), "row": len(cells)}
            return file.rejection(number, "expected.cells", text, cells, **counts)
        for index in self.unnamed:
            if not is_blank(cells[index : index + 1]):
                file.findings.unnamed_columns.add(index + 1)
                file.note(say("intake.unnamed-column", file.language, number=index + 1))
        given = list(zip(self.titles, cells, strict=False))
        if self.skipped:
            given = [pair for index, pair in enumerate(given) if index not in self.skipped]
        return Row(number, given, cells)


def _unshielded(cell: Any) -> Any:
    return unshielded(cell) if isinstance(cell, str) else cell


def _text(cells: Sequence[Any]) -> str:
    """What stands in a row, in short."""
    return shown(" ".join(str(cell) for cell in cells if cell is not None))
