"""Rules that never match, that add nothing to another, or that stand in the policy twice."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from triage.deciding.calendar import Snapshot
from triage.deciding.settled import ActiveRule, terms
from triage.model.conditions import Test
from triage.model.effects import Effect, EffectShape, effects_of
from triage.model.facts import Origin
from triage.model.periods import Period
from triage.model.policy import Clause, Effects, Policy, Rule
from triage.review.fact_checks import Told
from triage.review.satisfiable import Domains, clause_implies, contradiction
from triage.rulebook.diagnostics import Diagnostics

Conclusions = dict[str, set[str] | bool]
"""What rules can conclude: the values of each set, and True for facts that they make true."""


def check_rules(
    policy: Policy,
    snapshots: Sequence[Snapshot],
    domains: Domains,
    told: Told,
    diagnostics: Diagnostics,
) -> None:
    """Add what an analyst should know of rules beside the other rules, without what was told."""
    _check_never(policy, snapshots, domains, told, diagnostics)
    _check_moot(policy, snapshots, domains, diagnostics)
    _check_overlaps(policy, diagnostics)


def _check_never(
    policy: Policy,
    snapshots: Sequence[Snapshot],
    domains: Domains,
    told: Told,
    diagnostics: Diagnostics,
) -> None:
    reasons: dict[str, tuple[str, str]] = {}
    alive: set[str] = set()
    for snapshot in snapshots:
        for plan in snapshot.plans.values():
            concluded = _conclusions(plan.rules)
            for active in plan.rules:
                reason = _impossible(policy, active, domains, concluded)
                if reason is None:
                    alive.add(active.id)
                else:
                    reasons[active.id] = reason
    for rule in policy.rules:
        if rule.id in alive or (rule.id not in reasons and _switched_off(policy, rule)):
            continue
        code, fact = reasons.get(rule.id, ("never-in-force", ""))
        if (rule.id, fact) not in told:
            diagnostics.warning(code, rule.where, ("rule", rule.id), fact=fact)


def _conclusions(rules: Iterable[ActiveRule]) -> Conclusions:
    concluded: Conclusions = {}
    for rule in rules:
        for name, value in rule.rule.then.conclude:
            if value is True:
                concluded[name] = True
            elif isinstance(value, frozenset):
                known = concluded.setdefault(name, set())
                if isinstance(known, set):
                    known |= value
    return concluded


def _impossible(
    policy: Policy, rule: ActiveRule, domains: Domains, concluded: Conclusions
) -> tuple[str, str] | None:
    """Why no facts can make the rule hold, as a code and the fact; None when some can."""
    reason = None
    for term in terms(rule):
        fact = contradiction(term, domains)
        if fact is not None:
            reason = ("never-matches", fact)
        else:
            fact = _never_concluded(policy, term, concluded)
            if fact is None:
                return None
            reason = ("never-concluded", fact)
        # Lists that the source withholds are empty until the branch fills them: that is not a
        # mistake of the rule.
        if any(wanted and test.value == frozenset() for test, wanted in term):
            return None
    return reason


def _never_concluded(
    policy: Policy, term: Iterable[tuple[Test, bool]], concluded: Conclusions
) -> str | None:
    """The first concluded fact, with the values, that the tests want and that no rule concludes."""
    for test, wanted in term:
        if not wanted or policy.facts[test.fact].origin is not Origin.CONCLUDED:
            continue
        values = concluded.get(test.fact, set())
        if test.value is True and values is not True:
            return test.fact
        if not test.row.rises or not isinstance(values, set):
            continue
        if not test.predicate()(frozenset(values)):
            return test.fact + (f": {', '.join(sorted(test.values))}" if test.values else "")
    return None


def _switched_off(policy: Policy, rule: Rule) -> bool:
    parameter = policy.parameters.get(rule.applies_if or "")
    return parameter is not None and not any(dated.value is True for dated in parameter.values)


def _check_moot(
    policy: Policy, snapshots: Iterable[Snapshot], domains: Domains, diagnostics: Diagnostics
) -> None:
    """Warn of rules whose whole effect another gives whenever they match, in every snapshot."""
    covering: dict[str, set[str]] = {}
    for snapshot in snapshots:
        for plan in snapshot.plans.values():
            for rule in plan.rules:
                others = [other for other in plan.rules if other is not rule]
                ids = {other.id for other in others if _covers(other, rule, domains)}
                covering[rule.id] = covering.get(rule.id, ids) & ids
    for id, ids in sorted(covering.items()):
        # Of two equal rules only the second is named.
        told = {other for other in ids if not (id in covering.get(other, ()) and id < other)}
        if told:
            diagnostics.warning("moot", policy.rule[id].where, ("rule", id), other=min(told))


def _covers(wide: ActiveRule, narrow: ActiveRule, domains: Domains) -> bool:
    """Whether the wide rule matches whenever the narrow one does, and has all its effects."""
    if not _gives_as_much(wide.rule, narrow.rule):
        return False
    wider = all(
        any(clause_implies(theirs, ours, domains) for theirs in narrow.when) for ours in wide.when
    )
    return wider and (not wide.unless or wide.unless == narrow.unless)


def _gives_as_much(wide: Rule, narrow: Rule) -> bool:
    given = [(row, row.of(wide.then), less) for row, less in effects_of(narrow.then)]
    return all(_is_given(row, more, less, wide.then) for row, more, less in given)


def _is_given(effect: Effect, more: Any, less: Any, then: Effects) -> bool:
    """Whether what a rule gives (`less`) adds nothing to what `then` gives of it (`more`)."""
    match effect.shape:
        case EffectShape.POINTS:
            return False
        case EffectShape.BOUND:
            strictness = effect.bounds.index
            return more is not None and strictness(more) >= strictness(less)
        case EffectShape.TERMS:
            other = getattr(then, effect.given_by) if effect.given_by else None
            return set(less) <= {*more, other}
        case EffectShape.CONCLUSIONS:
            known = dict(more)
            return all(
                name in known and (value is True or value <= known[name]) for name, value in less
            )
    return bool(less == more)


def _check_overlaps(policy: Policy, diagnostics: Diagnostics) -> None:
    """Warn of rules with the same conditions and effects that are in force on the same day.

    Such rules are dated versions of one rule, which may differ in how much they give. Of rules
    that are always in force only those are told that differ in nothing.
    """
    seen: dict[object, list[Rule]] = {}
    for rule in policy.rules:
        always = rule.in_force == Period()
        effects = [
            (row.key, _amounts(value) if always else _names(value))
            for row, value in effects_of(
                rule.then, EffectShape.POINTS, EffectShape.BOUND, EffectShape.CONCLUSIONS
            )
        ]
        if not effects:
            continue
        conditions = (_alike(rule.when), _alike(rule.unless))
        key = (rule.strategy, rule.applies_if, conditions, tuple(effects))
        others = seen.setdefault(key, [])
        other = next((one for one in others if _overlap(one.in_force, rule.in_force)), None)
        if other is not None:
            code = "same-rule-twice" if always else "overlapping-periods"
            diagnostics.warning(code, rule.where, ("rule", rule.id), other=other.id)
        others.append(rule)


def _amounts(value: Any) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _names(value: Any) -> object:
    """Of points and conclusions the criteria and facts; a bound is like any other."""
    return frozenset(name for name, _ in value) if isinstance(value, tuple) else None


def _alike(clauses: tuple[Clause, ...]) -> frozenset[object]:
    return frozenset(
        frozenset((one.fact.name, one.operator, one.value) for one in clause) for clause in clauses
    )


def _overlap(period: Period, other: Period) -> bool:
    latest = max(period.start or date.min, other.start or date.min)
    return latest <= min(period.end or date.max, other.end or date.max)
