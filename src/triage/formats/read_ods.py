"""ODS workbooks (OpenDocument) -> rows of values, as `read_xlsx` gives them of XLSX.

A cell has its value and, beside it, the text that a person sees. That text counts where it says
more than the number: another currency, a percentage, zeros in front. The form is that of OASIS
OpenDocument 1.3, part 3, chapters 9 and 19.
"""

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any
from xml.parsers import expat

from triage.formats.number_formats import CANADIAN
from triage.formats.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    PIECE,
    Held,
    Merged,
    Sheet,
    SheetState,
    WorkbookError,
    damaged,
    filled,
    plain_value,
)
from triage.formats.values import UnreadableCell

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
CELLS = frozenset(("table:table-cell", "table:covered-table-cell"))
BREAKS = {"text:line-break": "\n", "text:tab": "\t", "text:s": " "}
HIDING = frozenset(("collapse", "filter"))
MOST_CELLS = 50_000_000
"""A few bytes can repeat a row without end."""

_TABLE = re.compile(rb"<table:table\s([^>]*)>|</table:table>")
_NAME = re.compile(rb'\btable:name="([^"]*)"')
_STYLE_NAME = re.compile(rb'\btable:style-name="([^"]*)"')
_HIDDEN_STYLE = re.compile(
    rb'<style:style\s[^>]*?\bstyle:name="([^"]*)"[^>]*>\s*'
    rb'<style:table-properties\s[^>]*\btable:display="false"'
)
_NUMBER_MARKS = re.compile(r"[\d\s.,'()+–−-]")
_OWN_ERROR = re.compile(r"Err:\d{3}")

Attributes = dict[str, str]


