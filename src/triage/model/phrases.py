"""Phrases that a policy declares, and where they stand in a text, English and French alike.

    carbon removal              these words, next to each other
    fake/forged passport        one of several
    deport*                     every word that begins so
    return ... failed claimant  up to four words between
    sponsor* + refugee          both in one sentence, in any order, at most twelve words apart

Words are compared without case, accents, plural and the agreement of French adjectives; articles,
possessives and the "of" and "de" between nouns are passed over. A phrase never goes across the end
of a sentence, and one that is not a combination goes across no colon or semicolon. A word that is
written in capitals counts in capitals only.
"""

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from triage.model.words import SMALL_WORDS, Words, bare, is_abbreviation, plain, stem, words_in

WIDEST_GAP = 4
WIDEST_COMBINATION = 12
GAP = "..."
AND = " + "
_WRITTEN = r"(?:[^\s*/+]*[^\W_][^\s*/+]*|[^\s*/+]*[^\W_]{3}\*)"
_PLACE = rf"{_WRITTEN}(?:/{_WRITTEN})*"
_FORM = re.compile(rf"{_PLACE}(?: (?:\.\.\. |\+ )?{_PLACE})*")
PHRASE_LISTS = ("keywords", "weak_keywords", "exclusions")

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class TermPhrases:
    """What suggests a term of a vocabulary: `keywords` strongly, `weak_keywords` weakly.

    In `exclusions` the words of both mean something else. Beside one of the terms of `yields_to` it
    is not suggested strongly.
    """

    keywords: tuple[str, ...] = ()
    weak_keywords: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()

    def each(self) -> Iterator[tuple[str, str]]:
        """Every phrase after the name of its list."""
        for use in PHRASE_LISTS:
            yield from ((use, text) for text in getattr(self, use))


NO_PHRASES = TermPhrases()


class WordSlot(NamedTuple):
    """What may stand in one place: words by their stem, abbreviations, beginnings of words."""

    stems: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    after_gap: bool = False

    def takes(self, stem: str, word: str, is_loud: bool) -> bool:
        """Whether a word may stand here; `is_loud` says that it is in capitals."""
        return (
            stem in self.stems
            or (is_loud and word in self.abbreviations)
            or word.startswith(self.beginnings or "\0")
        )


Part = tuple[WordSlot, ...]
Phrase = tuple[Part, ...]
"""Its parts, all of which must stand in one sentence."""


def is_phrase(text: str) -> bool:
    """Whether a text can be looked for: it has the form, and each part more than small words."""
    return _FORM.fullmatch(text) is not None and all(
        any(word.casefold() not in SMALL_WORDS for word in part.split()) for part in text.split(AND)
    )


def parse_phrase(text: str) -> list[Phrase]:
    """A phrase as a policy writes it, once for each alternative of several words ("crew/hired
    hand"); `is_phrase` is true of it.
    """
    return list(itertools.product(*(list(_parts(part)) for part in text.split(AND))))


def exact_phrase(name: str) -> Phrase:
    """A name of which each word counts as it is; empty when it has none."""
    names = words_in(name)
    return (tuple(WordSlot(stems=frozenset((bare(one),))) for one in names),) if names else ()


def _parts(text: str) -> Iterator[Part]:
    choices: list[list[Part]] = []
    gap = False
    for word in text.split():
        if word == GAP:
            gap = True
        elif alternatives := list(_alternatives(word, gap)):
            choices.append(alternatives)
            gap = False
    for chosen in itertools.product(*choices):
        yield tuple(itertools.chain.from_iterable(chosen))


def _alternatives(word: str, gap: bool) -> Iterator[Part]:
    """What may stand for what is written between blanks; nothing for small words."""
    stems, abbreviations, beginnings = set(), set(), []
    for one in word.split("/"):
        *before, last = words_in(one) or [""]
        if before:
            first, *others = [*map(_slot, before), _slot(last, one.endswith("*"))]
            yield (first._replace(after_gap=gap), *others)
        elif one.endswith("*"):
            beginnings.append(bare(last))
        elif is_abbreviation(last):
            abbreviations.add(bare(last))
        elif last:
            stems.add(stem(bare(last)))
    if stems or abbreviations or beginnings:
        yield (WordSlot(frozenset(stems), frozenset(abbreviations), tuple(beginnings), gap),)


def _slot(name: str, has_endings: bool = False) -> WordSlot:
    word = bare(name)
    if has_endings:
        return WordSlot(beginnings=(word,))
    if is_abbreviation(name):
        return WordSlot(abbreviations=frozenset((word,)))
    return WordSlot(stems=frozenset((stem(word),)))


