"""What the header of a column, or the key of an object, means."""

from collections.abc import Mapping
from functools import cached_property

from triage.formats.values import normal
from triage.intake.determinations import DETERMINATION, LANGUAGE, LANGUAGE_HEADERS
from triage.messages import LANGUAGES, say
from triage.model.facts import COUNTRIES
from triage.model.policy import Policy

CODE_WORDS = frozenset(("code", "codes", "iso", "iso2", "iso3", "alpha"))
SMALL_WORDS = frozenset(("de", "des", "du", "of", "the"))
PASSED_OVER = "passed over"
"""The meaning of the column in which rejected rows carry their reason: it is not read again."""
MOST_KEPT = 1000


class Headers:
    """The headers that one policy understands, in English and French, after those of a source.

    `columns` has what its own headers mean, normalised.
    """

    def __init__(self, policy: Policy, columns: Mapping[str, str | None] | None = None) -> None:
        self.policy = policy
        self._own = columns or {}
        self._meanings: dict[str, str | None] = {}

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Every header that is understood, normalised, with the fact that it means."""
        facts = self.policy.request_facts
        known = {normal(name): name for name in facts}
        known |= {normal(say("rejects.reason", language)): PASSED_OVER for language in LANGUAGES}
        known |= dict.fromkeys(LANGUAGE_HEADERS, LANGUAGE)
        for name in facts:
            text = self.policy.fact_texts.get(name)
            for words in (text.label.en, text.label.fr, *text.aliases) if text else ():
                known.setdefault(normal(words), name)
        return known

    def meaning(self, header: str) -> str | None:
        """The fact that a header means, or None.

        `countries:codes` is a column of country codes, and `determination:date` a part of what
        people decided.
        """
        try:
            return self._meanings[header]
        except KeyError:
            # Kept for the rows to come; several threads may do so at once.
            if len(self._meanings) >= MOST_KEPT:
                self._meanings.clear()
            meaning = self._meanings[header] = self._read(normal(header))
            return meaning

    def _read(self, header: str) -> str | None:
        if header in self._own:
            return self._own[header]
        if header in DETERMINATION:
            return f"determination:{DETERMINATION[header]}"
        words = header.split()
        if code_words := CODE_WORDS.intersection(words):
            passed = CODE_WORDS | SMALL_WORDS
            rest = " ".join(word for word in words if word not in passed and not word.isdigit())
            # "ISO 3" alone is a column of countries; "Code" alone may be anything.
            if self.known.get(rest) == COUNTRIES or (not rest and code_words - {"code", "codes"}):
                return "countries:codes"
        return self.known.get(header)
