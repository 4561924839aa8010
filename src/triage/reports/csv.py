"""Tables as CSV (RFC 4180).

Texts that a spreadsheet could take for formulas get an apostrophe; numbers stay as they are.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from triage.formats.csv_forms import BYTE_ORDER_MARK, PLAIN_CSV, CsvForm
from triage.reports.document import Cell, plain


def render(
    heads: Iterable[str], rows: Iterable[Iterable[Cell | Decimal]], form: CsvForm = PLAIN_CSV
) -> Iterator[bytes]:
    """The heads and the rows, a line at a time."""
    yield BYTE_ORDER_MARK + form.row(heads)
    for row in rows:
        yield form.row(one if isinstance(one, int | Decimal) else plain(one) for one in row)
