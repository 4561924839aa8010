"""Accepted engagements as rows of the strategies' action plans, with indicators to be filled in.

An engagement is a row in the plan of every strategy that would accept it. The policy says which
indicators a strategy asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.formats.write_xlsx import SheetColumn, SheetWriter, WorkbookWriter, as_date
from triage.messages import Language, listed, say
from triage.model.policy import Indicator, Policy, Recommendation
from triage.reports.csv import BYTE_ORDER_MARK, row
from triage.reports.rows import Entry, ScreeningReport, entry, heads

WIDTHS = {
    **{"id": 15, "title": 34, "received": 11, "type": 18, "places": 22, "forum": 22},
    **{"requester": 28, "mission": 14, "priorities": 44, "start": 11, "end": 11},
    **{"lead": 24, "consult": 44, "fund": 18, "classification": 14},
}
DATES = ("received", "start", "end")
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


def _values(kept: Entry, own: _PlanRow, language: Language) -> dict[str, str]:
    """The cells of a row, in the order of `WIDTHS`."""
    return {
        "id": kept.id,
        "title": kept.title,
        "received": kept.received,
        "type": kept.engagement_type,
        "places": kept.places,
        "forum": kept.forum,
        "requester": kept.requester,
        "mission": kept.mission,
        "priorities": "; ".join(own.priorities),
        "start": kept.start,
        "end": kept.end,
        "lead": own.lead,
        "consult": "; ".join(own.consult),
        "fund": own.fund,
        "classification": kept.classification or say("word.unknown", language),
    }


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
    columns = heads(("strategy", *WIDTHS), language)
    for indicators in asked.values():
        strategies = [policy.strategies[one.strategy].short[language] for one in indicators]
        columns.append(f"{indicators[0].label[language]} ({listed(strategies, language)})")
    origin = heads(("as-of", "version", "marking", "notice"), language)
    yield BYTE_ORDER_MARK + row([*columns, *origin])
    for kept, own in _kept(report):
        short = policy.strategies[own.strategy].short[language]
        ends = (kept.as_of, kept.policy, report.marking, report.notice)
        blanks = [""] * len(asked)
        yield row([short, *_values(kept, own, language).values(), *blanks, *ends])


def as_xlsx(report: ScreeningReport) -> Iterator[bytes]:
    """A sheet for each strategy, one on the indicators, and one that says what the report is."""
    language, policy = report.language, report.policy
    title = say("action-plan.title", language)
    book = WorkbookWriter(title, report.marking, report.notice)
    sheets = {name: _sheet(book, policy, name, language) for name in policy.strategies}
    for kept, own in _kept(report):
        values = _values(kept, own, language)
        cells: list[Any] = [as_date(text) if key in DATES else text for key, text in values.items()]
        cells += ["" for one in policy.indicators if one.strategy == own.strategy]
        sheets[own.strategy].add(*cells)
    _help(book, policy, language)
    item, content = heads(("item", "content"), language)
    columns = [SheetColumn(item, 26), SheetColumn(content, 90)]
    about = book.sheet(say("report.about", language), columns)
    for name, value in report.about():
        about.add(name, value)
    yield from book.pieces()


def _sheet(book: WorkbookWriter, policy: Policy, strategy: str, language: Language) -> SheetWriter:
    columns = list(map(SheetColumn, heads(WIDTHS, language), WIDTHS.values()))
    for one in policy.indicators:
        if one.strategy == strategy:
            vocabulary = policy.vocabularies.get(one.values or "")
            terms = vocabulary.terms.values() if vocabulary else ()
            choices = tuple(term.label[language] for term in terms)
            columns.append(SheetColumn(one.label[language], INDICATOR_WIDTH, choices, fill_in=True))
    return book.sheet(policy.strategies[strategy].short[language], columns, frozen=2)


def _help(book: WorkbookWriter, policy: Policy, language: Language) -> None:
    columns = [
        SheetColumn(say("action-plan.strategy", language), 16),
        SheetColumn(say("action-plan.indicator", language), 30),
        SheetColumn(say("action-plan.what-to-write", language), 80),
        SheetColumn(say("action-plan.source", language), 60),
    ]
    sheet = book.sheet(say("action-plan.indicators", language), columns)
    for one in policy.indicators:
        short = policy.strategies[one.strategy].short[language]
        sheet.add(short, one.label[language], one.help[language], _source(policy, one, language))


def _source(policy: Policy, indicator: Indicator, language: Language) -> str:
    texts = []
    for id in indicator.cite:
        statement = policy.statements[id]
        document = policy.documents[statement.document].short[language]
        texts.append(f"{document}, {statement.section} ({id})")
    return "; ".join(texts)
