"""The record of a decision, and its JSON shape, of which the order of keys is fixed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from triage.messages import Language
from triage.model.facts import Request
from triage.model.policy import Recommendation


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """What decisions tell of a rule in one language; only `because` may depend on the request."""

    id: str
    effect: Mapping[str, Any]
    basis: str
    citations: list[dict[str, str]]
    json: bytes | None
    """The entry as JSON, when it never changes; else `because` goes between the other two."""
    before: bytes
    after: bytes

    @classmethod
    def of(
        cls,
        id: str,
        effect: Mapping[str, Any],
        because: str | None,
        basis: str,
        citations: list[dict[str, str]],
    ) -> "RuleEntry":
        """An entry; `because` is None when it depends on the request."""
        before = orjson.dumps({"id": id, "effect": effect})[:-1] + b',"because":'
        after = b"," + orjson.dumps({"basis": basis, "citations": citations})[1:]
        whole = None if because is None else before + orjson.dumps(because) + after
        return cls(id, effect, basis, citations, whole, before, after)

    def as_dict(self, because: str) -> dict[str, Any]:
        head = {"id": self.id, "effect": self.effect, "because": because}
        return head | {"basis": self.basis, "citations": self.citations}


Told = tuple[RuleEntry, str]
"""A rule that matched, and why in words."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one strategy says of a request; the parts of a decision that depend on the strategy."""

    recommendation: Recommendation
    score: int
    criteria: dict[str, dict[str, int]]
    priorities: list[str]
    alignment: str | None
    told: list[Told]
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

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules that matched, by id, as plain data."""
        return [entry.as_dict(because) for entry, because in self.told]

    def head(self) -> dict[str, Any]:
        """The keys of an assessment that come first."""
        score, criteria = self.score, self.criteria
        return {"recommendation": self.recommendation, "score": score, "criteria": criteria}

    def aims(self, rules: Any) -> dict[str, Any]:
        """The keys that follow, with the rules as plain data or as prepared bytes."""
        return {"priorities": self.priorities, "alignment": self.alignment, "rules": rules}

    def rest(self) -> dict[str, Any]:
        """All other keys."""
        return {
            "justification": self.justification,
            "decided_by": self.decided_by,
            "lead": self.lead,
            "consult": self.consult,
            "fund": self.fund,
            "advice": self.advice,
            "flags": self.flags,
            "unknown": self.unknown,
            "possible": self.possible,
        }

    def as_dict(self) -> dict[str, Any]:
        return self.head() | self.aims(self.rules) | self.rest()

    def to_json(self) -> tuple[bytes, bytes, bytes]:
        """`head`, `aims` and `rest` as JSON, without the braces around them."""
        entries = [
            entry.json or entry.before + orjson.dumps(because) + entry.after
            for entry, because in self.told
        ]
        aims = self.aims(orjson.Fragment(b"[" + b",".join(entries) + b"]"))
        return (
            orjson.dumps(self.head())[1:-1],
            orjson.dumps(aims)[1:-1],
            orjson.dumps(self.rest())[1:-1],
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The full record of one request under one policy version."""

    decision_id: str
    request: Request
    result: Assessment
    """The most favourable assessment, with what others make possible."""
    strategy: str | None
    strategies: dict[str, Assessment]
    policy_version: str
    as_of: date
    engine: str
    language: Language
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What was known for the result, with what rules concluded; not part of the record."""
    if_confirmed: Recommendation | None = None
    """What the result becomes when a person confirms the suggested facts; None where it stands
    without them."""

    @property
    def recommendation(self) -> Recommendation:
        return self.result.recommendation

    @property
    def merits(self) -> Recommendation:
        """The recommendation if all suggested facts are right."""
        return self.if_confirmed or self.recommendation

    @property
    def score(self) -> int:
        """0 to 100."""
        return self.result.score

    def as_dict(self) -> dict[str, Any]:
        return {
            "decision_id": self.decision_id,
            "request_id": self.request.id,
            **self.result.head(),
            "strategy": self.strategy,
            "strategies": {name: one.as_dict() for name, one in self.strategies.items()},
            **self.result.aims(self.result.rules),
            **self.result.rest(),
            **self._made(),
        }

    def _made(self) -> dict[str, Any]:
        """The keys that tell how the decision was made."""
        made = {
            "policy": {"version": self.policy_version, "as_of": self.as_of.isoformat()},
            "engine": self.engine,
            "language": self.language,
        }
        return {"if_confirmed": self.if_confirmed, **made} if self.if_confirmed else made

    def to_json(self) -> bytes:
        """`as_dict` as JSON: the same bytes for the same request, policy, day, language, engine."""
        return b"".join(self.parts())

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """The JSON in three parts, without a line break; most of it is the second.

        That is everything from the value of `strategies` to that of `rules`.
        """
        strategies = {name: one.to_json() for name, one in self.strategies.items()}
        # The result may be one of the assessments as it stands: put into bytes once.
        same = self.strategies.get(self.strategy or "") is self.result
        head, aims, rest = strategies[self.strategy or ""] if same else self.result.to_json()
        ids = orjson.dumps({"decision_id": self.decision_id, "request_id": self.request.id})
        each = [b"%b:{%b,%b,%b}" % (orjson.dumps(name), *one) for name, one in strategies.items()]
        strategy, made = orjson.dumps(self.strategy), orjson.dumps(self._made())
        return (
            b'%b,%b,"strategy":%b,"strategies":' % (ids[:-1], head, strategy),
            b"{%b},%b" % (b",".join(each), aims),
            b",%b,%b" % (rest, made[1:]),
        )
