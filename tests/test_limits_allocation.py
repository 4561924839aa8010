"""What allocating must never do, on random limits and inboxes; the best choice is the best."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limited import engagement, exceeded, inboxes, limit, limited, policies, suspended, touched
from triage.limits.allocate import Order, allocate
from triage.limits.demands import Engagement
from triage.limits.outcome import Allocation
from triage.model.policy import Policy

ORDERS = st.sampled_from(["rank", "best"])
some = settings(max_examples=40)


def taken(found: Allocation, requests: list[Engagement]) -> list[Engagement]:
    return [one for one in requests if one.id not in found.deferred]


def moved(engagement: Engagement, day: date) -> Engagement:
    return engagement._replace(facts={**engagement.facts, "start": day})


# -- properties


@some
@given(policies(), inboxes(), inboxes(4), ORDERS)
def test_no_allocation_exceeds_a_limit(
    policy: Policy, requests: list[Engagement], before: list[Engagement], order: Order
) -> None:
    committed = [one._replace(id=f"c{one.id}") for one in before]
    found = allocate(policy, requests, committed, order)
    inside = taken(found, requests)
    fixed = [*committed, *(one for one in inside if one.mandatory)]
    assert all(one.mandatory is False for one in requests if one.id in found.deferred)
    already = exceeded(policy, fixed)
    assert exceeded(policy, [*committed, *inside]) == already
    # Where what is always in exceeds a limit, nothing else is let in.
    for one in inside:
        assert one.mandatory or not already & touched(policy, one).keys()
    assert not [one for one in inside if suspended(policy, one)]


@some
@given(policies(), inboxes(7))
def test_the_best_choice_is_the_best_of_all_and_never_worse_than_rank_order(
    policy: Policy, requests: list[Engagement]
) -> None:
    best, rank = allocate(policy, requests, order="best"), allocate(policy, requests)
    total, by_rank = (sum(one.score for one in taken(found, requests)) for found in (best, rank))
    fixed = [one for one in requests if one.mandatory]
    already = exceeded(policy, fixed)
    free = [one for one in requests if not one.mandatory and not suspended(policy, one)]
    free = [one for one in free if not already & touched(policy, one).keys()]
    possible = (
        sum(one.score for one in (*chosen, *fixed))
        for size in range(len(free) + 1)
        for chosen in itertools.combinations(free, size)
        if exceeded(policy, [*fixed, *chosen]) == already
    )
    assert total == max(possible)
    assert total >= by_rank
    assert best.choice is not None
    assert best.choice.proved
    assert (best.choice.score, best.choice.rank_score) == (total, by_rank)


@some
@given(policies(), inboxes(7))
def test_the_best_choice_leaves_no_room_that_anybody_could_use(
    policy: Policy, requests: list[Engagement]
) -> None:
    found = allocate(policy, requests, order="best")
    inside = taken(found, requests)
    already = exceeded(policy, inside)
    for one in requests:
        if one.id in found.deferred and not suspended(policy, one):
            assert (
                exceeded(policy, [*inside, one]) > already or already & touched(policy, one).keys()
            )


@some
@given(policies(), inboxes(7))
def test_of_equal_scores_the_best_choice_takes_the_higher_ranked_where_either_would_do(
    policy: Policy, requests: list[Engagement]
) -> None:
    found = allocate(policy, requests, order="best")
    inside = taken(found, requests)
    already = exceeded(policy, inside)
    for one in requests:
        if one.id not in found.deferred or suspended(policy, one):
            continue
        for other in inside:
            if other.mandatory or other.score != one.score or other.rank < one.rank:
                continue
            rest = [each for each in inside if each is not other]
            assert exceeded(policy, [*rest, one]) - already or already & touched(policy, one).keys()


def in_rank_order(
    policy: Policy, requests: list[Engagement], committed: list[Engagement]
) -> tuple[list[Engagement], list[Engagement]]:
    """The plain meaning: who fits is taken, who does not fit waits, the next that fits is taken."""
    inside = [*committed, *(one for one in requests if one.mandatory)]
    waiting = []
    for one in sorted(requests, key=lambda one: one.rank):
        if not one.mandatory:
            if fits(policy, inside, one):
                inside.append(one)
            else:
                waiting.append(one)
    return inside, waiting


def fits(policy: Policy, inside: list[Engagement], one: Engagement) -> bool:
    full = exceeded(policy, [*inside, one]) & touched(policy, one).keys()
    return not full and not suspended(policy, one)


@some
@given(policies(), inboxes(), inboxes(4))
def test_in_rank_order_who_does_not_fit_waits_and_the_next_that_fits_is_taken(
    policy: Policy, requests: list[Engagement], before: list[Engagement]
) -> None:
    committed = [one._replace(id=f"c{one.id}") for one in before]
    _, waiting = in_rank_order(policy, requests, committed)
    assert list(allocate(policy, requests, committed).deferred) == [one.id for one in waiting]


@some
@given(policies(), inboxes(6, least_score=1), inboxes(3))
def test_who_waits_is_told_the_first_later_day_beside_all_accepted_and_all_above_that_wait(
    policy: Policy, requests: list[Engagement], before: list[Engagement]
) -> None:
    committed = [one._replace(id=f"c{one.id}") for one in before]
    inside, waiting = in_rank_order(policy, requests, committed)
    found = allocate(policy, requests, committed).deferred
    for one in waiting:
        day, later = found[one.id].day, found[one.id].later
        last = later or day + timedelta(days=400)
        tried = {last - timedelta(days=1), *(day + timedelta(days=13 * n) for n in range(1, 30))}
        for earlier in tried:
            assert not day < earlier < last or not fits(policy, inside, moved(one, earlier))
        if later is not None:
            assert fits(policy, inside, moved(one, later))
            inside.append(moved(one, later))


@some
@given(policies(), inboxes(), st.randoms(use_true_random=False), ORDERS)
def test_the_order_of_the_inbox_changes_nothing(
    policy: Policy, requests: list[Engagement], chance: object, order: Order
) -> None:
    other = list(requests)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert allocate(policy, requests, order=order) == allocate(policy, other, order=order)


@some
@given(policies(), inboxes(least_score=1), ORDERS)
def test_a_request_moved_to_the_day_that_it_was_told_is_taken(
    policy: Policy, requests: list[Engagement], order: Order
) -> None:
    found = allocate(policy, requests, order=order)
    for id, deferral in found.deferred.items():
        if deferral.later is None:
            continue
        assert deferral.later > deferral.day
        again = [moved(one, deferral.later) if one.id == id else one for one in requests]
        assert id not in allocate(policy, again, order=order).deferred


@some
@given(policies(), inboxes(least_score=1), ORDERS)
def test_all_who_wait_fit_when_each_moves_to_the_day_that_it_was_told(
    policy: Policy, requests: list[Engagement], order: Order
) -> None:
    found = allocate(policy, requests, order=order).deferred
    days = {id: one.later for id, one in found.items()}
    again = [moved(one, day) if (day := days.get(one.id)) else one for one in requests]
    still = allocate(policy, again, order=order).deferred
    assert {id for id, day in days.items() if day is not None}.isdisjoint(still)


@some
@given(policies(suspended=False), inboxes())
def test_one_more_unit_lets_in_whom_the_table_names(
    policy: Policy, requests: list[Engagement]
) -> None:
    one = replace(policy.limits[0], by="none", at_most=policy.limits[0].at_most[:1])
    (cap,) = one.at_most
    assert cap.value is not None
    found = allocate(limited([one]), requests)
    more = replace(one, at_most=(replace(cap, value=cap.value + 1),))
    wider = allocate(limited([more]), requests)
    for use in found.uses:
        if use.one_more is not None:
            assert use.one_more in found.deferred
            assert use.one_more not in wider.deferred


# -- by example


def test_an_amount_that_is_not_known_is_set_aside_for_and_never_counts_as_zero() -> None:
    policy = limited([limit("days", 10, "officer_days", for_unknown=4)])
    requests = [engagement(f"r{number}", 90 - number) for number in range(3)]
    found = allocate(policy, requests)
    assert list(found.deferred) == ["r2"]
    (use,) = found.uses
    assert [int(one) for one in (use.used, use.reserved, use.free)] == [0, 8, 2]
    assert use.reserved_for == ("r0", "r1")


def test_one_more_unit_lets_in_the_first_that_lacks_no_more_than_that() -> None:
    requests = [engagement("a", 90, officer_days=2), engagement("b", 80, officer_days=5)]
    requests.append(engagement("c", 70, officer_days=3))
    (use,) = allocate(limited([limit("days", 4, "officer_days")]), requests).uses
    assert use.one_more == "c"
    assert use.next is not None
    assert (use.next.id, str(use.next.more)) == ("b", "3")


def test_a_request_without_a_first_day_counts_on_the_day_it_is_judged_and_that_is_told() -> None:
    requests = [engagement("a", 90), engagement("b", 80, start=None)]
    found = allocate(limited([limit("few", 1)]), requests)
    assert found.undated == ("b",)
    assert found.deferred["b"].dated is False
    assert found.deferred["b"].later == date(2022, 7, 1)


def test_who_waits_is_told_which_limit_how_much_is_used_and_by_whom() -> None:
    policy = limited([limit("days", "10.5", "officer_days")])
    committed = [engagement("c", officer_days=6)]
    requests = [engagement("a", 90, officer_days=4), engagement("b", 80, officer_days=1)]
    found = allocate(policy, requests, committed)
    (reached,) = found.deferred["b"].reached
    amounts = [str(one) for one in (reached.at_most, reached.used, reached.asks)]
    assert amounts == ["10.5", "10", "1"]
    assert reached.by == ("c", "a")
    assert reached.span.id == "2022-23-Q1"
    (use,) = found.uses
    assert [str(one) for one in (use.committed, use.used, use.free)] == ["6", "10", "0.5"]
    assert use.deferred == 1
    assert use.one_more == "b"
    assert use.next is not None
    assert (use.next.id, str(use.next.more)) == ("b", "0.5")


def test_room_that_one_who_waits_cannot_use_goes_to_the_next_that_fits() -> None:
    policy = limited([limit("days", 10, "officer_days")])
    days = {"a": (90, 6), "b": (80, 6), "c": (70, 4)}
    requests = [engagement(id, score, officer_days=asks) for id, (score, asks) in days.items()]
    assert set(allocate(policy, requests).deferred) == {"b"}
    assert set(allocate(policy, requests, order="best").deferred) == {"b"}


def test_one_who_could_never_fit_keeps_nobody_waiting() -> None:
    policy = limited([limit("days", 10, "officer_days")])
    requests = [engagement("a", 90, officer_days=11), engagement("b", 80, officer_days=10)]
    found = allocate(policy, requests)
    assert set(found.deferred) == {"a"}
    assert found.deferred["a"].later is None


def test_those_who_wait_at_a_narrow_limit_do_not_fill_a_wide_one() -> None:
    policy = limited([limit("all", 5), limit("of-a-mission", 1, by="mission")])
    delhi = [engagement(f"d{number}", 90 - number, mission="Delhi") for number in range(6)]
    tokyo = engagement("t", 50, mission="Tokyo")
    assert "t" not in allocate(policy, [*delhi, tokyo]).deferred


def test_missions_are_compared_without_regard_to_case_and_spaces() -> None:
    policy = limited([limit("of-a-mission", 1, by="mission")])
    requests = [engagement("a", 90, mission="New  Delhi"), engagement("b", 80, mission="new delhi")]
    assert set(allocate(policy, requests).deferred) == {"b"}


def test_a_request_counts_with_each_of_its_countries() -> None:
    policy = limited([limit("of-a-country", 1, by="country")])
    both = frozenset(("JPN", "IND"))
    requests = [
        engagement("a", 90, countries=both),
        engagement("b", 80, countries=frozenset(("IND",))),
    ]
    assert set(allocate(policy, requests).deferred) == {"b"}


def test_a_group_that_is_not_known_is_told_and_held_to_nothing() -> None:
    policy = limited([limit("of-a-mission", 0, by="mission")])
    found = allocate(policy, [engagement("a"), engagement("b")])
    assert not found.deferred
    assert [(use.group, use.at_most, use.ids) for use in found.uses] == [("?", None, ("a", "b"))]


def test_a_limit_of_days_on_end_holds_in_every_window() -> None:
    policy = limited([limit("month", 2, per="rolling_days", days=30)])
    days = (date(2022, 5, 1), date(2022, 5, 20), date(2022, 5, 31))
    requests = [engagement(f"r{number}", 90 - number, day) for number, day in enumerate(days)]
    # The first and the third are 30 days apart, so that no window of 30 days has all three.
    assert not allocate(policy, requests).deferred
    closer = [*requests[:2], engagement("r2", 88, date(2022, 5, 30))]
    assert allocate(policy, closer).deferred["r2"].later == date(2022, 5, 31)


def test_who_waits_takes_room_of_the_year_wherever_in_it_it_goes() -> None:
    policy = limited([limit("quarter", 1), limit("year", 2, per="fiscal_year")])
    requests = [engagement("a", 90), engagement("b", 80), engagement("c", 70)]
    found = allocate(policy, requests).deferred
    assert [found[id].later for id in "bc"] == [date(2022, 7, 1), date(2023, 4, 1)]


def test_a_later_value_of_a_limit_is_found_by_the_search() -> None:
    never = limited([limit("none", 0)])
    again = limited([limit("none", {date(2022, 4, 1): 0, date(2023, 4, 1): 1})])
    over = limited([limit("none", {date(2022, 4, 1): 0, date(2022, 10, 1): None})])
    policies = (never, again, over)
    later = [allocate(policy, [engagement("a")]).deferred["a"].later for policy in policies]
    assert later == [None, date(2023, 4, 1), date(2022, 10, 1)]


def test_what_a_floor_demands_is_in_even_beyond_a_limit_and_that_is_told() -> None:
    policy = limited([limit("few", 1)])
    requests = [
        engagement("a", 10, mandatory=True),
        engagement("b", 5, mandatory=True),
        engagement("c", 99),
    ]
    orders: tuple[Order, ...] = ("rank", "best")
    for order in orders:
        found = allocate(policy, requests, order=order)
        assert set(found.deferred) == {"c"}
        assert found.over == ("a", "b")
        assert found.uses[0].free == -1


def test_costs_with_many_decimals_are_counted_exactly() -> None:
    policy = limited([limit("money", "0.3", "cost_cad")])
    requests = [engagement(f"r{number}", cost_cad=Decimal("0.1")) for number in range(3)]
    requests.append(engagement("r9", cost_cad=Decimal("0.0000000000001")))
    assert set(allocate(policy, requests).deferred) == {"r9"}


@pytest.mark.parametrize("order", ["rank", "best"])
def test_an_empty_inbox_has_an_outcome(order: Order) -> None:
    assert allocate(limited([limit("few", 1)]), [], order=order).taken == 0
