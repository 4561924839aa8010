"""Workbooks that people keep, with frozen headers, filters, widths and wrapped text.

Every text is stored as a text. One that begins like a formula is also marked as quoted, so that it
stays a text when a person edits it.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from triage.formats.cells import clean, risky

Value = str | int | date | None
CHUNK = 1 << 16
LETTER, TABLOID = 1, 3
WIDE = 160
"""The width of a sheet, in characters, above which it is printed on the larger paper."""
LAST_ROW = 1_048_576
NAVY, PALE = "FF26374A", "FFE7EBF0"
FILLS = {"accept": "FFDFF0E3", "defer": "FFFFF3CD", "decline": "FFF8DCDC"}
LINE, HIGHEST = 15, 409
"""The height of a line of text, and the most that a row may have, in points."""


def _lines(text: str, width: int) -> int:
    """About how many lines a text takes in a column."""
    return sum(1 + max(0, len(line) - 1) // width for line in text.split("\n"))


@dataclass(frozen=True)
class SheetColumn:
    """One column; `width` is in characters, `choices` are the only values that a cell takes."""

    head: str
    width: int = 14
    choices: tuple[str, ...] = ()
    fill_in: bool = False


@dataclass
class SheetWriter:
    book: "WorkbookWriter"
    columns: Sequence[SheetColumn]
    sheet: Any
    rows: int = 1

    def add(self, *values: Value, mark: str = "", on: int = -1) -> None:
        """Write a row; the cell at index `on` gets the colour of the recommendation `mark`."""
        if self.rows >= LAST_ROW:
            return
        self.rows += 1
        cells = [self.book.cell(self.sheet, value) for value in values]
        if mark in FILLS and 0 <= on < len(cells):
            cells[on].style = f"triage-{mark}"
        sized = zip(values, self.columns, strict=False)
        lines = max(_lines(str(value), column.width) for value, column in sized)
        if lines > 1:
            # Not every program works out the height of a row of wrapped text by itself.
            self.sheet.row_dimensions[self.rows].height = min(lines * LINE, HIGHEST)
        self.sheet.append(cells)
        self.sheet.row_dimensions.pop(self.rows, None)

    def finish(self) -> None:
        """Set what depends on the number of rows: filters, and lists of allowed values."""
        last = get_column_letter(len(self.columns))
        self.sheet.auto_filter.ref = f"A1:{last}{self.rows}"
        for number, column in enumerate(self.columns, 1):
            if column.choices and self.rows > 1:
                listed = ",".join(one.replace(",", " ") for one in column.choices).replace('"', "")
                rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
                letter = get_column_letter(number)
                rule.add(f"{letter}2:{letter}{self.rows}")
                self.sheet.data_validations.append(rule)


@dataclass
class WorkbookWriter:
    """A workbook under way; `marking` is the classification at the head of every printed page."""

    title: str
    marking: str
    notice: str
    _book: Workbook = field(default_factory=lambda: Workbook(write_only=True))
    _sheets: list[SheetWriter] = field(default_factory=list)

    def __post_init__(self) -> None:
        properties = self._book.properties
        properties.title, properties.subject = self.title, self.marking
        properties.creator = "triage"
        line = Border(bottom=Side("hair", color="FF8A96A3"))
        for style in _styles():
            style.border = line
            self._book.add_named_style(style)

    def sheet(self, title: str, columns: Sequence[SheetColumn], frozen: int = 0) -> SheetWriter:
        """A new sheet; `frozen` columns stay in view beside the header."""
        sheet = self._book.create_sheet(title[:31])
        sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
        for number, column in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = column.width
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        width = sum(column.width for column in columns)
        sheet.page_setup.paperSize = TABLOID if width > WIDE else LETTER
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = "1:1"
        sheet.oddHeader.center.text = self.marking.replace("&", "&&")
        sheet.oddFooter.center.text = self.notice.replace("&", "&&")[:200]
        sheet.oddFooter.right.text = "&P/&N"
        heads = []
        for column in columns:
            head = self.cell(sheet, column.head)
            head.style = "triage-fill-in" if column.fill_in else "triage-head"
            heads.append(head)
        sheet.append(heads)
        writer = SheetWriter(self, columns, sheet)
        self._sheets.append(writer)
        return writer

    def cell(self, sheet: Any, value: Value) -> Any:
        """A cell that holds a value and can never be a formula."""
        if isinstance(value, str):
            value = clean(value)
            cell = WriteOnlyCell(sheet, value)
            cell.style = "triage-text"
            # openpyxl takes a text that begins with "=" for a formula, and "#N/A" for an error.
            cell.data_type = "s"
            if risky(value):
                cell.quotePrefix = True
            return cell
        cell = WriteOnlyCell(sheet)
        cell.value = value
        cell.style = "triage-date" if isinstance(value, date) else "triage-number"
        return cell

    def pieces(self) -> Iterator[bytes]:
        """The finished workbook, in pieces."""
        for sheet in self._sheets:
            sheet.finish()
        with closing(SpooledTemporaryFile(max_size=8_000_000)) as stream:
            self._book.save(stream)
            stream.seek(0)
            while piece := stream.read(CHUNK):
                yield piece


def _styles() -> list[NamedStyle]:
    """A style for each kind of cell, and one for each recommendation."""

    def fill(colour: str) -> PatternFill:
        return PatternFill("solid", fgColor=colour)

    top, wrapped = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
    centred = Alignment(vertical="center", wrap_text=True)
    white, navy = Font(bold=True, color="FFFFFFFF"), Font(bold=True, color=NAVY)
    styles = [
        NamedStyle("triage-text", alignment=wrapped, number_format="@"),
        NamedStyle("triage-number", alignment=top),
        NamedStyle("triage-date", alignment=top, number_format="yyyy-mm-dd"),
        NamedStyle("triage-head", alignment=centred, font=white, fill=fill(NAVY)),
        NamedStyle("triage-fill-in", alignment=centred, font=navy, fill=fill(PALE)),
    ]
    for name, colour in FILLS.items():
        bold = Font(bold=True)
        style = NamedStyle(f"triage-{name}", alignment=wrapped, font=bold, fill=fill(colour))
        styles.append(style)
    return styles
