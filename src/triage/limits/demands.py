"""What an engagement asks of each limit: whether it counts, in which groups, and how much."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from triage.deciding.decision import Decision
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.settled import Settler, all_hold
from triage.model.conditions import Holds
from triage.model.policy import Limit, Policy, Reference

UNKNOWN = "?"
"""The group of what has no known value there: it is counted and told, and not held to the limit."""
MOST_DAYS_KEPT = 4096
ONE = Decimal(1)


class Engagement(NamedTuple):
    """What limits need to know of a decision, or of an engagement that is already accepted.

    `rank` orders the requests of one inbox, the best first. `facts` are the known ones, by name.
    `as_of` is the day on which it is judged, and stands in for an unknown `start`. A `mandatory`
    engagement is always in.
    """

    id: str
    rank: RankKey
    score: int
    strategy: str | None
    lead: str
    facts: Mapping[str, Any]
    as_of: date
    mandatory: bool = False

    @classmethod
    def of(cls, decision: Decision, policy: Policy) -> "Engagement":
        """From a decision; mandatory when a rule that matched says `at least: accept`."""
        return cls(
            id=decision.request.id,
            rank=rank_key(decision),
            score=decision.score,
            strategy=decision.strategy,
            lead=decision.result.lead,
            facts=decision.facts,
            as_of=decision.as_of,
            mandatory=bool(policy.demanding)
            and any(entry.id in policy.demanding for entry, _ in decision.result.told),
        )


class Demand(NamedTuple):
    """What is asked of one limit (its place in the policy) in one group.

    `amount` is None when it is not known; `sure` is false when an unknown fact leaves open whether
    the limit counts the request at all.
    """

    limit: int
    group: str
    amount: Decimal | None
    sure: bool


class Claim(NamedTuple):
    """An engagement with all that it asks; `day` is its first day, or `as_of` if not `dated`."""

    id: str
    rank: RankKey
    score: int
    day: date
    dated: bool
    mandatory: bool
    demands: tuple[Demand, ...]


class Demander:
    """Turns engagements into claims under one policy; keeps the conditions settled for each day.

    `labels` collects the text of each mission as it is shown, by the form in which missions are
    compared.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.labels: dict[str, str] = {}
        self._limits: dict[date, list[tuple[int, Limit, Holds | None]]] = {}
        self._kept: dict[Demand, Demand] = {}

    def claim(self, engagement: Engagement) -> Claim:
        facts, as_of = engagement.facts, engagement.as_of
        start = facts.get("start")
        demands: list[Demand] = []
        for place, limit, holds in self._settled(as_of):
            answer = holds is None or holds(facts)
            if answer is False:
                continue
            amount = ONE if limit.measure == "count" else facts.get(limit.measure)
            # What takes nothing is never in the way of a limit.
            if amount == 0:
                continue
            if amount is not None:
                amount = Decimal(amount)
            for group in self._groups(limit, engagement):
                demand = Demand(place, group, amount, answer is True)
                demands.append(self._kept.setdefault(demand, demand))
        return Claim(
            id=engagement.id,
            rank=engagement.rank,
            score=engagement.score,
            day=start or as_of,
            dated=start is not None,
            mandatory=engagement.mandatory,
            demands=tuple(demands),
        )

    def _settled(self, day: date) -> list[tuple[int, Limit, Holds | None]]:
        """Each limit with its place and its condition on a day; None where it has no condition."""
        settled = self._limits.get(day)
        if settled is None:
            if len(self._limits) > MOST_DAYS_KEPT:
                self._limits.clear()
            parameters = self.policy.parameters.items()
            settle = Settler(self.policy, {id: one.value_on(day) for id, one in parameters})
            settled = self._limits[day] = [
                (place, limit, self._condition(limit, settle))
                for place, limit in enumerate(self.policy.limits)
            ]
        return settled

    def _condition(self, limit: Limit, settle: Settler) -> Holds | None:
        if not limit.applies_to:
            return None
        for conditions in limit.applies_to:
            for condition in conditions:
                value = condition.value
                # A parameter that has no value on the day lets nothing hold.
                if isinstance(value, Reference) and settle.values.get(value.parameter) is None:
                    return lambda _: False
        return all_hold(settle.tests(limit.applies_to))

    def _groups(self, limit: Limit, engagement: Engagement) -> list[str]:
        match limit.by:
            case "region":
                return [engagement.strategy or UNKNOWN]
            case "lead":
                return [engagement.lead]
            case "country":
                return sorted(engagement.facts.get("countries") or ()) or [UNKNOWN]
            case "mission":
                mission = " ".join((engagement.facts.get("mission") or "").split())
                if not mission:
                    return [UNKNOWN]
                key = mission.casefold()
                # Of several spellings the first by letter is shown, whichever came first.
                self.labels[key] = min(mission, self.labels.get(key, mission))
                return [key]
        return [""]
