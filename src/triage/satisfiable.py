"""Can conditions hold together, and does one imply another? Used to find rules that can never match or add nothing."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from triage.conditions import OPPOSITE, Test

Domain = frozenset[str] | None
"""The values of an enum; None where values are free."""


def contradiction(tests: Iterable[tuple[Test, bool]], domains: dict[str, Domain]) -> str | None:
    """A fact whose tests (each wanted true or false) no value satisfies, or None."""
    by_fact: dict[str, list[tuple[Test, bool]]] = {}
    for test, wanted in tests:
        by_fact.setdefault(test.fact, []).append((test, wanted))
    for fact, found in by_fact.items():
        if not _possible(found, domains.get(fact)):
            return fact
    return None


def _possible(tests: list[tuple[Test, bool]], domain: Domain) -> bool:
    presence = {(test.operator == "is known") is wanted for test, wanted in tests if test.presence}
    others = [(test, wanted) for test, wanted in tests if not test.presence]
    if len(presence) > 1 or (presence == {False} and others):
        return False
    if not others:
        return True
    if any(test.operator.startswith("include") or test.operator.endswith("empty") for test, _ in others):
        return _set_possible(others)
    holds = [(test.holds(), wanted, test.fact) for test, wanted in others]
    candidates = domain if domain is not None else _points(test.value for test, _ in others)
    return any(all(check({fact: value}) is wanted for check, wanted, fact in holds) for value in candidates)


def _points(values: Iterable[Any]) -> set[Any]:
    """Values that fall on each side of every limit: if any value satisfies the tests, one of these does."""
    points: set[Any] = {True, False}
    for value in values:
        if isinstance(value, frozenset):
            points |= {*value, "another text"}
        elif isinstance(value, date):
            points |= {value, value - timedelta(days=1), value + timedelta(days=1)}
        elif isinstance(value, str):
            points |= {value, "another text"}
        elif not isinstance(value, bool):
            points |= {value, value - 1, value + 1}
    kinds = {type(value) for value in values if not isinstance(value, frozenset)}
    return {point for point in points if not kinds or type(point) in kinds or frozenset in kinds} or points


def _set_possible(tests: list[tuple[Test, bool]]) -> bool:
    required: set[str] = set()
    forbidden: set[str] = set()
    any_of: list[frozenset[str]] = []
    empty: set[bool] = set()
    for test, wanted in tests:
        operator = test.operator if wanted else OPPOSITE.get(test.operator, f"not {test.operator}")
        match operator:
            case "include":
                required.add(test.value)
            case "not include":
                forbidden.add(test.value)
            case "include all of":
                required |= test.value
            case "include none of":
                forbidden |= test.value
            case "include any of":
                any_of.append(test.value)
            case "is empty":
                empty.add(True)
            case "is not empty":
                empty.add(False)
    if required & forbidden or any(not values - forbidden for values in any_of) or len(empty) > 1:
        return False
    return True not in empty or not (required or any_of)


def implies(first: Test, second: Test) -> bool:
    """Whether `second` holds whenever `first` does; False when that is not plain to see."""
    if first == second:
        return True
    if first.fact != second.fact:
        return False
    pair, one, two = (first.operator, second.operator), first.value, second.value
    match pair:
        case ("include any of", "include any of") | ("is any of", "is any of") | ("include all of", "include any of"):
            return bool(one <= two)
        case ("include", "include any of") | ("is", "is any of"):
            return one in two
        case ("include none of", "include none of") | ("is none of", "is none of"):
            return bool(one >= two)
        case ("include", "is not empty") | ("include any of", "is not empty"):
            return True
        case ("at least", "at least") | ("above", "above") | ("above", "at least"):
            return bool(one >= two)
        case ("at most", "at most") | ("below", "below") | ("below", "at most"):
            return bool(one <= two)
    return False
