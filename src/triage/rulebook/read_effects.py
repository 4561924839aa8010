"""Effects as written -> `Effects`: a closed set of keys, each with its own kind of value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.model.effects import EFFECTS, Effect, EffectShape
from triage.model.facts import Kind, Origin
from triage.model.policy import Effects, Parameter, Recommendation, Reference, Where
from triage.rulebook.diagnostics import Subject
from triage.rulebook.names import KnownNames
from triage.rulebook.read_conditions import ConditionParser
from triage.rulebook.reader import Reader, is_whole, shown

EFFECT_KEYS = tuple(effect.key for effect in EFFECTS)


@dataclass
class EffectParser:
    """Reads what the rules of one file contribute; what cannot be read is reported and left out."""

    reader: Reader
    names: KnownNames
    conditions: ConditionParser

    def effects(self, parent: Mapping, key: str, subject: Subject) -> Effects:
        """What `then` says."""
        then = self.reader.mapping(parent, key, subject)
        self.reader.keys(then, EFFECT_KEYS, (), subject)
        read: dict[EffectShape, Callable[[Mapping, Effect, Subject], Any]] = {
            EffectShape.POINTS: self._points,
            EffectShape.BOUND: self._bound,
            EffectShape.CONCLUSIONS: lambda then, _, subject: self.conclusions(then, subject),
            EffectShape.TERM: self._term,
            EffectShape.TERMS: self._terms,
            EffectShape.TEXT: lambda then, effect, subject: self.reader.text(
                then, effect.key, subject
            ),
        }
        return Effects(**{row.field: read[row.shape](then, row, subject) for row in EFFECTS})

    def _points(
        self, then: Mapping, effect: Effect, subject: Subject
    ) -> tuple[tuple[str, int | Reference], ...]:
        mapping = self.reader.mapping(then, effect.key, subject)
        score: list[tuple[str, int | Reference]] = []
        for criterion, points in mapping.items():
            where = self.reader.where(mapping, criterion)
            if isinstance(points, str) and self.conditions.skips(points):
                continue
            # That policy.yaml has no criteria is reported by itself.
            if self.names.criteria and criterion not in self.names.criteria:
                known = self.names.criteria
                self.reader.misnamed("unknown-criterion", where, subject, criterion, known)
            elif is_whole(points) and points > 0:
                score.append((criterion, points))
            elif isinstance(points, str) and points in self.names.parameters:
                if check_points(self.reader, self.names.parameters[points], where, subject):
                    score.append((criterion, Reference(points)))
            elif isinstance(points, int) and points < 0:
                self.reader.error("negative-points", where, subject, value=points)
            else:
                self.reader.misnamed("bad-points", where, subject, points, self.names.parameters)
        return tuple(sorted(score, key=lambda item: item[0]))

    def _bound(self, then: Mapping, effect: Effect, subject: Subject) -> Recommendation | None:
        key, allowed = effect.key, effect.bounds
        if key not in then:
            return None
        value = then[key]
        if not isinstance(value, str) or value not in allowed:
            where, values = self.reader.where(then, key), {"allowed": " / ".join(allowed)}
            self.reader.error("bad-bound", where, subject, key=key, value=shown(value), **values)
            return None
        return Recommendation(value)

    def conclusions(
        self, parent: Mapping, subject: Subject
    ) -> tuple[tuple[str, frozenset[str] | bool], ...]:
        """The facts that `conclude` adds to or makes true."""
        mapping = self.reader.mapping(parent, "conclude", subject)
        concluded: list[tuple[str, frozenset[str] | bool]] = []
        for name, value in mapping.items():
            where = self.reader.where(mapping, name)
            if self.conditions.skips(name):
                continue
            if value is None:
                self.reader.error("empty-key", where, subject, key=name)
            elif check_concludable(self.reader, self.names, name, where, subject):
                conclusion = self._conclusion(name, value, where, subject)
                if conclusion is not None:
                    concluded.append((name, conclusion))
        return tuple(sorted(concluded, key=lambda item: item[0]))

    def _conclusion(
        self, name: str, value: Any, where: Where, subject: Subject
    ) -> frozenset[str] | bool | None:
        fact, phrase = self.names.facts[name], f"conclude {name}"
        if fact.kind is Kind.BOOLEAN:
            if value is True:
                return True
            self.reader.error("conclude-true-only", where, subject, fact=name, value=shown(value))
            return None
        items = value if isinstance(value, Sequence) else [value]
        if not items:
            self.reader.error("empty-list", where, subject, phrase=phrase)
        terms = [self.conditions.literal(fact, phrase, item, where, subject) for item in items]
        return frozenset(term for term in terms if term is not None)

    def _terms(self, then: Mapping, effect: Effect, subject: Subject) -> tuple[str, ...]:
        """The ids that are terms of the vocabularies, sorted."""
        key, vocabularies = effect.key, effect.vocabularies
        known = {id for name in vocabularies for id in self.names.domain(name) or ()}
        ids = self.reader.words(then, key, subject)
        for id in ids:
            if id not in known:
                where, of = self.reader.where(then, key), " / ".join(vocabularies)
                self.reader.misnamed("unknown-value", where, subject, id, known, vocabulary=of)
        return tuple(sorted(id for id in ids if id in known))

    def _term(self, then: Mapping, effect: Effect, subject: Subject) -> str | None:
        if effect.key not in then or self.reader.word(then, effect.key, subject) is None:
            return None
        return next(iter(self._terms(then, effect, subject)), None)


def check_concludable(
    reader: Reader, names: KnownNames, name: str, where: Where, subject: Subject
) -> bool:
    """Whether rules may conclude a fact; reported when they may not."""
    fact = names.facts.get(name)
    if fact is not None and fact.origin is Origin.CONCLUDED:
        return True
    concluded = [one.name for one in names.facts.values() if one.origin is Origin.CONCLUDED]
    code = "not-concludable" if fact else "unknown-concluded"
    reader.error(code, where, subject, fact=name, suggestion=nearest(name, concluded))
    return False


def check_points(reader: Reader, parameter: Parameter, where: Where, subject: Subject) -> bool:
    """Whether a parameter can give points: whole numbers of 1 or more."""
    id, of = parameter.id, parameter.of
    if of != "integer":
        reader.error("points-parameter", where, subject, parameter=id, of=of)
        return False
    for dated in parameter.values:
        if isinstance(dated.value, int) and dated.value < 1:
            values = {"parameter": id, "value": dated.value, "since": dated.since}
            reader.error("points-too-low", where, subject, **values)
            return False
    return True
