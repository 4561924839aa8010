"""What a person answered to suggestions, by request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from triage.intake.cells import shown
from triage.messages import Language, say
from triage.model.facts import Kind
from triage.model.policy import Policy


@dataclass
class Answers:
    """What a person answered in a sheet; `source` is the name of its file."""

    source: str
    confirmed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    refused: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """Rows that say nothing that can be understood, a line each."""
    met: set[str] = field(default_factory=set)

    def facts(self, id: str, policy: Policy) -> dict[str, Any]:
        """The facts that were confirmed for a request."""
        self.met.add(id)
        facts: dict[str, Any] = {}
        for fact, values in self.confirmed.get(id, {}).items():
            is_set = policy.facts[fact].kind is Kind.SET
            facts[fact] = frozenset(values) if is_set else values[0]
        return facts

    def unmet(self, language: Language) -> Iterator[str]:
        """A line for each request of the sheet that is in none of the files."""
        for id, row in self.rows.items():
            if id not in self.met:
                values = {"source": self.source, "row": row, "id": shown(id)}
                yield say("suggestion-sheet.no-such-request", language, **values)
