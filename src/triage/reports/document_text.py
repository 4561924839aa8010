"""A document for a terminal of 100 columns; a table that is cut says how many rows it lacks."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from triage.messages import Language, say
from triage.reports.document import Document, Part, Table, plain
from triage.reports.monospace import WIDTH, cell, text_width

LEAST = 6
"""Characters that a column keeps however narrow the table becomes."""
MOST = 90
"""The most characters of a column."""
GAP = "  "


def render(document: Document) -> str:
    out = [document.title, "=" * len(document.title)]
    out += [line for text in (*document.lead, document.marking) for line in _wrapped(text)]
    for part in document.parts:
        out += ["", part.title, "-" * len(part.title), *_part(part, document.language)]
    out += ["", *_wrapped(document.notice)]
    return "\n".join(line.rstrip() for line in out) + "\n"


def _part(part: Part, language: Language) -> Iterator[str]:
    for text in part.paragraphs:
        yield from _wrapped(text)
    for text in part.lines:
        yield from _wrapped(text, hang=True)
    for table in part.tables:
        if table.rows and table.brief != 0:
            if table.caption != part.title:
                yield ""
                yield from _wrapped(table.caption)
            yield from _table(table, language)
    for text in part.warnings:
        yield ""
        yield from _wrapped(text)


def _table(table: Table, language: Language) -> Iterator[str]:
    chosen = range(len(table.columns)) if table.narrow is None else table.narrow
    heads = [table.columns[index].head for index in chosen]
    numbers = [table.columns[index].number for index in chosen]
    shown = table.rows if table.brief is None else table.rows[: table.brief]
    rows = [line for row in shown for line in _lines([plain(row[index]) for index in chosen])]
    widths = _widths(heads, rows)
    yield _line(heads, widths, numbers)
    yield GAP.join("-" * width for width in widths)
    for row in rows:
        yield _line(row, widths, numbers)
    if len(shown) < len(table.rows):
        yield say("report.more-lines", language, count=len(table.rows) - len(shown))


def _lines(cells: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A row whose cells have several lines, as rows of one line."""
    return zip_longest(*(cell.split("\n") for cell in cells), fillvalue="")


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """As wide as the texts; where that is too wide for the terminal, the widest columns shrink."""
    columns = zip(heads, *rows, strict=True)
    widths = [min(MOST, max(map(text_width, column))) for column in columns]
    while sum(widths) + len(GAP) * (len(widths) - 1) > WIDTH and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(texts: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    cells = []
    for text, width, number in zip(texts, widths, numbers, strict=True):
        filled = cell(text, width)
        cells.append(filled.rstrip().rjust(width) if number else filled)
    return GAP.join(cells)


def _wrapped(text: str, hang: bool = False) -> list[str]:
    """A text in lines; it keeps its own lines and their indent. `hang` indents what follows."""
    out = []
    for line in text.split("\n"):
        start = line[: len(line) - len(line.lstrip(" "))]
        rest = f"{start}    " if hang else start
        lines = textwrap.wrap(line.strip(), WIDTH, initial_indent=start, subsequent_indent=rest)
        out += lines or [""]
    return out