@dataclass
class OdsSheet:
    """One sheet: the table with this number, from 0, in the content of an archive."""

    name: str
    state: SheetState
    _archive: zipfile.ZipFile
    _index: int
    sees_looks: bool = True
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows with their numbers, as far as their last cell; empty rows are empty lists."""
        table = _Table(self._index, self.hidden_rows, self.hidden_columns)
        held: Held = {}
        number = looked_at = 0
        try:
            with self._archive.open(CONTENT) as part:
                for cells, times in table.rows(part):
                    if not cells:
                        number += times
                        continue
                    looked_at += len(cells) * times
                    if number + times > MOST_ROWS or looked_at > MOST_CELLS:
                        raise WorkbookError("workbook-damaged")
                    for _ in range(times):
                        number += 1
                        merged = table.merged
                        yield number, filled([*cells], number, merged, held) if merged else [*cells]
        except WorkbookError:
            raise
        except Exception as error:
            raise damaged(error) from None


@dataclass
class _Table:
    """Reads the rows of one table; `hidden_rows` and `hidden_columns` are filled on the way."""

    index: int
    hidden_rows: set[int]
    hidden_columns: set[int]
    merged: Merged = field(default_factory=dict)
    _waiting: list[tuple[list[Any], int]] = field(default_factory=list)
    _tables: int = 0
    _depth: int = 0
    _row: int = 0
    _column: int = 0
    _times: int = 1
    _cells: list[Any] = field(default_factory=list)
    _cell: Attributes | None = None
    _texts: list[str] = field(default_factory=list)
    _paragraphs: int = 0
    _note: int = 0
    _finished: bool = False

    def rows(self, part: IO[bytes]) -> Iterator[tuple[list[Any], int]]:
        """Each row of the table, with how many times it stands there."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        while not self._finished and (piece := part.read(PIECE)):
            parser.Parse(piece, False)
            yield from self._waiting
            self._waiting.clear()
        if not self._finished:
            parser.Parse(b"", True)

    @property
    def _here(self) -> bool:
        """Whether the parser is in the table itself, and not in one inside a cell."""
        return self._depth == 1 and self._tables == self.index + 1

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "table:table":
            self._depth += 1
            self._tables += self._depth == 1
        elif not self._here:
            return
        elif name in CELLS:
            self._cell, self._texts, self._paragraphs, self._note = attributes, [], 0, 0
        elif name == "table:table-row":
            self._cells, self._times = [], _count(attributes, "table:number-rows-repeated")
            if attributes.get("table:visibility") in HIDING:
                first = self._row + 1
                self.hidden_rows.update(range(first, min(first + self._times, MOST_ROWS + 1)))
        elif name == "table:table-column":
            times = _count(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility") in HIDING:
                last = min(self._column + times, MOST_COLUMNS)
                self.hidden_columns.update(range(self._column + 1, last + 1))
            self._column += times
        elif name == "office:annotation":
            self._note += 1
        elif name == "text:p" and not self._note:
            self._texts += "\n" if self._paragraphs else ""
            self._paragraphs += 1
        elif name in BREAKS and not self._note:
            self._texts += BREAKS[name] * min(_count(attributes, "text:c"), MOST_COLUMNS)

    def _text(self, text: str) -> None:
        if self._paragraphs and not self._note and self._cell is not None and self._here:
            self._texts.append(text)

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._finished = self._finished or self._here
            self._depth -= 1
        elif not self._here:
            return
        elif name in CELLS and self._cell is not None:
            self._add(self._cell, "".join(self._texts))
            self._cell = None
        elif name == "office:annotation":
            self._note -= 1
        elif name == "table:table-row":
            while self._cells and self._cells[-1] is None:
                self._cells.pop()
            if len(self._cells) > MOST_COLUMNS:
                raise WorkbookError("too-many-columns", limit=MOST_COLUMNS)
            self._waiting.append((self._cells, self._times))
            self._row += self._times

    def _add(self, cell: Attributes, text: str) -> None:
        """Add a cell to its row, as often as it is repeated."""
        value, times = _value(cell, text), _count(cell, "table:number-columns-repeated")
        down = _count(cell, "table:number-rows-spanned")
        if down > 1 and value is not None:
            first = self._row + 1
            self.merged.setdefault(first, []).append((len(self._cells) + 1, first + down - 1))
        # One cell more than a row may have is enough to refuse it, and empty ones only keep count.
        room = MOST_COLUMNS + 1 - len(self._cells)
        self._cells += [value] * min(times, max(room, int(value is not None)))


def _count(attributes: Attributes, name: str) -> int:
    return max(1, int(attributes.get(name, 1)))


def _value(cell: Attributes, text: str) -> Any:
    """The value of a cell, or the text that is shown where that says more."""
    kind = cell.get("office:value-type")
    if cell.get("calcext:value-type") == "error" or _OWN_ERROR.fullmatch(text):
        return UnreadableCell(text, "cell-error")
    if kind is None:
        return UnreadableCell("=", "formula-not-calculated") if "table:formula" in cell else None
    match kind:
        case "float" | "currency" | "percentage":
            return _number(cell, text)
        case "date":
            given = cell["office:date-value"]
            return datetime.fromisoformat(given) if "T" in given else date.fromisoformat(given)
        case "boolean":
            return cell.get("office:boolean-value") == "true"
    return plain_value(cell.get("office:string-value") or text or None)


def _number(cell: Attributes, text: str) -> Any:
    currency = cell.get("office:currency", "")
    words = _NUMBER_MARKS.sub("", text)
    if CANADIAN.fullmatch(words) is None and not re.fullmatch(r"[Ee]", words):
        return text.strip()
    if words and CANADIAN.fullmatch(currency) is None:
        return f"{text} {currency}"
    if re.match(r"0\d", text.strip()):
        return text.strip()
    return plain_value(float(cell["office:value"]))


def open_ods(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a workbook that was looked over, in its order."""
    archive = zipfile.ZipFile(file)
    if MANIFEST in archive.namelist() and b"encryption-data" in archive.read(MANIFEST):
        raise WorkbookError("workbook-locked")
    sheets: list[Sheet] = []
    hidden: set[bytes] = set()
    depth = 0
    with archive.open(CONTENT) as part:
        for piece in _pieces(part):
            hidden.update(match[1] for match in _HIDDEN_STYLE.finditer(piece))
            for match in _TABLE.finditer(piece):
                if match[1] is None:
                    depth -= 1
                    continue
                if depth == 0:
                    sheets.append(_sheet(match[1], hidden, archive, len(sheets)))
                depth += not match[1].endswith(b"/")
    if not sheets:
        raise WorkbookError("not-a-workbook")
    return sheets


def _sheet(attributes: bytes, hidden: set[bytes], archive: zipfile.ZipFile, index: int) -> OdsSheet:
    name, style = _NAME.search(attributes), _STYLE_NAME.search(attributes)
    state: SheetState = "hidden" if style is not None and style[1] in hidden else "visible"
    return OdsSheet(html.unescape(name[1].decode()) if name else "", state, archive, index)


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """XML in pieces that end before the end of a row, where no tag of a table is cut in two."""
    rest = b""
    while piece := part.read(PIECE):
        rest += piece
        end = rest.rfind(b"</table:table-row>")
        if end < 0 and len(rest) > 16 * PIECE:
            end = rest.rfind(b">") + 1
        if end > 0:
            yield rest[:end]
            rest = rest[end:]
    yield rest
