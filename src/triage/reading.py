"""Reading one value of a policy file at a time, each with its place, collecting a diagnostic for whatever is wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from triage.diagnostics import Diagnostics, nearest
from triage.documents import Mapping, Sequence, line_of
from triage.policy import ALWAYS, Period, Text, Where

Subject = tuple[str, str]
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


@dataclass
class Reader:
    """Reads the mappings of one file; `subject` says in messages which rule, table or parameter is meant."""

    file: str
    diagnostics: Diagnostics
    strategy: str | None = None
    setting_allowed: bool = False

    def where(self, mapping: object, key: str | None = None) -> Where:
        """The place of a mapping, or of one of its keys."""
        if isinstance(mapping, Mapping) and key is not None:
            return Where(self.file, mapping.lines.get(key, mapping.line))
        return Where(self.file, line_of(mapping))

    def keys(self, mapping: Mapping, allowed: Iterable[str], required: Iterable[str], subject: Subject | None) -> bool:
        """Report unknown and missing keys; False when a required one is missing."""
        allowed = tuple(allowed)
        for key in mapping:
            if key not in allowed:
                self.diagnostics.error(
                    "unknown-key",
                    self.where(mapping, key),
                    subject,
                    key=key,
                    suggestion=nearest(key, [a for a in allowed if a not in mapping]),
                    allowed=", ".join(allowed),
                )
        missing = [key for key in required if key not in mapping]
        for key in missing:
            self.diagnostics.error("missing-key", self.where(mapping), subject, key=key)
        return not missing

    def mapping(self, parent: Any, key: str, subject: Subject | None, required: bool = False) -> Mapping:
        """The mapping under a key; empty when absent or of another shape."""
        value = parent.get(key)
        if isinstance(value, Mapping):
            return value
        if value is not None or required:
            self.diagnostics.error("not-a-mapping", self.where(parent, key), subject, key=key)
        empty = Mapping()
        empty.line, empty.lines = self.where(parent, key).line, {}
        return empty

    def sequence(self, parent: Mapping, key: str, subject: Subject | None) -> Sequence:
        """The list under a key; empty when absent or of another shape."""
        value = parent.get(key)
        if isinstance(value, Sequence):
            return value
        if value is not None:
            self.diagnostics.error("not-a-list", self.where(parent, key), subject, key=key)
        empty = Sequence()
        empty.line, empty.lines = self.where(parent, key).line, []
        return empty

    def mappings(self, parent: Mapping, key: str, subject: Subject | None) -> list[Mapping]:
        """The mappings in the list under a key."""
        sequence = self.sequence(parent, key, subject)
        good = []
        for item, line in zip(sequence, sequence.lines, strict=True):
            if isinstance(item, Mapping):
                good.append(item)
            else:
                self.diagnostics.error("item-not-a-mapping", Where(self.file, line), subject, key=key)
        return good

    def words(self, parent: Mapping, key: str, subject: Subject | None) -> tuple[str, ...]:
        """The list of words under a key; a single word counts as a list of one."""
        value = parent.get(key)
        if isinstance(value, str):
            return (value,)
        sequence = self.sequence(parent, key, subject)
        for item, line in zip(sequence, sequence.lines, strict=True):
            if not isinstance(item, str):
                self.diagnostics.error("not-text", Where(self.file, line), subject, key=key, value=shown(item))
        return tuple(item for item in sequence if isinstance(item, str))

    def word(self, parent: Mapping, key: str, subject: Subject | None) -> str | None:
        """The word under a key."""
        value = parent.get(key)
        if value is None or isinstance(value, str):
            return value
        self.diagnostics.error("not-text", self.where(parent, key), subject, key=key, value=shown(value))
        return None

    def text(self, parent: Mapping, key: str, subject: Subject | None) -> Text | None:
        """The bilingual text under a key. Without French it is a warning, and the English stands in."""
        if key not in parent:
            return None
        where, value = self.where(parent, key), parent[key]
        if not isinstance(value, Mapping):
            self.diagnostics.error("not-bilingual", where, subject, key=key)
            return None
        self.keys(value, ("en", "fr"), (), subject)
        en, fr = value.get("en"), value.get("fr")
        if not isinstance(en, str) or not en.strip():
            self.diagnostics.error("english-missing", where, subject, key=key)
            return None
        if not isinstance(fr, str) or not fr.strip():
            self.diagnostics.warning("french-missing", where, subject, key=key)
            fr = en
        return Text(en, fr)

    def day(self, value: Any, where: Where, subject: Subject | None) -> date | None:
        """A date written YYYY-MM-DD."""
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.diagnostics.error("bad-date", where, subject, value=shown(value))
        return None

    def period(self, parent: Mapping, key: str, subject: Subject | None) -> Period:
        """The period `{from, until}` under a key; always, when absent."""
        if key not in parent:
            return ALWAYS
        mapping = self.mapping(parent, key, subject, required=True)
        self.keys(mapping, ("from", "until"), (), subject)
        ends = [
            self.day(mapping[end], self.where(mapping, end), subject) if mapping.get(end) is not None else None
            for end in ("from", "until")
        ]
        start, end = ends
        if start and end and end < start:
            self.diagnostics.error("period-reversed", self.where(parent, key), subject, start=start, end=end)
        return Period(start, end)

    def identifier(self, parent: Mapping, key: str, pattern: re.Pattern[str], subject: Subject | None) -> str | None:
        """The id under a key, in the form that its kind of id has."""
        value = self.word(parent, key, subject)
        if value is not None and not pattern.match(value):
            form = "kebab-case" if pattern is KEBAB else "snake_case"
            self.diagnostics.error("bad-id", self.where(parent, key), subject, value=value, form=form)
        return value


def fraction(value: Any) -> Fraction | None:
    """A fraction written as text such as `2/3`."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,6})/(\d{1,6})", value)) and int(match[2]):
        return Fraction(int(match[1]), int(match[2]))
    return None


def shown(value: Any) -> str:
    """A value as the author wrote it, near enough to be recognised."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(value) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(shown, value)) + "]"
    return "" if value is None else str(value)
