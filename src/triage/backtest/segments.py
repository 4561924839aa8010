"""The groups of cases by which a report splits its counts; a case that has several values counts under each."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from triage.snapshots import Snapshots

SMALL = 10
"""A group of fewer cases is marked: a single case moves its share a lot."""


def _column(name: str) -> Callable[[pl.DataFrame, Snapshots], pl.Series]:
    return lambda frame, snapshots: frame[name]


def _quarter(frame: pl.DataFrame, snapshots: Snapshots) -> pl.Series:
    """The calendar quarter in which a case was received, such as `2022-Q2`."""
    received = pl.col("received")
    return frame.select(pl.format("{}-Q{}", received.dt.year(), received.dt.quarter())).to_series()


def _region(frame: pl.DataFrame, snapshots: Snapshots) -> pl.Series:
    """The strategies whose region a country of the case is in, on its day; none is `outside`."""
    known: dict[tuple[object, ...], list[str]] = {}
    found: list[list[str] | None] = []
    for day, countries in zip(frame["day"], frame["countries"].to_list(), strict=True):
        if countries is None:
            found.append(None)
            continue
        scopes = snapshots.on(day).scopes
        key = (id(scopes), *countries)
        if key not in known:
            known[key] = [name for name, one in scopes.items() if not one.countries.isdisjoint(countries)] or [OUTSIDE]
        found.append(known[key])
    return pl.Series(found, dtype=pl.List(pl.String))


OUTSIDE = "outside"

DIMENSIONS: Mapping[str, Callable[[pl.DataFrame, Snapshots], pl.Series]] = {
    "region": _region,
    "country": _column("countries"),
    "engagement_type": _column("engagement_type"),
    "mission": _column("mission"),
    "requester_type": _column("requester_type"),
    "quarter": _quarter,
    "language": _column("language"),
}
"""What a report can be split by: the values of each case, from a frame of cases with their `day`."""

VOCABULARY = {
    "region": "strategies",
    "country": "countries",
    "engagement_type": "engagement_types",
    "requester_type": "requester_types",
}
"""Where the labels of the values come from."""


def split(
    frame: pl.DataFrame, dimension: str, snapshots: Snapshots
) -> Iterator[tuple[str | None, tuple[int, int], int]]:
    """Counts by value and move (old and new rank); the value of a case that lacks the fact is None."""
    values = DIMENSIONS[dimension](frame, snapshots).alias("value")
    groups = frame.select("old", "new").with_columns(values).group_by("value", "old", "new").len()
    for value, old, new, count in groups.iter_rows():
        for one in value if isinstance(value, list) else [value]:
            yield one, (old, new), count
