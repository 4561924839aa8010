"""The policy as it stands on one day: parameters settled, and the rules in force in layers.

All days between two changes of the policy share one snapshot, so a file of requests from many days
needs few of them.
"""

import threading
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from triage.deciding.bitsets import Masks
from triage.deciding.layers import layer_rules
from triage.deciding.settled import ActiveRule, Settler
from triage.model.derived import DERIVED, REGION, STRATEGY, Derivation, with_settings
from triage.model.facts import Fact, Kind, Origin
from triage.model.policy import Policy, Recommendation, Region, Rule


@dataclass(frozen=True)
class Plan:
    """The rules of one assessment in layers."""

    strategy: str | None
    layers: tuple[tuple[ActiveRule, ...], ...]
    settled: tuple[tuple[str, ...], ...]
    """By layer the concluded facts that are complete at its start, and a last entry at the end."""
    defaults: Mapping[str, frozenset[str] | bool]
    """What each concluded fact is until a rule concludes it."""
    facts: Mapping[str, Fact]
    derived: Mapping[str, Derivation]
    """The derived facts that the policy declares."""

    @cached_property
    def resting(self) -> tuple[Derivation, ...]:
        """Those of them that rest on what rules conclude."""
        return tuple(one for one in self.derived.values() if one.row.concluded)

    @cached_property
    def of_strategy(self) -> tuple[Derivation, ...]:
        """Those of them that depend on the strategy, before any rule."""
        every = (one for one in self.derived.values() if one.row.of_assessment)
        return tuple(one for one in every if one.row.concluded is None)

    @property
    def rules(self) -> list[ActiveRule]:
        """All rules, by id."""
        every = (rule for layer in self.layers for rule in layer)
        return sorted(every, key=lambda rule: rule.position)

    @cached_property
    def masks(self) -> Masks:
        """The rules as bits, for what is not known."""
        return Masks(self.facts, self.layers, self.defaults)


@dataclass(frozen=True)
class Scope:
    """What a strategy covers on the day."""

    countries: frozenset[str]
    undetermined: frozenset[str]
    forums: frozenset[str]


@dataclass(frozen=True)
class Snapshot:
    """The policy on one day."""

    policy: Policy
    day: date
    plans: Mapping[str | None, Plan]
    """By strategy in force; None is for requests outside all of them."""
    scopes: Mapping[str, Scope]
    lapsed: tuple[tuple[ActiveRule, date], ...]
    """The rules that are over, with their last day."""
    values: Mapping[str, Any]
    """The parameters by name."""
    maxima: tuple[int, ...]
    """The most points by criterion, in the order of the policy's criteria."""
    accept: int
    defer: int

    @cached_property
    def of_request(self) -> tuple[Derivation, ...]:
        """The derived facts that are the same in every assessment."""
        every = self.plans[None].derived.values()
        return tuple(one for one in every if not one.row.of_assessment)

    def threshold(self, score: int) -> Recommendation:
        """What the score alone gives."""
        if score >= self.accept:
            return Recommendation.ACCEPT
        return Recommendation.DEFER if score >= self.defer else Recommendation.DECLINE


