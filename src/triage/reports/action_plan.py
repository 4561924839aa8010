"""Accepted engagements as rows of the strategies' action plans, with the indicators that each asks
for, to be filled.

An engagement is a row of every strategy that would accept it. Which indicators a strategy asks for
is policy content.
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
from triage.reports.csv import row
from triage.reports.rows import Entry, ScreeningReport, entry

WIDTHS = {
    **{
        "id": 15,
        "title": 34,
        "received": 11,
        "type": 18,
        "places": 22,
        "forum": 22,
        "requester": 28,
        "mission": 14,
    },
    **{
        "priorities": 44,
        "start": 11,
        "end": 11,
        "lead": 24,
        "consult": 44,
        "fund": 18,
        "classification": 14,
    },
}
DATES = ("received", "start", "end")
INDICATOR_WIDTH = 26


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of an engagement in the plan of one strategy that accepts it."""

    strategy: str
    priorities: list[str]
    lead: str
    consult: list[str]
    fund: str


def keep(decision: Decision, words: Wording) -> bytes | None:
    """What is kept of a decision; nothing of one that no strategy accepts."""
    places = [
        _Place(
            strategy=name,
            priorities=[words.label("priorities", one) for one in assessment.priorities],
            lead=words.organization(assessment.lead),
            consult=[words.organization(one) for one in assessment.consult],
            fund=words.label("funds", assessment.fund) if assessment.fund else "",
        )
        for name, assessment in decision.strategies.items()
        if assessment.recommendation is Recommendation.ACCEPT
    ]
    return orjson.dumps([places, entry(decision, words)]) if places else None


def _kept(report: ScreeningReport) -> Iterator[tuple[Entry, _Place]]:
    for data in report.spool:
        places, plain = orjson.loads(data)
        found = Entry.unpack(orjson.dumps(plain))
        for place in places:
            yield found, _Place(**place)


def _values(kept: Entry, place: _Place, language: Language) -> dict[str, str]:
    return {
        "id": kept.id,
        "title": kept.title,
        "received": kept.received,
        "type": kept.engagement_type,
        "places": kept.places,
        "forum": kept.forum,
        "requester": kept.requester,
        "mission": kept.mission,
        "priorities": "; ".join(place.priorities),
        "start": kept.start,
        "end": kept.end,
        "lead": place.lead,
        "consult": "; ".join(place.consult),
        "fund": place.fund,
        "classification": kept.classification or say("word.unknown", language),
    }


def _asked(policy: Policy) -> dict[str, list[Indicator]]:
    """The indicators by id, each with the strategies that ask for it, in the order of the
    policy.
    """
    found: dict[str, list[Indicator]] = {}
    for indicator in policy.indicators:
        found.setdefault(indicator.id, []).append(indicator)
    return found


def as_csv(report: ScreeningReport) -> Iterator[bytes]:
    """All plans as one table: the first column names the strategy, each indicator's head those
    that ask for it.
    """
    language, policy = report.language, report.policy
    asked = _asked(policy)
    heads = [say(f"column-of-report.{name}", language) for name in ("strategy", *WIDTHS)]
    for indicators in asked.values():
        strategies = [policy.strategies[one.strategy].short[language] for one in indicators]
        heads.append(f"{indicators[0].label[language]} ({listed(strategies, language)})")
    origin = [
        say(f"column-of-report.{name}", language)
        for name in ("as-of", "version", "marking", "notice")
    ]
    yield "\N{ZERO WIDTH NO-BREAK SPACE}".encode() + row([*heads, *origin])
    for kept, place in _kept(report):
        ends = (kept.as_of, kept.policy, report.marking, report.notice)
        short = policy.strategies[place.strategy].short[language]
        values = _values(kept, place, language)
        yield row([short, *(values[column] for column in WIDTHS), *("" for _ in asked), *ends])


def as_xlsx(report: ScreeningReport) -> Iterator[bytes]:
    """A workbook with one sheet a strategy, one that explains the indicators, and one that says
    what it is.
    """
    language, policy = report.language, report.policy
    title = say("action-plan.title", language)
    book = WorkbookWriter(title, report.marking, report.notice)
    sheets = {name: _sheet(book, policy, name, language) for name in policy.strategies}
    for kept, place in _kept(report):
        values = _values(kept, place, language)
        cells: list[Any] = [as_date(text) if key in DATES else text for key, text in values.items()]
        sheets[place.strategy].add(
            *cells, *("" for one in policy.indicators if one.strategy == place.strategy)
        )
    heads = {"strategy": 16, "indicator": 30, "what-to-write": 80, "source": 60}
    columns = [
        SheetColumn(say(f"action-plan.{key}", language), width) for key, width in heads.items()
    ]
    help = book.sheet(say("action-plan.indicators", language), columns)
    for one in policy.indicators:
        short = policy.strategies[one.strategy].short[language]
        help.add(short, one.label[language], one.help[language], _source(policy, one, language))
    about = book.sheet(
        say("report.about", language),
        [
            SheetColumn(say("column-of-report.item", language), 26),
            SheetColumn(say("column-of-report.content", language), 90),
        ],
    )
    for name, value in report.about():
        about.add(name, value)
    yield from book.pieces()


def _sheet(book: WorkbookWriter, policy: Policy, strategy: str, language: Language) -> SheetWriter:
    columns = [
        SheetColumn(say(f"column-of-report.{name}", language), width)
        for name, width in WIDTHS.items()
    ]
    for one in policy.indicators:
        if one.strategy == strategy:
            vocabulary = policy.vocabularies.get(one.values or "")
            choices = (
                tuple(term.label[language] for term in vocabulary.terms.values())
                if vocabulary
                else ()
            )
            columns.append(SheetColumn(one.label[language], INDICATOR_WIDTH, choices, fill_in=True))
    return book.sheet(policy.strategies[strategy].short[language], columns, frozen=2)


def _source(policy: Policy, indicator: Indicator, language: Language) -> str:
    cited = [policy.statements[id] for id in indicator.cite]
    return "; ".join(
        f"{policy.documents[one.document].short[language]}, {one.section} ({one.id})"
        for one in cited
    )
