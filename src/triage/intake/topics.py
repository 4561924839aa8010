"""Prose, or an inbox whose requests name their topics only in prose -> what their words suggest,
for a person.
"""

import csv
import io
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import UsageError
from triage.formats.read_xlsx import ZIP
from triage.formats.rows import find_encoding, find_header, read_text
from triage.formats.yaml import DocumentError, parse
from triage.intake.inbox import Inbox
from triage.intake.rejects import FORMATS
from triage.intake.requests import RequestReader, shown
from triage.intake.suggestions import SUGGESTED_FACTS, Suggester, Suggestion
from triage.messages import Language, listed, say
from triage.model import countries
from triage.model.facts import COUNTRIES, REQUEST_FACTS
from triage.model.policy import Policy

ENOUGH_HEADERS = 2
"""So many known headers or keys make a text an inbox."""


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

    def __init__(self, policy: Policy, language: Language, sheet: str | None = None) -> None:
        self.policy, self.language = policy, language
        self.suggester = Suggester(policy)
        self.inbox = Inbox(RequestReader(policy, language), sheet)

    def read(self, path: str) -> Iterator[Suggested]:
        """What each text of a file suggests: the title and summary of every request, or all of a
        file of prose.
        """
        data: bytes | None = None
        if path == "-":
            data = sys.stdin.buffer.read()
        elif Path(path).suffix.lower() not in FORMATS or Path(path).suffix.lower() == ".txt":
            data = self._content(path)
        if data is not None and not self._is_inbox(data):
            text = data.decode(find_encoding(io.BytesIO(data)), errors="replace")
            yield self._suggested(path, None, None, text)
            return
        for row, id, text in self.inbox.prose(path, data):
            yield self._suggested(path, row, id, text)

    def _suggested(self, source: str, row: int | None, id: str | None, text: str) -> Suggested:
        title = next((line for line in text.splitlines() if line.strip()), "")
        return Suggested(source, row, id and shown(id), shown(title), self.suggester.suggest(text))

    def _content(self, path: str) -> bytes:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise UsageError(
                say("intake.unreadable", self.language, path=path, problem=error.strerror)
            ) from None

    def _is_inbox(self, data: bytes) -> bool:
        if data.startswith(ZIP) or data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
            return True
        header = self.inbox.reader.header
        encoding = find_encoding(io.BytesIO(data))
        try:
            with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as stream:
                _, rows = read_text(stream, encoding, lambda name: header(name) is not None)
                found, _ = find_header(itertools.islice(rows, 1), header)
            if found is not None and found.known >= ENOUGH_HEADERS:
                return True
            content = parse(data.decode(encoding))
        except (csv.Error, UnicodeDecodeError, DocumentError):
            return False
        first = content[0] if isinstance(content, list) and content else content
        return (
            isinstance(first, dict)
            and sum(header(str(key)) is not None for key in first) >= ENOUGH_HEADERS
        )

    # -- for people and for machines
    # ----------------------------------------------------------------------------

    def text(self, found: Suggested) -> str:
        """What one text suggests, with the words that matched."""
        place = found.id or (
            "" if found.row is None else say("topics.row", self.language, row=found.row)
        )
        lines = [f"{place}  {found.title}" if place else found.title]
        for fact in SUGGESTED_FACTS:
            ours = [one for one in found.suggestions if one.fact == fact]
            if ours:
                text = self.policy.fact_texts.get(fact)
                lines.append(f"  {text.label[self.language] if text else fact}")
            lines += [f"    {self._line(one)}" for one in ours]
        if not found.suggestions:
            lines.append(f"  {say('topics.none', self.language)}")
        return "\n".join(lines) + "\n"

    def _line(self, one: Suggestion) -> str:
        words = ", ".join(
            say("topics.word", self.language, word=shown(word)) for word in one.matched
        )
        if one.certain:
            return say(
                "topics.line",
                self.language,
                id=one.ids[0],
                label=self._label(one.fact, one.ids[0]),
                words=words,
            )
        labels = listed([self._label(one.fact, id) for id in one.ids], self.language, "or")
        return say("topics.perhaps", self.language, labels=labels, words=words)

    def _label(self, fact: str, id: str) -> str:
        if fact == COUNTRIES:
            return countries.name(id, self.language)
        return (
            self.policy.vocabularies[REQUEST_FACTS[fact].values or ""]
            .terms[id]
            .label[self.language]
        )

    def as_dict(self, found: Suggested) -> dict[str, Any]:
        """The JSON shape; candidates are values between which only a person can choose."""
        shape: dict[str, Any] = {
            "source": found.source,
            "row": found.row,
            "id": found.id,
            "title": found.title,
        }
        for fact in SUGGESTED_FACTS:
            entries = []
            for one in found.suggestions:
                if one.fact == fact:
                    labels = [{"id": id, "label": self._label(fact, id)} for id in one.ids]
                    value = labels[0] if one.certain else {"candidates": labels}
                    entries.append({**value, "matched": list(one.matched)})
            shape[REQUEST_FACTS[fact].values or fact] = entries
        return shape
