"""When rules hold -> points, recommendation, the strategy that counts, and what could change it.

Plainly, for each case: under each strategy that it touches, add up points, cap them by criterion,
compare the score with the thresholds, apply the lowest ceiling and the highest floor; the most
favourable recommendation counts, then the highest score. The same is done with what the rules do at
the least and at the most however unknown facts turn out: an unknown fact could change the
recommendation where the two outcomes differ. `deciding.possible` does this for one case.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, or_
from typing import Any, NamedTuple

from triage.columnar.compile import PlanNodes, RuleNodes, SnapshotNodes
from triage.columnar.emit import Emitter, Expression, Stage, total
from triage.columnar.graph import Graph, Node
from triage.deciding.calendar import Snapshot
from triage.model.policy import Recommendation

Reading = Callable[[RuleNodes], Node]
"""The node by which a rule is counted: as it stands, at the least, or at the most."""

OUTSIDE = Recommendation.DEFER.rank
"""Outside every strategy the policy has no ground to accept or to decline."""

RESULTS = 5
"""The last stage, which holds the results."""


class ScoringNodes:
    """The nodes that decide a plan under one reading of its rules.

    `points` has by criterion and number of points the rules that give them.
    """

    def __init__(
        self, graph: Graph, plan: PlanNodes, scoring: Reading, ceilings: Reading, floors: Reading
    ) -> None:
        movers = [rule for rule in plan.rules if rule.active.moves]
        self.points: dict[int, dict[int, list[Node]]] = {}
        for rule in movers:
            for criterion, number in rule.active.points:
                self.points.setdefault(criterion, {}).setdefault(number, []).append(scoring(rule))
        self.ceilings = {
            bound: graph.any_(
                ceilings(rule) for rule in movers if rule.active.rule.then.ceiling is bound
            )
            for bound in (Recommendation.DECLINE, Recommendation.DEFER)
        }
        self.floors = {
            bound: graph.any_(
                floors(rule) for rule in movers if rule.active.rule.then.floor is bound
            )
            for bound in (Recommendation.DEFER, Recommendation.ACCEPT)
        }

    def nodes(self) -> list[Node]:
        by_points = [nodes for numbers in self.points.values() for nodes in numbers.values()]
        scoring = [node for nodes in by_points for node in nodes]
        return [*scoring, *self.ceilings.values(), *self.floors.values()]


class PolicyScoring:
    """The results under one policy; `prefix` keeps its columns apart from another policy's."""

    def __init__(self, graph: Graph, compiled: SnapshotNodes, prefix: str, rules: bool) -> None:
        self.graph, self.compiled, self.prefix, self.rules = graph, compiled, prefix, rules
        self.snapshot: Snapshot = compiled.snapshot

        def stands(rule: RuleNodes) -> Node:
            return graph.sure(rule.holds)

        def least(rule: RuleNodes) -> Node:
            return graph.sure(rule.completed)

        def most(rule: RuleNodes) -> Node:
            return graph.maybe(rule.completed)

        self.readings = {
            plan.strategy: (
                ScoringNodes(graph, plan, stands, stands, stands),
                ScoringNodes(graph, plan, least, most, least),
                ScoringNodes(graph, plan, most, least, most),
            )
            for plan in compiled.plans
        }

    def wanted(self) -> list[Node]:
        """The nodes that need a column."""
        graph, wanted = self.graph, []
        for plan in self.compiled.plans:
            for reading in self.readings[plan.strategy][: 1 if plan.strategy is None else 3]:
                wanted += reading.nodes()
            wanted += [graph.sure(plan.touches), graph.maybe(plan.touches)]
            if self.rules:
                wanted += [graph.sure(rule.holds) for rule in plan.rules]
        return wanted

    def stages(self, emitter: Emitter) -> list[Stage]:
        """Everything after the rules, in stages; the last one holds the results."""
        return _ScoringWriter(self, emitter).stages()

    def result_columns(self) -> dict[str, str]:
        """The columns of the results, with the names that they have without the prefix."""
        criteria = [f"points_{criterion.id}" for criterion in self.snapshot.policy.criteria]
        names = ("recommendation", "score", "strategy", "hangs", *criteria)
        return {self.prefix + name: name for name in names}

    def rule_columns(self) -> dict[str, int]:
        """The columns that tell whether a rule matched, with its position in `policy.rules`."""
        if not self.rules:
            return {}
        positions = {rule.position for plan in self.compiled.plans for rule in plan.rules}
        return {f"{self.prefix}rule:{position}": position for position in sorted(positions)}


