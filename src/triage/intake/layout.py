"""How the rows of a table lie: titles above, the header in one row or two, and what is no request.

A row below the header is passed over only where it can hardly be a request: it repeats the header,
sums up, or has nothing but a heading or a note. Whatever else lacks something is read, and rejected
with the reason.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from triage.formats.rows import Cells, Row
from triage.formats.values import normal
from triage.intake.requests import REQUIRED
from triage.intake.survey import RowKind
from triage.messages import LANGUAGES, say

HEADER_WITHIN = 20
"""The header is looked for in this many rows: titles and blank rows may stand above it."""
LEAST_COLUMNS = 3
"""In a narrower table a row with one cell may well be a request."""
PROSE = frozenset(("title", "summary"))
SHORT_ID = 3

Meaning = Callable[[str], str | None]
"""The fact that a header means, or None."""

_HELP_ROWS = frozenset(say("template.help-row", language) for language in LANGUAGES)
_TOTAL = re.compile(
    r"(?:(?:grand |sub ?|sous )?tota(?:l|ls|ux)|sum|somme|average|moyenne|count|nombre total"
    r"|number of requests|nombre de demandes)(?: \w+){0,3}"
)
_NOTE = re.compile(
    r"(?:sources?|notes?|nota|nb|n b|remarks?|remarques?|legend|legende|prepared by|prepare par"
    r"|printed|imprime|exported|exporte|generated|produit le|last updated?|updated|mis a jour"
    r"|derniere mise a jour|end of|fin d[eu]|page \d+|as of|en date du|confidential|confidentiel"
    r"|protected|protege|approved by|approuve par)\b"
)
_NUMBER = re.compile(r"[\s\d.,'$€£¥%()+–-]*\d[\s\d.,'$€£¥%()+–-]*(?:CAD|CAN)?")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its names, how many mean a fact, its rows, and those above it."""

    names: list[str]
    known: int
    rows: tuple[int, ...]
    titles: tuple[Row, ...] = ()


