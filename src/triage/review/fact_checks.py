"""Facts that nothing reads, and conditions that no value of their fact can meet."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from triage.deciding.settled import Settler
from triage.model.derived import DERIVED
from triage.model.facts import Kind, Origin
from triage.model.policy import Condition, Policy, Reference, Where
from triage.model.program import PROGRAM_FACTS
from triage.review.satisfiable import Domains, contradiction
from triage.review.term_checks import shown_in_texts
from triage.rulebook.diagnostics import Diagnostics, Subject

Told = set[tuple[str, str]]
"""The ids of rules and limits with a fact whose range makes one of their conditions impossible."""


def check_read(policy: Policy, diagnostics: Diagnostics) -> None:
    """Warn of a request fact that neither the program nor anything of the policy reads."""
    read = {condition.fact.name for _, condition in _conditions(policy)} | shown_in_texts(policy)
    read |= {source for name in read & DERIVED.keys() for source in DERIVED[name].sources}
    for name in policy.readable:
        if name not in read and name not in PROGRAM_FACTS:
            where = policy.fact_texts[name].where or Where(str(policy.folder), 1)
            diagnostics.warning("unused-fact", where, ("fact", name))


def check_ranges(policy: Policy, domains: Domains, diagnostics: Diagnostics) -> Told:
    """Warn of conditions that lie beyond the declared range of their fact."""
    told: Told = set()
    for subject, condition in _conditions(policy):
        fact, domain = condition.fact, domains[condition.fact.name]
        if fact.origin is not Origin.REQUEST or fact.range is None:
            continue
        anywhere = {fact.name: replace(domain, least=None, most=None)}
        tests = [
            Settler(policy, values).tests(((condition,),))[0][0]
            for values in _settings(policy, condition)
        ]
        if tests and all(
            contradiction([(test, True)], domains) and not contradiction([(test, True)], anywhere)
            for test in tests
        ):
            code = "beyond-letters" if fact.kind is Kind.TEXT else "beyond-range"
            least, most = fact.range
            values = {"fact": fact.name, "least": least, "most": most}
            phrase = _phrase(condition)
            diagnostics.warning(code, condition.where, subject, phrase=phrase, **values)
            told.add((subject[1], fact.name))
    return told


def _conditions(policy: Policy) -> Iterator[tuple[Subject, Condition]]:
    """Every condition, with the rule or limit that it is of."""
    for rule in policy.rules:
        yield from ((("rule", rule.id), condition) for condition in rule.conditions())
    for limit in policy.limits:
        for clause in limit.applies_to:
            yield from ((("limit", limit.id), condition) for condition in clause)


def _settings(policy: Policy, condition: Condition) -> list[dict[str, Any]]:
    """The values that the parameter of a condition has on some day; one without a parameter."""
    value = condition.value
    if not isinstance(value, Reference):
        return [{}]
    dated = policy.parameters[value.parameter].values
    return [{value.parameter: one.value} for one in dated if one.value is not None]


def _phrase(condition: Condition) -> str:
    """A condition as it stands in the file."""
    value = condition.value
    if isinstance(value, Reference):
        value = value.parameter
    elif isinstance(value, frozenset):
        value = f"[{', '.join(sorted(value))}]"
    return f"{condition.fact.name} {condition.operator}: {value}"
