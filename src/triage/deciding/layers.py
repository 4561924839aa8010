"""Rules in layers: each rule comes after the rules that conclude the facts that it reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.model.derived import concluded_behind
from triage.model.policy import Rule


class CycleError(Exception):
    """Rules that wait for each other: `path` has their ids, the first one again at the end."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(" -> ".join(path))
        self.path = path


@dataclass(frozen=True)
class Layers:
    """The layer of each rule by id, and the layer at whose start each concluded fact is settled."""

    rules: Mapping[str, int]
    facts: Mapping[str, int]


def layer_rules(rules: Iterable[Rule]) -> Layers:
    """Put the rules of one assessment into layers; `CycleError` when that is impossible."""
    rules = list(rules)
    concluding: dict[str, list[Rule]] = {}
    for rule in rules:
        for fact, _ in rule.then.conclude:
            concluding.setdefault(fact, []).append(rule)
    by_rule: dict[str, int] = {}
    by_fact: dict[str, int] = {}

    def fact_layer(fact: str, path: tuple[Rule, ...]) -> int:
        fact = concluded_behind(fact)
        if fact not in by_fact:
            layers = [rule_layer(rule, path) for rule in concluding.get(fact, ())]
            by_fact[fact] = 1 + max(layers) if layers else 0
        return by_fact[fact]

    def rule_layer(rule: Rule, path: tuple[Rule, ...]) -> int:
        if rule in path:
            raise CycleError((*(one.id for one in path[path.index(rule) :]), rule.id))
        if rule.id not in by_rule:
            layers = [fact_layer(fact, (*path, rule)) for fact in sorted(rule.reads())]
            by_rule[rule.id] = max(layers, default=0)
        return by_rule[rule.id]

    for rule in rules:
        rule_layer(rule, ())
    return Layers(by_rule, {fact: fact_layer(fact, ()) for fact in concluding})
