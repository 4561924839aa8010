"""Edits in words: what the baseline says and what the candidate says, in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from triage.messages import Language
from triage.model.effects import EFFECTS, EffectShape, effects_of
from triage.model.policy import Basis, Clause, Policy, Reference, Rule, Text
from triage.policy_diff.dated_words import INDENT, NEW, OLD, DatedWords
from triage.policy_diff.definitions import Definitions, Key, comparable, comparable_clauses
from triage.review.describe import BASIS_KEYS

WHEN = ("edit.when-gone", "edit.when-changed", "edit.when-new")
UNLESS = ("edit.unless-gone", "edit.unless-changed", "edit.unless-new")

SUBJECTS = {
    "parameter": "subject.parameter",
    "vocabulary": "subject.vocabulary",
    "term": "subject.term",
    "fact": "subject.fact",
    "strategy": "subject.strategy",
    "criterion": "subject.criterion",
    "statement": "subject.statement",
    "source": "subject.source",
    "indicator": "subject.indicator",
    "limit": "subject.limit",
    "suspension": "subject.suspension",
}
"""What a definition is called, for the sections that the catalogue has a word for."""


class EditWords(DatedWords):
    """Puts the edits between two policies into words.

    The first line of an edit names what changes; the others say how.
    """

    def __init__(
        self,
        baseline: Policy,
        candidate: Policy,
        old: Definitions,
        new: Definitions,
        language: Language,
    ) -> None:
        super().__init__(baseline, candidate, language)
        self.definitions = (old, new)

    def lines(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """The words of one edit, by its kind and the definitions that it changes."""
        old, new = self.definitions
        if kind == "rule_renamed":
            title = new[keys[1]].title[self.language]
            return [self.tell("edit.rule-renamed", old=keys[0][1], new=keys[1][1], title=title)]
        if len(keys) > 1 and all(key[0] == "rule" and key in old and key in new for key in keys):
            rules = ", ".join(sorted(id for _, id in keys))
            values = {"id": new[keys[0]].table, "count": len(keys), "rules": rules}
            head = self.tell("edit.table-changed", **values)
            return [head, *self.rule_changes(old[keys[0]], new[keys[0]])]
        if kind in ("parameter_added", "parameter_removed"):
            return self.whole_parameter(keys[0])
        if kind in ("limit_added", "limit_removed"):
            return self.whole_limit(keys[0])
        return [line for key in keys for line in self.definition(key)]

    def definition(self, key: Key) -> list[str]:
        section, name = key
        before, after = (one.get(key) for one in self.definitions)
        match section:
            case "rule":
                return self.rule(before, after)
            case "value":
                changed = self.value(name.rpartition("@")[0], before, after)
                return [changed, *self.support(before, after)]
            case "cap":
                changed = self.cap(name.rpartition("@")[0], before, after)
                return [changed, *self.support(before, after)]
            case "policy":
                head = self.tell("edit.policy-changed", name=name)
                return [head, *self.differences(before, after)]
        was, now = (key in one for one in self.definitions)
        if section == "vocabulary" and was and now:
            unordered = self.tell("edit.unordered")
            old, new = (", ".join(order) if order else unordered for order in (before, after))
            return [self.tell("edit.order", id=name, old=old, new=new)]
        known = SUBJECTS.get(section)
        subject = (self.tell(known, id=name) if known else f"{section} {name}").strip()
        if was and now:
            return [self.tell("edit.changed", subject=subject), *self.differences(before, after)]
        title = self._title(after if now else before) or name
        return [self.tell("edit.added" if now else "edit.removed", subject=subject, title=title)]

    def _title(self, definition: Any) -> str:
        for field in ("label", "title", "says"):
            if hasattr(definition, field):
                text = getattr(definition, field)
                return text[self.language] if isinstance(text, Text) else str(text or "")
        return ""

    # -- rules

    def rule(self, before: Rule | None, after: Rule | None) -> list[str]:
        rule = after or before
        assert rule is not None
        names = {"id": rule.id, "title": rule.title[self.language]}
        if before is not None and after is not None:
            return [self.tell("edit.rule-changed", **names), *self.rule_changes(before, after)]
        version = NEW if after else OLD
        describer, tell = self.describers[version], self.tell
        lines = [tell("edit.when", text=describer.clause(clause)) for clause in rule.when]
        lines += [tell("edit.unless", text=describer.clause(clause)) for clause in rule.unless]
        lines += [tell("edit.then", text=text) for text in describer.effects(rule)]
        setting = rule.basis is Basis.SETTING
        ground = tell("decision.setting") if setting else ", ".join(rule.cite)
        lines.append(tell("edit.rests-on", text=ground))
        if period := _period(rule):
            lines.append(tell("edit.in-force", text=period))
        if rule.applies_if:
            own, other = (self.policies[one].parameters for one in (version, 1 - version))
            switch = own.get(rule.applies_if) or other[rule.applies_if]
            lines.append(tell("edit.switch", text=self.named(switch)))
        head = tell("edit.rule-added" if after else "edit.rule-removed", **names)
        return [head, *(INDENT + line for line in lines)]

    def rule_changes(self, before: Rule, after: Rule) -> list[str]:
        """What changes in a rule, a line each: conditions, effects, texts, and what it rests on."""
        lines = [
            *self.conditions(WHEN, before.when, after.when),
            *self.conditions(UNLESS, before.unless, after.unless),
            *self.effects(before, after),
        ]
        bases = (self.tell(BASIS_KEYS[rule.basis]) for rule in (before, after))
        changes = (
            ("edit.in-force-changed", _period(before), _period(after)),
            ("edit.switch-changed", before.applies_if, after.applies_if),
            ("edit.strategy-changed", before.strategy, after.strategy),
            ("edit.basis-changed", *bases),
        )
        nothing = self.tell("word.none")
        for key, old, new in changes:
            if (old or "") != (new or ""):
                lines.append(self.tell(key, old=old or nothing, new=new or nothing))
        lines += self.citations(before.cite, after.cite)
        for name in ("title", "because", "rationale"):
            lines += self.texts(name, getattr(before, name), getattr(after, name))
        for row in (row for row in EFFECTS if row.shape is EffectShape.TEXT):
            lines += self.texts(row.field, row.of(before.then), row.of(after.then))
        return [INDENT + line for line in lines]

    def conditions(
        self, keys: tuple[str, str, str], before: Iterable[Clause], after: Iterable[Clause]
    ) -> list[str]:
        """Clauses that come and go; a new one on the same facts is told as a change of the old."""
        before, after = tuple(before), tuple(after)
        was, now = comparable_clauses(before), comparable_clauses(after)
        gone = [clause for clause in before if comparable_clauses([clause]) - now]
        new = [clause for clause in after if comparable_clauses([clause]) - was]
        key_gone, key_changed, key_new = keys
        old_words, new_words = self.describers
        lines = []
        for clause in gone:
            old = old_words.clause(clause)
            other = next((one for one in new if _facts(one) == _facts(clause)), None)
            if other is None:
                lines.append(self.tell(key_gone, text=old))
            else:
                new.remove(other)
                lines.append(self.tell(key_changed, old=old, new=new_words.clause(other)))
        return lines + [self.tell(key_new, text=new_words.clause(clause)) for clause in new]

    def effects(self, before: Rule, after: Rule) -> list[str]:
        """Effects that come and go, without those that are texts."""
        was, now = (
            [
                line
                for row, value in effects_of(rule.then)
                if row.shape is not EffectShape.TEXT
                for line in describer.effect(row, value)
            ]
            for describer, rule in zip(self.describers, (before, after), strict=True)
        )
        gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
        if len(gone) == len(new) == 1:
            return [self.tell("edit.then-changed", old=gone[0], new=new[0])]
        lines = [self.tell("edit.then-gone", text=one) for one in gone]
        return lines + [self.tell("edit.then-new", text=one) for one in new]

    # -- anything else

    def differences(self, before: Any, after: Any) -> list[str]:
        """What differs between two versions of anything else, field by field."""
        if not is_dataclass(before) or type(before) is not type(after):
            return [INDENT + f"{self.generic(before)} → {self.generic(after)}"]
        if isinstance(before, Text) and isinstance(after, Text):
            return [INDENT + line for line in self.texts("title", before, after)]
        lines = []
        for name in (field.name for field in fields(before)):
            old, new = getattr(before, name), getattr(after, name)
            if comparable(old) != comparable(new):
                old, new = self.generic(old), self.generic(new)
                lines.append(INDENT + self.tell("edit.field", name=name, old=old, new=new))
        return lines

    def generic(self, value: Any) -> str:
        if isinstance(value, Text):
            return value[self.language]
        if isinstance(value, Reference):
            return value.parameter
        if isinstance(value, tuple | list | frozenset):
            shown = [self.generic(one) for one in value]
            joined = ", ".join(sorted(shown) if isinstance(value, frozenset) else shown)
            return joined or self.tell("word.none")
        if is_dataclass(value):
            given = (getattr(value, one.name) for one in fields(value))
            return ", ".join(self.generic(one) for one in given if one is not None)
        return self.shown("", value, NEW)


def _facts(clause: Clause) -> set[str]:
    return {condition.fact.name for condition in clause}


def _period(rule: Rule) -> str:
    ends = (rule.in_force.start, rule.in_force.end)
    return " – ".join(day.isoformat() if day else "…" for day in ends) if any(ends) else ""
