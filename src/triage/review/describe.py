"""A rule in words: its conditions and effects as sentences, what it reads, what feeds it and
what it feeds.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from triage.deciding.wording import Wording, alphabetical
from triage.messages import Language, listed, say
from triage.model.policy import Clause, Condition, Policy, Reference, Rule
from triage.model.program import ALIGNED_TOPICS


@dataclass(frozen=True)
class Description:
    """Sentences about one rule, in one language; `citations` has each statement's id, place and
    paraphrase.
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
        """The description as plain data."""
        shape = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name != "citations"
        }
        shape["citations"] = [
            {"id": id, "where": where, "says": says} for id, where, says in self.citations
        ]
        return shape

    def text(self, language: Language) -> str:
        """The description as a page of text."""
        lines = [f"{self.id}: {self.title}", f"  {self.place}", ""]

        def section(key: str, entries: list[str]) -> None:
            if entries:
                lines.extend(
                    [say(f"describe.{key}", language), *(f"  - {entry}" for entry in entries), ""]
                )

        section("when", self.when)
        section("unless", self.unless)
        section("then", self.then)
        section("because", [self.because])
        section("in-force", [self.in_force] if self.in_force else [])
        section("basis", [self.basis, *([self.rationale] if self.rationale else [])])
        section("cites", [f"{id} ({where}): {says}" for id, where, says in self.citations])
        section("reads", [", ".join(self.reads)] if self.reads else [])
        section("fed-by", [", ".join(self.fed_by)] if self.fed_by else [])
        section("feeds", [", ".join(self.feeds)] if self.feeds else [])
        return "\n".join(lines).rstrip() + "\n"


class Describer:
    """Puts the rules of a policy into words; parameters show their values on one day."""

    def __init__(self, policy: Policy, language: Language, day: date) -> None:
        self.policy, self.language, self.day = policy, language, day
        self.words = Wording(policy, language)

    def describe(self, rule: Rule) -> Description:
        """One rule."""
        policy, language = self.policy, self.language
        concluded = {name for name, _ in rule.then.conclude}
        if ALIGNED_TOPICS in concluded:
            concluded.add("alignment")
        reads = rule.reads() | ({ALIGNED_TOPICS} if "alignment" in rule.reads() else set())
        related = [
            other
            for other in policy.rules
            if rule.strategy in (None, other.strategy) or other.strategy is None
        ]
        citations = []
        for id in rule.cite:
            statement = policy.statements[id]
            document = policy.documents[statement.document].short[language]
            citations.append((id, f"{document}, {statement.section}", statement.says))
        period = rule.in_force
        ends = [day.isoformat() if day else "…" for day in (period.start, period.end)]
        return Description(
            id=rule.id,
            title=rule.title[language],
            place=f"{rule.where.file}:{rule.where.line}",
            basis=say(f"describe.{rule.basis}", language),
            when=[self.clause(clause) for clause in rule.when],
            unless=[self.clause(clause) for clause in rule.unless],
            then=self.effects(rule),
            because=rule.because[language],
            citations=citations,
            rationale=rule.rationale[language] if rule.rationale else None,
            in_force=f"{ends[0]} – {ends[1]}" if period.start or period.end else None,
            reads=[self.words.fact(name) + f" ({name})" for name in sorted(rule.reads())],
            fed_by=[
                o.id
                for o in related
                if o is not rule and reads & {name for name, _ in o.then.conclude}
            ],
            feeds=[o.id for o in related if o is not rule and concluded & o.reads()],
        )

    def clause(self, clause: Clause) -> str:
        """One line of `when` or `unless`."""
        return f" {say('word.or', self.language)} ".join(self.condition(one) for one in clause)

    def condition(self, condition: Condition) -> str:
        """One condition as a sentence."""
        fact, value, name = condition.fact, condition.value, ""
        if isinstance(value, Reference):
            parameter = self.policy.parameters[value.parameter]
            name, value = parameter.title[self.language], parameter.value_on(self.day)
        subject = self.words.fact(fact.name)
        if condition.operator in ("is empty", "is not empty", "is known", "is unknown"):
            return say(f"operator.{_key(condition.operator)}", self.language, fact=subject)
        shown = self._value(fact.values, value)
        if name:
            shown = self.named(name, shown)
        return say(f"operator.{_key(condition.operator)}", self.language, fact=subject, value=shown)

    def named(self, name: str, shown: str) -> str:
        """A parameter with its value."""
        return f"{name} ({shown})"

    def _value(self, values: str | None, value: Any) -> str:
        if isinstance(value, frozenset):
            named = sorted((self.words.label(values, one) for one in value), key=alphabetical)
            return listed(named, self.language, "or") if named else say("word.none", self.language)
        return self.words.value(values, value)

    def effects(self, rule: Rule) -> list[str]:
        """What the rule contributes, a line each."""
        then, language = rule.then, self.language
        lines = []
        labels = {criterion.id: criterion.label[language] for criterion in self.policy.criteria}
        for criterion, points in then.score:
            if isinstance(points, Reference):
                title = self.policy.parameters[points.parameter].title[language]
                shown = f"{self.words.value(None, self.policy.parameters[points.parameter].value_on(self.day))} ({title})"
            else:
                shown = str(points)
            lines.append(say("effect.score", language, points=shown, criterion=labels[criterion]))
        for key, bound in (("at-most", then.ceiling), ("at-least", then.floor)):
            if bound is not None:
                lines.append(
                    say(
                        f"effect.{key}",
                        language,
                        recommendation=say(f"recommendation.{bound}", language),
                    )
                )
        for name, value in then.conclude:
            fact = self.policy.facts[name]
            lines.append(
                say(
                    "effect.conclude",
                    language,
                    fact=self.words.fact(name),
                    value=self.words.value(fact.values, value),
                )
            )
        if then.lead:
            lines.append(
                say("effect.lead", language, branch=self.words.label("branches", then.lead))
            )
        if then.consult:
            consulted = [self.words.organization(one) for one in then.consult]
            lines.append(say("effect.consult", language, consulted=listed(consulted, language)))
        if then.fund:
            lines.append(say("effect.fund", language, fund=self.words.label("funds", then.fund)))
        if then.flag:
            lines.append(say("effect.flag", language, flag=self.words.label("flags", then.flag)))
        if then.advise:
            lines.append(say("effect.advise", language, advice=then.advise[language]))
        return lines


def _key(operator: str) -> str:
    return operator.replace(" ", "-")
