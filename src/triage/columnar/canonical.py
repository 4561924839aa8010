"""Which rows of a Parquet file are requests as they stand, told column by column.

A value is canonical when the reader of requests would keep it unchanged: an id of a vocabulary, an
alpha-3 code, a number in range. A row with any other value is doubtful: only the reader of requests
says whether it can be understood and what is wrong with it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.columnar.columns import (
    DECIMALS,
    ID,
    LANGUAGE,
    OUTCOME,
    OUTCOME_DATE,
    OUTCOME_REASON,
    facts_of,
)
from triage.columnar.encode import schema
from triage.intake.canonical import MAX_VALUES
from triage.intake.cells import NEVER_EMPTY
from triage.intake.determinations import OUTCOMES
from triage.intake.headers import PASSED_OVER
from triage.intake.requests import ONE_OF, REQUIRED, RequestReader
from triage.model.countries import CODES
from triage.model.facts import COUNTRIES, DEFAULT_RANGES, Fact, Kind

if TYPE_CHECKING:
    import polars as pl

MEANINGS = {"id": ID, "determination:outcome": OUTCOME, "determination:date": OUTCOME_DATE}
MEANINGS |= {"determination:reason": OUTCOME_REASON, "countries:codes": COUNTRIES}
"""The column of a case set that a header means, where it is not the fact's name."""

LONGEST = DEFAULT_RANGES[Kind.TEXT]
"""The bytes of an id, or of a text that is no fact."""
SPLIT = r"\s*[;,|\n]\s*"
SPOKEN = ("en", "fr")

RAW = ":raw"
"""Ends the name of a column that holds the values as they are in the file."""


@dataclass(frozen=True)
class CaseColumn:
    """One column of a case set, read from a column of a file.

    `name` is the column of the file; None where it has none. `values` are null where a value of the
    file cannot be converted. `sound` must hold of every value that is there.
    """

    meaning: str
    name: str | None
    values: "pl.Expr"
    sound: "pl.Expr | None" = None


@dataclass(frozen=True)
class FileColumns:
    """How the columns of a file make a case set.

    `meant` has the meaning of each header that has one, `unknown` the other headers. `row_checks`
    must hold of the values of a row together.
    """

    meant: dict[str, str]
    unknown: list[str]
    columns: list[CaseColumn]
    row_checks: "list[pl.Expr]"

    def read(self, rows: "pl.DataFrame") -> "tuple[pl.DataFrame, pl.Series]":
        """The rows as a case set, and a column that is true for each sound row."""
        import polars as pl

        cases = rows.select(one.values.alias(one.meaning) for one in self.columns)
        checks = [*self.row_checks]
        unsound = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
        given = []
        for column in self.columns:
            raw, value = rows[column.name] if column.name else None, cases[column.meaning]
            if raw is None or raw.null_count() == rows.height:
                continue
            # Counting what is missing is much cheaper than looking at every row.
            if value.null_count() != raw.null_count():
                unsound = unsound | (value.is_null() & raw.is_not_null())
            if column.sound is not None:
                given.append(raw.alias(column.meaning + RAW))
                checks.append(column.sound.fill_null(True))
            if isinstance(value.dtype, pl.List) and _has_null_members(value):
                lost = value.list.drop_nulls().list.len() != value.list.len()
                unsound = unsound | lost.fill_null(False)
        sound = cases.with_columns(given).select(sound=pl.all_horizontal(checks))["sound"]
        return cases, sound & ~unsound


def _has_null_members(lists: "pl.Series") -> bool:
    return bool(lists.explode(empty_as_null=False, keep_nulls=False).null_count())


def typed(reader: RequestReader) -> "dict[str, pl.DataType]":
    """The types of a case set whose values are checked: those of a vocabulary are enumerations."""
    import polars as pl

    facts = facts_of([reader.policy])
    types = schema(facts)
    for name, fact in facts.items():
        if fact.kind in (Kind.ENUM, Kind.SET):
            if fact.values == COUNTRIES:
                enum = pl.Enum(sorted(CODES))
            else:
                enum = pl.Enum(list(reader.policy.vocabularies[fact.values or ""].terms))
            types[name] = pl.List(enum) if fact.kind is Kind.SET else enum
    return types | {LANGUAGE: pl.Enum(SPOKEN), OUTCOME: pl.Enum(OUTCOMES)}


