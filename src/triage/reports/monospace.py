"""Texts for a terminal of 100 columns: wrapped in lines, or cut to the width of a cell."""

import re
import textwrap
import unicodedata

WIDTH = 100
# Letters of ideographic and Korean writing, full-width forms and pictures take two columns.
WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
    "\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)


def wrapped(text: str, start: str = "  ") -> list[str]:
    """A text in lines, the first after `start` and the others indented as far; never no line."""
    rest = " " * len(start)
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=rest) or [start]


def cell(text: str, width: int) -> str:
    """A text on one line, cut or filled with blanks to a width in columns."""
    # Far longer texts are cut first: normalizing and measuring them would take long.
    text = unicodedata.normalize("NFC", text[: 10 * width])
    text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if text_width(text) > width:
        while text_width(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - text_width(text))


def text_width(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    marks = sum(unicodedata.category(one) in ("Mn", "Me") for one in text)
    return len(text) + len(WIDE.findall(text)) - marks
