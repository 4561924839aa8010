"""Changes raise a recommendation, none is more than it need be, and none is missing."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import (
    BOTH,
    DERIVED_FACTS,
    HERE,
    REQUEST_FACTS,
    condition,
    decider,
    request,
    requests,
    rule,
    shipped,
    small_policy,
)
from triage.advice.options import changed, relevant_rules
from triage.advice.search import find_changes
from triage.deciding.decide import Decider
from triage.model.facts import Fact, Kind, Origin, Request
from triage.model.periods import ALWAYS
from triage.model.policy import (
    Basis,
    Change,
    Clause,
    DatedValue,
    Effects,
    FactText,
    Parameter,
    Policy,
    Recommendation,
    Region,
    Rule,
    Strategy,
)
from triage.model.program import REQUIRED_PARAMETERS
from triage.model.workdays import working_days

RANK = {one: one.rank for one in Recommendation}

# -- the shipped policy


def outcome(found: Request) -> tuple[str, int]:
    decision = decider().decide(found)
    return str(decision.recommendation), decision.score


@settings(max_examples=25)
@given(requests())
def test_each_change_does_what_it_says_and_no_part_of_it_would_do(found: Request) -> None:
    before = decider().decide(found)
    changes = find_changes(decider(), found)
    for one in changes.sets[:60]:
        after = decider().decide(one.request)
        assert (after.recommendation, after.score, after.strategy) == (
            one.to,
            one.score,
            one.strategy,
        )
        assert one.to.rank > before.recommendation.rank
        rules = [
            {rule["id"] for rule in decision.strategies[one.strategy].rules}
            for decision in (before, after)
        ]
        assert (set(one.rules_on), set(one.rules_off)) == (rules[1] - rules[0], rules[0] - rules[1])
        for size in range(len(one.moves)):
            for some in combinations(one.moves, size):
                less = changed(found, some)
                assert less is None or decider().decide(less).recommendation.rank < one.to.rank


@settings(max_examples=25)
@given(requests())
def test_who_asks_and_since_when_never_changes(found: Request) -> None:
    given = (
        "countries",
        "received",
        "mission",
        "requester_organization",
        "requester_type",
        "engagement_type",
        "level",
    )
    for one in find_changes(decider(), found).sets:
        assert all(one.request.facts.get(name) == found.facts.get(name) for name in given)


@settings(max_examples=10)
@given(requests())
def test_the_same_request_gets_the_same_changes(found: Request) -> None:
    first, second = (find_changes(decider(one), found) for one in (None, "reference"))
    assert [one.request for one in first.sets] == [one.request for one in second.sets]


def test_the_order_of_the_files_never_matters() -> None:
    policy = shipped()
    facts = dict(reversed(list(policy.fact_texts.items())))
    others = {
        id: one if one.ordered else replace(one, terms=dict(reversed(list(one.terms.items()))))
        for id, one in policy.vocabularies.items()
    }
    other = Decider(replace(policy, fact_texts=facts, vocabularies=others))
    half = request(**STUDY_TOUR, topics=["resettlement", "culture"])
    for found in (half, request(countries=["KAZ"], topics=["removals"])):
        sets = [find_changes(one, found).sets for one in (decider(), other)]
        assert [one.request for one in sets[0]] == [one.request for one in sets[1]]


FIRM = {"modality": "in_person", "flexible_dates": False}
STUDY_TOUR = {"engagement_type": "study_tour", "countries": ["JPN"], "expressed_interest": True}


def test_a_visit_that_is_half_aligned_needs_one_topic_less_or_one_more() -> None:
    found = find_changes(decider(), request(**STUDY_TOUR, topics=["resettlement", "culture"]))
    accepted = [one for one in found.sets if one.to == "accept"]
    assert {len(one.moves) for one in accepted} == {1}
    results = {frozenset(one.request.topics or ()) for one in accepted}
    assert frozenset(("resettlement",)) in results
    assert frozenset(("resettlement", "culture", "removals")) in results
    assert not any("tourism" in topics for topics in results)
    less = next(one for one in accepted if one.request.topics == frozenset(("resettlement",)))
    assert "asia-visit-not-largely-aligned" in less.rules_off
    assert "asia-fully-aligned" in less.rules_on


def test_later_dates_keep_the_length_of_a_visit_and_begin_on_a_working_day() -> None:
    days = {"start": date(2022, 7, 15), "end": date(2022, 7, 19)}
    given = request(**STUDY_TOUR, topics=["resettlement"], **days, **FIRM)
    (later,) = (one for one in find_changes(decider(), given).sets if one.moves[0].fact == "start")
    assert (later.request.start, later.request.end) == (date(2022, 8, 15), date(2022, 8, 17))
    assert later.rules_off == ("notice-short",)


def test_nothing_raises_an_accepted_request_or_one_that_no_strategy_covers() -> None:
    for one in (
        request(**STUDY_TOUR, topics=["resettlement"]),
        request(countries=["FRA"], topics=["culture"]),
    ):
        assert find_changes(decider(), one).sets == ()


def test_a_request_with_very_many_topics_has_the_larger_changes_left_out_and_that_told() -> None:
    few = find_changes(decider(), request(**STUDY_TOUR, topics=["culture", "tourism"]))
    assert few.members is None
    topics = sorted(shipped().vocabularies["topics"].terms)
    many = find_changes(decider(), request(**STUDY_TOUR, topics=topics))
    assert many.members == 1
    assert many.runs < 4_000


def test_at_the_end_of_the_calendar_there_are_no_later_dates() -> None:
    end = date(9999, 12, 20)
    found = request(**STUDY_TOUR, topics=["resettlement"], received=end, start=end, end=end, **FIRM)
    changes = find_changes(decider(), found)
    assert changes.sets
    assert "start" not in {move.fact for one in changes.sets for move in one.moves}


def test_a_change_never_takes_a_request_to_another_strategy() -> None:
    found = find_changes(decider(), request(countries=["CHL"], topics=["asylum_systems"]))
    assert found.sets
    forums = {one.request.forum for one in found.sets} - {None}
    assert forums <= {"grsi", "grsi_states_network", "oas_cam"}


def test_the_fewest_changes_come_first() -> None:
    found = find_changes(
        decider(),
        request(countries=["KAZ"], topics=["regular_pathways"], engagement_type="meeting"),
    )
    order = {name: place for place, name in enumerate(REQUEST_FACTS)}
    keys = [
        (
            -one.to.rank,
            sum(move.count for move in one.moves),
            [order[move.fact] for move in one.moves],
        )
        for one in found.sets
    ]
    assert keys == sorted(keys)
    assert len({key[1] for key in keys}) > 1


def test_of_as_many_changes_the_easiest_come_first() -> None:
    asked = request(countries=["KAZ"], topics=["regular_pathways"], engagement_type="meeting")
    names = {move.fact for one in find_changes(decider(), asked).sets for move in one.moves}
    easy, hard = max(names), min(names)
    efforts = {easy: "low", hard: "high"}

    def with_effort(name: str, text: FactText) -> FactText:
        effort = efforts.get(name, "medium")
        return replace(
            text, changes=tuple(replace(change, effort=effort) for change in text.changes)
        )

    texts = {name: with_effort(name, text) for name, text in shipped().fact_texts.items()}
    found = find_changes(Decider(replace(shipped(), fact_texts=texts)), asked).sets
    weight = {easy: -1, hard: 1}
    keys = [
        (
            -one.to.rank,
            sum(move.count for move in one.moves),
            sum(weight.get(move.fact, 0) * move.count for move in one.moves),
        )
        for one in found
    ]
    assert keys == sorted(keys)
    by_count: dict[int, set[int]] = {}
    for _, count, effort in keys:
        by_count.setdefault(count, set()).add(effort)
    assert any(len(efforts) > 1 for efforts in by_count.values())
    before = [[move.fact for move in one.moves] for one in find_changes(decider(), asked).sets]
    assert [[move.fact for move in one.moves] for one in found] != before


def test_a_search_that_is_cut_short_says_so_and_finds_what_is_small() -> None:
    given = request(countries=["KAZ"], topics=["regular_pathways"], engagement_type="meeting")
    whole, cut = find_changes(decider(), given), find_changes(decider(), given, most_runs=100)
    assert whole.largest is None
    assert cut.largest is not None
    assert cut.largest < max(len(one.moves) for one in whole.sets)
    small = [one.request for one in whole.sets if len(one.moves) <= cut.largest]
    assert [one.request for one in cut.sets] == small


def test_the_search_can_be_stopped() -> None:
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) > 20:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        find_changes(
            decider(), request(countries=["KAZ"], topics=["regular_pathways"]), check=check
        )


# -- small policies, tried in every way

TOPICS = ["a", "b", "c"]
RECOVERIES = ["none", "partial", "full"]
RECEIVED = date(2024, 5, 1)
ALIGNED = Fact("aligned_topics", Kind.SET, "topics", Origin.CONCLUDED)
PRIORITIES = Fact("priorities", Kind.SET, "priorities", Origin.CONCLUDED)
RAISED = Fact("raised", Kind.BOOLEAN, None, Origin.CONCLUDED)
FACTS = {
    **REQUEST_FACTS,
    **DERIVED_FACTS,
    **{one.name: one for one in (ALIGNED, PRIORITIES, RAISED)},
}
CHANGES = {
    "topics": (Change("add", BOTH, at_most=1), Change("remove", BOTH, at_most=2)),
    "outcome_stated": (Change("to", BOTH, (True,)),),
    "modality": (Change("to", BOTH, ("virtual", "hybrid")),),
    "cost_recovery": (Change("to", BOTH, ("partial", "full")),),
    "participants": (Change("fewer", BOTH),),
    "start": (Change("later", BOTH),),
    "end": (Change("earlier", BOTH),),
}
MOST_PARTICIPANTS, LAST = 4, 5
LIMITS = {
    "accept_threshold": 60,
    "defer_threshold": 25,
    "small_event_at_most": 1,
    "medium_event_at_most": 3,
}


def policy(rules: Iterable[Rule], changeable: Iterable[str]) -> Policy:
    """A policy with one strategy."""
    vocabularies = {
        "topics": (False, TOPICS),
        "priorities": (False, ["p", "q"]),
        "modalities": (False, ["in_person", "virtual", "hybrid"]),
        "cost_recoveries": (True, RECOVERIES),
        "alignments": (True, ["none", "partial", "large", "full"]),
        "event_sizes": (True, ["small", "medium", "large"]),
        "engagement_types": (False, ["meeting"]),
        "strategies": (False, ["one"]),
    }
    made = small_policy(
        (replace(one, strategy="one") for one in rules), (ALIGNED, PRIORITIES, RAISED), vocabularies
    )
    values: dict[str, Any] = {
        **LIMITS,
        "largely_aligned_share": None,
        "region": frozenset(("JPN",)),
        "nowhere": None,
    }
    parameters = {
        id: Parameter(id, BOTH, REQUIRED_PARAMETERS.get(id, "countries"), Basis.SETTING,
                      (DatedValue(date(2020, 1, 1), value, (), BOTH),), HERE)
        for id, value in values.items()
    }  # fmt: skip
    return replace(
        made,
        strategies={
            "one": Strategy(
                "one", BOTH, BOTH, ALWAYS, (), Region("region", "nowhere", "nowhere"), HERE
            )
        },
        parameters=parameters,
        fact_texts={
            name: FactText(BOTH, changes=found)
            for name, found in CHANGES.items()
            if name in changeable
        },
    )


def _some(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=2)


def conditions(presence: bool) -> st.SearchStrategy[Any]:
    """One condition, on a fact that may change or on what is worked out or concluded from one."""

    def on(
        name: str, operators: list[str], values: st.SearchStrategy[Any]
    ) -> st.SearchStrategy[Any]:
        return st.builds(lambda operator, value: condition(FACTS[name], operator, value),
                         st.sampled_from(operators), values)  # fmt: skip

    nothing = st.none()
    levels = st.sampled_from(["partial", "large", "full"])
    sums = ["at least", "at most", "is", "above", "below"]
    found = [
        on("topics", ["include any of", "include all of", "include none of"], _some(TOPICS)),
        on("priorities", ["include"], st.sampled_from(["p", "q"])),
        on("priorities", ["is empty", "is not empty"], nothing),
        on("alignment", ["is", "is at least", "is below"], levels),
        on("raised", ["is"], st.booleans()),
        on("outcome_stated", ["is"], st.booleans()),
        on("modality", ["is", "is not"], st.sampled_from(["in_person", "virtual"])),
        on("cost_recovery", ["is at least", "is below"], st.sampled_from(["partial", "full"])),
        on("participants", sums, st.integers(0, MOST_PARTICIPANTS)),
        on("event_size", ["is", "is at least"], st.sampled_from(["medium", "large"])),
        on("notice_days", sums, st.integers(1, LAST)),
        on("duration_days", sums, st.integers(1, 4)),
    ]
    if presence:
        facts = ["topics", "outcome_stated", "modality", "participants", "start"]
        named = st.sampled_from([FACTS[name] for name in facts])
        found.append(st.builds(condition, named, st.sampled_from(["is known", "is unknown"])))
    return st.one_of(found)


@st.composite
def small_policies(draw: st.DrawFn) -> Policy:
    """Random rules; tables name topics, as in a real policy, and conditions of other rules do."""
    rules = []
    for topic in sorted(draw(st.frozensets(st.sampled_from(TOPICS), max_size=3))):
        aligned = ("aligned_topics", frozenset((topic,)))
        priority = ("priorities", frozenset((draw(st.sampled_from(["p", "q"])),)))
        then = Effects(conclude=(aligned, priority))
        rules.append(
            rule(f"topic-{topic}", [(condition(FACTS["topics"], "include", topic),)], then=then)
        )
    effects = [
        *(Effects(score=(("alignment", points),)) for points in (10, 20, 30, 40, 60)),
        *(Effects(ceiling=one) for one in (Recommendation.DEFER, Recommendation.DECLINE)),
        Effects(floor=Recommendation.DEFER),
    ]
    conclusions = [
        Effects(conclude=(("raised", True),)),
        *(Effects(conclude=(("priorities", frozenset((one,))),)) for one in ("p", "q")),
    ]
    flags = {"raised", "priorities", "alignment"}
    for number in range(draw(st.integers(2, 7))):
        concludes = draw(st.integers(0, 2)) == 0
        clauses: list[Clause] = draw(
            st.lists(
                st.lists(conditions(not concludes), min_size=1, max_size=2).map(tuple),
                min_size=1,
                max_size=2,
            )
        )
        unless = draw(st.lists(conditions(not concludes).map(lambda one: (one,)), max_size=1))
        if concludes and any(
            one.fact.name in flags for clause in [*clauses, *unless] for one in clause
        ):
            continue
        then = draw(st.sampled_from(conclusions if concludes else effects))
        rules.append(rule(f"rule-{number}", clauses, unless, then))
    changeable = draw(st.sets(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3))
    return policy(rules, changeable)


@st.composite
def small_requests(draw: st.DrawFn, changeable: Collection[str]) -> Request:
    """Random requests; numbers and dates that may change are known: some value is the nearest."""
    start = RECEIVED + timedelta(days=draw(st.integers(0, 9)))
    facts: dict[str, Any] = {
        "participants": draw(st.none() | st.integers(0, MOST_PARTICIPANTS)),
        "start": draw(st.sampled_from([start, None])),
    }
    if facts["start"] or "end" in changeable:
        facts["end"] = draw(
            st.sampled_from([start + timedelta(days=draw(st.integers(0, 6))), None])
        )
    nearest = {"participants": MOST_PARTICIPANTS, "start": start, "end": start + timedelta(days=3)}
    facts |= {
        name: value
        for name, value in nearest.items()
        if name in changeable and facts.get(name) is None
    }
    if "end" in changeable:
        facts["start"] = facts["start"] or start
    facts |= {
        "topics": draw(st.none() | st.frozensets(st.sampled_from(TOPICS), min_size=1)),
        "outcome_stated": draw(st.none() | st.booleans()),
        "modality": draw(st.none() | st.sampled_from(["in_person", "virtual", "hybrid"])),
        "cost_recovery": draw(st.none() | st.sampled_from(RECOVERIES)),
    }
    return request(received=RECEIVED, countries=["JPN"], **facts)


Tried = tuple[tuple[Any, ...], dict[str, Any]]
"""How far a change goes, and the facts that it sets."""


def days_after(day: date) -> Iterator[date]:
    """The working days after a day, for some weeks."""
    return (
        one
        for one in (day + timedelta(days=number) for number in range(1, 13))
        if one.weekday() < 5
    )


def last_day(start: date, days: int) -> date:
    return next(
        end
        for end in (start + timedelta(days=number) for number in range(30))
        if end.weekday() < 5 and working_days(start, end) + 1 == days
    )


def every_change(name: str, found: Request, named: set[str]) -> Iterator[Tried]:
    """Every change of one fact that the small policies allow, even where no rule could see it."""
    current = found.facts.get(name)
    match name:
        case "topics":
            have: frozenset[str] = current or frozenset()
            for gone in (
                set(some) for size in range(3) for some in combinations(sorted(have), size)
            ):
                for new in [set(), *({one} for one in named - have)]:
                    if (gone or new) and (left := (have - gone) | new):
                        yield ("topics", frozenset(new), frozenset(gone)), {name: left}
        case "outcome_stated" if current is not True:
            yield (name, True), {name: True}
        case "modality":
            for one in ("virtual", "hybrid"):
                if one != current:
                    yield (name, one), {name: one}
        case "cost_recovery":
            place = -1 if current is None else RECOVERIES.index(current)
            for number, one in enumerate(RECOVERIES):
                if one != "none" and number != place:
                    yield (name, number > place, abs(number - place)), {name: one}
        case _:
            yield from along_the_line(name, found, current)


def along_the_line(name: str, found: Request, current: Any) -> Iterator[Tried]:
    match name:
        case "participants":
            for one in range(current):
                yield (name, True, current - one), {name: one}
        case "start":
            for number, day in enumerate(days_after(current)):
                facts: dict[str, Any] = {name: day}
                if found.end is not None:
                    days = working_days(current, found.end) + (found.end.weekday() < 5)
                    facts["end"] = last_day(day, days) if days else day + (found.end - current)
                yield (name, True, number), facts
        case "end":
            assert found.start is not None
            longest = working_days(found.start, current) + (current.weekday() < 5)
            for days in range(longest, 0, -1):
                if last_day(found.start, days) < current:
                    yield (name, True, longest - days), {"days": days}


def within(first: Tried | None, second: Tried | None) -> bool:
    """Whether a change goes no farther than another of the same fact."""
    if first is None or first == second:
        return True
    if second is None:
        return False
    match first[0], second[0]:
        case ("topics", new, gone), ("topics", more_new, more_gone):
            return bool(new <= more_new and gone <= more_gone)
        case (_, up, far), (_, other_up, farther):
            return up == other_up and bool(far <= farther)
    return False


Known = frozenset[tuple[str, Any]]


def known(found: Request) -> Known:
    return frozenset(found.known(shipped().readable).items())


def exhaustive(policy: Policy, found: Request) -> set[tuple[int, Known]]:
    """Every smallest set of changes, found by trying all: the rank, and the request it makes."""
    decides = Decider(policy, "reference")
    base = decides.decide(found).recommendation.rank
    (plan,) = (one.plan for one in decides.matches(found))
    named = {
        value
        for one in relevant_rules(plan)
        for clause in one.when + one.unless
        for test in clause
        if test.fact == "topics" and test.value is not None
        for value in (test.value if isinstance(test.value, frozenset) else (test.value,))
    }
    each = [[None, *every_change(name, found, named)] for name in policy.fact_texts]
    better: list[tuple[int, tuple[Tried | None, ...], Request]] = []
    for some in product(*each):
        facts: dict[str, Any] = {}
        for one in some:
            facts |= one[1] if one else {}
        days = facts.pop("days", None)
        start = facts.get("start", found.start)
        if days is not None and start is not None:
            facts["end"] = last_day(start, days)
        after = found.having(facts)
        if start is not None and after.end is not None and after.end < start:
            continue
        rank = decides.decide(after).recommendation.rank
        if rank > base:
            better.append((rank, some, after))
    return {
        (rank, known(after))
        for rank, some, after in better
        if not any(
            other_rank >= rank and other != some and all(map(within, other, some))
            for other_rank, other, _ in better
        )
    }


@settings(max_examples=40)
@given(small_policies(), st.data())
def test_on_small_policies_exactly_the_smallest_sets_are_found(
    policy: Policy, data: st.DataObject
) -> None:
    found = data.draw(small_requests(policy.fact_texts))
    changes = find_changes(Decider(policy), found)
    assert changes.largest is None
    sets = [(one.to.rank, known(one.request)) for one in changes.sets]
    assert set(sets) == exhaustive(policy, found)
    assert len(sets) == len(set(sets))


def test_values_are_told_apart_by_what_only_other_facts_conclude_too() -> None:
    """Both topics align alike; one concludes what a rule on another fact may conclude as well."""
    topics = [
        rule(
            f"topic-{topic}",
            [(condition(FACTS["topics"], "include", topic),)],
            then=Effects(
                conclude=(
                    ("aligned_topics", frozenset((topic,))),
                    ("priorities", frozenset((priority,))),
                )
            ),
        )
        for topic, priority in (("a", "p"), ("b", "q"))
    ]
    by_modality = rule(
        "by-modality",
        [(condition(FACTS["modality"], "is", "virtual"),)],
        then=Effects(conclude=(("priorities", frozenset(("p",))),)),
    )
    gives = rule(
        "gives",
        [(condition(FACTS["priorities"], "include", "q"),)],
        then=Effects(score=(("alignment", 60),)),
    )
    made = policy([*topics, by_modality, gives], ["topics", "modality"])
    found = request(countries=["JPN"], topics=["c"], modality="in_person")
    changes = find_changes(Decider(made), found)
    assert {(one.to.rank, known(one.request)) for one in changes.sets} == exhaustive(made, found)
    assert [one.request.topics for one in changes.sets] == [frozenset(("b", "c"))]
