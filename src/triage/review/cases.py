"""Policy cases: requests with the decision that the policy must give, written as YAML beside the
policy's tests.

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
from triage.formats.spelling import nearest
from triage.formats.yaml import DocumentError, Mapping, Sequence, read_document
from triage.intake.requests import RequestReader
from triage.model.facts import Request
from triage.model.policy import Policy, Where
from triage.rulebook.diagnostics import Diagnostics
from triage.rulebook.reader import Reader, shown

CASE_KEYS = ("name", "as_of", "request", "parameters", "expect")
EXPECT_KEYS = (
    *(
        "recommendation",
        "rules",
        "score",
        "strategy",
        "priorities",
        "alignment",
        "decided_by",
        "lead",
        "consult",
    ),
    *("fund", "flags", "possible", "could_change"),
)


@dataclass(frozen=True)
class Case:
    """One request with what the policy must say of it: only the keys that `expect` names are
    compared.

    `parameters` holds values that the case tries instead of the policy's own.
    """

    name: str
    request: Request
    as_of: date | None
    parameters: tuple[tuple[str, Any], ...]
    expect: dict[str, Any]
    where: Where


@dataclass(frozen=True)
class Outcome:
    """A case that has been run: what differs, as expected and actual by key."""

    case: Case
    decision: Decision
    differences: dict[str, tuple[Any, Any]]

    @property
    def passed(self) -> bool:
        """Whether the decision is as expected."""
        return not self.differences


@dataclass(frozen=True)
class Coverage:
    """Which rules the cases show at work. A rule is covered when it has both kinds of case."""

    rules: int
    never_matched: tuple[str, ...]
    never_just_missed: tuple[str, ...]

    @property
    def uncovered(self) -> list[str]:
        """The rules that lack a case of either kind."""
        return sorted({*self.never_matched, *self.never_just_missed})

    @property
    def covered(self) -> int:
        """How many rules have both."""
        return self.rules - len(self.uncovered)


def read_cases(paths: Iterable[Path], policy: Policy, diagnostics: Diagnostics) -> list[Case]:
    """The cases in files and folders; what cannot be read becomes a diagnostic."""
    cases: dict[str, Case] = {}
    for path in paths:
        files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        for file in files:
            for case in _read_file(file, policy, diagnostics):
                if case.name in cases:
                    first = cases[case.name].where
                    diagnostics.error(
                        "duplicate-id",
                        case.where,
                        ("case", case.name),
                        file=first.file,
                        line=first.line,
                    )
                cases[case.name] = case
    return list(cases.values())


def _read_file(file: Path, policy: Policy, diagnostics: Diagnostics) -> list[Case]:
    reader = Reader(str(file), diagnostics)
    try:
        content = read_document(file)
    except DocumentError as error:
        diagnostics.error(error.code, Where(str(file), error.line), None, **error.values)
        return []
    except OSError as error:
        diagnostics.error("unreadable", Where(str(file), 1), None, problem=error.strerror)
        return []
    if not isinstance(content, Mapping) or not isinstance(content.get("cases"), Sequence):
        diagnostics.error("not-a-case-file", Where(str(file), 1))
        return []
    reader.keys(content, ("cases",), (), None)
    requests = RequestReader(policy)
    found = [_case(reader, raw, requests) for raw in reader.mappings(content, "cases", None)]
    return [case for case in found if case is not None]


def _case(reader: Reader, raw: Mapping, requests: RequestReader) -> Case | None:
    subject = ("case", str(raw.get("name", "?")))
    if not reader.keys(raw, CASE_KEYS, ("name", "request", "expect"), subject):
        return None
    where = reader.where(raw)
    expect = reader.mapping(raw, "expect", subject)
    reader.keys(expect, EXPECT_KEYS, ("recommendation",), subject, may_be_empty=EXPECT_KEYS)
    as_of = (
        reader.day(raw["as_of"], reader.where(raw, "as_of"), subject) if "as_of" in raw else None
    )
    given = dict(reader.mapping(raw, "request", subject))
    given.setdefault("id", subject[1])
    if as_of is not None:
        given.setdefault("received", as_of.isoformat())
    try:
        request = requests.request(given)
    except RequestError as error:
        reader.diagnostics.error(
            "bad-case-request",
            reader.where(raw, "request"),
            subject,
            field=error.field,
            problem=error.expected,
        )
        return None
    rules = requests.policy.rule
    for id in reader.words(expect, "rules", subject):
        if id not in rules:
            place = reader.where(expect, "rules")
            reader.diagnostics.error(
                "unknown-rule", place, subject, value=id, suggestion=nearest(id, rules)
            )
    parameters = _parameters(reader, raw, requests.policy, subject)
    return Case(subject[1], request, as_of, parameters, dict(expect), where)


def _parameters(
    reader: Reader, raw: Mapping, policy: Policy, subject: tuple[str, str]
) -> tuple[tuple[str, Any], ...]:
    given = reader.mapping(raw, "parameters", subject)
    found = []
    for name, value in given.items():
        where, parameter = reader.where(given, name), policy.parameters.get(name)
        if parameter is None:
            suggestion = nearest(name, policy.parameters)
            reader.diagnostics.error(
                "unknown-parameter", where, subject, value=name, suggestion=suggestion
            )
            continue
        kinds = {type(dated.value) for dated in parameter.values if dated.value is not None}
        words = isinstance(value, Sequence) and all(isinstance(one, str) for one in value)
        typed = frozenset(value) if words else value
        if type(typed) not in kinds:
            reader.diagnostics.error(
                "bad-value", where, subject, value=shown(value), of=parameter.of
            )
            continue
        found.append((name, typed))
    return tuple(sorted(found))


class Deciders:
    """One decider for the policy as it is, and one for each set of parameters that cases try."""

    def __init__(self, decider: Decider) -> None:
        self._made: dict[tuple[tuple[str, Any], ...], Decider] = {(): decider}
        self.policy = decider.policy

    def of(self, case: Case) -> Decider:
        """The decider for a case."""
        found = self._made.get(case.parameters)
        if found is None:
            changed = dict(self.policy.parameters)
            for name, value in case.parameters:
                old = changed[name]
                changed[name] = replace(
                    old, values=tuple(replace(dated, value=value) for dated in old.values)
                )
            found = self._made[case.parameters] = Decider(replace(self.policy, parameters=changed))
        return found


def run_cases(cases: Iterable[Case], decider: Decider) -> list[Outcome]:
    """Run every case."""
    deciders = Deciders(decider)
    return [_run(case, deciders.of(case)) for case in cases]


def _run(case: Case, decider: Decider) -> Outcome:
    decision = decider.decide(case.request, case.as_of)
    actual = decision.as_dict()
    actual["rules"] = [rule["id"] for rule in actual["rules"]]
    actual["could_change"] = [one["fact"] for one in actual["unknown"] if one["could_change"]]
    differences = {}
    for key, expected in case.expect.items():
        found = actual[key]
        same = (
            sorted(expected) == sorted(found)
            if isinstance(expected, list) and found is not None
            else expected == found
        )
        if not same:
            differences[key] = (expected, found)
    return Outcome(case, decision, differences)


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
    return Coverage(
        len(ids),
        tuple(id for id in ids if id not in matched),
        tuple(id for id in ids if id not in missed),
    )
