"""The table of derived facts: what each row promises, and what the columns make of it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import condition, frame_of, request, requests, rule, shipped
from triage.advice.options import Moves
from triage.columnar.emit import Needs
from triage.columnar.graph import Graph
from triage.columnar.prepare import prepare
from triage.deciding.calendar import take_snapshot
from triage.deciding.settled import Settler
from triage.model.derived import DERIVED, REGION, STRATEGY, with_settings
from triage.model.facts import Fact, Kind, Origin, Request
from triage.model.program import PROGRAM_FACTS, REQUIRED_CONCLUDED, REQUIRED_PARAMETERS
from triage.model.workdays import first_day, last_day, length, working_days

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("name", DERIVED)
def test_a_row_rests_on_what_every_policy_has(name: str) -> None:
    row = DERIVED[name]
    assert set(row.sources) <= PROGRAM_FACTS.keys()
    parameters = {setting.name for setting in row.settings} - {STRATEGY.name, REGION.name}
    assert parameters <= REQUIRED_PARAMETERS.keys()
    if row.concluded is not None:
        assert row.concluded in REQUIRED_CONCLUDED
        assert row.terms
        assert row.levels
    assert row.turn is None or row.turn.source in row.sources


@given(DAYS, st.integers(-40, 400))
def test_working_days_are_those_of_the_calendar(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    between = range(min(days, 0), max(days, 0))
    counted = sum((start + timedelta(days=day)).weekday() < 5 for day in between)
    assert working_days(start, end) == (counted if days >= 0 else -counted)
    if days >= 0:
        assert length(start, end) == counted + (end.weekday() < 5)


@given(DAYS, st.integers(1, 400), st.booleans())
def test_the_days_that_are_aimed_at_give_what_was_aimed_at(day: date, days: int, up: bool) -> None:
    assert length(day, last_day(day, days)) == days
    assert working_days(day, first_day(day, days, up)) == days
    assert first_day(day, days, up).weekday() < 5


@pytest.mark.parametrize("name", [name for name, row in DERIVED.items() if row.column])
@given(st.lists(requests(), min_size=1, max_size=12))
def test_a_column_has_what_is_worked_out_case_by_case(name: str, inbox: list[Request]) -> None:
    row = DERIVED[name]
    settings = {setting.name: setting.missing for setting in row.settings}
    for one in (row, replace(row, column=None)):
        derivation = with_settings(one, settings)
        graph, needs = Graph(shipped().request_facts), Needs()
        fact = graph.worked_out(derivation)
        needs.add(graph, [graph.known(fact.name)])
        found = prepare(frame_of(inbox), needs)[fact.name].to_list()
        assert found == [derivation.value(request.facts) for request in inbox]


# -- which values are worth trying


def moves(fact: Fact, verb: str, *values: Any) -> list[Any]:
    """The values to which a fact may be changed, for conditions that compare it with some."""
    policy = shipped()
    facts = {**policy.facts, fact.name: fact}
    text = policy.fact_texts["start"]
    change = replace(text.changes[0], verb=verb)
    texts = {**policy.fact_texts, fact.name: replace(text, changes=(change,))}
    made = replace(policy, facts=facts, fact_texts=texts)
    snapshot = take_snapshot(made, date(2022, 7, 4))
    settler = Settler(made, snapshot.values)
    tests = [rule("tried", [(condition(fact, "at least", value),)]) for value in values]
    rules = [settler.rule(one, 0) for one in tests]
    found = Moves(snapshot, request(countries=["JPN"]), rules).all()
    return [move.steps[0][1] for move in found[fact.name]]


def test_any_date_that_may_change_moves_by_working_days() -> None:
    deadline = Fact("deadline", Kind.DATE, origin=Origin.REQUEST)
    friday = date(2022, 9, 2)
    assert moves(deadline, "later", friday) == [date(2022, 9, day) for day in (1, 2, 5)]
    assert moves(deadline, "earlier", friday) == [date(2022, 9, day) for day in (2, 1)]


def test_an_amount_moves_by_cents_and_never_below_nothing() -> None:
    fee = Fact("fee", Kind.DECIMAL, origin=Origin.REQUEST)
    assert moves(fee, "fewer", Decimal("0.01"), Decimal(5)) == [
        Decimal(text) for text in ("5.01", "5", "4.99", "0.02", "0.01", "0")
    ]
