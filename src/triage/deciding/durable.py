"""The only user of durable-rules: compiles a plan into its safe subset and asks it which rules
hold.

The package's compiled core is driven directly, because its Host brings timer threads and swallowed
errors; `tests/test_engine_canaries.py` shows what the guards are for. Every rule becomes
conjunctions of typed comparisons on flat fields; sets and lists become true-or-false fields first,
because the core compares scalars only. An unknown fact is an absent field, on which no comparison
holds: what the core finds is exactly what holds for certain.
"""

import importlib
import itertools
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import orjson

from triage.deciding.calendar import Plan
from triage.deciding.settled import ActiveRule, terms
from triage.errors import EvaluationError
from triage.model.conditions import OPPOSITE, Partial, State, Test
from triage.model.facts import Fact, Kind

core: Any
try:
    core = importlib.import_module("durable_rules_engine")
except ImportError:  # Python 3.13 on, or no compiler when it was installed
    core = None

TERMS_A_RULESET = 60
"""The core fails when more than 64 conditions are true for one fact; a ruleset never holds that
many.
"""

MAX_INTEGER = 2**53
SCALE = 10**6
FACT = '{"id":1,"sid":1}'
MOST_KEPT = 1024
_names = itertools.count()


class Matcher(Protocol):
    """Finds the rules of one layer that hold for certain."""

    name: str

    def match(self, layer: int, state: State) -> list[ActiveRule]:
        """The rules of a layer that hold, by position."""
        ...


class ReferenceMatcher:
    """Runs the reference meaning of every rule: slower, the same result, needs no compiler."""

    name = "reference"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def match(self, layer: int, state: State) -> list[ActiveRule]:
        """The rules of a layer that hold, by position."""
        return [rule for rule in self._plan.layers[layer] if rule.holds(state)]


def active_engine() -> str:
    """The name and version of the engine that decisions are made with here."""
    if core is None:
        return ReferenceMatcher.name
    try:
        return f"durable-rules {version('durable-rules')}"
    except PackageNotFoundError:
        return "durable-rules"


class Engines:
    """One matcher a plan and thread; `kind` forces `reference` where both are there."""

    def __init__(self, facts: Mapping[str, Fact], kind: str | None = None) -> None:
        self._facts = facts
        self.name = ReferenceMatcher.name if kind == "reference" else active_engine()
        self._local = threading.local()

    def matcher(self, plan: Plan) -> Matcher:
        """The matcher of a plan in this thread; made when first asked for."""
        made: dict[int, tuple[Plan, Matcher]] | None = getattr(self._local, "made", None)
        if made is None:
            made = self._local.made = {}
        found = made.get(id(plan))
        if found is None or getattr(found[1], "failed", False):
            matcher: Matcher
            if self.name == ReferenceMatcher.name:
                matcher = ReferenceMatcher(plan)
            else:
                matcher = DurableMatcher(plan, self._facts)
            # The plan is kept beside its matcher, so that its id cannot be given to another plan.
            found = made[id(plan)] = (plan, matcher)
        return found[1]


# -- compiling
# ------------------------------------------------------------------------------------------------------

_ENGINE_OPERATORS = {
    "is not": "$neq",
    "at least": "$gte",
    "at most": "$lte",
    "above": "$gt",
    "below": "$lt",
}


_MEMBERSHIP = {
    "include": True,
    "include any of": True,
    "is any of": True,
    "include none of": False,
    "is none of": False,
}
"""Operators that ask whether one of several values is there, and the answer that makes them
hold.
"""


def encode(kind: Kind, value: Any, ranks: Sequence[str] = ()) -> int | str:
    """A value as the core compares it rightly: booleans as T and F, dates and decimals as whole
    numbers.
    """
    number: int
    match kind:
        case Kind.BOOLEAN:
            return "T" if value else "F"
        case Kind.ENUM | Kind.TEXT:
            return ranks.index(value) if ranks else str(value)
        case Kind.DATE:
            assert isinstance(value, date)
            number = value.toordinal()
        case Kind.DECIMAL:
            scaled = Decimal(value) * SCALE
            number = int(scaled)
            if number != scaled:
                raise EvaluationError(f"{value} has more than six decimals")
        case _:
            number = int(value)
    if abs(number) > MAX_INTEGER:
        raise EvaluationError(f"{value} is too large for the engine")
    return number


def _encoder(kind: Kind, ranks: tuple[str, ...]) -> Callable[[Any], int | str]:
    """The same for one fact, prepared; values of a vocabulary need no check."""
    if kind is Kind.BOOLEAN:
        return {True: "T", False: "F"}.__getitem__
    if ranks:
        return {value: rank for rank, value in enumerate(ranks)}.__getitem__
    if kind is Kind.ENUM:
        return str
    return lambda value: encode(kind, value)


