"""A rule as it stands on one day: its parameters settled, its meaning a function of the facts."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.model.conditions import Holds, State, Test
from triage.model.policy import Clause, Policy, Reference, Rule

Tests = tuple[tuple[Test, ...], ...]
Meanings = tuple[tuple[Holds, ...], ...]


@dataclass(frozen=True, eq=False)
class ActiveRule:
    """A rule whose conditions and points are settled.

    `when` and `unless` are clauses of alternatives, `meaning` the same as functions, `leaves` every
    condition by fact; `points` pairs a criterion's place with a number; `ceiling` and `floor` are
    ranks, None where the rule has none; `moves` tells whether the rule can move the recommendation;
    `asks` has the values that the rule looks for in a set; `plain` marks a conjunction without
    alternatives and `unless`. `holds` is the reference meaning: every `when` clause, and not every
    `unless` clause. `completed` is the meaning over all ways of filling in unknown facts: whether
    one of them is known has no answer yet. `words` is for `justification`, which keeps there what
    it has put into words.
    """

    id: str
    rule: Rule
    position: int
    layer: int
    when: Tests
    unless: Tests
    points: tuple[tuple[int, int], ...]
    ceiling: int | None
    floor: int | None
    effect: Mapping[str, Any]
    presence: bool
    moves: bool
    plain: bool
    meaning: tuple[Meanings, Meanings]
    leaves: tuple[tuple[str, Holds], ...]
    asks: Mapping[str, frozenset[str]]
    holds: Holds
    completed: Holds
    words: dict[str, Any] = field(default_factory=dict)

    def misses(self, state: State) -> int | None:
        """How many of its clauses keep the rule from holding; the whole of `unless` counts as one.

        A clause that is not known is no miss; it makes the count None.
        """
        when, unless = self.meaning
        answers = [_all((clause,), state) for clause in when]
        if unless:
            blocked = _all(unless, state)
            answers.append(None if blocked is None else not blocked)
        return None if None in answers else answers.count(False)


Literal = tuple[Test, bool]
"""A test, and whether it must be true (or false)."""


def terms(rule: ActiveRule) -> list[tuple[Literal, ...]]:
    """The rule in disjunctive normal form: every term is a conjunction, and one that holds is
    enough.
    """
    groups: list[list[tuple[Literal, ...]]] = [
        [((test, True),) for test in clause] for clause in rule.when
    ]
    if rule.unless:
        # not (A and (B or C)): not A, or both not B and not C
        groups.append([tuple((test, False) for test in clause) for clause in rule.unless])
    found = []
    for choice in itertools.product(*groups):
        found.append(tuple(dict.fromkeys(literal for part in choice for literal in part)))
    return found


def all_hold(tests: Tests) -> Holds:
    """The meaning of clauses that must all hold, as one function."""
    meaning = _meaning(tests)
    return lambda state: _all(meaning, state)


def _combined(when: Meanings, unless: Meanings, state: State) -> bool | None:
    answer = _all(when, state)
    if answer is False or not unless:
        return answer
    blocked = _all(unless, state)
    if blocked is None:
        return None
    return False if blocked else answer


def _all(clauses: Meanings, state: State) -> bool | None:
    answer: bool | None = True
    for clause in clauses:
        found = clause[0](state) if len(clause) == 1 else _any(clause, state)
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def _any(clause: tuple[Holds, ...], state: State) -> bool | None:
    found: bool | None = False
    for holds in clause:
        one = holds(state)
        if one:
            return True
        if one is None:
            found = None
    return found


def _rule_meaning(when: Meanings, unless: Meanings) -> Holds:
    """The meaning of a rule as one function; most rules are plain conjunctions."""
    if unless or any(len(clause) > 1 for clause in when):
        return lambda state: _combined(when, unless, state)
    tests = tuple(clause[0] for clause in when)

    def holds(state: State) -> bool | None:
        answer: bool | None = True
        for test in tests:
            found = test(state)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return holds


@dataclass
class Settler:
    """Settles rules with the values that the parameters have on one day."""

    policy: Policy
    values: Mapping[str, Any]

    def complete(self, rule: Rule) -> bool:
        """Whether every parameter that the rule reads has a value."""
        return all(self.values.get(name) is not None for name in rule.parameters())

    def number(self, value: int | Reference) -> int:
        """A whole number, or the value of the parameter that stands for it."""
        found = self.values.get(value.parameter) if isinstance(value, Reference) else value
        return int(found or 0)

    def rule(self, rule: Rule, position: int, layer: int) -> ActiveRule:
        """One rule, settled."""
        when, unless = self.tests(rule.when), self.tests(rule.unless)
        order = {criterion.id: number for number, criterion in enumerate(self.policy.criteria)}
        points = tuple((order[name], self.number(value)) for name, value in rule.then.score)
        meaning = (_meaning(when), _meaning(unless))
        return ActiveRule(
            id=rule.id,
            rule=rule,
            position=position,
            layer=layer,
            when=when,
            unless=unless,
            points=points,
            ceiling=None if rule.then.ceiling is None else rule.then.ceiling.rank,
            floor=None if rule.then.floor is None else rule.then.floor.rank,
            effect=self._effect(rule),
            moves=bool(points or rule.then.ceiling or rule.then.floor),
            plain=not unless and all(len(clause) == 1 for clause in when),
            presence=any(test.presence for clause in when + unless for test in clause),
            meaning=meaning,
            holds=_rule_meaning(*meaning),
            completed=_rule_meaning(
                _meaning(when, Test.completed), _meaning(unless, Test.completed)
            ),
            asks=_asks(when),
            leaves=tuple((test.fact, test.holds()) for clause in when + unless for test in clause),
        )

    def tests(self, clauses: tuple[Clause, ...]) -> Tests:
        """Conditions, settled."""
        return tuple(
            tuple(
                Test(
                    one.fact.name,
                    one.operator,
                    self.values[one.value.parameter]
                    if isinstance(one.value, Reference)
                    else one.value,
                    self._ranks(one.fact.values) if self.policy.ordered(one.fact) else (),
                )
                for one in clause
            )
            for clause in clauses
        )

    def _ranks(self, vocabulary: str | None) -> tuple[str, ...]:
        return tuple(self.policy.vocabularies[vocabulary or ""].terms)

    def _effect(self, rule: Rule) -> dict[str, Any]:
        """The effect as plain data, in a fixed order, without the texts."""
        then = rule.then
        effect: dict[str, Any] = {}
        if then.score:
            effect["score"] = dict.fromkeys((name for name, _ in then.score), 0)
            for name, points in then.score:  # a table and its row may both give points
                effect["score"][name] += self.number(points)
        if then.ceiling is not None:
            effect["at_most"] = then.ceiling.value
        if then.floor is not None:
            effect["at_least"] = then.floor.value
        if then.conclude:
            merged: dict[str, Any] = {}
            for fact, value in then.conclude:
                merged[fact] = True if value is True else sorted({*merged.get(fact, ()), *value})  # type: ignore[misc]
            effect["conclude"] = merged
        for key in ("lead", "fund", "flag"):
            if (found := getattr(then, key)) is not None:
                effect[key] = found
        if then.consult:
            effect["consult"] = list(then.consult)
        return effect


def _asks(when: Tests) -> dict[str, frozenset[str]]:
    asks: dict[str, frozenset[str]] = {}
    for clause in when:
        for test in clause:
            if test.operator in ("include", "include any of", "include all of"):
                wanted = frozenset((test.value,)) if test.operator == "include" else test.value
                asks[test.fact] = asks.get(test.fact, frozenset()) | wanted
    return asks


def _meaning(tests: Tests, of: Callable[[Test], Holds] = Test.holds) -> Meanings:
    return tuple(tuple(of(test) for test in clause) for clause in tests)
