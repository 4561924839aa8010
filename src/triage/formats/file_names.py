"""Names of files, and other texts, as they can be shown: a name may hold any bytes."""

import unicodedata
from pathlib import Path

UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def one_line(text: str | Path) -> str:
    """The text on one line, with a mark for what cannot be printed or would command a terminal.

    Python gives bytes of a name that are no letters as lone surrogates, which no form can hold.
    """
    text = str(text)
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or unicodedata.category(letter) == "Zs" else UNKNOWN
        for letter in text
    )
