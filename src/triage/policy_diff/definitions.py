"""A policy as a table of definitions, and a policy made of the definitions of two versions.

A definition is what a version says under one name: a rule, a dated value, a term of a vocabulary.
What a definition names and the others lack (a parameter that a rule reads) is taken from the
version that has it, so that any choice of definitions makes a policy that can be evaluated.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from typing import Any

from triage.model.derived import concluded_behind
from triage.model.effects import EFFECTS, EffectShape, effects_of
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

Key = tuple[str, str]
"""Section and name: `("rule", "key-country")`, `("value", "accept_threshold@2022-04-12")`,
`("term", "topics/new")`.
"""

Definitions = dict[Key, Any]

SECTIONS = {
    "strategies": "strategy",
    "criteria": "criterion",
    "facts": "fact",
    "fact_texts": "words",
    "rules": "rule",
    "documents": "document",
    "statements": "statement",
    "suspensions": "suspension",
}
"""The section of the entries of a field of `Policy`, where it is not the field's name."""

ORIGIN = ("version", "folder", "unreviewed_french")
"""Fields that tell where a version came from, and not what it says."""

SPECIAL = ("parameters", "limits", "vocabularies", "indicators", *ORIGIN)
"""Fields whose entries do not each give one definition of their own id."""

DATED = {"parameter": "value", "limit": "cap"}
"""Sections with dated values, and the section of these."""

STRATEGIES = "strategies"
"""The vocabulary that follows from the strategies."""


def definitions_of(policy: Policy) -> Definitions:
    """Every definition of a policy by key.

    Parameters and limits give a head and one for each dated value, vocabularies one for each term.
    """
    made: Definitions = {}
    for name in _fields(type(policy)):
        if name in SPECIAL:
            continue
        value, section = getattr(policy, name), SECTIONS.get(name, name)
        if isinstance(value, Mapping):
            made |= {(section, key): entry for key, entry in value.items()}
        elif not isinstance(value, tuple):
            made["policy", name] = value
        else:
            for number, entry in enumerate(value):
                made[section, getattr(entry, "id", str(number))] = entry
    for parameter in policy.parameters.values():
        made["parameter", parameter.id] = replace(parameter, values=())
        made |= {("value", f"{parameter.id}@{dated.since}"): dated for dated in parameter.values}
    for limit in policy.limits:
        made["limit", limit.id] = replace(limit, at_most=())
        made |= {("cap", f"{limit.id}@{cap.since}"): cap for cap in limit.at_most}
    for id, vocabulary in policy.vocabularies.items():
        if id != STRATEGIES:
            # An order of the terms belongs to the head: it decides what is above and below.
            made["vocabulary", id] = tuple(vocabulary.terms) if vocabulary.ordered else None
            made |= {("term", f"{id}/{term.id}"): term for term in vocabulary.terms.values()}
    for indicator in policy.indicators:
        made["indicator", f"{indicator.strategy}/{indicator.id}"] = indicator
    return made


