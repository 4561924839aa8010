"""Parquet files, read slice by slice, so that a file may be larger than memory."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from triage.errors import UsageError, first_line
from triage.formats.file_names import one_line
from triage.messages import Language, say

if TYPE_CHECKING:
    import polars as pl

SUFFIX = ".parquet"
MAGIC = b"PAR1"
"""What a Parquet file begins with."""

SLICE = 200_000
"""Rows read at once: with all columns some 200 MB. Smaller slices cost time for each expression."""

Result = TypeVar("Result")


class ParquetFile:
    """One file. `data` is its content where that was read already; `path` is then only its name."""

    def __init__(self, path: str, language: Language = "en", data: bytes | None = None) -> None:
        """Raise a `UsageError` when the file cannot be read."""
        import polars as pl

        self.path, self.language = one_line(path), language
        if data is None:
            try:
                Path(path).open("rb").close()
            except OSError as error:
                words = say("intake.unreadable", language, path=self.path, problem=error.strerror)
                raise UsageError(words) from None
        if data is None and path != self.path:
            # Polars takes no name that is not text.
            data = Path(path).read_bytes()
        # The path is taken as it is, never as a pattern of paths.
        self._scan = pl.scan_parquet(path if data is None else io.BytesIO(data), glob=False)
        self.schema: pl.Schema = self._guarded(self._scan.collect_schema)
        self.height: int = self._guarded(lambda: self._scan.select(pl.len()).collect().item())

    def _guarded(self, read: Callable[[], Result]) -> Result:
        """What `read` gives; its failures become a `UsageError`."""
        import polars as pl

        try:
            return read()
        # What Polars panics at is an exception of no usual kind.
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            problem = first_line(error)
            words = say("case-set.damaged", self.language, path=self.path, problem=problem)
            raise UsageError(words) from None

    def slice(self, start: int, length: int) -> "pl.DataFrame":
        """Some rows, with all columns."""
        return self._guarded(self._scan.slice(start, length).collect)

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows, each with its values by column."""
        for start in range(0, self.height, SLICE):
            yield from self.slice(start, SLICE).iter_rows(named=True)

    def repeated(self, column: str) -> tuple[dict[str, int], int]:
        """The values that several rows of a column share, and how many rows have no value.

        Each value comes with its first row, counted from 0. Blanks around a value do not count.
        """
        import polars as pl

        values = self._scan.select(pl.col(column).cast(pl.String).str.strip_chars())
        rows = values.with_row_index("row")
        groups = rows.group_by(column).agg(pl.len(), pl.col("row").min())
        groups = groups.filter((pl.col("len") > 1) | pl.col(column).is_null())
        table = self._guarded(lambda: groups.collect(engine="streaming"))
        missing = table.filter(pl.col(column).is_null())["len"].sum()
        table = table.drop_nulls(column)
        return dict(zip(table[column].to_list(), table["row"].to_list(), strict=True)), int(missing)
