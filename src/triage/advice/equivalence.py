"""What the rules that count can see of a fact that may change: equal values are told apart by none.

The rules that count move the recommendation or the score, or conclude what such rules read.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from triage.advice.options import touched
from triage.deciding.match import Matches
from triage.deciding.settled import ActiveRule
from triage.model.derived import DERIVED, DerivedFact, concluded_behind, sources_of
from triage.model.facts import Request

Concluded = dict[str, tuple[set[str], set[str]]]
"""What rules conclude of each fact, for sure and perhaps."""

RESTING: Mapping[str, DerivedFact] = {name: row for name, row in DERIVED.items() if row.concluded}
"""The facts worked out from what rules conclude."""
BEHIND = frozenset(row.concluded for row in RESTING.values())
"""What they rest on: unless a rule asks for it, it counts only through them."""


class Equivalence:
    """Gives each value of a fact that may change a signature: what the rules can see of it.

    Values with one signature give the same recommendation and score, whatever else changes: rules
    that depend on this fact alone match or conclude the same, and in the others the conditions on
    it turn out the same. The topics that serve a strategy count by their share alone, unless a rule
    asks which they are.
    """

    def __init__(
        self, names: Collection[str], rules: Mapping[str | None, list[ActiveRule]]
    ) -> None:
        """`names` are the facts that may change; `rules` those that count, by strategy."""
        self._movers: dict[str, frozenset[str]] = {}
        """The changeable facts whose change may set a fact."""
        for name in names:
            for fact in touched(name):
                self._movers[fact] = self._movers.get(fact, frozenset()) | {name}
        self._depends = {strategy: self._dependence(own) for strategy, own in rules.items()}
        self._asked: dict[str | None, set[str]] = {}
        self._rules: dict[tuple[str | None, str], tuple[list[ActiveRule], list[ActiveRule]]] = {}
        for strategy, own in rules.items():
            depends = self._depends[strategy]
            self._asked[strategy] = {fact for rule in own for fact, _ in rule.leaves}
            on = {
                rule.position: frozenset().union(*(depends[fact] for fact, _ in rule.leaves))
                for rule in own
            }
            for name in names:
                reading = [rule for rule in own if name in on[rule.position]]
                alone = [rule for rule in reading if len(on[rule.position]) == 1]
                shared = [rule for rule in reading if len(on[rule.position]) > 1]
                self._rules[strategy, name] = (alone, shared)

    def _dependence(self, rules: list[ActiveRule]) -> Mapping[str, frozenset[str]]:
        """The changeable facts on which each fact depends that rules read or conclude."""
        known: dict[str, frozenset[str]] = {}
        concluding: dict[str, list[ActiveRule]] = {}
        for rule in rules:
            for name, _ in rule.rule.then.conclude:
                concluding.setdefault(name, []).append(rule)

        def depends(fact: str) -> frozenset[str]:
            if fact not in known:
                read = [name for rule in concluding.get(fact, ()) for name, _ in rule.leaves]
                if (behind := concluded_behind(fact)) != fact:
                    read.append(behind)
                own = [self._movers.get(name, frozenset()) for name in (fact, *sources_of(fact))]
                known[fact] = frozenset().union(*own, *map(depends, read))
            return known[fact]

        for fact in [name for rule in rules for name, _ in rule.leaves] + list(concluding):
            depends(fact)
        return known

    def signature(self, name: str, matches: Iterable[Matches], request: Request) -> Any:
        """The signature of the value of a fact in a request, by what the engine found."""
        return tuple(seen for one in matches for seen in self._seen(name, one, request))

    def _seen(self, name: str, matches: Matches, request: Request) -> Iterator[Any]:
        alone, shared = self._rules[matches.plan.strategy, name]
        matched = {rule.position for rule in matches.matched}
        concluded: Concluded = {}
        for rule in alone:
            sure = rule.position in matched
            if rule.moves:
                yield sure
            # A rule that concludes never asks whether a fact is known: without an answer it waits.
            if rule.rule.then.conclude and (sure or rule.holds(matches.state) is None):
                _conclude(concluded, rule, sure)
        for rule in shared:
            yield from self._conditions(name, rule, matches, request)
        yield from self._conclusions(name, matches, request, concluded)

    def _conditions(
        self, name: str, rule: ActiveRule, matches: Matches, request: Request
    ) -> Iterator[Any]:
        """How the conditions on the fact turn out in a rule that depends on others too."""
        depends, defaults = self._depends[matches.plan.strategy], matches.plan.defaults
        for fact, holds in rule.leaves:
            if depends[fact] == {name}:
                yield holds(matches.state)
            elif name in depends[fact] and fact not in defaults and fact not in RESTING:
                # Worked out from several facts that may change: only the values themselves tell.
                yield tuple(request.facts.get(one) for one in touched(name))

    def _conclusions(
        self, name: str, matches: Matches, request: Request, concluded: Concluded
    ) -> Iterator[Any]:
        """What rules on the fact alone conclude, for sure and perhaps; the share of its topics."""
        strategy = matches.plan.strategy
        depends, asked = self._depends[strategy], self._asked[strategy]
        for fact in sorted(fact for fact, names in depends.items() if name in names):
            if (row := RESTING.get(fact)) is not None and depends[fact] == {name}:
                yield matches.state.get(fact)
            elif row is not None:
                given = [request.facts.get(source) for source in row.sources]
                yield (*given, _frozen(concluded, concluded_behind(fact)))
            elif fact in matches.plan.defaults and (fact in asked or fact not in BEHIND):
                yield _frozen(concluded, fact)


def _conclude(concluded: Concluded, rule: ActiveRule, sure: bool) -> None:
    for fact, value in rule.rule.then.conclude:
        sets = concluded.setdefault(fact, (set(), set()))
        sets[0 if sure else 1].update(value if isinstance(value, frozenset) else ("true",))


def _frozen(concluded: Concluded, fact: str) -> tuple[frozenset[str], frozenset[str]]:
    sure, maybe = concluded.get(fact, (set(), set()))
    return frozenset(sure), frozenset(maybe)
