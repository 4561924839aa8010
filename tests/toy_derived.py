"""Holds derived facts to their meaning on columns, case by case; `test_recipes.py` runs it.

    python tests/toy_derived.py FACT...

It runs in a copy of the program and of the policy that has the facts. Random policies read no other
facts than these and two that they are worked out from.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import test_columnar
from support import requests
from triage.model.facts import Fact, Kind
from triage.model.policy import Policy
from triage.rulebook.load import load_policy

TOYS = sys.argv[1:]
OF_SHIPPED = test_columnar.one_value


@cache
def policy() -> Policy:
    return load_policy(Path("rules"))


def one_value(fact: Fact) -> st.SearchStrategy[Any]:
    if fact.name in TOYS and fact.kind is Kind.INTEGER:
        return st.integers(-3, 12)
    return OF_SHIPPED(fact)


test_columnar.shipped = policy  # type: ignore[attr-defined]
test_columnar.one_value = one_value
test_columnar.READ[:] = [*TOYS, "topics", "start", "aligned_topics"]
test: Any = test_columnar.test_the_columns_say_what_the_reference_says_of_any_policy
settings(max_examples=60, deadline=None)(
    given(test_columnar.contents(), st.lists(requests(), min_size=1, max_size=8))(
        test.hypothesis.inner_test
    )
)()
print("held")
