"""The policy as it stands on one day: parameters settled, rules not in force left out, rules in
layers.

Between two dates on which anything in the policy changes all days share one snapshot, so a file of
requests from many days needs few of them.
"""

import threading
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from triage.deciding.bitsets import Masks
from triage.deciding.layers import layer_rules
from triage.deciding.settled import ActiveRule, Settler
from triage.model.facts import Kind, Origin
from triage.model.policy import Policy, Recommendation, Rule


@dataclass(frozen=True)
class Plan:
    """The rules of one assessment in layers.

    `settled` lists the concluded facts that are complete at a layer's start, the last entry those
    after the last layer; `defaults` is what a concluded fact is until a rule concludes it.
    """

    strategy: str | None
    layers: tuple[tuple[ActiveRule, ...], ...]
    settled: tuple[tuple[str, ...], ...]
    defaults: Mapping[str, frozenset[str] | bool]

    @property
    def rules(self) -> list[ActiveRule]:
        """All rules, by id."""
        return sorted(
            (rule for layer in self.layers for rule in layer), key=lambda one: one.position
        )

    @cached_property
    def masks(self) -> Masks:
        """The rules as bits, for what is not known."""
        return Masks(self.layers, self.defaults)


@dataclass(frozen=True)
class Scope:
    """What a strategy covers on the day."""

    countries: frozenset[str]
    undetermined: frozenset[str]
    forums: frozenset[str]


@dataclass(frozen=True)
class Snapshot:
    """The policy on the days of one stretch.

    `plans` has one entry a strategy in force, and None for requests outside; `lapsed` the rules
    that are over, with their last day.
    """

    policy: Policy
    day: date
    plans: Mapping[str | None, Plan]
    scopes: Mapping[str, Scope]
    lapsed: tuple[tuple[ActiveRule, date], ...]
    values: Mapping[str, Any]
    maxima: tuple[int, ...]
    accept: int
    defer: int
    large: Fraction

    def threshold(self, score: int) -> Recommendation:
        """What the score alone gives."""
        if score >= self.accept:
            return Recommendation.ACCEPT
        return Recommendation.DEFER if score >= self.defer else Recommendation.DECLINE


class Snapshots:
    """The snapshots of one policy, made when they are first needed; safe to use from several
    threads.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._boundaries = turning_days(policy)
        self._made: dict[int, Snapshot] = {}
        self._lock = threading.Lock()

    def on(self, day: date) -> Snapshot:
        """The snapshot for a day."""
        stretch = bisect_right(self._boundaries, day)
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
    for period in [rule.in_force for rule in policy.rules] + [
        s.in_force for s in policy.strategies.values()
    ]:
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
    settle = Settler(policy, values)
    past = Settler(policy, {**_last_values(policy, day), **_present(values)})
    return Snapshot(
        policy=policy,
        day=day,
        plans={strategy: _plan(strategy, rules, settle) for strategy, rules in in_force.items()},
        scopes={
            s.id: Scope(
                values[s.region.countries] or frozenset(),
                values[s.region.undetermined] or frozenset(),
                values[s.region.forums] or frozenset(),
            )
            for s in strategies
        },
        lapsed=tuple((past.rule(rule, 0, 0), end) for rule, end in lapsed if past.complete(rule)),
        values=values,
        maxima=tuple(settle.number(criterion.maximum) for criterion in policy.criteria),
        accept=_whole(values, "accept_threshold"),
        defer=_whole(values, "defer_threshold"),
        large=values.get("largely_aligned_share") or Fraction(1),
    )


def _ended(policy: Policy, rule: Rule, day: date) -> date | None:
    """The last day of a rule that is over: its own period has ended, or a parameter that it
    reads has.
    """
    ends = [rule.in_force.end] if rule.in_force.end is not None and rule.in_force.end < day else []
    for name in rule.parameters():
        before = [dated for dated in policy.parameters[name].values if dated.since <= day]
        if len(before) > 1 and before[-1].value is None:
            ends.append(before[-1].since - timedelta(days=1))
    return min(ends, default=None)


def _whole(values: Mapping[str, Any], name: str) -> int:
    # Before the settings begin no score is enough: nothing is in force that could accept.
    value = values.get(name)
    return 101 if value is None else int(value)


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {id: value for id, value in values.items() if value is not None}


def _last_values(policy: Policy, day: date) -> dict[str, Any]:
    """For rules that have lapsed: each parameter's last value before the day, or its first after
    it.
    """
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


def _plan(strategy: str | None, rules: list[Rule], settle: Settler) -> Plan:
    layers = layer_rules(rules)
    count = 1 + max(layers.rules.values(), default=0)
    stacked: list[list[ActiveRule]] = [[] for _ in range(count)]
    for position, rule in enumerate(rules):
        layer = layers.rules[rule.id]
        stacked[layer].append(settle.rule(rule, position, layer))
    defaults: dict[str, frozenset[str] | bool] = {
        fact.name: False if fact.kind is Kind.BOOLEAN else frozenset()
        for fact in settle.policy.facts.values()
        if fact.origin is Origin.CONCLUDED
    }
    settled: list[list[str]] = [[] for _ in range(count + 1)]
    for name in sorted(defaults):
        settled[layers.facts.get(name, 0)].append(name)
    return Plan(strategy, tuple(map(tuple, stacked)), tuple(map(tuple, settled)), defaults)
