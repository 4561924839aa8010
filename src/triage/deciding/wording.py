"""Facts, values and rules in a reader's words, in one language."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from triage.deciding.settled import ActiveRule
from triage.messages import Language, listed, say
from triage.model import countries
from triage.model.conditions import Among, Partial, State
from triage.model.facts import COUNTRIES, Fact
from triage.model.policy import SLOT, Basis, Policy

MOST_KEPT = 4096


def alphabetical(text: str) -> str:
    """A key that puts É beside E, as readers of French expect."""
    return unicodedata.normalize("NFKD", text).casefold()


@dataclass(frozen=True)
class Wording:
    """The words of one policy in one language."""

    policy: Policy
    language: Language

    @cached_property
    def _labels(self) -> dict[tuple[str, str], str]:
        return {
            (vocabulary.id, term.id): term.label[self.language]
            for vocabulary in self.policy.vocabularies.values()
            for term in vocabulary.terms.values()
        }

    def label(self, values: str | None, id: str) -> str:
        """What people call one value of a vocabulary, or a country; the id itself when it has no
        label.
        """
        if values == COUNTRIES:
            return countries.name(id, self.language)
        return self._labels.get((values or "", id), id)

    def organization(self, id: str) -> str:
        """What people call a branch or department."""
        known = ("branches", id) in self._labels
        return self.label("branches" if known else "departments", id)

    def fact(self, name: str) -> str:
        """What people call a fact."""
        text = self.policy.fact_texts.get(name)
        return text.label[self.language] if text else name

    @cached_property
    def _sets(self) -> dict[tuple[str | None, frozenset[str]], str]:
        return {}

    def _set(self, values: str | None, found: frozenset[str]) -> str:
        """A set in words; remembered, because the requests of one inbox have much the same."""
        text = self._sets.get((values, found))
        if text is None:
            if len(self._sets) > MOST_KEPT:
                self._sets.clear()
            named = sorted((self.label(values, one) for one in found), key=alphabetical)
            text = listed(named, self.language) if named else say("word.none", self.language)
            self._sets[values, found] = text
        return text

    def value(self, values: str | None, value: Any) -> str:
        """A value of a fact or parameter as a reader writes it."""
        if isinstance(value, Partial):
            value = value.lower
        elif isinstance(value, Among):
            value = value.values
        if isinstance(value, frozenset):
            return self._set(values, value)
        if isinstance(value, bool):
            return say("word.yes" if value else "word.no", self.language)
        if isinstance(value, Decimal | int | Fraction):
            return number(value, self.language)
        if isinstance(value, date):
            return value.isoformat()
        if value is None:
            return say("word.unknown", self.language)
        return self.label(values, str(value))

    def written(
        self, text: str, rule: ActiveRule, parameters: Mapping[str, Any], note: str = ""
    ) -> "Written":
        """A rule's text, ready to be filled, and a note after it.

        A set shows only the values that the rule asks for, where it asks.
        """
        parts: list[str | Callable[[State], str]] = [""]
        # Every second part is a slot.
        for place, part in enumerate(SLOT.split(text)):
            name, _, suffix = part.partition(".")
            piece: str | Callable[[State], str] = part
            if place % 2 and name not in self.policy.facts:
                piece = self.value(self.policy.parameters[name].of, parameters.get(name))
            elif place % 2:
                piece = self._slot(self.policy.facts[name], suffix, rule.asks.get(name))
            if isinstance(piece, str) and isinstance(parts[-1], str):
                parts[-1] += piece
            else:
                parts.append(piece)
        if isinstance(parts[-1], str):
            parts[-1] += note
        first = parts[0]
        return Written(tuple(parts), first if len(parts) == 1 and isinstance(first, str) else None)

    def _slot(
        self, fact: Fact, suffix: str, asked: frozenset[str] | None
    ) -> Callable[[State], str]:
        name, values = fact.name, fact.values

        def fill(state: State) -> str:
            value = state.get(name)
            if value.__class__ is Partial:
                value = value.lower
            if asked and value.__class__ is frozenset:
                value = value & asked or value
            if suffix == "count":
                return str(len(value or ()))
            return (
                self._set(values, value)
                if value.__class__ is frozenset
                else self.value(values, value)
            )

        return fill

    def points(self, rule: ActiveRule) -> str:
        """What to add to a justification that rests on numbers or choices of the branch; empty
        when it does not.
        """
        if rule.points:
            order = self.policy.criteria
            parts = [
                f"+{points} {order[place].label[self.language]}" for place, points in rule.points
            ]
            return (
                " (" + say("decision.points-setting", self.language, points=", ".join(parts)) + ")"
            )
        if rule.rule.basis is Basis.SETTING:
            return f" ({say('decision.setting', self.language)})"
        return ""


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a rule: its fixed parts, and between them what fills a slot.

    `fixed` is the text itself, when nothing of it depends on a request.
    """

    parts: tuple[str | Callable[[State], str], ...]
    fixed: str | None

    def filled(self, state: State) -> str:
        """The text for the facts of one request."""
        return "".join([part if isinstance(part, str) else part(state) for part in self.parts])


def number(value: Decimal | int | Fraction, language: Language) -> str:
    """A number with the thousands and decimal signs of the language."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    if language == "fr":
        # French groups thousands with a no-break space and writes a decimal comma.
        return text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return text
