"""Limits that never count anything, that another makes pointless, or that contradict another."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from triage.deciding.settled import Settler, Tests
from triage.model.periods import CALENDAR, ROLLING
from triage.model.policy import Clause, Limit, Policy, Reference
from triage.review.fact_checks import Told
from triage.review.satisfiable import Domains, clause_implies, contradiction
from triage.rulebook.diagnostics import Diagnostics


def check_limits(policy: Policy, domains: Domains, told: Told, diagnostics: Diagnostics) -> None:
    """Add what an analyst should know of the limits as a whole, without what was told."""
    for limit in policy.limits:
        reasons = {_impossible(_tests(policy, limit, day), domains) for day in _days(limit)}
        if reasons and None not in reasons:
            fact = min(reason for reason in reasons if reason is not None)
            if (limit.id, fact) not in told:
                subject = ("limit", limit.id)
                diagnostics.warning("limit-never-applies", limit.where, subject, fact=fact)
    for limit in policy.limits:
        for other in policy.limits:
            if other is limit or other.measure != limit.measure:
                continue
            covered = _covers(policy, other, limit, domains)
            if covered and _report(policy, limit, other, domains, diagnostics):
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
    """What both allow on each day on which either changes, while the first is in force.

    The second value is None while the other limit is not in force.
    """
    for day in _days(limit, other):
        own, theirs = limit.on(day), other.on(day)
        if own is not None and own.value is not None:
            yield day, own.value, None if theirs is None else theirs.value


def _days(*limits: Limit) -> list[date]:
    return sorted({cap.since for limit in limits for cap in limit.at_most})


def _tests(policy: Policy, limit: Limit, day: date) -> Tests:
    """The conditions of a limit on a day, without those that wait for the value of a parameter."""
    values = {id: parameter.value_on(day) for id, parameter in policy.parameters.items()}
    given = [clause for clause in limit.applies_to if _settled(clause, values)]
    return Settler(policy, values).tests(tuple(given))


def _settled(clause: Clause, values: Mapping[str, object]) -> bool:
    named = [one.value.parameter for one in clause if isinstance(one.value, Reference)]
    return all(values[parameter] is not None for parameter in named)


def _impossible(tests: Tests, domains: Domains) -> str | None:
    """A fact on which the conditions contradict each other, or None."""
    fact = None
    for alternatives in itertools.product(*tests):
        fact = contradiction(((test, True) for test in alternatives), domains)
        if fact is None:
            return None
    return fact


def _covers(policy: Policy, wide: Limit, narrow: Limit, domains: Domains) -> bool:
    """Whether whatever the narrow limit counts together the wide one counts together too."""
    if wide.by not in ("none", narrow.by) or not _as_long(wide, narrow):
        return False
    day = min(_days(wide, narrow), default=date.min)
    theirs = _tests(policy, narrow, day)
    return all(
        any(clause_implies(clause, ours, domains) for clause in theirs)
        for ours in _tests(policy, wide, day)
    )


def _as_long(wide: Limit, narrow: Limit) -> bool:
    """Whether the period of the wide limit holds that of the narrow one."""
    if ROLLING in (wide.per, narrow.per):
        return wide.per == narrow.per and wide.days >= narrow.days
    return CALENDAR.index(wide.per) <= CALENDAR.index(narrow.per)
