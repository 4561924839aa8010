"""A report as parts with paragraphs, tables and charts, from which every form is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from triage.messages import Language


class Proposed(NamedTuple):
    """A recommendation in a cell: its word, and the value by which the word is coloured."""

    word: str
    recommendation: str


Cell = str | int | date | Proposed | None


@dataclass(frozen=True)
class Column:
    """One column of a table; `width` is that in a workbook, and `whole` cells stay on one line."""

    head: str
    width: int = 14
    number: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """A table, and what each form shows of it.

    The cell at `header` names its row. A terminal shows `brief` rows and the columns in `narrow`, a
    page shows `page` rows; None is all of them. `sheet` is the name of the sheet in a workbook. On
    a narrow screen rows become cards, unless the table is `small`.
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

    `warnings` limit what the figures mean. Only HTML has `charts`, only a terminal has `lines`, and
    only HTML and Markdown have `notes`.
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
