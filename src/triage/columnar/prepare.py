"""A case set -> the columns of numbers and truth values that the expressions read.

A fact of one value becomes a column of codes: each value that some condition names has its own, and
all others share code 0. A set becomes a column of truth values for each value that a condition
names, all filled from one sort of the members of all cases. Dates become days since 1970, amounts
millionths.
"""

from typing import TYPE_CHECKING

from triage.columnar.columns import SCALE, member_of, size_of
from triage.columnar.emit import Needs
from triage.model.facts import DERIVED_FROM

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

MONDAY = 3
"""Days from the Monday of its week to 1970-01-01, a Thursday."""


def prepare(cases: "pl.DataFrame", needs: Needs) -> "pl.DataFrame":
    """The columns that `needs` names, for every case in its order."""
    import polars as pl

    columns: list[pl.Series] = []
    for fact in sorted(needs.choices):
        columns.append(_codes(cases[fact], needs.codes(fact)).alias(fact))
    for fact in sorted(needs.sizes | needs.members.keys()):
        values = sorted(needs.members.get(fact, ()))
        columns += _members(cases[fact], fact, values, fact in needs.sizes)
    days = {
        name: cases[name].cast(pl.Int32)
        for name, type_ in cases.schema.items()
        if isinstance(type_, pl.Date)
    }
    for name in sorted(needs.plain):
        if name in days:
            columns.append(days[name])
        elif name in DERIVED_FROM:
            first, last = (days[one] for one in DERIVED_FROM[name])
            length = _working_days(last) - _working_days(first)
            if name == "duration_days":
                length = length + _is_working(last)
            columns.append(length.alias(name))
        elif isinstance(cases.schema[name], pl.Decimal):
            columns.append((cases[name] * SCALE).cast(pl.Int64))
        else:
            columns.append(cases[name])
    # Policies without any condition read no column, and still need a row for each case.
    case = pl.int_range(cases.height, dtype=pl.Int64, eager=True).alias("case")
    return pl.DataFrame([case, *columns])


def _codes(values: "pl.Series", codes: dict[str, int]) -> "pl.Series":
    """The code of each value, 0 for values that have none, null where the fact is unknown."""
    import polars as pl

    width = pl.UInt8 if len(codes) < 256 else pl.UInt32
    if values.dtype != pl.String:
        indices, categories = _categories(values)
        table = pl.Series([codes.get(one, 0) for one in categories] or [0], dtype=width)
        return table.gather(indices)
    known = pl.when(values.is_not_null())
    if not codes:
        return pl.select(known.then(pl.lit(0, dtype=width))).to_series()
    coded = values.replace_strict(list(codes), list(codes.values()), default=0, return_dtype=width)
    return pl.select(known.then(coded)).to_series() if values.null_count() else coded


def _categories(values: "pl.Series") -> "tuple[pl.Series, list[str]]":
    """The values as indices into the list of all of them."""
    import polars as pl

    if not isinstance(values.dtype, pl.Enum):
        values = values.cast(pl.Enum(values.drop_nulls().unique().cast(pl.String).sort()))
    assert isinstance(values.dtype, pl.Enum)
    return values.to_physical(), values.dtype.categories.to_list()


def _members(values: "pl.Series", fact: str, asked: list[str], sized: bool) -> "list[pl.Series]":
    """A column for each value asked, true where the set has it, and one of sizes if `sized`."""
    import numpy as np
    import polars as pl

    sizes = values.list.len().fill_null(0).to_numpy().astype(np.int32)
    rows = np.repeat(np.arange(len(values), dtype=np.int32), sizes)
    indices, categories = _categories(values.explode(empty_as_null=False, keep_nulls=False))
    codes = indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    codes, rows = codes[order], rows[order]
    again = np.zeros(len(codes), bool)
    again[1:] = (codes[1:] == codes[:-1]) & (rows[1:] == rows[:-1])
    if again.any():
        np.subtract.at(sizes, rows[again], 1)
    code_of = {name: code for code, name in enumerate(categories)}
    wanted = [code_of.get(value, len(categories)) for value in asked]
    starts, ends = (np.searchsorted(codes, wanted, side=side) for side in ("left", "right"))
    columns = [
        _flags(rows[start:end], len(values)).alias(member_of(fact, value))
        for value, start, end in zip(asked, starts, ends, strict=True)
    ]
    if sized:
        columns.append(pl.Series(size_of(fact), sizes))
    if columns and values.null_count():
        known = pl.when(values.is_not_null()).then(pl.all()).name.keep()
        columns = pl.DataFrame(columns).select(known).get_columns()
    return columns


def _flags(rows: "np.ndarray", height: int) -> "pl.Series":
    import numpy as np
    import polars as pl

    flags = np.zeros(height, bool)
    flags[rows] = True
    return pl.Series(flags)


def _working_days(days: "pl.Series") -> "pl.Series":
    """Mondays to Fridays before each day, counted from a fixed Monday; only differences count."""
    days = days + MONDAY
    weeks = days // 7
    return weeks * 5 + (days - weeks * 7).clip(upper_bound=5)


def _is_working(days: "pl.Series") -> "pl.Series":
    days = days + MONDAY
    return (days - days // 7 * 7 < 5).cast(days.dtype)
