"""Edits in words: what the baseline says and what the candidate says, part by part, in one
language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from triage.messages import Language, say
from triage.model.policy import Basis, Clause, Policy, Reference, Rule, Text
from triage.policy_diff.dated_words import INDENT, DatedWords
from triage.policy_diff.parts import Key, Parts, clauses, plain


class EditWords(DatedWords):
    """Puts the differences of two policies into words. The first line names what changes; the
    others say how.
    """

    def __init__(
        self, baseline: Policy, candidate: Policy, old: Parts, new: Parts, language: Language
    ) -> None:
        super().__init__(baseline, candidate, language)
        self.parts = (old, new)

    def lines(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """The words of one edit, by its kind and the parts that it changes."""
        old, new = self.parts
        if kind == "rule_renamed":
            title = self.title(new[keys[1]].title)
            return [self.tell("rule-renamed", old=keys[0][1], new=keys[1][1], title=title)]
        if len(keys) > 1 and all(key[0] == "rule" and key in old and key in new for key in keys):
            ids = [key[1] for key in keys]
            head = self.tell(
                "table-changed", id=new[keys[0]].table, count=len(ids), rules=", ".join(sorted(ids))
            )
            return [head, *self.rule_changes(old[keys[0]], new[keys[0]])]
        if kind in ("parameter_added", "parameter_removed"):
            return self.whole_parameter(kind, keys)
        if kind in ("limit_added", "limit_removed"):
            return self.whole_limit(kind, keys)
        lines = []
        for key in keys:
            lines += self.part(key, old.get(key), new.get(key), key in old, key in new)
        return lines

    def part(self, key: Key, before: Any, after: Any, was: bool, now: bool) -> list[str]:
        """One part that was or is now."""
        section, name = key
        if section == "rule":
            return self.rule(before, after)
        if section == "value":
            return [
                self.value(name.rpartition("@")[0], before, after),
                *self.support(before, after),
            ]
        if section == "cap":
            return [self.cap(name.rpartition("@")[0], before, after), *self.support(before, after)]
        if section == "vocabulary" and was and now:
            orders = [
                ", ".join(order) if order else self.tell("unordered") for order in (before, after)
            ]
            return [self.tell("order", id=name, old=orders[0], new=orders[1])]
        if section == "policy":
            return [self.tell("policy-changed", name=name), *self.differences(before, after)]
        subject = (
            say(f"subject.{section}", self.language, id=name)
            if section in SUBJECTS
            else f"{section} {name}"
        )
        if not was or not now:
            found = after if now else before
            label = next(
                (getattr(found, one) for one in ("label", "title", "says") if hasattr(found, one)),
                "",
            )
            shown = label[self.language] if isinstance(label, Text) else str(label or name)
            return [self.tell("added" if now else "removed", subject=subject.strip(), title=shown)]
        return [self.tell("changed", subject=subject.strip()), *self.differences(before, after)]

    # -- rules
    # --------------------------------------------------------------------------------------------------

    def rule(self, before: Rule | None, after: Rule | None) -> list[str]:
        """A rule that comes, goes or changes."""
        rule = after or before
        assert rule is not None
        names = {"id": rule.id, "title": self.title(rule.title)}
        if before is not None and after is not None:
            return [self.tell("rule-changed", **names), *self.rule_changes(before, after)]
        side = 1 if after is not None else 0
        describer = self.describers[side]
        lines = [self.tell("rule-added" if after else "rule-removed", **names)]
        lines += [INDENT + self.tell("when", text=describer.clause(clause)) for clause in rule.when]
        lines += [
            INDENT + self.tell("unless", text=describer.clause(clause)) for clause in rule.unless
        ]
        lines += [INDENT + self.tell("then", text=text) for text in describer.effects(rule)]
        lines.append(INDENT + self.rests_on(rule))
        if rule.in_force.start or rule.in_force.end:
            lines.append(INDENT + self.tell("in-force", text=_period(rule)))
        if rule.applies_if:
            lines.append(
                INDENT + self.tell("switch", text=self.parameter_name(rule.applies_if, side))
            )
        return lines

    def rests_on(self, rule: Rule) -> str:
        """Its citations, or that it is a choice of the branch."""
        if rule.basis is Basis.SETTING:
            return self.tell("rests-on", text=say("decision.setting", self.language))
        return self.tell("rests-on", text=", ".join(rule.cite))

    def rule_changes(self, before: Rule, after: Rule) -> list[str]:
        """What changes in a rule, a line each: conditions, effects, texts, and what it rests on."""
        lines = [
            *self.conditions("when-", before.when, after.when),
            *self.conditions("unless-", before.unless, after.unless),
            *self.effects(before, after),
        ]
        plain_changes = (
            ("in-force-changed", _period(before), _period(after)),
            ("switch-changed", before.applies_if or "", after.applies_if or ""),
            ("strategy-changed", before.strategy or "", after.strategy or ""),
            (
                "basis-changed",
                *(say(f"describe.{one.basis}", self.language) for one in (before, after)),
            ),
        )
        nothing = say("word.none", self.language)
        lines += [
            self.tell(key, old=old or nothing, new=new or nothing)
            for key, old, new in plain_changes
            if old != new
        ]
        lines += self.citations(before.cite, after.cite)
        for key in ("title", "because", "rationale"):
            lines += self.texts(key, getattr(before, key), getattr(after, key))
        lines += self.texts("advise", before.then.advise, after.then.advise)
        return [INDENT + line for line in lines]

    def conditions(self, key: str, before: Iterable[Clause], after: Iterable[Clause]) -> list[str]:
        """Conditions that come and go; one on the same facts in place of another is a change of
        it.
        """
        before, after = tuple(before), tuple(after)
        was, now = clauses(before), clauses(after)
        gone = [clause for clause in before if clauses([clause]) - now]
        new = [clause for clause in after if clauses([clause]) - was]
        lines = []
        for clause in gone:
            facts = {condition.fact.name for condition in clause}
            other = next(
                (one for one in new if {condition.fact.name for condition in one} == facts), None
            )
            old_text = self.describers[0].clause(clause)
            if other is None:
                lines.append(self.tell(f"{key}gone", text=old_text))
            else:
                new.remove(other)
                lines.append(
                    self.tell(f"{key}changed", old=old_text, new=self.describers[1].clause(other))
                )
        return lines + [
            self.tell(f"{key}new", text=self.describers[1].clause(clause)) for clause in new
        ]

    def effects(self, before: Rule, after: Rule) -> list[str]:
        """Effects that come and go, without advice, which is a text."""
        was, now = (
            self.describers[side].effects(_silent(rule))
            for side, rule in enumerate((before, after))
        )
        gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
        if len(gone) == len(new) == 1:
            return [self.tell("then-changed", old=gone[0], new=new[0])]
        return [self.tell("then-gone", text=one) for one in gone] + [
            self.tell("then-new", text=one) for one in new
        ]

    # -- anything else
    # ------------------------------------------------------------------------------------------

    def differences(self, before: Any, after: Any) -> list[str]:
        """What differs between two versions of anything else, field by field."""
        if not is_dataclass(before) or type(before) is not type(after):
            return [INDENT + f"{self.generic(before)} → {self.generic(after)}"]
        if isinstance(before, Text) and isinstance(after, Text):
            return [INDENT + line for line in self.texts("title", before, after)]
        lines = []
        for name in (one.name for one in fields(before)):
            old, new = getattr(before, name), getattr(after, name)
            if plain(old) != plain(new):
                lines.append(
                    self.tell("field", name=name, old=self.generic(old), new=self.generic(new))
                )
        return [INDENT + line for line in lines]

    def generic(self, value: Any) -> str:
        """Any value as text."""
        if isinstance(value, Text):
            return value[self.language]
        if isinstance(value, Reference):
            return value.parameter
        if isinstance(value, tuple | list | frozenset):
            shown = [self.generic(one) for one in value]
            return ", ".join(sorted(shown) if isinstance(value, frozenset) else shown) or say(
                "word.none", self.language
            )
        if is_dataclass(value):
            return ", ".join(self.generic(getattr(value, one.name)) for one in fields(value))
        return self.shown("", value, 1)


SUBJECTS = (
    *(
        "parameter",
        "vocabulary",
        "term",
        "fact",
        "strategy",
        "criterion",
        "statement",
        "source",
        "indicator",
    ),
    *("limit", "suspension"),
)
"""Sections that the catalogue has a word for."""


def _silent(rule: Rule) -> Rule:
    return replace(rule, then=replace(rule.then, advise=None))


def _period(rule: Rule) -> str:
    ends = (rule.in_force.start, rule.in_force.end)
    return " – ".join(day.isoformat() if day else "…" for day in ends) if any(ends) else ""
