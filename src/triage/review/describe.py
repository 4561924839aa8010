"""A rule in words: its conditions and effects, what it reads, what feeds it, what it feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from triage.deciding.wording import Wording, alphabetical
from triage.messages import Language, listed, say
from triage.model.derived import concluded_behind
from triage.model.effects import Effect, EffectShape, effects_of
from triage.model.operators import OPERATORS
from triage.model.periods import Period
from triage.model.policy import (
    RECOMMENDATION_MESSAGES,
    Basis,
    Clause,
    Condition,
    Policy,
    Reference,
    Rule,
)

BASIS_KEYS = {Basis.STRATEGY: "describe.strategy", Basis.SETTING: "describe.setting"}


@dataclass(frozen=True)
class Description:
    """Sentences about one rule, in one language.

    `citations` has the id, place and paraphrase of each statement.
    """

    id: str
    title: str
    place: str
    basis: str
    when: list[str]
    unless: list[str]
    then: list[str]
    because: str
    citations: list[tuple[str, str, str]]
    rationale: str | None
    in_force: str | None
    reads: list[str]
    fed_by: list[str]
    feeds: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The description as plain data, each citation with its keys."""
        citations = [{"id": id, "where": where, "says": says} for id, where, says in self.citations]
        names = [name for name in self.__dataclass_fields__ if name != "citations"]
        return {name: getattr(self, name) for name in names} | {"citations": citations}

    def text(self, language: Language) -> str:
        """The description as a page of text; a section without entries is left out."""
        sections: dict[str, Sequence[str | None]] = {
            "describe.when": self.when,
            "describe.unless": self.unless,
            "describe.then": self.then,
            "describe.because": [self.because],
            "describe.in-force": [self.in_force],
            "describe.basis": [self.basis, self.rationale],
            "describe.cites": [f"{id} ({where}): {says}" for id, where, says in self.citations],
            "describe.reads": [", ".join(self.reads)],
            "describe.fed-by": [", ".join(self.fed_by)],
            "describe.feeds": [", ".join(self.feeds)],
        }
        lines = [f"{self.id}: {self.title}", f"  {self.place}", ""]
        for key, entries in sections.items():
            if given := [f"  - {entry}" for entry in entries if entry]:
                lines += [say(key, language), *given, ""]
        return "\n".join(lines).rstrip() + "\n"


class Describer:
    """Puts the rules of a policy into words; parameters show their values on one day."""

    def __init__(self, policy: Policy, language: Language, day: date) -> None:
        self.policy, self.language, self.day = policy, language, day
        self.words = Wording(policy, language)

    def describe(self, rule: Rule) -> Description:
        """The description of one rule."""
        language, period = self.language, rule.in_force
        start, end = (day.isoformat() if day else "…" for day in (period.start, period.end))
        fed_by, feeds = self._neighbours(rule)
        return Description(
            id=rule.id,
            title=rule.title[language],
            place=f"{rule.where.file}:{rule.where.line}",
            basis=say(BASIS_KEYS[rule.basis], language),
            when=[self.clause(clause) for clause in rule.when],
            unless=[self.clause(clause) for clause in rule.unless],
            then=self.effects(rule),
            because=rule.because[language],
            citations=[self._citation(id) for id in rule.cite],
            rationale=rule.rationale[language] if rule.rationale else None,
            in_force=f"{start} – {end}" if period != Period() else None,
            reads=[f"{self.words.fact(name)} ({name})" for name in sorted(rule.reads())],
            fed_by=fed_by,
            feeds=feeds,
        )

    def _citation(self, id: str) -> tuple[str, str, str]:
        statement = self.policy.statements[id]
        document = self.policy.documents[statement.document].short[self.language]
        return id, f"{document}, {statement.section}", statement.says

    def _neighbours(self, rule: Rule) -> tuple[list[str], list[str]]:
        """The rules that conclude what a rule reads, and those that read what it concludes."""
        strategy = rule.strategy
        others = [
            other
            for other in self.policy.rules
            if other is not rule and (strategy is None or other.strategy in (None, strategy))
        ]
        concluded, read = _concluded(rule), _read(rule)
        fed_by = [one.id for one in others if read & _concluded(one)]
        return fed_by, [one.id for one in others if concluded & _read(one)]

    def clause(self, clause: Clause) -> str:
        """One line of `when` or `unless`."""
        return f" {say('word.or', self.language)} ".join(self.condition(one) for one in clause)

    def condition(self, condition: Condition) -> str:
        """One condition as a sentence; a parameter is named, with its value on the day."""
        fact, value = condition.fact, condition.value
        key = OPERATORS[condition.operator].told
        subject = self.words.fact(fact.name)
        if value is None:
            return say(key, self.language, fact=subject)
        if not isinstance(value, Reference):
            return say(key, self.language, fact=subject, value=self._value(fact.values, value))
        parameter = self.policy.parameters[value.parameter]
        shown = self._value(fact.values, parameter.value_on(self.day))
        named = self.named(parameter.title[self.language], shown)
        return say(key, self.language, fact=subject, value=named)

    def named(self, name: str, shown: str) -> str:
        """A parameter with its value."""
        return f"{name} ({shown})"

    def _value(self, values: str | None, value: Any) -> str:
        if isinstance(value, frozenset) and value:
            labels = sorted((self.words.label(values, one) for one in value), key=alphabetical)
            return listed(labels, self.language, "or")
        return self.words.value(values, value)

    def effects(self, rule: Rule) -> list[str]:
        """What the rule contributes, a line each."""
        return [line for row, value in effects_of(rule.then) for line in self.effect(row, value)]

    def effect(self, effect: Effect, value: Any) -> list[str]:
        """What the rule contributes by one effect, a line each."""
        key, language = effect.told, self.language
        if effect.shape is EffectShape.POINTS:
            labels = {criterion.id: criterion.label[language] for criterion in self.policy.criteria}
            pairs = [(self._points(points), labels[criterion]) for criterion, points in value]
            return [say(key, language, points=points, criterion=of) for points, of in pairs]
        if effect.shape is EffectShape.CONCLUSIONS:
            facts, words = self.policy.facts, self.words
            pairs = [(words.fact(name), words.value(facts[name].values, of)) for name, of in value]
            return [say(key, language, fact=fact, value=shown) for fact, shown in pairs]
        return [say(key, language, value=self.shown(effect, value))]

    def shown(self, effect: Effect, value: Any) -> str:
        """A bound, terms or a text in words."""
        match effect.shape:
            case EffectShape.BOUND:
                return say(RECOMMENDATION_MESSAGES[value], self.language)
            case EffectShape.TEXT:
                return str(value[self.language])
        ids = (value,) if isinstance(value, str) else value
        return listed([self.words.term(effect.vocabularies, id) for id in ids], self.language)

    def _points(self, points: int | Reference) -> str:
        if not isinstance(points, Reference):
            return str(points)
        parameter = self.policy.parameters[points.parameter]
        value = self.words.value(None, parameter.value_on(self.day))
        return f"{value} ({parameter.title[self.language]})"


def _concluded(rule: Rule) -> set[str]:
    return {name for name, _ in rule.then.conclude}


def _read(rule: Rule) -> set[str]:
    """The facts that a rule reads, or for a derived one the conclusions that it rests on."""
    return {concluded_behind(name) for name in rule.reads()}
