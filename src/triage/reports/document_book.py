"""A document as a workbook: a sheet a table, and one that tells what the report is."""

from collections.abc import Iterator

from triage.formats.write_xlsx import SheetColumn, Value, WorkbookWriter
from triage.messages import say
from triage.reports.document import Document, Proposed, Table


def render(document: Document) -> Iterator[bytes]:
    """The workbook, in pieces."""
    language = document.language
    book = WorkbookWriter(document.title, document.marking, document.notice)
    heads = [
        SheetColumn(say(f"column-of-report.{name}", language), width)
        for name, width in (("item", 30), ("content", 110))
    ]
    about = book.sheet(say("report.about", language), heads)
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
    sheet = book.sheet(
        table.sheet,
        [SheetColumn(one.head, one.width) for one in table.columns],
        frozen=table.header + 1,
    )
    for row in table.rows:
        values: list[Value] = [cell.word if isinstance(cell, Proposed) else cell for cell in row]
        marked = [
            (at, cell.recommendation) for at, cell in enumerate(row) if isinstance(cell, Proposed)
        ]
        at, mark = marked[-1] if marked else (-1, "")
        sheet.add(*values, mark=mark, on=at)