def policy_of(
    definitions: Definitions, first: Definitions, second: Definitions, like: Policy, version: str
) -> Policy:
    """A policy of the given definitions; what they name and lack comes from `first` or `second`.

    `like` gives the form of what has no definitions, and the order in which criteria are shown.
    """
    sections: dict[str, dict[str, Any]] = {}
    for (section, name), definition in _completed(definitions, first, second).items():
        sections.setdefault(section, {})[name] = definition
    made: dict[str, Any] = dict(sections.get("policy", {}))
    for name in _fields(type(like)):
        if name not in SPECIAL and name not in made:
            entries = sections.get(SECTIONS.get(name, name), {})
            mapped = isinstance(getattr(like, name), Mapping)
            made[name] = entries if mapped else tuple(entries.values())
    shown = [criterion.id for criterion in like.criteria]
    made["strategies"] = dict(sorted(made["strategies"].items()))
    made["criteria"] = tuple(sorted(made["criteria"], key=lambda one: _index(shown, one.id)))
    made["rules"] = tuple(sorted(made["rules"], key=lambda rule: rule.id))
    values, caps = _dated(sections, "value"), _dated(sections, "cap")
    heads, limits = sections.get("parameter", {}), sections.get("limit", {})
    parameters = {id: replace(head, values=values.get(id, ())) for id, head in heads.items()}
    made["parameters"] = parameters
    made["limits"] = tuple(replace(limits[id], at_most=caps.get(id, ())) for id in sorted(limits))
    made["vocabularies"] = _vocabularies(sections)
    if STRATEGIES in like.vocabularies:
        strategies = made["strategies"].values()
        terms = {one.id: Term(one.id, one.short, (), (), one.where) for one in strategies}
        made["vocabularies"][STRATEGIES] = Vocabulary(STRATEGIES, False, terms)
    made["indicators"] = tuple(sections.get("indicator", {}).values())
    return replace(like, version=version, **made)


def _index(order: list[str], id: str) -> int:
    return order.index(id) if id in order else len(order)


def _dated(sections: Mapping[str, Mapping[str, Any]], section: str) -> dict[str, tuple[Any, ...]]:
    """The dated values of each parameter or limit, in the order of their days."""
    values: dict[str, list[Any]] = {}
    for name, dated in sections.get(section, {}).items():
        values.setdefault(name.rpartition("@")[0], []).append(dated)
    return {id: tuple(sorted(own, key=lambda dated: dated.since)) for id, own in values.items()}


def _vocabularies(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Vocabulary]:
    terms: dict[str, dict[str, Any]] = {}
    for name, term in sections.get("term", {}).items():
        terms.setdefault(name.partition("/")[0], {})[term.id] = term
    vocabularies = {}
    for id, order in sections.get("vocabulary", {}).items():
        known = terms.get(id, {})
        if order is not None:
            known = {one: known[one] for one in _merged_order(order, list(known))}
        vocabularies[id] = Vocabulary(id, order is not None, known)
    return vocabularies


def _merged_order(order: Iterable[str], known: list[str]) -> list[str]:
    """The known terms in the given order, one that it lacks behind the term before it."""
    merged = [term for term in order if term in known]
    for number, term in enumerate(known):
        if term not in merged:
            before = known[number - 1] if number else None
            merged.insert(merged.index(before) + 1 if before in merged else 0, term)
    return merged


# -- what a definition names


def _completed(definitions: Definitions, first: Definitions, second: Definitions) -> Definitions:
    """The definitions with what they name and lack; what is added may name more."""
    complete = dict(definitions)
    waiting = deque(complete.values())
    while waiting:
        for key in names_of(waiting.popleft()):
            if key not in complete:
                source = first if key in first else second
                for needed in (key, *_belonging(key, source)):
                    if needed in source and needed not in complete:
                        complete[needed] = source[needed]
                        waiting.append(source[needed])
    return complete


def _belonging(key: Key, source: Definitions) -> list[Key]:
    """The values of a parameter or limit; a term's vocabulary."""
    if key[0] in DATED:
        return dated_of(key, source)
    return [("vocabulary", key[1].partition("/")[0])] if key[0] == "term" else []


def dated_of(head: Key, keys: Iterable[Key]) -> list[Key]:
    """The dated values of a parameter or limit among some keys."""
    section, start = DATED[head[0]], f"{head[1]}@"
    return [key for key in keys if key[0] == section and key[1].startswith(start)]


def names_of(definition: Any) -> Iterator[Key]:
    """What a definition names: parameters, facts, criteria and terms."""
    names = _NAMES.get(type(definition))
    if names is not None:
        yield from names(definition)
    elif isinstance(definition, tuple | list | frozenset):
        for item in definition:
            yield from names_of(item)
    elif isinstance(definition, Mapping):
        yield from names_of(tuple(definition.values()))
    elif is_dataclass(definition) and not isinstance(definition, type):
        fields = _fields(type(definition))
        yield from names_of(tuple(getattr(definition, name) for name in fields))


