"""One parameter tried without a file: `accept_threshold=55`, `weight.partner=25`,
`accept_threshold@2024-01-01=55`.

Without a day the value takes the place of every dated value, so that it holds on the days of old
cases too; where the parameter has none, or has ended, it still has none. With a day it holds from
that day until the next dated value.
"""

import hashlib
import re
from collections.abc import Sequence
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
"""Before the id of a criterion it means the parameter that stands as the criterion's maximum."""

FORM = re.compile(r"\s*([^=@\s]+)(?:@(\S*?))?\s*=\s*(.*?)\s*\Z", re.S)

ASCENDING = (
    ("defer_threshold", "accept_threshold", "thresholds-reversed", ("defer", "accept")),
    ("small_event_at_most", "medium_event_at_most", "event-sizes-reversed", ("small", "medium")),
)
"""Parameters of which the first may not be above the second, with what is said when it is."""


@dataclass(frozen=True)
class Target:
    """What a setting sets: a parameter, or a criterion whose maximum is a number in policy.yaml."""

    parameter: Parameter | None
    criterion: Criterion | None = None

    @property
    def of(self) -> str:
        """The type of the value."""
        return self.parameter.of if self.parameter else "integer"


@dataclass(frozen=True)
class Setting:
    """A value on trial. `since` is the day from which it holds; None for all days on which there
    is one.
    """

    target: Target
    since: date | None
    value: Any

    @property
    def key(self) -> str:
        """What it sets, and to what: the same for the same trial."""
        name = self.target.parameter.id if self.target.parameter else self.target.criterion
        return f"{name}@{self.since or ''}={_stable(self.value)}"


def read_setting(text: str, policy: Policy, language: Language) -> Setting:
    """One setting as written on the command line; `UsageError` says what is wrong and what was
    expected.
    """
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
            raise UsageError(
                say("setting.day", language, text=text, expected=say("expected.date", language))
            ) from None
    if since is not None and target.parameter is None:
        raise UsageError(say("setting.no-days", language, text=text))
    return Setting(target, since, read_value(written, target, policy, text, language))


def find_target(name: str, policy: Policy, text: str, language: Language) -> Target:
    """The parameter of a name; `weight.` and a criterion means the parameter of its maximum."""
    if name in policy.parameters:
        return Target(policy.parameters[name])
    criteria = {f"{WEIGHT}{criterion.id}": criterion for criterion in policy.criteria}
    criterion = criteria.get(name)
    if criterion is None:
        near = nearest(name, [*policy.parameters, *criteria])
        suggestion = say("word.suggestion", language, suggestion=near) if near else ""
        raise UsageError(say("setting.unknown", language, text=text, name=name) + suggestion)
    if isinstance(criterion.maximum, Reference):
        return Target(policy.parameters[criterion.maximum.parameter])
    return Target(None, criterion)


def read_value(written: str, target: Target, policy: Policy, text: str, language: Language) -> Any:
    """The value in the type of the parameter, within what the program and the rules can take."""
    of, parameter = target.of, target.parameter
    if of == COUNTRIES or of in policy.vocabularies:
        return _listed(written, of, bool(parameter and parameter.is_list), policy, text, language)
    value = _parsed(written, of)
    least, most = limits(target, policy)
    if (
        value is None
        or (least is not None and value < least)
        or (most is not None and value > most)
    ):
        raise UsageError(
            say("setting.value", language, text=text, expected=expected(of, least, most, language))
        )
    return value


def limits(target: Target, policy: Policy) -> tuple[int | None, int | None]:
    """The least and the most that a value can be; None where anything goes."""
    if target.parameter is None:
        return 1, None
    name = target.parameter.id
    scoring = {points for rule in policy.rules for _, points in rule.then.score}
    if Reference(name) in scoring or any(
        criterion.maximum == Reference(name) for criterion in policy.criteria
    ):
        return 1, None
    return RANGES.get(name, (None, None))


