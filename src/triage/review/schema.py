"""The JSON Schema of the policy's files, with which editors complete and check what is written.

It is made from the tables of keys and phrases with which the files are read.
"""

from collections.abc import Iterable
from typing import Any

from triage.model.countries import CODES
from triage.model.effects import EFFECTS, Effect, EffectShape
from triage.model.facts import COUNTRIES, Fact, Kind, Origin
from triage.model.periods import CALENDAR, ROLLING
from triage.model.policy import Policy
from triage.model.program import EFFORTS, LIMIT_BY, LIMIT_MEASURES
from triage.rulebook.load import FILE_KEYS, POLICY_KEYS
from triage.rulebook.names import phrases_of
from triage.rulebook.read_changes import KEYS, MAY, MOST_AT_ONCE, VERBS
from triage.rulebook.read_effects import EFFECT_KEYS
from triage.rulebook.read_indicators import INDICATOR_KEYS
from triage.rulebook.read_limits import (
    CAP_KEYS,
    LIMIT_KEYS,
    LIMIT_MORE,
    MOST_DAYS,
    SUSPENSION_KEYS,
    SUSPENSION_MORE,
)
from triage.rulebook.read_parameters import PARAMETER_KEYS, PLAIN_TYPES
from triage.rulebook.read_rules import ROW_KEYS, RULE_KEYS, RULE_NEEDS, TABLE_KEYS, TABLE_NEEDS
from triage.rulebook.read_sources import SOURCE_KEYS, STATEMENT_KEYS
from triage.rulebook.read_vocabulary import FACT_KEYS

Schema = dict[str, Any]


