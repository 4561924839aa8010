"""A case set -> the columns of numbers and truth values that the expressions read.

A fact of one value becomes a column of codes: each value that some condition names has its own, and
all others share code 0. A set becomes a column of truth values for each value that a condition
names, all filled from one sort of the members of all cases. Dates become days since 1970, amounts
millionths.
"""

from typing import TYPE_CHECKING, Any

from triage.columnar.columns import SCALE, member_of, size_of
from triage.columnar.emit import Needs
from triage.columnar.encode import amount, types
from triage.model.derived import Derivation
from triage.model.facts import Kind

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


def prepare(cases: "pl.DataFrame", needs: Needs) -> "pl.DataFrame":
    """The columns that `needs` names, for every case in its order."""
    import polars as pl

    apart = {name: one for name, one in needs.derived.items() if one.row.column is None}
    cases = cases.with_columns(_one_by_one(cases, one).alias(name) for name, one in apart.items())
    columns: list[pl.Series] = []
    for fact in sorted(needs.choices):
        columns.append(_codes(cases[fact], needs.codes(fact)).alias(fact))
    sizes: dict[str, pl.Series] = {}
    for fact in sorted(needs.sizes | needs.members.keys()):
        values = sorted(needs.members.get(fact, ()))
        columns += _members(cases[fact], fact, values, fact in needs.sizes)
        if fact in needs.sizes:
            sizes[fact] = columns[-1]
    for name in sorted(needs.plain):
        derivation = needs.derived.get(name)
        if derivation is None or (column := derivation.row.column) is None:
            columns.append(_numbers(cases[name]))
        else:
            sources = derivation.row.sources
            given = (sizes[one] if one in sizes else _numbers(cases[one]) for one in sources)
            columns.append(column(*given, *derivation.settings).alias(name))
    # Policies without any condition read no column, and still need a row for each case.
    case = pl.int_range(cases.height, dtype=pl.Int64, eager=True).alias("case")
    return pl.DataFrame([case, *columns])


def _numbers(values: "pl.Series") -> "pl.Series":
    """Days since 1970, amounts in millionths; truth values and counts as they are."""
    import polars as pl

    if isinstance(values.dtype, pl.Date):
        return values.cast(pl.Int32)
    return (values * SCALE).cast(pl.Int64) if isinstance(values.dtype, pl.Decimal) else values


def _one_by_one(cases: "pl.DataFrame", derivation: Derivation) -> "pl.Series":
    """A derived fact worked out for each case, once for the same values of its sources."""
    import polars as pl

    row, values = derivation.row, list[Any]()
    known: dict[tuple[Any, ...], Any] = {}
    for case in cases.select(row.sources).iter_rows():
        given = tuple(frozenset(one) if isinstance(one, list) else one for one in case)
        if given not in known:
            found = derivation.value(dict(zip(row.sources, given, strict=True)))
            known[given] = amount(found) if row.fact.kind is Kind.DECIMAL else found
        values.append(known[given])
    if row.fact.kind is Kind.SET:
        values = [None if value is None else sorted(value) for value in values]
    return pl.Series(values, dtype=types()[row.fact.kind])


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
