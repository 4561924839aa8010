"""The self-assessment of one proposal: its decision, and the smallest changes that would raise
the recommendation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from triage.advice.search import ChangeSet, Found
from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.messages import say
from triage.model.facts import REQUEST_FACTS, Request


@dataclass(frozen=True)
class SelfAssessment:
    """A decision with what would raise it."""

    decision: Decision
    found: Found

    def to_json(self, words: Wording) -> bytes:
        """The decision in its JSON shape, and `changes` after its other keys.

        `changes_limit` stands before it when not everything was looked at or is shown, and only
        then.
        """
        more: dict[str, Any] = {}
        if self.found.cut:
            found = self.found
            more["changes_limit"] = {
                "facts": found.largest,
                "members": found.members,
                "left_off": found.left_off,
            }
        more["changes"] = [self._plain(one, words) for one in self.found.sets]
        return self.decision.to_json()[:-1] + b"," + orjson.dumps(more)[1:]

    def _plain(self, one: ChangeSet, words: Wording) -> dict[str, Any]:
        facts = [
            {"fact": name, "from": plain(before), "to": plain(after)}
            for name, before, after in differences(self.decision.request, one.request)
        ]
        return {
            "to": one.to,
            "score": one.score,
            "facts": facts,
            "rules_on": one.rules_on,
            "rules_off": one.rules_off,
            "text": sentence(one, words),
        }


def differences(first: Request, second: Request) -> Iterator[tuple[str, Any, Any]]:
    """The facts that two requests do not share, with both values, in the order of the facts of a
    request.
    """
    for name in REQUEST_FACTS:
        before, after = getattr(first, name), getattr(second, name)
        if before != after:
            yield name, before, after


def plain(value: Any) -> Any:
    """A value as JSON and YAML have it: sets as sorted lists, days as YYYY-MM-DD, whole numbers
    without decimals.
    """
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def sentence(one: ChangeSet, words: Wording) -> str:
    """What to do, in one sentence."""
    return join([said[0] for said in steps(one, words)])


def join(texts: list[str]) -> str:
    """Things to do, as one sentence."""
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}."


def steps(one: ChangeSet, words: Wording) -> list[tuple[str, str, str]]:
    """Each thing to do: all of it in words, the words with the slot, and the value in words."""
    found = []
    for move in one.moves:
        values = words.policy.facts[move.fact].values
        for change, value in move.said:
            text, shown = change.text[words.language], words.value(values, value)
            found.append((text.replace("{value}", shown), text, shown))
    return found


def raised(recommendation: str, words: Wording) -> str:
    """A recommendation as a reader calls it."""
    return say(f"recommendation.{recommendation}", words.language)
