"""Policy + facts -> the rules that hold, and those that could hold once unknown facts are known.

Layer by layer: match, conclude facts, go on. A concluded set is kept as what it has for certain and what it may have,
so that nothing downstream mistakes a missing fact for an answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from triage.active import ActiveRule
from triage.conditions import Among, Holds, Partial
from triage.engine import Matcher
from triage.facts import DERIVED_FROM, READ_FACTS
from triage.policy import ALIGNED_TOPICS
from triage.snapshots import Plan

Waits = frozenset[str]
"""Names of the request's unknown facts."""

ALIGNMENTS = ("none", "partial", "large", "full")


class Uncertain(NamedTuple):
    """A rule that some way of filling in the unknown facts turns on or off, and the facts it waits for.

    `matched` tells whether it holds as things stand (a rule on a fact being unknown does).
    """

    rule: ActiveRule
    waits: Waits
    matched: bool


@dataclass(frozen=True)
class Matches:
    """What one assessment found. `matched` are the rules that hold; `uncertain` those that could change.

    `movers` are the uncertain rules that could move the recommendation: most only advise or route. `waiting` has the
    ids of the uncertain rules by the unknown fact of the request that they wait for.
    """

    plan: Plan
    matched: list[ActiveRule]
    uncertain: list[Uncertain]
    movers: list[Uncertain]
    waiting: Mapping[str, list[str]]
    state: Mapping[str, Any]


def match_rules(plan: Plan, facts: Mapping[str, Any], matcher: Matcher, large: Fraction) -> Matches:
    """Run every layer of a plan on the known facts; `large` is the share of topics from which alignment is large."""
    run = _Run(plan, dict(facts))
    for layer in range(len(plan.layers)):
        run.settle(layer, large)
        run.add(layer, matcher.match(layer, run.state))
    run.settle(len(plan.layers), large)
    return Matches(plan, run.matched, run.uncertain, run.movers, run.waiting, run.state)


class _Run:
    """One assessment under way. `waits` has every fact that is not settled, with the request facts it waits for."""

    def __init__(self, plan: Plan, state: dict[str, Any]) -> None:
        self.plan, self.state = plan, state
        self.matched: list[ActiveRule] = []
        self.uncertain: list[Uncertain] = []
        self.movers: list[Uncertain] = []
        self.waiting: dict[str, list[str]] = {}
        self._sure: dict[str, set[str]] = {}
        self._true: set[str] = set()
        self._maybe: dict[str, tuple[set[str], set[str]]] = {}
        self.waits: dict[str, Waits] = {name: alone for name, alone in _ALONE.items() if name not in state}
        for name, sources in DERIVED_FROM.items():
            if name not in state and (missing := frozenset(one for one in sources if one in self.waits)):
                self.waits[name] = missing
        self._unknown = frozenset(self.waits)
        self._partial: set[str] = set()

    def add(self, layer: int, found: list[ActiveRule]) -> None:
        """Take in the rules of a layer that hold, and find those that still could."""
        self._conclude(found)
        open_rules = _open_rules(self.plan, layer, self._unknown, frozenset(self._partial))
        self._take_all(open_rules)
        state = self.state
        for tests, one in open_rules.partly:
            for holds in tests:
                if not holds(state):
                    break
            else:
                self._take(one)
        if open_rules.asked:
            holding = {rule.position for rule in found}
            for one in self._ask(open_rules.asked, holding):
                self._take(one)

    def _conclude(self, found: list[ActiveRule]) -> None:
        self.matched += found
        for rule in found:
            for name, value in rule.rule.then.conclude:
                if isinstance(value, frozenset):
                    self._sure.setdefault(name, set()).update(value)
                else:
                    self._true.add(name)

    def _take_all(self, open_rules: "_OpenRules") -> None:
        """The rules of which no fact is known, with what was remembered of them."""
        self.uncertain += open_rules.always
        self.movers += open_rules.movers
        waiting, maybe = self.waiting, self._maybe
        for name, ids in open_rules.waiting.items():
            if name in waiting:
                waiting[name] += ids
            else:
                waiting[name] = [*ids]
        for name, (values, waits) in open_rules.concluding.items():
            if name in maybe:
                self._note(name, values, waits)
            else:
                maybe[name] = (set(values), set(waits))

    def _take(self, one: Uncertain) -> None:
        """One more uncertain rule."""
        self.uncertain.append(one)
        if one.rule.moves:
            self.movers.append(one)
        for name in one.waits:
            self.waiting.setdefault(name, []).append(one.rule.id)
        for name, value in () if one.matched else one.rule.rule.then.conclude:
            self._note(name, value if isinstance(value, frozenset) else (), one.waits)

    def _note(self, name: str, values: Iterable[str], waits: Iterable[str]) -> None:
        """A fact may come to have these values."""
        known = self._maybe.setdefault(name, (set(), set()))
        known[0].update(values)
        known[1].update(waits)

    def settle(self, layer: int, large: Fraction) -> None:
        """Put concluded facts into the state once every rule that concludes them has been tried, and what follows."""
        self._settle(layer)
        if ALIGNED_TOPICS in self.plan.settled[layer]:
            self._align(large)

    def _settle(self, layer: int) -> None:
        for name in self.plan.settled[layer]:
            maybe = self._maybe.get(name)
            if self.plan.defaults[name] is False:
                if name in self._true or maybe is None:
                    self.state[name] = name in self._true
                    continue
            else:
                lower = frozenset(self._sure.get(name, ()))
                if maybe is None or maybe[0] <= lower:
                    self.state[name] = lower
                    continue
                self.state[name] = Partial(lower, lower | maybe[0])
            self.waits[name] = frozenset(maybe[1])
            self._partial.add(name)

    def _align(self, large: Fraction) -> None:
        """Work out `alignment`, the share of the request's topics that serve the strategy."""
        topics = self.state.get("topics")
        if topics is None:
            return
        aligned = self.state[ALIGNED_TOPICS]
        if isinstance(aligned, Partial):
            low, high = (_level(topics, bound, large) for bound in (aligned.lower, aligned.upper))
            if low != high:
                among = ALIGNMENTS[ALIGNMENTS.index(low) : ALIGNMENTS.index(high) + 1]
                self.state["alignment"] = Among(frozenset(among))
                self.waits["alignment"] = self.waits[ALIGNED_TOPICS]
                self._partial.add("alignment")
                return
            aligned = aligned.lower
        self.state["alignment"] = _level(topics, aligned, large)

    def _ask(self, rules: Iterable[ActiveRule], holding: set[int]) -> Iterator[Uncertain]:
        """Those of the rules that filling in unknown facts could turn on or off."""
        state, waits = self.state, self.waits
        for rule in rules:
            matched = rule.position in holding
            if rule.presence:
                # Filling in a fact turns "is unknown" off and "is known" on: settled only if it holds either way.
                if rule.completed(state) is not None:
                    continue
                facts = [fact for fact, _ in rule.leaves if fact in waits]
            elif matched or rule.holds(state) is not None:
                continue
            else:
                facts = rule.unsettled(state)
            yield Uncertain(rule, frozenset().union(*(waits[one] for one in facts)), matched)


