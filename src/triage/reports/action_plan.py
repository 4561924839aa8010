"""Accepted engagements as rows of the strategies' action plans, with indicators to be filled in.

An engagement is a row in the plan of every strategy that would accept it. The policy says which
indicators a strategy asks for.
"""

from collections.abc import Iterator
from dataclasses import replace

import orjson

from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.messages import Language, listed
from triage.model.policy import Indicator, Policy, Recommendation
from triage.reports import csv
from triage.reports.document import Cell, Column, Document, Lazy, Part, Table
from triage.reports.entries import DATA, Entry, RankedColumn, as_day, entry, joined
from triage.reports.screening import ScreeningReport

COLUMNS = (
    RankedColumn("column-of-report.id", lambda _, one: one.id, DATA, 15),
    RankedColumn("column-of-report.title", lambda _, one: one.title, DATA, 34),
    RankedColumn("column-of-report.received", lambda _, one: as_day(one.received), DATA, 11),
    RankedColumn("column-of-report.type", lambda _, one: one.engagement_type, DATA, 18),
    RankedColumn("column-of-report.places", lambda _, one: one.places, DATA, 22),
    RankedColumn("column-of-report.forum", lambda _, one: one.forum, DATA, 22),
    RankedColumn("column-of-report.requester", lambda _, one: one.requester, DATA, 28),
    RankedColumn("column-of-report.mission", lambda _, one: one.mission, DATA, 14),
    RankedColumn("column-of-report.priorities", lambda _, one: joined(one.priorities), DATA, 44),
    RankedColumn("column-of-report.start", lambda _, one: as_day(one.start), DATA, 11),
    RankedColumn("column-of-report.end", lambda _, one: as_day(one.end), DATA, 11),
    RankedColumn("column-of-report.lead", lambda _, one: one.lead, DATA, 24),
    RankedColumn("column-of-report.consult", lambda _, one: joined(one.consult), DATA, 44),
    RankedColumn("column-of-report.fund", lambda _, one: one.fund, DATA, 18),
    RankedColumn("column-of-report.classification", lambda _, one: one.handling, DATA, 14),
)
ORIGIN = (
    "column-of-report.as-of",
    "column-of-report.version",
    "column-of-report.marking",
    "column-of-report.notice",
)
INDICATOR_WIDTH = 26


def keep(decision: Decision, words: Wording) -> bytes | None:
    """An entry for each strategy that accepts, with its own routing; None where there is none."""
    accepting = {
        name: assessment
        for name, assessment in decision.strategies.items()
        if assessment.recommendation is Recommendation.ACCEPT
    }
    if not accepting:
        return None
    whole = entry(decision, words)
    rows = [
        replace(
            whole,
            strategy=name,
            priorities=tuple(words.label("priorities", one) for one in assessment.priorities),
            lead=words.organization(assessment.lead),
            consult=tuple(words.organization(one) for one in assessment.consult),
            fund=words.label("funds", assessment.fund) if assessment.fund else "",
        )
        for name, assessment in accepting.items()
    ]
    return orjson.dumps(rows)


def _rows(report: ScreeningReport) -> Iterator[tuple[Entry, list[Cell]]]:
    """The engagements in each plan, with their cells."""
    for rank, data in enumerate(report.spool, 1):
        for one in map(Entry.of, orjson.loads(data)):
            yield one, [column.cell(rank, one) for column in COLUMNS]


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
    heads = [report.say("column-of-report.strategy"), *(report.say(one.head) for one in COLUMNS)]
    for indicators in asked.values():
        strategies = [policy.strategies[one.strategy].short[language] for one in indicators]
        heads.append(f"{indicators[0].label[language]} ({listed(strategies, language)})")
    heads += [report.say(key) for key in ORIGIN]
    ends = (report.marking, report.notice)
    blanks = [""] * len(asked)

    def rows() -> Iterator[list[Cell]]:
        for one, cells in _rows(report):
            short = policy.strategies[one.strategy].short[language]
            yield [short, *cells, *blanks, one.as_of, one.policy, *ends]

    return csv.render(heads, rows(), report.csv_form)


def document(report: ScreeningReport) -> Document:
    """A sheet for each strategy, one on the indicators, and one that says what the report is."""
    plans = [_plan(report, strategy) for strategy in report.policy.strategies]
    parts = [Part("plans", "", tables=[*plans, _indicators(report)]), report.about()]
    title = report.say("action-plan.title")
    return Document(report.language, title, report.marking, report.notice, (), parts)


def _plan(report: ScreeningReport, strategy: str) -> Table:
    language, policy = report.language, report.policy
    columns = [one.column(language) for one in COLUMNS]
    own = [one for one in policy.indicators if one.strategy == strategy]
    for one in own:
        vocabulary = policy.vocabularies.get(one.values or "")
        terms = vocabulary.terms.values() if vocabulary else ()
        choices = tuple(term.label[language] for term in terms)
        label = one.label[language]
        columns.append(Column(label, INDICATOR_WIDTH, choices=choices, fill_in=True))

    def rows() -> Iterator[list[Cell]]:
        for one, cells in _rows(report):
            if one.strategy == strategy:
                yield [*cells, *("" for _ in own)]

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
