"""A letter -> the draft of one request: what its words suggest, each to be confirmed by a person.

In YAML what is suggested stands behind "#": whoever confirms a value takes the sign away. In JSON
it stands under `to_confirm`, which is no fact. A draft that nobody has confirmed therefore says
nothing but its title and its text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from triage.errors import UsageError
from triage.formats.letters import Letter, LetterError, read_letter
from triage.intake.cells import shown
from triage.intake.requests import REQUIRED
from triage.intake.suggestions import SUGGESTED_FACTS, Suggester, Suggestion
from triage.messages import Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES, Kind
from triage.model.policy import Policy

STRENGTHS = {"strong": "suggestion-sheet.strong", "weak": "suggestion-sheet.weak"}


@dataclass(frozen=True)
class DraftRequest:
    """A draft: what is known, and the values that a person is to confirm."""

    source: str
    letter: Letter
    suggestions: list[Suggestion]
    policy: Policy
    language: Language

    def _given(self) -> dict[str, str]:
        """The title and the text, each as far as the policy lets it go."""
        given = {"title": self.letter.subject, "summary": self.letter.text}
        facts = self.policy.facts
        return {
            name: text[: (facts[name].range or (0, len(text)))[1]]
            for name, text in given.items()
            if text
        }

    def _values(self) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
        """Fact, value, its label, its strength, and the words that it rests on."""
        if self.letter.day is not None:
            day = self.letter.day.isoformat()
            yield "received", day, "", "strong", (self.letter.dated,)
        for fact in SUGGESTED_FACTS:
            for one in self.suggestions:
                if one.fact == fact:
                    for id in one.ids:
                        yield fact, id, self._label(fact, id), one.strength, one.matched

    def _label(self, fact: str, id: str) -> str:
        if fact == COUNTRIES:
            return countries.name(id, self.language)
        vocabulary = self.policy.vocabularies[self.policy.facts[fact].values or ""]
        return vocabulary.terms[id].label[self.language]

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        values = [
            {"fact": fact, "value": id, "label": label, "strength": strength, "words": list(words)}
            for fact, id, label, strength, words in self._values()
        ]
        return {**self._given(), "to_confirm": values}

    def to_yaml(self) -> str:
        """The draft as YAML; each line that is to be confirmed begins with "#"."""
        head = say("draft.head", self.language, source=self.source, version=self.policy.version)
        lines = [f"# {line}" for line in head.splitlines()]
        text = yaml.safe_dump(self._given(), allow_unicode=True, sort_keys=False, width=100)
        lines.append(text.rstrip("\n") if self._given() else "")
        before = ""
        for fact, id, label, strength, words in self._values():
            is_set = self.policy.facts[fact].kind is Kind.SET
            if is_set and fact != before:
                lines.append(f"# {fact}:")
            before = fact
            value = f"#   - {id}" if is_set else f"# {fact}: {id}"
            lines.append(f"{value}  # {self._note(label, strength, words)}")
        found = {fact for fact, *_ in self._values()}
        for name in REQUIRED:
            if name not in found:
                lines.append(f"# {name}:  # {say('draft.missing', self.language)}")
        return "\n".join(lines) + "\n"

    def _note(self, label: str, strength: str, words: tuple[str, ...]) -> str:
        quoted = ", ".join(say("topics.word", self.language, word=shown(word)) for word in words)
        key = "draft.rests-on" if label else "draft.rests-only-on"
        values = {"label": label, "strength": say(STRENGTHS[strength], self.language)}
        return say(key, self.language, words=quoted, **values)


def draft_request(path: Path, policy: Policy, language: Language) -> DraftRequest:
    """The draft of the request in a letter; `UsageError` when the file is none."""
    try:
        letter = read_letter(path)
    except LetterError as error:
        raise UsageError(say(error.key, language, path=path, **error.values)) from None
    except OSError as error:
        values = {"path": path, "problem": error.strerror}
        raise UsageError(say("intake.unreadable", language, **values)) from None
    if not letter.text:
        raise UsageError(say("letters.no-text", language, path=path))
    subject = "" if letter.text.startswith(letter.subject) else f"{letter.subject}\n"
    found = Suggester(policy).suggest(f"{subject}{letter.text}")
    return DraftRequest(shown(path.name), letter, found, policy, language)