class _PlanColumns(NamedTuple):
    """What is worked out for one plan inside a strategy.

    `touched` and `may` tell whether the case touches the strategy for certain, and possibly. `key`
    orders plans by rank, then score; `low` and `high` are the least and the most favourable rank.
    """

    points: list[Expression]
    touched: Expression
    may: Expression
    key: Expression
    low: Expression
    high: Expression


class _ScoringWriter:
    """Writes the results of one policy as expressions in six stages."""

    def __init__(self, scoring: PolicyScoring, emitter: Emitter) -> None:
        self.scoring, self.emitter, self.module = scoring, emitter, emitter.module
        self.snapshot, self.prefix = scoring.snapshot, scoring.prefix
        self.span = sum(self.snapshot.maxima) + 1
        self._stages: list[Stage] = [{} for _ in range(RESULTS + 1)]
        self._points: dict[tuple[Any, ...], Expression] = {}

    def _add(self, stage: int, name: str, written: Expression) -> Expression:
        """Make a column of an expression that several others read."""
        self._stages[stage][self.prefix + name] = written
        return self.module.col(self.prefix + name)

    def stages(self) -> list[Stage]:
        """All stages; the last one holds the results."""
        *inside, outside = self.scoring.compiled.plans
        plans = [self._plan(number, plan) for number, plan in enumerate(inside)]
        outside_points, outside_score = self._score(self.scoring.readings[None][0], "o")
        touched = self._any([plan.touched for plan in plans])
        keys = [plan.key for plan in plans]
        best = self._add(3, "best", self._most(keys) if keys else self._number(-1))
        chosen = self._chosen(keys, best, touched)
        points = [*(plan.points for plan in plans), outside_points]
        self._results(inside, points, outside_score, best, chosen)
        self._stages[RESULTS][self.prefix + "hangs"] = self._hangs(plans, touched)
        if self.scoring.rules:
            self._rules([*inside, outside], chosen)
        return self._stages

    # -- one plan

    def _plan(self, number: int, plan: PlanNodes) -> _PlanColumns:
        graph, column = self.scoring.graph, self.emitter.column
        stands, least, most = self.scoring.readings[plan.strategy]
        points, score = self._score(stands, f"{number}s")
        rank = self._rank(stands, score)
        touched, may = column(graph.sure(plan.touches)), column(graph.maybe(plan.touches))
        key = self.module.when(touched).then(rank * self.span + score).otherwise(-1)
        low = self._rank(least, self._score(least, f"{number}l")[1])
        high = self._rank(most, self._score(most, f"{number}m")[1])
        return _PlanColumns(
            points,
            touched,
            may,
            self._add(2, f"key{number}", key),
            self._add(2, f"low{number}", low),
            self._add(2, f"high{number}", high),
        )

    def _score(self, reading: ScoringNodes, name: str) -> tuple[list[Expression], Expression]:
        """Points by criterion, capped, and their sum."""
        by_criterion = []
        for criterion, maximum in enumerate(self.snapshot.maxima):
            numbers = sorted(reading.points.get(criterion, {}).items())
            given = [(number, tuple(sorted(nodes))) for number, nodes in numbers]
            key = (criterion, *given)
            if key not in self._points:
                columns = self.emitter.column
                sums = [
                    total(self.module, [columns(node) for node in nodes]) * number
                    for number, nodes in given
                ]
                written = reduce(add, sums).clip(upper_bound=maximum) if sums else self._number(0)
                self._points[key] = self._add(0, f"points{name}{criterion}", written)
            by_criterion.append(self._points[key])
        score = reduce(add, by_criterion) if by_criterion else self._number(0)
        return by_criterion, self._add(1, f"score{name}", score)

    def _rank(self, reading: ScoringNodes, score: Expression) -> Expression:
        """Thresholds, then ceilings, then floors."""
        ceilings = {rank: self.emitter.column(node) for rank, node in reading.ceilings.items()}
        floors = {rank: self.emitter.column(node) for rank, node in reading.floors.items()}
        accept, defer = self.snapshot.accept, min(self.snapshot.accept, self.snapshot.defer)
        not_declined = ~ceilings[Recommendation.DECLINE]
        accepted = (score >= accept) & not_declined & ~ceilings[Recommendation.DEFER]
        accepted = accepted | floors[Recommendation.ACCEPT]
        deferred = (score >= defer) & not_declined
        deferred = deferred | floors[Recommendation.DEFER] | floors[Recommendation.ACCEPT]
        return accepted.cast(self.module.Int32) + deferred.cast(self.module.Int32)

    # -- all plans

    def _chosen(
        self, keys: Sequence[Expression], best: Expression, touched: Expression
    ) -> list[Expression]:
        """For each plan whether it counts.

        It is the first of the best plans touched; where none is touched, the plan outside.
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
        """Recommendation, score, strategy and points of the plan that counts."""
        module, results, prefix = self.module, self._stages[RESULTS], self.prefix
        outside = module.when(chosen[-1])
        rank = best // self.span
        recommendation = outside.then(self._number(OUTSIDE)).otherwise(rank)
        results[prefix + "recommendation"] = recommendation.cast(module.Int8)
        score = outside.then(outside_score).otherwise(best - rank * self.span)
        results[prefix + "score"] = score.cast(module.Int16)
        strategy = module.lit(None, dtype=module.String)
        for plan, counts in zip(inside, chosen, strict=False):
            strategy = module.when(counts).then(module.lit(plan.strategy)).otherwise(strategy)
        results[prefix + "strategy"] = strategy
        for index, criterion in enumerate(self.snapshot.policy.criteria):
            value = points[-1][index]
            for own, counts in zip(points[:-1], chosen, strict=False):
                value = module.when(counts).then(own[index]).otherwise(value)
            results[f"{prefix}points_{criterion.id}"] = value.cast(module.Int16)

    def _hangs(self, plans: Sequence[_PlanColumns], touched: Expression) -> Expression:
        """Whether the least and the most favourable recommendation differ.

        Strategies that the case may touch take part, since an unknown country may decide that.
        """
        if not plans:
            return self.module.lit(False, dtype=self.module.Boolean)
        when, nothing, outside = self.module.when, self._number(-1), self._number(OUTSIDE)
        low = self._most([when(one.touched).then(one.low).otherwise(nothing) for one in plans])
        high = self._most([when(one.may).then(one.high).otherwise(nothing) for one in plans])
        beyond = self._most(
            [when(one.may & ~one.touched).then(-one.low).otherwise(-OUTSIDE) for one in plans]
        )
        least = when(touched).then(low).otherwise(-self._most([beyond, -outside]))
        most = when(touched).then(high).otherwise(self._most([high, outside]))
        return least != most

    def _rules(self, plans: Sequence[PlanNodes], chosen: Sequence[Expression]) -> None:
        """Each rule where it matched under the plan that counts."""
        plans_of: dict[int, dict[Node, list[int]]] = {}
        for number, plan in enumerate(plans):
            for rule in plan.rules:
                by_node = plans_of.setdefault(rule.position, {})
                by_node.setdefault(self.scoring.graph.sure(rule.holds), []).append(number)
        for position, by_node in plans_of.items():
            matched = []
            for node, numbers in by_node.items():
                column = self.emitter.column(node)
                if len(numbers) < len(plans):
                    column = column & self._any([chosen[number] for number in numbers])
                matched.append(column)
            self._stages[RESULTS][f"{self.prefix}rule:{position}"] = self._any(matched)

    def _any(self, flags: Sequence[Expression]) -> Expression:
        return reduce(or_, flags) if flags else self.module.lit(False, dtype=self.module.Boolean)

    def _most(self, numbers: Sequence[Expression]) -> Expression:
        most = numbers[0]
        for number in numbers[1:]:
            most = self.module.when(number > most).then(number).otherwise(most)
        return most

    def _number(self, value: int) -> Expression:
        return self.module.lit(value, dtype=self.module.Int32)
