"""A document as one page of HTML and as Markdown."""

from collections.abc import Iterator, Sequence

from triage.messages import Language, say
from triage.reports.document import Cell, Column, Document, Part, Proposed, Table, plain
from triage.reports.markdown import escaped
from triage.reports.markdown import table as markdown_table
from triage.reports.markup import bullets, page, table, text


def html(document: Document) -> Iterator[bytes]:
    return page(document.language, document.title, document.marking, _html(document))


def _html(document: Document) -> Iterator[str]:
    yield f'<h1>{text(document.title)}</h1>\n<p class="notice">{text(document.notice)}</p>'
    yield "".join(f"<p>{text(line)}</p>\n" for line in document.lead) + "</header>"
    links = bullets(f'<a href="#{part.id}">{text(part.title)}</a>' for part in document.parts)
    yield f'<nav aria-label="{text(say("report.contents", document.language))}">{links}</nav>'
    yield '<main id="main" tabindex="-1">'
    for part in document.parts:
        yield f'<section id="{part.id}">\n<h2>{text(part.title)}</h2>'
        yield from _html_part(part, document.language)
        yield "</section>"
    yield "</main>"


def _html_part(part: Part, language: Language) -> Iterator[str]:
    yield from (f'<p class="notice">{text(line)}</p>' for line in part.warnings)
    yield from (f"<p>{text(line)}</p>" for line in part.paragraphs)
    yield from (f"<p>{text(line)}</p>" for line in part.notes)
    yield from (chart() for chart in part.charts)
    for figures in part.tables:
        if shown := _shown(figures):
            classes = [_class(column) for column in figures.columns]
            rows = (
                [(_markup(cell), name) for cell, name in zip(row, classes, strict=True)]
                for row in shown
            )
            heads = [column.head for column in figures.columns]
            kind = "figures" if figures.small else "cards figures"
            yield from table(figures.caption, heads, rows, figures.header, kind, classes)
            yield from (f"<p>{text(line)}</p>" for line in _rest(figures, language))


def _shown(table: Table) -> Sequence[Sequence[Cell]]:
    return table.rows if table.page is None else table.rows[: table.page]


def _rest(table: Table, language: Language) -> list[str]:
    """The sentence on how many rows the page leaves out, if it leaves out any."""
    left_out = len(table.rows) - len(_shown(table))
    return [say("report.more-rows", language, count=left_out)] if left_out and table.page else []


def _class(column: Column) -> str:
    return " ".join(name for name, yes in (("number", column.number), ("id", column.whole)) if yes)


def _markup(cell: Cell) -> str:
    if isinstance(cell, Proposed):
        return f'<span class="badge {cell.recommendation}">{text(cell.word)}</span>'
    return "<br>".join(text(line) for line in plain(cell).splitlines())


def markdown(document: Document) -> Iterator[bytes]:
    for line in _markdown(document):
        yield f"{line}\n".encode()


def _markdown(document: Document) -> Iterator[str]:
    yield f"**{escaped(document.marking)}**\n"
    yield f"# {escaped(document.title)}\n"
    yield f"> {escaped(document.notice)}\n"
    yield from (f"{escaped(line)}\n" for line in document.lead)
    for part in document.parts:
        yield f"## {escaped(part.title)}\n"
        yield from (f"> {escaped(line)}\n" for line in part.warnings)
        yield from (f"{escaped(line)}\n" for line in part.paragraphs)
        yield from (f"{escaped(line)}\n" for line in part.notes)
        for figures in part.tables:
            if shown := _shown(figures):
                yield f"**{escaped(figures.caption)}**\n"
                heads = (column.head for column in figures.columns)
                yield from markdown_table(heads, (map(plain, row) for row in shown))
                yield ""
                yield from (f"{escaped(line)}\n" for line in _rest(figures, document.language))
