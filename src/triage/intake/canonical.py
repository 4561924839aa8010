"""Values in canonical form, as programs send them, are read at once, without a look at words.

What is not surely in that form is left to `cells`, which reads it as people write it. A property
test holds that both give the same.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from triage.formats.values import normal
from triage.model.countries import CODES
from triage.model.facts import COUNTRIES, Fact, Kind

MAX_VALUES = 1000
"""The most values of one fact."""
MOST_KEPT = 1024

Read = Callable[[Any], Any]
"""A value as it was given -> the value of the fact; None when it is to be read in another way."""


def canonical(
    facts: Mapping[str, Fact], terms: Callable[[str], Mapping[str, str]]
) -> dict[str, Read]:
    """How to read each fact under its own name; `terms` has the words of a vocabulary, with ids."""
    return {
        name: _reader(fact, terms)
        for name, fact in facts.items()
        if fact.kind is not Kind.TEXT or fact.values is None
    }


def _reader(fact: Fact, terms: Callable[[str], Mapping[str, str]]) -> Read:
    match fact.kind:
        case Kind.ENUM:
            return _one(_ids(fact, terms))
        case Kind.SET:
            return _several(_ids(fact, terms))
        case Kind.TEXT:
            return _text
        case Kind.BOOLEAN:
            return _boolean
        case Kind.DATE:
            return _date
    return _number(fact)


def _ids(fact: Fact, terms: Callable[[str], Mapping[str, str]]) -> dict[str, str]:
    """The ids that mean themselves: an id may also be a word for another.

    Each is mapped to one and the same object, which is found faster wherever it is looked up.
    """
    if fact.values == COUNTRIES:
        return {code: code for code in CODES}
    known = terms(fact.values or "")
    return {id: id for id in known.values() if known.get(normal(id)) == id}


def _one(ids: Mapping[str, str]) -> Read:
    return lambda raw: ids.get(raw) if raw.__class__ is str else None


def _several(ids: Mapping[str, str]) -> Read:
    kept: dict[frozenset[str], frozenset[str]] = {}

    def read(raw: Any) -> frozenset[str] | None:
        if raw.__class__ is not list or not 0 < len(raw) <= MAX_VALUES:
            return None
        try:
            value = frozenset([ids[one] for one in raw])
        except (KeyError, TypeError):  # another word, or a list or mapping inside
            return None
        if len(kept) >= MOST_KEPT:
            kept.clear()
        return kept.setdefault(value, value)

    return read


def _text(raw: Any) -> str | None:
    return (raw.strip() or None) if raw.__class__ is str else None


def _boolean(raw: Any) -> bool | None:
    return raw if raw is True or raw is False else None


def _number(fact: Fact) -> Read:
    least, most = fact.range or (0, 0)
    number: Read = int if fact.kind is Kind.INTEGER else Decimal
    return lambda raw: number(raw) if raw.__class__ is int and least <= raw <= most else None


def _date(raw: Any) -> date | None:
    # Other forms of ISO 8601, such as weeks, are not what people write.
    if raw.__class__ is not str or len(raw) != 10 or raw[4] != "-" or raw[7] != "-":
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None