@dataclass
class _FactFields:
    """How the value of one fact becomes fields of the core.

    `absent` and `present` serve sets and lists: the fields of a fact that is known, and those that
    a value of it turns true. `tests` are conditions that the core cannot compare. `kept` remembers
    what was worked out for a value.
    """

    name: str
    scalar: tuple[str, Callable[[Any], int | str]] | None = None
    absent: dict[str, str] = field(default_factory=dict)
    present: dict[str, list[str]] = field(default_factory=dict)
    tests: list[tuple[str, Callable[[State], bool | None]]] = field(default_factory=list)
    kept: dict[Any, tuple[str, int]] = field(default_factory=dict)

    def fields(self, value: Any) -> dict[str, int | str]:
        """The fields for a value, None when the fact is unknown."""
        fields: dict[str, int | str] = {}
        if value is not None and self.scalar is not None:
            name, encoded = self.scalar
            fields[name] = encoded(value)
        if value is not None and self.present:
            fields.update(self.absent)
            if value.__class__ is Partial:
                for one in value.upper - value.lower:
                    for name in self.present.get(one, ()):
                        fields.pop(name, None)
            for one in _members(value):
                for name in self.present.get(one, ()):
                    fields[name] = "T"
        state = {} if value is None else {self.name: value}
        for name, holds in self.tests:
            answer = holds(state)
            if answer is not None:
                fields[name] = "T" if answer else "F"
        return fields


def _members(value: Any) -> Iterable[str]:
    if value.__class__ is Partial:
        value = value.lower
    return (value,) if value.__class__ is str else value


@dataclass
class _Layer:
    """One layer in the core: its rulesets, and how to turn the facts into fields."""

    rules: tuple[ActiveRule, ...]
    named: dict[str, ActiveRule] = field(default_factory=dict)
    rulesets: list[int] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    """By field the rulesets that compare it, as bits."""
    facts: dict[str, _FactFields] = field(default_factory=dict)

    def of(self, fact: str) -> _FactFields:
        """The fields of one fact."""
        return self.facts.setdefault(fact, _FactFields(fact))

    def text(self, facts: _FactFields, value: Any) -> tuple[str, int]:
        """The fields for a value as a piece of JSON, and the rulesets that compare one of them;
        remembered.
        """
        fields, rulesets = facts.fields(value), 0
        for name in fields:
            rulesets |= self.used.get(name, 0)
        text = "," + orjson.dumps(fields).decode()[1:-1] if fields else ""
        if len(facts.kept) >= MOST_KEPT:
            facts.kept.clear()
        found = facts.kept[value] = (text, rulesets)
        return found


