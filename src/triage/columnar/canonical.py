"""Which rows of a Parquet file are requests as they stand, told column by column; all others are
read one by one.

A value is canonical when the reader of requests would keep it: an id of a vocabulary, an alpha-3
code, a number in range. Whether another value can be understood, and what is wrong with it, only
that reader says.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.columnar.encode import schema
from triage.columnar.shape import (
    DECIMALS,
    FACTS,
    ID,
    LANGUAGE,
    OUTCOME,
    OUTCOME_DATE,
    OUTCOME_REASON,
)
from triage.intake.canonical import MAX_VALUES
from triage.intake.cells import NEVER_EMPTY
from triage.intake.determinations import OUTCOMES
from triage.intake.headers import PASSED_OVER
from triage.intake.requests import ONE_OF, REQUIRED, RequestReader
from triage.model.countries import CODES
from triage.model.facts import COUNTRIES, Fact, Kind

if TYPE_CHECKING:
    import polars as pl

MEANINGS = {"id": ID, "determination:outcome": OUTCOME, "determination:date": OUTCOME_DATE}
MEANINGS |= {"determination:reason": OUTCOME_REASON, "countries:codes": COUNTRIES}
"""The column of a case set that a header means, where it is not the fact's name."""

MOST_COUNTED, MOST_MONEY = 1_000_000, 10**12
LONGEST_TEXT = 10_000
SPLIT = r"\s*[;,|\n]\s*"
SPOKEN = ("en", "fr")


RAW = ":raw"


@dataclass(frozen=True)
class CaseColumn:
    """One column of a case set: what it is in the file, its values, and what must hold of those
    that are there.

    `name` is None where the file has no such column. A value that cannot be had is missing in
    `values`.
    """

    meaning: str
    name: str | None
    values: "pl.Expr"
    sound: "pl.Expr | None" = None


@dataclass(frozen=True)
class Columns:
    """The columns of a file: what each means, those that mean nothing, and how a case set is
    made of them.
    """

    meant: dict[str, str]
    unknown: list[str]
    columns: list[CaseColumn]
    together: "list[pl.Expr]"

    def read(self, rows: "pl.DataFrame") -> "tuple[pl.DataFrame, pl.Series]":
        """The rows as a case set, and which of them are sound."""
        import polars as pl

        found = rows.select(one.values.alias(one.meaning) for one in self.columns)
        checks = [*self.together]
        unsound = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
        given = []
        for one in self.columns:
            raw, value = rows[one.name] if one.name else None, found[one.meaning]
            if raw is None or raw.null_count() == rows.height:
                continue
            # Counting what is missing is much cheaper than looking at every row.
            if value.null_count() != raw.null_count():
                unsound = unsound | (value.is_null() & raw.is_not_null())
            if one.sound is not None:
                given.append(raw.alias(one.meaning + RAW))
                checks.append(one.sound.fill_null(True))
            if (
                isinstance(value.dtype, pl.List)
                and value.explode(empty_as_null=False, keep_nulls=False).null_count()
            ):
                unsound = unsound | (
                    value.list.drop_nulls().list.len() != value.list.len()
                ).fill_null(False)
        sound = found.with_columns(given).select(sound=pl.all_horizontal(checks))["sound"]
        return found, sound & ~unsound


def typed(reader: RequestReader) -> "dict[str, pl.DataType]":
    """The types of a case set whose values are checked: those of a vocabulary are enumerations."""
    import polars as pl

    types = schema()
    for name, fact in FACTS.items():
        if fact.kind in (Kind.ENUM, Kind.SET):
            terms = (
                sorted(CODES)
                if fact.values == COUNTRIES
                else reader.policy.vocabularies[fact.values or ""].terms
            )
            enum = pl.Enum(list(terms))
            types[name] = pl.List(enum) if fact.kind is Kind.SET else enum
    return types | {LANGUAGE: pl.Enum(SPOKEN), OUTCOME: pl.Enum(OUTCOMES)}


