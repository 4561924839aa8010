"""A rule as it stands on one day: its parameters settled, its meaning a function of the facts."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.model.conditions import Holds, State, Test
from triage.model.effects import EFFECTS, EffectShape, effects_of
from triage.model.policy import Clause, Condition, Policy, Reference, Rule

Tests = tuple[tuple[Test, ...], ...]
Meanings = tuple[tuple[Holds, ...], ...]


@dataclass(frozen=True, eq=False)
class ActiveRule:
    """A rule with the values that its parameters have on the day.

    It holds when every clause of `when` holds and not every clause of `unless`; a clause is a tuple
    of alternatives.
    """

    id: str
    rule: Rule
    position: int
    when: Tests
    unless: Tests
    points: tuple[tuple[int, int], ...]
    """Pairs of a criterion's index and a number."""
    ceiling: int | None
    """The rank of the most favourable recommendation that it allows; `floor` of the least."""
    floor: int | None
    effect: Mapping[str, Any]
    """What it does, as plain data for the record of a decision."""
    presence: bool
    """Whether it asks, of any fact, whether that is known."""
    moves: bool
    """Whether it can move the recommendation; the other rules advise, route or conclude."""
    meaning: tuple[Meanings, Meanings]
    """`when` and `unless` as functions."""
    leaves: tuple[tuple[str, Holds], ...]
    """Every condition, with its fact."""
    asks: Mapping[str, frozenset[str]]
    """By fact the values that it looks for in a set."""
    holds: Holds
    """The reference meaning."""
    completed: Holds
    """The meaning while answers may still come: whether an unknown fact is known is open."""
    words: dict[str, Any] = field(default_factory=dict)
    """By language what `explain` has put into words."""

    def misses(self, state: State) -> int | None:
        """How many clauses keep the rule from holding, `unless` as one; None where not known."""
        when, unless = self.meaning
        answers = [_all((clause,), state) for clause in when]
        if unless:
            blocked = _all(unless, state)
            answers.append(None if blocked is None else not blocked)
        return None if None in answers else answers.count(False)


Literal = tuple[Test, bool]
"""A test, and whether it must be true (or false)."""


def terms(rule: ActiveRule) -> list[tuple[Literal, ...]]:
    """The rule as conjunctions of which one is enough (its disjunctive normal form)."""
    groups: list[list[tuple[Literal, ...]]]
    groups = [[((test, True),) for test in clause] for clause in rule.when]
    if rule.unless:
        # not (A and (B or C)): not A, or both not B and not C
        groups.append([tuple((test, False) for test in clause) for clause in rule.unless])
    choices = itertools.product(*groups)
    return [tuple(dict.fromkeys(itertools.chain.from_iterable(choice))) for choice in choices]


def all_hold(tests: Tests) -> Holds:
    """The meaning of clauses that must all hold, as one function."""
    return _rule_meaning(_meaning(tests), ())


def _combined(when: Meanings, unless: Meanings, state: State) -> bool | None:
    answer = _all(when, state)
    if answer is False:
        return False
    blocked = _all(unless, state) if unless else False
    if blocked is None:
        return None
    return False if blocked else answer


def _all(clauses: Meanings, state: State) -> bool | None:
    answer: bool | None = True
    for clause in clauses:
        of_clause = clause[0](state) if len(clause) == 1 else _any(clause, state)
        if of_clause is False:
            return False
        if of_clause is None:
            answer = None
    return answer


def _any(clause: tuple[Holds, ...], state: State) -> bool | None:
    answer: bool | None = False
    for holds in clause:
        of_test = holds(state)
        if of_test:
            return True
        if of_test is None:
            answer = None
    return answer


def _rule_meaning(when: Meanings, unless: Meanings) -> Holds:
    """The meaning of a rule as one function; most rules are plain conjunctions."""
    if unless or any(len(clause) > 1 for clause in when):
        return lambda state: _combined(when, unless, state)
    tests = tuple(clause[0] for clause in when)

    def holds(state: State) -> bool | None:
        answer: bool | None = True
        for test in tests:
            of_test = test(state)
            if of_test is False:
                return False
            if of_test is None:
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
        settled = self.values.get(value.parameter) if isinstance(value, Reference) else value
        return int(settled or 0)

    def rule(self, rule: Rule, position: int) -> ActiveRule:
        when, unless, then = self.tests(rule.when), self.tests(rule.unless), rule.then
        every = [test for clause in when + unless for test in clause]
        order = {criterion.id: index for index, criterion in enumerate(self.policy.criteria)}
        points = tuple((order[name], self.number(value)) for name, value in then.score)
        meaning = (_meaning(when), _meaning(unless))
        completed = (_meaning(when, Test.completed), _meaning(unless, Test.completed))
        return ActiveRule(
            id=rule.id,
            rule=rule,
            position=position,
            when=when,
            unless=unless,
            points=points,
            ceiling=None if then.ceiling is None else then.ceiling.rank,
            floor=None if then.floor is None else then.floor.rank,
            effect=self._effect(rule),
            moves=any(effect.moves for effect, _ in effects_of(then)),
            presence=any(test.presence for test in every),
            meaning=meaning,
            holds=_rule_meaning(*meaning),
            completed=_rule_meaning(*completed),
            asks=_asks(when),
            leaves=tuple((test.fact, test.holds()) for test in every),
        )

    def tests(self, clauses: tuple[Clause, ...]) -> Tests:
        """Clauses of conditions as tests."""
        return tuple(tuple(self._test(condition) for condition in clause) for clause in clauses)

    def _test(self, condition: Condition) -> Test:
        fact, value = condition.fact, condition.value
        if isinstance(value, Reference):
            value = self.values[value.parameter]
        ranks: tuple[str, ...] = ()
        if self.policy.ordered(fact):
            ranks = tuple(self.policy.vocabularies[fact.values or ""].terms)
        return Test(fact.name, condition.operator, value, ranks)

    def _effect(self, rule: Rule) -> dict[str, Any]:
        """The effect as plain data, in a fixed order, without the texts."""
        effect = {}
        # Lists stand last, as in every decision that is kept.
        for row in sorted(EFFECTS, key=lambda row: row.shape is EffectShape.TERMS):
            value = row.of(rule.then)
            if value and row.shape is not EffectShape.TEXT:
                effect[row.key.replace(" ", "_")] = self._plain(row.shape, value)
        return effect

    def _plain(self, shape: EffectShape, value: Any) -> Any:
        # A table and its row may both give points for a criterion, and add to a fact.
        plain: dict[str, Any] = {}
        match shape:
            case EffectShape.POINTS:
                for name, points in value:
                    plain[name] = plain.get(name, 0) + self.number(points)
            case EffectShape.CONCLUSIONS:
                for name, gained in value:
                    known = plain.get(name, ())
                    plain[name] = True if gained is True else sorted({*known, *gained})
            case EffectShape.TERMS:
                return list(value)
            case _:
                return str(value)
        return plain


def _asks(when: Tests) -> dict[str, frozenset[str]]:
    asks: dict[str, frozenset[str]] = {}
    for clause in when:
        for test in clause:
            if test.row.rises and test.values:
                asks[test.fact] = asks.get(test.fact, frozenset()) | test.values
    return asks


def _meaning(tests: Tests, of: Callable[[Test], Holds] = Test.holds) -> Meanings:
    return tuple(tuple(of(test) for test in clause) for clause in tests)
