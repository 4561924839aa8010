"""A file of prose, or an inbox -> what the words of its texts suggest, for a person."""

import csv
import io
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import UsageError
from triage.formats.encodings import find_encoding
from triage.formats.file_names import one_line
from triage.formats.rows import read_text
from triage.formats.sheets import OLD_OFFICE, ZIP
from triage.formats.yaml import DocumentError, parse
from triage.intake.cells import shown
from triage.intake.forms import FORMATS
from triage.intake.inbox import PLAIN_INTAKE, Intake
from triage.intake.layout import find_header
from triage.intake.suggestions import SUGGESTED_FACTS, Suggester, Suggestion
from triage.messages import Language, listed, say
from triage.model import countries
from triage.model.facts import COUNTRIES
from triage.model.policy import Policy

ENOUGH_HEADERS = 2
"""A text with so many known headers or keys is an inbox."""


@dataclass(frozen=True)
class Suggested:
    """What the words of one text suggest; `row` and `id` are those of a request in an inbox."""

    source: str
    row: int | None
    id: str | None
    title: str
    suggestions: list[Suggestion]


class Topics:
    """Suggests by one policy, in one language."""

    def __init__(self, policy: Policy, language: Language, intake: Intake = PLAIN_INTAKE) -> None:
        self.policy, self.language = policy, language
        self.suggester = Suggester(policy)
        self.inbox = intake.open(policy, language, ["-"])

    def read(self, path: str) -> Iterator[Suggested]:
        """What the title and summary of every request suggest, or a file of prose as a whole."""
        data, suffix = None, Path(path).suffix.lower()
        if path == "-":
            data = sys.stdin.buffer.read()
        elif suffix not in FORMATS or suffix == ".txt":
            data = self._content(path)
        if data is not None and not self._is_inbox(data):
            text = data.decode(find_encoding(io.BytesIO(data)).name, errors="replace")
            yield self._suggested(path, None, None, text)
            return
        for row, id, text in self.inbox.prose(path, data):
            yield self._suggested(path, row, id, text)

    def _suggested(self, source: str, row: int | None, id: str | None, text: str) -> Suggested:
        title = next((line for line in text.splitlines() if line.strip()), "")
        return Suggested(
            one_line(source), row, id and shown(id), shown(title), self.suggester.suggest(text)
        )

    def _content(self, path: str) -> bytes:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            values = {"path": path, "problem": error.strerror}
            raise UsageError(say("intake.unreadable", self.language, **values)) from None

    def _is_inbox(self, data: bytes) -> bool:
        if data.startswith((ZIP, OLD_OFFICE)) or data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (
            b"{",
            b"[",
        ):
            return True
        header = self.inbox.reader.header
        encoding = find_encoding(io.BytesIO(data)).name
        try:
            with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as stream:
                _, rows = read_text(stream, encoding, lambda name: header(name) is not None)
                head, _ = find_header(itertools.islice(rows, 1), header)
            if head is not None and head.known >= ENOUGH_HEADERS:
                return True
            content = parse(data.decode(encoding))
        except (csv.Error, UnicodeDecodeError, DocumentError):
            return False
        first = content[0] if isinstance(content, list) and content else content
        if not isinstance(first, dict):
            return False
        return sum(header(str(key)) is not None for key in first) >= ENOUGH_HEADERS

    def text(self, suggested: Suggested) -> str:
        """What one text suggests, with the words that matched."""
        place = suggested.id
        if not place and suggested.row is not None:
            place = say("topics.row", self.language, row=suggested.row)
        lines = [f"{place}  {suggested.title}" if place else suggested.title]
        for fact in SUGGESTED_FACTS:
            suggestions = [one for one in suggested.suggestions if one.fact == fact]
            if suggestions:
                text = self.policy.fact_texts.get(fact)
                lines.append(f"  {text.label[self.language] if text else fact}")
            lines += [f"    {self._line(one)}" for one in suggestions]
        if not suggested.suggestions:
            lines.append(f"  {say('topics.none', self.language)}")
        return "\n".join(lines) + "\n"

    def _line(self, suggestion: Suggestion) -> str:
        language, ids = self.language, suggestion.ids
        words = ", ".join(say("topics.word", language, word=shown(w)) for w in suggestion.matched)
        labels = [self._label(suggestion.fact, id) for id in ids]
        if suggestion.strong:
            return say("topics.line", language, id=ids[0], label=labels[0], words=words)
        return say("topics.perhaps", language, labels=listed(labels, language, "or"), words=words)

    def _label(self, fact: str, id: str) -> str:
        if fact == COUNTRIES:
            return countries.name(id, self.language)
        vocabulary = self.policy.vocabularies[self.policy.facts[fact].values or ""]
        return vocabulary.terms[id].label[self.language]

    def as_dict(self, suggested: Suggested) -> dict[str, Any]:
        """The JSON shape; candidates are values between which only a person can choose."""
        shape: dict[str, Any] = {"source": suggested.source, "row": suggested.row}
        shape |= {"id": suggested.id, "title": suggested.title}
        for fact in SUGGESTED_FACTS:
            entries = []
            for one in suggested.suggestions:
                if one.fact == fact:
                    labels = [{"id": id, "label": self._label(fact, id)} for id in one.ids]
                    value = labels[0] if one.strong else {"candidates": labels}
                    beside = {"strength": one.strength, "matched": list(one.matched)}
                    entries.append({**value, **beside})
            shape[self.policy.facts[fact].values or fact] = entries
        return shape
