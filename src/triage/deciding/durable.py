"""The only user of durable-rules: compiles a plan into its safe subset and asks which rules hold.

The compiled core of the package is driven directly, because its Host starts timer threads and
swallows errors; `tests/test_engine_canaries.py` shows what each guard is for. A rule becomes
conjunctions of comparisons on the fields of `fields`. An unknown fact is an absent field, so the
core finds exactly the rules that hold for certain.
"""

import importlib
import itertools
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import orjson

from triage.deciding.calendar import Plan
from triage.deciding.fields import Comparison, FactFields, LayerFields
from triage.deciding.settled import ActiveRule, terms
from triage.errors import EvaluationError, first_line
from triage.model.conditions import State
from triage.model.facts import Fact

core: Any
try:
    core = importlib.import_module("durable_rules_engine")
except ImportError:  # Python 3.13 on, or no compiler when it was installed
    core = None

TERMS_A_RULESET = 60
"""The core fails when more than 64 conditions are true for one fact."""

FACT = '{"id":1,"sid":1}'
MOST_KEPT = 1024
_names = itertools.count()


class Matcher(Protocol):
    """Finds the rules of one layer that hold for certain."""

    failed: bool
    """Whether it raised an error, after which it is not used again."""

    def match(self, layer: int, state: State) -> list[ActiveRule]:
        """The rules of a layer that hold, by position."""
        ...


class ReferenceMatcher:
    """Runs the reference meaning of every rule: slower, the same result, needs no compiler."""

    name = "reference"
    failed = False

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def match(self, layer: int, state: State) -> list[ActiveRule]:
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
    """One matcher a plan and thread; `forced` may be `reference`, where both engines are there."""

    def __init__(self, facts: Mapping[str, Fact], forced: str | None = None) -> None:
        self._facts = facts
        self.name = ReferenceMatcher.name if forced == "reference" else active_engine()
        self._local = threading.local()

    def matcher(self, plan: Plan) -> Matcher:
        """The matcher of a plan in this thread, made when first asked for."""
        made: dict[int, tuple[Plan, Matcher]] | None = getattr(self._local, "made", None)
        if made is None:
            made = self._local.made = {}
        found = made.get(id(plan))
        if found is None or found[1].failed:
            reference = self.name == ReferenceMatcher.name
            matcher: Matcher
            matcher = ReferenceMatcher(plan) if reference else DurableMatcher(plan, self._facts)
            # The plan is kept beside its matcher, so that its id cannot be given to another plan.
            found = made[id(plan)] = (plan, matcher)
        return found[1]


@dataclass
class _Layer:
    """One layer in the core: its rulesets, and how facts become the fields that they compare."""

    rules: dict[str, ActiveRule]
    """The rules by the four digits under which the core knows them."""
    facts: dict[str, FactFields]
    rulesets: list[int] = field(default_factory=list)
    comparing: dict[str, int] = field(default_factory=dict)
    """By field the rulesets that compare it, as bits."""

    def text(self, facts: FactFields, value: Any) -> tuple[str, int]:
        """The fields for a value as a piece of JSON, and the rulesets that compare one of them."""
        fields, rulesets = facts.fields(value), 0
        for name in fields:
            rulesets |= self.comparing.get(name, 0)
        text = "," + orjson.dumps(fields).decode()[1:-1] if fields else ""
        if len(facts.kept) >= MOST_KEPT:
            facts.kept.clear()
        found = facts.kept[value] = (text, rulesets)
        return found