def find_header(
    rows: Cells, meaning: Meaning, height: int | None = None
) -> tuple[Header | None, list[Row]]:
    """The header, and the rows read below it.

    It is the first row with the most known names, or two rows of which the upper names groups of
    the lower, or of which one repeats the other, as in the other language. `height` tells how many
    rows it has, where that is known. Where no row has a known name it is the first with about the
    most names; None where no row has two.
    """
    seen = [row for _, row in zip(range(HEADER_WITHIN), rows, strict=False)]
    best = _best(seen, meaning)
    if best is None:
        return None, seen
    readings = [_Reading(best, best, names_of(seen[best][1]), 1)]
    if height != 1:
        readings += _pairs(seen, best, meaning)
    if height == 2:
        readings = readings[1:] or readings
    found = max(readings, key=lambda one: (one.rank > 2, _known(one.names, meaning), one.rank))
    numbers = tuple(number for number, _ in seen[found.first : found.last + 1])
    titles = tuple(row for row in seen[: found.first] if not is_blank(row[1]))
    known = _known(found.names, meaning)
    return Header(found.names, known, numbers, titles), seen[found.last + 1 :]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Some rows read as a header; of two with as many known names, that of the higher rank.

    One of rank 3 is taken even where it has fewer.
    """

    first: int
    last: int
    names: list[str]
    rank: int


def _best(seen: Sequence[Row], meaning: Meaning) -> int | None:
    """The first row with the most known names, or else the first with about the most names."""
    known = [_known(names_of(cells), meaning) for _, cells in seen]
    if any(known):
        return known.index(max(known))
    counts = [len({normal(name) for name in names_of(cells) if name}) for _, cells in seen]
    enough = max(2, max(counts, default=0) * 2 / 3)
    return next((index for index, count in enumerate(counts) if count >= enough), None)


def _pairs(seen: Sequence[Row], best: int, meaning: Meaning) -> Iterator[_Reading]:
    """The best row with the one below or above it."""
    for first in (best, best - 1):
        if first < 0 or first + 1 >= len(seen):
            continue
        upper, lower = (names_of(cells) for _, cells in seen[first : first + 2])
        if repeats(upper, lower, meaning):
            names = [
                below if below and meaning(below) and not meaning(above) else above or below
                for above, below in zip_longest(upper, lower, fillvalue="")
            ]
            yield _Reading(first, first + 1, names, 2)
        elif (grouped := _grouped(upper, lower, meaning)) is not None:
            # Columns of one name in two groups would else run together.
            apart = any(
                below and lower.count(below) > 1 and grouped.count(name) < lower.count(below)
                for below, name in zip(lower, grouped, strict=False)
            )
            yield _Reading(first, first + 1, grouped, 3 if apart else 0)


def _grouped(upper: Sequence[str], lower: Sequence[str], meaning: Meaning) -> list[str] | None:
    """The names of columns whose groups stand in the row above; None where that cannot be.

    "Visit" above "Start" is "Visit Start" where that is known, and else "Start", unless another
    group has a column of that name.
    """
    named = [name for name in lower if name]
    if sum(map(bool, upper)) < 2 or not all(re.fullmatch(r"\D*[^\W\d]\D*", name) for name in named):
        return None
    names, group = [], ""
    for index, (above, below) in enumerate(zip_longest(upper, lower, fillvalue="")):
        group = above or group
        joined = f"{group} {below}".strip()
        if not below or normal(below) == normal(above):
            names.append(above)
        elif meaning(joined) is not None:
            names.append(joined)
        elif above and meaning(above) and all(upper[index + 1 : index + 2]):
            # A name that means a fact by itself is no group, so the row below is none of names.
            return None
        else:
            alone = meaning(below) is not None and lower.count(below) == 1
            names.append(below if alone else joined)
    return names


def repeats(names: Sequence[str], cells: Sequence[str], meaning: Meaning) -> bool:
    """Whether a row says the names of a header again, in the same words or the other language."""
    filled = [(name, cell) for name, cell in zip(names, cells, strict=False) if cell]
    same = 0
    for name, cell in filled:
        fact = meaning(cell)
        if normal(cell) == normal(name) or (fact is not None and fact == meaning(name)):
            same += 1
        elif fact is not None and meaning(name) is not None:
            return False
    return same > 1 and 2 * same >= len(filled)


def names_of(cells: Sequence[Any]) -> list[str]:
    """A row as names of columns, each on one line."""
    return ["" if cell is None else " ".join(str(cell).split()) for cell in cells]


def _known(names: Sequence[str], meaning: Meaning) -> int:
    """How many facts the names mean."""
    return len({fact for name in names if name and (fact := meaning(name)) is not None})


def is_help(cells: Sequence[Any]) -> bool:
    """Whether a row is the one with which the empty inbox explains its columns."""
    first = next((cell for cell in cells if cell is not None), None)
    return isinstance(first, str) and first.strip() in _HELP_ROWS


def is_blank(cells: Sequence[Any]) -> bool:
    return not any(cell is not None and str(cell).strip() for cell in cells)


class Layout:
    """Tells of the rows below a header what they are."""

    def __init__(self, names: Sequence[str], meaning: Meaning) -> None:
        self.names, self._meaning = names, meaning
        self._facts = [meaning(name) if name else None for name in names]
        known = [index for index, fact in enumerate(self._facts) if fact is not None]
        keys = [index for index in known if self._facts[index] in REQUIRED]
        keys += [index for index in known if index not in keys]
        self._keys = keys[:2] if len(keys) > 1 else [0, 0]
        self._last = max(self._keys) if len(keys) > 1 else sys.maxsize

    def kind(self, cells: Sequence[Any]) -> RowKind | None:
        """Why a row is no request; None where it must be read as one.

        Most rows have what a request needs and no header where a date should be, so they are told
        at once.
        """
        first, second = self._keys
        if len(cells) > self._last and (key := cells[first]) and cells[second]:
            if key.__class__ is not str or key[:1].isdigit() or not self._is_name(first, key):
                return None
            return "header" if repeats(self.names, names_of(cells), self._meaning) else None
        filled = [
            (index, cell)
            for index, cell in enumerate(cells)
            if cell is not None and not (cell.__class__ is str and not cell.strip())
        ]
        if not filled or not isinstance(filled[0][1], str):
            return None
        if self._is_name(*filled[0]) and repeats(self.names, names_of(cells), self._meaning):
            return "header"
        return self._incomplete(filled)

    def _is_name(self, index: int, text: str) -> bool:
        """Whether a cell says the name of its column."""
        if index >= len(self.names):
            return False
        fact, name = self._facts[index], self.names[index]
        return (fact is not None and self._meaning(text) == fact) or normal(text) == normal(name)

    def _incomplete(self, filled: Sequence[tuple[int, Any]]) -> RowKind | None:
        """What a row is that lacks what every request has; it begins with a text."""
        (index, text), *others = filled
        words = normal(text)
        if _TOTAL.fullmatch(words) and all(_is_number(cell) for _, cell in others):
            return "total"
        is_note = _NOTE.match(words) is not None or text.lstrip().startswith("*")
        if is_note and len(others) < 2 and not self._is_value(index, text):
            return "footer"
        if not others and len(self.names) >= LEAST_COLUMNS and not self._is_value(index, text):
            return "section"
        return None

    def _is_value(self, index: int, text: str) -> bool:
        """Whether a text alone in its row may be a value of an unfinished request."""
        fact = self._facts[index] if index < len(self._facts) else None
        if fact is None:
            return False
        if fact == "id":
            return " " not in text.strip() and (
                len(text) <= SHORT_ID or any(letter.isdigit() for letter in text)
            )
        return fact in PROSE or text.strip()[:1].isdigit()


def _is_number(cell: Any) -> bool:
    return not isinstance(cell, str) or _NUMBER.fullmatch(cell.strip()) is not None
