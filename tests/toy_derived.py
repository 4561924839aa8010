"""Holds derived facts to their meaning on columns, case by case; `test_recipes.py` runs it.

    python tests/toy_derived.py FACT...

It runs in a copy of the program and of the policy that has the facts. Random policies read no other
facts than these and some that they may be worked out from.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import test_columnar
from support import requests
from triage.model.policy import Policy
from triage.rulebook.load import load_policy


@cache
def policy() -> Policy:
    return load_policy(Path("rules"))


test_columnar.shipped = policy  # type: ignore[attr-defined]
rules = test_columnar.contents([*sys.argv[1:], "topics", "start", "aligned_topics"])
test: Any = test_columnar.test_the_columns_say_what_the_reference_says_of_any_policy
inboxes = st.lists(requests(), min_size=1, max_size=8)
settings(max_examples=60, deadline=None)(given(rules, inboxes)(test.hypothesis.inner_test))()
print("held")
