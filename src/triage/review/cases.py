"""Policy cases: requests, written as YAML, with the decision that the policy must give.

`triage test` and pytest run the same code. Each rule needs a case in which it matches and one in
which it just does not: exactly one of its conditions fails, or nothing but `unless` blocks it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.errors import RequestError
from triage.formats.yaml import DocumentError, Mapping, Sequence, read_document
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, Language
from triage.model.facts import Request
from triage.model.policy import Policy, Text, Where
from triage.rulebook.diagnostics import Diagnostics, Subject
from triage.rulebook.reader import Reader, shown

CASE_KEYS = ("name", "as_of", "request", "parameters", "expect")
EXPECT_KEYS = (
    *("recommendation", "rules", "score", "strategy", "priorities", "alignment", "decided_by"),
    *("lead", "consult", "fund", "flags", "possible", "could_change"),
)

Tried = tuple[tuple[str, Any], ...]
"""The values of parameters that a case tries instead of the policy's own, by name."""


@dataclass(frozen=True)
class Case:
    """One request with what the policy must say of it; only the keys of `expect` are compared."""

    name: str
    request: Request
    as_of: date | None
    parameters: Tried
    expect: dict[str, Any]
    where: Where


@dataclass(frozen=True)
class Outcome:
    """A case that has been run; `differences` has what was expected and what came, by key."""

    case: Case
    decision: Decision
    differences: dict[str, tuple[Any, Any]]

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(frozen=True)
class Coverage:
    """Which rules the cases show at work. A rule is covered when it has both kinds of case."""

    rules: int
    never_matched: tuple[str, ...]
    never_just_missed: tuple[str, ...]

    @property
    def uncovered(self) -> list[str]:
        """The rules that lack a case of one kind or of both."""
        return sorted({*self.never_matched, *self.never_just_missed})

    @property
    def covered(self) -> int:
        """How many rules have cases of both kinds."""
        return self.rules - len(self.uncovered)


def read_cases(paths: Iterable[Path], policy: Policy, diagnostics: Diagnostics) -> list[Case]:
    """The cases in files and folders; what cannot be read becomes a diagnostic."""
    cases: dict[str, Case] = {}
    for path in paths:
        for file in sorted(path.rglob("*.yaml")) if path.is_dir() else [path]:
            reader = Reader(str(file), diagnostics)
            for case in _read_file(file, reader, policy):
                if case.name in cases:
                    reader.duplicate(case.where, ("case", case.name), cases[case.name].where)
                cases[case.name] = case
    return list(cases.values())


def _read_file(file: Path, reader: Reader, policy: Policy) -> list[Case]:
    try:
        content = read_document(file)
    except DocumentError as error:
        reader.error(error.code, Where(reader.file, error.line), None, **error.values)
        return []
    except OSError as error:
        reader.error("unreadable", Where(reader.file, 1), None, problem=error.strerror)
        return []
    if not isinstance(content, Mapping) or not isinstance(content.get("cases"), Sequence):
        reader.error("not-a-case-file", Where(reader.file, 1))
        return []
    reader.keys(content, ("cases",), (), None)
    readers = {language: RequestReader(policy, language) for language in LANGUAGES}
    cases = [_case(reader, raw, policy, readers) for raw in reader.mappings(content, "cases", None)]
    return [case for case in cases if case is not None]


