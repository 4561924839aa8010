"""What an engagement asks of each limit: whether it counts, in which groups, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from triage.deciding.decision import Decision
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.settled import Settler, all_hold
from triage.model.conditions import Holds
from triage.model.policy import Limit, Policy, Recommendation, Reference

UNKNOWN = "?"
"""The group of what has no known value there: it is counted and told, and not held to the limit."""
MOST_DAYS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Engagement:
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
    def of(cls, decision: Decision) -> "Engagement":
        """From a decision; mandatory when a rule that matched says `at least: accept`."""
        floors = (entry.effect.get("at_least") for entry, _ in decision.result.told)
        return cls(
            id=decision.request.id,
            rank=rank_key(decision),
            score=decision.score,
            strategy=decision.strategy,
            lead=decision.result.lead,
            facts=decision.facts,
            as_of=decision.as_of,
            mandatory=Recommendation.ACCEPT.value in floors,
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of one limit (its place in the policy) in one group.

    `amount` is None when it is not known; `sure` is false when an unknown fact leaves open whether
    the limit counts the request at all.
    """

    limit: int
    group: str
    amount: Decimal | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Claim:
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
        self._conditions: dict[date, list[Holds | None]] = {}
        self._kept: dict[Demand, Demand] = {}

    def claim(self, engagement: Engagement) -> Claim:
        start, as_of = engagement.facts.get("start"), engagement.as_of
        demands: list[Demand] = []
        for place, holds in enumerate(self._settled(as_of)):
            answer = True if holds is None else holds(engagement.facts)
            if answer is False:
                continue
            limit = self.policy.limits[place]
            amount = self._amount(limit, engagement.facts)
            # What takes nothing is never in the way of a limit.
            if amount == 0:
                continue
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

    def _settled(self, day: date) -> list[Holds | None]:
        """The conditions of each limit on a day; None for a limit that has none."""
        conditions = self._conditions.get(day)
        if conditions is None:
            if len(self._conditions) > MOST_DAYS_KEPT:
                self._conditions.clear()
            parameters = self.policy.parameters.items()
            settle = Settler(self.policy, {id: one.value_on(day) for id, one in parameters})
            conditions = [self._condition(limit, settle) for limit in self.policy.limits]
            self._conditions[day] = conditions
        return conditions

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

    @staticmethod
    def _amount(limit: Limit, facts: Mapping[str, Any]) -> Decimal | None:
        if limit.measure == "count":
            return Decimal(1)
        value = facts.get(limit.measure)
        return None if value is None else Decimal(value)

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
