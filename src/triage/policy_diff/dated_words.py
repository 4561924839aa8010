"""Dated values in words: parameters and limits, old to new, with the days on which each value
holds.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from triage.deciding.calendar import turning_days
from triage.deciding.wording import alphabetical, number
from triage.messages import LANGUAGES, Language, listed, say
from triage.model.policy import Basis, Cap, DatedValue, Parameter, Policy, Text
from triage.policy_diff.parts import Key
from triage.review.describe import Describer

INDENT = "  "


class DatedWords:
    """Puts what changes with time into words: the baseline is side 0, the candidate side 1."""

    def __init__(self, baseline: Policy, candidate: Policy, language: Language) -> None:
        self.policies, self.language = (baseline, candidate), language
        self.describers = tuple(
            _Names(policy, language, max(turning_days(policy), default=date.max))
            for policy in self.policies
        )

    def tell(self, key: str, **values: object) -> str:
        """A message about edits."""
        return say(f"edit.{key}", self.language, **values)

    def title(self, text: Text) -> str:
        """A title in the language."""
        return text[self.language]

    # -- parameters
    # ---------------------------------------------------------------------------------------------

    def parameter_name(self, id: str, side: int) -> str:
        """A parameter by id and title, and whether it is a choice of the branch."""
        parameter = self.policies[side].parameters.get(id) or self.policies[1 - side].parameters[id]
        setting = (
            f", {say('decision.setting', self.language)}"
            if parameter.basis is Basis.SETTING
            else ""
        )
        return f"{id} ({self.title(parameter.title)}{setting})"

    def value(self, id: str, before: DatedValue | None, after: DatedValue | None) -> str:
        """One dated value: from which day to which, old to new. What holds before that day stays
        as it is.
        """
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
            key,
            name=name,
            days=self.days(dated.since, _days(new)),
            change=self.change(parameter.of, was, now),
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
                    names = sorted(
                        (self.describers[side].words.label(of, one) for one in values),
                        key=alphabetical,
                    )
                    parts.append(self.tell(key, values=listed(names, self.language)))
            return "; ".join(parts)
        old, new = (self.shown(of, value, side) for side, value in enumerate((before, after)))
        return f"{old} → {new}" if old != new else new

    def shown(self, of: str, value: Any, side: int) -> str:
        """A value as a reader writes it."""
        return (
            say("word.none", self.language)
            if value is None
            else self.describers[side].words.value(of, value)
        )

    def whole_parameter(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """A parameter that comes or goes, with all its values."""
        side = 1 if kind == "parameter_added" else 0
        parameter = self.policies[side].parameters[keys[0][1]]
        key = "parameter-added" if side else "parameter-removed"
        lines = [self.tell(key, name=self.parameter_name(parameter.id, side))]
        for dated in parameter.values:
            value = self.shown(parameter.of, dated.value, side)
            lines.append(
                INDENT
                + self.tell("dated", days=self.days(dated.since, _days(parameter)), value=value)
            )
        return lines

    # -- limits
    # -------------------------------------------------------------------------------------------------

    def limit_name(self, id: str, side: int) -> str:
        """A limit by id and title, and whether it is a choice of the branch."""
        limit = next(
            one
            for policy in (self.policies[side], *self.policies)
            for one in policy.limits
            if one.id == id
        )
        setting = (
            f", {say('decision.setting', self.language)}" if limit.basis is Basis.SETTING else ""
        )
        return f"{id} ({self.title(limit.title)}{setting})"

    def cap(self, id: str, before: Cap | None, after: Cap | None) -> str:
        """The most that a limit lets through from a day on, old to new."""
        since = (after or before).since  # type: ignore[union-attr]
        limits = [
            next((one for one in policy.limits if one.id == id), None) for policy in self.policies
        ]
        found = [
            cap or (limit.on(since) if limit else None)
            for cap, limit in zip((before, after), limits, strict=True)
        ]
        key = "cap-changed" if before and after else "cap-new" if after else "cap-gone"
        days = self.days(since, [cap.since for cap in (limits[1].at_most if limits[1] else ())])
        # What counts for a request that does not say is told where it changes.
        same = len({cap.for_unknown for cap in found if cap is not None}) < 2
        old, new = (self.cap_shown(cap, not same) for cap in found)
        return self.tell(key, name=self.limit_name(id, 1), days=days, change=f"{old} → {new}")

    def cap_shown(self, cap: Cap | None, unknown: bool = True) -> str:
        """The most that a limit lets through, and what counts for a request that does not say."""
        if cap is None or cap.value is None:
            return say("word.none", self.language)
        shown = number(cap.value, self.language)
        if not unknown:
            return shown
        return self.tell("for-unknown", value=shown, unknown=number(cap.for_unknown, self.language))

    def whole_limit(self, kind: str, keys: Sequence[Key]) -> list[str]:
        """A limit that comes or goes, with all its values."""
        side = 1 if kind == "limit_added" else 0
        limit = next(one for one in self.policies[side].limits if one.id == keys[0][1])
        lines = [
            self.tell(
                "limit-added" if side else "limit-removed", name=self.limit_name(limit.id, side)
            )
        ]
        lines += [
            INDENT + self.tell("when", text=self.describers[side].clause(one))
            for one in limit.applies_to
        ]
        for cap in limit.at_most:
            days = self.days(cap.since, [one.since for one in limit.at_most])
            lines.append(INDENT + self.tell("dated", days=days, value=self.cap_shown(cap)))
        return lines

    # -- texts and what things rest on
    # --------------------------------------------------------------------------

    def support(self, before: DatedValue | Cap | None, after: DatedValue | Cap | None) -> list[str]:
        """What a dated value rests on, where that changes."""
        if after is None:
            return []
        if not after.cite and after.rationale is None:
            return [INDENT + self.tell("on-trial")]
        if before is None:
            return []
        lines = self.citations(before.cite, after.cite) + self.texts(
            "rationale", before.rationale, after.rationale
        )
        return [INDENT + line for line in lines]

    def citations(self, before: Sequence[str], after: Sequence[str]) -> list[str]:
        """Statements that are cited anew, and no longer."""
        new, gone = sorted({*after} - {*before}), sorted({*before} - {*after})
        lines = [self.tell("cites", ids=", ".join(new))] if new else []
        return lines + ([self.tell("cites-no-more", ids=", ".join(gone))] if gone else [])

    def texts(self, key: str, before: Text | None, after: Text | None) -> list[str]:
        """A text, old to new; in the other language, where only that changes."""
        own, other = self.language, next(one for one in LANGUAGES if one != self.language)
        shown = [one for one in (own, other) if (before and before[one]) != (after and after[one])][
            :1
        ]
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


class _Names(Describer):
    """Describes rules by the names of their parameters: what these are worth is told where it
    changes.
    """

    def named(self, name: str, shown: str) -> str:
        return name


def _days(parameter: Parameter | None) -> list[date]:
    return [dated.since for dated in parameter.values] if parameter else []