# -- builders


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    """An object with these keys and no other."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})


def _complete(properties: Schema) -> Schema:
    """An object that needs all of its keys."""
    return _object(properties, tuple(properties))


def _entry(keys: Iterable[str], required: tuple[str, ...], own: Schema) -> Schema:
    """An object with the keys of a table; those without a schema in `own` mean what they often do.

    Of any other key no more is asked than that it is in the table.
    """
    return _object({key: own.get(key, COMMON.get(key, ANY)) for key in keys}, required)


def _map(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item}


def _by_day(item: Schema) -> Schema:
    return {"type": "object", "propertyNames": DATE, "additionalProperties": item}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _offered(values: Iterable[str]) -> Schema:
    """A text for which an editor offers these values, but takes others too."""
    return {"anyOf": [{"enum": list(values)}, WORD]}


def _term(vocabulary: str | None) -> Schema:
    return _ref(f"one of {vocabulary}")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{_key(name)}"}


def _key(name: str) -> str:
    return name.replace(" ", "-")


ANY: Schema = {}
WORD: Schema = {"type": "string"}
DATE: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
AMOUNT: Schema = {"type": "number", "minimum": 0}
COMMON: Schema = {
    **dict.fromkeys(("id", "match", "applies_if", "concluded"), WORD),
    **dict.fromkeys(("title", "because", "rationale", "reason"), _ref("text")),
    **dict.fromkeys(("label", "help", "question", "text"), _ref("text")),
    **dict.fromkeys(("when", "unless", "applies_to"), _list("line")),
    "basis": {"enum": ["strategy", "setting"]},
    "cite": _one_or_more(_ref("statement id")),
    "in_force": _object({"from": DATE, "until": DATE}),
}
"""The keys that mean the same wherever they stand."""


# -- the schema


def json_schema(policy: Policy) -> Schema:
    """One schema for every file under `rules/`.

    Ids of vocabularies are offered, not required: new ones pass too.
    """
    words = dict.fromkeys(("countries", "undetermined", "forums"), WORD)
    sections = dict.fromkeys((*FILE_KEYS, *SOURCE_KEYS, *POLICY_KEYS), ANY) | {
        "french": {"enum": ["unreviewed"]},
        "strategy": _offered(policy.strategies),
        "rules": _list("rule"),
        "tables": _list("table"),
        "parameters": _map(_ref("parameter")),
        "vocabularies": _map(_ref("vocabulary")),
        "facts": _map(_ref("fact")),
        "region": _complete(words),
        "indicators": _list("indicator"),
        "limits": _list("limit"),
        "suspensions": _list("suspension"),
        "statements": _map(_ref("statement")),
        **{key: {"type": "object"} for key in ("document", "policy", "strategies", "criteria")},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policy file",
        "$defs": {_key(name): schema for name, schema in _definitions(policy).items()},
        **_object(sections),
    }


def _definitions(policy: Policy) -> dict[str, Schema]:
    """What other parts of the schema refer to, by name."""
    vocabularies = policy.vocabularies
    alternatives = _complete({"any of": _list("condition")})
    names = _one_or_more(WORD)
    fact = {
        "kind": {"enum": [*Kind]},
        "vocabulary": _offered([*vocabularies, COUNTRIES]),
        **{key: {"type": "boolean"} for key in ("derived", "unread", "personal")},
        **{key: {"type": "integer", "minimum": 0} for key in ("least", "most")},
        "unit": WORD,
        "aliases": _object({"en": names, "fr": names}),
        "change": _ref("change"),
    }
    return {
        **{f"one of {id}": _offered(one.terms) for id, one in vocabularies.items()},
        f"one of {COUNTRIES}": _offered(sorted(CODES)),
        "statement id": _offered(policy.statements),
        "text": _complete({"en": WORD, "fr": WORD}),
        "condition": _condition(policy),
        "line": {"anyOf": [_ref("condition"), alternatives]},
        **_rules(policy),
        "parameter": _parameter(policy),
        "indicator": _entry(
            ("id", "label", "help", "values", "cite"),
            INDICATOR_KEYS,
            {"values": _offered(vocabularies)},
        ),
        "limit": _limit(),
        "suspension": _suspension(),
        "vocabulary": _object({"ordered": {"type": "boolean"}, "values": {"type": "array"}}),
        "fact": _entry(FACT_KEYS, ("label",), fact),
        "change": _change(policy),
        "statement": _object(dict.fromkeys(STATEMENT_KEYS, ANY), ("section", "kind", "says")),
    }


def _rules(policy: Policy) -> dict[str, Schema]:
    """Rules, tables and rows: each has some of the same keys."""
    concluded = [fact for fact in policy.facts.values() if fact.origin is Origin.CONCLUDED]
    conclusions = {
        fact.name: {"const": True}
        if fact.kind is Kind.BOOLEAN
        else _one_or_more(_term(fact.values))
        for fact in concluded
    }
    own = {
        "then": _effects(policy, conclusions),
        "conclude": _object(conclusions),
        "value concludes": _offered(conclusions),
        "rows": _list("row"),
    }
    return {
        "rule": _entry(RULE_KEYS, RULE_NEEDS, own),
        "table": _entry(TABLE_KEYS, TABLE_NEEDS, own),
        "row": _entry(ROW_KEYS, ("value",), own),
    }


def _effects(policy: Policy, conclusions: dict[str, Schema]) -> Schema:
    own = {effect.key: _effect(policy, effect, conclusions) for effect in EFFECTS}
    return _entry(EFFECT_KEYS, (), own)


def _effect(policy: Policy, effect: Effect, conclusions: dict[str, Schema]) -> Schema:
    """What stands under the key of an effect."""
    terms = [id for name in effect.vocabularies for id in policy.vocabularies[name].terms]
    match effect.shape:
        case EffectShape.POINTS:
            points = {"anyOf": [{"type": "integer", "minimum": 1}, WORD]}
            return _object({criterion.id: points for criterion in policy.criteria})
        case EffectShape.BOUND:
            return {"enum": [str(bound) for bound in effect.bounds]}
        case EffectShape.CONCLUSIONS:
            return _object(conclusions)
        case EffectShape.TERM:
            return _offered(terms)
        case EffectShape.TERMS:
            return _one_or_more(_offered(terms))
    return _ref("text")


def _condition(policy: Policy) -> Schema:
    phrases = phrases_of(policy.facts, policy.ordered)
    alone = [phrase for phrase, (_, row) in phrases.items() if row.takes == "nothing"]
    with_value = {
        phrase: _value(fact, many=row.takes == "many")
        for phrase, (fact, row) in phrases.items()
        if row.takes != "nothing"
    }
    one = _object(with_value) | {"minProperties": 1, "maxProperties": 1}
    return {"anyOf": [{"enum": alone}, one]}


def _value(fact: Fact, many: bool) -> Schema:
    """The value of a phrase: one, or a list of them, or the name of a parameter."""
    types = {Kind.BOOLEAN: "boolean", Kind.INTEGER: "integer", Kind.DECIMAL: "number"}
    if fact.values is not None:
        one = _term(fact.values)
    elif fact.kind is Kind.DATE:
        one = DATE
    else:
        one = {"type": types.get(fact.kind, "string")}
    return {"anyOf": [{"type": "array", "items": one, "minItems": 1} if many else one, WORD]}


def _parameter(policy: Policy) -> Schema:
    own = {
        "of": _offered([*PLAIN_TYPES, *policy.vocabularies]),
        "values": _by_day(_entry(("value", "cite", "rationale"), (), {})),
    }
    return _entry(("title", "of", "basis", "note", "values"), PARAMETER_KEYS, own)


def _change(policy: Policy) -> Schema:
    own: Schema = {
        "values": {"anyOf": [{"type": "array", "minItems": 1}, _offered(policy.parameters)]},
        "at_most": {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE},
        "effort": {"enum": list(EFFORTS)},
    }
    verbs = dict.fromkeys(verb for verbs in VERBS.values() for verb in verbs)
    keys = {verb: KEYS.get(verb, ("text",)) for verb in verbs}
    return _object({verb: _entry((*keys[verb], *MAY), keys[verb], own) for verb in verbs})


def _limit() -> Schema:
    days = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
    cap = {"value": AMOUNT, "for_unknown": AMOUNT, "cite": ANY}
    own = {
        "per": {"anyOf": [{"enum": list(CALENDAR)}, _complete({ROLLING: days})]},
        "by": {"enum": list(LIMIT_BY)},
        "measure": {"enum": list(LIMIT_MEASURES)},
        "to_be_set": {"type": "boolean"},
        "at_most": _by_day(_entry(CAP_KEYS, (), cap)),
    }
    return _entry((*LIMIT_KEYS, *LIMIT_MORE), LIMIT_KEYS, own)


def _suspension() -> Schema:
    own = {
        "in_force": _object({"from": DATE, "until": DATE}, ("from",)),
        "below": {"type": "integer", "minimum": 0, "maximum": 100},
        "reserves": _map(AMOUNT),
        "basis": {"enum": ["setting"]},
    }
    return _entry((*SUSPENSION_KEYS, *SUSPENSION_MORE), SUSPENSION_KEYS, own)
