"""Holds a toy operator of sets to its meaning in every evaluator; `test_recipes.py` runs it.

    python tests/toy_operator.py PHRASE

It needs a copy of the program that has the operator first on its path. Random policies use no other
operator on sets, so that each of them asks it.
"""

import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import random_rules
import test_columnar
import test_engine
import test_matching
from random_rules import random_facts
from support import requests, values_of
from triage.deciding import durable
from triage.model.facts import Fact
from triage.model.operators import Operator, operators_of

TOY = sys.argv[1]


def toy_on_sets(fact: Fact, ordered: bool) -> dict[str, Operator]:
    rows = operators_of(fact, ordered)
    return {TOY: rows[TOY]} if TOY in rows else rows


def hold(test: Any, *drawn: st.SearchStrategy[Any]) -> None:
    """Run a random test with fewer examples than it has by itself."""
    settings(max_examples=40, deadline=None)(given(*drawn)(test.hypothesis.inner_test))()


random_rules.operators_of = test_columnar.operators_of = toy_on_sets  # type: ignore[attr-defined]
rules = random_rules.random_rules()
if durable.core is not None:
    several = st.lists(random_facts(), min_size=1, max_size=5)
    hold(test_engine.test_durable_rules_agrees_with_the_reference, rules, several)
hold(test_matching.test_the_open_rules_are_those_whose_meaning_has_no_answer, rules, random_facts())
hold(
    test_columnar.test_the_columns_say_what_the_reference_says_of_any_policy,
    test_columnar.contents(),
    st.lists(requests({"countries": values_of("countries")}), min_size=1, max_size=8),
)
print("held")
