"""Prose -> the topics, populations, forums and countries that its words suggest.

The vocabularies of the policy have the keywords. Words match whole, without case, accents and the
"s" of a plural; the longest keyword wins where two overlap. A person confirms what is suggested.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from triage.model import countries
from triage.model.facts import COUNTRIES, Kind
from triage.model.policy import Policy

SUGGESTED_FACTS = ("topics", "populations", "forum", COUNTRIES)
HOST = "CAN"
"""Every request speaks of the country that is asked; that does not make it a partner."""
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae"})
_WORD = re.compile(r"[^\W_]+")
_ABBREVIATION = 3

Words = tuple[str, ...]


class Meaning(NamedTuple):
    """What a phrase stands for. A phrase without ids only keeps its parts from being matched."""

    ids: tuple[str, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that the words of a text suggest, or candidates when it is not `certain`."""

    fact: str
    ids: tuple[str, ...]
    matched: tuple[str, ...]
    certain: bool = True


class Suggester:
    """Suggests by the keywords of one policy, English and French at once; threads may share it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    @cached_property
    def _lexicons(self) -> Mapping[str, "_Lexicon"]:
        names = (
            (name, Meaning(ids, len(ids) == 1 and countries.is_certain(name)))
            for name, ids in countries.spellings().items()
        )
        lexicons = {}
        for fact in SUGGESTED_FACTS:
            vocabulary = self.policy.vocabularies.get(self.policy.facts[fact].values or "")
            if fact == COUNTRIES:
                lexicons[fact] = _Lexicon(names)
            elif vocabulary is not None:
                terms = vocabulary.terms.values()
                lexicons[fact] = _Lexicon(
                    (word, Meaning((term.id,), True)) for term in terms for word in term.keywords
                )
        return lexicons

    def suggest(self, text: str) -> list[Suggestion]:
        """Everything that the words of a text suggest, fact by fact, in the order of the text."""
        words = [(_plain(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]
        found = []
        for fact, lexicon in self._lexicons.items():
            matched: dict[Meaning, dict[str, None]] = {}
            for start, end, meanings in lexicon.matches(words):
                phrase = text[words[start][1] : words[end - 1][2]]
                if fact == COUNTRIES and not _is_name(phrase):
                    continue
                for meaning in meanings:
                    if meaning.ids and (fact, *meaning.ids) != (COUNTRIES, HOST):
                        matched.setdefault(meaning, {})[" ".join(phrase.split())] = None
            for meaning, phrases in matched.items():
                found.append(Suggestion(fact, meaning.ids, tuple(phrases), meaning.certain))
        return found

    def facts(self, text: str) -> dict[str, Any]:
        """The facts that the text fills. Candidates and rival forums fill nothing."""
        by_fact: dict[str, list[Suggestion]] = {}
        for suggestion in self.suggest(text):
            by_fact.setdefault(suggestion.fact, []).append(suggestion)
        facts: dict[str, Any] = {}
        for fact, suggestions in by_fact.items():
            if not all(one.certain for one in suggestions):
                continue
            if self.policy.facts[fact].kind is Kind.SET:
                facts[fact] = frozenset(one.ids[0] for one in suggestions)
            elif len(suggestions) == 1:
                facts[fact] = suggestions[0].ids[0]
        return facts


class _Lexicon:
    """Phrases by their first word, with the meanings of each."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self.phrases: dict[str, dict[Words, list[Meaning]]] = {}
        for phrase, meaning in phrases:
            words = tuple(_plain(word) for word in _WORD.findall(phrase))
            if words:
                meanings = self.phrases.setdefault(words[0], {}).setdefault(words, [])
                if meaning not in meanings:
                    meanings.append(meaning)

    def matches(self, words: list[tuple[str, int, int]]) -> list[tuple[int, int, list[Meaning]]]:
        """Where phrases stand among the words, in order: first word, end, and their meanings.

        Of phrases that overlap the longest is taken, of equally long ones the first.
        """
        found = []
        for start, (first, _, _) in enumerate(words):
            for phrase, meanings in self.phrases.get(first, {}).items():
                end = start + len(phrase)
                if tuple(word for word, _, _ in words[start:end]) == phrase:
                    found.append((start, end, meanings))
        taken: set[int] = set()
        kept = []
        for start, end, meanings in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                kept.append((start, end, meanings))
        return sorted(kept, key=lambda span: span[0])


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    is_plural = len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss")
    return plain[:-1] if is_plural else plain


def _is_name(phrase: str) -> bool:
    """Whether a phrase has the capital of a name, or the capitals of an abbreviation."""
    letters = [letter for letter in phrase if letter.isalpha()]
    return phrase.isupper() if len(letters) <= _ABBREVIATION else letters[0].isupper()
