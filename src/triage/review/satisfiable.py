"""Can conditions hold together, and does one imply another?"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from triage.model.conditions import Test
from triage.model.facts import Kind, Origin
from triage.model.policy import Policy

ANOTHER = "\0"
"""Stands for every text or member that no condition names."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that a fact can have: those of a vocabulary, or those of its kind in a range.

    `least` and `most` bound a number, or the letters of a text.
    """

    kind: Kind
    values: frozenset[str] = frozenset()
    least: int | None = None
    most: int | None = None

    def holds(self, size: Any) -> bool:
        """Whether a number, or so many letters, are in the range."""
        above = self.least is None or size >= self.least
        return above and (self.most is None or size <= self.most)


Domains = Mapping[str, Domain]
"""The domain of each fact by its name."""


def domains_of(policy: Policy) -> Domains:
    """The domains of all facts of a policy."""
    domains = {}
    for fact in policy.facts.values():
        vocabulary = policy.vocabularies.get(fact.values or "")
        terms = frozenset(vocabulary.terms) if vocabulary else frozenset[str]()
        # What the program works out, such as the notice, has no range.
        least, most = (fact.origin is Origin.REQUEST and fact.range) or (None, None)
        domains[fact.name] = Domain(fact.kind, terms, least, most)
    return domains


def contradiction(tests: Iterable[tuple[Test, bool]], domains: Domains) -> str | None:
    """A fact whose tests (each wanted true or false) no value satisfies, or None."""
    by_fact: dict[str, list[tuple[Test, bool]]] = {}
    for test, wanted in tests:
        by_fact.setdefault(test.fact, []).append((test, wanted))
    impossible = (fact for fact, own in by_fact.items() if not _possible(own, domains[fact]))
    return next(impossible, None)


def implies(first: Test, second: Test, domains: Domains) -> bool:
    """Whether `second` holds whenever `first` does; False when that is not plain to see."""
    if first.fact != second.fact:
        return False
    if first == second or first.row.known is False:
        return first == second
    return not _possible([(first, True), (second, False)], domains[first.fact])


def clause_implies(first: Iterable[Test], second: Iterable[Test], domains: Domains) -> bool:
    """Whether each alternative of `first` implies one of `second`."""
    others = list(second)
    return all(any(implies(test, other, domains) for other in others) for test in first)


def _possible(tests: list[tuple[Test, bool]], domain: Domain) -> bool:
    """Whether a value of the domain makes every test what is wanted of it."""
    presence = {test.row.known is wanted for test, wanted in tests if test.presence}
    others = [(test, wanted) for test, wanted in tests if not test.presence]
    if len(presence) > 1 or (presence == {False} and others):
        return False
    if domain.kind is Kind.SET:
        return _set_possible(others)
    holds = [(test.holds(), wanted, test.fact) for test, wanted in others]
    return any(
        all(check({fact: value}) is wanted for check, wanted, fact in holds)
        for value in _candidates(domain, {value for test, _ in others for value in test.values})
    )


def _candidates(domain: Domain, limits: set[Any]) -> list[Any]:
    """Values on each side of every limit: if any value satisfies the tests, one of these does."""
    match domain.kind:
        case Kind.BOOLEAN:
            return [True, False]
        case Kind.ENUM:
            return sorted(domain.values)
        case Kind.TEXT:
            return [*(text for text in sorted(limits) if domain.holds(len(text))), ANOTHER]
        case Kind.DATE:
            days = {limit.toordinal() + step for limit in limits for step in (-1, 0, 1)}
            valid = [day for day in sorted(days) if 1 <= day <= date.max.toordinal()]
            return [date.fromordinal(day) for day in valid] or [date.min]
    points = {limit + step for limit in limits for step in (-1, 0, 1)} | {domain.least or 0}
    points |= set() if domain.most is None else {domain.most}
    if domain.kind is Kind.DECIMAL:
        pairs = itertools.pairwise(sorted(points))
        points |= {(Decimal(low) + Decimal(high)) / 2 for low, high in pairs}
    return [point for point in sorted(points) if domain.holds(point)]


def _set_possible(tests: list[tuple[Test, bool]]) -> bool:
    """Whether a set makes each test what is wanted of it; True too where that is not plain to see.

    Tests that stay true as a set grows need only be tried on the largest set: every member that no
    other test forbids by itself.
    """
    wants = [(test.predicate(), wanted, test.row.rises is wanted) for test, wanted in tests]
    members = frozenset({ANOTHER}).union(*(test.values for test, _ in tests))
    for holds, wanted, grows in wants:
        if not grows:
            members = frozenset(one for one in members if holds(frozenset({one})) is wanted)
    return all(holds(members) is wanted for holds, wanted, grows in wants if grows)
