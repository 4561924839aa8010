"""Which of the rules that hold on a case decide it: without it, the recommendation would be another.

A rule is left out with its own points and its own bound. What it concludes for other rules stays: to take that away is
to ask what another policy would do, and that is what attribution is for.
"""

from datetime import date

from triage.active import ActiveRule
from triage.bounds import outcome, recommend
from triage.policy import Policy
from triage.snapshots import Snapshots

Positions = tuple[int, ...]
"""Rules by their places in `policy.rules`."""


class Decisive:
    """Finds the decisive rules under one policy; remembers what it has found."""

    def __init__(self, policy: Policy, snapshots: Snapshots) -> None:
        self._ids = [rule.id for rule in policy.rules]
        self._snapshots = snapshots
        self._moving: dict[tuple[int, str], dict[int, ActiveRule]] = {}
        self._found: dict[tuple[int, str, Positions], Positions] = {}

    def of(self, stretch: int, day: date, strategy: str | None, matched: Positions) -> Positions:
        """The decisive ones among the rules matched under a strategy on a day; `stretch` numbers days that are alike.

        Outside every strategy a case is deferred whatever holds, so no rule is decisive.
        """
        if strategy is None:
            return ()
        moving = self._movers(stretch, day, strategy)
        able = tuple(position for position in matched if position in moving)
        key = (stretch, strategy, able)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._without_each(day, [(one, moving[one]) for one in able])
        return found

    def _movers(self, stretch: int, day: date, strategy: str) -> dict[int, ActiveRule]:
        found = self._moving.get((stretch, strategy))
        if found is None:
            plan = self._snapshots.on(day).plans[strategy]
            active = {rule.id: rule for rule in plan.rules if rule.moves}
            found = {place: active[id] for place, id in enumerate(self._ids) if id in active}
            self._moving[stretch, strategy] = found
        return found

    def _without_each(self, day: date, rules: list[tuple[int, ActiveRule]]) -> Positions:
        snapshot = self._snapshots.on(day)

        def rank(left_out: int | None) -> int:
            _, answer, ceiling, floor = outcome(snapshot, (rule for place, rule in rules if place != left_out))
            return recommend(answer, ceiling, floor)

        whole = rank(None)
        return tuple(place for place, _ in rules if rank(place) != whole)
