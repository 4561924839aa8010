"""A screening as a workbook, with a sheet for each purpose."""

from collections.abc import Iterator
from decimal import Decimal

from triage.formats.write_xlsx import SheetColumn, SheetWriter, Value, WorkbookWriter, as_date
from triage.limits.tables import COLUMNS as LIMIT_COLUMNS
from triage.limits.tables import NUMBERS, LimitReport
from triage.limits.words import plain
from triage.messages import say
from triage.reports.rows import Entry, ScreeningReport, heads

RANKED = {
    **{"rank": 6, "id": 15, "title": 32, "received": 11, "proposed": 11, "score": 7},
    **{"strategy": 12, "places": 22, "forum": 22, "type": 18, "requester": 28},
    **{"priorities": 18, "reason": 36, "lead": 24, "consult": 44},
    **{"fund": 20, "classification": 14, "as-of": 11},
}
WHY = {"id": 15, "proposed": 11, "score": 7}
WHY_TEXTS = {"justification": 100, "advice": 50, "flags": 34}
UNKNOWN = {"id": 15, "proposed": 11, "possible": 18, "fact": 30, "question": 60, "could-change": 12}
LIMITS = dict.fromkeys(NUMBERS, 11) | {
    **{"limit": 48, "period": 24, "group": 26, "one-more": 15, "next": 36, "requests": 60}
}
REJECTED = {"source": 28, "row": 8, "field": 24, "value": 34, "expected": 60}


def render(report: ScreeningReport) -> Iterator[bytes]:
    language = report.language
    book = WorkbookWriter(report.title, report.marking, report.notice)

    def columns(widths: dict[str, int]) -> list[SheetColumn]:
        return list(map(SheetColumn, heads(widths, language), widths.values()))

    criteria = [SheetColumn(one.label[language], 13) for one in report.policy.criteria]
    ranked = book.sheet(say("report.ranked", language), columns(RANKED), frozen=2)
    why_columns = [*columns(WHY), *criteria, *columns(WHY_TEXTS)]
    why = book.sheet(say("report.justifications", language), why_columns, frozen=1)
    unknown = book.sheet(say("report.unknown", language), columns(UNKNOWN), frozen=1)
    for rank, entry in report.entries():
        _ranked(ranked, rank, entry, say("word.unknown", language))
        points = [part.points for part in entry.criteria]
        texts = (entry.justification, "\n".join(entry.advice), "\n".join(entry.flags))
        head: tuple[Value, ...] = (entry.id, entry.proposed, entry.score)
        why.add(*head, *points, *texts, mark=entry.recommendation, on=1)
        yes, no = say("word.yes", language), say("word.no", language)
        possible = "; ".join(entry.possible)
        for one in entry.unknown:
            if one.could_change:
                unknown.add(entry.id, entry.proposed, possible, one.label, one.question, yes)
        # Facts that cannot change the recommendation share a row: they are many and seldom asked.
        if rest := "; ".join(one.label for one in entry.unknown if not one.could_change):
            unknown.add(entry.id, entry.proposed, possible, rest, None, no)
    rejected = book.sheet(say("report.rejected", language), columns(REJECTED))
    for row in report.rejections():
        rejected.add(*row)
    if report.limits is not None:
        _limits(book, report.limits)
    about = book.sheet(say("report.about", language), [*columns({"item": 26, "content": 90})])
    for name, value in report.about():
        about.add(name, value)
    yield from book.pieces()


def _limits(book: WorkbookWriter, limits: LimitReport) -> None:
    """Two sheets: the use of each limit, and what there is to say of it."""
    widths = [LIMITS[name] for name in LIMIT_COLUMNS]
    columns = list(map(SheetColumn, limits.heads(), widths))
    sheet = book.sheet(limits.heading, columns, frozen=1)
    for use in limits.words.allocation.uses:
        cells = limits.cells(use).values()
        sheet.add(*(plain(cell) if isinstance(cell, Decimal) else cell for cell in cells))
    notes = book.sheet(limits.notes_heading, [SheetColumn(limits.notes_heading, 120)])
    for text in (*limits.notes(), *limits.changes()):
        notes.add(text)


def _ranked(sheet: SheetWriter, rank: int, entry: Entry, unknown: str) -> None:
    sheet.add(
        rank,
        entry.id,
        entry.title,
        as_date(entry.received),
        entry.proposed,
        entry.score,
        entry.strategy,
        entry.places,
        entry.forum,
        entry.engagement_type,
        entry.requester,
        entry.priorities_short,
        entry.reason,
        entry.lead,
        "; ".join(entry.consult),
        entry.fund,
        entry.classification or unknown,
        as_date(entry.as_of),
        mark=entry.recommendation,
        on=4,
    )
