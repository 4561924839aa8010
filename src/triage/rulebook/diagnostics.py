"""Diagnostics: what is wrong with the policy's text, where, and what to do."""

from dataclasses import dataclass, field
from typing import Literal

from triage.messages import Language, catalogue, say
from triage.model.policy import Text, Where

Subject = tuple[str, str]
"""What a diagnostic is about: its kind, such as `rule` or `parameter`, and its id."""

Severity = Literal["error", "warning"]
LONGEST = 300
_HINTS = (("key-", "key"), ("form-", "form"), ("of-", "of"))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. The catalogue has its words under `diagnostic.<code>` and `help.<code>`.

    Each place that reports a finding writes its code whole; only here is it put into a key.
    """

    severity: Severity
    code: str
    where: Where
    subject: Subject | None = None
    values: tuple[tuple[str, object], ...] = ()

    def message(self, language: Language = "en") -> str:
        """What is wrong, in one line."""
        values = {name: _short(value, language) for name, value in self.values}
        text = say(f"diagnostic.{self.code}", language, **values)
        if suggestion := values.get("suggestion"):
            text += say("word.suggestion", language, suggestion=suggestion)
        if self.subject is None:
            return text
        kind, id = self.subject
        return f"{say(f'subject.{kind}', language, id=_short(id, language))}: {text}"

    def help(self, language: Language = "en") -> str:
        """What to do, or how the key, the form of id or the type is written; often empty."""
        values = {name: _short(value, language) for name, value in self.values}
        hints = (f"hint.{start}{values.get(name)}" for start, name in _HINTS)
        for key in (f"help.{self.code}", *hints):
            if key in catalogue(language):
                return say(key, language, **values)
        return ""

    def line(self, language: Language = "en") -> str:
        """`file:line: message`."""
        return f"{self.where.file}:{self.where.line}: {self.message(language)}"


@dataclass
class Diagnostics:
    """Collects findings, so that one run reports all of them."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(
        self, code: str, where: Where, subject: Subject | None = None, **values: object
    ) -> None:
        """Record an error: the policy cannot be used."""
        self.found.append(Diagnostic("error", code, where, subject, tuple(values.items())))

    def warning(
        self, code: str, where: Where, subject: Subject | None = None, **values: object
    ) -> None:
        """Record a warning: the policy can be used, but an analyst should look."""
        self.found.append(Diagnostic("warning", code, where, subject, tuple(values.items())))

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors alone, in the order in which they were found."""
        return [diagnostic for diagnostic in self.found if diagnostic.severity == "error"]

    def sorted(self) -> list[Diagnostic]:
        """All findings by file and line, each once."""
        unique = dict.fromkeys(self.found)
        return sorted(unique, key=lambda d: (d.where.file, d.where.line, d.code, d.message()))


def diagnostic_codes() -> frozenset[str]:
    """The code of every diagnostic that there is."""
    table = "diagnostic."
    return frozenset(key.removeprefix(table) for key in catalogue("en") if key.startswith(table))


def _short(value: object, language: Language) -> object:
    """Enough of what the author wrote to recognise it, on one line."""
    if isinstance(value, Text):
        value = value[language]
    if not isinstance(value, str):
        return value
    line = " ".join("".join(one if one.isprintable() else " " for one in value).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
