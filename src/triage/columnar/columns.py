"""The names and units of the columns of a case set, and of those that the expressions read.

A case set has a column for each fact of a request, under the fact's name, and `request_id` for the
id. A missing value is an unknown fact; sets are lists. Prepared columns hold numbers and truth
values only: days since 1970, amounts in millionths, codes of values, members of sets.
"""

from collections.abc import Iterable

from triage.model.facts import Fact
from triage.model.policy import Policy

ID = "request_id"
OUTCOME, OUTCOME_DATE = "determination", "determination_date"
OUTCOME_REASON = "determination_reason"
LANGUAGE = "language"
DECIMALS = 6
SCALE = 10**DECIMALS
"""Prepared amounts are whole millionths."""


def facts_of(policies: Iterable[Policy]) -> dict[str, Fact]:
    """The facts that have a column of their own name: those of requests under some policies.

    What the first policy declares counts.
    """
    facts: dict[str, Fact] = {}
    for policy in policies:
        for name, fact in policy.request_facts.items():
            facts.setdefault(name, fact)
    return {name: fact for name, fact in facts.items() if name != "id"}


def member_of(fact: str, value: str) -> str:
    """The prepared column that tells whether a set includes a value."""
    return f"{fact}:{value}"


def size_of(fact: str) -> str:
    """The prepared column with the number of values in a set."""
    return f"{fact}#"
