"""The recommendations of many cases under policies that differ only in points, maxima and
thresholds.

Which rules hold on a case does not depend on these, so it is found once; each policy then only adds
up. Cases on which the same rules hold, on days of one stretch, are of one kind and are added up
once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from triage.deciding.calendar import turning_days
from triage.deciding.decide import Decider
from triage.deciding.possible import recommend
from triage.deciding.settled import Settler
from triage.model.facts import Request
from triage.model.policy import Policy, Recommendation, Reference
from triage.model.program import REQUIRED_PARAMETERS
from triage.policy_diff.settings import Setting

SCORING = ("accept_threshold", "defer_threshold")
"""The parameters that the program reads after the rules have been matched; it reads the others
before.
"""

Assessments = tuple[tuple[str | None, tuple[str, ...]], ...]
"""For each strategy (None: outside all) the ids of the rules that hold and can move the
recommendation.
"""

Kind = tuple[date, Assessments, Assessments]
"""A day of the stretch, and what holds under the baseline and under the family."""


def only_scoring(policy: Policy, settings: Iterable[Setting]) -> bool:
    """Whether settings can change what a score is and comes to, but not which rules hold."""
    matching = set(REQUIRED_PARAMETERS) - set(SCORING)
    for rule in policy.rules:
        matching |= {
            one.value.parameter for one in rule.conditions() if isinstance(one.value, Reference)
        }
        matching |= {rule.applies_if} if rule.applies_if else set()
    for limit in policy.limits:
        # They decide which limits count a case, which is found once for a family too.
        named = (one.value for clause in limit.applies_to for one in clause)
        matching |= {value.parameter for value in named if isinstance(value, Reference)}
    for strategy in policy.strategies.values():
        matching |= {
            strategy.region.countries,
            strategy.region.undetermined,
            strategy.region.forums,
        }
    for setting in settings:
        parameter, since = setting.target.parameter, setting.since
        # A value where there was none puts the rules that need it in force.
        begins = parameter is not None and since is not None and parameter.value_on(since) is None
        if parameter is not None and (begins or parameter.id in matching):
            return False
    return True


@dataclass
class Outcomes:
    """What holds on cases under a baseline, and under the family of a policy: all that differ from
    it in scoring only.

    `also` are further policies of the family with turning days of their own; `deciders` are those
    of the two.
    """

    baseline: Policy
    family: Policy
    as_of: date | None = None
    also: Sequence[Policy] = ()
    kinds: dict[Kind, int] = field(default_factory=dict)
    """Each kind of case with its number, in the order in which they came."""

    def __post_init__(self) -> None:
        self._same = self.family is self.baseline
        old = Decider(self.baseline)
        self.deciders = old, old if self._same else Decider(self.family)
        policies = (self.baseline, self.family, *self.also)
        self._turning = sorted({day for policy in policies for day in turning_days(policy)})

    def kind(self, request: Request) -> int:
        """The number of the kind that a case is of."""
        day = self.as_of or request.received
        stretch = bisect_right(self._turning, day)
        # The first day of the stretch stands for all of its days.
        first = self._turning[stretch - 1] if stretch else date.min
        old = self._assessments(0, request)
        new = old if self._same else self._assessments(1, request)
        return self.kinds.setdefault((first, old, new), len(self.kinds))

    def _assessments(self, which: int, request: Request) -> Assessments:
        return tuple(
            (matches.plan.strategy, tuple(rule.id for rule in matches.matched if rule.moves))
            for matches in self.deciders[which].matches(request, self.as_of)
        )

    def before(self) -> list[int]:
        """The rank of each kind under the baseline."""
        return self._ranks(self.baseline, ((day, old) for day, old, _ in self.kinds))

    def after(self, policy: Policy) -> list[int]:
        """The rank of each kind under a policy of the family."""
        return self._ranks(policy, ((day, new) for day, _, new in self.kinds))

    def _ranks(self, policy: Policy, kinds: Iterable[tuple[date, Assessments]]) -> list[int]:
        days: dict[date, _Day] = {}
        found = []
        for day, assessments in kinds:
            if day not in days:
                days[day] = _Day(policy, day)
            found.append(max(days[day].rank(strategy, ids) for strategy, ids in assessments))
        return found


class _Day:
    """What of a policy makes a recommendation from the rules that hold, as it stands on one day.

    A whole snapshot would have to prepare every condition, which a sweep of hundreds of policies
    has no use for.
    """

    def __init__(self, policy: Policy, day: date) -> None:
        values = {id: parameter.value_on(day) for id, parameter in policy.parameters.items()}
        self._settle, self._rules = Settler(policy, values), policy.rule
        self._effects: dict[str, tuple[dict[str, int], int, int]] = {}
        self._maxima = {one.id: self._settle.number(one.maximum) for one in policy.criteria}
        # Before the settings begin no score is enough.
        self._accept, self._defer = (
            101 if values.get(name) is None else int(values[name]) for name in SCORING
        )

    def rank(self, strategy: str | None, ids: Iterable[str]) -> int:
        """The rank of the recommendation when these rules hold."""
        if strategy is None:
            return Recommendation.DEFER.rank
        points, ceiling, floor = dict.fromkeys(self._maxima, 0), Recommendation.ACCEPT.rank, 0
        for id in ids:
            gives, highest, lowest = self._effects.get(id) or self._effect(id)
            for criterion, number in gives.items():
                points[criterion] += number
            ceiling, floor = min(ceiling, highest), max(floor, lowest)
        score = sum(min(number, self._maxima[criterion]) for criterion, number in points.items())
        return recommend(2 if score >= self._accept else int(score >= self._defer), ceiling, floor)

    def _effect(self, id: str) -> tuple[dict[str, int], int, int]:
        then = self._rules[id].then
        gives: dict[str, int] = {}
        for criterion, number in then.score:
            gives[criterion] = gives.get(criterion, 0) + self._settle.number(number)
        ceiling = Recommendation.ACCEPT if then.ceiling is None else then.ceiling
        floor = Recommendation.DECLINE if then.floor is None else then.floor
        self._effects[id] = gives, ceiling.rank, floor.rank
        return self._effects[id]
