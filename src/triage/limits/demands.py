"""What an engagement asks of each limit: which limits count it, in which group, and how much it
takes.
"""

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
    """What limits need to know of a decision, or of an engagement that is accepted already, as
    plain data.

    `rank` orders the requests of one inbox, the best first. `facts` are those that are known, by
    name; conditions of limits read them. `as_of` is the day on which it is judged, and stands in
    for an unknown `start`. A `mandatory` one is always in.
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
        """A decision as limits see it; mandatory when a rule that matched says `at least:
        accept`.
        """
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
    """What is asked of one limit (by its place in the policy) in one group.

    `amount` is None when it is not known; `sure` is false when a fact that is not known leaves open
    whether the limit counts the request at all.
    """

    limit: int
    group: str
    amount: Decimal | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """An engagement with all that it asks. `dated` tells whether its first day is known; else
    `day` is its `as_of`.
    """

    id: str
    rank: RankKey
    score: int
    day: date
    dated: bool
    mandatory: bool
    demands: tuple[Demand, ...]


class Demander:
    """Turns engagements into claims under one policy; remembers conditions by day, and the texts
    of groups.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.labels: dict[str, str] = {}
        """The text of each mission as it is shown, by the form in which missions are compared."""
        self._conditions: dict[date, list[Holds | None]] = {}
        self._kept: dict[Demand, Demand] = {}

    def claim(self, one: Engagement) -> Claim:
        """What an engagement asks."""
        start = one.facts.get("start")
        demands: list[Demand] = []
        for place, holds in enumerate(self._meanings(one.as_of)):
            answer = True if holds is None else holds(one.facts)
            if answer is False:
                continue
            limit = self.policy.limits[place]
            amount = self._amount(limit, one.facts)
            # What takes nothing is never in the way of a limit.
            if amount == 0:
                continue
            demands += [
                Demand(place, group, amount, answer is True) for group in self._groups(limit, one)
            ]
        kept = tuple(self._kept.setdefault(demand, demand) for demand in demands)
        return Claim(
            one.id, one.rank, one.score, start or one.as_of, start is not None, one.mandatory, kept
        )

    def _meanings(self, day: date) -> list[Holds | None]:
        found = self._conditions.get(day)
        if found is None:
            if len(self._conditions) > MOST_DAYS_KEPT:
                self._conditions.clear()
            values = {
                id: parameter.value_on(day) for id, parameter in self.policy.parameters.items()
            }
            settle = Settler(self.policy, values)
            found = self._conditions[day] = [
                self._meaning(limit, settle) for limit in self.policy.limits
            ]
        return found

    def _meaning(self, limit: Limit, settle: Settler) -> Holds | None:
        """The meaning of the conditions; None when there are none. A parameter without a value
        lets nothing hold.
        """
        if not limit.applies_to:
            return None
        named = [
            one.value.parameter
            for lines in limit.applies_to
            for one in lines
            if isinstance(one.value, Reference)
        ]
        if any(settle.values.get(name) is None for name in named):
            return lambda _: False
        return all_hold(settle.tests(limit.applies_to))

    @staticmethod
    def _amount(limit: Limit, facts: Mapping[str, Any]) -> Decimal | None:
        if limit.measure == "count":
            return Decimal(1)
        value = facts.get(limit.measure)
        return None if value is None else Decimal(value)

    def _groups(self, limit: Limit, one: Engagement) -> list[str]:
        match limit.by:
            case "region":
                return [one.strategy or UNKNOWN]
            case "lead":
                return [one.lead]
            case "country":
                return sorted(one.facts.get("countries") or ()) or [UNKNOWN]
            case "mission":
                mission = " ".join((one.facts.get("mission") or "").split())
                if not mission:
                    return [UNKNOWN]
                key = mission.casefold()
                # Of several spellings one is shown, whatever the order in which they came.
                self.labels[key] = min(mission, self.labels.get(key, mission))
                return [key]
        return [""]
