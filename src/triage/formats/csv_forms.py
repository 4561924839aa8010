"""The forms of CSV that are written: the plain one, and those that a spreadsheet opens by itself.

Excel takes the marks of the language of Windows: in French a semicolon between cells and a comma
before decimals. A byte order mark tells it UTF-8 in both.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from triage.formats.cells import guarded

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
"""The beginning of a file by which spreadsheets know UTF-8."""


@dataclass(frozen=True, slots=True)
class CsvForm:
    """What stands between cells, and before decimals."""

    delimiter: str = ","
    decimal: str = "."

    def row(self, cells: Iterable[str | int | Decimal]) -> bytes:
        """One row (RFC 4180): texts are guarded against being run, numbers are as they are."""
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=self.delimiter).writerow(map(self._cell, cells))
        return stream.getvalue().encode("utf-8")

    def _cell(self, cell: str | int | Decimal) -> str | int:
        if isinstance(cell, str):
            return guarded(cell)
        return cell if isinstance(cell, int) else str(cell).replace(".", self.decimal)


PLAIN_CSV = CsvForm()
CSV_FORMS: Mapping[str, CsvForm] = {"excel-en": PLAIN_CSV, "excel-fr": CsvForm(";", ",")}
"""By the name of a program and its language."""
