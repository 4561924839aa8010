"""When rules match -> points, recommendation, the strategy that counts, and whether an unknown fact
could change it.

The same sums and bounds as `decisions` and `bounds`: points capped by criterion, thresholds, the
lowest ceiling, the highest floor, the most favourable strategy. The least and the most favourable
outcome are enough to tell whether another one is possible.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from triage.columnar.algebra import Graph, Node
from triage.columnar.compile import PlanNodes, RuleNodes, SnapshotNodes
from triage.columnar.emit import Emitter, Expression, Stage, total
from triage.deciding.calendar import Snapshot
from triage.model.policy import Recommendation

Reading = Callable[[RuleNodes], Node]
"""Which of its nodes a rule is counted by: as it stands, at the least, or at the most."""

OUTSIDE = Recommendation.DEFER.rank
"""Outside every strategy the policy has no ground to accept or to decline."""


class Bound:
    """The nodes that decide one reading of a plan: who gives points, and which ceilings and
    floors there are.
    """

    def __init__(
        self, graph: Graph, plan: PlanNodes, scoring: Reading, ceilings: Reading, floors: Reading
    ) -> None:
        movers = [one for one in plan.rules if one.active.moves]
        self.points: dict[int, dict[int, list[Node]]] = {}
        for one in movers:
            for criterion, number in one.active.points:
                self.points.setdefault(criterion, {}).setdefault(number, []).append(scoring(one))
        self.ceilings = {
            bound: graph.any_(
                ceilings(one) for one in movers if one.active.rule.then.ceiling is bound
            )
            for bound in (Recommendation.DECLINE, Recommendation.DEFER)
        }
        self.floors = {
            bound: graph.any_(floors(one) for one in movers if one.active.rule.then.floor is bound)
            for bound in (Recommendation.DEFER, Recommendation.ACCEPT)
        }

    def nodes(self) -> list[Node]:
        """All of them."""
        scoring = [
            node
            for by_number in self.points.values()
            for nodes in by_number.values()
            for node in nodes
        ]
        return [*scoring, *self.ceilings.values(), *self.floors.values()]


class PolicyOutcome:
    """The results under one policy; `prefix` keeps its columns apart from those of another
    policy.
    """

    def __init__(self, graph: Graph, compiled: SnapshotNodes, prefix: str, rules: bool) -> None:
        self.graph, self.compiled, self.prefix, self.rules = graph, compiled, prefix, rules
        self.snapshot: Snapshot = compiled.snapshot

        def stands(one: RuleNodes) -> Node:
            return graph.sure(one.holds)

        def least(one: RuleNodes) -> Node:
            return graph.sure(one.completed)

        def most(one: RuleNodes) -> Node:
            return graph.maybe(one.completed)

        self.bounds = {
            plan.strategy: (
                Bound(graph, plan, stands, stands, stands),
                Bound(graph, plan, least, most, least),
                Bound(graph, plan, most, least, most),
            )
            for plan in compiled.plans
        }

    def wanted(self) -> list[Node]:
        """The nodes that need a column."""
        graph, found = self.graph, []
        for plan in self.compiled.plans:
            for bound in self.bounds[plan.strategy][: 1 if plan.strategy is None else 3]:
                found += bound.nodes()
            found += [graph.sure(plan.touches), graph.maybe(plan.touches)]
            if self.rules:
                found += [graph.sure(one.holds) for one in plan.rules]
        return found

    def stages(self, emitter: Emitter) -> list[Stage]:
        """Everything after the rules, in stages."""
        return _Writer(self, emitter).stages()

    def result_columns(self) -> dict[str, str]:
        """The columns of the results, with the names that they have without the prefix."""
        criteria = [f"points_{criterion.id}" for criterion in self.snapshot.policy.criteria]
        return {
            self.prefix + name: name
            for name in ("recommendation", "score", "strategy", "hangs", *criteria)
        }

    def rule_columns(self) -> dict[str, int]:
        """The columns that tell whether a rule matched, with its place in `policy.rules`."""
        places = (
            {one.place for plan in self.compiled.plans for one in plan.rules}
            if self.rules
            else set()
        )
        return {f"{self.prefix}rule:{place}": place for place in sorted(places)}


class _Writer:
    """Writes the outcome of one policy; `_add` gives what several expressions need a column of
    its own.
    """

    def __init__(self, outcome: PolicyOutcome, emitter: Emitter) -> None:
        self.outcome, self.emitter, self.module = outcome, emitter, emitter.module
        self.snapshot, self.prefix = outcome.snapshot, outcome.prefix
        self.span = sum(self.snapshot.maxima) + 1
        self._stages: list[Stage] = [{} for _ in range(6)]
        self._points: dict[tuple[Any, ...], Expression] = {}

    def _add(self, stage: int, name: str, written: Expression) -> Expression:
        self._stages[stage][self.prefix + name] = written
        return self.module.col(self.prefix + name)

    def stages(self) -> list[Stage]:
        """All stages; the last one holds the results."""
        graph, column, module = self.outcome.graph, self.emitter.column, self.module
        inside = [plan for plan in self.outcome.compiled.plans if plan.strategy is not None]
        outside = self.outcome.compiled.plans[-1]
        points: list[list[Expression]] = []
        keys, lows, highs, touches = [], [], [], []
        for number, plan in enumerate(inside):
            stands, least, most = self.outcome.bounds[plan.strategy]
            by_criterion, score = self._score(stands, f"{number}s")
            points.append(by_criterion)
            rank = self._rank(stands, score)
            touch, may = column(graph.sure(plan.touches)), column(graph.maybe(plan.touches))
            touches.append(touch)
            keys.append(
                self._add(
                    2,
                    f"key{number}",
                    module.when(touch).then(rank * self.span + score).otherwise(-1),
                )
            )
            low = self._rank(least, self._score(least, f"{number}l")[1])
            high = self._rank(most, self._score(most, f"{number}m")[1])
            lows.append((touch, may, self._add(2, f"low{number}", low)))
            highs.append((touch, may, self._add(2, f"high{number}", high)))
        by_criterion, score = self._score(self.outcome.bounds[None][0], "o")
        points.append(by_criterion)
        touched = self._any(touches)
        best = self._add(3, "best", self._most(keys) if keys else self._number(-1))
        chosen = self._chosen(keys, best, touched)
        self._results(inside, points, score, best, chosen)
        self._stages[5][self.prefix + "hangs"] = self._hangs(lows, highs, touched)
        if self.outcome.rules:
            self._rules([*inside, outside], chosen)
        return self._stages

    # -- one plan
    # -----------------------------------------------------------------------------------------------

    def _score(self, bound: Bound, name: str) -> tuple[list[Expression], Expression]:
        """Points by criterion, capped, and their sum."""
        parts = []
        for criterion, maximum in enumerate(self.snapshot.maxima):
            given = {
                number: tuple(sorted(nodes))
                for number, nodes in bound.points.get(criterion, {}).items()
            }
            key = (criterion, *sorted(given.items()))
            if key not in self._points:
                sums = [
                    total(self.module, [self.emitter.column(node) for node in nodes]) * number
                    for number, nodes in sorted(given.items())
                ]
                written = self._number(0) if not sums else _sum(sums).clip(upper_bound=maximum)
                self._points[key] = self._add(0, f"points{name}{criterion}", written)
            parts.append(self._points[key])
        score = _sum(parts) if parts else self._number(0)
        return parts, self._add(1, f"score{name}", score)

    def _rank(self, bound: Bound, score: Expression) -> Expression:
        """Thresholds, then ceilings, then floors."""
        ceilings = {rank: self.emitter.column(node) for rank, node in bound.ceilings.items()}
        floors = {rank: self.emitter.column(node) for rank, node in bound.floors.items()}
        accept, defer = self.snapshot.accept, min(self.snapshot.accept, self.snapshot.defer)
        not_declined = ~ceilings[Recommendation.DECLINE]
        accepted = (score >= accept) & not_declined & ~ceilings[Recommendation.DEFER]
        accepted = accepted | floors[Recommendation.ACCEPT]
        deferred = (
            ((score >= defer) & not_declined)
            | floors[Recommendation.DEFER]
            | floors[Recommendation.ACCEPT]
        )
        return accepted.cast(self.module.Int32) + deferred.cast(self.module.Int32)

    # -- all plans
    # ----------------------------------------------------------------------------------------------

    def _chosen(
        self, keys: Sequence[Expression], best: Expression, touched: Expression
    ) -> list[Expression]:
        """For each plan whether it counts: the best of those touched, the first of equals; else
        that outside.
        """
        chosen: list[Expression] = []
        for number, key in enumerate(keys):
            first = (key == best) & touched
            for earlier in keys[:number]:
                first = first & (earlier != best)
            chosen.append(self._add(4, f"chosen{number}", first))
        chosen.append(self._add(4, "outside", ~touched))
        return chosen

    def _results(
        self,
        inside: Sequence[PlanNodes],
        points: Sequence[Sequence[Expression]],
        outside_score: Expression,
        best: Expression,
        chosen: Sequence[Expression],
    ) -> None:
        module, results = self.module, self._stages[5]
        outside = chosen[-1]
        rank = best // self.span
        results[self.prefix + "recommendation"] = (
            module.when(outside).then(self._number(OUTSIDE)).otherwise(rank).cast(module.Int8)
        )
        score = module.when(outside).then(outside_score).otherwise(best - rank * self.span)
        results[self.prefix + "score"] = score.cast(module.Int16)
        strategy = module.lit(None, dtype=module.String)
        for plan, counts in zip(inside, chosen, strict=False):
            strategy = module.when(counts).then(module.lit(plan.strategy)).otherwise(strategy)
        results[self.prefix + "strategy"] = strategy
        for place, criterion in enumerate(self.snapshot.policy.criteria):
            found = points[-1][place]
            for own, counts in zip(points[:-1], chosen, strict=False):
                found = module.when(counts).then(own[place]).otherwise(found)
            results[f"{self.prefix}points_{criterion.id}"] = found.cast(module.Int16)

    def _hangs(self, lows: Sequence[Any], highs: Sequence[Any], touched: Expression) -> Expression:
        """Whether the least and the most favourable outcome differ, with strategies that are not
        ruled out yet.
        """
        if not lows:
            return self.module.lit(False, dtype=self.module.Boolean)
        module, nothing = self.module, self._number(-1)
        outside = self._number(OUTSIDE)
        low = self._most(
            [module.when(touch).then(rank).otherwise(nothing) for touch, _, rank in lows]
        )
        high = self._most(
            [module.when(may).then(rank).otherwise(nothing) for _, may, rank in highs]
        )
        beyond = self._most(
            [module.when(may & ~touch).then(-rank).otherwise(-OUTSIDE) for touch, may, rank in lows]
        )
        least = module.when(touched).then(low).otherwise(-self._most([beyond, -outside]))
        most = module.when(touched).then(high).otherwise(self._most([high, outside]))
        return least != most

    def _rules(self, plans: Sequence[PlanNodes], chosen: Sequence[Expression]) -> None:
        """Each rule where it matched under the plan that counts."""
        found: dict[int, dict[Node, list[int]]] = {}
        for number, plan in enumerate(plans):
            for one in plan.rules:
                node = self.outcome.graph.sure(one.holds)
                found.setdefault(one.place, {}).setdefault(node, []).append(number)
        for place, by_node in found.items():
            parts = []
            for node, numbers in by_node.items():
                column = self.emitter.column(node)
                everywhere = len(numbers) == len(plans)
                parts.append(
                    column
                    if everywhere
                    else column & self._any([chosen[number] for number in numbers])
                )
            self._stages[5][f"{self.prefix}rule:{place}"] = self._any(parts)

    def _any(self, flags: Sequence[Expression]) -> Expression:
        return reduce(or_, flags) if flags else self.module.lit(False, dtype=self.module.Boolean)

    def _most(self, numbers: Sequence[Expression]) -> Expression:
        found = numbers[0]
        for number in numbers[1:]:
            found = self.module.when(number > found).then(number).otherwise(found)
        return found

    def _number(self, value: int) -> Expression:
        return self.module.lit(value, dtype=self.module.Int32)


def _sum(parts: Sequence[Expression]) -> Expression:
    found = parts[0]
    for part in parts[1:]:
        found = found + part
    return found
