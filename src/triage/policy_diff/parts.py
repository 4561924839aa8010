"""A policy taken apart into named parts, and put together again from the parts of two versions.

What one part names and the others lack (a parameter that a rule reads) is taken from the version
that has it, so that any choice of parts makes a policy that can be evaluated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from typing import Any

from triage.model.policy import (
    Condition,
    Effects,
    Policy,
    Reference,
    Region,
    Rule,
    Suspension,
    Term,
    Text,
    Vocabulary,
    Where,
)
from triage.model.program import ALIGNED_TOPICS

Key = tuple[str, str]
"""Section and name: `("rule", "key-country")`, `("value", "accept_threshold@2022-04-12")`,
`("term", "topics/new")`.
"""

Parts = dict[Key, Any]

TAKEN_APART = {
    "strategies": "strategy",
    "criteria": "criterion",
    "facts": "fact",
    "fact_texts": "words",
    "rules": "rule",
    "documents": "document",
    "statements": "statement",
    "suspensions": "suspension",
}
"""Fields of a policy whose entries are parts, with the section of each; other fields keep their
names.
"""

SPECIAL = (
    "parameters",
    "limits",
    "vocabularies",
    "indicators",
    "version",
    "folder",
    "unreviewed_french",
)
"""Fields that are treated one by one, or say where and how a version came about and not what it
says.
"""

DATED = {"parameter": "value", "limit": "cap"}
"""Sections with dated values, and the section of these."""

STRATEGIES = "strategies"
"""The vocabulary that follows from the strategies."""


def take_apart(policy: Policy) -> Parts:
    """Every part of a policy by key.

    Parameters and limits give a head and a part for each dated value, vocabularies one for each
    term.
    """
    parts: Parts = {}
    for name in _fields(type(policy)):
        if name in SPECIAL:
            continue
        value, section = getattr(policy, name), TAKEN_APART.get(name, name)
        if isinstance(value, Mapping):
            parts |= {(section, key): one for key, one in value.items()}
        elif isinstance(value, tuple) and (value or name in TAKEN_APART):
            parts |= {
                (section, getattr(one, "id", str(place))): one for place, one in enumerate(value)
            }
        elif not isinstance(value, tuple):
            parts["policy", name] = value
    for parameter in policy.parameters.values():
        parts["parameter", parameter.id] = replace(parameter, values=())
        parts |= {("value", f"{parameter.id}@{dated.since}"): dated for dated in parameter.values}
    for limit in policy.limits:
        parts["limit", limit.id] = replace(limit, at_most=())
        parts |= {("cap", f"{limit.id}@{cap.since}"): cap for cap in limit.at_most}
    for vocabulary in policy.vocabularies.values():
        if vocabulary.id != STRATEGIES:
            # Where the terms have an order it is part of the head, since it decides what is above
            # and below.
            order = tuple(vocabulary.terms) if vocabulary.ordered else None
            parts["vocabulary", vocabulary.id] = order
            parts |= {
                ("term", f"{vocabulary.id}/{term.id}"): term for term in vocabulary.terms.values()
            }
    for indicator in policy.indicators:
        parts["indicator", f"{indicator.strategy}/{indicator.id}"] = indicator
    return parts


def put_together(parts: Parts, first: Parts, second: Parts, like: Policy, version: str) -> Policy:
    """A policy of the given parts; what they name and lack comes from one of two complete sets.

    `like` gives the form of what has no parts of its own, and the order in which criteria are
    shown.
    """
    parts = dict(parts)
    _complete(parts, first, second)
    sections: dict[str, dict[str, Any]] = {}
    for (section, name), part in parts.items():
        sections.setdefault(section, {})[name] = part
    made: dict[str, Any] = dict(sections.get("policy", {}))
    for name in _fields(type(like)):
        if name in SPECIAL or name in made:
            continue
        found = sections.get(TAKEN_APART.get(name, name), {})
        made[name] = found if isinstance(getattr(like, name), Mapping) else tuple(found.values())
    shown = [criterion.id for criterion in like.criteria]
    made["strategies"] = dict(sorted(made["strategies"].items()))
    made["criteria"] = tuple(sorted(made["criteria"], key=lambda one: _place(shown, one.id)))
    made["rules"] = tuple(sorted(made["rules"], key=lambda rule: rule.id))
    values, caps = _dated(sections, "value"), _dated(sections, "cap")
    heads, limits = sections.get("parameter", {}), sections.get("limit", {})
    made["parameters"] = {
        id: replace(head, values=values.get(id, ())) for id, head in heads.items()
    }
    made["limits"] = tuple(replace(limits[id], at_most=caps.get(id, ())) for id in sorted(limits))
    made["vocabularies"] = _vocabularies(sections)
    if STRATEGIES in like.vocabularies:
        terms = {
            one.id: Term(one.id, one.short, (), (), one.where)
            for one in made["strategies"].values()
        }
        made["vocabularies"][STRATEGIES] = Vocabulary(STRATEGIES, False, terms)
    made["indicators"] = tuple(sections.get("indicator", {}).values())
    return replace(like, version=version, **made)


def _place(order: list[str], id: str) -> int:
    return order.index(id) if id in order else len(order)


def _dated(sections: Mapping[str, Mapping[str, Any]], section: str) -> dict[str, tuple[Any, ...]]:
    """The dated values of a section by the name of what has them, in the order of their days."""
    values: dict[str, list[Any]] = {}
    for name, dated in sections.get(section, {}).items():
        values.setdefault(name.rpartition("@")[0], []).append(dated)
    return {
        name: tuple(sorted(found, key=lambda dated: dated.since)) for name, found in values.items()
    }


def _vocabularies(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Vocabulary]:
    terms: dict[str, dict[str, Any]] = {}
    for name, term in sections.get("term", {}).items():
        terms.setdefault(name.partition("/")[0], {})[term.id] = term
    made = {}
    for id, order in sections.get("vocabulary", {}).items():
        known = terms.get(id, {})
        if order is not None:
            known = {one: known[one] for one in merged_order(order, known)}
        made[id] = Vocabulary(id, order is not None, known)
    return made


def merged_order(order: Iterable[str], known: Iterable[str]) -> list[str]:
    """The known terms in the given order; one that the order does not have stays behind the term
    before it.
    """
    known = list(known)
    found = [one for one in order if one in known]
    for place, one in enumerate(known):
        if one not in found:
            before = known[place - 1] if place else None
            found.insert(found.index(before) + 1 if before in found else 0, one)
    return found


# -- what a part names
# ----------------------------------------------------------------------------------------------


def _complete(parts: Parts, first: Parts, second: Parts) -> None:
    """Add what the parts name and lack; what is added may name more."""
    waiting = list(parts.values())
    while waiting:
        added = []
        for part in waiting:
            for key in named(part):
                if key in parts:
                    continue
                source = first if key in first else second
                for one in (key, *_belonging(key, source)):
                    if one in source and one not in parts:
                        parts[one] = source[one]
                        added.append(source[one])
        waiting = added


def _belonging(key: Key, source: Parts) -> list[Key]:
    """The values of a parameter or limit; a term's vocabulary."""
    if key[0] in DATED:
        return [
            one for one in source if one[0] == DATED[key[0]] and one[1].startswith(f"{key[1]}@")
        ]
    if key[0] == "term":
        return [("vocabulary", key[1].partition("/")[0])]
    return []


