"""What the rules that count can see of a fact that may change: values of one kind are told apart
by none of them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from triage.advice.options import derived_from, touched
from triage.deciding.match import Matches
from triage.deciding.settled import ActiveRule
from triage.model.facts import Request
from triage.model.program import ALIGNED_TOPICS

Concluded = dict[str, tuple[set[str], set[str]]]
"""What rules conclude of each fact, for sure and perhaps."""


class Kinds:
    """The kinds of value that a fact which may change can have.

    Two values of one kind give the same recommendation and score, whatever else changes: the rules
    that depend on this fact alone match or conclude the same, and in the others the conditions on
    it turn out the same. The topics that serve a strategy count by their share alone, unless a rule
    asks which they are.
    """

    def __init__(
        self, names: Collection[str], rules: Mapping[str | None, list[ActiveRule]]
    ) -> None:
        """`names` are the facts that may change; `rules` those that count, by strategy."""
        self._by_fact: dict[str, frozenset[str]] = {}
        for name in names:
            for fact in touched(name):
                self._by_fact[fact] = self._by_fact.get(fact, frozenset()) | {name}
        self._facts = {strategy: self._dependence(found) for strategy, found in rules.items()}
        self._asked: dict[str | None, set[str]] = {}
        self._rules: dict[tuple[str | None, str], tuple[list[ActiveRule], list[ActiveRule]]] = {}
        for strategy, found in rules.items():
            facts = self._facts[strategy]
            self._asked[strategy] = {fact for rule in found for fact, _ in rule.leaves}
            depends = [
                (rule, frozenset().union(*(facts[fact] for fact, _ in rule.leaves)))
                for rule in found
            ]
            for name in names:
                alone = [rule for rule, on in depends if on == {name}]
                self._rules[strategy, name] = (
                    alone,
                    [rule for rule, on in depends if name in on and len(on) > 1],
                )

    def _dependence(self, rules: Iterable[ActiveRule]) -> Mapping[str, frozenset[str]]:
        """The changeable facts on which each fact depends that rules read or conclude."""
        rules = list(rules)
        known: dict[str, frozenset[str]] = {}
        concluding: dict[str, list[ActiveRule]] = {}
        for rule in rules:
            for name, _ in rule.rule.then.conclude:
                concluding.setdefault(name, []).append(rule)

        def of(fact: str) -> frozenset[str]:
            if fact not in known:
                sources = {
                    self._by_fact.get(one, frozenset()) for one in (fact, *derived_from(fact))
                }
                sources |= {of(one) for rule in concluding.get(fact, ()) for one, _ in rule.leaves}
                if fact == "alignment":
                    sources.add(of(ALIGNED_TOPICS))
                known[fact] = frozenset().union(*sources)
            return known[fact]

        for fact in [one for rule in rules for one, _ in rule.leaves] + list(concluding):
            of(fact)
        return known

    def of(self, name: str, matches: Iterable[Matches], request: Request) -> Any:
        """The kind of value that a fact has in a request, by what the engine found."""
        return tuple(part for one in matches for part in self._parts(name, one, request))

    def _parts(self, name: str, found: Matches, request: Request) -> Iterator[Any]:
        alone, others = self._rules[found.plan.strategy, name]
        matched = {rule.position for rule in found.matched}
        concluded: Concluded = {}
        for rule in alone:
            sure = rule.position in matched
            if rule.moves:
                yield sure
            # No rule that concludes a fact asks whether one is known: it waits when it has no
            # answer.
            if rule.rule.then.conclude and (sure or rule.holds(found.state) is None):
                _conclude(concluded, rule, sure)
        for rule in others:
            yield from self._conditions(name, rule, found, request)
        yield from self._conclusions(name, found, request, concluded)

    def _conditions(
        self, name: str, rule: ActiveRule, found: Matches, request: Request
    ) -> Iterator[Any]:
        """How the conditions on the fact turn out in a rule that depends on other changeable
        facts too.
        """
        facts = self._facts[found.plan.strategy]
        for fact, holds in rule.leaves:
            if facts[fact] == {name}:
                yield holds(found.state)
            elif name in facts[fact] and fact not in found.plan.defaults and fact != "alignment":
                # It is worked out from several facts that may change: only the values themselves
                # tell.
                yield tuple(getattr(request, one) for one in touched(name))

    def _conclusions(
        self, name: str, found: Matches, request: Request, concluded: Concluded
    ) -> Iterator[Any]:
        """What the rules that depend on the fact alone conclude, for sure and perhaps; and the
        share of its topics.
        """
        facts, asked = self._facts[found.plan.strategy], self._asked[found.plan.strategy]
        for fact in sorted(fact for fact, depends in facts.items() if name in depends):
            if fact == "alignment":
                own = facts[fact] == {name}
                yield (
                    found.state.get(fact)
                    if own
                    else (request.topics, _frozen(concluded, ALIGNED_TOPICS))
                )
            elif fact in found.plan.defaults and (fact in asked or fact != ALIGNED_TOPICS):
                yield _frozen(concluded, fact)


def _conclude(concluded: Concluded, rule: ActiveRule, sure: bool) -> None:
    for fact, value in rule.rule.then.conclude:
        sets = concluded.setdefault(fact, (set(), set()))
        sets[0 if sure else 1].update(value if isinstance(value, frozenset) else ("true",))


def _frozen(concluded: Concluded, fact: str) -> tuple[frozenset[str], frozenset[str]]:
    sure, maybe = concluded.get(fact, (set(), set()))
    return frozenset(sure), frozenset(maybe)
