"""A document as Markdown: blocks with an empty line between them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from triage.formats.cells import clean
from triage.messages import Language, say
from triage.reports.document import (
    FACTS,
    TICK,
    Blank,
    Cell,
    Document,
    Item,
    Part,
    Table,
    grid,
    plain,
    shown,
)

MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
AT_START = re.compile(r"\A(?=[-+=:])|\A(\d+)(?=[.)])")
TOP = 2
"""The level of the heading of a part."""


def render(document: Document) -> Iterator[bytes]:
    """The text, a line at a time."""
    between = ""
    for block in _document(document):
        for line in block:
            yield f"{between}{line}\n".encode()
            between = ""
        between = "\n"


def escaped(text: str) -> str:
    """A text on one line in which nothing is a mark of Markdown or HTML."""
    text = MARKS.sub(r"\\\1", " ".join(clean(text).split()))
    return AT_START.sub(lambda found: f"{found[1] or ''}\\", text)


def _document(document: Document) -> Iterator[Iterable[str]]:
    if document.marking:
        yield [f"**{escaped(document.marking)}**"]
    yield [f"# {escaped(document.title)}"]
    yield [f"> {escaped(document.notice)}"]
    yield from ([escaped(line)] for line in document.lead)
    for part in shown(document.parts, "md"):
        yield from _part(part, TOP, document.language)
    if document.origin:
        yield ["---"]
        yield [escaped(document.origin)]


def _part(part: Part, level: int, language: Language) -> Iterator[Iterable[str]]:
    if part.title:
        number = f"{part.number}. " if part.number else ""
        yield [f"{'#' * level} {number}{escaped(part.title)}"]
        level += 1
    yield from ([f"> {escaped(line)}"] for line in part.warnings)
    texts = [*part.paragraphs, *part.notes]
    if part.headline:
        yield [f"**{escaped(part.headline.word)}**  ", *map(escaped, texts[:1])]
        texts = texts[1:]
    yield from ([escaped(line)] for line in texts)
    if part.items:
        yield map(_item, part.items)
    for table in part.beside:
        if table.look != FACTS:
            yield [f"{'#' * level} {escaped(table.caption)}"]
        yield from _table(table, language, captioned=False)
    for table in shown(part.tables, "md"):
        yield from _table(table, language, table.captioned)
    if part.choices:
        yield ["   ".join(f"{TICK} {one}" for one in part.choices)]
    yield from _blanks(part.blanks)
    for one in shown(part.parts, "md"):
        yield from _part(one, level, language)


def _item(item: Item) -> str:
    mark = f"**{item.mark}** {escaped(item.name)}: " if item.mark else ""
    source = f" *[{escaped(item.source)}]*" if item.source else ""
    return f"- {mark}{escaped(item.text)}{source}"


def _blanks(blanks: Sequence[Blank]) -> Iterator[Iterable[str]]:
    lines = [f"{escaped(one.label)}: {'_' * one.size}" for one in blanks]
    if any(one.listed for one in blanks):
        yield [f"- {line}" for line in lines]
    else:
        yield from ([line] for line in lines)


def _table(table: Table, language: Language, captioned: bool) -> Iterator[Iterable[str]]:
    cells = grid(table, "md")
    if cells is None:
        return
    if captioned:
        yield [f"**{escaped(table.caption)}**"]
    yield _lines([column.head for column in cells.columns], cells.rows)
    if cells.left_out:
        yield [escaped(say("report.more-rows", language, count=cells.left_out))]


def _lines(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    yield _line(heads)
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield _line(map(plain, row))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"
