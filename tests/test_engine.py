"""durable-rules finds exactly the rules that the reference meaning finds, on random policies and random facts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import CONCLUDED_FLAG, CONCLUDED_SET, condition, rule, small_policy
from triage import engine
from triage.conditions import PRESENCE, operators
from triage.engine import DurableMatcher, Engines, ReferenceMatcher, active_engine
from triage.errors import EvaluationError
from triage.facts import REQUEST_FACTS, Fact, Kind, Origin
from triage.matching import match_rules
from triage.policy import Effects, Rule
from triage.snapshots import Plan, take_snapshot

DAY = date(2022, 7, 4)
LETTERS = ["a", "b", "c", "d"]
VOCABULARIES = {
    "letters": (False, LETTERS),
    "levels": (True, ["low", "middle", "high"]),
    "topics": (False, LETTERS),
}
FACTS = [
    Fact("origin", Kind.ENUM, "letters"),
    Fact("level", Kind.ENUM, "levels"),
    Fact("mission", Kind.TEXT),
    Fact("populations", Kind.SET, "letters"),
    Fact("purpose_stated", Kind.BOOLEAN),
    Fact("participants", Kind.INTEGER),
    Fact("officer_days", Kind.DECIMAL),
    Fact("start", Kind.DATE),
]
"""Facts with the names of a request's facts, but with small vocabularies of their own."""

ALIGNED = Fact("aligned_topics", Kind.SET, "topics", Origin.CONCLUDED)
CONCLUDED = [CONCLUDED_SET, CONCLUDED_FLAG, ALIGNED]

needs_engine = pytest.mark.skipif(engine.core is None, reason="durable-rules is not installed here")

WORDS = st.sampled_from(["", "a", "é", "日本", 'x"y', "a\\b", "\n", "true", "5", "T"])
COUNTS = st.one_of(st.integers(-4, 4), st.sampled_from([2**53, -(2**53), 2**53 - 1]))
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0", "0.1", "-0.000001", "2.5", "1234567.891234", "3")])
DAYS = st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))


def one_value(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.kind:
        case Kind.ENUM | Kind.SET:
            return st.sampled_from(VOCABULARIES[fact.values or ""][1])
        case Kind.TEXT:
            return WORDS
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.INTEGER:
            return COUNTS
        case Kind.DECIMAL:
            return AMOUNTS
    return DAYS


@st.composite
def conditions(draw: st.DrawFn, facts: list[Fact], presence: bool) -> Any:
    fact = draw(st.sampled_from(facts))
    ordered = fact.values == "levels"
    allowed = {one: takes for one, takes in operators(fact, ordered).items() if presence or one not in PRESENCE}
    operator, takes = draw(st.sampled_from(sorted(allowed.items())))
    value: Any = None
    if fact.origin is Origin.CONCLUDED and fact.kind is Kind.BOOLEAN:
        value = draw(st.booleans())
    elif takes == "one":
        value = draw(one_value(fact))
    elif takes == "many":
        value = frozenset(draw(st.lists(one_value(fact), min_size=1, max_size=3)))
    return condition(fact, operator, value)


@st.composite
def random_rules(draw: st.DrawFn) -> list[Rule]:
    rules = []
    alignment = Fact("alignment", Kind.ENUM, "alignments", Origin.DERIVED)
    for number in range(draw(st.integers(1, 14))):
        concludes = draw(st.booleans())
        facts = FACTS if concludes else [*FACTS, *CONCLUDED]
        # A rule that concludes a fact may not ask whether another is known: loading refuses it.
        clause = st.lists(conditions(facts, not concludes), min_size=1, max_size=3).map(tuple)
        when = draw(st.lists(clause, min_size=1, max_size=3))
        unless = draw(st.lists(clause, max_size=2))
        then = Effects(score=(("alignment", 1),))
        if concludes:
            letters = frozenset(draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=2)))
            concluded: list[tuple[str, frozenset[str] | bool]] = [
                ("found", letters),
                ("raised", True),
                ("aligned_topics", letters),
            ]
            then = Effects(conclude=(draw(st.sampled_from(concluded)),))
        elif draw(st.booleans()):
            level = draw(st.sampled_from(["is at least", "is below", "is"]))
            when = [*when, (condition(alignment, level, draw(st.sampled_from(["partial", "large", "full"]))),)]
        rules.append(rule(f"rule-{number}", when, unless, then))
    return rules


