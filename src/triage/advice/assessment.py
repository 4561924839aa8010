"""The self-assessment of a proposal: its decision, and the smallest changes that would raise it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from triage.advice.search import ChangeSet, FoundChanges
from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.model.facts import Request
from triage.model.policy import Policy


@dataclass(frozen=True)
class SelfAssessment:
    """A decision with what would raise it."""

    decision: Decision
    found: FoundChanges

    def to_json(self, words: Wording) -> bytes:
        """The decision in its JSON shape, and `changes` after its other keys.

        `changes_limit` stands before it when not everything was looked at or is shown.
        """
        more: dict[str, Any] = {}
        found = self.found
        if found.cut:
            limit = {"facts": found.largest, "members": found.members, "left_off": found.left_off}
            more["changes_limit"] = limit
        more["changes"] = [self._as_dict(changes, words) for changes in found.sets]
        return self.decision.to_json()[:-1] + b"," + orjson.dumps(more)[1:]

    def _as_dict(self, changes: ChangeSet, words: Wording) -> dict[str, Any]:
        return {
            "to": changes.to,
            "score": changes.score,
            "facts": facts_changed(self.decision.request, changes.request, words.policy),
            "rules_on": changes.rules_on,
            "rules_off": changes.rules_off,
            "text": join([text for text, _, _ in steps(changes, words)]),
        }


def differences(first: Request, second: Request, policy: Policy) -> Iterator[tuple[str, Any, Any]]:
    """The facts that differ in two requests, with both values, in the order of the facts."""
    for name in policy.request_facts:
        before, after = first.facts.get(name), second.facts.get(name)
        if before != after:
            yield name, before, after


def facts_changed(first: Request, second: Request, policy: Policy) -> list[dict[str, Any]]:
    """The facts that differ in two requests, in the JSON shape."""
    return [
        {"fact": name, "from": plain(before), "to": plain(after)}
        for name, before, after in differences(first, second, policy)
    ]


def plain(value: Any) -> Any:
    """A value as JSON and YAML have it: sorted lists, YYYY-MM-DD, whole numbers as integers."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def join(texts: list[str]) -> str:
    """Things to do, as one sentence."""
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}."


def steps(changes: ChangeSet, words: Wording) -> list[tuple[str, str, str]]:
    """Each thing to do: all of it in words, the words with the slot, and the value in words."""
    found = []
    for move in changes.moves:
        values = words.policy.facts[move.fact].values
        for change, value in move.steps:
            text, shown = change.text[words.language], words.value(values, value)
            found.append((text.replace("{value}", shown), text, shown))
    return found