class Snapshots:
    """The snapshots of one policy, made when first needed; safe to use from several threads."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._turning_days = turning_days(policy)
        self._made: dict[int, Snapshot] = {}
        self._lock = threading.Lock()

    def on(self, day: date) -> Snapshot:
        stretch = bisect_right(self._turning_days, day)
        snapshot = self._made.get(stretch)
        if snapshot is None:
            with self._lock:
                snapshot = self._made.get(stretch)
                if snapshot is None:
                    snapshot = self._made[stretch] = take_snapshot(self.policy, day)
        return snapshot


def turning_days(policy: Policy) -> list[date]:
    """The days on which something in the policy begins, changes or has just ended, in order."""
    days = {dated.since for parameter in policy.parameters.values() for dated in parameter.values}
    periods = [rule.in_force for rule in policy.rules]
    periods += [strategy.in_force for strategy in policy.strategies.values()]
    for period in periods:
        if period.start is not None:
            days.add(period.start)
        if period.end is not None and period.end < date.max:
            days.add(period.end + timedelta(days=1))
    return sorted(days)


def take_snapshot(policy: Policy, day: date) -> Snapshot:
    """Settle the policy for one day."""
    values = {id: parameter.value_on(day) for id, parameter in policy.parameters.items()}
    strategies = [s for s in policy.strategies.values() if s.in_force.covers(day)]
    in_force: dict[str | None, list[Rule]] = {None: [], **{s.id: [] for s in strategies}}
    lapsed: list[tuple[Rule, date]] = []
    for rule in policy.rules:
        if (end := _ended(policy, rule, day)) is not None:
            lapsed.append((rule, end))
        elif rule.in_force.covers(day) and _applies(rule, values):
            for strategy in [rule.strategy] if rule.strategy else list(in_force):
                if strategy in in_force:
                    in_force[strategy].append(rule)
    settler = Settler(policy, values)
    present = {id: value for id, value in values.items() if value is not None}
    past = Settler(policy, _last_values(policy, day) | present)
    scopes = {strategy.id: _scope(strategy.region, values) for strategy in strategies}
    return Snapshot(
        policy=policy,
        day=day,
        plans={
            strategy: _plan(strategy, rules, settler, scopes.get(strategy or ""))
            for strategy, rules in in_force.items()
        },
        scopes=scopes,
        lapsed=tuple((past.rule(rule, 0), end) for rule, end in lapsed if past.complete(rule)),
        values=values,
        maxima=tuple(settler.number(criterion.maximum) for criterion in policy.criteria),
        accept=_threshold(values, "accept_threshold"),
        defer=_threshold(values, "defer_threshold"),
    )


def _scope(region: Region, values: Mapping[str, Any]) -> Scope:
    names = (region.countries, region.undetermined, region.forums)
    return Scope(*(values[name] or frozenset() for name in names))


def _ended(policy: Policy, rule: Rule, day: date) -> date | None:
    """The last day of a rule that is over because its period, or a parameter that it reads, is."""
    ends = [rule.in_force.end] if rule.in_force.end is not None and rule.in_force.end < day else []
    for name in rule.parameters():
        before = [dated for dated in policy.parameters[name].values if dated.since <= day]
        if len(before) > 1 and before[-1].value is None:
            ends.append(before[-1].since - timedelta(days=1))
    return min(ends, default=None)


def _threshold(values: Mapping[str, Any], name: str) -> int:
    # Before the settings begin no score is enough: nothing is in force that could accept.
    value = values.get(name)
    return 101 if value is None else int(value)


def _last_values(policy: Policy, day: date) -> dict[str, Any]:
    """For rules that have lapsed: each parameter's last value by the day, or else its first."""
    last = {}
    for id, parameter in policy.parameters.items():
        known = [dated for dated in parameter.values if dated.value is not None]
        before = [dated for dated in known if dated.since <= day]
        if known:
            last[id] = (before[-1] if before else known[0]).value
    return last


def _applies(rule: Rule, values: Mapping[str, Any]) -> bool:
    if rule.applies_if is not None and values.get(rule.applies_if) is not True:
        return False
    return all(values.get(name) is not None for name in rule.parameters())


def _plan(strategy: str | None, rules: list[Rule], settler: Settler, scope: Scope | None) -> Plan:
    layers = layer_rules(rules)
    count = 1 + max(layers.rules.values(), default=0)
    stacked: list[list[ActiveRule]] = [[] for _ in range(count)]
    for position, rule in enumerate(rules):
        layer = layers.rules[rule.id]
        stacked[layer].append(settler.rule(rule, position))
    defaults: dict[str, frozenset[str] | bool] = {
        fact.name: False if fact.kind is Kind.BOOLEAN else frozenset()
        for fact in settler.policy.facts.values()
        if fact.origin is Origin.CONCLUDED
    }
    settled: list[list[str]] = [[] for _ in range(count + 1)]
    for name in sorted(defaults):
        settled[layers.facts.get(name, 0)].append(name)
    in_order = tuple(map(tuple, stacked)), tuple(map(tuple, settled))
    facts, region = settler.policy.facts, scope and scope.countries
    settings = {**settler.values, STRATEGY.name: strategy, REGION.name: region}
    derived = {name: with_settings(row, settings) for name, row in DERIVED.items() if name in facts}
    return Plan(strategy, *in_order, defaults, facts, derived)
