"""Which of the rules that hold on a case decide it: without it, the recommendation would be
another.

A rule is left out with its own points and its own bound. What it concludes for other rules stays:
to take that away is to ask what another policy would do, and that is what attribution is for.
"""

from datetime import date

from triage.deciding.calendar import Snapshots
from triage.deciding.possible import HIGHEST, LOWEST, recommend
from triage.deciding.settled import ActiveRule
from triage.model.policy import RANKED, Policy

Positions = tuple[int, ...]
"""Rules by their places in `policy.rules`."""


class Decisive:
    """Finds the decisive rules under one policy; remembers what it has found."""

    def __init__(self, policy: Policy, snapshots: Snapshots) -> None:
        self._ids = [rule.id for rule in policy.rules]
        self._snapshots = snapshots
        self._moving: dict[tuple[int, str], dict[int, ActiveRule]] = {}
        self._found: dict[tuple[int, str, Positions], Positions] = {}

    def moving(self, day: date, stretch: int, strategy: str) -> list[int]:
        """The rules with points or bounds, which can be decisive, on a day; `stretch` numbers
        days that are alike.
        """
        return list(self._movers(day, stretch, strategy))

    def of(self, day: date, stretch: int, strategy: str, matched: Positions) -> Positions:
        """The decisive ones among the moving rules that hold on a case under a strategy.

        Outside every strategy a case is deferred whatever holds, so no rule is decisive.
        """
        key = (stretch, strategy, matched)
        found = self._found.get(key)
        if found is None:
            moving = self._movers(day, stretch, strategy)
            found = self._found[key] = self._without_each(
                day, [(one, moving[one]) for one in matched]
            )
        return found

    def _movers(self, day: date, stretch: int, strategy: str) -> dict[int, ActiveRule]:
        found = self._moving.get((stretch, strategy))
        if found is None:
            plan = self._snapshots.on(day).plans[strategy]
            active = {rule.id: rule for rule in plan.rules if rule.moves}
            found = {place: active[id] for place, id in enumerate(self._ids) if id in active}
            self._moving[stretch, strategy] = found
        return found

    def _without_each(self, day: date, rules: list[tuple[int, ActiveRule]]) -> Positions:
        """Sums and bounds are taken once; each rule is then taken out of them."""
        snapshot = self._snapshots.on(day)
        points = [0] * len(snapshot.maxima)
        ceilings, floors = [0] * len(RANKED), [0] * len(RANKED)
        for _, rule in rules:
            _add(rule, 1, points, ceilings, floors)

        def rank() -> int:
            score = sum(map(min, points, snapshot.maxima))
            ceiling = next((rank for rank, count in enumerate(ceilings) if count), HIGHEST)
            floor = next((rank for rank in range(HIGHEST, LOWEST, -1) if floors[rank]), LOWEST)
            return recommend(snapshot.threshold(score).rank, ceiling, floor)

        whole, found = rank(), []
        for place, rule in rules:
            _add(rule, -1, points, ceilings, floors)
            if rank() != whole:
                found.append(place)
            _add(rule, 1, points, ceilings, floors)
        return tuple(found)


def _add(
    rule: ActiveRule, times: int, points: list[int], ceilings: list[int], floors: list[int]
) -> None:
    for criterion, number in rule.points:
        points[criterion] += times * number
    then = rule.rule.then
    if then.ceiling is not None:
        ceilings[then.ceiling.rank] += times
    if then.floor is not None:
        floors[then.floor.rank] += times
