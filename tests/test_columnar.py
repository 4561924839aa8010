"""The columns give what the reference gives, case by case, on the shipped and random policies."""

import pickle
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain_policy import plainly
from support import (
    BOTH,
    REQUEST_FACTS,
    ROOT,
    condition,
    decider,
    frame_of,
    request,
    requests,
    rule,
    shipped,
    values_of,
)
from triage.columnar.encode import requests_of
from triage.columnar.evaluate import Evaluator, JointEvaluator, compiled, matched
from triage.columnar.prepare import prepare
from triage.deciding.calendar import take_snapshot
from triage.deciding.decide import Decider
from triage.errors import EvaluationError
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.derived import DERIVED
from triage.model.facts import Fact, Kind, Origin, Request
from triage.model.operators import operators_of
from triage.model.periods import Period
from triage.model.policy import Basis, DatedValue, Effects, Policy, Recommendation, Reference, Rule

INBOXES = st.lists(requests(), min_size=1, max_size=12)
SHIPPED = Evaluator(shipped())


def told(decided: Decider, found: Request, as_of: date | None = None) -> dict[str, Any]:
    """What a decision says, in the columns of the evaluator."""
    places = {rule.id: place for place, rule in enumerate(decided.policy.rules)}
    decision = decided.decide(found, as_of)
    return {
        "recommendation": decision.recommendation.rank,
        "score": decision.score,
        "strategy": decision.strategy,
        "hangs": len(decision.result.possible) > 1,
        **{f"points_{name}": part["points"] for name, part in decision.result.criteria.items()},
        "rules": sorted(places[one["id"]] for one in decision.result.rules),
    }


def agrees(
    frame: pl.DataFrame, decided: Decider, inbox: list[Request], as_of: date | None = None
) -> None:
    assert frame["case"].to_list() == list(range(len(inbox)))
    for found, row in zip(inbox, frame.drop("case").iter_rows(named=True), strict=True):
        assert row == told(decided, found, as_of), found


@settings(max_examples=40)
@given(INBOXES)
def test_the_columns_say_what_the_reference_says_of_the_shipped_policy(
    inbox: list[Request],
) -> None:
    agrees(SHIPPED.evaluate(frame_of(inbox)), decider("reference"), inbox)


@settings(max_examples=25)
@given(INBOXES)
def test_the_columns_say_what_durable_rules_says_of_the_shipped_policy(
    inbox: list[Request],
) -> None:
    agrees(SHIPPED.evaluate(frame_of(inbox)), decider(), inbox)


@settings(max_examples=25)
@given(INBOXES, values_of("received"))
def test_a_fixed_day_takes_the_place_of_the_day_of_receipt(inbox: list[Request], day: date) -> None:
    agrees(SHIPPED.evaluate(frame_of(inbox), day), decider("reference"), inbox, day)


# -- random policies

DAYS = st.integers(0, 1700).map(lambda days: date(2022, 3, 1) + timedelta(days=days))
DERIVED_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "duration_days": st.integers(0, 6),
    "country_count": st.integers(0, 3),
}
READ = [
    *(
        "topics",
        "countries",
        "forum",
        "participants",
        "officer_days",
        "start",
        "gc_priority",
        "purpose_stated",
    ),
    *(
        "level",
        "populations",
        "engagement_type",
        "alignment",
        "event_size",
        "strategy",
        *("notice_days", "in_region"),
        *DERIVED_VALUES,
    ),
    *("aligned_topics", "priorities", "dialogue", "tiers"),
]
"""A few facts of every kind, so that the rules of a small policy meet."""