class DurableMatcher:
    """One plan compiled for the core; only for the thread to which `Engines` gives it."""

    def __init__(self, plan: Plan, facts: Mapping[str, Fact]) -> None:
        self.failed = False
        self._facts = facts
        self._handles: list[int] = []
        # Rulesets live in a table of the core until they are deleted, whatever Python collects.
        self._healthy = [True]
        weakref.finalize(self, _delete, self._handles, self._healthy)
        self._layers = [self._compile(rules) for rules in plan.layers]

    def _compile(self, rules: tuple[ActiveRule, ...]) -> _Layer:
        fields = LayerFields(self._facts)
        layer = _Layer({f"{index:04}": rule for index, rule in enumerate(rules)}, fields.by_fact)
        conjunctions: list[tuple[str, tuple[Comparison, ...]]] = []
        for name, rule in layer.rules.items():
            of_rule = [{fields.comparison(*literal) for literal in term} for term in terms(rule)]
            unique = dict.fromkeys(tuple(sorted(comparisons)) for comparisons in of_rule)
            conjunctions += [(name, comparisons) for comparisons in unique]
        for start in range(0, len(conjunctions), TERMS_A_RULESET):
            shard = conjunctions[start : start + TERMS_A_RULESET]
            for compared in {compared for _, term in shard for compared, _, _ in term}:
                bits = layer.comparing.get(compared, 0)
                layer.comparing[compared] = bits | 1 << len(layer.rulesets)
            layer.rulesets.append(self._ruleset(shard))
        return layer

    def _ruleset(self, conjunctions: list[tuple[str, tuple[Comparison, ...]]]) -> int:
        """The handle of a new ruleset, one action for each conjunction."""
        definition: dict[str, Any] = {
            f"{name}.{number}": _rule({"$and": [{"kind": "q"}, *map(_comparison, term)]})
            for number, (name, term) in enumerate(conjunctions)
        }
        # This rule fires once, here: it shows that the ruleset works, and makes its state safe to
        # delete.
        definition["warm"] = _rule({"kind": "warm"})
        text = orjson.dumps(definition).decode()
        try:
            handle: int = core.create_ruleset(f"triage-{next(_names)}", text)
            self._handles.append(handle)
            answers = _ask(handle, '{"id":1,"sid":1,"kind":"warm"}')
            if [message[2:6] for message in answers] != ["warm"]:
                raise EvaluationError("evaluation.no-start")
        except BaseException as error:
            self._fail()
            if isinstance(error, EvaluationError):
                raise
            raise EvaluationError("evaluation.refused", problem=first_line(error)) from error
        return handle

    def _fail(self) -> None:
        # An error can leave activations behind, which would answer for the next request, and a
        # state that crashes when it is deleted: nothing but the ruleset itself is touched again.
        self.failed = True
        self._healthy[0] = False

    def match(self, layer: int, state: State) -> list[ActiveRule]:
        """The rules of a layer that hold, by position; `EvaluationError` when the core fails."""
        if self.failed:
            raise EvaluationError("evaluation.used-up")
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
        fact, rules = "".join(texts), compiled.rules
        # A rule with alternatives may fire for each; the dict keeps the order of the rules.
        found: dict[str, ActiveRule] = {}
        try:
            for number, handle in enumerate(compiled.rulesets):
                if asked >> number & 1:
                    for message in _ask(handle, fact):
                        name = message[2:6]
                        found[name] = rules[name]
            return list(found.values())
        except BaseException as error:
            self._fail()
            if isinstance(error, Exception) and not isinstance(error, EvaluationError):
                raise EvaluationError("evaluation.failed", problem=first_line(error)) from error
            raise


def _ask(handle: int, fact: str) -> list[str]:
    """The core's messages, one for each conjunction that holds; each starts with a rule's name."""
    code, state = core.assert_fact(handle, fact)
    if code == 1:  # nothing holds, and nothing was stored
        return []
    result = core.start_action_for_state(handle, state) if code == 0 else None
    if result is None:
        raise EvaluationError("evaluation.no-answer", code=code)
    messages = [result[1]]
    while (message := core.complete_and_start_action(handle, state)) is not None:
        messages.append(message)
        if len(messages) > TERMS_A_RULESET:
            raise EvaluationError("evaluation.repeats")
    core.retract_fact(handle, FACT)
    return messages


def _rule(pattern: dict[str, Any]) -> dict[str, Any]:
    return {"all": [{"m": pattern}]}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    name, operator, value = comparison
    return {operator: {name: value}} if operator else {name: value}


def _delete(handles: list[int], healthy: list[bool]) -> None:
    for handle in handles:
        if healthy[0]:
            core.delete_state(handle, "1")
        core.delete_ruleset(handle)
