"""The facts that the program works out from others, one row each: how, from what, and in words.

Whatever needs to know reads it here: the evaluators, the columns, the advice, the worksheet, and
the reader of policies. A policy declares those that it uses, with `derived: true` and their labels.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from triage.model import workdays
from triage.model.facts import COUNTRIES, Fact, Kind, Origin
from triage.model.operators import Nodes

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FactSetting:
    """What a fact rests on beside other facts.

    It is a parameter of the type `of`, with its least and most and what stands for it while it has
    no value; or `STRATEGY` or `REGION`, which the assessment gives.
    """

    name: str
    of: str
    range: tuple[int, int] | None = None
    missing: Any = None


STRATEGY = FactSetting("strategy", "strategies")
"""The strategy of the assessment; None outside all of them."""
REGION = FactSetting("region", COUNTRIES, missing=frozenset())
"""The countries in the region of that strategy."""
SMALL = FactSetting("small_event_at_most", "integer", (0, 1_000_000), missing=0)
MEDIUM = FactSetting("medium_event_at_most", "integer", (0, 1_000_000), missing=0)
LARGE_SHARE = FactSetting("largely_aligned_share", "fraction", (0, 1), missing=Fraction(1))


class CaseNodes(Nodes, Protocol):
    """The expressions on the facts of cases, from which those on a derived fact are built."""

    def has(self, fact: str, value: str) -> int: ...

    def compares(self, column: str, operator: str, number: int) -> int: ...

    def given(self, fact: str) -> int: ...

    def share(self, members: Sequence[int], fact: str, least: Fraction) -> int: ...


class Turn(NamedTuple):
    """How a source is changed so that conditions on the fact turn, for the advice to missions.

    `targets` makes, of the values of the conditions and the settings, what is worth reaching;
    `reached` makes the value of the source of a target, whether it is to rise, and the facts.
    """

    source: str
    targets: Callable[..., Iterable[Any]]
    reached: Callable[[Any, bool, Facts], Any]


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """How one fact is worked out.

    It is known when its `sources`, facts of the request, are. `value` takes their values, in that
    order, and those of the settings. `told` is the key of what the worksheet says of it, with slots
    for settings and terms by their names.
    """

    fact: Fact
    told: str
    sources: tuple[str, ...]
    value: Callable[..., Any]
    settings: tuple[FactSetting, ...] = ()
    terms: tuple[str, ...] = ()
    """The ids that its vocabulary must have; those of an ordered one from the lowest."""
    concluded: str | None = None
    """A set that rules conclude, which `value` takes after the sources; the fact then rises through
    its terms as the set grows."""
    blanks: tuple[str, ...] = ()
    """The keys of what the worksheet asks for on the way."""
    column: Callable[..., Any] | None = None
    """Of a number or a truth value: arithmetic that gives a whole column of it, from columns of the
    sources (days since 1970, amounts in millionths, the sizes of sets) and the settings."""
    levels: Callable[..., Sequence[int]] | None = None
    """Of ordered terms, or of false and true: the nodes that tell whether it is at least the
    second, the third and so on. Takes the nodes, those that conclude each value of `concluded`, and
    the settings. Without `column` or `levels` the cases are gone through one by one: slower."""
    turn: Turn | None = None

    @property
    def of_assessment(self) -> bool:
        """Whether it may differ between the strategies that a request touches."""
        return self.concluded is not None or STRATEGY in self.settings or REGION in self.settings


class Derivation(NamedTuple):
    """A derived fact in the assessments of one plan, with the values of its settings."""

    name: str
    row: DerivedFact
    settings: tuple[Any, ...]

    def value(self, facts: Facts, *concluded: frozenset[str]) -> Any:
        """The value; None where it is not known, or there is none outside all strategies."""
        given = [facts.get(source) for source in self.row.sources]
        return None if None in given else self.row.value(*given, *concluded, *self.settings)


def worked_out(derivations: Iterable[Derivation], facts: Facts) -> dict[str, Any]:
    """The facts with those that follow from them."""
    known, get = dict(facts), facts.get
    for name, row, settings in derivations:
        given = [*map(get, row.sources)]
        if None not in given and (value := row.value(*given, *settings)) is not None:
            known[name] = value
    return known


def with_settings(row: DerivedFact, values: Mapping[str, Any]) -> Derivation:
    """A derived fact with its settings, from the values of parameters and of the assessment."""
    given = ((setting, values.get(setting.name)) for setting in row.settings)
    settings = tuple(one.missing if value is None else value for one, value in given)
    return Derivation(row.fact.name, row, settings)


# -- how they are worked out


def _near(values: Iterable[int]) -> Iterable[int]:
    """Whole numbers on each side of every limit, as far as a date is ever moved."""
    numbers = {value + step for value in values for step in (-1, 0, 1)}
    return [number for number in numbers if 0 <= number <= FARTHEST]


FARTHEST = 20_000
"""The largest number of working days by which a date is moved."""


def _size(participants: int, small: int, medium: int) -> str:
    return "small" if participants <= small else "medium" if participants <= medium else "large"


def _size_levels(nodes: CaseNodes, small: int, medium: int) -> Sequence[int]:
    above = [nodes.not_(nodes.compares("participants", "<=", most)) for most in (small, medium)]
    return above[0], nodes.all_(above)


def _in_region_levels(nodes: CaseNodes, region: frozenset[str]) -> Sequence[int]:
    return (nodes.any_(nodes.has(COUNTRIES, country) for country in region),)


def _alignment(topics: frozenset[str], aligned: frozenset[str], large: Fraction) -> str:
    """What share of the topics of a request serve the strategy, in four levels."""
    serving = len(topics & aligned)
    if not serving:
        return "none"
    if serving == len(topics):
        return "full"
    # Compared as whole numbers, so that two topics of three are exactly two thirds.
    enough = serving * large.denominator >= len(topics) * large.numerator
    return "large" if enough else "partial"


def _alignment_levels(
    nodes: CaseNodes, aligned: Mapping[str, Sequence[int]], large: Fraction
) -> Sequence[int]:
    serving = [
        nodes.all_((nodes.has("topics", topic), nodes.any_(concluding)))
        for topic, concluding in aligned.items()
    ]
    # Where the topics are not known, none of them serving says nothing.
    some = nodes.any_((*serving, nodes.not_(nodes.given("topics"))))
    reached = [nodes.share(serving, "topics", least) for least in (large, Fraction(1))]
    return [some, *(nodes.all_((some, enough)) for enough in reached)]


def _fact(name: str, kind: Kind, values: str | None = None, unit: str | None = None) -> Fact:
    return Fact(name, kind, values, Origin.DERIVED, unit=unit)


_ROWS = (
    DerivedFact(
        _fact("notice_days", Kind.INTEGER, unit="working_days"),
        told="worksheet.notice-days",
        sources=("received", "start"),
        value=workdays.working_days,
        column=lambda received, start: workdays.before(start) - workdays.before(received),
        turn=Turn(
            "start",
            targets=_near,
            reached=lambda days, up, facts: workdays.first_day(facts["received"], days, up),
        ),
    ),
    DerivedFact(
        _fact("duration_days", Kind.INTEGER, unit="working_days"),
        told="worksheet.duration-days",
        sources=("start", "end"),
        value=workdays.length,
        column=lambda start, end: workdays.before(end + 1) - workdays.before(start),
        turn=Turn(
            "end",
            targets=lambda values: [days for days in _near(values) if days],
            reached=lambda days, _, facts: workdays.last_day(facts["start"], days),
        ),
    ),
    DerivedFact(
        _fact("event_size", Kind.ENUM, "event_sizes"),
        told="worksheet.event-size",
        sources=("participants",),
        settings=(SMALL, MEDIUM),
        value=_size,
        terms=("small", "medium", "large"),
        levels=_size_levels,
        turn=Turn(
            "participants",
            targets=lambda _, small, medium: (small, small + 1, medium, medium + 1),
            reached=lambda participants, *_: participants,
        ),
    ),
    DerivedFact(
        _fact("country_count", Kind.INTEGER),
        told="worksheet.country-count",
        sources=(COUNTRIES,),
        value=len,
        column=lambda size: size,
    ),
    DerivedFact(
        _fact("strategy", Kind.ENUM, "strategies"),
        told="worksheet.strategy-is",
        sources=(),
        settings=(STRATEGY,),
        value=lambda strategy: strategy,
    ),
    DerivedFact(
        _fact("in_region", Kind.BOOLEAN),
        told="worksheet.in-region",
        sources=(COUNTRIES,),
        settings=(REGION,),
        value=lambda countries, region: not countries.isdisjoint(region),
        levels=_in_region_levels,
    ),
    DerivedFact(
        _fact("alignment", Kind.ENUM, "alignments"),
        told="worksheet.alignment-text",
        sources=("topics",),
        concluded="aligned_topics",
        settings=(LARGE_SHARE,),
        value=_alignment,
        terms=("none", "partial", "large", "full"),
        blanks=("worksheet.topics", "worksheet.topics-aligned"),
        levels=_alignment_levels,
    ),
)

DERIVED: Mapping[str, DerivedFact] = {row.fact.name: row for row in _ROWS}
"""The rows by the name of the fact."""


def sources_of(fact: str) -> tuple[str, ...]:
    """The facts of a request that a fact depends on without any rule: itself, or its sources."""
    return DERIVED[fact].sources if fact in DERIVED else (fact,)


def concluded_behind(fact: str) -> str:
    """The fact whose rules must come first: the one that a derived fact rests on, or itself."""
    return fact if fact not in DERIVED else DERIVED[fact].concluded or fact
