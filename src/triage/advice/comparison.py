"""Two drafts of one proposal side by side: the facts that differ, and what comes of it."""

from dataclasses import dataclass
from typing import Any

from triage.advice.assessment import facts_changed
from triage.deciding.decision import Decision
from triage.model.policy import Policy


@dataclass(frozen=True)
class Comparison:
    """The decisions on two drafts under one policy."""

    first: Decision
    second: Decision

    @property
    def gained(self) -> list[str]:
        """The ids of the rules that only the second draft matches, in the strategies that count."""
        return sorted(_ids(self.second) - _ids(self.first))

    @property
    def lost(self) -> list[str]:
        """The ids of the rules that only the first draft matches."""
        return sorted(_ids(self.first) - _ids(self.second))

    def as_dict(self, policy: Policy) -> dict[str, Any]:
        """The JSON shape."""
        first, second = self.first, self.second
        criteria = {}
        for id, before in first.result.criteria.items():
            after = second.result.criteria[id]
            points = {"from": before["points"], "to": after["points"]}
            criteria[id] = points | {"maximum": after["maximum"]}
        return {
            "requests": {"from": first.request.id, "to": second.request.id},
            "recommendation": {"from": first.recommendation, "to": second.recommendation},
            "score": {"from": first.score, "to": second.score},
            "strategy": {"from": first.strategy, "to": second.strategy},
            "facts": facts_changed(first.request, second.request, policy),
            "criteria": criteria,
            "rules_on": self.gained,
            "rules_off": self.lost,
            "policy": {
                "version": second.policy_version,
                "as_of": {"from": first.as_of.isoformat(), "to": second.as_of.isoformat()},
            },
            "engine": second.engine,
            "language": second.language,
        }


def _ids(decision: Decision) -> set[str]:
    return {entry.id for entry, _ in decision.result.told}
