"""Random limits and inboxes for the tests of limits, and the plainest way to count limits."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from support import BOTH, HERE, REQUEST_FACTS, condition, small_policy
from triage.deciding.rank import RankKey
from triage.limits.demands import Engagement
from triage.model.periods import CALENDAR, ROLLING, Period, calendar_span
from triage.model.policy import Basis, Cap, Limit, Policy, Suspension

VOCABULARIES = {"engagement_types": (False, ["meeting", "study_tour"])}
FIRST = date(2022, 4, 1)
AMOUNTS = [Decimal(text) for text in ("0", "1", "2", "2.5", "4", "0.25")]


def limit(
    id: str,
    most: int | str | dict[date, Any],
    measure: str = "count",
    per: str = "fiscal_quarter",
    by: str = "none",
    **more: Any,
) -> Limit:
    """A limit; `most` is its value from the first day on, or values by day."""
    values = most if isinstance(most, dict) else {FIRST: most}
    unknown = Decimal(more.pop("for_unknown", 1))
    caps = tuple(
        Cap(since, None if value is None else Decimal(value), unknown, (), BOTH)
        for since, value in values.items()
    )
    days = more.pop("days", 0)
    applies_to = more.pop("applies_to", ())
    return Limit(id, BOTH, applies_to, per, days, by, measure, caps, Basis.SETTING, True, HERE)


def tours_only() -> tuple[Any, ...]:
    """The condition that a request is a study tour."""
    return ((condition(REQUEST_FACTS["engagement_type"], "is", "study_tour"),),)


def limited(limits: Iterable[Limit], suspensions: Iterable[Suspension] = ()) -> Policy:
    """A policy with these limits and nothing else."""
    ordered = tuple(sorted(limits, key=lambda one: one.id))
    return replace(
        small_policy([], [], VOCABULARIES), limits=ordered, suspensions=tuple(suspensions)
    )


def engagement(
    id: str, score: int = 50, start: date | None = FIRST, mandatory: bool = False, **facts: Any
) -> Engagement:
    """An engagement; what ranks first has the higher score, then the lower id."""
    known = {"engagement_type": "meeting", **facts} | ({"start": start} if start else {})
    strategy, lead = known.pop("strategy", "one"), known.pop("lead", "IIR")
    return Engagement(
        id, RankKey(-2, -score, "2022-04-01", id), score, strategy, lead, known, FIRST, mandatory
    )


@st.composite
def policies(draw: st.DrawFn, suspended: bool = True) -> Policy:
    """Policies with a few limits of every kind."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        measure = draw(st.sampled_from(["count", "officer_days", "participants"]))
        rolling = draw(st.integers(0, 3)) == 0
        per = ROLLING if rolling else draw(st.sampled_from(CALENDAR))
        by = draw(st.sampled_from(["none", "mission", "country", "region", "lead"]))
        values: dict[date, Any] = {FIRST: draw(st.integers(0, 6))}
        if draw(st.booleans()):
            values[date(2022, 10, 1)] = draw(st.sampled_from([None, 0, 2, 9]))
        days = draw(st.sampled_from([1, 10, 45])) if rolling else 0
        applies = tours_only() if draw(st.integers(0, 2)) == 0 else ()
        unknown = draw(st.sampled_from([1, 2]))
        more: dict[str, Any] = {"days": days, "applies_to": applies, "for_unknown": unknown}
        found.append(limit(f"l{number}", values, measure, per, by, **more))
    suspensions = []
    if suspended and draw(st.integers(0, 3)) == 0:
        period = Period(date(2022, 5, 1), draw(st.sampled_from([date(2022, 6, 15), None])))
        reserves = ((found[0].id, Decimal(draw(st.integers(0, 2)))),)
        below = draw(st.sampled_from([0, 40, 70]))
        suspensions = [Suspension("crisis", BOTH, BOTH, period, below, reserves, BOTH, HERE)]
    return limited(found, suspensions)


