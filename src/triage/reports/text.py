"""Texts for a terminal of 100 columns, and a document as such a text.

Of a part it has paragraphs, lines, tables and warnings. A table that is cut says how many rows it
lacks.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from triage.messages import Language, say
from triage.reports.document import Document, Part, ShownTable, grid, plain, shown

WIDTH = 100
LEAST = 6
"""Characters that a column keeps however narrow the table becomes."""
MOST = 90
"""The most characters of a column."""
GAP = "  "
# Letters of ideographic and Korean writing, full-width forms and pictures take two columns.
WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
    "\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)


def wrapped(text: str, start: str = "  ") -> list[str]:
    """A text in lines, the first after `start` and the others indented as far; never no line."""
    rest = " " * len(start)
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=rest) or [start]


def bulleted(heading: str, texts: Iterable[str], start: str = "  - ") -> list[str]:
    """A heading after an empty line, and texts under it; nothing where there are none."""
    lines = [line for text in texts for line in wrapped(text, start)]
    return ["", *wrapped(heading, ""), *lines] if lines else []


def cell(text: str, width: int) -> str:
    """A text on one line, cut or filled with blanks to a width in columns."""
    # Far longer texts are cut first: normalizing and measuring them would take long.
    text = unicodedata.normalize("NFC", text[: 10 * width])
    text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if text_width(text) > width:
        while text_width(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - text_width(text))


def text_width(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    marks = sum(unicodedata.category(one) in ("Mn", "Me") for one in text)
    return len(text) + len(WIDE.findall(text)) - marks


def render(document: Document) -> str:
    out = [document.title, "=" * len(document.title)]
    out += [line for text in (*document.lead, document.marking) for line in _wrapped(text)]
    for part in shown(document.parts, "text"):
        out += ["", part.title, "-" * len(part.title), *_part(part, document.language)]
    out += ["", *_wrapped(document.notice)]
    return "\n".join(line.rstrip() for line in out) + "\n"


def _part(part: Part, language: Language) -> Iterator[str]:
    for text in part.paragraphs:
        yield from _wrapped(text)
    for text in part.lines:
        yield from _wrapped(text, hang=True)
    for table in shown(part.tables, "text"):
        if (cells := grid(table, "text")) is not None:
            if table.caption != part.title:
                yield ""
                yield from _wrapped(table.caption)
            yield from _table(cells, language)
    for text in part.warnings:
        yield ""
        yield from _wrapped(text)


def _table(table: ShownTable, language: Language) -> Iterator[str]:
    heads = [column.head for column in table.columns]
    numbers = [column.number for column in table.columns]
    rows = [line for row in table.rows for line in _lines([plain(cell) for cell in row])]
    widths = _widths(heads, rows)
    yield _line(heads, widths, numbers)
    yield GAP.join("-" * width for width in widths)
    for row in rows:
        yield _line(row, widths, numbers)
    if table.left_out:
        yield say("report.more-lines", language, count=table.left_out)


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
