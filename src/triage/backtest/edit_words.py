"""Edits in words: what the baseline says and what the candidate says, part by part, in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

from triage.backtest.parts import Key, Parts, clauses, plain
from triage.describe import Describer
from triage.messages import LANGUAGES, Language, listed, say
from triage.policy import Basis, Cap, Clause, DatedValue, Parameter, Policy, Reference, Rule, Text
from triage.snapshots import turning_days
from triage.wording import alphabetical, number

INDENT = "  "


class EditWords:
    """Puts the differences of two policies into words. The first line names what changes; the others say how."""

    def __init__(self, baseline: Policy, candidate: Policy, old: Parts, new: Parts, language: Language) -> None:
        self.policies, self.parts, self.language = (baseline, candidate), (old, new), language
        self.describers = tuple(
            _Names(policy, language, max(turning_days(policy), default=date.max)) for policy in self.policies
        )

    def lines(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """The words of one edit, by its kind and the parts that it changes."""
        old, new = self.parts
        if kind == "rule_renamed":
            title = self.title(new[keys[1]].title)
            return [self.tell("rule-renamed", old=keys[0][1], new=keys[1][1], title=title)]
        if len(keys) > 1 and all(key[0] == "rule" and key in old and key in new for key in keys):
            ids = [key[1] for key in keys]
            head = self.tell("table-changed", id=new[keys[0]].table, count=len(ids), rules=", ".join(sorted(ids)))
            return [head, *self.rule_changes(old[keys[0]], new[keys[0]])]
        if kind in ("parameter_added", "parameter_removed"):
            return self.whole_parameter(kind, keys)
        if kind in ("limit_added", "limit_removed"):
            return self.whole_limit(kind, keys)
        lines = []
        for key in keys:
            lines += self.part(key, old.get(key), new.get(key), key in old, key in new)
        return lines

    def tell(self, key: str, **values: object) -> str:
        """A message about edits."""
        return say(f"edit.{key}", self.language, **values)

    def title(self, text: Text) -> str:
        """A title in the language."""
        return text[self.language]

    def part(self, key: Key, before: Any, after: Any, was: bool, now: bool) -> list[str]:
        """One part that was or is now."""
        section, name = key
        if section == "rule":
            return self.rule(before, after)
        if section == "value":
            return [self.value(name.rpartition("@")[0], before, after), *self.support(before, after)]
        if section == "cap":
            return [self.cap(name.rpartition("@")[0], before, after), *self.support(before, after)]
        if section == "vocabulary" and was and now:
            orders = [", ".join(order) if order else self.tell("unordered") for order in (before, after)]
            return [self.tell("order", id=name, old=orders[0], new=orders[1])]
        if section == "policy":
            return [self.tell("policy-changed", name=name), *self.differences(before, after)]
        subject = say(f"subject.{section}", self.language, id=name) if section in SUBJECTS else f"{section} {name}"
        if not was or not now:
            found = after if now else before
            label = next((getattr(found, one) for one in ("label", "title", "says") if hasattr(found, one)), "")
            shown = label[self.language] if isinstance(label, Text) else str(label or name)
            return [self.tell("added" if now else "removed", subject=subject.strip(), title=shown)]
        return [self.tell("changed", subject=subject.strip()), *self.differences(before, after)]

    # -- rules --------------------------------------------------------------------------------------------------

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
        lines += [INDENT + self.tell("unless", text=describer.clause(clause)) for clause in rule.unless]
        lines += [INDENT + self.tell("then", text=text) for text in describer.effects(rule)]
        lines.append(INDENT + self.rests_on(rule))
        if rule.in_force.start or rule.in_force.end:
            lines.append(INDENT + self.tell("in-force", text=_period(rule)))
        if rule.applies_if:
            lines.append(INDENT + self.tell("switch", text=self.parameter_name(rule.applies_if, side)))
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
            ("basis-changed", *(say(f"describe.{one.basis}", self.language) for one in (before, after))),
        )
        nothing = say("word.none", self.language)
        lines += [
            self.tell(key, old=old or nothing, new=new or nothing) for key, old, new in plain_changes if old != new
        ]
        lines += self.citations(before.cite, after.cite)
        for key in ("title", "because", "rationale"):
            lines += self.texts(key, getattr(before, key), getattr(after, key))
        lines += self.texts("advise", before.then.advise, after.then.advise)
        return [INDENT + line for line in lines]

    def conditions(self, key: str, before: Iterable[Clause], after: Iterable[Clause]) -> list[str]:
        """Conditions that come and go; one on the same facts in place of another is a change of it."""
        before, after = tuple(before), tuple(after)
        was, now = clauses(before), clauses(after)
        gone = [clause for clause in before if clauses([clause]) - now]
        new = [clause for clause in after if clauses([clause]) - was]
        lines = []
        for clause in gone:
            facts = {condition.fact.name for condition in clause}
            other = next((one for one in new if {condition.fact.name for condition in one} == facts), None)
            old_text = self.describers[0].clause(clause)
            if other is None:
                lines.append(self.tell(f"{key}gone", text=old_text))
            else:
                new.remove(other)
                lines.append(self.tell(f"{key}changed", old=old_text, new=self.describers[1].clause(other)))
        return lines + [self.tell(f"{key}new", text=self.describers[1].clause(clause)) for clause in new]

    def effects(self, before: Rule, after: Rule) -> list[str]:
        """Effects that come and go, without advice, which is a text."""
        was, now = (self.describers[side].effects(_silent(rule)) for side, rule in enumerate((before, after)))
        gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
        if len(gone) == len(new) == 1:
            return [self.tell("then-changed", old=gone[0], new=new[0])]
        return [self.tell("then-gone", text=one) for one in gone] + [self.tell("then-new", text=one) for one in new]

    # -- parameters ---------------------------------------------------------------------------------------------

    def parameter_name(self, id: str, side: int) -> str:
        """A parameter by id and title, and whether it is a choice of the branch."""
        parameter = self.policies[side].parameters.get(id) or self.policies[1 - side].parameters[id]
        setting = f", {say('decision.setting', self.language)}" if parameter.basis is Basis.SETTING else ""
        return f"{id} ({self.title(parameter.title)}{setting})"

    def value(self, id: str, before: DatedValue | None, after: DatedValue | None) -> str:
        """One dated value: from which day to which, old to new. What holds before that day stays as it is."""
        dated = after or before
        assert dated is not None
        old, new = (policy.parameters.get(id) for policy in self.policies)
        was = before.value if before else old.value_on(dated.since) if old else None
        now = after.value if after else new.value_on(dated.since) if new else None
        key = "value-changed" if before and after else "value-new" if after else "value-gone"
        parameter = new or old
        assert parameter is not None
        name = self.parameter_name(id, 1)
        return self.tell(
            key, name=name, days=self.days(dated.since, _days(new)), change=self.change(parameter.of, was, now)
        )

    def days(self, since: date, all_days: Iterable[date]) -> str:
        """The days on which a value holds, of all days from which there is one."""
        later = [day for day in all_days if day > since]
        if later:
            return self.tell("from-until", start=since, end=min(later) - timedelta(days=1))
        return self.tell("from", start=since)

    def change(self, of: str, before: Any, after: Any) -> str:
        """Old to new; of lists only what comes and goes."""
        if isinstance(before, frozenset) and isinstance(after, frozenset) and before != after:
            parts = []
            for key, values, side in (("adds", after - before, 1), ("drops", before - after, 0)):
                if values:
                    names = sorted((self.describers[side].words.label(of, one) for one in values), key=alphabetical)
                    parts.append(self.tell(key, values=listed(names, self.language)))
            return "; ".join(parts)
        old, new = (self.shown(of, value, side) for side, value in enumerate((before, after)))
        return f"{old} → {new}" if old != new else new

    def shown(self, of: str, value: Any, side: int) -> str:
        """A value as a reader writes it."""
        return say("word.none", self.language) if value is None else self.describers[side].words.value(of, value)

    def whole_parameter(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """A parameter that comes or goes, with all its values."""
        side = 1 if kind == "parameter_added" else 0
        parameter = self.policies[side].parameters[keys[0][1]]
        key = "parameter-added" if side else "parameter-removed"
        lines = [self.tell(key, name=self.parameter_name(parameter.id, side))]
        for dated in parameter.values:
            value = self.shown(parameter.of, dated.value, side)
            lines.append(INDENT + self.tell("dated", days=self.days(dated.since, _days(parameter)), value=value))
        return lines

    # -- limits -------------------------------------------------------------------------------------------------

    def limit_name(self, id: str, side: int) -> str:
        """A limit by id and title, and whether it is a choice of the branch."""
        limit = next(one for policy in (self.policies[side], *self.policies) for one in policy.limits if one.id == id)
        setting = f", {say('decision.setting', self.language)}" if limit.basis is Basis.SETTING else ""
        return f"{id} ({self.title(limit.title)}{setting})"

    def cap(self, id: str, before: Cap | None, after: Cap | None) -> str:
        """The most that a limit lets through from a day on, old to new."""
        since = (after or before).since  # type: ignore[union-attr]
        limits = [next((one for one in policy.limits if one.id == id), None) for policy in self.policies]
        found = [
            cap or (limit.on(since) if limit else None) for cap, limit in zip((before, after), limits, strict=True)
        ]
        key = "cap-changed" if before and after else "cap-new" if after else "cap-gone"
        days = self.days(since, [cap.since for cap in (limits[1].at_most if limits[1] else ())])
        old, new = (self.cap_shown(cap) for cap in found)
        return self.tell(key, name=self.limit_name(id, 1), days=days, change=f"{old} → {new}")

    def cap_shown(self, cap: Cap | None) -> str:
        """The most that a limit lets through, and what counts for a request that does not say."""
        if cap is None or cap.value is None:
            return say("word.none", self.language)
        shown = number(cap.value, self.language)
        if not cap.for_unknown:
            return shown
        return self.tell("for-unknown", value=shown, unknown=number(cap.for_unknown, self.language))

    def whole_limit(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """A limit that comes or goes, with all its values."""
        side = 1 if kind == "limit_added" else 0
        limit = next(one for one in self.policies[side].limits if one.id == keys[0][1])
        lines = [self.tell("limit-added" if side else "limit-removed", name=self.limit_name(limit.id, side))]
        lines += [INDENT + self.tell("when", text=self.describers[side].clause(one)) for one in limit.applies_to]
        for cap in limit.at_most:
            days = self.days(cap.since, [one.since for one in limit.at_most])
            lines.append(INDENT + self.tell("dated", days=days, value=self.cap_shown(cap)))
        return lines

    # -- texts and what things rest on --------------------------------------------------------------------------

    def support(self, before: DatedValue | Cap | None, after: DatedValue | Cap | None) -> list[str]:
        """What a dated value rests on, where that changes."""
        if after is None:
            return []
        if not after.cite and after.rationale is None:
            return [INDENT + self.tell("on-trial")]
        if before is None:
            return []
        lines = self.citations(before.cite, after.cite) + self.texts("rationale", before.rationale, after.rationale)
        return [INDENT + line for line in lines]

    def citations(self, before: Sequence[str], after: Sequence[str]) -> list[str]:
        """Statements that are cited anew, and no longer."""
        new, gone = sorted({*after} - {*before}), sorted({*before} - {*after})
        lines = [self.tell("cites", ids=", ".join(new))] if new else []
        return lines + ([self.tell("cites-no-more", ids=", ".join(gone))] if gone else [])

    def texts(self, key: str, before: Text | None, after: Text | None) -> list[str]:
        """A text, old to new; in the other language, where only that changes."""
        own, other = self.language, next(one for one in LANGUAGES if one != self.language)
        shown = [one for one in (own, other) if (before and before[one]) != (after and after[one])][:1]
        what, nothing = self.tell(f"text-{key}"), say("word.none", own)
        return [
            self.tell(
                "text-changed" if language == own else "other-language-changed",
                what=what,
                old=before[language] if before else nothing,
                new=after[language] if after else nothing,
            )
            for language in shown
        ]

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
                lines.append(self.tell("field", name=name, old=self.generic(old), new=self.generic(new)))
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
    *("parameter", "vocabulary", "term", "fact", "strategy", "criterion", "statement", "source", "indicator"),
    *("limit", "suspension"),
)
"""Sections that the catalogue has a word for."""


class _Names(Describer):
    """Describes rules by the names of their parameters: what these are worth is told where it changes."""

    def named(self, name: str, shown: str) -> str:
        return name


def _days(parameter: Parameter | None) -> list[date]:
    return [dated.since for dated in parameter.values] if parameter else []


def _silent(rule: Rule) -> Rule:
    return replace(rule, then=replace(rule.then, advise=None))


def _period(rule: Rule) -> str:
    ends = (rule.in_force.start, rule.in_force.end)
    return " – ".join(day.isoformat() if day else "…" for day in ends) if any(ends) else ""
