"""A case set -> columns of numbers and truth values that the expressions read: codes, members and
sizes of sets, days.

Values that no condition asks for share one code. A set becomes a column of truth values for each
value asked for, filled from the codes of all its members at once.
"""

from typing import TYPE_CHECKING

from triage.columnar.emit import Needs
from triage.columnar.shape import FACTS, SCALE, member_of, size_of
from triage.model.facts import DERIVED_FROM, Kind

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

MONDAY = 3
"""What 1970-01-01, a Thursday, is from its Monday."""


def prepare(cases: "pl.DataFrame", needs: Needs) -> "pl.DataFrame":
    """The columns that `needs` names, for every case in its order."""
    import polars as pl

    columns: list[pl.Series] = []
    for fact in sorted(needs.choices):
        columns.append(_codes(cases[fact], needs.codes(fact)).alias(fact))
    for fact in sorted(needs.sizes | needs.members.keys()):
        columns += _members(
            cases[fact], fact, sorted(needs.members.get(fact, ())), fact in needs.sizes
        )
    days = {name: cases[name].cast(pl.Int32) for name in ("received", "start", "end")}
    for name in sorted(needs.plain):
        if name in days:
            columns.append(days[name])
        elif name in DERIVED_FROM:
            first, last = (days[one] for one in DERIVED_FROM[name])
            length = _working_days(last) - _working_days(first)
            if name == "duration_days":
                length = length + _is_working(last)
            columns.append(length.alias(name))
        elif FACTS[name].kind is Kind.DECIMAL:
            columns.append((cases[name] * SCALE).cast(pl.Int64))
        else:
            columns.append(cases[name])
    # Without any condition there is still a case in each row.
    return pl.DataFrame(
        [pl.int_range(cases.height, dtype=pl.Int64, eager=True).alias("case"), *columns]
    )


def _codes(values: "pl.Series", codes: dict[str, int]) -> "pl.Series":
    """The code of each value, 0 for values that nobody asks for, and missing where the fact is
    unknown.
    """
    import polars as pl

    width = pl.UInt8 if len(codes) < 256 else pl.UInt32
    if values.dtype != pl.String:
        physical, known = _places(values)
        table = pl.Series([codes.get(one, 0) for one in known] or [0], dtype=width)
        return table.gather(physical)
    if not codes:
        return pl.select(pl.when(values.is_not_null()).then(pl.lit(0, dtype=width))).to_series()
    found = values.replace_strict(list(codes), list(codes.values()), default=0, return_dtype=width)
    return (
        found
        if not values.null_count()
        else pl.select(pl.when(values.is_not_null()).then(found)).to_series()
    )


def _places(values: "pl.Series") -> "tuple[pl.Series, list[str]]":
    """The values as places in a list of them all."""
    import polars as pl

    if not isinstance(values.dtype, pl.Enum):
        values = values.cast(pl.Enum(values.drop_nulls().unique().cast(pl.String).sort()))
    assert isinstance(values.dtype, pl.Enum)
    return values.to_physical(), values.dtype.categories.to_list()


def _members(values: "pl.Series", fact: str, asked: list[str], sized: bool) -> "list[pl.Series]":
    """For each value asked of a set whether it is in it, and how many there are."""
    import numpy as np
    import polars as pl

    known = values.is_not_null()
    sizes = values.list.len().fill_null(0).to_numpy().astype(np.int32)
    filled = values.explode(empty_as_null=False, keep_nulls=False)
    rows = np.repeat(np.arange(len(values), dtype=np.int32), sizes)
    physical, names = _places(filled)
    codes = physical.to_numpy()
    order = np.argsort(codes, kind="stable")
    codes, rows = codes[order], rows[order]
    again = np.zeros(len(codes), bool)
    again[1:] = (codes[1:] == codes[:-1]) & (rows[1:] == rows[:-1])
    if again.any():
        np.subtract.at(sizes, rows[again], 1)
    places = {name: place for place, name in enumerate(names)}
    wanted = [places.get(value, len(names)) for value in asked]
    starts, ends = (np.searchsorted(codes, wanted, side=side) for side in ("left", "right"))
    columns = [
        _flags(rows[start:end], len(values)).alias(member_of(fact, value))
        for value, start, end in zip(asked, starts, ends, strict=True)
    ]
    if sized:
        columns.append(pl.Series(size_of(fact), sizes))
    if values.null_count():
        made = pl.DataFrame(columns) if columns else pl.DataFrame()
        columns = (
            made.select(pl.when(known).then(pl.all()).name.keep()).get_columns() if columns else []
        )
    return columns


def _flags(rows: "np.ndarray", height: int) -> "pl.Series":
    import numpy as np
    import polars as pl

    flags = np.zeros(height, bool)
    flags[rows] = True
    return pl.Series(flags)


def _working_days(days: "pl.Series") -> "pl.Series":
    """Mondays to Fridays before a day, counted from a Monday long ago; the difference of two
    counts those between.
    """
    days = days + MONDAY
    weeks = days // 7
    return weeks * 5 + (days - weeks * 7).clip(upper_bound=5)


def _is_working(days: "pl.Series") -> "pl.Series":
    days = days + MONDAY
    return (days - days // 7 * 7 < 5).cast(days.dtype)
