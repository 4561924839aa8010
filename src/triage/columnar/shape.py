"""The columns of a case set, and of cases prepared for the expressions: their names and what stands
in them.

A case set has a column for each fact of a request, under the fact's name, with `request_id` for the
id; a missing value is an unknown fact. Sets are lists. Prepared cases hold numbers and truth values
only.
"""

from datetime import date

from triage.model.facts import REQUEST_FACTS, Fact, Kind

ID = "request_id"
OUTCOME, OUTCOME_DATE, OUTCOME_REASON = (
    "determination",
    "determination_date",
    "determination_reason",
)
LANGUAGE = "language"
FACTS: dict[str, Fact] = {name: fact for name, fact in REQUEST_FACTS.items() if name != "id"}
"""The facts that have a column of their own name."""

SETS = tuple(name for name, fact in FACTS.items() if fact.kind is Kind.SET)
DECIMALS = 6
SCALE = 10**DECIMALS
"""Amounts are whole millionths in prepared cases."""

EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, as dates are kept in columns."""
    return day.toordinal() - EPOCH


def member_of(fact: str, value: str) -> str:
    """The prepared column that tells whether a set includes a value."""
    return f"{fact}:{value}"


def size_of(fact: str) -> str:
    """The prepared column with the number of values in a set."""
    return f"{fact}#"
