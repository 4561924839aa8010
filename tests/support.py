"""What tests share: the shipped policy, random requests for it, and a small policy in memory."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from triage.columnar.columns import facts_of
from triage.columnar.encode import frame_of as frame_of_facts
from triage.deciding.decide import Decider
from triage.model.derived import DERIVED
from triage.model.facts import Fact, Kind, Origin, Request
from triage.model.periods import ALWAYS
from triage.model.policy import (
    Basis,
    Clause,
    Condition,
    Criterion,
    Effects,
    Policy,
    Rule,
    Term,
    Text,
    Vocabulary,
    Where,
)
from triage.rulebook.load import load_policy

ROOT = Path(__file__).parents[1]
RULES = ROOT / "rules"
HERE = Where("rules.yaml", 1)
ENGINE_NAME = re.compile(r"\b(durable-rules [0-9]+(\.[0-9]+)*|reference)\b")
"""The engine as every output names it; tests that compare whole texts hold with either one."""


@cache
def shipped() -> Policy:
    """The shipped policy, loaded once."""
    return load_policy(RULES)


REQUEST_FACTS = shipped().request_facts


@cache
def decider(engine: str | None = None) -> Decider:
    """A decider for the shipped policy; `reference` for the evaluator in plain Python."""
    return Decider(shipped(), engine)


def request(**facts: Any) -> Request:
    """A request received on 4 July 2022; sets may be given as lists."""
    sets = {name: frozenset(value) for name, value in facts.items() if isinstance(value, list)}
    given = {"id": "T-1", "received": date(2022, 7, 4), "engagement_type": "meeting"}
    every = given | facts | sets
    return Request({name: value for name, value in every.items() if value is not None})


# -- random requests

PLACES = "JPN IND CHN HKG PAK NPL IRN MEX BRA CHL GRL HTI FRA KEN".split()  # noqa: SIM905


def values_of(name: str) -> st.SearchStrategy[Any]:
    """Values of one fact of a request under the shipped policy."""
    fact = REQUEST_FACTS[name]
    if name == "countries":
        return st.frozensets(st.sampled_from(PLACES), min_size=1, max_size=3)
    terms = list(shipped().vocabularies[fact.values].terms) if fact.values else []
    match fact.kind:
        case Kind.SET:
            return st.frozensets(st.sampled_from(terms), max_size=4)
        case Kind.ENUM:
            return st.sampled_from(terms)
        case Kind.TEXT:
            return st.sampled_from([*terms, "another"])
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.INTEGER:
            return st.sampled_from([0, 1, 9, 10, 11, 49, 50, 51, 400])
        case Kind.DECIMAL:
            return st.sampled_from([Decimal(text) for text in ("0", "0.5", "12.25", "250000")])
    return st.integers(0, 1700).map(lambda day: date(2022, 3, 1) + timedelta(days=day))


OPTIONAL = [
    name
    for name, fact in REQUEST_FACTS.items()
    if fact.readable
    and name not in ("received", "engagement_type", "start", "end", "visa_required_participants")
]


@st.composite
def requests(draw: st.DrawFn, least: dict[str, st.SearchStrategy[Any]] | None = None) -> Request:
    """Random requests; about half of the facts are unknown, but those of `least` are drawn."""
    chosen = draw(st.sets(st.sampled_from(OPTIONAL), max_size=22))
    facts = {name: draw(values_of(name)) for name in sorted(chosen)}
    facts |= {name: draw(strategy) for name, strategy in (least or {}).items()}
    facts["received"] = draw(values_of("received"))
    if draw(st.booleans()):
        facts["start"] = facts["received"] + timedelta(days=draw(st.integers(-3, 90)))
        if draw(st.booleans()):
            facts["end"] = facts["start"] + timedelta(days=draw(st.integers(0, 9)))
    facts["engagement_type"] = draw(values_of("engagement_type"))
    return Request({"id": "T-1", **facts})


def completed(found: Request, facts: dict[str, Any]) -> Request:
    """The request with more facts known."""
    return found.having(facts)


def frame_of(requests: Iterable[Request]) -> pl.DataFrame:
    """A case set of the facts of the shipped policy."""
    return frame_of_facts(requests, facts_of([shipped()]))


# -- a small policy in memory

BOTH = Text("text", "texte")


DERIVED_FACTS = {name: row.fact for name, row in DERIVED.items()}


def small_policy(
    rules: Iterable[Rule], facts: Iterable[Fact], vocabularies: dict[str, tuple[bool, list[str]]]
) -> Policy:
    """A policy without strategies: its rules are all read outside of any."""
    made = {
        id: Vocabulary(id, ordered, {term: Term(term, BOTH, (), (), HERE) for term in terms})
        for id, (ordered, terms) in vocabularies.items()
    }
    return Policy(
        id="small",
        version="0" * 12,
        title=BOTH,
        notice=BOTH,
        default_lead="IIR",
        acknowledged=frozenset(),
        strategies={},
        criteria=(Criterion("alignment", BOTH, 100),),
        vocabularies=made,
        facts={**REQUEST_FACTS, **DERIVED_FACTS, **{fact.name: fact for fact in facts}},
        fact_texts={},
        parameters={},
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        documents={},
        statements={},
    )


def rule(
    id: str, when: Iterable[Clause], unless: Iterable[Clause] = (), then: Effects | None = None
) -> Rule:
    """A rule with conditions and effects, and nothing else of interest."""
    return Rule(
        id=id,
        strategy=None,
        title=BOTH,
        when=tuple(when),
        unless=tuple(unless),
        then=then or Effects(score=(("alignment", 1),)),
        because=BOTH,
        basis=Basis.SETTING,
        cite=(),
        rationale=BOTH,
        in_force=ALWAYS,
        applies_if=None,
        where=HERE,
    )


def condition(fact: Fact, operator: str, value: Any = None) -> Condition:
    """One condition."""
    return Condition(fact, operator, value, HERE)


CONCLUDED_SET = Fact("found", Kind.SET, "letters", Origin.CONCLUDED)
CONCLUDED_FLAG = Fact("raised", Kind.BOOLEAN, None, Origin.CONCLUDED)
