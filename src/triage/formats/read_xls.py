"""XLS workbooks, the old binary form -> rows of values, by python-calamine.

Of this form neither number formats nor errors nor hidden rows and columns are seen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from triage.formats.sheets import (
    Held,
    Merged,
    Sheet,
    SheetState,
    WorkbookError,
    filled,
    plain_value,
)

STATES: Mapping[str, SheetState] = {
    "SheetVisibleEnum.Hidden": "hidden",
    "SheetVisibleEnum.VeryHidden": "very hidden",
}


@dataclass
class XlsSheet:
    name: str
    state: SheetState
    _sheet: Any
    sees_looks: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows with their numbers, as far as their last cell; empty rows are empty lists."""
        merged: Merged = {}
        for (first, column), (last, _) in self._sheet.merged_cell_ranges or ():
            if last > first:
                merged.setdefault(first + 1, []).append((column + 1, last + 1))
        held: Held = {}
        for number, values in enumerate(self._sheet.to_python(skip_empty_area=False), 1):
            cells = [None if value == "" else plain_value(value) for value in values]
            while cells and cells[-1] is None:
                cells.pop()
            yield number, filled(cells, number, merged, held) if merged else cells


def open_xls(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a workbook, in its order."""
    import python_calamine as calamine

    file.seek(0)
    try:
        book = calamine.CalamineWorkbook.from_filelike(file)
        return [
            XlsSheet(one.name, STATES.get(str(one.visible), "visible"), book.get_sheet_by_index(at))
            for at, one in enumerate(book.sheets_metadata)
        ]
    except (KeyboardInterrupt, SystemExit):
        raise
    # Other things than workbooks have this form too: whatever has a password, old documents. What
    # the library panics at is an exception of no usual kind.
    except BaseException as error:
        raise error if isinstance(error, OSError) else WorkbookError("workbook-locked") from None
