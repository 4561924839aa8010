"""The recommendations of many cases under policies that differ only in scoring.

Such policies, which differ in points, maxima and thresholds, are a family. Which rules hold on a
case does not depend on these, so it is found once; each policy then only adds up points. Cases on
which the same rules hold, on days that are alike, have one pattern and are added up once.
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
"""The parameters that the program reads only after the rules have been matched."""

Assessments = tuple[tuple[str | None, tuple[str, ...]], ...]
"""For each strategy (None: outside all) the rules that hold and give points or bounds."""

Pattern = tuple[date, Assessments, Assessments]
"""A day of the stretch, and what holds under the baseline and under the family."""


def only_scoring(policy: Policy, settings: Iterable[Setting]) -> bool:
    """Whether settings can change what a score is and comes to, but not which rules hold."""
    matching = set(REQUIRED_PARAMETERS) - set(SCORING)
    conditions = [one for rule in policy.rules for one in rule.conditions()]
    # Which limits count a case is found once for a family too.
    conditions += [one for limit in policy.limits for clause in limit.applies_to for one in clause]
    matching |= {one.value.parameter for one in conditions if isinstance(one.value, Reference)}
    matching |= {rule.applies_if for rule in policy.rules if rule.applies_if}
    for region in (strategy.region for strategy in policy.strategies.values()):
        matching |= {region.countries, region.undetermined, region.forums}
    for setting in settings:
        parameter, since = setting.target.parameter, setting.since
        # A value where there was none puts the rules that need it in force.
        begins = parameter is not None and since is not None and parameter.value_on(since) is None
        if parameter is not None and (begins or parameter.id in matching):
            return False
    return True


@dataclass
class Outcomes:
    """What holds on cases under a baseline and under a family of policies.

    `family` is one policy of the family, `also` are others with turning days of their own.
    `patterns` has each pattern with its number, in the order in which they came.
    """

    baseline: Policy
    family: Policy
    as_of: date | None = None
    also: Sequence[Policy] = ()
    patterns: dict[Pattern, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._same = self.family is self.baseline
        old = Decider(self.baseline)
        self.deciders = old, old if self._same else Decider(self.family)
        policies = (self.baseline, self.family, *self.also)
        self._turning = sorted({day for policy in policies for day in turning_days(policy)})

    def pattern(self, request: Request) -> int:
        day = self.as_of or request.received
        stretch = bisect_right(self._turning, day)
        # The first day of the stretch stands for all of its days.
        first = self._turning[stretch - 1] if stretch else date.min
        baseline, family = self.deciders
        old = self._assessments(baseline, request)
        new = old if self._same else self._assessments(family, request)
        return self.patterns.setdefault((first, old, new), len(self.patterns))

    def _assessments(self, decider: Decider, request: Request) -> Assessments:
        return tuple(
            (matches.plan.strategy, tuple(rule.id for rule in matches.matched if rule.moves))
            for matches in decider.matches(request, self.as_of)
        )

    def before(self) -> list[int]:
        """The rank of each pattern under the baseline."""
        return _ranks(self.baseline, ((day, old) for day, old, _ in self.patterns))

    def after(self, policy: Policy) -> list[int]:
        """The rank of each pattern under a policy of the family."""
        return _ranks(policy, ((day, new) for day, _, new in self.patterns))


def _ranks(policy: Policy, assessed: Iterable[tuple[date, Assessments]]) -> list[int]:
    scorings: dict[date, _DayScoring] = {}
    ranks = []
    for day, assessments in assessed:
        if day not in scorings:
            scorings[day] = _DayScoring(policy, day)
        scoring = scorings[day]
        ranks.append(max(scoring.rank(strategy, ids) for strategy, ids in assessments))
    return ranks


class _DayScoring:
    """Turns the rules that hold into a recommendation, by a policy as it stands on one day.

    A whole snapshot would prepare every condition too, which a sweep of hundreds of policies does
    not need.
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
