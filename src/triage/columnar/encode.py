"""Requests -> a case set in memory, and its rows -> requests again."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from triage.columnar.columns import (
    DECIMALS,
    ID,
    LANGUAGE,
    OUTCOME,
    OUTCOME_DATE,
    OUTCOME_REASON,
)
from triage.errors import EvaluationError
from triage.model.facts import Determination, Fact, Kind, Request

if TYPE_CHECKING:
    import polars as pl


def types() -> "dict[Kind, pl.DataType]":
    """The type of the column of a fact of each kind."""
    import polars as pl

    return {
        Kind.TEXT: pl.String(),
        Kind.ENUM: pl.String(),
        Kind.BOOLEAN: pl.Boolean(),
        Kind.INTEGER: pl.Int32(),
        Kind.DECIMAL: pl.Decimal(38, DECIMALS),
        Kind.DATE: pl.Date(),
        Kind.SET: pl.List(pl.String()),
    }


def schema(facts: Mapping[str, Fact]) -> "dict[str, pl.DataType]":
    """The types of a case set that has a column for each of some facts."""
    import polars as pl

    of_kind = types()
    columns: dict[str, pl.DataType] = {ID: pl.String()}
    columns |= {name: of_kind[fact.kind] for name, fact in facts.items()}
    columns |= {LANGUAGE: pl.String(), OUTCOME: pl.String()}
    return columns | {OUTCOME_DATE: pl.Date(), OUTCOME_REASON: pl.String()}


def frame_of(requests: Iterable[Request], facts: Mapping[str, Fact]) -> "pl.DataFrame":
    """A case set of some facts with one row a request, in their order."""
    import polars as pl

    columns: dict[str, list[Any]] = {name: [] for name in schema(facts)}
    for request in requests:
        values = request.facts
        columns[ID].append(request.id)
        for name in facts:
            columns[name].append(values.get(name))
        columns[LANGUAGE].append(request.language)
        determination = request.determination
        columns[OUTCOME].append(determination and determination.outcome)
        columns[OUTCOME_DATE].append(determination and determination.date)
        columns[OUTCOME_REASON].append(determination and determination.reason)
    for name, fact in facts.items():
        if fact.kind is Kind.SET:
            columns[name] = [None if value is None else sorted(value) for value in columns[name]]
        elif fact.kind is Kind.DECIMAL:
            columns[name] = [amount(value) for value in columns[name]]
    return pl.DataFrame(columns, schema=schema(facts))


def amount(value: Decimal | None) -> Decimal | None:
    """An amount as a column can hold it; `EvaluationError` when it has more than six decimals."""
    if value is not None and value != round(value, DECIMALS):
        raise EvaluationError("evaluation.decimals", value=value)
    return value


def requests_of(cases: "pl.DataFrame") -> Iterator[Request]:
    """The rows of a case set as requests; columns that it lacks count as unknown facts."""
    beside = (ID, LANGUAGE, OUTCOME, OUTCOME_DATE, OUTCOME_REASON)
    names = [name for name in cases.columns if name not in beside]
    for row in cases.iter_rows(named=True):
        facts = {"id": row[ID]}
        for name in names:
            if (value := row[name]) is not None:
                facts[name] = frozenset(value) if value.__class__ is list else value
        determination = None
        if (outcome := row.get(OUTCOME)) is not None:
            day, reason = row.get(OUTCOME_DATE), row.get(OUTCOME_REASON)
            determination = Determination(outcome=outcome, date=day, reason=reason)
        yield Request(facts, determination, row.get(LANGUAGE))