def columns(reader: RequestReader, given: "pl.Schema") -> Columns:
    """How the columns of a file are read, of their names and types."""
    import polars as pl

    meanings = {name: reader.header(name) for name in given.names()}
    meant = {name: MEANINGS.get(meaning, meaning) for name, meaning in meanings.items() if meaning}
    meant = {name: meaning for name, meaning in meant.items() if meaning != PASSED_OVER}
    counted = Counter(meant.values())
    source = {meaning: name for name, meaning in meant.items()}
    found = []
    for meaning, kind in typed(reader).items():
        name = source.get(meaning)
        if name is None:
            found.append(CaseColumn(meaning, None, pl.lit(None, dtype=kind)))
        elif counted[meaning] > 1 or reader.suggester is not None:
            # What stands in two columns, or may follow from the text, is put together by the
            # reader.
            found.append(CaseColumn(meaning, name, pl.lit(None, dtype=kind), pl.lit(False)))
        else:
            value, sound = _column(name, given[name], kind, FACTS.get(meaning), reader)
            found.append(
                CaseColumn(meaning, name, value, sound(pl.col(meaning)) if sound else None)
            )
    return Columns(
        meant, [name for name in given.names() if not meanings[name]], found, _together()
    )


def _together() -> "list[pl.Expr]":
    """What must hold of the values of a row together."""
    import polars as pl

    return [
        *(pl.col(name).is_not_null() for name in (ID, *REQUIRED)),
        pl.any_horizontal(pl.col(name).is_not_null() for name in ONE_OF),
        (pl.col("end") >= pl.col("start")).fill_null(True),
        (pl.col("visa_required_participants") <= pl.col("participants")).fill_null(True),
        pl.col(OUTCOME).is_not_null()
        | (pl.col(OUTCOME_DATE).is_null() & pl.col(OUTCOME_REASON).is_null()),
    ]


Check = Callable[["pl.Expr"], "pl.Expr"]
"""What must hold of a column's values, of the column."""


def _column(
    name: str, given: "pl.DataType", wanted: "pl.DataType", fact: Fact | None, reader: RequestReader
) -> "tuple[pl.Expr, Check | None]":
    """The values of one column where they can be had, and what must hold of them."""
    import polars as pl

    raw, nothing = pl.col(name), (pl.lit(None, dtype=wanted), None)
    texts = isinstance(given, pl.String | pl.Enum | pl.Categorical)
    match wanted:
        case pl.List():
            return (
                _set(raw, given, wanted, fact) if texts or isinstance(given, pl.List) else nothing
            )
        case pl.Enum():
            return (raw.cast(pl.String).cast(wanted, strict=False), None) if texts else nothing
        case pl.String():
            return (raw.cast(pl.String), _text(fact, reader)) if texts else nothing
        case pl.Boolean():
            return (raw, None) if given == pl.Boolean else nothing
        case pl.Date():
            day = raw.dt.date() if isinstance(given, pl.Datetime) else raw
            return (day, None) if isinstance(given, pl.Date | pl.Datetime) else nothing
        case pl.Int32():
            whole = raw.cast(wanted, strict=False)
            return (
                (whole, lambda value: value.is_between(0, MOST_COUNTED))
                if given.is_integer()
                else nothing
            )
    return (raw.cast(wanted, strict=False), _amount(given)) if given.is_numeric() else nothing


def _text(fact: Fact | None, reader: RequestReader) -> "Check":
    def sound(value: "pl.Expr") -> "pl.Expr":
        if fact is not None and fact.values is not None:
            # What means a term, by its label, is read as its id.
            return value.is_in(list(reader.policy.vocabularies[fact.values].terms))
        return (value.str.strip_chars() == value) & value.str.len_bytes().is_between(
            1, LONGEST_TEXT
        )

    return sound


def _amount(given: "pl.DataType") -> "Check":
    import polars as pl

    def sound(value: "pl.Expr") -> "pl.Expr":
        raw = pl.col(value.meta.output_name() + RAW)
        same = value == raw
        if given.is_float():
            # Files of other programs keep 0.3 as 0.30000000000000004; what is further off is for
            # the reader to judge.
            same = (value.cast(pl.Float64) - raw.cast(pl.Float64)).abs() < 10.0 ** -(DECIMALS + 3)
        return value.is_between(0, MOST_MONEY) & same

    return sound


def _set(
    raw: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType", fact: Fact | None
) -> "tuple[pl.Expr, Check | None]":
    import polars as pl

    if isinstance(given, pl.List):
        items = raw.cast(pl.List(pl.String), strict=False)
    else:
        items = raw.cast(pl.String).str.strip_chars().str.replace_all(SPLIT, ";").str.split(";")
    least = 1 if fact is None or fact.name in NEVER_EMPTY or not isinstance(given, pl.List) else 0
    return items.cast(wanted, strict=False), lambda value: value.list.len().is_between(
        least, MAX_VALUES
    )