@st.composite
def inboxes(draw: st.DrawFn, most: int = 8, least_score: int = 0) -> list[Engagement]:
    """Requests in any order; about a third of their facts are unknown."""
    found = []
    for number in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(["meeting", "study_tour"]))
        facts: dict[str, Any] = {"engagement_type": kind}
        if draw(st.integers(0, 2)):
            facts["mission"] = draw(st.sampled_from(["Delhi", "delhi", "Tokyo"]))
        if draw(st.integers(0, 2)):
            countries = st.sets(st.sampled_from(["JPN", "IND", "MEX"]), min_size=1)
            facts["countries"] = frozenset(draw(countries))
        if draw(st.integers(0, 2)):
            facts["officer_days"] = draw(st.sampled_from(AMOUNTS))
        if draw(st.integers(0, 2)):
            facts["participants"] = draw(st.integers(0, 5))
        dated = draw(st.integers(0, 4))
        start = FIRST + timedelta(days=draw(st.integers(0, 220))) if dated else None
        facts["strategy"] = draw(st.sampled_from(["one", "two"]))
        facts["lead"] = draw(st.sampled_from(["IIR", "RAB"]))
        score = draw(st.sampled_from([least_score, 20, 50, 50, 80, 81]))
        found.append(engagement(f"r{number}", score, start, draw(st.integers(0, 9)) == 0, **facts))
    return draw(st.permutations(found))


# -- the plainest way


def groups(limit: Limit, one: Engagement) -> list[str]:
    match limit.by:
        case "mission":
            return [one.facts["mission"].casefold()] if "mission" in one.facts else []
        case "country":
            return sorted(one.facts.get("countries", ()))
        case "region":
            return [one.strategy or ""]
        case "lead":
            return [one.lead]
    return [""]


def touched(policy: Policy, one: Engagement) -> dict[tuple[str, str, date], Decimal]:
    """What an engagement takes by limit, group and first day of a period, or last of a window."""
    found: dict[tuple[str, str, date], Decimal] = {}
    day = one.facts.get("start", one.as_of)
    for limit in policy.limits:
        if limit.applies_to and one.facts["engagement_type"] != "study_tour":
            continue
        if limit.per == ROLLING:
            days = [day + timedelta(days=after) for after in range(limit.days)]
            keys = [(end, end) for end in days]
        else:
            start = calendar_span(limit.per, day).start
            keys = [(start, start)]
        for key, judged in keys:
            cap = limit.on(judged)
            if cap is None:
                continue
            amount = Decimal(1)
            if limit.measure != "count":
                amount = one.facts.get(limit.measure, cap.for_unknown)
            for group in groups(limit, one) if amount else ():
                found[limit.id, group, key] = Decimal(amount)
    return found


def rooms(policy: Policy, key: tuple[str, str, date]) -> Decimal:
    """How much a limit lets through in a period."""
    limit = next(one for one in policy.limits if one.id == key[0])
    cap = limit.on(key[2])
    assert cap is not None
    assert cap.value is not None
    room = cap.value
    last = key[2] if limit.per == ROLLING else calendar_span(limit.per, key[2]).end
    for one in policy.suspensions:
        start, end = one.in_force.start or date.min, one.in_force.end or date.max
        if start <= last and key[2] <= end:
            room -= sum(amount for name, amount in one.reserves if name == limit.id)
    return max(Decimal(0), room)


def exceeded(policy: Policy, engagements: Sequence[Engagement]) -> set[tuple[str, str, date]]:
    """The limits, groups and periods that the engagements exceed together."""
    used: dict[tuple[str, str, date], Decimal] = {}
    for one in engagements:
        for key, amount in touched(policy, one).items():
            used[key] = used.get(key, Decimal(0)) + amount
    return {key for key, amount in used.items() if amount > rooms(policy, key)}


def suspended(policy: Policy, one: Engagement) -> bool:
    """Whether other things come first on the day of an engagement."""
    day = one.facts.get("start", one.as_of)
    return not one.mandatory and any(
        suspension.in_force.covers(day) and one.score < suspension.below
        for suspension in policy.suspensions
    )
