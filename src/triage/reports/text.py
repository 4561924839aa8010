"""Documents and parts as text for a terminal of 100 columns.

Of a part it has paragraphs, lines or items, tables, warnings and the parts under it. A table that
is cut says how many rows it lacks.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from triage.messages import Language, say
from triage.reports.document import Document, Item, Part, ShownTable, grid, plain, shown

WIDTH = 100
LEAST = 6
"""Characters that a column keeps however narrow the table becomes."""
MOST = 90
"""The most characters of a column."""
GAP = "  "
BLANK = str.maketrans("\r\v\f", "   ")
"""What would move the cursor of a terminal, as blanks."""
# Letters of ideographic and Korean writing, full-width forms and pictures take two columns.
WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
    "\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)


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


def render(document: Document) -> Iterator[bytes]:
    """A document with its titles underlined."""
    out = [document.title, "=" * len(document.title)]
    out += [line for text in (*document.lead, document.marking) for line in _wrapped(text)]
    for part in shown(document.parts, "text"):
        out += ["", part.title, "-" * len(part.title), *_part(part, 0, document.language)]
    yield _joined([*out, "", *_wrapped(document.notice)]).encode()


def plainly(parts: Iterable[Part], language: Language) -> str:
    """Parts that follow each other after an empty line, with nothing under their titles."""
    return _joined(list(_parts(parts, 0, language))[1:])


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _parts(parts: Iterable[Part], level: int, language: Language) -> Iterator[str]:
    colon = say("report.colon", language).rstrip() if level else ""
    for part in shown(parts, "text"):
        yield ""
        if part.title:
            yield from _wrapped(part.title + colon)
        yield from _part(part, level, language)


def _part(part: Part, level: int, language: Language) -> Iterator[str]:
    """What stands under the title of a part, which is under as many other parts as its level."""
    for text in part.paragraphs:
        yield from _wrapped(text)
    bullet = f"{'  ' * level}- "
    for start, text in part.lines or [(bullet, _item(item)) for item in part.items]:
        yield from _wrapped(text, start)
    for table in shown(part.tables, "text"):
        if (cells := grid(table, "text")) is not None:
            if table.caption != part.title:
                yield ""
                yield from _wrapped(table.caption)
            yield from _table(cells, language)
    for text in part.warnings:
        yield ""
        yield from _wrapped(text)
    yield from _parts(part.parts, level + 1, language)


def _item(item: Item) -> str:
    name = f" ({item.name})" if item.name else ""
    source = f" [{item.source}]" if item.source else ""
    return f"{' '.join(item.text.splitlines())}{name}{source}"


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


def _wrapped(text: str, start: str = "") -> Iterator[str]:
    """A text in lines, the first after `start` and the others indented as far.

    It keeps its own lines and their indent.
    """
    for line in text.expandtabs().translate(BLANK).split("\n"):
        content = line.strip()
        indent = line[: len(line) - len(line.lstrip(" "))] if content else ""
        first, start = start + indent, " " * len(start)
        if text_width(first + content) <= WIDTH:
            yield first + content
        else:
            rest = start + indent
            yield from textwrap.wrap(content, WIDTH, initial_indent=first, subsequent_indent=rest)
