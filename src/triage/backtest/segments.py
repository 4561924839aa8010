"""The groups by which a report splits its counts; a case with several values is in several."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from triage.deciding.calendar import Snapshots

SMALL = 10
"""A group of fewer cases is marked: a single case moves its share a lot."""


def _column(name: str) -> Callable[[pl.DataFrame], pl.Series]:
    return lambda frame: frame[name]


def _quarter(frame: pl.DataFrame) -> pl.Series:
    """The calendar quarter in which a case was received, such as `2022-Q2`."""
    received = pl.col("received")
    return frame.select(pl.format("{}-Q{}", received.dt.year(), received.dt.quarter())).to_series()


REGION = "region"
OUTSIDE = "outside"
"""The value of a case that has no country in the region of a strategy."""

COLUMNS: Mapping[str, Callable[[pl.DataFrame], pl.Series]] = {
    "country": _column("countries"),
    "engagement_type": _column("engagement_type"),
    "mission": _column("mission"),
    "requester_type": _column("requester_type"),
    "quarter": _quarter,
    "language": _column("language"),
}
"""The values of each case from a frame of cases, by dimension; regions depend on the day too."""

DIMENSIONS = (REGION, *COLUMNS)
"""What a report can be split by."""

VOCABULARY = {
    "region": "strategies",
    "country": "countries",
    "engagement_type": "engagement_types",
    "requester_type": "requester_types",
}
"""The vocabulary that has the labels of the values, by dimension."""

SegmentCount = tuple[str | None, tuple[int, int], int]
"""A value (None where the fact is unknown), a move (old and new rank), and how many cases."""


def split(frame: pl.DataFrame, dimension: str, snapshots: Snapshots) -> Iterator[SegmentCount]:
    """Counts by value and move; `snapshots` are those of the baseline."""
    if dimension == REGION:
        yield from _by_region(frame, snapshots)
        return
    values = COLUMNS[dimension](frame).alias("value")
    groups = frame.select("old", "new").with_columns(values).group_by("value", "old", "new").len()
    for value, old, new, count in groups.iter_rows():
        for one in value if isinstance(value, list) else [value]:
            yield one, (old, new), count


def _by_region(frame: pl.DataFrame, snapshots: Snapshots) -> Iterator[SegmentCount]:
    """By the strategies whose region a country of the case is in, on its day."""
    numbers: dict[int, int] = {}
    days = frame["day"].unique()
    stretches = {day: numbers.setdefault(id(snapshots.on(day)), len(numbers)) for day in days}
    stretch = frame["day"].replace_strict(stretches, return_dtype=pl.Int32).alias("stretch")
    alike = frame.with_columns(stretch).group_by("stretch", "countries", "old", "new")
    counts = alike.agg(pl.len(), pl.col("day").first())
    for _, countries, old, new, count, day in counts.iter_rows():
        values: list[str | None] = [None]
        if countries is not None:
            scopes = snapshots.on(day).scopes.items()
            values = [name for name, one in scopes if not one.countries.isdisjoint(countries)]
        for value in values or [OUTSIDE]:
            yield value, (old, new), count
