"""Random rules on a few facts with small vocabularies, random facts, and the plan of rules."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from support import BOTH, CONCLUDED_FLAG, CONCLUDED_SET, HERE, condition, rule, small_policy
from triage.deciding.bitsets import positions
from triage.deciding.calendar import Plan, take_snapshot
from triage.deciding.match import Matches
from triage.model.facts import Fact, Kind, Origin
from triage.model.operators import operators_of
from triage.model.policy import Basis, DatedValue, Effects, Parameter, Rule

DAY = date(2022, 7, 4)
LETTERS = ["a", "b", "c", "d"]
VOCABULARIES = {
    "letters": (False, LETTERS),
    "levels": (True, ["low", "middle", "high"]),
    "topics": (False, LETTERS),
}
FACTS = [
    Fact("origin", Kind.ENUM, "letters"),
    Fact("level", Kind.ENUM, "levels"),
    Fact("mission", Kind.TEXT),
    Fact("populations", Kind.SET, "letters"),
    Fact("purpose_stated", Kind.BOOLEAN),
    Fact("participants", Kind.INTEGER),
    Fact("officer_days", Kind.DECIMAL),
    Fact("start", Kind.DATE),
]
"""Facts with the names of a request's facts, but with small vocabularies of their own."""

ALIGNED = Fact("aligned_topics", Kind.SET, "topics", Origin.CONCLUDED)
CONCLUDED = [CONCLUDED_SET, CONCLUDED_FLAG, ALIGNED]

WORDS = st.sampled_from(["", "a", "é", "日本", 'x"y', "a\\b", "\n", "true", "5", "T"])
COUNTS = st.one_of(st.integers(-4, 4), st.sampled_from([2**53, -(2**53), 2**53 - 1]))
AMOUNTS = st.sampled_from(
    [Decimal(text) for text in ("0", "0.1", "-0.000001", "2.5", "1234567.891234", "3")]
)
DAYS = st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))


def one_value(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.kind:
        case Kind.ENUM | Kind.SET:
            return st.sampled_from(VOCABULARIES[fact.values or ""][1])
        case Kind.TEXT:
            return WORDS
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.INTEGER:
            return COUNTS
        case Kind.DECIMAL:
            return AMOUNTS
    return DAYS


@st.composite
def conditions(draw: st.DrawFn, facts: list[Fact], presence: bool) -> Any:
    fact = draw(st.sampled_from(facts))
    ordered = fact.values == "levels"
    allowed = sorted(operators_of(fact, ordered).items())
    if not presence:
        allowed = [(phrase, row) for phrase, row in allowed if row.known is None]
    operator, row = draw(st.sampled_from(allowed))
    value: Any = None
    if fact.origin is Origin.CONCLUDED and fact.kind is Kind.BOOLEAN:
        value = draw(st.booleans())
    elif row.takes == "one":
        value = draw(one_value(fact))
    elif row.takes == "many":
        value = frozenset(draw(st.lists(one_value(fact), min_size=1, max_size=3)))
    return condition(fact, operator, value)


@st.composite
def random_rules(draw: st.DrawFn) -> list[Rule]:
    rules = []
    alignment = Fact("alignment", Kind.ENUM, "alignments", Origin.DERIVED)
    for number in range(draw(st.integers(1, 14))):
        concludes = draw(st.booleans())
        facts = FACTS if concludes else [*FACTS, *CONCLUDED]
        # A rule that concludes a fact may not ask whether another is known: loading refuses it.
        clause = st.lists(conditions(facts, not concludes), min_size=1, max_size=3).map(tuple)
        when = draw(st.lists(clause, min_size=1, max_size=3))
        unless = draw(st.lists(clause, max_size=2))
        then = Effects(score=(("alignment", 1),))
        if concludes:
            letters = frozenset(draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=2)))
            concluded: list[tuple[str, frozenset[str] | bool]] = [
                ("found", letters),
                ("raised", True),
                ("aligned_topics", letters),
            ]
            then = Effects(conclude=(draw(st.sampled_from(concluded)),))
        elif draw(st.booleans()):
            operator = draw(st.sampled_from(["is at least", "is below", "is"]))
            level = draw(st.sampled_from(["partial", "large", "full"]))
            when = [*when, (condition(alignment, operator, level),)]
        rules.append(rule(f"rule-{number}", when, unless, then))
    return rules


@st.composite
def random_facts(draw: st.DrawFn) -> dict[str, Any]:
    facts = {}
    for fact in FACTS:
        if draw(st.booleans()):
            several = st.frozensets(st.sampled_from(LETTERS), max_size=3)
            facts[fact.name] = draw(several if fact.kind is Kind.SET else one_value(fact))
    if draw(st.booleans()):
        facts["topics"] = draw(st.frozensets(st.sampled_from(LETTERS), max_size=3))
    return facts


def uncertain(matches: Matches) -> dict[str, tuple[set[str], bool]]:
    """The open rules by id: the unknown facts that each waits for, and whether it holds for now."""
    found = {}
    for position in positions(matches.open):
        facts = {fact for fact, rules in matches.waiting.items() if rules >> position & 1}
        id = matches.plan.masks.rules[position].id
        found[id] = (facts, bool(matches.held >> position & 1))
    return found


def plan_of(rules: list[Rule]) -> tuple[Plan, dict[str, Fact]]:
    vocabularies = VOCABULARIES | {"alignments": (True, ["none", "partial", "large", "full"])}
    policy = small_policy(rules, [*FACTS, *CONCLUDED], vocabularies)
    share = DatedValue(date.min, Fraction(2, 3), (), BOTH)
    name = "largely_aligned_share"
    parameters = {name: Parameter(name, BOTH, "fraction", Basis.SETTING, (share,), HERE)}
    policy = replace(policy, parameters=parameters)
    return take_snapshot(policy, DAY).plans[None], dict(policy.facts)