class _OpenRules(NamedTuple):
    """The rules of a layer that unknown facts leave open.

    `always`: none of their facts is known, so they need not be asked; `movers`, `waiting` and `concluding` say of these
    what `Matches` says of all, and what they may conclude; `partly`: plain conjunctions that are open when the tests on
    their known facts hold; `asked`: all others.
    """

    always: tuple[Uncertain, ...]
    movers: tuple[Uncertain, ...]
    waiting: Mapping[str, tuple[str, ...]]
    concluding: Mapping[str, tuple[frozenset[str], Waits]]
    partly: tuple[tuple[tuple[Holds, ...], Uncertain], ...]
    asked: tuple[ActiveRule, ...]


def _open_rules(plan: Plan, layer: int, unknown: frozenset[str], partial: frozenset[str]) -> _OpenRules:
    """Remembered for each set of unknown facts: the requests of one inbox lack much the same ones."""
    key = (layer, unknown, partial)
    found: _OpenRules | None = plan.kept.get(key)
    if found is not None:
        return found
    if len(plan.kept) > MOST_KEPT:
        plan.kept.clear()
    waits = _waits(unknown)
    readers = plan.readers[layer]
    candidates = {rule.position: rule for fact in unknown | partial for rule in readers.get(fact, ())}
    always: list[Uncertain] = []
    partly: list[tuple[tuple[Holds, ...], Uncertain]] = []
    asked: list[ActiveRule] = []
    concluding: dict[str, tuple[frozenset[str], Waits]] = {}
    for _, rule in sorted(candidates.items()):
        facts = {fact for fact, _ in rule.leaves}
        if rule.presence or not (facts <= unknown or (rule.plain and facts.isdisjoint(partial))):
            asked.append(rule)
            continue
        one = Uncertain(rule, frozenset().union(*(waits[fact] for fact in facts if fact in unknown)), False)
        if not facts <= unknown:
            partly.append((tuple(holds for fact, holds in rule.leaves if fact not in unknown), one))
            continue
        always.append(one)
        for name, value in rule.rule.then.conclude:
            values, waiting = concluding.get(name, (frozenset(), frozenset()))
            more = value if isinstance(value, frozenset) else frozenset()
            concluding[name] = (values | more, waiting | one.waits)
    by_fact: dict[str, tuple[str, ...]] = {}
    for one in always:
        for name in one.waits:
            by_fact[name] = (*by_fact.get(name, ()), one.rule.id)
    movers = tuple(one for one in always if one.rule.moves)
    found = plan.kept[key] = _OpenRules(tuple(always), movers, by_fact, concluding, tuple(partly), tuple(asked))
    return found


def _waits(unknown: frozenset[str]) -> dict[str, Waits]:
    """What each unknown fact of a request, and each fact derived from such, waits for."""
    waits = {name: frozenset((name,)) for name in unknown if name not in DERIVED_FROM}
    return waits | {
        name: frozenset(one for one in DERIVED_FROM[name] if one in waits) for name in unknown if name in DERIVED_FROM
    }


MOST_KEPT = 4096
_ALONE = {name: frozenset((name,)) for name in READ_FACTS}


def _level(topics: frozenset[str], aligned: frozenset[str], large: Fraction) -> str:
    serving = len(topics & aligned)
    if not serving:
        return "none"
    if serving == len(topics):
        return "full"
    # Compared as whole numbers, so that two topics of three are exactly two thirds.
    enough = serving * large.denominator >= len(topics) * large.numerator
    return "large" if enough else "partial"
