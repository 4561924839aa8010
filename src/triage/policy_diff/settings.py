"""Single values tried without a file: `accept_threshold=55`, `weight.partner=25`,
`accept_threshold@2024-01-01=55`.

Without a day the value replaces every dated value, so that it holds on the days of old cases too;
where the parameter has none, or has ended, it still has none. With a day it holds from that day
until the next dated value.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from triage.errors import UsageError
from triage.formats.spelling import nearest
from triage.messages import Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES
from triage.model.policy import Criterion, DatedValue, Parameter, Policy, Reference
from triage.model.program import RANGES
from triage.rulebook.reader import fraction

WEIGHT = "weight."
"""Before the id of a criterion it means the parameter that is the criterion's maximum."""

FORM = re.compile(r"\s*([^=@\s]+)(?:@(\S*?))?\s*=\s*(.*?)\s*\Z", re.S)

EXPECTED = {
    "integer": "setting.of-integer",
    "decimal": "setting.of-decimal",
    "fraction": "setting.of-fraction",
    "boolean": "setting.of-boolean",
    "date": "setting.of-date",
}
"""What a value should look like, by the type of its parameter."""

ASCENDING = (
    ("defer_threshold", "accept_threshold", "diagnostic.thresholds-reversed", ("defer", "accept")),
    (
        "small_event_at_most",
        "medium_event_at_most",
        "diagnostic.event-sizes-reversed",
        ("small", "medium"),
    ),
)
"""Parameters of which the first may not be above the second, with the message when it is."""


@dataclass(frozen=True)
class Target:
    """What a setting sets: a parameter, or a criterion whose maximum is a number in policy.yaml."""

    parameter: Parameter | None
    criterion: Criterion | None = None

    @property
    def of(self) -> str:
        return self.parameter.of if self.parameter else "integer"


@dataclass(frozen=True)
class Setting:
    """A value on trial, from the day `since`; None for all days on which there is a value."""

    target: Target
    since: date | None
    value: Any

    @property
    def key(self) -> str:
        """What it sets, and to what: the same for the same trial."""
        name = self.target.parameter.id if self.target.parameter else self.target.criterion
        value = ",".join(sorted(self.value)) if isinstance(self.value, frozenset) else self.value
        return f"{name}@{self.since or ''}={value}"


def read_setting(text: str, policy: Policy, language: Language) -> Setting:
    """One setting as written on the command line; `UsageError` says what was expected."""
    match = FORM.match(text)
    if match is None:
        raise UsageError(say("setting.form", language, text=text))
    name, day, written = match.groups()
    target = find_target(name, policy, text, language)
    since = None
    if day is not None:
        try:
            since = date.fromisoformat(day)
        except ValueError:
            expected = say("expected.date", language)
            raise UsageError(say("setting.day", language, text=text, expected=expected)) from None
    if since is not None and target.parameter is None:
        raise UsageError(say("setting.no-days", language, text=text))
    return Setting(target, since, _read_value(written, target, policy, text, language))


def find_target(name: str, policy: Policy, text: str, language: Language) -> Target:
    """The parameter of a name; `weight.` and a criterion means the parameter of its maximum."""
    if name in policy.parameters:
        return Target(policy.parameters[name])
    criteria = {f"{WEIGHT}{criterion.id}": criterion for criterion in policy.criteria}
    criterion = criteria.get(name)
    if criterion is None:
        suggestion = _suggestion(name, [*policy.parameters, *criteria], language)
        raise UsageError(say("setting.unknown", language, text=text, name=name) + suggestion)
    if isinstance(criterion.maximum, Reference):
        return Target(policy.parameters[criterion.maximum.parameter])
    return Target(None, criterion)


def _suggestion(word: str, known: Iterable[str], language: Language) -> str:
    near = nearest(word, known)
    return say("word.suggestion", language, suggestion=near) if near else ""


def _problem(text: str, problem: str, language: Language) -> UsageError:
    return UsageError(say("setting.problem", language, text=text, problem=problem))


def _read_value(written: str, target: Target, policy: Policy, text: str, language: Language) -> Any:
    """The value in the type of the parameter, within what the program and the rules can take."""
    of, parameter = target.of, target.parameter
    if of == COUNTRIES or of in policy.vocabularies:
        return _listed(written, of, bool(parameter and parameter.is_list), policy, text, language)
    value = _parsed(written, of)
    least, most = _range(target, policy)
    if value is not None and (least is None or value >= least) and (most is None or value <= most):
        return value
    expected = _expected(of, least, most, language)
    raise UsageError(say("setting.value", language, text=text, expected=expected))


