"""A document as a workbook: a sheet a table, and one that tells what the report is."""

from collections.abc import Iterator

from triage.formats.write_xlsx import SheetColumn, Value, WorkbookWriter
from triage.messages import say
from triage.reports.document import Document, Proposed, Table
from triage.reports.rows import heads


def render(document: Document) -> Iterator[bytes]:
    book = WorkbookWriter(document.title, document.marking, document.notice)
    item, content = heads(("item", "content"), document.language)
    columns = [SheetColumn(item, 30), SheetColumn(content, 110)]
    about = book.sheet(say("report.about", document.language), columns)
    about.add(document.title, document.notice)
    for line in (*document.lead, document.marking):
        about.add("", line)
    for part in document.parts:
        for line in (*part.paragraphs, *part.warnings):
            about.add(part.title, line)
    for part in document.parts:
        for table in part.tables:
            _sheet(book, table)
    yield from book.pieces()


def _sheet(book: WorkbookWriter, table: Table) -> None:
    columns = [SheetColumn(column.head, column.width) for column in table.columns]
    sheet = book.sheet(table.sheet, columns, frozen=table.header + 1)
    for row in table.rows:
        values: list[Value] = []
        on, mark = -1, ""
        for index, cell in enumerate(row):
            values.append(cell.word if isinstance(cell, Proposed) else cell)
            if isinstance(cell, Proposed):
                on, mark = index, cell.recommendation
        sheet.add(*values, mark=mark, on=on)
