"""Letters -> their subject, their day and their plain text: e-mail, Word documents, text files.

Nothing is fetched or run: of HTML and of documents only the text is taken, and attachments are
passed over.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.parsers import expat

from triage.formats.encodings import find_encoding

TEXT_SUFFIXES = (".txt", ".md")
SUFFIXES = (".eml", ".docx", *TEXT_SUFFIXES)
MOST_BYTES = 25_000_000
MOST_LETTERS = 1_000_000
"""The longest text that is taken; what follows is left off."""
MOST_PARTS = 200
MOST_UNPACKED = 50_000_000
PIECE = 1 << 16
DOCUMENT = "word/document.xml"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
LINE_TAGS = frozenset(
    (
        *("address", "article", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "hr", "li", "p", "pre", "section", "table", "tr", "ul", "ol"),
    )
)
SILENT_TAGS = frozenset(("head", "script", "style", "svg", "template", "title"))
_BLANKS = re.compile(r"[ \t\r\f\v\N{NO-BREAK SPACE}]+")
_GAPS = re.compile(r"\n\s*\n\s*")


class LetterError(Exception):
    """The letter cannot be read: the key of a message, with what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter; `day` is that of an e-mail, with the header as it stands there."""

    subject: str
    text: str
    day: date | None = None
    dated: str = ""


def read_letter(path: Path) -> Letter:
    """The letter in a file; raises `LetterError`, or `OSError` where it cannot be opened."""
    suffix = path.suffix.lower()
    with path.open("rb") as stream:
        if suffix not in SUFFIXES:
            key = "letters.outlook" if suffix == ".msg" else "letters.kind"
            raise LetterError(key, formats=", ".join(SUFFIXES))
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise LetterError("letters.too-large", limit=MOST_BYTES // 1_000_000)
    if suffix == ".eml":
        return _mail(data)
    text = _word_text(data) if suffix == ".docx" else _decoded(data)
    return Letter(_first_line(text), _tidy(text))


def _decoded(data: bytes) -> str:
    if b"\0" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise LetterError("letters.no-text")
    return data.decode(find_encoding(io.BytesIO(data)).name, errors="replace")


def _tidy(text: str) -> str:
    """A text without superfluous blanks and empty lines, as far as it is taken."""
    lines = (_BLANKS.sub(" ", line).strip() for line in text[:MOST_LETTERS].splitlines())
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


# -- e-mail


def _mail(data: bytes) -> Letter:
    try:
        message = message_from_bytes(data, policy=policy.default)
        subject = _BLANKS.sub(" ", str(message.get("Subject", "")).replace("\n", " ")).strip()
        texts = [*_bodies(message)]
        dated = str(message.get("Date", "")).strip()
    # A damaged message fails in many ways inside the standard library.
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError):
        raise LetterError("letters.damaged") from None
    text = _tidy("\n\n".join(texts))
    if not subject and not text:
        raise LetterError("letters.no-text")
    return Letter(subject or _first_line(text), text, _day(dated), dated)


def _bodies(message: EmailMessage | Any) -> Iterator[str]:
    """The texts of a message: plain ones, or those of its HTML where it has no plain one."""
    plain, marked = [], []
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            break
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_part_text(part))
        elif kind == "text/html":
            marked.append(html_text(_part_text(part)))
    yield from plain if any(text.strip() for text in plain) else marked


def _part_text(part: Any) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return data.decode("cp1252", errors="replace")


def _day(dated: str) -> date | None:
    try:
        return parsedate_to_datetime(dated).date()
    except (ValueError, TypeError, IndexError):
        return None


class _HtmlText(HTMLParser):
    """Collects the text of a page; a block ends a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.silent += tag in SILENT_TAGS
        if tag in LINE_TAGS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        if tag in LINE_TAGS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT_TAGS:
            self.silent = max(0, self.silent - 1)
        elif tag in LINE_TAGS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            # A line break in the source is a blank on the page.
            self.pieces.append(data.replace("\n", " "))


def html_text(page: str) -> str:
    """The text of an HTML page, without scripts and styles."""
    parser = _HtmlText()
    parser.feed(page[:MOST_LETTERS])
    parser.close()
    return "".join(parser.pieces)


# -- Word


def _word_text(data: bytes) -> str:
    if data.startswith(OLD_OFFICE):
        raise LetterError("letters.locked")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = archive.getinfo(DOCUMENT)
            if part.flag_bits & 1:
                raise LetterError("letters.locked")
            with archive.open(part) as stream:
                content = stream.read(MOST_UNPACKED + 1)
    except KeyError:
        raise LetterError("letters.no-document") from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise LetterError("letters.damaged") from None
    except Exception as error:  # zlib.error is no class of zipfile
        if isinstance(error, LetterError):
            raise
        raise LetterError("letters.damaged") from None
    if len(content) > MOST_UNPACKED:
        raise LetterError("letters.too-large", limit=MOST_UNPACKED // 1_000_000)
    return _WordText().text_of(content)


class _WordText:
    """Collects the text of a Word document: of runs, not of fields, deletions and copies."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.in_text = self.in_copy = 0

    def text_of(self, content: bytes) -> str:
        """The text of the XML; a declared document type is refused, for it could grow."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            for start in range(0, len(content), PIECE):
                parser.Parse(content[start : start + PIECE], False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise LetterError("letters.damaged") from None
        return "".join(self.pieces)

    def _refuse(self, *_: object) -> None:
        raise LetterError("letters.damaged")

    def _start(self, name: str, _: object) -> None:
        tag = name.rpartition(" ")[2]
        # A text box stands twice: as it is, and once more for older programs.
        self.in_copy += tag == "Fallback"
        self.in_text += tag == "t"
        if tag in ("br", "cr"):
            self.pieces.append("\n")
        elif tag == "tab":
            self.pieces.append(" ")

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        self.in_copy -= tag == "Fallback"
        self.in_text -= tag == "t"
        if tag == "p":
            self.pieces.append("\n")

    def _data(self, data: str) -> None:
        if self.in_text and not self.in_copy:
            self.pieces.append(data)
