"""durable-rules finds the rules that the reference meaning finds, on random rules and facts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_rules import FACTS, plan_of, random_facts, random_rules, uncertain
from support import REQUEST_FACTS, condition, rule
from triage.deciding import durable
from triage.deciding.calendar import Plan
from triage.deciding.durable import DurableMatcher, Engines, ReferenceMatcher, active_engine
from triage.deciding.match import match_rules
from triage.errors import EvaluationError
from triage.model.operators import operators_of
from triage.model.policy import Rule

needs_engine = pytest.mark.skipif(
    durable.core is None, reason="durable-rules is not installed here"
)


def found(plan: Plan, matcher: Any, facts: dict[str, Any]) -> Any:
    matches = match_rules(plan, facts, matcher)
    return [one.id for one in matches.matched], uncertain(matches), matches.state


@needs_engine
@settings(max_examples=300, deadline=None)
@given(random_rules(), st.lists(random_facts(), min_size=1, max_size=5))
def test_durable_rules_agrees_with_the_reference(
    rules: list[Rule], requests: list[dict[str, Any]]
) -> None:
    plan, facts = plan_of(rules)
    durable, reference = DurableMatcher(plan, facts), ReferenceMatcher(plan)
    for request in requests:
        assert found(plan, durable, request) == found(plan, reference, request)


@settings(max_examples=150, deadline=None)
@given(random_rules(), random_facts(), random_facts())
def test_what_holds_for_certain_still_holds_when_more_is_known(
    rules: list[Rule], known: dict[str, Any], more: dict[str, Any]
) -> None:
    plan, _ = plan_of(rules)
    matcher = ReferenceMatcher(plan)
    before = match_rules(plan, known, matcher)
    after = match_rules(plan, more | known, matcher)
    open_ = set(uncertain(before))
    sure = {one.id for one in before.matched} - open_
    held = {one.id for one in after.matched}
    assert sure <= held
    assert held <= sure | open_


def many_rules(count: int) -> list[Rule]:
    letter, some = FACTS[0], FACTS[3]
    line = [(condition(letter, "is", "a"),), (condition(some, "include", "b"),)]
    return [rule(f"rule-{number:04}", line) for number in range(count)]


@needs_engine
@pytest.mark.parametrize("count", [59, 60, 61, 120, 600])
def test_any_number_of_rules_can_hold_at_once(count: int) -> None:
    plan, facts = plan_of(many_rules(count))
    state = {"origin": "a", "populations": frozenset("b")}
    assert len(DurableMatcher(plan, facts).match(0, state)) == count


@needs_engine
def test_the_names_of_fields_do_not_collide_in_the_engine() -> None:
    names = [f"f{number}" for number in range(10_000)] + ["kind", "id", "sid", "$s"]
    hashes = set()
    for name in names:
        value = 0x811C9DC5
        for byte in name.encode():
            value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
        hashes.add(value)
    assert len(hashes) == len(names)


@contextmanager
def broken(name: str, replacement: Any) -> Iterator[None]:
    class Core:
        def __getattr__(self, attribute: str) -> Any:
            return replacement if attribute == name else getattr(real, attribute)

    real, durable.core = durable.core, Core()
    try:
        yield
    finally:
        durable.core = real


def raises(*_: Any) -> Any:
    raise RuntimeError("interrupted")


@needs_engine
@pytest.mark.parametrize(
    "call", ["start_action_for_state", "complete_and_start_action", "retract_fact"]
)
def test_an_engine_that_failed_is_not_used_again(call: str) -> None:
    plan, facts = plan_of(many_rules(3))
    engines = Engines(facts)
    first = engines.matcher(plan)
    state = {"origin": "a", "populations": frozenset("b")}
    with broken(call, raises), pytest.raises(EvaluationError, match="interrupted"):
        first.match(0, state)
    with pytest.raises(EvaluationError, match="used-up"):
        first.match(0, state)
    fresh = engines.matcher(plan)
    assert fresh is not first
    assert len(fresh.match(0, state)) == 3


@needs_engine
def test_an_answer_that_does_not_come_is_an_error_not_an_empty_answer() -> None:
    plan, facts = plan_of(many_rules(3))
    matcher = DurableMatcher(plan, facts)
    with (
        broken("start_action_for_state", lambda *_: None),
        pytest.raises(EvaluationError, match="no-answer"),
    ):
        matcher.match(0, {"origin": "a", "populations": frozenset("b")})


@needs_engine
def test_a_number_beyond_the_engine_is_refused() -> None:
    plan, facts = plan_of([rule("rule", [(condition(FACTS[5], "above", 3),)])])
    with pytest.raises(EvaluationError, match="too-large"):
        DurableMatcher(plan, facts).match(0, {"participants": 2**53 + 1})


def test_without_durable_rules_the_reference_decides_and_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(durable, "core", None)
    plan, facts = plan_of(many_rules(3))
    assert active_engine() == "reference"
    assert isinstance(Engines(facts).matcher(plan), ReferenceMatcher)


def test_each_operator_has_a_meaning_for_every_kind_of_fact() -> None:
    for fact in [*FACTS, *(one for one in REQUEST_FACTS.values() if one.readable)]:
        assert operators_of(fact, ordered=False)