def expected(of: str, least: int | None, most: int | None, language: Language) -> str:
    """What a value should look like."""
    words = say(f"setting.of-{of}", language)
    if least is None:
        return words
    key = "setting.at-least" if most is None else "setting.between"
    return words + say(key, language, least=least, most=most)


def _parsed(written: str, of: str) -> Any:
    if of == "boolean":
        return {"true": True, "false": False}.get(written)
    try:
        if of == "integer":
            return int(written) if re.fullmatch(r"-?\d{1,9}", written) else None
        if of == "decimal":
            found = Decimal(written)
            return found if found.is_finite() and abs(found) < 10**15 else None
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
            near = nearest(item, known)
            suggestion = say("word.suggestion", language, suggestion=near) if near else ""
            key = "diagnostic.unknown-country" if of == COUNTRIES else "diagnostic.unknown-value"
            problem = say(key, language, value=item, vocabulary=of)
            raise UsageError(
                say("setting.problem", language, text=text, problem=problem + suggestion)
            )
    if not many and len(items) != 1:
        problem = say("expected.one-value", language)
        raise UsageError(say("setting.problem", language, text=text, problem=problem))
    return frozenset(items) if many else items[0]


# -- applying them
# --------------------------------------------------------------------------------------------------


def apply_settings(policy: Policy, texts: Sequence[str], language: Language = "en") -> Policy:
    """The policy with settings as they are written on the command line."""
    made = with_settings(policy, [read_setting(text, policy, language) for text in texts])
    if (problem := reversed_pair(made, language)) is not None:
        raise UsageError(
            say("setting.problem", language, text=" --set ".join(texts), problem=problem)
        )
    return made


def with_settings(policy: Policy, settings: Sequence[Setting]) -> Policy:
    """The policy with values on trial; its version is a digest of the baseline's and of what was
    set.
    """
    parameters, criteria = dict(policy.parameters), list(policy.criteria)
    changed = []
    for setting in settings:
        parameter, criterion = setting.target.parameter, setting.target.criterion
        if parameter is not None:
            before = parameters[parameter.id]
            parameters[parameter.id] = after = replace(before, values=_dated(before, setting))
            if before.values != after.values:
                changed.append(setting.key)
        elif criterion is not None and criterion.maximum != setting.value:
            place = [one.id for one in criteria].index(criterion.id)
            criteria[place] = replace(criteria[place], maximum=setting.value)
            changed.append(setting.key)
    if not changed:
        return policy
    version = hashlib.sha256("\n".join([policy.version, *changed]).encode()).hexdigest()[:12]
    return replace(policy, parameters=parameters, criteria=tuple(criteria), version=version)


def _dated(parameter: Parameter, setting: Setting) -> tuple[DatedValue, ...]:
    if setting.since is None:
        return tuple(_tried(dated.since, setting.value, dated) for dated in parameter.values)
    others = [dated for dated in parameter.values if dated.since != setting.since]
    there = next((dated for dated in parameter.values if dated.since == setting.since), None)
    added = DatedValue(setting.since, setting.value, (), None)
    if there is not None and there.value == setting.value:
        added = there
    return tuple(sorted([*others, added], key=lambda dated: dated.since))


def _tried(since: date, value: Any, before: DatedValue) -> DatedValue:
    """A value on trial cites nothing: what the baseline's value rests on does not give it."""
    return (
        before
        if before.value is None or before.value == value
        else DatedValue(since, value, (), None)
    )


def reversed_pair(policy: Policy, language: Language) -> str | None:
    """What is said when two parameters that go up go down on some day; None when all is well."""
    for low, high, code, slots in ASCENDING:
        pair = [policy.parameters.get(name) for name in (low, high)]
        days = {dated.since for parameter in pair if parameter for dated in parameter.values}
        for day in sorted(days):
            low_value, high_value = (
                parameter.value_on(day) if parameter else None for parameter in pair
            )
            if low_value is not None and high_value is not None and low_value > high_value:
                return say(
                    f"diagnostic.{code}", language, **{slots[0]: low_value, slots[1]: high_value}
                )
    return None


def _stable(value: Any) -> str:
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)
