"""Every case of the command line."""

from collections.abc import Iterator
from pathlib import Path

from recorded import tables_cases, tables_policy, tables_requests, tables_use
from recorded.case import Case


def cases(checkout: Path) -> Iterator[Case]:
    """The cases in the order in which they run."""
    yield from tables_cases.cases()
    yield from tables_requests.cases()
    yield from tables_policy.cases(checkout)
    yield from tables_use.cases()
