"""The known word that a mistyped one is likely to be."""

import difflib
from collections.abc import Iterable


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The known word to offer for a mistyped one; case, hyphens and underscores do not count."""
    plain = {_plain(known): known for known in sorted(words, reverse=True)}
    matches = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.65)
    return plain[matches[0]] if matches else None


def _plain(word: str) -> str:
    return word.casefold().replace("-", " ").replace("_", " ")
