"""The parameters of a policy, each with its values by the day from which they hold."""

import itertools
from decimal import Decimal
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.model import countries
from triage.model.facts import COUNTRIES
from triage.model.policy import Basis, DatedValue, Parameter, Where
from triage.model.program import RANGES, REQUIRED_PARAMETERS
from triage.rulebook.diagnostics import Subject
from triage.rulebook.draft import Draft
from triage.rulebook.read_conditions import code_of
from triage.rulebook.read_rules import check_basis
from triage.rulebook.reader import (
    SNAKE,
    UNREAD,
    Contents,
    Reader,
    fraction,
    is_number,
    is_whole,
    shown,
)

PARAMETER_KEYS = ("title", "of", "basis", "values")
PLAIN_TYPES = ("integer", "decimal", "fraction", "boolean", "date", COUNTRIES)
"""What a parameter can be `of`, besides the terms of a vocabulary."""


def read_parameters(contents: Contents, draft: Draft) -> None:
    """The parameters of all files."""
    for reader, content in contents:
        entries = content.get("parameters")
        if isinstance(entries, Mapping):
            draft.unreadable |= {id for id, raw in entries.items() if not isinstance(raw, Mapping)}
        for id, raw, subject in reader.entries(content, "parameters", "parameter"):
            where = reader.where(entries, id)
            reader.keys(raw, (*PARAMETER_KEYS, "note"), PARAMETER_KEYS, subject)
            reader.check_form(id, SNAKE, where, subject)
            if id in draft.parameters:
                reader.duplicate(where, subject, draft.parameters[id].where)
                continue
            title, of = reader.text(raw, "title", subject), _type(reader, raw, id, draft)
            if of is None:
                draft.unreadable.add(id)
                continue
            values = _dated_values(reader, raw, of, subject, draft)
            basis = Basis.SETTING if raw.get("basis") == "setting" else Basis.STRATEGY
            draft.parameters[id] = Parameter(id, title or UNREAD, of, basis, values, where)


def _type(reader: Reader, raw: Mapping, id: str, draft: Draft) -> str | None:
    subject, where = ("parameter", id), reader.where(raw, "of")
    of = reader.word(raw, "of", subject)
    types = (*PLAIN_TYPES, *draft.vocabularies)
    if of is None:
        return None
    if of not in types:
        reader.misnamed("unknown-type", where, subject, of, types)
        return None
    needed = REQUIRED_PARAMETERS.get(id, of)
    if needed != of:
        reader.error("required-parameter", where, subject, of=needed)
        return None
    return of


def _dated_values(
    reader: Reader, raw: Mapping, of: str, subject: Subject, draft: Draft
) -> tuple[DatedValue, ...]:
    dated: dict[Any, DatedValue] = {}
    entries = reader.mapping(raw, "values", subject)
    if raw.get("values") == {}:
        reader.error("no-values", reader.where(raw, "values"), subject)
    for key, entry in entries.items():
        where = reader.where(entries, key)
        since = reader.day(key, where, subject)
        if not isinstance(entry, Mapping):
            reader.error("not-a-mapping", where, subject, key=key)
            continue
        keys = ("value", "cite", "rationale")
        reader.keys(entry, keys, ("value",), subject, may_be_empty=("value",))
        holders = ((entry, subject), (raw, subject))
        _, cite, rationale = check_basis(reader, holders, draft.statements)
        value, where = entry.get("value"), reader.where(entry, "value")
        if value is not None:
            value = _typed(reader, value, of, where, subject, draft)
        if value is not None and subject[1] in RANGES:
            least, most = RANGES[subject[1]]
            if not least <= value <= most:
                limits = {"value": value, "least": least, "most": most}
                reader.error("out-of-range", where, subject, **limits)
        if since is not None:
            dated[since] = DatedValue(since, value, cite, rationale)
    values = tuple(dated[since] for since in sorted(dated))
    if len({isinstance(one.value, frozenset) for one in values if one.value is not None}) > 1:
        reader.error("mixed-values", reader.where(raw, "values"), subject)
    for before, after in itertools.pairwise(values):
        if before.value == after.value is not None:
            where = reader.where(entries, after.since.isoformat())
            reader.warning("same-value-twice", where, subject, since=before.since)
    return values


def _typed(
    reader: Reader, value: Any, of: str, where: Where, subject: Subject, draft: Draft
) -> Any:
    """The value as its type has it; None, with a diagnostic, when it is of another type."""
    if of == COUNTRIES or of in draft.vocabularies:
        return _terms(reader, value, of, where, subject, draft)
    match of:
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" if is_whole(value):
            return value
        case "decimal" if is_number(value):
            return Decimal(value)
        case "fraction" if (share := fraction(value)) is not None:
            return share
        case "date":
            return reader.day(value, where, subject)
    reader.error("bad-value", where, subject, value=shown(value), of=of)
    return None


def _terms(
    reader: Reader, value: Any, of: str, where: Where, subject: Subject, draft: Draft
) -> frozenset[str] | str | None:
    """A term of a vocabulary, a country, or a set of them without those that are unknown."""
    known = countries.CODES if of == COUNTRIES else draft.ids(of)
    items = value if isinstance(value, Sequence) else [value]
    good = [item for item in items if isinstance(item, str) and item in known]
    for item in items:
        if isinstance(item, str) and item in known:
            continue
        code = "unknown-country" if of == COUNTRIES else "unknown-value"
        near = code_of(item) if of == COUNTRIES else nearest(shown(item), known)
        values = {"value": shown(item), "vocabulary": of, "suggestion": near}
        reader.error(code, where, subject, **values)
    for item in sorted({item for item in good if good.count(item) > 1}):
        reader.error("listed-twice", where, subject, value=item)
    return frozenset(good) if isinstance(value, Sequence) else next(iter(good), None)