def one_value(fact: Fact) -> st.SearchStrategy[Any]:
    """A value that a condition may have for a fact."""
    if fact.name in DERIVED_VALUES:
        return DERIVED_VALUES[fact.name]
    if fact.name == "countries":
        return st.sampled_from(["JPN", "IND", "MEX", "HTI", "FRA"])
    if fact.values:
        # The first few, so that rules and requests meet; requests have all of them.
        return st.sampled_from(list(shipped().vocabularies[fact.values].terms)[:6])
    if fact.kind is Kind.BOOLEAN:
        return st.booleans()
    if fact.origin is Origin.DERIVED:
        return st.integers(-2, 60)
    return values_of(fact.name)


@st.composite
def conditions(draw: st.DrawFn, concluding: bool, names: list[str]) -> Any:
    policy = shipped()
    facts = [policy.facts[name] for name in names]
    if concluding:
        # Concluded facts are not chained here, nor alignment, which rests on one: that could make a
        # cycle.
        facts = [
            one for one in facts if one.origin is not Origin.CONCLUDED and one.name != "alignment"
        ]
    fact = draw(st.sampled_from(facts))
    allowed = operators_of(fact, policy.ordered(fact))
    if concluding:
        # A rule that concludes a fact may not ask whether another is known: loading refuses it.
        allowed = {phrase: row for phrase, row in allowed.items() if row.known is None}
    operator, row = draw(st.sampled_from(sorted(allowed.items())))
    value: Any = None
    if row.takes == "one":
        value = draw(one_value(fact))
    elif row.takes == "many":
        value = frozenset(draw(st.lists(one_value(fact), max_size=3)))
    return condition(fact, operator, value)


@st.composite
def effects(draw: st.DrawFn, concluding: bool) -> Effects:
    if concluding:
        name = draw(st.sampled_from(["aligned_topics", "priorities", "dialogue", "tiers"]))
        if name == "dialogue":
            return Effects(conclude=((name, True),))
        values = st.lists(one_value(shipped().facts[name]), min_size=1, max_size=3).map(frozenset)
        return Effects(conclude=((name, draw(values)),))
    points = st.one_of(st.integers(1, 40), st.just(Reference("weight_partner")))
    criteria = st.sampled_from([one.id for one in shipped().criteria])
    return Effects(
        score=tuple(draw(st.lists(st.tuples(criteria, points), max_size=2))),
        ceiling=draw(st.sampled_from([None, None, Recommendation.DEFER, Recommendation.DECLINE])),
        floor=draw(
            st.sampled_from([None, None, None, Recommendation.DEFER, Recommendation.ACCEPT])
        ),
    )


@st.composite
def contents(draw: st.DrawFn, names: list[str] = READ) -> tuple[list[Rule], int]:
    """A few rules, some of them not always in force, and a threshold from a later day on.

    They read the facts of these names.
    """
    rules: list[Rule] = []
    for number in range(draw(st.integers(1, 12))):
        concluding = draw(st.booleans())
        clause = st.lists(conditions(concluding, names), min_size=1, max_size=2).map(tuple)
        when = draw(st.lists(clause, min_size=1, max_size=2))
        unless = draw(st.lists(clause, max_size=2))
        made = rule(f"rule-{number:02}", when, unless, draw(effects(concluding)))
        period = Period(
            *draw(
                st.sampled_from([(None, None), (date(2023, 1, 1), None), (None, date(2024, 5, 31))])
            )
        )
        strategy = draw(st.sampled_from([None, "asia", "americas"]))
        rules.append(replace(made, strategy=strategy, in_force=period))
    return rules, draw(st.integers(10, 90))


def policy_of(rules: list[Rule], later: int) -> Policy:
    """The shipped policy with these rules in the place of its own."""
    threshold = shipped().parameters["accept_threshold"]
    changed = (*threshold.values, DatedValue(date(2024, 2, 1), later, (), BOTH))
    parameters = {
        **shipped().parameters,
        threshold.id: replace(threshold, values=changed, basis=Basis.SETTING),
    }
    return replace(shipped(), rules=tuple(rules), parameters=parameters)


