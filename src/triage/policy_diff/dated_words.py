"""Dated values in words: parameters and limits, old to new, with the days that each value holds."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from triage.deciding.calendar import turning_days
from triage.deciding.wording import alphabetical, number
from triage.messages import LANGUAGES, Language, listed, say
from triage.model.policy import Basis, Cap, DatedValue, Limit, Parameter, Policy, Text
from triage.policy_diff.definitions import Key
from triage.review.describe import Describer

INDENT = "  "
OLD, NEW = 0, 1
"""The baseline and the candidate, as indices of what there is one of for each."""

TEXTS = {
    "title": "edit.text-title",
    "because": "edit.text-because",
    "rationale": "edit.text-rationale",
    "advise": "edit.text-advise",
}
"""What the texts of a definition are called."""


class DatedWords:
    """Puts what changes with time into words."""

    def __init__(self, baseline: Policy, candidate: Policy, language: Language) -> None:
        self.policies, self.language = (baseline, candidate), language
        self.describers = tuple(
            _NameDescriber(policy, language, max(turning_days(policy), default=date.max))
            for policy in self.policies
        )

    def tell(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def named(self, entry: Parameter | Limit) -> str:
        """A parameter or limit by id and title, and whether it is a choice of the branch."""
        setting = f", {self.tell('decision.setting')}" if entry.basis is Basis.SETTING else ""
        return f"{entry.id} ({entry.title[self.language]}{setting})"

    # -- parameters

    def value(self, id: str, before: DatedValue | None, after: DatedValue | None) -> str:
        """One dated value: from which day to which, old to new.

        Where only one version has a value of that day, the other's value on that day is shown.
        """
        dated = after or before
        old, new = (policy.parameters.get(id) for policy in self.policies)
        parameter = new or old
        assert dated is not None
        assert parameter is not None
        was = before.value if before else old.value_on(dated.since) if old else None
        now = after.value if after else new.value_on(dated.since) if new else None
        key = "edit.value-gone" if after is None else "edit.value-new"
        if before and after:
            key = "edit.value-changed"
        days = self.days(dated.since, new.values if new else ())
        change = self.change(parameter.of, was, now)
        return self.tell(key, name=self.named(parameter), days=days, change=change)

    def days(self, since: date, values: Iterable[DatedValue | Cap]) -> str:
        """The days on which a value holds, of all values that follow each other."""
        later = [one.since for one in values if one.since > since]
        if later:
            return self.tell("edit.from-until", start=since, end=min(later) - timedelta(days=1))
        return self.tell("edit.from", start=since)

    def change(self, of: str, before: Any, after: Any) -> str:
        """Old to new; of lists only what comes and goes."""
        if isinstance(before, frozenset) and isinstance(after, frozenset) and before != after:
            adds = self._labels(of, after - before, NEW)
            drops = self._labels(of, before - after, OLD)
            told = [self.tell("edit.adds", values=adds)] if adds else []
            told += [self.tell("edit.drops", values=drops)] if drops else []
            return "; ".join(told)
        old, new = self.shown(of, before, OLD), self.shown(of, after, NEW)
        return f"{old} → {new}" if old != new else new

    def _labels(self, of: str, values: frozenset[str], version: int) -> str:
        labels = [self.describers[version].words.label(of, one) for one in values]
        return listed(sorted(labels, key=alphabetical), self.language)

    def shown(self, of: str, value: Any, version: int) -> str:
        """A value as a reader writes it."""
        if value is None:
            return self.tell("word.none")
        return self.describers[version].words.value(of, value)

    def whole_parameter(self, key: Key) -> list[str]:
        """A parameter that comes or goes, with all its values."""
        version = NEW if key[1] in self.policies[NEW].parameters else OLD
        parameter = self.policies[version].parameters[key[1]]
        head = "edit.parameter-added" if version else "edit.parameter-removed"
        lines = [self.tell(head, name=self.named(parameter))]
        for dated in parameter.values:
            days = self.days(dated.since, parameter.values)
            value = self.shown(parameter.of, dated.value, version)
            lines.append(INDENT + self.tell("edit.dated", days=days, value=value))
        return lines

    # -- limits

    def _limit(self, id: str, version: int) -> Limit | None:
        return next((one for one in self.policies[version].limits if one.id == id), None)

    def cap(self, id: str, before: Cap | None, after: Cap | None) -> str:
        """The most that a limit lets through from a day on, old to new."""
        dated, old, new = after or before, self._limit(id, OLD), self._limit(id, NEW)
        limit = new or old
        assert dated is not None
        assert limit is not None
        was = before or (old.on(dated.since) if old else None)
        now = after or (new.on(dated.since) if new else None)
        key = "edit.cap-gone" if after is None else "edit.cap-new"
        if before and after:
            key = "edit.cap-changed"
        days = self.days(dated.since, new.at_most if new else ())
        # What counts for a request that does not say is told where it changes.
        changes = len({cap.for_unknown for cap in (was, now) if cap is not None}) > 1
        change = f"{self.cap_shown(was, changes)} → {self.cap_shown(now, changes)}"
        return self.tell(key, name=self.named(limit), days=days, change=change)

    def cap_shown(self, cap: Cap | None, unknown: bool = True) -> str:
        """The most that a limit lets through, and what counts for a request that does not say."""
        if cap is None or cap.value is None:
            return self.tell("word.none")
        value = number(cap.value, self.language)
        if not unknown:
            return value
        for_unknown = number(cap.for_unknown, self.language)
        return self.tell("edit.for-unknown", value=value, unknown=for_unknown)

    def whole_limit(self, key: Key) -> list[str]:
        """A limit that comes or goes, with all its values."""
        added = self._limit(key[1], NEW)
        limit, version = (added, NEW) if added else (self._limit(key[1], OLD), OLD)
        assert limit is not None
        head = "edit.limit-added" if added else "edit.limit-removed"
        lines = [self.tell(head, name=self.named(limit))]
        for clause in limit.applies_to:
            text = self.describers[version].clause(clause)
            lines.append(INDENT + self.tell("edit.when", text=text))
        for cap in limit.at_most:
            days, value = self.days(cap.since, limit.at_most), self.cap_shown(cap)
            lines.append(INDENT + self.tell("edit.dated", days=days, value=value))
        return lines

    # -- texts and what values rest on

    def support(self, before: DatedValue | Cap | None, after: DatedValue | Cap | None) -> list[str]:
        """What a dated value rests on, where that changes."""
        if after is None:
            return []
        if not after.cite and after.rationale is None:
            return [INDENT + self.tell("edit.on-trial")]
        if before is None:
            return []
        lines = self.citations(before.cite, after.cite)
        lines += self.texts("rationale", before.rationale, after.rationale)
        return [INDENT + line for line in lines]

    def citations(self, before: Sequence[str], after: Sequence[str]) -> list[str]:
        """Statements that are cited anew, and no longer."""
        new, gone = sorted({*after} - {*before}), sorted({*before} - {*after})
        lines = [self.tell("edit.cites", ids=", ".join(new))] if new else []
        return lines + ([self.tell("edit.cites-no-more", ids=", ".join(gone))] if gone else [])

    def texts(self, name: str, before: Text | None, after: Text | None) -> list[str]:
        """A text, old to new, if it changes: in the language, or else in the other one."""
        own, nothing = self.language, self.tell("word.none")
        for language in sorted(LANGUAGES, key=lambda one: one != own):
            if (before and before[language]) != (after and after[language]):
                key = "edit.text-changed" if language == own else "edit.other-language-changed"
                old, new = (text[language] if text else nothing for text in (before, after))
                return [self.tell(key, what=self.tell(TEXTS[name]), old=old, new=new)]
        return []


class _NameDescriber(Describer):
    """Describes rules by the names of their parameters: their values are told where they change."""

    def named(self, name: str, shown: str) -> str:
        return name
