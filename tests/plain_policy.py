"""What a policy says of a request, plainly: each rule asked in turn, layer by layer.

No engine, no bits, no columns: the tests hold those to this. Three values are kept as everywhere: a
rule that has no answer yet leaves what it concludes unknown.
"""

from collections.abc import Iterable
from typing import Any

from triage.deciding.calendar import Plan, Snapshot, take_snapshot
from triage.deciding.possible import outcome, recommend
from triage.deciding.settled import ActiveRule, terms
from triage.model.conditions import Among, Partial, State, Test
from triage.model.derived import worked_out
from triage.model.facts import Request
from triage.model.policy import Policy, Recommendation

Result = tuple[int, int, str | None, list[int]]
"""Rank, score, strategy (None outside all), and the places in the policy of the rules that hold."""


def plainly(policy: Policy, request: Request) -> Result:
    """The most favourable result of all strategies that a request touches."""
    snapshot = take_snapshot(policy, request.received)
    known = worked_out(snapshot.of_request, request.known(policy.readable))
    countries, forum = known.get("countries", frozenset()), known.get("forum")
    results = [
        assessed(snapshot, name, known)
        for name, scope in sorted(snapshot.scopes.items())
        if forum in scope.forums or not countries.isdisjoint(scope.countries)
    ]
    if results:
        return max(results, key=lambda result: result[:2])
    _, score, _, places = assessed(snapshot, None, known)
    return Recommendation.DEFER.rank, score, None, places


def assessed(snapshot: Snapshot, strategy: str | None, known: dict[str, Any]) -> Result:
    plan = snapshot.plans[strategy]
    state, holding = worked_out(plan.of_strategy, known), list[ActiveRule]()
    maybe: list[ActiveRule] = []
    every = plan.derived.items()
    never = {name for name, one in every if not one.row.sources and one.value({}) is None}
    for layer, settled in zip((*plan.layers, ()), plan.settled, strict=True):
        for name in settled:
            state[name] = concluded(name, plan, holding, maybe)
        rest_on(plan, settled, state)
        facts = {name: value for name, value in state.items() if value is not None}
        answers = [(rule, holds(rule, facts, never)) for rule in layer]
        holding += [rule for rule, answer in answers if answer]
        maybe += [rule for rule, answer in answers if answer is None]
    points, answer, ceiling, floor = outcome(snapshot, holding)
    places = sorted(snapshot.policy.rules.index(rule.rule) for rule in holding)
    return recommend(answer, ceiling, floor), sum(points), strategy, places


def holds(rule: ActiveRule, facts: State, never: set[str]) -> bool | None:
    """Whether one of the rule's conjunctions holds; one about what is `never` known fails."""
    each = [[meant(*literal, facts, never) for literal in term] for term in terms(rule)]
    if any(map(all, each)):
        return True
    return False if all(False in term for term in each) else None


def meant(test: Test, wanted: bool, facts: State, never: set[str]) -> bool | None:
    if test.fact in never and not test.presence:
        return False
    answer = test.holds()(facts)
    return None if answer is None else answer is wanted


def concluded(
    name: str, plan: Plan, holding: Iterable[ActiveRule], maybe: Iterable[ActiveRule]
) -> Any:
    """What rules conclude of a fact: False or empty until one does, unknown where one only may."""
    sure, more = conclusions(name, holding), conclusions(name, maybe)
    if isinstance(plan.defaults[name], bool):
        return True if sure else None if more else False
    lower = frozenset[str]().union(*sure)
    upper = lower.union(*more)
    return lower if lower == upper else Partial(lower, upper)


def conclusions(name: str, rules: Iterable[ActiveRule]) -> list[Any]:
    return [value for rule in rules for fact, value in rule.rule.then.conclude if fact == name]


def rest_on(plan: Plan, settled: Iterable[str], state: dict[str, Any]) -> None:
    """Work out the facts that rest on sets of conclusions."""
    for derivation in plan.resting:
        row, behind = derivation.row, derivation.row.concluded or ""
        if behind in settled:
            found = state[behind]
            ends = (found.lower, found.upper) if isinstance(found, Partial) else (found, found)
            low, high = (derivation.value(state, end) for end in ends)
            between = row.terms[row.terms.index(low) : row.terms.index(high) + 1] if low else ()
            state[row.fact.name] = low if low == high else Among(frozenset(between))