@settings(max_examples=100)
@given(
    contents(),
    st.lists(requests({"countries": values_of("countries")}) | requests(), min_size=1, max_size=8),
)
def test_the_columns_say_what_the_reference_says_of_any_policy(
    content: tuple[list[Rule], int], inbox: list[Request]
) -> None:
    policy = policy_of(*content)
    agrees(Evaluator(policy).evaluate(frame_of(inbox)), Decider(policy, "reference"), inbox)


def agrees_plainly(frame: pl.DataFrame, policy: Policy, inbox: list[Request]) -> None:
    columns = frame.select("recommendation", "score", "strategy", "rules")
    for found, row in zip(inbox, columns.iter_rows(), strict=True):
        assert row == plainly(policy, found), found


@settings(max_examples=60)
@given(
    contents() | contents([*DERIVED, "topics", "aligned_topics"]),
    st.lists(requests({"countries": values_of("countries")}) | requests(), min_size=1, max_size=8),
)
def test_the_columns_say_what_each_rule_plainly_means(
    content: tuple[list[Rule], int], inbox: list[Request]
) -> None:
    policy, cases = policy_of(*content), frame_of(inbox)
    agrees_plainly(Evaluator(policy).evaluate(cases), policy, inbox)
    agrees_plainly(SHIPPED.evaluate(cases), shipped(), inbox)


@pytest.mark.parametrize("name", DERIVED)
@settings(max_examples=15)
@given(INBOXES)
def test_each_value_of_a_derived_fact_is_told_plainly(name: str, inbox: list[Request]) -> None:
    """A rule on each value, and one that holds unless the fact has it."""
    facts = shipped().facts
    fact, known = facts[name], (condition(facts["engagement_type"], "is known"),)
    values: list[Any] = [True, False] if fact.kind is Kind.BOOLEAN else [*range(-1, 9)]
    if fact.values:
        values = list(shipped().vocabularies[fact.values].terms)
    tests = [condition(fact, "is", value) for value in values]
    rules = [rule(f"is-{place}", [(test,)]) for place, test in enumerate(tests)]
    rules += [rule(f"not-{place}", [known], [(test,)]) for place, test in enumerate(tests)]
    policy = policy_of(sorted(rules, key=lambda one: one.id), 50)
    # Nothing is known of the countries of a request outside all strategies.
    several = [*inbox, request(requester_organization="someone")]
    agrees_plainly(Evaluator(policy).evaluate(frame_of(several)), policy, several)


@settings(max_examples=25)
@given(contents(), contents(), INBOXES)
def test_two_policies_at_once_give_what_each_gives_alone(
    first: tuple[list[Rule], int], second: tuple[list[Rule], int], inbox: list[Request]
) -> None:
    one, other, cases = policy_of(*first), policy_of(*second), frame_of(inbox)
    for policy, found in zip(
        (one, other), JointEvaluator((one, other)).evaluate(cases), strict=True
    ):
        assert found.equals(Evaluator(policy).evaluate(cases))


def test_a_rule_may_ask_which_strategy_it_is_where_there_is_none() -> None:
    facts = shipped().facts
    clause = (
        condition(facts["strategy"], "is", "asia"),
        condition(facts["level"], "is", "minister"),
    )
    policy = policy_of([rule("either", [clause])], 50)
    inbox = [
        request(countries=["FRA"], **known)
        for known in ({}, {"level": "minister"}, {"level": "working"})
    ]
    agrees(Evaluator(policy).evaluate(frame_of(inbox)), Decider(policy), inbox)


def test_the_expressions_mean_the_same_through_narwhals() -> None:
    inbox = Inbox(RequestReader(shipped())).requests(
        str(ROOT / "examples" / "history" / "cases-synthetic.csv")
    )
    cases, day = frame_of(inbox), date(2023, 5, 1)
    program = compiled([take_snapshot(shipped(), day)], True, narwhals)
    frame = narwhals.from_native(prepare(cases, program.needs).to_arrow())
    for stage in program.stages:
        frame = frame.with_columns(**stage)
    expected = SHIPPED.evaluate(cases, day)
    assert cases.height > 300
    for column, name in program.results[0].items():
        assert frame[column].to_list() == expected[name].to_list(), name
    rules = matched(frame.select(*program.rules[0]).to_polars(), program.rules[0])
    assert rules.to_list() == expected["rules"].to_list()