def named(part: Any) -> Iterator[Key]:
    """What a part names: parameters, facts, criteria and terms."""
    found = _NAMES.get(type(part))
    if found is not None:
        yield from found(part)
    elif isinstance(part, tuple | list | frozenset):
        for one in part:
            yield from named(one)
    elif isinstance(part, Mapping):
        yield from named(tuple(part.values()))
    elif is_dataclass(part) and not isinstance(part, type):
        yield from named(tuple(getattr(part, name) for name in _fields(type(part))))


def _of_text(text: Text) -> Iterator[Key]:
    # A slot is a fact or a parameter; a fact is not found under this key, and is there anyway.
    yield from (
        ("parameter", slot.partition(".")[0]) for slot in {*text.slots("en"), *text.slots("fr")}
    )


def _of_condition(condition: Condition) -> Iterator[Key]:
    values, value = condition.fact.values, condition.value
    yield "fact", condition.fact.name
    if isinstance(value, Reference):
        yield "parameter", value.parameter
    elif values is not None and value is not None:
        yield from (
            ("term", f"{values}/{one}")
            for one in (value if isinstance(value, frozenset) else (value,))
        )


def _of_effects(then: Effects) -> Iterator[Key]:
    yield from (("criterion", name) for name, _ in then.score)
    yield from (("fact", name) for name, _ in then.conclude)
    yield from named((tuple(points for _, points in then.score), then.advise))


def _of_rule(rule: Rule) -> Iterator[Key]:
    if rule.applies_if:
        yield "parameter", rule.applies_if
    if "alignment" in rule.reads():
        yield "fact", ALIGNED_TOPICS
    yield from named((rule.when, rule.unless, rule.then, rule.because))


_NAMES: Mapping[type, Callable[[Any], Iterator[Key]]] = {
    Text: _of_text,
    Condition: _of_condition,
    Effects: _of_effects,
    Rule: _of_rule,
    Reference: lambda one: iter([("parameter", one.parameter)]),
    Suspension: lambda one: (("limit", name) for name, _ in one.reserves),
    Region: lambda one: (
        ("parameter", name) for name in (one.countries, one.undetermined, one.forums)
    ),
}


# -- the same or not
# ------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value without its places in files, in which order counts only where it means something."""
    match value:
        case Where():
            return None
        case Rule():
            rest = [
                plain(getattr(value, name))
                for name in _fields(Rule)
                if name not in ("when", "unless", "table")
            ]
            return (*rest, clauses(value.when), clauses(value.unless))
        case Effects():
            # A table and its row may both give points and conclude: what they do together counts,
            # not in which order.
            rest = [
                plain(getattr(value, name))
                for name in _fields(Effects)
                if name not in ("score", "conclude")
            ]
            score = tuple(sorted((name, repr(points)) for name, points in value.score))
            return (*rest, score, frozenset(value.conclude))
        case Text() | bool() | int() | str() | None:
            return (type(value).__name__, value)
        case Mapping():
            return frozenset((key, plain(one)) for key, one in value.items())
        case tuple() | list():
            return tuple(map(plain, value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            return (
                type(value).__name__,
                *(plain(getattr(value, name)) for name in _fields(type(value))),
            )
    return (type(value).__name__, value)


def clauses(found: Iterable[tuple[Condition, ...]]) -> frozenset[frozenset[Any]]:
    """Conditions as what they mean: neither their order nor the order of alternatives counts."""
    return frozenset(
        frozenset((c.fact.name, c.operator, plain(c.value)) for c in clause) for clause in found
    )


def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(kind.__dataclass_fields__)
