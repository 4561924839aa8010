"""The policy as data: strategies, rules, effects, parameters, vocabularies and the statements they
cite.

Frozen and free of I/O; `loading` builds it from `rules/`, `snapshots` settles it for one date.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from triage.messages import Language
from triage.model.facts import Fact
from triage.model.periods import Period


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
    """One line of a rule. `value` is a value, a frozenset, a `Reference`, or None for operators
    that take nothing.
    """

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
    """One when/then with its citation. `strategy` is None for a rule that is read in every
    assessment.
    """

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
        """Every condition that the rule reads."""
        return [condition for clause in self.when + self.unless for condition in clause]

    def reads(self) -> set[str]:
        """The names of the facts that the rule's conditions read."""
        return {condition.fact.name for condition in self.conditions()}

    def parameters(self) -> set[str]:
        """The names of the parameters in conditions, points and the switch."""
        names = {c.value.parameter for c in self.conditions() if isinstance(c.value, Reference)}
        names |= {
            points.parameter for _, points in self.then.score if isinstance(points, Reference)
        }
        return names | ({self.applies_if} if self.applies_if else set())


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value from a day on, with its own citation or rationale; a None value ends
    the parameter.
    """

    since: date
    value: Any
    cite: tuple[str, ...]
    rationale: Text | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named, dated, referenced value."""

    id: str
    title: Text
    of: str
    basis: Basis
    values: tuple[DatedValue, ...]
    where: Where

    def on(self, day: date) -> DatedValue | None:
        """The dated value in force on `day`, or None."""
        current = None
        for dated in self.values:
            if dated.since <= day:
                current = dated
        return current if current is not None and current.value is not None else None

    @property
    def is_list(self) -> bool | None:
        """Whether its values are lists; None while it has none."""
        kinds = {
            isinstance(dated.value, frozenset) for dated in self.values if dated.value is not None
        }
        return True in kinds if kinds else None

    def value_on(self, day: date) -> Any:
        """The value in force on `day`, or None."""
        dated = self.on(day)
        return None if dated is None else dated.value


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary; `unread` says that requests have it and that no rule is meant to
    read it.

    `keywords` are the words of a text that suggest it.
    """

    id: str
    label: Text
    aliases: tuple[str, ...]
    cite: tuple[str, ...]
    where: Where
    unread: bool = False
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The allowed values of a fact; in an ordered one the terms go from the lowest to the
    highest.
    """

    id: str
    ordered: bool
    terms: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which who proposes an engagement can change a fact; `text` says it, with the slot
    `{value}`.

    `values` are those that `to` allows, or a parameter with them; `at_most` is how many `add` and
    `remove` allow.
    """

    verb: str
    text: Text
    values: tuple[Any, ...] | Reference = ()
    at_most: int = 1


@dataclass(frozen=True, slots=True)
class FactText:
    """What people call a fact, the headers that mean it, the question to ask when it is unknown,
    how it may change.
    """

    label: Text
    aliases: tuple[str, ...] = ()
    question: Text | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """What a strategy covers, as names of parameters."""

    countries: str
    undetermined: str
    forums: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """One published strategy."""

    id: str
    title: Text
    short: Text
    in_force: Period
    cite: tuple[str, ...]
    region: Region
    where: Where


@dataclass(frozen=True, slots=True)
class Criterion:
    """One part of the score; `maximum` is a number or a parameter."""

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
    """One thing that a strategy asks to be recorded of an engagement; `values` names a
    vocabulary of answers.
    """

    id: str
    strategy: str
    label: Text
    help: Text
    values: str | None
    cite: tuple[str, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One source document."""

    id: str
    title: Text
    short: Text
    where: Where


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a limit lets through from a day on; a None value ends the limit.

    `for_unknown` is what is set aside for a request of which the measure is not known.
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
    `LIMIT_BY` and `LIMIT_MEASURES`. `to_be_set` says that the values wait for the branch to choose
    them.
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
        """The dated value in force on `day`, or None."""
        found = next((cap for cap in reversed(self.at_most) if cap.since <= day), None)
        return found if found is not None and found.value is not None else None


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which other things come first.

    Engagements in it with a score under `below` are deferred, and `reserves` sets a part of some
    limits aside.
    """

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
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}

    def cited(self) -> set[str]:
        """The ids of all statements that something in the policy cites."""
        ids = {id for rule in self.rules for id in rule.cite}
        ids |= {
            id
            for parameter in self.parameters.values()
            for dated in parameter.values
            for id in dated.cite
        }
        ids |= {id for strategy in self.strategies.values() for id in strategy.cite}
        ids |= {id for indicator in self.indicators for id in indicator.cite}
        ids |= {id for limit in self.limits for cap in limit.at_most for id in cap.cite}
        return ids | {
            id for v in self.vocabularies.values() for term in v.terms.values() for id in term.cite
        }

    def ordered(self, fact: Fact) -> bool:
        """Whether the values of a fact are ordered."""
        vocabulary = self.vocabularies.get(fact.values or "")
        return vocabulary is not None and vocabulary.ordered
