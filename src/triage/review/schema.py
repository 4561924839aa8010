"""The JSON Schema of the policy's files, made from the table of phrases that reads them, so that
editors complete.
"""

from typing import Any

from triage.model.countries import CODES
from triage.model.facts import COUNTRIES, Fact, Kind, Origin
from triage.model.periods import CALENDAR, ROLLING
from triage.model.policy import Policy
from triage.model.program import LIMIT_BY, LIMIT_MEASURES
from triage.rulebook.read_changes import KEYS, MOST_AT_ONCE, VERBS
from triage.rulebook.read_conditions import KnownNames
from triage.rulebook.read_effects import CEILINGS, EFFECT_KEYS, FLOORS
from triage.rulebook.read_indicators import INDICATOR_KEYS
from triage.rulebook.read_limits import (
    CAP_KEYS,
    LIMIT_KEYS,
    LIMIT_MORE,
    MOST_DAYS,
    SUSPENSION_KEYS,
    SUSPENSION_MORE,
)
from triage.rulebook.read_rules import ROW_KEYS, RULE_KEYS, TABLE_KEYS
from triage.rulebook.read_vocabulary import FILE_KEYS, POLICY_KEYS, SOURCE_KEYS, STATEMENT_KEYS

Schema = dict[str, Any]
DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
WORD = {"type": "string"}
ANY: Schema = {}


def json_schema(policy: Policy) -> Schema:
    """One schema for every file under `rules/`. Ids of vocabularies are offered, not required:
    new ones pass too.
    """
    words = KnownNames(
        policy.facts,
        policy.fact_texts,
        policy.vocabularies,
        policy.parameters,
        frozenset(criterion.id for criterion in policy.criteria),
        frozenset(policy.statements),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policy file",
        "$defs": {name.replace(" ", "-"): one for name, one in _definitions(policy, words).items()},
        **_object(
            dict.fromkeys((*FILE_KEYS, *SOURCE_KEYS, *POLICY_KEYS), ANY)
            | {
                "french": {"enum": ["unreviewed"]},
                "strategy": _offered(policy.strategies),
                "rules": _list("rule"),
                "tables": _list("table"),
                "parameters": _map(_ref("parameter")),
                "vocabularies": _map(_ref("vocabulary")),
                "facts": _map(_ref("fact")),
                "region": _object(
                    {"countries": WORD, "undetermined": WORD, "forums": WORD}, required=True
                ),
                "indicators": _list("indicator"),
                "limits": _list("limit"),
                "suspensions": _list("suspension"),
                "statements": _map(_ref("statement")),
                "document": {"type": "object"},
                "policy": {"type": "object"},
                "strategies": {"type": "object"},
                "criteria": {"type": "object"},
            }
        ),
    }


def _definitions(policy: Policy, words: KnownNames) -> dict[str, Schema]:
    conclusions = {
        fact.name: {"const": True}
        if fact.kind is Kind.BOOLEAN
        else _one_or_more(_values(fact.values))
        for fact in policy.facts.values()
        if fact.origin is Origin.CONCLUDED
    }
    branches, consulted = (
        policy.vocabularies["branches"].terms,
        policy.vocabularies["departments"].terms,
    )
    effects = dict.fromkeys(EFFECT_KEYS, ANY) | {
        "score": _object(
            {c.id: {"anyOf": [{"type": "integer", "minimum": 1}, WORD]} for c in policy.criteria}
        ),
        "at most": {"enum": list(CEILINGS)},
        "at least": {"enum": list(FLOORS)},
        "conclude": _object(conclusions),
        "lead": _offered(branches),
        "consult": _one_or_more(_offered([*branches, *consulted])),
        "advise": _ref("text"),
        "fund": _offered(policy.vocabularies["funds"].terms),
        "flag": _offered(policy.vocabularies["flags"].terms),
    }
    rule_parts = {
        "id": WORD,
        "title": _ref("text"),
        "when": _list("line"),
        "unless": _list("line"),
        "then": _object(effects),
        "because": _ref("text"),
        "basis": {"enum": ["strategy", "setting"]},
        "cite": _one_or_more(_ref("statement id")),
        "rationale": _ref("text"),
        "in_force": _object({"from": DATE, "until": DATE}),
        "applies_if": WORD,
        "conclude": _object(conclusions),
        "value": ANY,
        "match": WORD,
        "value concludes": _offered(conclusions),
        "rows": _list("row"),
    }
    rule, table, row = (
        {key: rule_parts[key] for key in keys} for keys in (RULE_KEYS, TABLE_KEYS, ROW_KEYS)
    )
    required_of_rule = ["id", "title", "when", "then", "because", "basis"]
    named = {
        f"one of {id}": _offered(vocabulary.terms) for id, vocabulary in policy.vocabularies.items()
    }
    return {
        **named,
        f"one of {COUNTRIES}": _offered(sorted(CODES)),
        "statement id": _offered(policy.statements),
        "text": _object({"en": WORD, "fr": WORD}, required=True),
        "condition": _condition(words),
        "line": {
            "anyOf": [_ref("condition"), _object({"any of": _list("condition")}, required=True)]
        },
        "rule": _object(rule) | {"required": required_of_rule},
        "table": _object(table)
        | {"required": ["id", "title", "match", "because", "basis", "rows"]},
        "row": _object(row) | {"required": ["value"]},
        "parameter": _object(
            {
                "title": _ref("text"),
                "of": _offered(
                    [
                        "integer",
                        "decimal",
                        "fraction",
                        "boolean",
                        "date",
                        COUNTRIES,
                        *policy.vocabularies,
                    ]
                ),
                "basis": {"enum": ["strategy", "setting"]},
                "note": ANY,
                "values": {
                    "type": "object",
                    "propertyNames": DATE,
                    "additionalProperties": _object(
                        {
                            "value": ANY,
                            "cite": _one_or_more(_ref("statement id")),
                            "rationale": _ref("text"),
                        }
                    ),
                },
            }
        )
        | {"required": ["title", "of", "basis", "values"]},
        "indicator": _object(
            {
                "id": WORD,
                "label": _ref("text"),
                "help": _ref("text"),
                "values": _offered(policy.vocabularies),
                "cite": _one_or_more(_ref("statement id")),
            }
        )
        | {"required": list(INDICATOR_KEYS)},
        **_limits(),
        "vocabulary": _object({"ordered": {"type": "boolean"}, "values": {"type": "array"}}),
        "fact": _fact(),
        "change": _change(policy),
        "statement": _object(dict.fromkeys(STATEMENT_KEYS, ANY))
        | {"required": ["section", "kind", "says"]},
    }


