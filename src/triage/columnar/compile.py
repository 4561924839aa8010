"""A snapshot of the policy -> a graph: for each strategy, when each rule matches and when it still
could.

The same `Test` objects that the reference runs one case at a time. A fact that rules conclude is
the "or" of these rules in three values, which is what `matching` works out with its certain and
possible parts.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from triage.columnar.algebra import Graph, Node
from triage.columnar.shape import SCALE, day_number, size_of
from triage.deciding.calendar import Plan, Snapshot
from triage.deciding.settled import ActiveRule, Tests
from triage.model.conditions import Test, allowed
from triage.model.facts import Fact, Kind, Origin
from triage.model.program import ALIGNED_TOPICS, PROGRAM_TERMS


@dataclass(frozen=True)
class RuleNodes:
    """One rule in an assessment: its place in `policy.rules`, when it holds, and its meaning
    over all completions.
    """

    place: int
    active: ActiveRule
    holds: Node
    completed: Node


@dataclass(frozen=True)
class PlanNodes:
    """One assessment: whether a case touches the strategy (None: outside all), and its rules."""

    strategy: str | None
    touches: Node
    rules: tuple[RuleNodes, ...]


@dataclass(frozen=True)
class SnapshotNodes:
    """The policy on the days of one stretch. The plans come by name, the one outside all
    strategies last.
    """

    snapshot: Snapshot
    plans: tuple[PlanNodes, ...]


def compile_snapshot(graph: Graph, snapshot: Snapshot) -> SnapshotNodes:
    """Every plan of a snapshot, in one graph."""
    places = {rule.id: place for place, rule in enumerate(snapshot.policy.rules)}
    names = [*sorted(name for name in snapshot.plans if name is not None), None]
    plans = []
    for name in names:
        compiler = _PlanCompiler(graph, snapshot, snapshot.plans[name])
        rules = tuple(compiler.rules(places))
        plans.append(PlanNodes(name, _touches(graph, snapshot, name), rules))
    return SnapshotNodes(snapshot, tuple(plans))


def _touches(graph: Graph, snapshot: Snapshot, strategy: str | None) -> Node:
    """Whether a case is in the strategy's region or forums; unknown where an unknown fact
    decides it.
    """
    if strategy is None:
        return graph.false
    scope = snapshot.scopes[strategy]
    places = [graph.has("countries", one) for one in scope.countries]
    return graph.any_(places + [graph.is_("forum", one) for one in scope.forums])


@dataclass
class _PlanCompiler:
    """One plan under way; `concluded` has, for each value of a concluded fact, the rules that
    conclude it so far.
    """

    graph: Graph
    snapshot: Snapshot
    plan: Plan
    concluded: dict[str, dict[str | bool, list[Node]]] = field(default_factory=dict)

    def rules(self, places: dict[str, int]) -> Iterable[RuleNodes]:
        """Every rule, layer by layer."""
        for layer in self.plan.layers:
            found = [self._rule(active, places[active.id]) for active in layer]
            for one in found:
                self._conclude(one)
            yield from found

    def _rule(self, active: ActiveRule, place: int) -> RuleNodes:
        holds = self._meaning(active.when, active.unless, completed=False)
        completed = (
            self._meaning(active.when, active.unless, completed=True) if active.presence else holds
        )
        return RuleNodes(place, active, holds, completed)

    def _meaning(self, when: Tests, unless: Tests, completed: bool) -> Node:
        graph = self.graph
        answer = graph.all_(self._clauses(when, completed, failing=False))
        if unless:
            answer = graph.all_(
                (answer, graph.not_(graph.all_(self._clauses(unless, completed, failing=True))))
            )
        return answer

    def _clauses(self, clauses: Tests, completed: bool, failing: bool) -> list[Node]:
        """`failing` is the answer that keeps the rule from holding."""
        return [
            self.graph.any_(self._test(test, completed, failing) for test in clause)
            for clause in clauses
        ]

    def _conclude(self, one: RuleNodes) -> None:
        """A rule that holds concludes for certain; one that only could leaves what it concludes
        unknown.
        """
        value = (
            one.holds if one.holds == one.completed else self.graph.any_((one.holds, one.completed))
        )
        for name, concluded in one.active.rule.then.conclude:
            by_value = self.concluded.setdefault(name, {})
            for item in (True,) if concluded is True else concluded:  # type: ignore[union-attr]
                by_value.setdefault(item, []).append(value)

    # -- one condition
    # ------------------------------------------------------------------------------------------

    def _test(self, test: Test, completed: bool, failing: bool) -> Node:
        graph, own = self.graph, self.plan.strategy
        fact = self.snapshot.policy.facts[test.fact]
        if test.presence:
            return self._presence(fact, test.operator == "is known", completed)
        if fact.name == "strategy":
            # Outside all strategies no answer of the requester's makes a rule about one hold.
            values, positive = allowed(test)
            return graph.constant(failing if own is None else (own in values) is positive)
        match fact.kind:
            case Kind.SET:
                return self._on_set(fact, test)
            case Kind.BOOLEAN:
                yes = self._yes(fact)
                return yes if test.value is True else graph.not_(yes)
            case Kind.ENUM | Kind.TEXT:
                return self._choice(fact, test)
        return self._number(fact, test)

    def _presence(self, fact: Fact, positive: bool, completed: bool) -> Node:
        """Whether a fact is known; filling in an unknown fact turns the answer round."""
        graph, sources = self.graph, _SOURCES.get(fact.name, (fact.name,))
        if fact.name == "strategy":
            if self.plan.strategy is None:
                return graph.constant(None if completed else not positive)
            return graph.constant(positive)
        if fact.name == "alignment":
            # It is worked out from the topics, and known when the concluded topics leave one level
            # only.
            known = graph.all_(
                [graph.known("topics"), *(graph.settled(one) for one in self._levels())]
            )
        else:
            known = graph.all_(map(graph.known, sources))
        if completed:
            known = graph.any_((known, graph.unknown))
        return known if positive else graph.not_(known)

    def _on_set(self, fact: Fact, test: Test) -> Node:
        graph = self.graph
        if fact.origin is Origin.CONCLUDED:
            values = self.concluded.get(fact.name, {})
            empty = graph.not_(graph.any_(graph.any_(nodes) for nodes in values.values()))
            asked = [graph.any_(values.get(one, ())) for one in _wanted(test)]
            nothing = graph.false
        else:
            empty = graph.compares(size_of(fact.name), "==", 0)
            asked = [graph.has(fact.name, one) for one in _wanted(test)]
            nothing = graph.not_(graph.given(fact.name))
        match test.operator:
            case "include" | "include any of":
                return graph.any_(asked) if asked else nothing
            case "include none of":
                return graph.not_(graph.any_(asked) if asked else nothing)
            case "include all of":
                return graph.all_(asked) if asked else graph.not_(nothing)
        return empty if test.operator == "is empty" else graph.not_(empty)

    def _yes(self, fact: Fact) -> Node:
        """A true-or-false fact."""
        graph = self.graph
        if fact.origin is Origin.CONCLUDED:
            return graph.any_(self.concluded.get(fact.name, {}).get(True, ()))
        if fact.name == "in_region":
            scope = self.snapshot.scopes.get(self.plan.strategy or "")
            places = [graph.has("countries", one) for one in scope.countries] if scope else []
            return graph.any_(places) if places else graph.not_(graph.given("countries"))
        return graph.flag(fact.name)

    def _choice(self, fact: Fact, test: Test) -> Node:
        """A test on a value out of several: the "or" of the values that pass, or not that of
        those that fail.
        """
        graph = self.graph
        values, positive = allowed(test)
        if fact.name == "alignment":
            return self._alignment(values, positive)
        if fact.name == "event_size":
            nodes = [node for size, node in self._sizes().items() if size in values]
            found = graph.any_(nodes) if nodes else graph.not_(graph.given("participants"))
        else:
            nodes = [graph.is_(fact.name, one) for one in sorted(values)]
            found = graph.any_(nodes) if nodes else graph.not_(graph.given(fact.name))
        return found if positive else graph.not_(found)

    def _sizes(self) -> dict[str, Node]:
        graph, values = self.graph, self.snapshot.values
        small = graph.compares("participants", "<=", values.get("small_event_at_most") or 0)
        medium = graph.compares("participants", "<=", values.get("medium_event_at_most") or 0)
        larger = graph.not_(small)
        nodes = (small, graph.all_((larger, medium)), graph.all_((larger, graph.not_(medium))))
        return dict(zip(PROGRAM_TERMS["event_sizes"], nodes, strict=True))

    def _levels(self) -> list[Node]:
        """Whether alignment is at least the second, third and last of its levels."""
        graph = self.graph
        aligned = self.concluded.get(ALIGNED_TOPICS, {})
        serving = [
            graph.all_((graph.has("topics", str(one)), graph.any_(nodes)))
            for one, nodes in aligned.items()
        ]
        size = size_of("topics")
        some = graph.any_((*serving, graph.not_(graph.given("topics"))))
        large = self.snapshot.large
        reached = [
            graph.share(serving, size, *share.as_integer_ratio()) for share in (large, Fraction(1))
        ]
        return [some, *(graph.all_((some, one)) for one in reached)]

    def _alignment(self, values: frozenset[str], positive: bool) -> Node:
        """Possible levels are neighbours, so a test is an "or" of stretches, each with a lower
        and an upper end.
        """
        graph = self.graph
        at_least = [graph.given("topics"), *self._levels(), graph.not_(graph.given("topics"))]
        passing = [(one in values) is positive for one in PROGRAM_TERMS["alignments"]]
        stretches = []
        for start, passes in enumerate(passing):
            if passes and (start == 0 or not passing[start - 1]):
                end = passing.index(False, start) if False in passing[start:] else len(passing)
                stretches.append(graph.all_((at_least[start], graph.not_(at_least[end]))))
        return graph.any_(stretches) if stretches else graph.not_(graph.given("topics"))

    def _number(self, fact: Fact, test: Test) -> Node:
        """Numbers and dates are whole in the columns; a bound between two of them is moved to
        the next.
        """
        graph = self.graph
        column = size_of("countries") if fact.name == "country_count" else fact.name
        bound = _bound(fact, test.value)
        low, high = math.floor(bound), math.ceil(bound)
        match test.operator:
            case "is" | "is not":
                found = (
                    graph.compares(column, "==", low)
                    if low == high
                    else graph.not_(graph.given(fact.name))
                )
                return found if test.operator == "is" else graph.not_(found)
            case "at least":
                return graph.compares(column, ">=", high)
            case "at most":
                return graph.compares(column, "<=", low)
            case "above":
                return graph.not_(graph.compares(column, "<=", low))
        return graph.not_(graph.compares(column, ">=", high))


_SOURCES = {
    "notice_days": ("start",),
    "duration_days": ("start", "end"),
    "event_size": ("participants",),
    "country_count": ("countries",),
    "in_region": ("countries",),
}
"""The request facts that make a derived fact known; a request always has the day on which it was
received.
"""


def _wanted(test: Test) -> list[str]:
    if test.operator in ("is empty", "is not empty"):
        return []
    return sorted((test.value,) if test.operator == "include" else test.value)


def _bound(fact: Fact, value: Any) -> Fraction:
    if fact.kind is Kind.DATE:
        assert isinstance(value, date)
        return Fraction(day_number(value))
    exact = Fraction(Decimal(value)) if fact.kind is Kind.DECIMAL else Fraction(int(value))
    return exact * SCALE if fact.kind is Kind.DECIMAL else exact
