"""Limits that can never count anything, that another limit makes pointless, or that contradict
each other.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from triage.deciding.settled import Settler, Tests
from triage.model.periods import CALENDAR, ROLLING
from triage.model.policy import Clause, Limit, Policy, Reference
from triage.review.satisfiable import Domain, clause_implies, contradiction
from triage.rulebook.diagnostics import Diagnostics

Domains = Mapping[str, Domain]


def check_limits(policy: Policy, domains: Domains, diagnostics: Diagnostics) -> None:
    """Add what an analyst should know of the limits as a whole."""
    for limit in policy.limits:
        reasons = {_impossible(_tests(policy, limit, day), domains) for day in _days([limit])}
        if reasons and None not in reasons:
            fact = min(reason for reason in reasons if reason is not None)
            diagnostics.warning("limit-never-applies", limit.where, ("limit", limit.id), fact=fact)
    for limit in policy.limits:
        others = [
            other
            for other in policy.limits
            if other is not limit and other.measure == limit.measure
        ]
        for other in others:
            if _covers(policy, other, limit, domains) and _report(
                policy, limit, other, domains, diagnostics
            ):
                break


def _report(
    policy: Policy, limit: Limit, other: Limit, domains: Domains, diagnostics: Diagnostics
) -> bool:
    """Say what is wrong with a limit beside one that covers it; whether anything is."""
    shared = list(_shared(limit, other))
    if not shared:
        return False
    where, subject = limit.where, ("limit", limit.id)
    same = (limit.per, limit.by, limit.days) == (other.per, other.by, other.days)
    if same and _covers(policy, limit, other, domains):
        if limit.id < other.id:
            return False
        for day, own, theirs in shared:
            if own != theirs:
                values = {"other": other.id, "day": day, "own": own, "theirs": theirs}
                diagnostics.error("limits-contradict", where, subject, **values)
                return True
    if all(theirs is not None and theirs <= own for _, own, theirs in shared):
        diagnostics.warning("limit-unreachable", where, subject, other=other.id)
        return True
    return False


def _shared(limit: Limit, other: Limit) -> Iterator[tuple[date, Decimal, Decimal | None]]:
    """What both say on each day on which one of them changes, while the first is in force; None:
    it says nothing.
    """
    for day in _days([limit, other]):
        own, theirs = limit.on(day), other.on(day)
        if own is not None and own.value is not None:
            yield day, own.value, None if theirs is None else theirs.value


def _days(limits: Iterable[Limit]) -> list[date]:
    return sorted({cap.since for limit in limits for cap in limit.at_most})


def _tests(policy: Policy, limit: Limit, day: date) -> Tests:
    values = {id: parameter.value_on(day) for id, parameter in policy.parameters.items()}
    given = [clause for clause in limit.applies_to if _settled(clause, values)]
    return Settler(policy, values).tests(tuple(given))


def _settled(clause: Clause, values: Mapping[str, object]) -> bool:
    """Whether every parameter of a clause has a value; what waits for one is not judged."""
    return all(
        values[one.value.parameter] is not None
        for one in clause
        if isinstance(one.value, Reference)
    )


def _impossible(tests: Tests, domains: Domains) -> str | None:
    """A fact on which the conditions contradict each other, or None."""
    found = None
    for chosen in itertools.product(*tests):
        found = contradiction(((test, True) for test in chosen), domains)
        if found is None:
            return None
    return found


def _covers(policy: Policy, wide: Limit, narrow: Limit, domains: Domains) -> bool:
    """Whether whatever the narrow limit counts together the wide one counts together too."""
    if wide.by not in ("none", narrow.by) or not _as_long(wide, narrow):
        return False
    day = min(_days([wide, narrow]), default=date.min)
    theirs = _tests(policy, narrow, day)
    return all(
        any(clause_implies(one, ours, domains) for one in theirs)
        for ours in _tests(policy, wide, day)
    )


def _as_long(wide: Limit, narrow: Limit) -> bool:
    if ROLLING in (wide.per, narrow.per):
        return wide.per == narrow.per and wide.days >= narrow.days
    return CALENDAR.index(wide.per) <= CALENDAR.index(narrow.per)
