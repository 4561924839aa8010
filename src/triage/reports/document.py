"""Every report as headed parts, tables and prose, from which each form is made.

Rows and parts may be `Lazy`: a form reads them once for each time it shows them, and a large inbox
never stands in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from triage.messages import Language

Form = Literal["text", "md", "html", "xlsx", "csv"]
Forms = frozenset[Form]
PAGES: Forms = frozenset({"md", "html"})
WORKBOOK: Forms = frozenset({"xlsx"})
TERMINAL: Forms = frozenset({"text"})
ROOMY: Forms = frozenset({"md", "html", "xlsx"})
"""The forms with room for wide tables."""

T = TypeVar("T")


class Proposed(NamedTuple):
    """A recommendation: its word, and the value by which the word is coloured."""

    word: str
    recommendation: str


class Link(NamedTuple):
    """A text that leads to a part of the page by its id."""

    text: str
    id: str


class Tick(NamedTuple):
    """A box to tick on paper, and what it is called where it is read aloud."""

    label: str


TICK = "\N{BALLOT BOX}"
"""A box to tick, as a character."""
Cell = str | int | date | Proposed | Link | Tick | None


@dataclass(frozen=True)
class Lazy(Generic[T]):
    """Things that are made anew each time they are read."""

    make: Callable[[], Iterator[T]]

    def __iter__(self) -> Iterator[T]:
        return self.make()


@dataclass(frozen=True)
class Column:
    """One column of a table; `only` the forms in it show the column.

    `width` is that in a workbook, in characters, where a cell takes none but the `choices`. `look`
    is the class of its cells on a page.
    """

    head: str
    width: int = 14
    number: bool = False
    look: str = ""
    only: Forms | None = None
    choices: tuple[str, ...] = ()
    fill_in: bool = False


@dataclass(frozen=True)
class Table:
    """A table, and what each form shows of it.

    The cell of the column at `header` names its row. A terminal shows `brief` rows, a page `page`
    rows; None is all of them. `sheet` is the name of the sheet in a workbook, of which `frozen`
    columns stay in view: as a rule those up to `header`. Markdown has the caption if it is
    `captioned`. `look` is the class on a page: "cards" on a narrow screen, or `FACTS`.
    """

    caption: str
    sheet: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    header: int = 0
    brief: int | None = None
    page: int | None = None
    frozen: int | None = None
    captioned: bool = True
    look: str = "cards figures"
    only: Forms | None = None


FACTS = "facts"
"""The look of a table of two columns that is a list of names and values on a page."""


class Item(NamedTuple):
    """One line of a list, with the source that it cites, or a mark and a name before it.

    Where there is no mark, only a terminal has the name, after the text.
    """

    text: str
    source: str = ""
    mark: str = ""
    name: str = ""


class Blank(NamedTuple):
    """A line to be filled in by hand, of so many characters; `listed` ones follow each other."""

    label: str
    size: int = 8
    listed: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a report, under its title if it has one; what it holds, in the order of a page.

    A step has a `number`. `warnings` limit what the figures mean. The first paragraph says more of
    the `headline`. Tables in `beside` stand side by side where there is room. Only HTML has
    `charts`, and only HTML and Markdown have `notes`. A terminal has `lines` in place of the
    `items`: each has what it begins with, and a text. A part under another one that has an id is an
    article of its own.
    """

    id: str
    title: str
    paragraphs: Sequence[str] = ()
    warnings: Sequence[str] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Callable[[], str]] = ()
    lines: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    headline: Proposed | None = None
    beside: Sequence[Table] = ()
    items: Sequence[Item] = ()
    choices: Sequence[str] = ()
    blanks: Sequence[Blank] = ()
    parts: "Iterable[Part]" = ()
    only: Forms | None = None
    number: int | None = None


@dataclass(frozen=True)
class Document:
    """A whole report: what stands at its head, its parts in order, and where it comes from.

    `look` is the class of its page; `contents` leads to its parts.
    """

    language: Language
    title: str
    marking: str
    notice: str
    lead: Sequence[str]
    parts: Sequence[Part] = field(default_factory=tuple)
    origin: str = ""
    look: str = "report"
    contents: bool = True


class _Restricted(Protocol):
    @property
    def only(self) -> Forms | None: ...


AnyRestricted = TypeVar("AnyRestricted", bound=_Restricted)


def shown(things: Iterable[AnyRestricted], form: Form) -> Iterator[AnyRestricted]:
    """The columns, tables or parts that a form shows."""
    return (one for one in things if one.only is None or form in one.only)


class ShownTable(NamedTuple):
    """What a form shows of a table: columns, rows, and how many rows it leaves out."""

    columns: Sequence[Column]
    header: int
    rows: Iterable[Sequence[Cell]]
    left_out: int


def grid(table: Table, form: Form) -> ShownTable | None:
    """A table as a form shows it; None where there is nothing to show."""
    at = [
        index
        for index, column in enumerate(table.columns)
        if column.only is None or form in column.only
    ]
    columns = [table.columns[index] for index in at]
    header = sum(index < table.header for index in at)
    most = {"text": table.brief, "md": table.page, "html": table.page}.get(form)
    if form != "xlsx" and (not table.rows or most == 0):
        return None
    rows, left_out = table.rows, 0
    if most is not None:
        left_out = max(0, sum(1 for _ in rows) - most)
        rows = islice(rows, most)
    if len(columns) < len(table.columns):
        rows = ([row[index] for index in at] for row in rows)
    return ShownTable(columns, header, rows, left_out)


def facts(
    sheet: str, heads: Sequence[str], pairs: Iterable[tuple[str, Cell]], *widths: int
) -> Table:
    """Names and values; `heads` are those of the two columns where it is a table."""
    columns = [Column(head, width) for head, width in zip(heads, widths or (14, 14), strict=True)]
    return Table("", sheet, columns, list(pairs), frozen=0, captioned=False, look=FACTS)


def plain(cell: Cell) -> str:
    """A cell as text."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case Proposed(text) | Link(text):
            return text
        case Tick():
            return TICK
    return cell.isoformat() if isinstance(cell, date) else str(cell)
