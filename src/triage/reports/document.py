"""A report as parts with paragraphs, tables and charts, the same for every form that is made of
it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from triage.messages import Language


class Proposed(NamedTuple):
    """A recommendation in a cell: its word, and the recommendation by which it is coloured
    beside the word.
    """

    word: str
    recommendation: str


Cell = str | int | date | Proposed | None


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, its width in a workbook, whether it holds numbers, and
    whether its cells stay on one line.
    """

    head: str
    width: int = 14
    number: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """A table. The cell at `header` names its row; `brief` is how many rows a terminal shows (None:
    all of them).

    `page` is the same for pages. `sheet` is the name of its sheet in a workbook; `narrow` are the
    columns that a terminal has room for; a `small` table is a table on narrow screens too.
    """

    caption: str
    sheet: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    header: int = 0
    brief: int | None = None
    page: int | None = None
    narrow: tuple[int, ...] | None = None
    small: bool = False


@dataclass(frozen=True)
class Part:
    """A headed part of a report.

    `warnings` limit what the figures mean; `charts` are drawn where pictures are, `lines` stand
    only on a terminal, `notes` only on pages.
    """

    id: str
    title: str
    paragraphs: Sequence[str] = ()
    warnings: Sequence[str] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Callable[[], str]] = ()
    lines: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """A whole report: what stands at its head, and its parts in order."""

    language: Language
    title: str
    marking: str
    notice: str
    lead: Sequence[str]
    parts: Sequence[Part] = field(default_factory=tuple)


def plain(cell: Cell) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, Proposed):
        return cell.word
    return cell.isoformat() if isinstance(cell, date) else str(cell)