def _case(
    reader: Reader, raw: Mapping, policy: Policy, readers: dict[Language, RequestReader]
) -> Case | None:
    name = str(raw.get("name", "?"))
    subject = ("case", name)
    if not reader.keys(raw, CASE_KEYS, ("name", "request", "expect"), subject):
        return None
    expect = reader.mapping(raw, "expect", subject)
    reader.keys(expect, EXPECT_KEYS, ("recommendation",), subject, may_be_empty=EXPECT_KEYS)
    as_of = None
    if "as_of" in raw:
        as_of = reader.day(raw["as_of"], reader.where(raw, "as_of"), subject)
    facts = dict(reader.mapping(raw, "request", subject))
    facts.setdefault("id", name)
    if as_of is not None:
        facts.setdefault("received", as_of.isoformat())
    problems: list[RequestError] = []
    for requests in readers.values():
        try:
            request = requests.request(facts)
        except RequestError as error:
            problems.append(error)
    if problems:
        values = {"field": problems[0].field, "problem": Text(*(one.expected for one in problems))}
        reader.error("bad-case-request", reader.where(raw, "request"), subject, **values)
        return None
    rules = policy.rule
    for id in reader.words(expect, "rules", subject):
        if id not in rules:
            reader.misnamed("unknown-rule", reader.where(expect, "rules"), subject, id, rules)
    tried = _tried(reader, raw, policy, subject)
    return Case(name, request, as_of, tried, dict(expect), reader.where(raw))


def _tried(reader: Reader, raw: Mapping, policy: Policy, subject: Subject) -> Tried:
    entries = reader.mapping(raw, "parameters", subject)
    tried = []
    for name, written in entries.items():
        where, parameter = reader.where(entries, name), policy.parameters.get(name)
        if parameter is None:
            reader.misnamed("unknown-parameter", where, subject, name, policy.parameters)
            continue
        listed = isinstance(written, Sequence) and all(isinstance(one, str) for one in written)
        value = frozenset(written) if listed else written
        if type(value) in {type(dated.value) for dated in parameter.values} - {type(None)}:
            tried.append((name, value))
        else:
            reader.error("bad-value", where, subject, value=shown(written), of=parameter.of)
    return tuple(sorted(tried))


class Deciders:
    """One decider for the policy as it is, and one for each set of parameters that cases try."""

    def __init__(self, decider: Decider) -> None:
        self._made: dict[Tried, Decider] = {(): decider}
        self.policy = decider.policy

    def of(self, case: Case) -> Decider:
        """The decider for a case; the parameters that it tries have their values on all days."""
        if case.parameters not in self._made:
            parameters = dict(self.policy.parameters)
            for name, value in case.parameters:
                dated = tuple(replace(one, value=value) for one in parameters[name].values)
                parameters[name] = replace(parameters[name], values=dated)
            policy = replace(self.policy, parameters=parameters)
            self._made[case.parameters] = Decider(policy)
        return self._made[case.parameters]


def run_cases(cases: Iterable[Case], decider: Decider) -> list[Outcome]:
    deciders = Deciders(decider)
    return [_run(case, deciders.of(case)) for case in cases]


def _run(case: Case, decider: Decider) -> Outcome:
    decision = decider.decide(case.request, case.as_of)
    actual = decision.as_dict()
    actual["rules"] = [rule["id"] for rule in actual["rules"]]
    actual["could_change"] = [one["fact"] for one in actual["unknown"] if one["could_change"]]
    differences = {}
    for key, expected in case.expect.items():
        value = actual[key]
        same = expected == value
        if isinstance(expected, list) and value is not None:
            same = isinstance(value, list) and _in_order(expected) == _in_order(value)
        if not same:
            differences[key] = (expected, value)
    return Outcome(case, decision, differences)


def _in_order(values: Iterable[Any]) -> list[Any]:
    """The values in one order, whatever their types: a case may expect a number among words."""
    return sorted(values, key=lambda value: (str(value), isinstance(value, str)))


def cover(cases: Iterable[Case], decider: Decider) -> Coverage:
    """Which rules match in a case, and which just do not in another."""
    matched: set[str] = set()
    missed: set[str] = set()
    deciders = Deciders(decider)
    for case in cases:
        for matches in deciders.of(case).matches(case.request, case.as_of):
            held = {rule.id for rule in matches.matched}
            matched |= held
            missed |= {
                rule.id
                for rule in matches.plan.rules
                if rule.id not in held and rule.misses(matches.state) == 1
            }
    ids = [rule.id for rule in decider.policy.rules]
    never_matched = tuple(id for id in ids if id not in matched)
    return Coverage(len(ids), never_matched, tuple(id for id in ids if id not in missed))
