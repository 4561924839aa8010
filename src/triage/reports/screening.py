"""A screened inbox as a document, and as the rows of a CSV file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from triage.deciding.rank import RankKey
from triage.deciding.wording import Wording
from triage.formats.csv_forms import PLAIN_CSV, CsvForm
from triage.formats.spool import RankedSpool
from triage.intake.inbox import Rejected
from triage.intake.survey import passed_over
from triage.limits.tables import LimitReport
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.reports import csv, workbook
from triage.reports.document import (
    PAGES,
    ROOMY,
    WORKBOOK,
    Cell,
    Column,
    Document,
    Lazy,
    Part,
    Table,
)
from triage.reports.duplicates import DuplicateReport
from triage.reports.entries import COLUMNS, Entry
from triage.reports.limits import limits_by_title, limits_in_one_table
from triage.reports.marking import Handling
from triage.reports.request import article

ORIGIN = (
    "column-of-report.version",
    "column-of-report.engine",
    "column-of-report.marking",
    "column-of-report.notice",
)


@dataclass(frozen=True)
class ScreeningReport:
    """A screened inbox: its head, the entries in order of rank, and the rejected rows."""

    language: Language
    policy: Policy
    engine: str
    as_of: date | None
    totals: Mapping[str, int]
    classifications: Counter[str | None]
    rejected: list[Rejected]
    spool: RankedSpool[RankKey]
    rejected_before: list[Rejected] = field(default_factory=list)
    """Rows of what is committed already, or was seen before, that cannot be read."""
    limits: LimitReport | None = None
    csv_form: CsvForm = PLAIN_CSV
    duplicates: DuplicateReport | None = None
    """Only where some requests may be the same."""

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Rank and entry, the best first."""
        for rank, data in enumerate(self.spool, 1):
            yield rank, Entry.unpack(data)

    def say(self, key: str, **values: object) -> str:
        """A message in the language of the report."""
        return say(key, self.language, **values)

    @property
    def marking(self) -> str:
        words = Wording(self.policy, self.language)
        handling = Handling.of(self.classifications, len(self.rejected), words)
        requests = self.totals["accepted"] + self.totals["rejected"]
        return handling.marking(requests, self.language)

    @property
    def counts(self) -> str:
        """The sentence on how many requests were read, and what is proposed for them."""
        return self.say("report.counts", **self.totals) + passed_over(self.totals, self.language)

    @property
    def notice(self) -> str:
        """The sentence that a person decides."""
        return self.policy.notice[self.language]

    def about(self) -> Part:
        """Where the report comes from."""
        day = self.as_of.isoformat() if self.as_of else self.say("report.as-of-received")
        pairs: list[tuple[str, Cell]] = [
            (self.say("report.notice"), self.notice),
            (self.say("report.classification"), self.marking),
            (self.say("report.requests"), self.counts),
            (self.say("report.policy"), self.policy.title[self.language]),
            (self.say("report.version"), self.policy.version),
            (self.say("report.as-of"), day),
            (self.say("report.engine"), self.engine),
            (self.say("report.settings"), self.say("report.settings-note")),
        ]
        return workbook.about(pairs, self.language, 26, 90)

    def rejections(self) -> Iterator[tuple[str, int, str, str, str]]:
        """Source, row, field, value and what was expected, for each mistake."""
        for row in (*self.rejected, *self.rejected_before):
            for error in row.errors:
                yield row.source, row.row, error.field, error.value, error.expected


def document(report: ScreeningReport) -> Document:
    """The whole report; its rows and its parts on requests are lazy."""
    return Document(
        language=report.language,
        title=report.say("report.title"),
        marking=report.marking,
        notice=report.notice,
        lead=[report.counts],
        parts=list(_parts(report)),
    )


def _parts(report: ScreeningReport) -> Iterator[Part]:
    language, limits = report.language, report.limits
    yield _ranked(report)
    if report.duplicates is not None:
        yield report.duplicates.part()
    if limits is not None:
        yield limits_by_title(limits)
    requests = Lazy(lambda: (article(entry, language, rank) for rank, entry in report.entries()))
    why = report.say("report.justifications")
    yield Part("justifications", why, parts=requests, only=PAGES)
    yield Part("why", why, tables=[_why(report), _unknown(report)], only=WORKBOOK)
    yield _rejected(report)
    if limits is not None:
        yield limits_in_one_table(limits)
    yield report.about()


def _ranked(report: ScreeningReport) -> Part:
    chosen = [one for one in COLUMNS if one.forms & ROOMY]
    rows = Lazy(
        lambda: ([one.cell(rank, entry) for one in chosen] for rank, entry in report.entries())
    )
    title = report.say("report.ranked")
    table = Table(
        caption=report.say("report.ranked-caption"),
        sheet=title,
        columns=[one.column(report.language) for one in chosen],
        rows=rows,
        header=1,
        captioned=False,
        look="cards ranked",
    )
    return Part("ranked", title, tables=[table])