def file_columns(reader: RequestReader, given: "pl.Schema") -> FileColumns:
    """How the columns of a file are read, by their names and types."""
    import polars as pl

    meanings = {name: reader.header(name) for name in given.names()}
    meant = {name: MEANINGS.get(meaning, meaning) for name, meaning in meanings.items() if meaning}
    meant = {name: meaning for name, meaning in meant.items() if meaning != PASSED_OVER}
    counted = Counter(meant.values())
    source = {meaning: name for name, meaning in meant.items()}
    facts = reader.policy.request_facts
    columns = []
    for meaning, wanted in typed(reader).items():
        name, nothing = source.get(meaning), pl.lit(None, dtype=wanted)
        if name is None:
            columns.append(CaseColumn(meaning, None, nothing))
        elif counted[meaning] > 1 or reader.suggester is not None:
            # The reader of requests puts together what stands in two columns, or follows from text.
            columns.append(CaseColumn(meaning, name, nothing, pl.lit(False)))
        else:
            value, check = _column(name, given[name], wanted, facts.get(meaning), reader)
            sound = check(pl.col(meaning)) if check else None
            columns.append(CaseColumn(meaning, name, value, sound))
    unknown = [name for name in given.names() if not meanings[name]]
    return FileColumns(meant, unknown, columns, _row_checks())


def _row_checks() -> "list[pl.Expr]":
    import polars as pl

    unexplained = pl.col(OUTCOME_DATE).is_null() & pl.col(OUTCOME_REASON).is_null()
    return [
        *(pl.col(name).is_not_null() for name in (ID, *REQUIRED)),
        pl.any_horizontal(pl.col(name).is_not_null() for name in ONE_OF),
        (pl.col("end") >= pl.col("start")).fill_null(True),
        (pl.col("visa_required_participants") <= pl.col("participants")).fill_null(True),
        pl.col(OUTCOME).is_not_null() | unexplained,
    ]


Check = Callable[["pl.Expr"], "pl.Expr"]
"""From the converted column, an expression that is true for each value that is canonical."""


def _column(
    name: str, given: "pl.DataType", wanted: "pl.DataType", fact: Fact | None, reader: RequestReader
) -> "tuple[pl.Expr, Check | None]":
    """The values of one column, null where the type cannot be converted, and their check."""
    import polars as pl

    raw, nothing = pl.col(name), (pl.lit(None, dtype=wanted), None)
    texts = isinstance(given, pl.String | pl.Enum | pl.Categorical)
    match wanted:
        case pl.List():
            lists = texts or isinstance(given, pl.List)
            return _set(raw, given, wanted, fact) if lists else nothing
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
            return (raw.cast(wanted, strict=False), _count(fact)) if given.is_integer() else nothing
    return (raw.cast(wanted, strict=False), _amount(given, fact)) if given.is_numeric() else nothing


def _count(fact: Fact | None) -> "Check":
    least, most = _range(fact)
    return lambda value: value.is_between(least, most)


def _range(fact: Fact | None) -> tuple[int, int]:
    return (fact.range if fact is not None else None) or LONGEST


def _text(fact: Fact | None, reader: RequestReader) -> "Check":
    def sound(value: "pl.Expr") -> "pl.Expr":
        if fact is not None and fact.values is not None:
            # A label of a term is not canonical: the reader of requests turns it into the id.
            return value.is_in(list(reader.policy.vocabularies[fact.values].terms))
        stripped = value.str.strip_chars() == value
        return stripped & value.str.len_bytes().is_between(*_range(fact))

    return sound


def _amount(given: "pl.DataType", fact: Fact | None) -> "Check":
    import polars as pl

    def sound(value: "pl.Expr") -> "pl.Expr":
        raw = pl.col(value.meta.output_name() + RAW)
        same = value == raw
        if given.is_float():
            # Other programs keep 0.3 as 0.30000000000000004; what is further off is doubtful.
            same = (value.cast(pl.Float64) - raw.cast(pl.Float64)).abs() < 10.0 ** -(DECIMALS + 3)
        return value.is_between(*_range(fact)) & same

    return sound


def _set(
    raw: "pl.Expr", given: "pl.DataType", wanted: "pl.DataType", fact: Fact | None
) -> "tuple[pl.Expr, Check]":
    import polars as pl

    if isinstance(given, pl.List):
        items = raw.cast(pl.List(pl.String), strict=False)
    else:
        items = raw.cast(pl.String).str.strip_chars().str.replace_all(SPLIT, ";").str.split(";")
    least = 1 if fact is None or fact.name in NEVER_EMPTY or not isinstance(given, pl.List) else 0

    def sound(value: "pl.Expr") -> "pl.Expr":
        return value.list.len().is_between(least, MAX_VALUES)

    return items.cast(wanted, strict=False), sound
