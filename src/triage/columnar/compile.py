"""A snapshot of the policy -> a graph: for each strategy, when each rule holds and could hold.

Plainly: a rule holds where each of its clauses has a condition that holds, and not all clauses of
its `unless` do. It is compiled from the same `Test` objects that `deciding.match` runs on one case
at a time. A fact that rules conclude is true where one of these rules holds, unknown where one only
could hold, and false elsewhere: the "or" of the rules in three values. `tests/plain_policy.py` is
that for one case, and a test holds the columns to it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from triage.columnar.columns import SCALE, size_of
from triage.columnar.graph import Graph, Node
from triage.deciding.calendar import Plan, Snapshot
from triage.deciding.settled import ActiveRule, Tests
from triage.model.conditions import Test
from triage.model.derived import Derivation
from triage.model.facts import Fact, Kind, Origin
from triage.model.workdays import day_number


@dataclass(frozen=True)
class RuleNodes:
    """One rule of a plan.

    `position` is its index in `policy.rules`. `holds` takes the facts as they are; `completed` is
    true or false where the rule does or does not hold however unknown facts turn out.
    """

    position: int
    active: ActiveRule
    holds: Node
    completed: Node


@dataclass(frozen=True)
class PlanNodes:
    """The rules under one strategy (None: outside all), and whether a case touches it."""

    strategy: str | None
    touches: Node
    rules: tuple[RuleNodes, ...]


@dataclass(frozen=True)
class SnapshotNodes:
    """The plans of a snapshot by name, the one outside all strategies last."""

    snapshot: Snapshot
    plans: tuple[PlanNodes, ...]


def compile_snapshot(graph: Graph, snapshot: Snapshot) -> SnapshotNodes:
    """Every plan of a snapshot, in one graph."""
    positions = {rule.id: position for position, rule in enumerate(snapshot.policy.rules)}
    names = [*sorted(name for name in snapshot.plans if name is not None), None]
    plans = []
    for name in names:
        compiler = _PlanCompiler(graph, snapshot, snapshot.plans[name])
        rules = tuple(compiler.rules(positions))
        plans.append(PlanNodes(name, _touches(graph, snapshot, name), rules))
    return SnapshotNodes(snapshot, tuple(plans))


def _touches(graph: Graph, snapshot: Snapshot, strategy: str | None) -> Node:
    if strategy is None:
        return graph.false
    scope = snapshot.scopes[strategy]
    countries = [graph.has("countries", one) for one in scope.countries]
    return graph.any_(countries + [graph.is_("forum", one) for one in scope.forums])


@dataclass
class _PlanCompiler:
    """Compiles one plan, layer by layer.

    `concluded` has, for each value of a concluded fact, the rules that conclude it so far.
    """

    graph: Graph
    snapshot: Snapshot
    plan: Plan
    concluded: dict[str, dict[str | bool, list[Node]]] = field(default_factory=dict)

    def rules(self, positions: dict[str, int]) -> Iterable[RuleNodes]:
        """Every rule; what a layer concludes is there for the layers after it."""
        for layer in self.plan.layers:
            compiled = [self._rule(active, positions[active.id]) for active in layer]
            for rule in compiled:
                self._conclude(rule)
            yield from compiled

    def _rule(self, active: ActiveRule, position: int) -> RuleNodes:
        holds = completed = self._meaning(active.when, active.unless, completed=False)
        if active.presence:
            completed = self._meaning(active.when, active.unless, completed=True)
        return RuleNodes(position, active, holds, completed)

    def _meaning(self, when: Tests, unless: Tests, completed: bool) -> Node:
        graph = self.graph
        holds = graph.all_(self._clauses(when, completed, failing=False))
        if not unless:
            return holds
        excepted = graph.all_(self._clauses(unless, completed, failing=True))
        return graph.all_((holds, graph.not_(excepted)))

    def _clauses(self, clauses: Tests, completed: bool, failing: bool) -> list[Node]:
        """`failing` is the answer that keeps the rule from holding."""
        any_ = self.graph.any_
        return [any_(self._test(test, completed, failing) for test in clause) for clause in clauses]

    def _conclude(self, rule: RuleNodes) -> None:
        """A rule that holds concludes; one that only could leaves what it concludes unknown."""
        value = rule.holds
        if rule.holds != rule.completed:
            value = self.graph.any_((rule.holds, rule.completed))
        for name, concluded in rule.active.rule.then.conclude:
            by_value = self.concluded.setdefault(name, {})
            for item in (True,) if concluded is True else concluded:  # type: ignore[union-attr]
                by_value.setdefault(item, []).append(value)

    # -- one condition

    def _test(self, test: Test, completed: bool, failing: bool) -> Node:
        derivation = self.plan.derived.get(test.fact)
        if derivation is None:
            fact = self.snapshot.policy.facts[test.fact]
        elif not derivation.row.sources:
            return self._settled(test, derivation.value({}), completed, failing)
        elif derivation.row.levels is not None:
            return self._on_levels(test, derivation, completed)
        else:
            fact = self.graph.worked_out(derivation)
        if test.row.known is not None:
            return self._presence(self.graph.known(fact.name), test.row.known, completed)
        match fact.kind:
            case Kind.SET:
                return self._on_set(fact, test)
            case Kind.BOOLEAN:
                yes = self._yes(fact)
                return yes if test.value is True else self.graph.not_(yes)
            case Kind.ENUM | Kind.TEXT:
                return self._choice(fact, test)
        return self._number(fact, test)

    def _presence(self, known: Node, positive: bool, completed: bool) -> Node:
        """Whether a fact is known; in `completed`, an unknown fact may turn out known or not."""
        graph = self.graph
        if completed:
            known = graph.any_((known, graph.unknown))
        return known if positive else graph.not_(known)

    def _settled(self, test: Test, value: Any, completed: bool, failing: bool) -> Node:
        """A condition on what is the same in every case of the plan.

        Where it has no value a rule about it does not hold, whatever the answers are.
        """
        graph = self.graph
        if test.row.known is not None:
            return self._presence(graph.constant(value is not None), test.row.known, completed)
        return graph.constant(failing if value is None else test.predicate()(value))

    def _on_levels(self, test: Test, derivation: Derivation, completed: bool) -> Node:
        """A condition on a fact that is told by levels: the "or" of the runs of those that pass.

        The levels that are still possible are always neighbours, so that a run needs only its lower
        and its upper end.
        """
        graph, row = self.graph, derivation.row
        assert row.levels is not None
        concluded = [self.concluded.get(row.concluded, {})] if row.concluded else []
        levels = row.levels(graph, *concluded, *derivation.settings)
        if test.row.known is not None:
            # What rests on conclusions is known when they leave one level.
            known = (*map(graph.known, row.sources), *map(graph.settled, levels))
            return self._presence(graph.all_(known), test.row.known, completed)
        given = graph.all_(map(graph.given, row.sources))
        never = graph.not_(given)
        # A level that no case reaches is still not known where a source is not.
        at_least = [given, *(never if level == graph.false else level for level in levels), never]
        values, positive = test.passing()
        passing = [(one in values) is positive for one in row.terms or (False, True)]
        runs = []
        for start, passes in enumerate(passing):
            if passes and (start == 0 or not passing[start - 1]):
                end = passing.index(False, start) if False in passing[start:] else len(passing)
                runs.append(graph.all_((at_least[start], graph.not_(at_least[end]))))
        return graph.any_(runs) if runs else never

    def _on_set(self, fact: Fact, test: Test) -> Node:
        graph, values = self.graph, sorted(test.values)
        if fact.origin is Origin.CONCLUDED:
            concluded = self.concluded.get(fact.name, {})
            empty = graph.not_(graph.any_(graph.any_(nodes) for nodes in concluded.values()))
            named = [graph.any_(concluded.get(one, ())) for one in values]
            never = graph.false
        else:
            empty = graph.compares(size_of(fact.name), "==", 0)
            named = [graph.has(fact.name, one) for one in values]
            never = graph.not_(graph.given(fact.name))
        assert test.row.set_column is not None
        node = test.row.set_column(graph, named, empty)
        # What is the same of all sets still has no answer where the set is not known.
        constants = {graph.false: never, graph.not_(graph.false): graph.not_(never)}
        return constants.get(node, node)

    def _yes(self, fact: Fact) -> Node:
        if fact.origin is Origin.CONCLUDED:
            return self.graph.any_(self.concluded.get(fact.name, {}).get(True, ()))
        return self.graph.flag(fact.name)

    def _choice(self, fact: Fact, test: Test) -> Node:
        """One value out of several: the "or" of the values that pass, or not of those that fail."""
        graph, (values, positive) = self.graph, test.passing()
        chosen = graph.any_(graph.is_(fact.name, one) for one in sorted(values))
        if not values:
            chosen = graph.not_(graph.given(fact.name))
        return chosen if positive else graph.not_(chosen)

    def _number(self, fact: Fact, test: Test) -> Node:
        """Columns hold whole numbers; a bound between two of them is moved to the next."""
        graph, bound = self.graph, _bound(fact, test.value)

        def compared(operator: str) -> Node:
            if operator == "==" and bound.denominator != 1:
                return graph.not_(graph.given(fact.name))
            number = math.ceil(bound) if operator == ">=" else math.floor(bound)
            return graph.compares(fact.name, operator, number)

        assert test.row.number_column is not None
        return test.row.number_column(graph, compared)


def _bound(fact: Fact, value: Any) -> Fraction:
    """The value of a condition in the unit of the prepared column."""
    if fact.kind is Kind.DATE:
        assert isinstance(value, date)
        return Fraction(day_number(value))
    return Fraction(Decimal(value)) * SCALE if fact.kind is Kind.DECIMAL else Fraction(int(value))