class Match(NamedTuple, Generic[Key]):
    """Where a phrase stands: the positions of its words, in order."""

    key: Key
    positions: tuple[int, ...]


class Lexicon(Generic[Key]):
    """Finds many phrases in one pass over the words of a text; each has a key."""

    def __init__(self, phrases: Iterable[tuple[Phrase, Key]], exact: bool = False) -> None:
        """`exact` compares whole words, for names."""
        self._form = plain if exact else stem
        numbers: dict[Part, int] = {}
        self._single: dict[int, list[Key]] = {}
        self._joined: dict[int, list[tuple[tuple[int, ...], Key]]] = {}
        for phrase, key in phrases:
            parts = [numbers.setdefault(part, len(numbers)) for part in phrase]
            if len(parts) == 1:
                self._single.setdefault(parts[0], []).append(key)
            else:
                self._joined.setdefault(parts[0], []).append((tuple(parts[1:]), key))
        self._parts = list(numbers)
        self._by_stem: dict[str, list[int]] = {}
        self._by_beginning: dict[str, list[int]] = {}
        for part, number in numbers.items():
            for one in part[0].stems | part[0].abbreviations:
                self._by_stem.setdefault(one, []).append(number)
            for one in part[0].beginnings:
                self._by_beginning.setdefault(one, []).append(number)
        self._lengths = sorted({len(one) for one in self._by_beginning})

    def find(self, words: Words) -> list[Match[Key]]:
        """Every place of every phrase, in the order of the text."""
        found: list[Match[Key]] = []
        joined: dict[int, list[tuple[int, ...]]] = {}
        stems = [self._form(words.plain[position]) for position in words.full]
        for start, position in enumerate(words.full):
            for number in self._starting(stems[start], words.plain[position]):
                slot = self._parts[number][0]
                if not slot.takes(stems[start], words.plain[position], words.loud[position]):
                    continue
                at = self._match(self._parts[number], words, stems, start)
                if at is not None:
                    found += [Match(key, at) for key in self._single.get(number, ())]
                    joined.setdefault(number, []).append(at)
        for number, others in self._joined.items():
            for first in joined.get(number, ()):
                for parts, key in others:
                    at = _together(first, [joined.get(one, []) for one in parts], words)
                    if at is not None:
                        found.append(Match(key, at))
        found.sort(key=lambda match: match.positions)
        return found

    def _starting(self, stem: str, word: str) -> Iterator[int]:
        """The numbers of the parts that may begin with a word."""
        yield from self._by_stem.get(stem, ())
        if word != stem:
            yield from self._by_stem.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._by_beginning.get(word[:length], ())

    @staticmethod
    def _match(part: Part, words: Words, stems: list[str], start: int) -> tuple[int, ...] | None:
        """The positions of a part that begins at the word `start` of those that are not small."""
        full, found, at = words.full, [words.full[start]], start
        sentence, clause = words.sentences[full[start]], words.clauses[full[start]]
        for slot in part[1:]:
            furthest = at + 1 + (WIDEST_GAP if slot.after_gap else 0)
            for place in range(at + 1, min(furthest + 1, len(full))):
                position = full[place]
                if words.sentences[position] != sentence or words.clauses[position] != clause:
                    return None
                if slot.takes(stems[place], words.plain[position], words.loud[position]):
                    at = place
                    found.append(position)
                    break
            else:
                return None
        return tuple(found)


def _together(
    first: tuple[int, ...], others: list[list[tuple[int, ...]]], words: Words
) -> tuple[int, ...] | None:
    """The words of a combination: its first part, and of each other part the nearest that stands
    in the same sentence; None where one of them does not.
    """
    taken = set(first)
    for places in others:
        low = bisect_left(places, (first[0] - WIDEST_COMBINATION,))
        high = bisect_left(places, (first[0] + WIDEST_COMBINATION + 1,))
        near = [
            place
            for place in places[low:high]
            if words.sentences[place[0]] == words.sentences[first[0]] and taken.isdisjoint(place)
        ]
        if not near:
            return None
        distances = [abs(place[0] - first[0]) for place in near]
        taken.update(near[distances.index(min(distances))])
    return tuple(sorted(taken))


def longest(matches: Iterable[Match[Key]]) -> list[Match[Key]]:
    """The matches whose words are not all among the words of a longer one, in their order."""
    kept: list[Match[Key]] = []
    over: dict[int, list[frozenset[int]]] = {}
    for match in sorted(matches, key=lambda one: (-len(one.positions), one.positions)):
        positions = frozenset(match.positions)
        if not any(positions < other for other in over.get(match.positions[0], ())):
            kept.append(match)
            for position in positions:
                over.setdefault(position, []).append(positions)
    return sorted(kept, key=lambda match: match.positions)
