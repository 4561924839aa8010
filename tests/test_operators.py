"""The rows of the operators hold together, tried on every value and every set of a few members."""

from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.model.conditions import Among, Partial, Test
from triage.model.facts import Kind
from triage.model.operators import OPERATORS, Family, Operator
from triage.review.satisfiable import Domain, contradiction

MEMBERS = ("a", "b", "c")
RANKS = ("low", "middle", "high")
ROWS = list(OPERATORS.values())
ON_SETS = [row for row in ROWS if Family.SET in row.families]


def sets_of(members: tuple[str, ...]) -> list[frozenset[str]]:
    sizes = range(len(members) + 1)
    return [frozenset(one) for one in chain(*(combinations(members, size) for size in sizes))]


SETS = sets_of(MEMBERS)


def conditions_with(row: Operator) -> list[tuple[Test, list[Any]]]:
    """Conditions with an operator, each with every value that its fact may have."""
    if row.known is not None:
        return [(Test("fact", row.phrase), list(MEMBERS))]
    values: list[Any] = list(MEMBERS)
    if Family.SET in row.families:
        values = SETS
    elif Family.RANK in row.families:
        values = list(RANKS)
    elif Family.NUMBER in row.families:
        values = [-1, 0, 1, 2]
    named: list[Any] = [None]
    if row.takes == "many":
        named = SETS
    elif row.takes == "one":
        named = list(MEMBERS) if Family.SET in row.families else values
    ranks = RANKS if Family.RANK in row.families else ()
    return [(Test("fact", row.phrase, one, ranks), values) for one in named]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.phrase)
def test_an_operator_holds_where_its_opposite_does_not(row: Operator) -> None:
    assert row.opposite is None or OPERATORS[row.opposite].opposite == row.phrase
    for test, values in conditions_with(row) if row.opposite else []:
        other = Test(test.fact, row.opposite or "", test.value, test.ranks)
        for value in values:
            assert test.holds()({"fact": value}) is not other.holds()({"fact": value})


@pytest.mark.parametrize("row", ON_SETS, ids=lambda row: row.phrase)
def test_of_a_set_known_in_part_holds_what_holds_of_every_set_that_it_may_be(row: Operator) -> None:
    for test, _ in conditions_with(row):
        holds, grows = test.holds(), row.rises
        for lower, upper in product(SETS, SETS):
            between = [one for one in SETS if lower <= one <= upper]
            answers = {holds({"fact": one}) for one in between}
            if answers:
                expected = answers.pop() if len(answers) == 1 else None
                assert holds({"fact": Partial(lower, upper)}) is expected
                # The larger set does not lose what stays true, nor gain what stays false.
                assert (holds({"fact": lower}), holds({"fact": upper})) != (grows, not grows)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.phrase)
def test_membership_is_what_a_row_says_of_it(row: Operator) -> None:
    for test, values in conditions_with(row) if row.member is not None else []:
        for value in values:
            own = value if isinstance(value, frozenset) else {value}
            assert test.holds()({"fact": value}) is (bool(test.values & own) is row.member)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.phrase)
def test_of_a_value_among_several_holds_what_holds_of_each(row: Operator) -> None:
    if not {Family.CHOICE, Family.RANK} & set(row.families):
        return
    for test, values in conditions_with(row):
        for several in SETS if values == list(MEMBERS) else sets_of(RANKS):
            answers = {test.holds()({"fact": value}) for value in several}
            expected = answers.pop() if len(answers) == 1 else None
            assert test.holds()({"fact": Among(several)}) is expected


CONDITIONS = st.sampled_from([test for row in ON_SETS for test, _ in conditions_with(row)])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(CONDITIONS, st.booleans()), min_size=1, max_size=4))
def test_conditions_that_some_set_meets_do_not_contradict_each_other(
    wants: list[tuple[Test, bool]],
) -> None:
    domains = {"fact": Domain(Kind.SET, frozenset(MEMBERS))}
    sets = sets_of((*MEMBERS, "another"))
    met = any(all(test.holds()({"fact": one}) is wanted for test, wanted in wants) for one in sets)
    contradicted = contradiction(wants, domains) == "fact"
    assert not (met and contradicted)
    # Not to have all of several may be met in more ways than one, and is left out.
    if all(wanted or test.operator != "include all of" for test, wanted in wants):
        assert met is not contradicted
