"""Reading one value of a policy file at a time, each with its place, collecting a diagnostic for
whatever is wrong.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence, line_of
from triage.messages import LANGUAGES
from triage.model.periods import Period
from triage.model.policy import Text, Where
from triage.rulebook.diagnostics import Diagnostics

Subject = tuple[str, str]
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
PLAIN = re.compile(r"[A-Za-z0-9]+([-_][A-Za-z0-9]+)*\Z")
FORMS = {KEBAB: "kebab-case", SNAKE: "snake_case", PLAIN: "plain"}
UNREAD = Text("?", "?")
"""Stands for a text that cannot be read, so that whatever names its owner is not reported as
well.
"""


@dataclass
class Reader:
    """Reads the mappings of one file; `subject` says in messages which rule, table or parameter
    is meant.
    """

    file: str
    diagnostics: Diagnostics
    strategy: str | None = None
    setting_allowed: bool = False
    passed_over: int = 0

    @property
    def trouble(self) -> int:
        """Grows with whatever cannot be read, reported here or where it is declared."""
        return len(self.diagnostics.found) + self.passed_over

    def where(self, mapping: object, key: str | None = None) -> Where:
        """The place of a mapping, or of one of its keys."""
        if isinstance(mapping, Mapping) and key is not None:
            return Where(self.file, mapping.lines.get(key, mapping.line))
        return Where(self.file, line_of(mapping))

    def keys(
        self,
        mapping: Mapping,
        allowed: Iterable[str],
        required: Iterable[str],
        subject: Subject | None,
        may_be_empty: Iterable[str] = (),
    ) -> bool:
        """Report unknown, missing and empty keys; False when a required one has no value."""
        allowed, required = tuple(allowed), tuple(required)
        missing = [key for key in required if key not in mapping]
        for key, value in mapping.items():
            where = self.where(mapping, key)
            if key not in allowed:
                near = nearest(key, [a for a in allowed if a not in mapping])
                self.diagnostics.error(
                    "unknown-key",
                    where,
                    subject,
                    key=key,
                    suggestion=near,
                    allowed=", ".join(allowed),
                )
                # A required key that is misspelt is not missing as well.
                missing = [one for one in missing if one != near]
            elif value is None and key not in may_be_empty:
                self.diagnostics.error("empty-key", where, subject, key=key)
        for key in missing:
            self.diagnostics.error("missing-key", self.where(mapping), subject, key=key)
        return all(mapping.get(key) is not None for key in required)

    def mapping(self, parent: Mapping, key: str, subject: Subject | None) -> Mapping:
        """The mapping under a key; empty when absent or of another shape."""
        value = parent.get(key)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.diagnostics.error("not-a-mapping", self.where(parent, key), subject, key=key)
        empty = Mapping()
        empty.line, empty.lines = self.where(parent, key).line, {}
        return empty

    def entries(
        self, content: Mapping, section: str, kind: str
    ) -> Iterator[tuple[str, Mapping, Subject]]:
        """The entries of a section of a file that have keys of their own: name, keys, and the
        name in messages.
        """
        found = self.mapping(content, section, None)
        for name, raw in found.items():
            if isinstance(raw, Mapping):
                yield name, raw, (kind, name)
            else:
                self.diagnostics.error(
                    "not-a-mapping", self.where(found, name), (kind, name), key=name
                )

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
                self.diagnostics.error(
                    "item-not-a-mapping", Where(self.file, line), subject, key=key
                )
        return good

    def words(self, parent: Mapping, key: str, subject: Subject | None) -> tuple[str, ...]:
        """The list of words under a key; a single word counts as a list of one."""
        value = parent.get(key)
        if isinstance(value, str):
            return (value,)
        sequence = self.sequence(parent, key, subject)
        for item, line in zip(sequence, sequence.lines, strict=True):
            if not isinstance(item, str):
                self.diagnostics.error(
                    "not-text", Where(self.file, line), subject, key=key, value=shown(item)
                )
        return tuple(item for item in sequence if isinstance(item, str))

    def word(self, parent: Mapping, key: str, subject: Subject | None) -> str | None:
        """The word under a key; one in quotes that holds nothing is an error."""
        value = parent.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        if isinstance(value, str):
            self.diagnostics.error("empty-key", self.where(parent, key), subject, key=key)
            return None
        self.diagnostics.error(
            "not-text", self.where(parent, key), subject, key=key, value=shown(value)
        )
        return None

    def flag(self, parent: Mapping, key: str, subject: Subject | None) -> bool:
        """Whether the key is true; false when absent."""
        value = parent.get(key)
        if value is not None and not isinstance(value, bool):
            self.diagnostics.error(
                "needs-true-or-false",
                self.where(parent, key),
                subject,
                phrase=key,
                value=shown(value),
            )
        return value is True

    def text(self, parent: Mapping, key: str, subject: Subject | None) -> Text | None:
        """The bilingual text under a key. Without French it is a warning, and the English stands
        in.
        """
        value, where = parent.get(key), self.where(parent, key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.diagnostics.error("not-bilingual", where, subject, key=key)
            return None
        self.keys(value, LANGUAGES, (), subject, may_be_empty=LANGUAGES)
        if any(
            value.get(language) is not None and self.word(value, language, subject) is None
            for language in LANGUAGES
        ):
            return None
        en, fr = (value.get(language) or "" for language in LANGUAGES)
        if not en.strip():
            self.diagnostics.error("english-missing", where, subject, key=key)
            return None
        if not fr.strip():
            self.diagnostics.warning("french-missing", where, subject, key=key)
        return Text(en, typeset(fr) if fr.strip() else en)

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
        mapping = self.mapping(parent, key, subject)
        self.keys(mapping, ("from", "until"), (), subject)
        ends = [
            self.day(mapping[end], self.where(mapping, end), subject)
            if mapping.get(end) is not None
            else None
            for end in ("from", "until")
        ]
        start, end = ends
        if start and end and end < start:
            self.diagnostics.error(
                "period-reversed", self.where(parent, key), subject, start=start, end=end
            )
        return Period(start, end)

    def identifier(
        self, parent: Mapping, key: str, pattern: re.Pattern[str], subject: Subject | None
    ) -> str | None:
        """The id under a key, in the form that its kind of id has."""
        value = self.word(parent, key, subject)
        if value is not None:
            self.form(value, pattern, self.where(parent, key), subject)
        return value

    def form(
        self, id: str, pattern: re.Pattern[str], where: Where, subject: Subject | None
    ) -> None:
        """Report an id that has not the form of its kind."""
        if not pattern.match(id):
            self.diagnostics.error("bad-id", where, subject, value=id, form=FORMS[pattern])


def typeset(french: str) -> str:
    """French with no-break spaces where a line must not break: before a colon and inside
    guillemets.
    """
    return re.sub(r" (?=[:»])|(?<=«) ", "\N{NO-BREAK SPACE}", french)


def fraction(value: Any) -> Fraction | None:
    """A fraction written as text such as `2/3`."""
    if (
        isinstance(value, str)
        and (match := re.fullmatch(r"(\d{1,6})/(\d{1,6})", value))
        and int(match[2])
    ):
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
