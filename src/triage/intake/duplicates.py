"""Requests one by one -> which of them are, or may be, the same request. A person decides.

Nothing is left out and nothing is decided differently for it. Two requests are

- certainly the same when every fact but the id is, and one of these is a requester, a title or a
  summary;
- probably the same when `likeness` finds enough in common and nothing that speaks against it.

The plain way holds every two requests against each other: for all pairs in order, link the two
unless links lead from one to the other already. `Duplicates.links` finds the same links without
looking at every pair, because two requests that are alike have something that is quick to look up:
the same content or id, requester and country, or first day and country. The links depend on
neither the order of files nor that of rows.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from triage.intake.inbox import AcceptedRow
from triage.intake.likeness import (
    AMONG,
    RECEIVED_WITHIN,
    Among,
    Certainty,
    DuplicateLink,
    Ground,
    RequestPlace,
    Traits,
    likeness,
    traits_of,
)
from triage.intake.requesters import RequesterName, requester_name, same_requester, words_but_one
from triage.model.facts import Request

NEIGHBOURS = 50
"""Of the requests that share a key with one, only so many that follow it are compared with it."""

MOST_NAMES = 200
"""More names that have all words but one in common are a series, not slips of each other."""

EVERY, NAMELESS = "every", "nameless"
Key = tuple[Any, ...]
"""The words of a requester and a country, or a first day and a place."""

Slips = Mapping[frozenset[str], Iterable[frozenset[str]]]
Pair = tuple[int, int, tuple[Certainty, tuple[Ground, ...]]]


@dataclass
class Duplicates:
    """Keeps the traits of each request, and finds those that are alike."""

    _traits: list[Traits] = field(default_factory=list)
    _shared: dict[Any, Any] = field(default_factory=dict)

    def add(self, request: Request, among: Among, stood: AcceptedRow) -> None:
        """Take in a request; of what is committed or seen, only to compare the inbox with it."""
        place = RequestPlace(request.id, among, stood.file, stood.row)
        self._traits.append(traits_of(request, place, stood.content, self._shared))

    def links(self) -> list[DuplicateLink]:
        """The links from requests of the inbox to those before them, by the one before.

        A link that says nothing new is left out: where links lead from one request to another
        already, these two are not linked once more.
        """
        return _Search(sorted(self._traits, key=lambda one: one.order)).links()


class _Search:
    """One search through requests in order, each known by its number there."""

    def __init__(self, traits: list[Traits]) -> None:
        self.traits = traits
        self.inbox = bisect_left(traits, AMONG.index("inbox"), key=lambda one: one.order[0])
        self.parents = list(range(len(traits)))
        self.index: dict[Key, list[int]] = defaultdict(list)
        """Requests of the inbox by each of their keys, in order."""
        self.words: dict[str, frozenset[str]] = {}
        self.filed: dict[tuple[bytes, bool], int] = {}
        """The first request of each content, of the inbox and before it."""

    def links(self) -> list[DuplicateLink]:
        """What `Duplicates.links` gives."""
        traits = self.traits
        pairs = [*self._same_content(), *self._other_content()]
        return [
            DuplicateLink(traits[later].place, traits[earlier].place, *found)
            for earlier, later, found in sorted(pairs, key=lambda pair: pair[:2])
        ]

    def _same_content(self) -> Iterator[Pair]:
        """Requests of the same content are linked to the first; it stands for them from then on."""
        first: dict[bytes, int] = {}
        for number, traits in enumerate(self.traits):
            earlier = first.setdefault(traits.content, number)
            if number < self.inbox:
                self.parents[number] = earlier
            elif earlier != number:
                yield from self._link(earlier, number)
            if self.filed.setdefault((traits.content, number < self.inbox), number) == number:
                for key in self._keys(traits) if number >= self.inbox else ():
                    self.index[key].append(number)

    def _other_content(self) -> Iterator[Pair]:
        """Each is compared with those after it that may be like it."""
        slips = _slips({self._words(one.requester) for one in self.traits if one.requester})
        kept = set(self.filed.values())
        ids = {
            traits.place.id: self.inbox + n for n, traits in enumerate(self.traits[self.inbox :])
        }
        for number, traits in enumerate(self.traits):
            found = set(self._near(number, slips)) if number in kept else set()
            if number < self.inbox and (same := ids.get(traits.place.id)) is not None:
                found.add(same)
            for later in sorted(found):
                yield from self._link(number, later)

    def _link(self, earlier: int, later: int) -> Iterator[Pair]:
        one, other = self._root(earlier), self._root(later)
        if one == other:
            return
        first, second = self.traits[earlier], self.traits[later]
        if (found := likeness(first, second)) is not None:
            self.parents[max(one, other)] = min(one, other)
            yield earlier, later, found

    def _root(self, number: int) -> int:
        """The request that stands for all those to which links lead from one."""
        parents = self.parents
        while (parent := parents[number]) != number:
            parents[number] = number = parents[parent]
        return number

    def _words(self, requester: str) -> frozenset[str]:
        if (words := self.words.get(requester)) is None:
            words = self.words[requester] = requester_name(requester).words
        return words

    def _keys(self, traits: Traits) -> Iterator[Key]:
        """What a request is found by: requester and country, first day and place."""
        if traits.requester is not None:
            words = self._words(traits.requester)
            yield words, EVERY
            for country in _countries(traits):
                yield words, country
        for key in _days(traits):
            yield key
            if traits.requester is None:
                yield *key, NAMELESS

    def _near(self, number: int, slips: Slips) -> Iterator[int]:
        """The requests of the inbox that come after one and may be like it."""
        traits = self.traits[number]
        if traits.requester is None:
            keys = list(_days(traits))
        else:
            keys = [(*key, NAMELESS) for key in _days(traits)]
            words = self._words(traits.requester)
            unknown = traits.countries is None
            countries = (EVERY,) if unknown else (*_countries(traits), None)
            for name in (words, *slips.get(words, ())):
                keys += [(name, country) for country in countries]
        for key in keys:
            if key in self.index:
                yield from self._following(self.index[key], number)

    def _following(self, block: list[int], number: int) -> Iterator[int]:
        """Those of a block that come after a request and are received near it, the first ones."""
        traits = self.traits
        received = traits[number].received
        low = bisect_left(block, number + 1)
        if number < self.inbox:
            near = received - RECEIVED_WITHIN
            low = bisect_left(block, near, key=lambda one: traits[one].received)
        for other in block[low : low + NEIGHBOURS]:
            if traits[other].received > received + RECEIVED_WITHIN:
                break
            yield other


def _countries(traits: Traits) -> Iterable[str | None]:
    """The countries by which a request is found; no country is known where None is."""
    return (None,) if traits.countries is None else (traits.countries or ("",))


def _days(traits: Traits) -> Iterator[Key]:
    """The first day with each place, by which requests of unknown requesters are found."""
    if traits.start is not None:
        places = [*(traits.countries or ()), *((traits.forum,) if traits.forum else ())]
        for place in places or (None,):
            yield traits.start, place


def _slips(names: Iterable[frozenset[str]]) -> Slips:
    """The sets of words that are one name but for a slip in one word."""
    # Hashes of keys, because there may be several keys a request: what is found is looked at again.
    known: dict[int, frozenset[str]] = {}
    groups: dict[int, list[frozenset[str]]] = {}
    for words in names:
        for key in map(hash, words_but_one(words)):
            if known.setdefault(key, words) is not words:
                groups.setdefault(key, [known[key]]).append(words)
    found: dict[frozenset[str], set[frozenset[str]]] = defaultdict(set)
    for group in groups.values():
        if len(group) <= MOST_NAMES:
            for first, second in combinations(group, 2):
                one, other = (RequesterName(words, frozenset()) for words in (first, second))
                if same_requester(one, other):
                    found[first].add(second)
                    found[second].add(first)
    return found
