"""Text for the cells of spreadsheets: no control characters, and nothing that runs as a formula."""

import re

STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""How a formula may begin; some programs read the wide forms like the others."""

LONGEST = 32_767
"""The most characters that a spreadsheet keeps in a cell."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with a replacement character for each one that no cell or page can hold."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def clean(text: str) -> str:
    """The text without characters that no cell can hold, cut where a cell ends."""
    text = printable(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def risky(text: str) -> bool:
    """Whether a spreadsheet that guesses could take the text for a formula."""
    return text[:1] in STARTS or text.lstrip()[:1] in STARTS if text else False


def shielded(text: str) -> str:
    """A cell of a CSV file that is read again: the text as it is, with the same apostrophe.

    Texts that begin with apostrophes and would then be risky get one more, so that `unshielded`
    gives every text back.
    """
    return "'" + text if risky(text.lstrip("'")) else text


def unshielded(text: str) -> str:
    """The text that `shielded` was given."""
    return text[1:] if text[:1] == "'" and risky(text.lstrip("'")) else text


def guarded(text: str) -> str:
    """A cell of a CSV file; an apostrophe keeps a risky text from being run."""
    text = clean(text)
    return "'" + text if risky(text) else text
