"""The policy as frozen data, for all days: `deciding.calendar` settles it for one of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from triage.messages import Language
from triage.model.facts import Fact, Origin
from triage.model.periods import Period
from triage.model.phrases import NO_PHRASES, TermPhrases


class Recommendation(StrEnum):
    """What the engine proposes, from the least to the most favourable."""

    DECLINE = "decline"
    DEFER = "defer"
    ACCEPT = "accept"

    @property
    def rank(self) -> int:
        """0 for decline, 1 for defer, 2 for accept."""
        return _RANK[self]


_RANK = {recommendation: rank for rank, recommendation in enumerate(Recommendation)}
RANKED = tuple(Recommendation)
RECOMMENDATION_MESSAGES: Mapping[str, str] = {
    "accept": "recommendation.accept",
    "defer": "recommendation.defer",
    "decline": "recommendation.decline",
}
"""The message with what people call each recommendation, and each determination."""


class Basis(StrEnum):
    """Whether the source says it (`strategy`) or the branch chose it (`setting`)."""

    STRATEGY = "strategy"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the policy's files."""

    file: str
    line: int


SLOT = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English and French; `{slots}` name facts and parameters."""

    en: str
    fr: str

    def __getitem__(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en

    def slots(self, language: Language) -> list[str]:
        """The slots of one language, in order."""
        return SLOT.findall(self[language])


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of a parameter, where a value could stand."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a rule; `value` is one value, a frozenset, a `Reference`, or None for nothing."""

    fact: Fact
    operator: str
    value: Any
    where: Where


Clause = tuple[Condition, ...]
"""Alternatives of which one must hold; a plain condition is a clause of one."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a matched rule contributes."""

    score: tuple[tuple[str, int | Reference], ...] = ()
    ceiling: Recommendation | None = None
    floor: Recommendation | None = None
    conclude: tuple[tuple[str, frozenset[str] | bool], ...] = ()
    lead: str | None = None
    consult: tuple[str, ...] = ()
    advise: Text | None = None
    fund: str | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One when/then with its citation; without a `strategy`, part of every assessment."""

    id: str
    strategy: str | None
    title: Text
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    then: Effects
    because: Text
    basis: Basis
    cite: tuple[str, ...]
    rationale: Text | None
    in_force: Period
    applies_if: str | None
    where: Where
    table: str | None = None

    def conditions(self) -> list[Condition]:
        return [condition for clause in self.when + self.unless for condition in clause]

    def reads(self) -> set[str]:
        """The names of the facts that its conditions are about."""
        return {condition.fact.name for condition in self.conditions()}

    def parameters(self) -> set[str]:
        """The names of the parameters in conditions, points and the switch."""
        values = [condition.value for condition in self.conditions()]
        values += [points for _, points in self.then.score]
        names = {value.parameter for value in values if isinstance(value, Reference)}
        return names | ({self.applies_if} if self.applies_if else set())


AnyDated = TypeVar("AnyDated", "DatedValue", "Cap")


def _in_force(dated: tuple[AnyDated, ...], day: date) -> AnyDated | None:
    """The last value that began by `day`; None before the first, and after the end."""
    current = next((one for one in reversed(dated) if one.since <= day), None)
    return current if current is not None and current.value is not None else None


@dataclass(frozen=True, slots=True)
class DatedValue:
    """The value of a parameter from a day on; None ends the parameter."""

    since: date
    value: Any
    cite: tuple[str, ...]
    rationale: Text | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value with its history, the oldest first."""

    id: str
    title: Text
    of: str
    basis: Basis
    values: tuple[DatedValue, ...]
    where: Where

    def on(self, day: date) -> DatedValue | None:
        return _in_force(self.values, day)

    def value_on(self, day: date) -> Any:
        dated = self.on(day)
        return None if dated is None else dated.value

    @property
    def is_list(self) -> bool | None:
        """Whether its values are lists; None while it has none."""
        values = [dated.value for dated in self.values if dated.value is not None]
        return any(isinstance(value, frozenset) for value in values) if values else None


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary; no rule is meant to read an `unread` one."""

    id: str
    label: Text
    aliases: tuple[str, ...]
    cite: tuple[str, ...]
    where: Where
    unread: bool = False
    phrases: TermPhrases = NO_PHRASES


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The allowed values of a fact; if `ordered`, from the lowest to the highest."""

    id: str
    ordered: bool
    terms: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Change:
    """How those who propose an engagement can change a fact; `text` says it, with a slot `{value}`.

    `values` are those that `to` allows, or a parameter with them; `at_most` is how many `add` and
    `remove` allow; `effort` is one of `program.EFFORTS`, or unsaid.
    """

    verb: str
    text: Text
    values: tuple[Any, ...] | Reference = ()
    at_most: int = 1
    effort: str | None = None


