"""Diagnostics: what is wrong with the policy's text, where, and what to do."""

from dataclasses import dataclass, field
from typing import Literal

from triage.messages import Language, catalogue, say
from triage.model.policy import Where

Severity = Literal["error", "warning"]
LONGEST = 300
_HINTS = (("key-", "key"), ("form-", "form"), ("of-", "of"))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding; its words come from the message catalogue under `diagnostic.<code>` and
    `help.<code>`.
    """

    severity: Severity
    code: str
    where: Where
    subject: tuple[str, str] | None = None
    values: tuple[tuple[str, object], ...] = ()

    def message(self, language: Language = "en") -> str:
        """What is wrong, in one line."""
        subject = (
            say(f"subject.{self.subject[0]}", language, id=_short(self.subject[1])) + ": "
            if self.subject
            else ""
        )
        values = {name: _short(value) for name, value in self.values}
        text = say(f"diagnostic.{self.code}", language, **values)
        if suggestion := values.get("suggestion"):
            text += say("word.suggestion", language, suggestion=suggestion)
        return subject + text

    def help(self, language: Language = "en") -> str:
        """What to do, or how the key, the form of id or the type is written; empty when the
        message says it all.
        """
        values = {name: _short(value) for name, value in self.values}
        hints = (f"hint.{start}{values.get(name)}" for start, name in _HINTS)
        key = next(
            (key for key in (f"help.{self.code}", *hints) if key in catalogue(language)), None
        )
        return say(key, language, **values) if key else ""

    def line(self, language: Language = "en") -> str:
        """`file:line: message`."""
        return f"{self.where.file}:{self.where.line}: {self.message(language)}"


@dataclass
class Diagnostics:
    """Collects findings, so that one run reports all of them."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(
        self, code: str, where: Where, subject: tuple[str, str] | None = None, **values: object
    ) -> None:
        """Record an error: the policy cannot be used."""
        self.found.append(Diagnostic("error", code, where, subject, tuple(values.items())))

    def warning(
        self, code: str, where: Where, subject: tuple[str, str] | None = None, **values: object
    ) -> None:
        """Record a warning: the policy can be used, but an analyst should look."""
        self.found.append(Diagnostic("warning", code, where, subject, tuple(values.items())))

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors only."""
        return [diagnostic for diagnostic in self.found if diagnostic.severity == "error"]

    def sorted(self) -> list[Diagnostic]:
        """All findings by file and line; the same finding once."""
        unique = dict.fromkeys(self.found)
        return sorted(unique, key=lambda d: (d.where.file, d.where.line, d.code, d.message()))


def diagnostic_codes() -> frozenset[str]:
    """The code of every diagnostic that there is."""
    table = "diagnostic."
    return frozenset(key.removeprefix(table) for key in catalogue("en") if key.startswith(table))


def _short(value: object) -> object:
    """Enough of what the author wrote to recognise it, on one line."""
    if not isinstance(value, str):
        return value
    line = " ".join("".join(one if one.isprintable() else " " for one in value).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
