"""The edits behind each changed case, on random small policies: each claim is tried."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from support import BOTH, HERE, REQUEST_FACTS, condition, request, rule, small_policy
from triage.backtest.attribution import attribute
from triage.deciding.decide import Decider
from triage.model.periods import ALWAYS
from triage.model.policy import (
    Basis,
    DatedValue,
    Effects,
    Parameter,
    Policy,
    Recommendation,
    Reference,
    Region,
    Rule,
    Strategy,
)
from triage.policy_diff.edits import edits_between, with_edits

TOPICS = ["a", "b", "c", "d"]
FIRST, LATER = (request().received.replace(year=year) for year in (2022, 2024))


def integer(id: str, *values: int) -> Parameter:
    days = (FIRST.replace(month=1, day=1), LATER.replace(month=1, day=1))
    dated = tuple(
        DatedValue(day, value, (), BOTH) for day, value in zip(days, values, strict=False)
    )
    return Parameter(id, BOTH, "integer", Basis.SETTING, dated, HERE)


def listed(id: str, *values: str) -> Parameter:
    return Parameter(
        id,
        BOTH,
        "countries",
        Basis.SETTING,
        (DatedValue(FIRST, frozenset(values), (), BOTH),),
        HERE,
    )


@st.composite
def rules_of(draw: st.DrawFn, id: str) -> Rule:
    when = [(condition(REQUEST_FACTS["topics"], "include", draw(st.sampled_from(TOPICS))),)]
    unless = [(condition(REQUEST_FACTS["topics"], "include", draw(st.sampled_from(TOPICS))),)]
    bound = draw(st.sampled_from([None, None, *Recommendation]))
    points: int | Reference = draw(
        st.one_of(st.sampled_from([5, 20, 40, 60]), st.just(Reference("points")))
    )
    ceiling = bound if bound is not Recommendation.ACCEPT else None
    then = Effects(score=(("alignment", points),), ceiling=ceiling)
    return rule(id, when, unless if draw(st.booleans()) else (), then)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    ids = draw(st.sets(st.sampled_from(["r1", "r2", "r3", "r4"]), min_size=1))
    made = small_policy([draw(rules_of(id)) for id in sorted(ids)], [], {"topics": (False, TOPICS)})
    # A strategy that covers every request here, so that thresholds count.
    region = Region("places", "none", "none")
    strategy = Strategy("s", BOTH, BOTH, ALWAYS, (), region, HERE)
    parameters = {"places": listed("places", "JPN"), "none": listed("none")}
    parameters["accept_threshold"] = integer(
        "accept_threshold", *draw(st.tuples(*[st.integers(30, 90)] * 2))
    )
    parameters["defer_threshold"] = integer("defer_threshold", draw(st.integers(5, 30)))
    parameters["points"] = integer("points", *draw(st.tuples(*[st.integers(1, 50)] * 2)))
    return replace(made, strategies={"s": strategy}, parameters=parameters)


CASES = {
    found.id: found
    for day in (FIRST, LATER)
    for count in range(len(TOPICS) + 1)
    for topics in itertools.combinations(TOPICS, count)
    for found in [
        request(id=f"{day}{topics}", received=day, countries=["JPN"], topics=list(topics))
    ]
}


def evaluate(policy: Policy, cases: Sequence[str]) -> list[str]:
    decider = Decider(policy, "reference")
    return [decider.decide(CASES[case]).recommendation.value for case in cases]


@settings(max_examples=40)
@given(policies(), policies())
def test_all_edits_decide_as_the_candidate_and_none_as_the_baseline(
    baseline: Policy, candidate: Policy
) -> None:
    edits, cases = edits_between(baseline, candidate), list(CASES)
    assert evaluate(with_edits(baseline, candidate, edits), cases) == evaluate(candidate, cases)
    assert evaluate(with_edits(baseline, candidate, ()), cases) == evaluate(baseline, cases)


@settings(max_examples=40)
@given(policies(), policies())
def test_what_is_said_of_each_cause_is_true_when_it_is_tried(
    baseline: Policy, candidate: Policy
) -> None:
    edits = {edit.id: edit for edit in edits_between(baseline, candidate)}
    pairs = zip(
        CASES, evaluate(baseline, list(CASES)), evaluate(candidate, list(CASES)), strict=True
    )
    flipped = {case: (old, new) for case, old, new in pairs if old != new}
    found = attribute(edits.values(), flipped, evaluate, baseline, candidate)
    assert list(found) == list(flipped)
    tried: dict[frozenset[str], dict[str, str]] = {}

    def reaches(ids: Iterable[str], case: str) -> bool:
        chosen = frozenset(ids)
        if chosen not in tried:
            policy = with_edits(baseline, candidate, [edits[id] for id in chosen])
            tried[chosen] = dict(zip(flipped, evaluate(policy, list(flipped)), strict=True))
        return tried[chosen][case] == flipped[case][1]

    for case, cause in found.items():
        by_itself = {id for id in edits if reaches([id], case)}
        if cause.how == "jointly":
            assert not by_itself
            assert len(cause.edits) > 1
            assert reaches(cause.edits, case)
            for id in cause.edits:
                assert not reaches(set(cause.edits) - {id}, case)
        else:
            assert set(cause.edits) == by_itself
            assert (len(by_itself) == 1) is (cause.how == "alone")
        for id in edits:
            assert (id in cause.needed) is not reaches(edits.keys() - {id}, case)


def test_two_edits_that_are_each_enough_and_two_that_only_act_together_are_told_apart() -> None:
    when = [(condition(REQUEST_FACTS["topics"], "include", "a"),)]

    def policy(accept: int, points: int) -> Policy:
        made = small_policy(
            [rule("r1", when, (), Effects(score=(("alignment", Reference("points")),)))], [], {}
        )
        region = Region("places", "none", "none")
        return replace(
            made,
            strategies={"s": Strategy("s", BOTH, BOTH, ALWAYS, (), region, HERE)},
            parameters={
                "places": listed("places", "JPN"),
                "none": listed("none"),
                "accept_threshold": integer("accept_threshold", accept),
                "defer_threshold": integer("defer_threshold", 10),
                "points": integer("points", points),
            },
        )

    def cause(
        before: tuple[int, int], after: tuple[int, int]
    ) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        baseline, candidate = policy(*before), policy(*after)
        case = f"{FIRST}('a',)"
        flipped = {case: ("defer", "accept")}
        found = attribute(
            edits_between(baseline, candidate), flipped, evaluate, baseline, candidate
        )[case]
        return found.how, found.edits, found.needed

    threshold, points = (
        f"parameter:{name}@{FIRST.replace(month=1, day=1)}"
        for name in ("accept_threshold", "points")
    )
    assert cause((60, 50), (40, 50)) == ("alone", (threshold,), (threshold,))
    assert cause((60, 50), (40, 51)) == ("alone", (threshold,), (threshold,))
    assert cause((60, 50), (55, 56)) == ("jointly", (threshold, points), (threshold, points))
    assert cause((60, 50), (50, 60)) == ("either", (threshold, points), ())


def test_an_edit_that_only_undid_what_another_held_back_is_left_out_with_it() -> None:
    names = [f"p{number}" for number in range(1, 7)]

    def policy(value: int) -> Policy:
        made = small_policy([], [], {"topics": (False, TOPICS)})
        return replace(made, parameters={name: integer(name, value) for name in names})

    def changes(policy: Policy, cases: Sequence[str]) -> list[bool]:
        """Takes p2, p3 and either p5 or p6; p4 holds it back, and p1 undoes that."""
        on = {name for name in names if policy.parameters[name].value_on(FIRST) == 2}
        return [
            {"p2", "p3"} <= on and bool(on & {"p5", "p6"}) and ("p4" not in on or "p1" in on)
        ] * len(cases)

    edits = [replace(one, affects_results=True) for one in edits_between(policy(1), policy(2))]
    found = attribute(edits, {"case": (False, True)}, changes, policy(1), policy(2))["case"]
    assert (found.how, [edit.partition("@")[0] for edit in found.edits]) == (
        "jointly",
        ["parameter:p2", "parameter:p3", "parameter:p6"],
    )