# -- frames


@settings(max_examples=40)
@given(INBOXES)
def test_a_case_set_holds_its_requests(inbox: list[Request]) -> None:
    assert list(requests_of(frame_of(inbox))) == inbox


def test_without_rules_the_other_columns_are_the_same() -> None:
    cases = frame_of(
        request(id=f"T-{n}", countries=[place], topics=["removals"])
        for n, place in enumerate(PLACES)
    )
    found = SHIPPED.evaluate(cases)
    assert SHIPPED.evaluate(cases, rules=False).equals(found.drop("rules"))
    assert len({tuple(one) for one in found["rules"].to_list()}) > 3


PLACES = ["JPN", "MEX", "FRA", "CHN", "HTI"]


def test_values_that_no_condition_names_are_other_values_not_unknown_ones() -> None:
    inbox = [
        request(countries=["ZWE"], gc_priority="something else", requester_type="unheard of"),
        request(countries=["JPN"], gc_priority="something else", topics=["unheard of", "removals"]),
        request(countries=[], topics=[], populations=[]),
    ]
    agrees(SHIPPED.evaluate(frame_of(inbox)), decider("reference"), inbox)


def test_enums_categories_and_repeated_members_are_read_as_text_is() -> None:
    inbox = [
        request(countries=["JPN", "MEX"], topics=["removals", "culture"], level="minister"),
        request(forum="hldm"),
    ]
    cases = frame_of(inbox)
    other = cases.with_columns(
        pl.col("level", "engagement_type").cast(pl.Categorical),
        pl.col("forum").cast(pl.Enum(["other", "hldm"])),
        pl.col("topics").list.concat(pl.col("topics")).cast(pl.List(pl.Categorical)),
        pl.col("countries").list.concat(pl.col("countries")),
    )
    assert SHIPPED.evaluate(other).equals(SHIPPED.evaluate(cases))


def test_no_cases_give_no_rows_with_the_same_columns() -> None:
    none, some = (
        SHIPPED.evaluate(frame_of([])),
        SHIPPED.evaluate(frame_of([request(countries=["JPN"])])),
    )
    assert none.schema == some.schema
    assert not none.height


def test_an_amount_with_more_than_six_decimals_is_refused_not_rounded() -> None:
    found = request(officer_days=Decimal("1.2345678"))
    with pytest.raises(EvaluationError, match="decimals"):
        frame_of([found])


def test_the_largest_amounts_are_compared_exactly() -> None:
    costs = shipped().facts["cost_cad"]
    most = Decimal("999999999999.999999")
    policy = policy_of([rule("most", [(condition(costs, "above", most),)])], 50)
    inbox = [
        request(countries=["FRA"], cost_cad=cost) for cost in (most, Decimal(10**12), Decimal(0))
    ]
    found = Evaluator(policy).evaluate(frame_of(inbox))
    assert found["rules"].to_list() == [[], [0], []]
    agrees(found, Decider(policy, "reference"), inbox)


def test_an_evaluator_can_be_sent_to_another_process() -> None:
    cases = frame_of([request(countries=["JPN"], topics=["removals"])])
    assert pickle.loads(pickle.dumps(SHIPPED)).evaluate(cases).equals(SHIPPED.evaluate(cases))


def test_every_kind_of_fact_is_among_those_that_random_rules_read() -> None:
    kinds = {shipped().facts[name].kind for name in READ}
    assert kinds == {fact.kind for fact in REQUEST_FACTS.values()}
