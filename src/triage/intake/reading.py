"""Which words of a text count, by what the vocabulary `reading` says of prose.

Passed over are the department's own names, titles of works, and what a negation takes back. Words
in the name of an organization count little: whoever writes for a ministry of labour need not write
about labour.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from triage.model.phrases import Lexicon, parse_phrase
from triage.model.policy import Policy
from triage.model.program import READING
from triage.model.words import SMALL_WORDS, Words, plain

QUOTED = re.compile(
    r'"[^"\n]{1,200}"|\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}\n]{1,200}'
    r"|\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    r"[^\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}\n]{1,200}"
)
BEFORE_AUTHOR = ("by", "de", "d", "par")
JOINING = SMALL_WORDS | {"and", "et", "for", "pour", "aux"}
NEAR_WORK = 6
LONGEST_NAME = 8


@dataclass(frozen=True, slots=True)
class Counted:
    """The positions of the words that do not count, and of those that count little."""

    passed: frozenset[int]
    little: frozenset[int]


class Reading:
    """How one policy reads prose."""

    def __init__(self, policy: Policy) -> None:
        vocabulary = policy.vocabularies.get(READING)
        self._terms = {
            term.id: term.phrases.keywords
            for term in (vocabulary.terms.values() if vocabulary else ())
        }

    @cached_property
    def _lexicon(self) -> Lexicon[tuple[str, bool]]:
        """With each phrase its term, and whether it begins with a capital."""
        return Lexicon(
            (phrase, (id, text[0].isupper()))
            for id, texts in self._terms.items()
            for text in texts
            for phrase in parse_phrase(text)
        )

    def words(self, id: str) -> frozenset[str]:
        """The single words of a term, without case and accents."""
        return frozenset(plain(word) for word in self._terms.get(id, ()))

    def counted(self, words: Words) -> Counted:
        """Which words of a text do not count, and which count little."""
        found: dict[str, list[tuple[int, ...]]] = {id: [] for id in self._terms}
        for (id, has_capital), positions in self._lexicon.find(words):
            last, first = positions[-1] + 1, words.original(positions[0])
            # "sauf-conduit" excepts nothing, and "Centre-Américains" are no centre.
            joined = last < len(words.spans) and words.between(last) == "-"
            if not joined and (first[0].isupper() or not has_capital):
                found[id].append(positions)
        passed: set[int] = set()
        for positions in found.get("own_names", ()):
            passed.update(range(positions[0], positions[-1] + 1))
        passed.update(self._negated(words, found))
        passed.update(self._titles(words, found.get("works", ())))
        little: set[int] = set()
        for positions in found.get("organizations", ()):
            little.update(_name_after(words, positions[-1]))
        return Counted(frozenset(passed), frozenset(little))

    @staticmethod
    def _negated(words: Words, found: dict[str, list[tuple[int, ...]]]) -> Iterator[int]:
        """The words of a clause that a negation takes back, after it or before it."""
        if not found.get("negations") and not found.get("negations_after"):
            return
        turns = {positions[0] for positions in found.get("contrasts", ())}
        turns |= {
            positions[0]
            for positions in found.get("subjects", ())
            if positions[0] and "," in words.between(positions[0])
        }
        taken: set[int] = set()
        for positions in found.get("negations", ()):
            taken.update(_stretch(words, positions[-1], 1, turns, taken))
        for positions in found.get("negations_after", ()):
            taken.update(_stretch(words, positions[0], -1, turns, taken))
        yield from taken

    @staticmethod
    def _titles(words: Words, works: Iterable[tuple[int, ...]]) -> Iterator[int]:
        """The words in the title of a book, a film or the like."""
        cues = {position for positions in works for position in positions}
        for cue in cues:
            for at in range(cue + 1, 0 if words.is_loud(cue) else len(words.spans)):
                if words.between(at).strip() or not words.original(at)[0].isupper():
                    break
                yield at
        spans = words.spans
        for match in QUOTED.finditer(words.text):
            first, after = (bisect_left(spans, (edge,)) for edge in match.span())
            near = {*range(first - NEAR_WORK, first), *range(after, after + NEAR_WORK)}
            has_author = (
                after + 1 < len(spans)
                and words.plain[after] in BEFORE_AUTHOR
                and words.original(after + 1)[0].isupper()
            )
            if has_author or not cues.isdisjoint(near):
                yield from range(first, after)


def _stretch(words: Words, cue: int, step: int, turns: set[int], taken: set[int]) -> Iterator[int]:
    """The words of a clause from a cue on, in one direction, as far as a turn of the sentence."""
    at = cue + step
    while 0 <= at < len(words.spans) and words.clauses[at] == words.clauses[cue]:
        if at in taken or (at in turns and step > 0):
            return
        yield at
        if at in turns:
            return
        at += step


def _name_after(words: Words, cue: int) -> Iterator[int]:
    """The words of the name that begins after a word such as "Ministry"."""
    if words.is_loud(cue):
        return
    waiting: list[int] = []
    for at in range(cue + 1, min(cue + 1 + LONGEST_NAME, len(words.spans))):
        between = words.between(at).strip(" \N{NO-BREAK SPACE}")
        joins = words.plain[at] in JOINING
        if between not in ("", "'", "\N{RIGHT SINGLE QUOTATION MARK}", "-", "&") and not (
            between == "," and joins
        ):
            return
        if joins:
            waiting.append(at)
        elif words.original(at)[0].isupper():
            yield from waiting
            yield at
            waiting.clear()
        else:
            return
