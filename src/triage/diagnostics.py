"""Diagnostics: what is wrong with the policy's text, where, and what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from triage.messages import Language, catalogue, say
from triage.policy import Where

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding; its words come from the message catalogue under `diagnostic.<code>` and `help.<code>`."""

    severity: Severity
    code: str
    where: Where
    subject: tuple[str, str] | None = None
    values: tuple[tuple[str, object], ...] = ()

    def message(self, language: Language = "en") -> str:
        """What is wrong, in one line."""
        subject = say(f"subject.{self.subject[0]}", language, id=self.subject[1]) + ": " if self.subject else ""
        values = dict(self.values)
        text = say(f"diagnostic.{self.code}", language, **values)
        if suggestion := values.get("suggestion"):
            text += say("word.suggestion", language, suggestion=suggestion)
        return subject + text

    def help(self, language: Language = "en") -> str:
        """What to do; empty when the message says it all."""
        key = f"help.{self.code}"
        return say(key, language, **dict(self.values)) if key in catalogue(language) else ""

    def line(self, language: Language = "en") -> str:
        """`file:line: message`."""
        return f"{self.where.file}:{self.where.line}: {self.message(language)}"


@dataclass
class Diagnostics:
    """Collects findings, so that one run reports all of them."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, where: Where, subject: tuple[str, str] | None = None, **values: object) -> None:
        """Record an error: the policy cannot be used."""
        self.found.append(Diagnostic("error", code, where, subject, tuple(values.items())))

    def warning(self, code: str, where: Where, subject: tuple[str, str] | None = None, **values: object) -> None:
        """Record a warning: the policy can be used, but an analyst should look."""
        self.found.append(Diagnostic("warning", code, where, subject, tuple(values.items())))

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors only."""
        return [diagnostic for diagnostic in self.found if diagnostic.severity == "error"]

    def sorted(self) -> list[Diagnostic]:
        """All findings by file and line; the same finding once."""
        unique = dict.fromkeys(self.found)
        return sorted(unique, key=lambda d: (d.where.file, d.where.line, d.code, d.values))


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The known word that is closest to a mistyped one, for "did you mean"."""
    matches = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return matches[0] if matches else None