class DurableMatcher:
    """One plan compiled for the core. Not for several threads at once: `Engines` gives each
    thread its own.
    """

    def __init__(self, plan: Plan, facts: Mapping[str, Fact]) -> None:
        self.name = active_engine()
        self.failed = False
        self._facts = facts
        handles: list[int] = []
        # Rulesets live in a table of the core until they are deleted, whatever Python collects.
        self._healthy = [True]
        weakref.finalize(self, _delete, handles, self._healthy)
        self._layers = [self._compile(rules, handles) for rules in plan.layers]

    # .. facts to fields ..

    def _compile(self, rules: tuple[ActiveRule, ...], handles: list[int]) -> _Layer:
        layer = _Layer(rules, {f"{index:04}": rule for index, rule in enumerate(rules)})
        self._names: dict[Any, str] = {}
        compiled = [
            (index, term)
            for index, rule in enumerate(rules)
            for term in dict.fromkeys(
                tuple(sorted({self._literal(layer, test, wanted) for test, wanted in term}))
                for term in terms(rule)
            )
        ]
        for start in range(0, len(compiled), TERMS_A_RULESET):
            shard = compiled[start : start + TERMS_A_RULESET]
            definition: dict[str, Any] = {
                f"{index:04}.{number}": {
                    "all": [{"m": {"$and": [{"kind": "q"}, *map(_comparison, term)]}}]
                }
                for number, (index, term) in enumerate(shard)
            }
            # A rule that fires once, here: it shows that the ruleset works, and makes its state
            # safe to delete.
            definition["warm"] = {"all": [{"m": {"kind": "warm"}}]}
            try:
                handle = core.create_ruleset(
                    f"triage-{next(_names)}", orjson.dumps(definition).decode()
                )
                handles.append(handle)
                if [message[2:6] for message in _ask(handle, '{"id":1,"sid":1,"kind":"warm"}')] != [
                    "warm"
                ]:
                    raise EvaluationError("the engine does not answer")
            except BaseException as error:
                self._fail()
                raise EvaluationError(f"the engine refused the rules: {error}") from error
            for name in {name for _, term in shard for name, _, _ in term}:
                layer.used[name] = layer.used.get(name, 0) | 1 << len(layer.rulesets)
            layer.rulesets.append(handle)
        return layer

    def _fail(self) -> None:
        # An error can leave activations behind, which would answer for the next request, and a
        # state that crashes when it is deleted: nothing but the ruleset itself is touched again.
        self.failed = True
        self._healthy[0] = False

    def _literal(self, layer: _Layer, test: Test, wanted: bool) -> tuple[str, str, str | int]:
        """The comparison of one field that holds exactly when the test is `wanted`."""
        fact = self._facts[test.fact]
        operator = test.operator if wanted else OPPOSITE.get(test.operator)
        if fact.kind is Kind.BOOLEAN and not test.presence:
            return self._scalar(layer, fact, ()), "is", encode(fact.kind, test.value is wanted)
        if operator in (*_ENGINE_OPERATORS, "is") and fact.kind in (
            Kind.INTEGER,
            Kind.DECIMAL,
            Kind.DATE,
        ):
            return self._scalar(layer, fact, ()), operator, encode(fact.kind, test.value)
        # Alignment may be known in part, which a scalar field cannot say; free text is compared in
        # Python.
        plain = fact.kind is Kind.ENUM and fact.name != "alignment"
        if plain and operator in ("is", "is not"):
            return (
                self._scalar(layer, fact, test.ranks),
                operator,
                encode(fact.kind, test.value, test.ranks),
            )
        if plain and operator in ("is at least", "is at most", "is above", "is below"):
            field_name = self._scalar(layer, fact, test.ranks)
            return (
                field_name,
                operator.removeprefix("is "),
                encode(fact.kind, test.value, test.ranks),
            )
        if (fact.kind is Kind.SET or plain) and test.operator in _MEMBERSHIP:
            answer = "T" if _MEMBERSHIP[test.operator] is wanted else "F"
            return self._member(layer, test, answer), "is", answer
        name, tests = self._name(("test", test)), layer.of(test.fact).tests
        if all(name != known for known, _ in tests):
            tests.append((name, test.holds()))
        return name, "is", "T" if wanted else "F"

    def _scalar(self, layer: _Layer, fact: Fact, ranks: tuple[str, ...]) -> str:
        name = self._name(("fact", fact.name))
        layer.of(fact.name).scalar = (name, _encoder(fact.kind, ranks))
        return name

    def _member(self, layer: _Layer, test: Test, answer: str) -> str:
        """A field that tells whether one of the test's values is the fact's value, or in its
        set.
        """
        values = frozenset((test.value,)) if test.operator == "include" else test.value
        known = ("member", test.fact, values) in self._names
        name, fields = self._name(("member", test.fact, values)), layer.of(test.fact)
        if not known:
            for value in values:
                fields.present.setdefault(value, []).append(name)
        if answer == "F":
            # Sent only where a rule asks for it: every field costs the core time.
            fields.absent[name] = "F"
        return name

    def _name(self, key: Any) -> str:
        # The core tells fields apart by a 32-bit hash of the name; f0 to f9999 are known to differ.
        return self._names.setdefault(key, f"f{len(self._names)}")

    # .. matching ..

    def match(self, layer: int, state: State) -> list[ActiveRule]:
        """The rules of a layer that hold, by position."""
        if self.failed:
            raise EvaluationError("this engine failed before and is not used again")
        compiled = self._layers[layer]
        texts, asked = ['{"id":1,"sid":1,"kind":"q"'], 0
        for name, facts in compiled.facts.items():
            value = state.get(name)
            if value is None and not facts.tests:
                continue
            text, rulesets = facts.kept.get(value) or compiled.text(facts, value)
            texts.append(text)
            asked |= rulesets
        texts.append("}")
        fact, named = "".join(texts), compiled.named
        # A rule with alternatives may fire once for each; a dict keeps the first, in the order of
        # the rules.
        found: dict[str, ActiveRule] = {}
        try:
            for number, handle in enumerate(compiled.rulesets):
                if asked >> number & 1:
                    for message in _ask(handle, fact):
                        name = message[2:6]
                        found[name] = named[name]
            return list(found.values())
        except BaseException as error:
            self._fail()
            if isinstance(error, Exception) and not isinstance(error, EvaluationError):
                raise EvaluationError(f"the engine failed: {error}") from error
            raise


def _ask(handle: int, fact: str) -> list[str]:
    """The core's messages for one fact, one for each term that holds; they start with the rule's
    name.
    """
    code, state = core.assert_fact(handle, fact)
    if code == 1:  # nothing holds, and nothing was stored
        return []
    result = core.start_action_for_state(handle, state) if code == 0 else None
    if result is None:
        raise EvaluationError(f"the engine gave no answer (code {code})")
    messages = [result[1]]
    while (message := core.complete_and_start_action(handle, state)) is not None:
        messages.append(message)
        if len(messages) > TERMS_A_RULESET:
            raise EvaluationError("the engine repeats itself")
    core.retract_fact(handle, FACT)
    return messages


def _comparison(literal: tuple[str, str, str | int]) -> dict[str, Any]:
    name, operator, value = literal
    return {name: value} if operator == "is" else {_ENGINE_OPERATORS[operator]: {name: value}}


def _delete(handles: list[int], healthy: list[bool]) -> None:
    for handle in handles:
        if healthy[0]:
            core.delete_state(handle, "1")
        core.delete_ruleset(handle)
