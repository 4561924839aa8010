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
        """What people call a value of a vocabulary, or a country; its id when it has no label."""
        if values == COUNTRIES:
            return countries.name(id, self.language)
        return self._labels.get((values or "", id), id)

    def organization(self, id: str) -> str:
        """What people call a branch or department."""
        return self.term(("branches", "departments"), id)

    def term(self, vocabularies: tuple[str, ...], id: str) -> str:
        """What people call a term of one of the vocabularies, the first that has it."""
        known = (name for name in vocabularies if (name, id) in self._labels)
        return self.label(next(known, vocabularies[-1]), id)

    def fact(self, name: str) -> str:
        text = self.policy.fact_texts.get(name)
        return text.label[self.language] if text else name

    @cached_property
    def _sets(self) -> dict[tuple[str | None, frozenset[str]], str]:
        return {}

    def _set(self, values: str | None, ids: frozenset[str]) -> str:
        """A set in words; remembered, because the requests of one inbox have much the same."""
        text = self._sets.get((values, ids))
        if text is None:
            if len(self._sets) > MOST_KEPT:
                self._sets.clear()
            named = sorted((self.label(values, id) for id in ids), key=alphabetical)
            text = listed(named, self.language) if named else say("word.none", self.language)
            self._sets[values, ids] = text
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
        """A rule's text, ready to be filled, with a note after it.

        Of a set the values are shown that the rule asks for, or all where it asks for none.
        """
        pieces: list[str | Callable[[State], str]] = [""]
        # Every second part is a slot.
        for index, part in enumerate(SLOT.split(text)):
            name, _, suffix = part.partition(".")
            piece: str | Callable[[State], str] = part
            if index % 2 and name not in self.policy.facts:
                piece = self.value(self.policy.parameters[name].of, parameters.get(name))
            elif index % 2:
                piece = self._slot(self.policy.facts[name], suffix, rule.asks.get(name))
            if isinstance(piece, str) and isinstance(pieces[-1], str):
                pieces[-1] += piece
            else:
                pieces.append(piece)
        if isinstance(pieces[-1], str):
            pieces[-1] += note
        fixed = pieces[0] if len(pieces) == 1 and isinstance(pieces[0], str) else None
        return Written(tuple(pieces), fixed)

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
            if value.__class__ is frozenset:
                return self._set(values, value)
            return self.value(values, value)

        return fill

    def points(self, rule: ActiveRule) -> str:
        """What to add to a justification that rests on numbers or choices of the branch, or ""."""
        if rule.points:
            labels = [criterion.label[self.language] for criterion in self.policy.criteria]
            points = ", ".join(f"+{number} {labels[index]}" for index, number in rule.points)
            return f" ({say('decision.points-setting', self.language, points=points)})"
        if rule.rule.basis is Basis.SETTING:
            return f" ({say('decision.setting', self.language)})"
        return ""


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a rule, in pieces: fixed ones, and functions that fill slots."""

    pieces: tuple[str | Callable[[State], str], ...]
    fixed: str | None
    """The text itself, when nothing of it depends on a request."""

    def filled(self, state: State) -> str:
        return "".join([one if isinstance(one, str) else one(state) for one in self.pieces])


def number(value: Decimal | int | Fraction, language: Language) -> str:
    """A number with the thousands and decimal signs of the language."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    if language == "fr":
        # French groups thousands with a no-break space and writes a decimal comma.
        return text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return text