def _columns(report: ScreeningReport, widths: Mapping[str, int]) -> list[Column]:
    return [Column(report.say(key), width) for key, width in widths.items()]


def _why(report: ScreeningReport) -> Table:
    """Points by criterion, and the texts of a justification."""
    head = {"column-of-report.id": 15, "column-of-report.proposed": 11, "column-of-report.score": 7}
    texts = {
        "column-of-report.justification": 100,
        "column-of-report.advice": 50,
        "column-of-report.flags": 34,
    }
    criteria = [Column(one.label[report.language], 13) for one in report.policy.criteria]
    columns = [*_columns(report, head), *criteria, *_columns(report, texts)]

    def rows() -> Iterator[Sequence[Cell]]:
        for _, entry in report.entries():
            points = (part.points for part in entry.criteria)
            said = (entry.justification, "\n".join(entry.advice), "\n".join(entry.flags))
            yield (entry.id, entry.badge, entry.score, *points, *said)

    return Table("", report.say("report.justifications"), columns, Lazy(rows))


def _unknown(report: ScreeningReport) -> Table:
    """A row for each fact that could change a recommendation, and one for all others."""
    widths = {
        "column-of-report.id": 15,
        "column-of-report.proposed": 11,
        "column-of-report.possible": 18,
        "column-of-report.fact": 30,
        "column-of-report.question": 60,
        "column-of-report.could-change": 12,
    }
    yes, no = report.say("word.yes"), report.say("word.no")

    def rows() -> Iterator[Sequence[Cell]]:
        for _, entry in report.entries():
            head = (entry.id, entry.proposed, "; ".join(entry.possible))
            for one in entry.unknown:
                if one.could_change:
                    yield (*head, one.label, one.question, yes)
            # Facts that cannot change the recommendation share a row: they are seldom asked.
            if rest := "; ".join(one.label for one in entry.unknown if not one.could_change):
                yield (*head, rest, None, no)

    return Table("", report.say("report.unknown"), _columns(report, widths), Lazy(rows))


def _rejected(report: ScreeningReport) -> Part:
    row = report.say("column-of-report.row")
    columns = [
        # A page begins with the row, which names what stands beside it.
        Column(row, only=frozenset({"html"})),
        Column(report.say("column-of-report.source"), 28),
        Column(row, 8, only=ROOMY - {"html"}),
        Column(report.say("column-of-report.field"), 24),
        Column(report.say("column-of-report.value"), 34),
        Column(report.say("column-of-report.expected"), 60),
    ]
    title, caption = report.say("report.rejected"), report.say("report.rejected-caption")
    rows: list[Sequence[Cell]] = [
        (number, source, number, *texts) for source, number, *texts in report.rejections()
    ]
    table = Table(caption, title, columns, rows, frozen=0, captioned=False, look="cards")
    notes = [] if rows else [report.say("report.none-rejected")]
    return Part("rejected", title, tables=[table], notes=notes)


def as_csv(report: ScreeningReport) -> Iterator[bytes]:
    """A row a request in order of rank, then rejected rows, duplicates and limits.

    Each row has the policy version, the day and the notice, so that it says where it comes from
    wherever it is pasted.
    """
    chosen = [one for one in COLUMNS if "csv" in one.forms]
    heads = [report.say(key) for key in (*(one.head for one in chosen), *ORIGIN)]
    ends = (report.policy.version, report.engine, report.marking, report.notice)
    ranked = ([one.cell(rank, entry) for one in chosen] for rank, entry in report.entries())
    others = ([row.get(one.head, "") for one in chosen] for row in _others(report))
    rows = ((*row, *ends) for row in chain(ranked, others))
    return csv.render(heads, rows, report.csv_form)


def _others(report: ScreeningReport) -> Iterator[dict[str, Cell]]:
    """The cells of rejected rows, of duplicates and of limits, by column."""
    names = ("source", "row", "field", "value", "expected")
    shared: dict[str, Cell] = {"column-of-report.as-of": report.as_of}
    for rejection in report.rejections():
        reason = report.say("intake.rejected", **dict(zip(names, rejection, strict=True)))
        proposed = report.say("report.rejected-row")
        yield shared | {"column-of-report.proposed": proposed, "column-of-report.reason": reason}
    if report.duplicates is not None:
        shared["column-of-report.proposed"] = report.say("duplicates.mark")
        for title, line in report.duplicates.told():
            yield shared | {"column-of-report.title": title, "column-of-report.reason": line}
    # The rows are requests: limits stand among them only where not everything simply fits.
    if report.limits is not None and report.limits.matters:
        shared["column-of-report.proposed"] = report.limits.mark
        for title, line in report.limits.told():
            yield shared | {"column-of-report.title": title, "column-of-report.reason": line}
