"""The encoding of a text file, and how sure that is.

What is not UTF-8 or UTF-16 is in one of the older encodings of a byte a letter. Each of them gives
letters to every byte, so the one is taken in which the letters stand as they do in words: an accent
beside a letter, an apostrophe between two, a quotation mark at the edge of a word.
"""

import codecs
import re
from dataclasses import dataclass
from typing import IO, Literal

from triage.formats.values import UnreadableCell

HEAD = 64 * 1024
PIECE = 1 << 20
SAMPLE = 4 << 20
"""How much of a file is looked at to tell the older encodings apart."""
FEW = 4
"""A file is UTF-8 but for a few bytes where no more than so many bytes a letter are wrong."""
USUAL = "cp1252"
OLDER = (USUAL, "mac_roman", "cp850")
CLEARLY = 3
"""By so much must the score of another encoding exceed that of the usual one."""
ENCODING_NAMES = {
    **{"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"},
    **{"utf-16-le": "UTF-16", "utf-16-be": "UTF-16"},
    **{"cp1252": "Windows-1252", "mac_roman": "Mac OS Roman", "cp850": "DOS (850)"},
}
"""How people call each encoding that is found."""

_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_STRAY = re.compile("[\udc80-\udcff]")
_FREQUENT = re.compile(
    r"(?<![^\W\d_é])[éèêàçœ](?=[a-z])|(?<=[a-zA-Zéèêàç])[éèêàçùâîôûëïœ](?=[a-z\W]|$)|(?<![a-z])[ÉÈÀÇÊÎÔ](?=[a-zA-ZÉÈÀÇÊÎÔ\s])"
    r"|(?<=\w)’(?=\w)|«(?=[\xa0 \w])|(?<=[\xa0 \w.])»|(?<=[\w«»])\xa0(?=[\w:;?!»%$€])",
)
_OTHER = re.compile(
    r"[äöüñáíóúãõåøßÿ](?=[a-z\W])|(?<![a-z])[ÄÖÜÑÁÍÓÚÅØŒ](?=[a-zA-Z\s])|[“‘](?=\w)|(?<=[\w.!?,])[”’]"
    r"|(?<=\s)[–—•](?=\s)|(?<=\d)[–°€](?=[\d\W])|(?<=\w)…"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by Python's name; `stray` counts the places that are not of it.

    A file without a mark whose bytes only look like the encoding is `likely` in it. Where another
    one is as likely, it is `unsure`.
    """

    name: str
    certainty: Literal["certain", "likely", "unsure"] = "certain"
    stray: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether it is UTF-8 throughout, as every file should be."""
        return self.name.startswith("utf-8") and not self.stray


@dataclass(frozen=True, slots=True)
class StrayCell(UnreadableCell):
    """A cell with bytes that are not of its file's encoding; `raw` keeps them as lone surrogates.

    Python decodes them so with the error handler `surrogateescape`, and gives them back.
    """

    raw: str = ""


def marked(cell: str) -> str | StrayCell:
    """A cell decoded with `surrogateescape`, marked where a byte in it could not be decoded."""
    if _STRAY.search(cell) is None:
        return cell
    shown = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return StrayCell(shown, "cell-encoding", cell)


def find_encoding(file: IO[bytes]) -> Encoding:
    """The encoding of a seekable file, which is left at its beginning."""
    try:
        return _found(file)
    finally:
        file.seek(0)


def _found(file: IO[bytes]) -> Encoding:
    head = file.read(HEAD)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Encoding("utf-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16")
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8:
        return Encoding("utf-16-be" if even > odd else "utf-16-le", "likely")
    name = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = file.read(PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(0)
        return _not_quite(file, name)
    return Encoding(name)


def _not_quite(file: IO[bytes], name: str) -> Encoding:
    """The encoding of a file that is not UTF-8 throughout."""
    letters = stray = 0
    sample = b""
    while piece := file.read(PIECE):
        sample += piece if len(sample) < SAMPLE else b""
        letters += len(_LETTER.findall(piece))
        stray += len(_HIGH.findall(_LETTER.sub(b" ", piece)))
    if name == "utf-8-sig" or letters * FEW >= stray:
        return Encoding(name, stray=stray)
    scores = {older: _score(sample.decode(older, "replace")) for older in OLDER}
    first, second, _ = sorted(OLDER, key=lambda older: -scores[older])
    # Windows-1252 is by far the most usual, so another one has to be clearly better.
    if scores[first] < scores[USUAL] + CLEARLY:
        return Encoding(USUAL, "likely")
    clear = second == USUAL or scores[first] >= scores[second] + CLEARLY - 1
    return Encoding(first, "likely" if clear else "unsure")


def _score(text: str) -> int:
    """How well the letters beyond ASCII stand as they do in words."""
    frequent, other = len(_FREQUENT.findall(text)), len(_OTHER.findall(text))
    strange = sum(letter > "\x7f" for letter in text) - frequent - other
    return 2 * frequent + other - strange
