"""Effects as written -> `Effects`: a closed set of keys, each with its own kind of value."""

from dataclasses import dataclass
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.model.facts import Kind, Origin
from triage.model.policy import Effects, Parameter, Recommendation, Reference, Where
from triage.rulebook.read_conditions import ConditionParser, KnownNames
from triage.rulebook.reader import Reader, Subject, shown

EFFECT_KEYS = (
    "score",
    "at most",
    "at least",
    "conclude",
    "lead",
    "consult",
    "advise",
    "fund",
    "flag",
)
CEILINGS = {"defer": Recommendation.DEFER, "decline": Recommendation.DECLINE}
FLOORS = {"defer": Recommendation.DEFER, "accept": Recommendation.ACCEPT}


@dataclass
class EffectParser:
    """Reads what the rules of one file contribute; what cannot be read becomes a diagnostic and
    is left out.
    """

    read: Reader
    words: KnownNames
    conditions: ConditionParser

    def effects(self, parent: Mapping, key: str, subject: Subject) -> Effects:
        """What `then` says."""
        then = self.read.mapping(parent, key, subject)
        self.read.keys(then, EFFECT_KEYS, (), subject)
        return Effects(
            score=self._score(then, subject),
            ceiling=self._bound(then, "at most", CEILINGS, subject),
            floor=self._bound(then, "at least", FLOORS, subject),
            conclude=self.conclusions(then, subject),
            lead=self._term(then, "lead", ("branches",), subject),
            consult=tuple(
                sorted(self._terms(then, "consult", ("branches", "departments"), subject))
            ),
            advise=self.read.text(then, "advise", subject),
            fund=self._term(then, "fund", ("funds",), subject),
            flag=self._term(then, "flag", ("flags",), subject),
        )

    def _score(self, then: Mapping, subject: Subject) -> tuple[tuple[str, int | Reference], ...]:
        mapping = self.read.mapping(then, "score", subject)
        score: list[tuple[str, int | Reference]] = []
        for criterion, points in mapping.items():
            where = self.read.where(mapping, criterion)
            if isinstance(points, str) and self.conditions.passed_over(points):
                continue
            # Without criteria in policy.yaml there is more to say than this, and it is said.
            if self.words.criteria and criterion not in self.words.criteria:
                suggestion = nearest(criterion, self.words.criteria)
                self.error(
                    "unknown-criterion", where, subject, value=criterion, suggestion=suggestion
                )
            elif isinstance(points, int) and not isinstance(points, bool) and points > 0:
                score.append((criterion, points))
            elif isinstance(points, str) and points in self.words.parameters:
                if check_points(self.read, self.words.parameters[points], where, subject):
                    score.append((criterion, Reference(points)))
            elif isinstance(points, int) and points < 0:
                self.error("negative-points", where, subject, value=points)
            else:
                suggestion = nearest(shown(points), self.words.parameters)
                self.error("bad-points", where, subject, value=shown(points), suggestion=suggestion)
        return tuple(sorted(score, key=lambda item: item[0]))

    def _bound(
        self, then: Mapping, key: str, allowed: dict[str, Recommendation], subject: Subject
    ) -> Recommendation | None:
        if key not in then:
            return None
        value = then[key]
        if not isinstance(value, str) or value not in allowed:
            where, words = self.read.where(then, key), " / ".join(allowed)
            self.error("bad-bound", where, subject, key=key, value=shown(value), allowed=words)
            return None
        return allowed[value]

    def conclusions(
        self, parent: Mapping, subject: Subject
    ) -> tuple[tuple[str, frozenset[str] | bool], ...]:
        """The facts that `conclude` adds to or makes true."""
        mapping = self.read.mapping(parent, "conclude", subject)
        concluded: list[tuple[str, frozenset[str] | bool]] = []
        for name, value in mapping.items():
            where, fact = self.read.where(mapping, name), self.words.facts.get(name)
            if self.conditions.passed_over(name):
                continue
            if value is None:
                self.error("empty-key", where, subject, key=name)
            elif fact is None or fact.origin is not Origin.CONCLUDED:
                own = [f.name for f in self.words.facts.values() if f.origin is Origin.CONCLUDED]
                code = "not-concludable" if fact else "unknown-concluded"
                self.error(code, where, subject, fact=name, suggestion=nearest(name, own))
            elif fact.kind is Kind.BOOLEAN:
                if value is True:
                    concluded.append((name, True))
                else:
                    self.error("conclude-true-only", where, subject, fact=name, value=shown(value))
            else:
                items = value if isinstance(value, Sequence) else [value]
                if not items:
                    self.error("empty-list", where, subject, phrase=f"conclude {name}")
                good = [
                    self.conditions.literal(fact, f"conclude {name}", one, where, subject)
                    for one in items
                ]
                concluded.append((name, frozenset(one for one in good if one is not None)))
        return tuple(sorted(concluded, key=lambda item: item[0]))

    def _terms(
        self, then: Mapping, key: str, names: tuple[str, ...], subject: Subject
    ) -> list[str]:
        known = {id for name in names for id in self.words.domain(name) or ()}
        good = []
        for id in self.read.words(then, key, subject):
            if id in known:
                good.append(id)
            else:
                self.error(
                    "unknown-value",
                    self.read.where(then, key),
                    subject,
                    value=id,
                    vocabulary=" / ".join(names),
                    suggestion=nearest(id, sorted(known)),
                )
        return good

    def _term(
        self, then: Mapping, key: str, names: tuple[str, ...], subject: Subject
    ) -> str | None:
        if key not in then or self.read.word(then, key, subject) is None:
            return None
        return next(iter(self._terms(then, key, names, subject)), None)

    def error(self, code: str, where: Where, subject: Subject, **values: object) -> None:
        """Record an error."""
        self.read.diagnostics.error(code, where, subject, **values)


def check_points(read: Reader, parameter: Parameter, where: Where, subject: Subject) -> bool:
    """Whether a parameter can give points: whole numbers of 1 or more."""
    if parameter.of != "integer":
        read.diagnostics.error(
            "points-parameter", where, subject, parameter=parameter.id, of=parameter.of
        )
        return False
    for dated in parameter.values:
        if isinstance(dated.value, int) and dated.value < 1:
            values = {"parameter": parameter.id, "value": dated.value, "since": dated.since}
            read.diagnostics.error("points-too-low", where, subject, **values)
            return False
    return True


def merged(first: Effects, second: Effects, conclude: tuple[tuple[str, Any], ...] = ()) -> Effects:
    """Both effects together; where both say one thing, the second says it."""
    return Effects(
        score=first.score + second.score,
        ceiling=second.ceiling or first.ceiling,
        floor=second.floor or first.floor,
        conclude=first.conclude + second.conclude + conclude,
        lead=second.lead or first.lead,
        consult=tuple(sorted({*first.consult, *second.consult})),
        advise=second.advise or first.advise,
        fund=second.fund or first.fund,
        flag=second.flag or first.flag,
    )