def _of_text(text: Text) -> Iterator[Key]:
    # A slot is a parameter or a fact; no parameter has the name of a fact, and facts are complete.
    for slot in {*text.slots("en"), *text.slots("fr")}:
        yield "parameter", slot.partition(".")[0]


def _of_condition(condition: Condition) -> Iterator[Key]:
    values, value = condition.fact.values, condition.value
    yield "fact", condition.fact.name
    if isinstance(value, Reference):
        yield "parameter", value.parameter
    elif values is not None and value is not None:
        for item in value if isinstance(value, frozenset) else (value,):
            yield "term", f"{values}/{item}"


def _of_effects(then: Effects) -> Iterator[Key]:
    for effect, value in effects_of(then):
        match effect.shape:
            case EffectShape.POINTS:
                yield from (("criterion", name) for name, _ in value)
                yield from names_of(tuple(points for _, points in value))
            case EffectShape.CONCLUSIONS:
                yield from (("fact", name) for name, _ in value)
            case EffectShape.TEXT:
                yield from names_of(value)


def _of_rule(rule: Rule) -> Iterator[Key]:
    if rule.applies_if:
        yield "parameter", rule.applies_if
    read = rule.reads()
    yield from (("fact", behind) for behind in {*map(concluded_behind, read)} - read)
    yield from names_of((rule.when, rule.unless, rule.then, rule.because))


def _of_region(region: Region) -> Iterator[Key]:
    for name in (region.countries, region.undetermined, region.forums):
        yield "parameter", name


_NAMES: Mapping[type, Callable[[Any], Iterator[Key]]] = {
    Text: _of_text,
    Condition: _of_condition,
    Effects: _of_effects,
    Rule: _of_rule,
    Reference: lambda reference: iter([("parameter", reference.parameter)]),
    Suspension: lambda suspension: (("limit", name) for name, _ in suspension.reserves),
    Region: _of_region,
}


# -- the same or not


def comparable(value: Any) -> Any:
    """A value for `==`: lines of files do not count, order only where it means something."""
    match value:
        case Where():
            return None
        case Rule():
            rest = _comparable_fields(value, {"when", "unless", "table"})
            return (*rest, comparable_clauses(value.when), comparable_clauses(value.unless))
        case Effects():
            return tuple(_comparable_effect(row.shape, row.of(value)) for row in EFFECTS)
        case Text() | bool() | int() | str() | None:
            return (type(value).__name__, value)
        case Mapping():
            return frozenset((key, comparable(item)) for key, item in value.items())
        case tuple() | list():
            return tuple(map(comparable, value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            return (type(value).__name__, *_comparable_fields(value, set()))
    return (type(value).__name__, value)


def _comparable_effect(shape: EffectShape, value: Any) -> Any:
    # Of a table and its row, which may both give points and conclude, only the sum counts.
    if shape is EffectShape.POINTS:
        return tuple(sorted((name, repr(points)) for name, points in value))
    return frozenset(value) if shape is EffectShape.CONCLUSIONS else comparable(value)


def _comparable_fields(value: Any, without: set[str]) -> list[Any]:
    names = [name for name in _fields(type(value)) if name not in without]
    return [comparable(getattr(value, name)) for name in names]


def comparable_clauses(clauses: Iterable[tuple[Condition, ...]]) -> frozenset[frozenset[Any]]:
    """Clauses for `==`: neither their order nor the order of alternatives counts."""
    return frozenset(
        frozenset((one.fact.name, one.operator, comparable(one.value)) for one in clause)
        for clause in clauses
    )


def _fields(type_: Any) -> tuple[str, ...]:
    return tuple(type_.__dataclass_fields__)