def _range(target: Target, policy: Policy) -> tuple[int | None, int | None]:
    """The least and the most that a value can be; None where anything goes."""
    if target.parameter is None:
        return 1, None
    name = target.parameter.id
    points = {points for rule in policy.rules for _, points in rule.then.score}
    if Reference(name) in points | {criterion.maximum for criterion in policy.criteria}:
        return 1, None
    return RANGES.get(name, (None, None))


def _expected(of: str, least: int | None, most: int | None, language: Language) -> str:
    words = say(EXPECTED[of], language)
    if least is None:
        return words
    key = "setting.at-least" if most is None else "setting.between"
    return words + say(key, language, least=least, most=most)


def _parsed(written: str, of: str) -> Any:
    """The value, or None where the text is not of the type."""
    if of == "boolean":
        return {"true": True, "false": False}.get(written)
    try:
        if of == "integer":
            return int(written) if re.fullmatch(r"-?\d{1,9}", written) else None
        if of == "decimal":
            value = Decimal(written)
            return value if value.is_finite() and abs(value) < 10**15 else None
        if of == "date":
            return date.fromisoformat(written)
    except (ValueError, InvalidOperation):
        return None
    return fraction(written)


def _listed(
    written: str, of: str, many: bool, policy: Policy, text: str, language: Language
) -> Any:
    known = countries.CODES if of == COUNTRIES else frozenset(policy.vocabularies[of].terms)
    items = [item.strip() for item in written.strip("[]").split(",") if item.strip()]
    for item in items:
        if item not in known:
            key = "diagnostic.unknown-country" if of == COUNTRIES else "diagnostic.unknown-value"
            problem = say(key, language, value=item, vocabulary=of)
            raise _problem(text, problem + _suggestion(item, known, language), language)
    if not many and len(items) != 1:
        raise _problem(text, say("expected.one-value", language), language)
    return frozenset(items) if many else items[0]


# -- applying them


def apply_settings(policy: Policy, texts: Sequence[str], language: Language = "en") -> Policy:
    made = with_settings(policy, [read_setting(text, policy, language) for text in texts])
    if (problem := reversed_pair(made, language)) is not None:
        raise _problem(" --set ".join(texts), problem, language)
    return made


def with_settings(policy: Policy, settings: Sequence[Setting]) -> Policy:
    """The policy with values on trial; its version is a digest of the old one and the settings."""
    parameters, criteria = dict(policy.parameters), {one.id: one for one in policy.criteria}
    changed = []
    for setting in settings:
        parameter, criterion = setting.target.parameter, setting.target.criterion
        if parameter is not None:
            before = parameters[parameter.id]
            parameters[parameter.id] = after = replace(before, values=_dated(before, setting))
            if before.values != after.values:
                changed.append(setting.key)
        elif criterion is not None and criterion.maximum != setting.value:
            criteria[criterion.id] = replace(criteria[criterion.id], maximum=setting.value)
            changed.append(setting.key)
    if not changed:
        return policy
    version = hashlib.sha256("\n".join([policy.version, *changed]).encode()).hexdigest()[:12]
    maxima = tuple(criteria.values())
    return replace(policy, parameters=parameters, criteria=maxima, version=version)


def _dated(parameter: Parameter, setting: Setting) -> tuple[DatedValue, ...]:
    """The dated values with a setting; a value on trial cites nothing that the old one rests on."""
    if setting.since is None:
        return tuple(
            dated
            if dated.value is None or dated.value == setting.value
            else DatedValue(dated.since, setting.value, (), None)
            for dated in parameter.values
        )
    others = [dated for dated in parameter.values if dated.since != setting.since]
    there = next((dated for dated in parameter.values if dated.since == setting.since), None)
    added = DatedValue(setting.since, setting.value, (), None)
    if there is not None and there.value == setting.value:
        added = there
    return tuple(sorted([*others, added], key=lambda dated: dated.since))


def reversed_pair(policy: Policy, language: Language) -> str | None:
    """What is said when two parameters that must ascend descend on some day; else None."""
    for low_name, high_name, key, slots in ASCENDING:
        low, high = policy.parameters.get(low_name), policy.parameters.get(high_name)
        if low is None or high is None:
            continue
        for day in sorted({dated.since for dated in (*low.values, *high.values)}):
            least, most = low.value_on(day), high.value_on(day)
            if least is not None and most is not None and least > most:
                return say(key, language, **{slots[0]: least, slots[1]: most})
    return None
