"""Which of the rules that hold on a case decide it: without one, the recommendation would change.

A rule is left out with its own points and its own bound. What it concludes for other rules stays:
to take that away is to ask what another policy would do, which is what attribution is for.
"""

from datetime import date

from triage.deciding.calendar import Snapshots
from triage.deciding.possible import HIGHEST, LOWEST, recommend
from triage.deciding.settled import ActiveRule
from triage.model.policy import RANKED, Policy

Positions = tuple[int, ...]
"""Rules by their positions in `policy.rules`."""


class Decisive:
    """Finds the decisive rules under one policy, and remembers them.

    A day is given with the number of its stretch of days that are alike.
    """

    def __init__(self, policy: Policy, snapshots: Snapshots) -> None:
        self._ids = [rule.id for rule in policy.rules]
        self._snapshots = snapshots
        self._moving: dict[tuple[int, str], dict[int, ActiveRule]] = {}
        self._decisive: dict[tuple[int, str, Positions], Positions] = {}

    def moving(self, day: date, stretch: int, strategy: str) -> list[int]:
        """The rules with points or bounds, which can be decisive."""
        return list(self._movers(day, stretch, strategy))

    def of(self, day: date, stretch: int, strategy: str, matched: Positions) -> Positions:
        """The decisive ones among the moving rules that hold on a case under a strategy.

        Outside every strategy a case is deferred whatever holds, so no rule is decisive.
        """
        key = (stretch, strategy, matched)
        decisive = self._decisive.get(key)
        if decisive is None:
            moving = self._movers(day, stretch, strategy)
            rules = [(position, moving[position]) for position in matched]
            decisive = self._decisive[key] = self._without_each(day, rules)
        return decisive

    def _movers(self, day: date, stretch: int, strategy: str) -> dict[int, ActiveRule]:
        moving = self._moving.get((stretch, strategy))
        if moving is None:
            plan = self._snapshots.on(day).plans[strategy]
            active = {rule.id: rule for rule in plan.rules if rule.moves}
            moving = {at: active[id] for at, id in enumerate(self._ids) if id in active}
            self._moving[stretch, strategy] = moving
        return moving

    def _without_each(self, day: date, rules: list[tuple[int, ActiveRule]]) -> Positions:
        """Add up points and bounds once; then take each rule out and put it back."""
        snapshot = self._snapshots.on(day)
        points = [0] * len(snapshot.maxima)
        ceilings, floors = [0] * len(RANKED), [0] * len(RANKED)

        def add(rule: ActiveRule, times: int) -> None:
            for criterion, number in rule.points:
                points[criterion] += times * number
            then = rule.rule.then
            if then.ceiling is not None:
                ceilings[then.ceiling.rank] += times
            if then.floor is not None:
                floors[then.floor.rank] += times

        def rank() -> int:
            score = sum(map(min, points, snapshot.maxima))
            ceiling = next((rank for rank, count in enumerate(ceilings) if count), HIGHEST)
            floor = next((rank for rank in range(HIGHEST, LOWEST, -1) if floors[rank]), LOWEST)
            return recommend(snapshot.threshold(score).rank, ceiling, floor)

        for _, rule in rules:
            add(rule, 1)
        whole, decisive = rank(), []
        for position, rule in rules:
            add(rule, -1)
            if rank() != whole:
                decisive.append(position)
            add(rule, 1)
        return tuple(decisive)
