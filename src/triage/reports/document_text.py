"""A document for a terminal, at most 100 columns wide: long tables are cut, and say how much
they leave out.
"""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from triage.messages import Language, say
from triage.reports.document import Document, Part, Table, plain
from triage.reports.terminal import WIDTH, cell, places

LEAST = 6
"""Characters that a column keeps however narrow the table becomes."""
MOST = 90
GAP = "  "


def render(document: Document) -> str:
    """The text."""
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
    columns = [table.columns[place] for place in chosen]
    shown = table.rows if table.brief is None else table.rows[: table.brief]
    rows = [line for row in shown for line in _lines([plain(row[place]) for place in chosen])]
    widths = _widths([column.head for column in columns], rows)
    numbers = [column.number for column in columns]
    yield _line([column.head for column in columns], widths, numbers)
    yield GAP.join("-" * width for width in widths)
    for row in rows:
        yield _line(row, widths, numbers)
    if len(shown) < len(table.rows):
        yield say("report.more-lines", language, count=len(table.rows) - len(shown))


def _lines(cells: Sequence[str]) -> Iterator[list[str]]:
    """A row as the lines of its cells."""
    for line in zip_longest(*(one.split("\n") for one in cells), fillvalue=""):
        yield list(line)


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """As wide as the texts are; where that is too wide for the terminal, the widest columns give
    way.
    """
    widths = [min(MOST, max(map(places, column))) for column in zip(heads, *rows, strict=True)]
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
    """A text in lines; the lines of its own, and the blanks at their start, are kept. `hang`
    indents what follows.
    """
    out = []
    for line in text.split("\n"):
        start = line[: len(line) - len(line.lstrip(" "))]
        after = f"{start}    " if hang else start
        out += textwrap.wrap(
            line.strip(), WIDTH, initial_indent=start, subsequent_indent=after
        ) or [""]
    return out
