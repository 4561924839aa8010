"""The record of a decision, in its one JSON shape."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from triage.facts import Request
from triage.messages import Language
from triage.policy import Recommendation


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one strategy says of a request; the parts of a decision that depend on the strategy."""

    recommendation: Recommendation
    score: int
    criteria: dict[str, dict[str, int]]
    priorities: list[str]
    alignment: str | None
    rules: list[dict[str, Any]]
    justification: str
    decided_by: list[str]
    lead: str
    consult: list[str]
    fund: str | None
    advice: list[str]
    flags: list[str]
    unknown: list[dict[str, Any]]
    possible: list[Recommendation]
    reason: str


_SHARED = (
    *("priorities", "alignment", "rules", "justification", "decided_by", "lead", "consult", "fund", "advice"),
    *("flags", "unknown", "possible"),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The full record of one request under one policy version. `result` is the most favourable assessment."""

    decision_id: str
    request: Request
    result: Assessment
    strategy: str | None
    strategies: dict[str, Assessment]
    policy_version: str
    as_of: date
    engine: str
    language: Language

    @property
    def recommendation(self) -> Recommendation:
        """What is proposed to the person who decides."""
        return self.result.recommendation

    @property
    def score(self) -> int:
        """0 to 100."""
        return self.result.score

    def as_dict(self) -> dict[str, Any]:
        """The decision in its one JSON shape; the order of the keys is fixed."""
        head = {
            "decision_id": self.decision_id,
            "request_id": self.request.id,
            "recommendation": self.result.recommendation,
            "score": self.result.score,
            "criteria": self.result.criteria,
            "strategy": self.strategy,
            "strategies": {name: _plain(one) for name, one in self.strategies.items()},
        }
        for key in _SHARED:
            head[key] = getattr(self.result, key)
        head["policy"] = {"version": self.policy_version, "as_of": self.as_of.isoformat()}
        head["engine"] = self.engine
        head["language"] = self.language
        return head

    def to_json(self) -> bytes:
        """The same bytes for the same request, policy, date, language and engine."""
        shape = self.as_dict()
        # The rules are most of a record and stand in it twice; they are put into bytes once.
        done = {id(one.rules): orjson.Fragment(orjson.dumps(one.rules)) for one in self.strategies.values()}
        shape["rules"] = done.get(id(self.result.rules), self.result.rules)
        for name, one in self.strategies.items():
            shape["strategies"][name]["rules"] = done[id(one.rules)]
        return orjson.dumps(shape)


def _plain(assessment: Assessment) -> dict[str, Any]:
    head: dict[str, Any] = {
        "recommendation": assessment.recommendation,
        "score": assessment.score,
        "criteria": assessment.criteria,
    }
    return head | {key: getattr(assessment, key) for key in _SHARED}
