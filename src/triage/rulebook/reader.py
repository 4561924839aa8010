"""Reads one value of a policy file at a time, with its place, and reports whatever is wrong."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeGuard

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence, line_of
from triage.messages import LANGUAGES
from triage.model.periods import Period
from triage.model.policy import Text, Where
from triage.rulebook.diagnostics import Diagnostics, Subject

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
PLAIN = re.compile(r"[A-Za-z0-9]+([-_][A-Za-z0-9]+)*\Z")
FORMS = {KEBAB: "kebab-case", SNAKE: "snake_case", PLAIN: "plain"}
UNREAD = Text("?", "?")
"""Stands for a text that cannot be read, so that its owner still exists for all that names it."""


@dataclass
class Reader:
    """Reads the mappings of one file. Each `subject` says in messages what is being read."""

    file: str
    diagnostics: Diagnostics
    strategy: str | None = None
    setting_allowed: bool = False
    """Whether the file may hold choices of the branch (`basis: setting`)."""
    skipped: int = 0
    """How often the file has named something whose declaration cannot be read."""

    @property
    def trouble(self) -> int:
        """Grows with whatever cannot be read, reported here or where it is declared."""
        return len(self.diagnostics.found) + self.skipped

    # -- reporting

    def error(
        self, code: str, where: Where, subject: Subject | None = None, **values: object
    ) -> None:
        """Record an error."""
        self.diagnostics.error(code, where, subject, **values)

    def warning(
        self, code: str, where: Where, subject: Subject | None = None, **values: object
    ) -> None:
        """Record a warning."""
        self.diagnostics.warning(code, where, subject, **values)

    def misnamed(
        self,
        code: str,
        where: Where,
        subject: Subject | None,
        value: object,
        known: Iterable[str],
        **values: object,
    ) -> None:
        """Record that a value is none of the known ones, and suggest the nearest of them."""
        text = shown(value)
        self.error(code, where, subject, value=text, suggestion=nearest(text, known), **values)

    def duplicate(self, where: Where, subject: Subject, first: Where) -> None:
        """Record that what stands at `where` stands at `first` already."""
        self.error("duplicate-id", where, subject, file=first.file, line=first.line)

    def where(self, mapping: object, key: str | None = None) -> Where:
        """The place of a mapping, or of one of its keys."""
        if isinstance(mapping, Mapping) and key is not None:
            return Where(self.file, mapping.lines.get(key, mapping.line))
        return Where(self.file, line_of(mapping))

    # -- mappings and lists

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
                near = nearest(key, [name for name in allowed if name not in mapping])
                names = ", ".join(allowed)
                self.error("unknown-key", where, subject, key=key, suggestion=near, allowed=names)
                # A required key that is misspelt is not missing as well.
                missing = [name for name in missing if name != near]
            elif value is None and key not in may_be_empty:
                self.error("empty-key", where, subject, key=key)
        for key in missing:
            self.error("missing-key", self.where(mapping), subject, key=key)
        return all(mapping.get(key) is not None for key in required)

    def mapping(self, parent: Mapping, key: str, subject: Subject | None) -> Mapping:
        """The mapping under a key; empty when absent or of another shape."""
        value = parent.get(key)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.error("not-a-mapping", self.where(parent, key), subject, key=key)
        empty = Mapping()
        empty.line, empty.lines = self.where(parent, key).line, {}
        return empty

    def entries(
        self, content: Mapping, section: str, kind: str
    ) -> Iterator[tuple[str, Mapping, Subject]]:
        """The entries of a section that have keys of their own: name, keys and subject."""
        entries = self.mapping(content, section, None)
        for name, raw in entries.items():
            if isinstance(raw, Mapping):
                yield name, raw, (kind, name)
            else:
                self.error("not-a-mapping", self.where(entries, name), (kind, name), key=name)

    def sequence(self, parent: Mapping, key: str, subject: Subject | None) -> Sequence:
        """The list under a key; empty when absent or of another shape."""
        value = parent.get(key)
        if isinstance(value, Sequence):
            return value
        if value is not None:
            self.error("not-a-list", self.where(parent, key), subject, key=key)
        empty = Sequence()
        empty.line, empty.lines = self.where(parent, key).line, []
        return empty

    def mappings(self, parent: Mapping, key: str, subject: Subject | None) -> list[Mapping]:
        """The mappings in the list under a key."""
        sequence = self.sequence(parent, key, subject)
        for item, line in zip(sequence, sequence.lines, strict=True):
            if not isinstance(item, Mapping):
                self.error("item-not-a-mapping", Where(self.file, line), subject, key=key)
        return [item for item in sequence if isinstance(item, Mapping)]

    # -- words and texts

    def words(self, parent: Mapping, key: str, subject: Subject | None) -> tuple[str, ...]:
        """The list of words under a key; a single word counts as a list of one."""
        value = parent.get(key)
        if isinstance(value, str):
            return (value,)
        sequence = self.sequence(parent, key, subject)
        for item, line in zip(sequence, sequence.lines, strict=True):
            if not isinstance(item, str):
                self.error("not-text", Where(self.file, line), subject, key=key, value=shown(item))
        return tuple(item for item in sequence if isinstance(item, str))

    def word(self, parent: Mapping, key: str, subject: Subject | None) -> str | None:
        """The word under a key; one in quotes that holds nothing is an error."""
        value, where = parent.get(key), self.where(parent, key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        if isinstance(value, str):
            self.error("empty-key", where, subject, key=key)
        else:
            self.error("not-text", where, subject, key=key, value=shown(value))
        return None

    def flag(self, parent: Mapping, key: str, subject: Subject | None) -> bool:
        """Whether the key is true; false when absent."""
        value, where = parent.get(key), self.where(parent, key)
        if value is not None and not isinstance(value, bool):
            self.error("needs-true-or-false", where, subject, phrase=key, value=shown(value))
        return value is True

    def text(self, parent: Mapping, key: str, subject: Subject | None) -> Text | None:
        """The bilingual text under a key; where the French is missing, the English stands in."""
        value, where = parent.get(key), self.where(parent, key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.error("not-bilingual", where, subject, key=key)
            return None
        self.keys(value, LANGUAGES, (), subject, may_be_empty=LANGUAGES)
        if any(
            value.get(language) is not None and self.word(value, language, subject) is None
            for language in LANGUAGES
        ):
            return None
        en, fr = (value.get(language) or "" for language in LANGUAGES)
        if not en.strip():
            self.error("english-missing", where, subject, key=key)
            return None
        if not fr.strip():
            self.warning("french-missing", where, subject, key=key)
        return Text(en, typeset(fr) if fr.strip() else en)

    def identifier(
        self, parent: Mapping, key: str, pattern: re.Pattern[str], subject: Subject | None
    ) -> str | None:
        """The id under a key, reported when it has not the form of its kind."""
        value = self.word(parent, key, subject)
        if value is not None:
            self.check_form(value, pattern, self.where(parent, key), subject)
        return value

    def check_form(
        self, id: str, pattern: re.Pattern[str], where: Where, subject: Subject | None
    ) -> None:
        """Report an id that has not the form of its kind."""
        if not pattern.match(id):
            self.error("bad-id", where, subject, value=id, form=FORMS[pattern])

    def check_citations(
        self, parent: Mapping, cite: Iterable[str], statements: Collection[str], subject: Subject
    ) -> None:
        """Report what stands under `cite` and is the id of no statement."""
        for id in cite:
            if id not in statements:
                where = self.where(parent, "cite")
                self.misnamed("unknown-citation", where, subject, id, statements)

    # -- dates

    def day(self, value: Any, where: Where, subject: Subject | None) -> date | None:
        """A date written YYYY-MM-DD."""
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.error("bad-date", where, subject, value=shown(value))
        return None

    def period(self, parent: Mapping, key: str, subject: Subject | None) -> Period:
        """The period `{from, until}` under a key; all time, when absent."""
        mapping = self.mapping(parent, key, subject)
        self.keys(mapping, ("from", "until"), (), subject)
        start, end = (
            None
            if mapping.get(name) is None
            else self.day(mapping[name], self.where(mapping, name), subject)
            for name in ("from", "until")
        )
        if start and end and end < start:
            where = self.where(parent, key)
            self.error("period-reversed", where, subject, start=start, end=end)
        return Period(start, end)


Contents = Iterable[tuple[Reader, Mapping]]
"""Files of a policy as they are written, each with what reads it."""


def typeset(french: str) -> str:
    """French with no-break spaces before a colon and inside guillemets."""
    return re.sub(r" (?=[:»])|(?<=«) ", "\N{NO-BREAK SPACE}", french)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, which to Python `true` and `false` are as well."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Whether a value is a whole number or a decimal."""
    return is_whole(value) or isinstance(value, Decimal)


def fraction(value: object) -> Fraction | None:
    """A fraction written as text such as `2/3`."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", value) if isinstance(value, str) else None
    return Fraction(int(match[1]), int(match[2])) if match and int(match[2]) else None


def shown(value: object) -> str:
    """A value as the author wrote it, near enough to be recognised."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(value) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(shown, value)) + "]"
    return "" if value is None else str(value)
