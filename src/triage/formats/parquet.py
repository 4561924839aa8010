"""Parquet files, opened with errors for people and read slice by slice, so that a file may be
larger than memory.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from triage.errors import UsageError, first_line
from triage.messages import Language, say

if TYPE_CHECKING:
    import polars as pl

SUFFIX = ".parquet"
MAGIC = b"PAR1"
"""What a Parquet file begins with."""

SLICE = 200_000
"""Rows read at once: enough that the overhead of an expression does not count, and some 200 MB
with all columns.
"""

Result = TypeVar("Result")


class ParquetFile:
    """One file; `data` is its content where that was read already, and `path` then only its
    name.
    """

    def __init__(self, path: str, language: Language = "en", data: bytes | None = None) -> None:
        """A `UsageError` when it cannot be read."""
        import polars as pl

        self.path, self.language = path, language
        if data is None:
            try:
                Path(path).open("rb").close()
            except OSError as error:
                raise UsageError(
                    say("intake.unreadable", language, path=path, problem=error.strerror)
                ) from None
        # A name is a name here, never a pattern; the bytes of standard input stand for themselves.
        self._scan = pl.scan_parquet(path if data is None else io.BytesIO(data), glob=False)
        self.schema: pl.Schema = self._guarded(self._scan.collect_schema)
        self.height: int = self._guarded(lambda: self._scan.select(pl.len()).collect().item())

    def _guarded(self, read: Callable[[], Result]) -> Result:
        import polars as pl

        try:
            return read()
        except (pl.exceptions.PolarsError, OSError) as error:
            words = say(
                "case-set.damaged", self.language, path=self.path, problem=first_line(error)
            )
            raise UsageError(words) from None

    def slice(self, start: int, length: int) -> "pl.DataFrame":
        """Some rows, with all columns."""
        return self._guarded(self._scan.slice(start, length).collect)

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows, each with its values by column."""
        for start in range(0, self.height, SLICE):
            yield from self.slice(start, SLICE).iter_rows(named=True)

    def repeated(self, column: str) -> tuple[dict[str, int], int]:
        """The values that stand in several rows of a column, with the first of these rows, and how
        many rows have none.

        Rows are counted from 0.
        """
        import polars as pl

        rows = self._scan.select(pl.col(column).cast(pl.String).str.strip_chars()).with_row_index(
            "row"
        )
        several = rows.group_by(column).agg(pl.len(), pl.col("row").min())
        several = several.filter((pl.col("len") > 1) | pl.col(column).is_null())
        found = self._guarded(lambda: several.collect(engine="streaming"))
        missing = found.filter(pl.col(column).is_null())["len"].sum()
        found = found.drop_nulls(column)
        return dict(zip(found[column].to_list(), found["row"].to_list(), strict=True)), int(missing)
