"""Accepted engagements as rows of the strategies' action plans, with indicators to be filled in.

An engagement is a row in the plan of every strategy that would accept it. The policy says which
indicators a strategy asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.messages import Language, listed
from triage.model.policy import Indicator, Policy, Recommendation
from triage.reports import csv
from triage.reports.document import Cell, Column, Document, Lazy, Part, Table
from triage.reports.entries import Entry, as_day, entry
from triage.reports.screening import ScreeningReport

WIDTHS = {
    "column-of-report.id": 15,
    "column-of-report.title": 34,
    "column-of-report.received": 11,
    "column-of-report.type": 18,
    "column-of-report.places": 22,
    "column-of-report.forum": 22,
    "column-of-report.requester": 28,
    "column-of-report.mission": 14,
    "column-of-report.priorities": 44,
    "column-of-report.start": 11,
    "column-of-report.end": 11,
    "column-of-report.lead": 24,
    "column-of-report.consult": 44,
    "column-of-report.fund": 18,
    "column-of-report.classification": 14,
}
ORIGIN = (
    "column-of-report.as-of",
    "column-of-report.version",
    "column-of-report.marking",
    "column-of-report.notice",
)
INDICATOR_WIDTH = 26


@dataclass(frozen=True, slots=True)
class _PlanRow:
    """What is particular to an engagement in the plan of one strategy that accepts it."""

    strategy: str
    priorities: list[str]
    lead: str
    consult: list[str]
    fund: str


def keep(decision: Decision, words: Wording) -> bytes | None:
    """The rows of a decision and its entry, as JSON; None where no strategy accepts it."""
    rows = [
        _PlanRow(
            strategy=name,
            priorities=[words.label("priorities", one) for one in assessment.priorities],
            lead=words.organization(assessment.lead),
            consult=[words.organization(one) for one in assessment.consult],
            fund=words.label("funds", assessment.fund) if assessment.fund else "",
        )
        for name, assessment in decision.strategies.items()
        if assessment.recommendation is Recommendation.ACCEPT
    ]
    return orjson.dumps([rows, entry(decision, words)]) if rows else None


def _kept(report: ScreeningReport) -> Iterator[tuple[Entry, _PlanRow]]:
    for data in report.spool:
        rows, plain = orjson.loads(data)
        kept = Entry.unpack(orjson.dumps(plain))
        for one in rows:
            yield kept, _PlanRow(**one)


def _cells(kept: Entry, own: _PlanRow) -> list[Cell]:
    """The cells of a row, in the order of `WIDTHS`."""
    return [
        kept.id,
        kept.title,
        as_day(kept.received),
        kept.engagement_type,
        kept.places,
        kept.forum,
        kept.requester,
        kept.mission,
        "; ".join(own.priorities),
        as_day(kept.start),
        as_day(kept.end),
        own.lead,
        "; ".join(own.consult),
        own.fund,
        kept.handling,
    ]


def _asked(policy: Policy) -> dict[str, list[Indicator]]:
    """The indicators by id, in the order of the policy: one for each strategy that asks for it."""
    asked: dict[str, list[Indicator]] = {}
    for indicator in policy.indicators:
        asked.setdefault(indicator.id, []).append(indicator)
    return asked


def as_csv(report: ScreeningReport) -> Iterator[bytes]:
    """All plans as one table: the head of an indicator names the strategies that ask for it."""
    language, policy = report.language, report.policy
    asked = _asked(policy)
    heads = [report.say(key) for key in ("column-of-report.strategy", *WIDTHS)]
    for indicators in asked.values():
        strategies = [policy.strategies[one.strategy].short[language] for one in indicators]
        heads.append(f"{indicators[0].label[language]} ({listed(strategies, language)})")
    heads += [report.say(key) for key in ORIGIN]
    ends = (report.marking, report.notice)
    blanks = [""] * len(asked)

    def rows() -> Iterator[list[Cell]]:
        for kept, own in _kept(report):
            short = policy.strategies[own.strategy].short[language]
            yield [short, *_cells(kept, own), *blanks, kept.as_of, kept.policy, *ends]

    return csv.render(heads, rows())


def document(report: ScreeningReport) -> Document:
    """A sheet for each strategy, one on the indicators, and one that says what the report is."""
    plans = [_plan(report, strategy) for strategy in report.policy.strategies]
    parts = [Part("plans", "", tables=[*plans, _indicators(report)]), report.about()]
    title = report.say("action-plan.title")
    return Document(report.language, title, report.marking, report.notice, (), parts)


def _plan(report: ScreeningReport, strategy: str) -> Table:
    language, policy = report.language, report.policy
    columns = [Column(report.say(key), width) for key, width in WIDTHS.items()]
    own = [one for one in policy.indicators if one.strategy == strategy]
    for one in own:
        vocabulary = policy.vocabularies.get(one.values or "")
        terms = vocabulary.terms.values() if vocabulary else ()
        choices = tuple(term.label[language] for term in terms)
        label = one.label[language]
        columns.append(Column(label, INDICATOR_WIDTH, choices=choices, fill_in=True))

    def rows() -> Iterator[list[Cell]]:
        for kept, row in _kept(report):
            if row.strategy == strategy:
                yield [*_cells(kept, row), *("" for _ in own)]

    short = policy.strategies[strategy].short[language]
    return Table("", short, columns, Lazy(rows), frozen=2)


def _indicators(report: ScreeningReport) -> Table:
    """What to write for each indicator, and where it comes from."""
    language, policy = report.language, report.policy
    columns = [
        Column(report.say("action-plan.strategy"), 16),
        Column(report.say("action-plan.indicator"), 30),
        Column(report.say("action-plan.what-to-write"), 80),
        Column(report.say("action-plan.source"), 60),
    ]
    rows = [
        (
            policy.strategies[one.strategy].short[language],
            one.label[language],
            one.help[language],
            _source(policy, one, language),
        )
        for one in policy.indicators
    ]
    return Table("", report.say("action-plan.indicators"), columns, rows, frozen=0)


def _source(policy: Policy, indicator: Indicator, language: Language) -> str:
    texts = []
    for id in indicator.cite:
        statement = policy.statements[id]
        document = policy.documents[statement.document].short[language]
        texts.append(f"{document}, {statement.section} ({id})")
    return "; ".join(texts)