@dataclass(frozen=True, slots=True)
class FactText:
    """The words for a fact: its name, headers that mean it, the question to ask, its changes."""

    label: Text
    aliases: tuple[str, ...] = ()
    question: Text | None = None
    changes: tuple[Change, ...] = ()
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Region:
    """What a strategy covers: each a name of a parameter."""

    countries: str
    undetermined: str
    forums: str


@dataclass(frozen=True, slots=True)
class Strategy:
    id: str
    title: Text
    short: Text
    in_force: Period
    cite: tuple[str, ...]
    region: Region
    where: Where


@dataclass(frozen=True, slots=True)
class Criterion:
    id: str
    label: Text
    maximum: int | Reference


@dataclass(frozen=True, slots=True)
class Statement:
    """One operative statement of a document; `not_encoded` says why no rule cites it."""

    id: str
    document: str
    section: str
    kind: str
    says: str
    not_encoded: str | None
    where: Where


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a strategy wants recorded of an engagement; `values` names a vocabulary of answers."""

    id: str
    strategy: str
    label: Text
    help: Text
    values: str | None
    cite: tuple[str, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class SourceDocument:
    id: str
    title: Text
    short: Text
    where: Where


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a limit lets through from a day on; None ends the limit.

    `for_unknown` is set aside for a request of which the measure is not known.
    """

    since: date
    value: Decimal | None
    for_unknown: Decimal
    cite: tuple[str, ...]
    rationale: Text | None


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of something may be accepted in a period.

    `per` is one of `periods.PER`, `days` the length of a rolling one; `by` and `measure` are of
    `program.LIMIT_BY` and `LIMIT_MEASURES`. `to_be_set`: the branch has yet to choose the values.
    """

    id: str
    title: Text
    applies_to: tuple[Clause, ...]
    per: str
    days: int
    by: str
    measure: str
    at_most: tuple[Cap, ...]
    basis: Basis
    to_be_set: bool
    where: Where

    def on(self, day: date) -> Cap | None:
        return _in_force(self.at_most, day)


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which other things come first: engagements in it with a score under `below` are
    deferred, and `reserves` are the amounts that are set aside of limits."""

    id: str
    title: Text
    reason: Text
    in_force: Period
    below: int
    reserves: tuple[tuple[str, Decimal], ...]
    rationale: Text
    where: Where


@dataclass(frozen=True)
class Policy:
    """All of `rules/` at one version: the first 12 hex digits of its content's digest."""

    id: str
    version: str
    title: Text
    notice: Text
    default_lead: str
    acknowledged: frozenset[str]
    strategies: Mapping[str, Strategy]
    criteria: tuple[Criterion, ...]
    vocabularies: Mapping[str, Vocabulary]
    facts: Mapping[str, Fact]
    fact_texts: Mapping[str, FactText]
    parameters: Mapping[str, Parameter]
    rules: tuple[Rule, ...]
    documents: Mapping[str, SourceDocument]
    statements: Mapping[str, Statement]
    indicators: tuple[Indicator, ...] = ()
    limits: tuple[Limit, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    unreviewed_french: frozenset[str] = field(default_factory=frozenset)
    folder: Path | None = field(default=None, compare=False)
    """Where it was read from; None when it was made in memory."""

    @cached_property
    def rule(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def demanding(self) -> frozenset[str]:
        """The ids of the rules that say `at least: accept`."""
        return frozenset(rule.id for rule in self.rules if rule.then.floor is Recommendation.ACCEPT)

    @cached_property
    def request_facts(self) -> Mapping[str, Fact]:
        """The facts that a request can have, in the order in which they are declared."""
        return {name: fact for name, fact in self.facts.items() if fact.origin is Origin.REQUEST}

    @cached_property
    def readable(self) -> tuple[str, ...]:
        """The names of the facts of a request that rules may read, in the same order."""
        return tuple(name for name, fact in self.request_facts.items() if fact.readable)

    def ordered(self, fact: Fact) -> bool:
        vocabulary = self.vocabularies.get(fact.values or "")
        return vocabulary is not None and vocabulary.ordered
