"""Requests -> a case set in memory, and its rows -> requests again."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from triage.columnar.columns import (
    DECIMALS,
    FACTS,
    ID,
    LANGUAGE,
    OUTCOME,
    OUTCOME_DATE,
    OUTCOME_REASON,
    SETS,
)
from triage.errors import EvaluationError
from triage.model.facts import Determination, Kind, Request

if TYPE_CHECKING:
    import polars as pl


def schema() -> "dict[str, pl.DataType]":
    import polars as pl

    types: dict[Kind, pl.DataType] = {
        Kind.TEXT: pl.String(),
        Kind.ENUM: pl.String(),
        Kind.BOOLEAN: pl.Boolean(),
        Kind.INTEGER: pl.Int32(),
        Kind.DECIMAL: pl.Decimal(38, DECIMALS),
        Kind.DATE: pl.Date(),
        Kind.SET: pl.List(pl.String()),
    }
    columns: dict[str, pl.DataType] = {ID: pl.String()}
    columns |= {name: types[fact.kind] for name, fact in FACTS.items()}
    columns |= {LANGUAGE: pl.String(), OUTCOME: pl.String()}
    return columns | {OUTCOME_DATE: pl.Date(), OUTCOME_REASON: pl.String()}


def frame_of(requests: Iterable[Request]) -> "pl.DataFrame":
    """A case set with one row a request, in their order."""
    import polars as pl

    columns: dict[str, list[Any]] = {name: [] for name in schema()}
    for request in requests:
        values = request.__dict__
        columns[ID].append(request.id)
        for name in FACTS:
            columns[name].append(values[name])
        columns[LANGUAGE].append(request.language)
        determination = request.determination
        columns[OUTCOME].append(determination and determination.outcome)
        columns[OUTCOME_DATE].append(determination and determination.date)
        columns[OUTCOME_REASON].append(determination and determination.reason)
    for name in SETS:
        columns[name] = [None if value is None else sorted(value) for value in columns[name]]
    for name, fact in FACTS.items():
        if fact.kind is Kind.DECIMAL:
            columns[name] = [_amount(value) for value in columns[name]]
    return pl.DataFrame(columns, schema=schema())


def _amount(value: Decimal | None) -> Decimal | None:
    if value is not None and value != round(value, DECIMALS):
        raise EvaluationError(f"{value} has more than six decimals")
    return value


def requests_of(cases: "pl.DataFrame") -> Iterator[Request]:
    """The rows of a case set as requests; columns that it lacks count as unknown facts."""
    missing = [name for name in schema() if name not in cases.columns]
    for given in cases.iter_rows(named=True):
        row = given | dict.fromkeys(missing)
        facts = {name: value for name in FACTS if (value := row[name]) is not None}
        facts |= {name: frozenset(facts[name]) for name in SETS if name in facts}
        determination = None
        if (outcome := row[OUTCOME]) is not None:
            determination = Determination(
                outcome=outcome, date=row[OUTCOME_DATE], reason=row[OUTCOME_REASON]
            )
        yield Request(id=row[ID], determination=determination, language=row[LANGUAGE], **facts)