@st.composite
def random_facts(draw: st.DrawFn) -> dict[str, Any]:
    facts = {}
    for fact in FACTS:
        if draw(st.booleans()):
            several = st.frozensets(st.sampled_from(LETTERS), max_size=3)
            facts[fact.name] = draw(several if fact.kind is Kind.SET else one_value(fact))
    if draw(st.booleans()):
        facts["topics"] = draw(st.frozensets(st.sampled_from(LETTERS), max_size=3))
    return facts


def plan_of(rules: list[Rule]) -> tuple[Plan, dict[str, Fact]]:
    vocabularies = VOCABULARIES | {"alignments": (True, ["none", "partial", "large", "full"])}
    policy = small_policy(rules, [*FACTS, *CONCLUDED], vocabularies)
    return take_snapshot(policy, DAY).plans[None], dict(policy.facts)


def found(plan: Plan, matcher: Any, facts: dict[str, Any]) -> Any:
    matches = match_rules(plan, facts, matcher, Fraction(2, 3))
    uncertain = [(one.rule.id, one.waits, one.matched) for one in matches.uncertain]
    return [one.id for one in matches.matched], uncertain, matches.state


@needs_engine
@settings(max_examples=300, deadline=None)
@given(random_rules(), st.lists(random_facts(), min_size=1, max_size=5))
def test_durable_rules_agrees_with_the_reference(rules: list[Rule], requests: list[dict[str, Any]]) -> None:
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
    before = match_rules(plan, known, matcher, Fraction(2, 3))
    after = match_rules(plan, more | known, matcher, Fraction(2, 3))
    open_ = {one.rule.id for one in before.uncertain}
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

    real, engine.core = engine.core, Core()
    try:
        yield
    finally:
        engine.core = real


def raises(*_: Any) -> Any:
    raise RuntimeError("interrupted")


@needs_engine
@pytest.mark.parametrize("call", ["start_action_for_state", "complete_and_start_action", "retract_fact"])
def test_an_engine_that_failed_is_not_used_again(call: str) -> None:
    plan, facts = plan_of(many_rules(3))
    engines = Engines(facts)
    first = engines.matcher(plan)
    state = {"origin": "a", "populations": frozenset("b")}
    with broken(call, raises), pytest.raises(EvaluationError, match="interrupted"):
        first.match(0, state)
    with pytest.raises(EvaluationError, match="not used again"):
        first.match(0, state)
    fresh = engines.matcher(plan)
    assert fresh is not first
    assert len(fresh.match(0, state)) == 3


@needs_engine
def test_an_answer_that_does_not_come_is_an_error_not_an_empty_answer() -> None:
    plan, facts = plan_of(many_rules(3))
    matcher = DurableMatcher(plan, facts)
    with broken("start_action_for_state", lambda *_: None), pytest.raises(EvaluationError, match="no answer"):
        matcher.match(0, {"origin": "a", "populations": frozenset("b")})


@needs_engine
def test_a_number_beyond_the_engine_is_refused() -> None:
    plan, facts = plan_of([rule("rule", [(condition(FACTS[5], "above", 3),)])])
    with pytest.raises(EvaluationError, match="too large"):
        DurableMatcher(plan, facts).match(0, {"participants": 2**53 + 1})


def test_without_durable_rules_the_reference_decides_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "core", None)
    plan, facts = plan_of(many_rules(3))
    assert active_engine() == "reference"
    assert isinstance(Engines(facts).matcher(plan), ReferenceMatcher)


def test_each_operator_has_a_meaning_for_every_kind_of_fact() -> None:
    for fact in [*FACTS, *(one for one in REQUEST_FACTS.values() if one.readable)]:
        assert operators(fact, ordered=False)
