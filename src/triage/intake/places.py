"""The countries that the words of a text name, or only hint at.

A name counts with its capital. It does not count in the name of a street, a river, a company or a
person; one that persons have too counts where the words around it show that a country is meant.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from triage.intake.reading import Reading
from triage.model import countries
from triage.model.phrases import Lexicon, Match, exact_phrase, longest, parse_phrase
from triage.model.policy import Policy
from triage.model.program import COUNTRY_WORDS
from triage.model.words import SMALL_WORDS, Words, plain

HOST = "CAN"
"""Every request speaks of the country that is asked; that does not make it a partner."""
ABBREVIATION = 3
LISTED = ("", ",", "and", "et", "-", "\N{EN DASH}", "/", "&")
PARTNER_WITHIN = 3
ARTICLES = frozenset(("la", "l", "le", "du", "the", "of"))
"""The small words before a name that never stand before the name of a person."""


class NamedPlace(NamedTuple):
    """What a phrase stands for: candidates when several ids; no ids for what is no country."""

    ids: tuple[str, ...]
    strong: bool


class _Said(NamedTuple):
    """A phrase of the policy: the list that it stands in, its country, and how it is written."""

    use: str
    place: NamedPlace
    text: str


class Places:
    """Finds countries by the names that the program knows and the words of one policy."""

    def __init__(self, policy: Policy, reading: Reading) -> None:
        vocabulary = policy.vocabularies.get(COUNTRY_WORDS)
        self._terms = list(vocabulary.terms.values()) if vocabulary else []
        self._titles = reading.words("person_titles")
        self._places = reading.words("places") | ARTICLES
        self._partners = reading.words("partners")
        self._before, self._after = (
            reading.words("features_before"),
            reading.words("features_after"),
        )

    @cached_property
    def _names(self) -> Lexicon[NamedPlace]:
        names = countries.spellings().items()
        return Lexicon(
            (
                (phrase, NamedPlace(ids, len(ids) == 1 and countries.is_certain(name)))
                for name, ids in names
                if (phrase := exact_phrase(name))
            ),
            exact=True,
        )

    @cached_property
    def _words(self) -> Lexicon[_Said]:
        return Lexicon(
            (phrase, _Said(use, NamedPlace((term.id,), use == "keywords"), text))
            for term in self._terms
            for use, text in term.phrases.each()
            for phrase in parse_phrase(text)
        )

    def find(self, words: Words) -> list[Match[NamedPlace]]:
        """Every country that is named or hinted at, in the order of the text."""
        barred: list[frozenset[int]] = []
        said: dict[tuple[int, ...], list[Match[NamedPlace]]] = {}
        alike: set[tuple[tuple[int, ...], str]] = set()
        for (use, place, text), positions in self._words.find(words):
            at = _with_article(words, text, positions)
            if at is None:
                continue
            if use == "exclusions":
                barred.append(frozenset(at))
                continue
            said.setdefault(at, []).append(Match(place, at))
            if use == "weak_keywords" and plain(words.quoted(at[0], at[-1])) == plain(text):
                alike.add((at, place.ids[0]))
        names = [one for one in self._names.find(words) if _is_name(words, one.positions)]
        careful = {
            one.positions
            for one in names
            if any((one.positions, id) in alike for id in one.key.ids)
        }
        # What the policy says of a word goes before what the program knows of it.
        sure = {at for at, places in said.items() if any(one.key.strong for one in places)}
        found = [one for one in names if one.positions not in sure]
        found += [one for at, places in said.items() if at not in careful for one in places]
        found = [one for one in longest(found) if not _is_barred(one.positions, barred)]
        return [*self._judged(words, found, careful)]

    def _judged(
        self, words: Words, found: list[Match[NamedPlace]], careful: set[tuple[int, ...]]
    ) -> Iterator[Match[NamedPlace]]:
        sure = {
            edge
            for one in found
            if one.positions not in careful and one.key.strong
            for edge in (one.positions[0], one.positions[-1])
        }
        for place, positions in found:
            if not place.ids or place.ids == (HOST,):
                continue
            first, last = positions[0], positions[-1]
            before, after = self._before_name(words, first), last + 1
            if before is not None and words.plain[before] in self._before | self._titles:
                continue
            if _adjacent(words, after) and words.plain[after] in self._after:
                continue
            strong = place.strong
            if len(words.quoted(first, last)) <= ABBREVIATION and words.is_loud(first):
                # "US" in capitals may be the word "us".
                strong = strong and len(words.spans) == len(positions)
            if positions in careful and not self._is_country(words, first, last, sure):
                if self._is_person(words, first, last):
                    continue
                strong = False
            yield Match(place._replace(strong=strong), positions)

    @staticmethod
    def _before_name(words: Words, first: int) -> int | None:
        """The word before a name and the articles that lead to it."""
        at, sentences = first, words.sentences
        while at and sentences[at - 1] == sentences[first]:
            if words.between(at).strip(" .'\N{RIGHT SINGLE QUOTATION MARK}-"):
                return None
            at -= 1
            if words.plain[at] not in SMALL_WORDS:
                return at
        return None

    def _is_country(self, words: Words, first: int, last: int, sure: set[int]) -> bool:
        """Whether the words around a name that persons have too show that a country is meant."""
        if first and words.sentences[first - 1] == words.sentences[first]:
            if words.plain[first - 1] in self._places or (
                words.plain[first - 1] == "canada" and "-" in words.between(first)
            ):
                return True
            sentence = words.sentences[first]
            start = max(bisect_left(words.sentences, sentence), first - PARTNER_WITHIN)
            if not self._partners.isdisjoint(words.plain[start:first]):
                return True
        return _lists(words, first, last, sure)

    def _is_person(self, words: Words, first: int, last: int) -> bool:
        """Whether a name with a capital stands directly before or after it."""
        after = last + 1
        if (
            _adjacent(words, after)
            and words.original(after)[0].isupper()
            and words.plain[after] not in self._partners
        ):
            return True
        before = first - 1
        return (
            before >= 0
            and not words.between(first).strip()
            and words.original(before)[0].isupper()
            and (before == 0 or words.sentences[before - 1] == words.sentences[before])
            and not words.is_loud(first)
        )


def _with_article(words: Words, text: str, positions: tuple[int, ...]) -> tuple[int, ...] | None:
    """The positions of a phrase in a text that keeps its capital; None where it does not.

    One that begins with an article in capital, such as "La Réunion", wants it so in the middle of a
    sentence.
    """
    if not text[0].isupper():
        return positions
    article, first = text.split(maxsplit=1)[0], positions[0]
    if plain(article) in SMALL_WORDS:
        if first < 2 or words.sentences[first - 2] != words.sentences[first]:
            return None
        if words.original(first - 1) != article:
            return None
        positions = (first - 1, *positions)
    return positions if words.original(first)[0].isupper() else None


def _is_name(words: Words, positions: tuple[int, ...]) -> bool:
    """Whether a phrase has the capital of a name, or the capitals of an abbreviation."""
    text = words.quoted(positions[0], positions[-1])
    letters = [letter for letter in text if letter.isalpha()]
    return text.isupper() if len(letters) <= ABBREVIATION else letters[0].isupper()


def _is_barred(positions: tuple[int, ...], barred: list[frozenset[int]]) -> bool:
    """Whether a phrase shares words with one that means something else, and does not contain it."""
    own = frozenset(positions)
    return any(not own.isdisjoint(other) and not other < own for other in barred)


def _adjacent(words: Words, at: int) -> bool:
    """Whether a word follows the one before it with nothing but a blank between."""
    return at < len(words.spans) and not words.between(at).strip(" \N{NO-BREAK SPACE}")


def _lists(words: Words, first: int, last: int, sure: set[int]) -> bool:
    """Whether a sure name of a country stands next to a name in a list."""
    before, after = first - 1, last + 1
    if before >= 0 and words.plain[before] in ("and", "et"):
        before -= 1
    if after < len(words.spans) and words.plain[after] in ("and", "et"):
        after += 1
    around = [
        (one, words.text[words.spans[min(one, edge)][1] : words.spans[max(one, edge)][0]])
        for one, edge in ((before, first), (after, last))
        if 0 <= one < len(words.spans)
    ]
    return any(one in sure and text.strip(" ,").casefold() in LISTED for one, text in around)
