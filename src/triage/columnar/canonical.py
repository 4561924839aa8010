"""Which rows of a Parquet file are requests as they stand, told column by column; all others are read one by one.

A value is canonical when the reader of requests would keep it: an id of a vocabulary, an alpha-3 code, a number in
range. Whether another value can be understood, and what is wrong with it, only that reader says.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.canonical import MAX_VALUES
from triage.columnar.encode import schema
from triage.columnar.shape import DECIMALS, FACTS, ID, LANGUAGE, OUTCOME, OUTCOME_DATE, OUTCOME_REASON
from triage.countries import CODES
from triage.determinations import OUTCOMES
from triage.facts import COUNTRIES, Fact, Kind
from triage.intake import NEVER_EMPTY, ONE_OF, PASSED_OVER, REQUIRED, RequestReader

if TYPE_CHECKING:
    import polars as pl

MEANINGS = {"id": ID, "determination:outcome": OUTCOME, "determination:date": OUTCOME_DATE}
MEANINGS |= {"determination:reason": OUTCOME_REASON, "countries:codes": COUNTRIES}
"""The column of a case set that a header means, where it is not the fact's name."""

MOST_COUNTED, MOST_MONEY = 1_000_000, 10**12
LONGEST_TEXT = 10_000
SPLIT = r"\s*[;,|\n]\s*"
SPOKEN = ("en", "fr")


@dataclass(frozen=True)
class Columns:
    """The columns of a file: what each means, those that mean nothing, and expressions for values and for the check."""

    meant: dict[str, str]
    unknown: list[str]
    values: "list[pl.Expr]"
    sound: "pl.Expr"

    def read(self, rows: "pl.DataFrame") -> "tuple[pl.DataFrame, pl.Series]":
        """The rows as a case set, and which of them are sound."""
        found = rows.select(self.sound.alias("sound"), *self.values)
        return found.drop("sound"), found["sound"]


def typed(reader: RequestReader) -> "dict[str, pl.DataType]":
    """The types of a case set whose values are checked: those of a vocabulary are enumerations."""
    import polars as pl

    types = schema()
    for name, fact in FACTS.items():
        if fact.kind in (Kind.ENUM, Kind.SET):
            terms = sorted(CODES) if fact.values == COUNTRIES else reader.policy.vocabularies[fact.values or ""].terms
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
    checks, values = [], []
    for meaning, kind in typed(reader).items():
        name = source.get(meaning)
        if name is None:
            values.append(pl.lit(None, dtype=kind).alias(meaning))
            continue
        fact = FACTS.get(meaning)
        value, sound = _column(pl.col(name), given[name], kind, fact, reader)
        # What stands in two columns is put together by the reader.
        checks.append(pl.col(name).is_null() | (sound if counted[meaning] == 1 else pl.lit(False)))
        values.append(value.alias(meaning))
    by_name = {value.meta.output_name(): value for value in values}
    checks += _together(by_name, reader)
    return Columns(meant, [name for name in given.names() if not meanings[name]], values, pl.all_horizontal(checks))


def _together(value: "dict[str, pl.Expr]", reader: RequestReader) -> "Iterator[pl.Expr]":
    """What must hold of the values of a row together."""
    import polars as pl

    yield from (value[name].is_not_null() for name in (ID, *REQUIRED))
    yield pl.any_horizontal(value[name].is_not_null() for name in ONE_OF)
    yield (value["end"] >= value["start"]).fill_null(True)
    yield (value["visa_required_participants"] <= value["participants"]).fill_null(True)
    yield value[OUTCOME].is_not_null() | (value[OUTCOME_DATE].is_null() & value[OUTCOME_REASON].is_null())
    if reader.suggester is not None:
        yield pl.lit(False)


def _column(
    raw: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType", fact: Fact | None, reader: RequestReader
) -> "tuple[pl.Expr, pl.Expr]":
    """The values of one column, and which of those that are there are canonical."""
    import polars as pl

    nothing = pl.lit(None, dtype=wanted), pl.lit(False)
    texts = isinstance(given, pl.String | pl.Enum | pl.Categorical)
    match wanted:
        case pl.List():
            return _set(raw, given, wanted, fact) if texts or isinstance(given, pl.List) else nothing
        case pl.Enum():
            return _known(raw.cast(pl.String).cast(wanted, strict=False)) if texts else nothing
        case pl.String():
            return _text(raw.cast(pl.String), fact, reader) if texts else nothing
        case pl.Boolean():
            return (raw, pl.lit(True)) if given == pl.Boolean else nothing
        case pl.Date():
            day = raw.dt.date() if isinstance(given, pl.Datetime) else raw
            return (day, pl.lit(True)) if isinstance(given, pl.Date | pl.Datetime) else nothing
        case pl.Int32():
            number = raw.cast(wanted, strict=False)
            return (number, number.is_between(0, MOST_COUNTED)) if given.is_integer() else nothing
    return _amount(raw, given, wanted) if given.is_numeric() else nothing


def _known(value: "pl.Expr") -> "tuple[pl.Expr, pl.Expr]":
    return value, value.is_not_null()


def _text(value: "pl.Expr", fact: Fact | None, reader: RequestReader) -> "tuple[pl.Expr, pl.Expr]":
    sound = (value.str.strip_chars() == value) & value.str.len_chars().is_between(1, LONGEST_TEXT)
    if fact is not None and fact.values is not None:
        # What means a term, by its label, is read as its id.
        sound = sound & value.is_in(list(reader.policy.vocabularies[fact.values].terms))
    return value, sound


def _amount(raw: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType") -> "tuple[pl.Expr, pl.Expr]":
    import polars as pl

    value = raw.cast(wanted, strict=False)
    same = value == raw
    if given.is_float():
        # Files of other programs keep 0.3 as 0.30000000000000004; what is further off is for the reader to judge.
        same = (value.cast(pl.Float64) - raw.cast(pl.Float64)).abs() < 10.0 ** -(DECIMALS + 3)
    return value, value.is_between(0, MOST_MONEY) & same


def _set(raw: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType", fact: Fact | None) -> "tuple[pl.Expr, pl.Expr]":
    import polars as pl

    if isinstance(given, pl.List):
        items = raw.cast(pl.List(pl.String), strict=False)
    else:
        items = raw.cast(pl.String).str.strip_chars().str.replace_all(SPLIT, ";").str.split(";")
    value = items.cast(wanted, strict=False)
    sizes = value.list.len()
    sound = (value.list.drop_nulls().list.len() == sizes) & (sizes <= MAX_VALUES)
    if fact is None or fact.name in NEVER_EMPTY or not isinstance(given, pl.List):
        sound = sound & (sizes > 0)
    return value, sound
