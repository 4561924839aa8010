"""Prose -> the facts that its words suggest, each with a strength and the words that it rests on.

The vocabularies of the policy have the phrases: keywords suggest strongly, weak keywords weakly. Of
phrases for one fact the longest counts where one contains the other. A person confirms what is
suggested.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from triage.intake.places import Places
from triage.intake.reading import Counted, Reading
from triage.model.facts import COUNTRIES, Kind
from triage.model.phrases import Lexicon, Match, longest, parse_phrase
from triage.model.policy import Policy
from triage.model.words import Words

SUGGESTED_FACTS = ("topics", "populations", "forum", COUNTRIES, "engagement_type")
Strength = Literal["strong", "weak"]


class Meaning(NamedTuple):
    """What a phrase of a vocabulary stands for.

    `use` is the list that it stands in. A combination hides no shorter phrase.
    """

    fact: str
    id: str
    use: str
    is_combination: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that the words of a text suggest; several ids are candidates for one value."""

    fact: str
    ids: tuple[str, ...]
    matched: tuple[str, ...]
    strength: Strength = "strong"

    @property
    def strong(self) -> bool:
        return self.strength == "strong"


@dataclass(slots=True)
class _Found:
    """The phrases that suggest one value so far, by strength."""

    strong: dict[str, None]
    weak: dict[str, None]


class Suggester:
    """Suggests by the phrases of one policy, English and French at once; threads may share it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.reading = Reading(policy)
        self._yields_to = {
            (fact, term.id): {(one,) for one in term.phrases.yields_to}
            for fact in SUGGESTED_FACTS
            if (vocabulary := policy.vocabularies.get(policy.facts[fact].values or "")) is not None
            for term in vocabulary.terms.values()
            if term.phrases.yields_to
        }

    @cached_property
    def _lexicon(self) -> Lexicon[Meaning]:
        return Lexicon(self._phrases())

    @cached_property
    def _places(self) -> Places:
        return Places(self.policy, self.reading)

    def _phrases(self) -> Iterator[tuple[Any, Meaning]]:
        for fact in SUGGESTED_FACTS:
            vocabulary = self.policy.vocabularies.get(self.policy.facts[fact].values or "")
            for term in vocabulary.terms.values() if vocabulary else ():
                for use, text in term.phrases.each():
                    for phrase in parse_phrase(text):
                        yield phrase, Meaning(fact, term.id, use, len(phrase) > 1)

    def suggest(self, text: str) -> list[Suggestion]:
        """Everything that the words of a text suggest, fact by fact, in the order of the text."""
        words = Words.of(text)
        counted = self.reading.counted(words)
        by_fact: dict[str, dict[tuple[str, ...], _Found]] = {fact: {} for fact in SUGGESTED_FACTS}
        values = [*self._values(words, counted)]
        # An article in capital shows that "La Réunion" is no meeting.
        small = {*range(len(words.spans))}.difference(words.full)
        names = {
            at for fact, _, all_of, _ in values if not small.isdisjoint(all_of) for at in all_of
        }
        for fact, ids, positions, strong in values:
            if not counted.passed.isdisjoint(positions):
                continue
            if fact != COUNTRIES and not names.isdisjoint(positions):
                continue
            found = by_fact[fact].setdefault(ids, _Found({}, {}))
            phrase = words.quoted(positions[0], positions[-1])
            (found.strong if strong else found.weak)[phrase] = None
        return [one for fact in SUGGESTED_FACTS for one in self._settled(fact, by_fact[fact])]

    def _values(
        self, words: Words, counted: Counted
    ) -> Iterator[tuple[str, tuple[str, ...], tuple[int, ...], bool]]:
        """Fact, ids, positions and strength of every phrase that means something."""
        matches: dict[str, list[Match[Meaning]]] = {fact: [] for fact in SUGGESTED_FACTS}
        barred: dict[tuple[str, str], list[frozenset[int]]] = {}
        for match in self._lexicon.find(words):
            meaning, positions = match
            if meaning.use == "exclusions":
                barred.setdefault((meaning.fact, meaning.id), []).append(frozenset(positions))
            else:
                matches[meaning.fact].append(match)
        for fact, found in matches.items():
            for meaning, positions in _longest(found):
                own = frozenset(positions)
                others = barred.get((fact, meaning.id), ())
                if any(not own.isdisjoint(other) and not other < own for other in others):
                    continue
                is_set = self.policy.facts[fact].kind is Kind.SET
                little = is_set and counted.little.issuperset(positions)
                yield fact, (meaning.id,), positions, meaning.use == "keywords" and not little
        for place, positions in self._places.find(words):
            yield COUNTRIES, place.ids, positions, place.strong

    def _settled(self, fact: str, found: Mapping[tuple[str, ...], _Found]) -> Iterator[Suggestion]:
        """The suggestions for one fact: of a fact with one value, rivals are all weak."""
        strong = [ids for ids, one in found.items() if one.strong]
        if self.policy.facts[fact].kind is not Kind.SET:
            every = {*strong}
            firm = [
                ids for ids in strong if every.isdisjoint(self._yields_to.get((fact, ids[0]), ()))
            ]
            strong = firm if len(firm) == 1 else []
        for ids, one in found.items():
            strength: Strength = "strong" if ids in strong else "weak"
            phrases = one.strong or one.weak
            yield Suggestion(fact, ids, tuple(phrases), strength)

    def facts_of(
        self, suggestions: Iterable[Suggestion], refused: Container[tuple[str, str]] = ()
    ) -> dict[str, Any]:
        """The facts that strong suggestions fill, but for values that a person `refused`.

        A name between whose meanings only a person can choose leaves the whole fact open: the
        other values alone could mislead.
        """
        facts: dict[str, Any] = {}
        suggestions = list(suggestions)
        open_facts = {
            one.fact
            for one in suggestions
            if len(one.ids) > 1 and any((one.fact, id) not in refused for id in one.ids)
        }
        for one in suggestions:
            if not one.strong or one.fact in open_facts or (one.fact, one.ids[0]) in refused:
                continue
            if self.policy.facts[one.fact].kind is Kind.SET:
                facts[one.fact] = facts.get(one.fact, frozenset()) | {one.ids[0]}
            else:
                facts[one.fact] = one.ids[0]
        return facts


def _longest(found: Iterable[Match[Meaning]]) -> list[Match[Meaning]]:
    """The matches of one fact without those that a longer phrase contains."""
    every = list(found)
    joined = [one for one in every if one.key.is_combination]
    kept = longest(one for one in every if not one.key.is_combination)
    return sorted([*kept, *joined], key=lambda one: one.positions)