def _fact() -> Schema:
    # Names of facts that rules conclude are free, so nothing more is asked of their entries here.
    named = {"en": _one_or_more(WORD), "fr": _one_or_more(WORD)}
    shape = {
        "label": _ref("text"),
        "aliases": _object(named),
        "question": _ref("text"),
        "concluded": WORD,
    }
    return _object(shape | {"change": _ref("change")}) | {"required": ["label"]}


def _change(policy: Policy) -> Schema:
    keys: Schema = {
        "values": {"anyOf": [{"type": "array", "minItems": 1}, _offered(policy.parameters)]},
        "at_most": {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE},
        "text": _ref("text"),
    }
    verbs = dict.fromkeys(verb for verbs in VERBS.values() for verb in verbs)
    plain = ("text",)
    return _object(
        {
            verb: _object({key: keys[key] for key in KEYS.get(verb, plain)}, required=True)
            for verb in verbs
        }
    )


def _limits() -> dict[str, Schema]:
    amount = {"type": "number", "minimum": 0}
    days = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
    cap = _object(
        dict.fromkeys(CAP_KEYS, ANY)
        | {"value": amount, "for_unknown": amount, "rationale": _ref("text")}
    )
    limit = dict.fromkeys((*LIMIT_KEYS, *LIMIT_MORE), ANY) | {
        "id": WORD,
        "title": _ref("text"),
        "applies_to": _list("line"),
        "per": {"anyOf": [{"enum": list(CALENDAR)}, _object({ROLLING: days}, required=True)]},
        "by": {"enum": list(LIMIT_BY)},
        "measure": {"enum": list(LIMIT_MEASURES)},
        "basis": {"enum": ["strategy", "setting"]},
        "to_be_set": {"type": "boolean"},
        "at_most": {"type": "object", "propertyNames": DATE, "additionalProperties": cap},
        "rationale": _ref("text"),
        "cite": _one_or_more(_ref("statement id")),
    }
    suspension = dict.fromkeys((*SUSPENSION_KEYS, *SUSPENSION_MORE), ANY) | {
        "id": WORD,
        "title": _ref("text"),
        "reason": _ref("text"),
        "in_force": _object({"from": DATE, "until": DATE}) | {"required": ["from"]},
        "below": {"type": "integer", "minimum": 0, "maximum": 100},
        "reserves": _map(amount),
        "basis": {"enum": ["setting"]},
        "rationale": _ref("text"),
    }
    return {
        "limit": _object(limit) | {"required": list(LIMIT_KEYS)},
        "suspension": _object(suspension) | {"required": list(SUSPENSION_KEYS)},
    }


def _condition(words: KnownNames) -> Schema:
    plain = [phrase for phrase, (_, _, takes) in words.phrases.items() if takes == "nothing"]
    valued = {
        phrase: _value(fact, many=takes == "many")
        for phrase, (fact, _, takes) in words.phrases.items()
        if takes != "nothing"
    }
    return {"anyOf": [{"enum": plain}, _object(valued) | {"minProperties": 1, "maxProperties": 1}]}


def _value(fact: Fact, many: bool) -> Schema:
    if fact.values is not None:
        one = _values(fact.values)
    else:
        kinds = {Kind.BOOLEAN: "boolean", Kind.INTEGER: "integer", Kind.DECIMAL: "number"}
        one = DATE if fact.kind is Kind.DATE else {"type": kinds.get(fact.kind, "string")}
    return (
        {"anyOf": [{"type": "array", "items": one, "minItems": 1}, WORD]}
        if many
        else {"anyOf": [one, WORD]}
    )


def _values(values: str | None) -> Schema:
    return _ref(f"one of {values}")


def _offered(values: Any) -> Schema:
    """A text for which an editor offers these values, but takes others too."""
    return {"anyOf": [{"enum": list(values)}, WORD]}


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _object(properties: dict[str, Any], required: bool = False) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(properties)} if required else {})


def _map(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name.replace(' ', '-')}"}
