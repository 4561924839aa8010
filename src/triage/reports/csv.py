"""Tables as CSV (RFC 4180).

Texts that a spreadsheet could take for formulas get an apostrophe; numbers stay as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal

from triage.formats.cells import guarded
from triage.reports.document import Cell, plain

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
"""The beginning of a file by which spreadsheets know UTF-8."""


def render(heads: Iterable[str], rows: Iterable[Iterable[Cell | Decimal]]) -> Iterator[bytes]:
    """The heads and the rows, a line at a time."""
    yield BYTE_ORDER_MARK + _line(heads)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[Cell | Decimal]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow(
        [one if isinstance(one, int | Decimal) else guarded(plain(one)) for one in cells]
    )
    return stream.getvalue().encode("utf-8")
