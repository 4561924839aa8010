"""A document as a workbook: a sheet a table."""

from collections.abc import Iterator
from dataclasses import replace

from triage.formats.write_xlsx import SheetColumn, Value, WorkbookWriter
from triage.messages import Language, say
from triage.reports.document import Cell, Document, Part, Proposed, Table, facts, grid, plain, shown


def render(document: Document) -> Iterator[bytes]:
    """The workbook, in pieces."""
    book = WorkbookWriter(document.title, document.marking, document.notice)
    for part in shown(document.parts, "xlsx"):
        for table in shown(part.tables, "xlsx"):
            _sheet(book, table)
    yield from book.pieces()


def _sheet(book: WorkbookWriter, table: Table) -> None:
    cells = grid(table, "xlsx")
    if cells is None:
        return
    columns = [
        SheetColumn(column.head, column.width, column.choices, column.fill_in)
        for column in cells.columns
    ]
    frozen = cells.header + 1 if table.frozen is None else table.frozen
    sheet = book.sheet(table.sheet, columns, frozen)
    for row in cells.rows:
        on, mark = -1, ""
        for index, cell in enumerate(row):
            if isinstance(cell, Proposed):
                on, mark = index, cell.recommendation
        sheet.add(*map(_value, row), mark=mark, on=on)


def _value(cell: Cell) -> Value:
    return plain(cell) if isinstance(cell, tuple) else cell


def about(pairs: list[tuple[str, Cell]], language: Language, name: int, value: int) -> Part:
    """What a report is and where it comes from; `name` and `value` are widths in a workbook."""
    title = say("report.about", language)
    heads = [say("column-of-report.item", language), say("column-of-report.content", language)]
    return Part("about", title, tables=[facts(title, heads, pairs, name, value)])


def with_texts(document: Document) -> Document:
    """The same with a first sheet that has what is said above the tables."""
    pairs: list[tuple[str, Cell]] = [(document.title, document.notice)]
    pairs += [("", line) for line in (*document.lead, document.marking)]
    for part in document.parts:
        pairs += [(part.title, line) for line in (*part.paragraphs, *part.warnings)]
    first = about(pairs, document.language, 30, 110)
    return replace(document, parts=[first, *document.parts])
