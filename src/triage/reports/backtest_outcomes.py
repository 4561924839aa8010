"""Two parts of a backtest's report: changes by group of cases, and agreement with people."""

from collections.abc import Iterator, Sequence

from triage.backtest.agreement import Agreement
from triage.backtest.segments import SMALL
from triage.backtest.tally import Flip
from triage.model.policy import RANKED
from triage.reports.backtest_words import NAME, BacktestWords
from triage.reports.document import ROOMY, Cell, Part, Table

BRIEF = 5
"""Groups of one dimension, and cases of one list, that a terminal shows."""
BY_DIMENSION = {
    "region": "backtest.by-region",
    "country": "backtest.by-country",
    "engagement_type": "backtest.by-engagement-type",
    "mission": "backtest.by-mission",
    "requester_type": "backtest.by-requester-type",
    "quarter": "backtest.by-quarter",
    "language": "backtest.by-language",
}
WITHOUT_KAPPA = {"none": "backtest.kappa-none", "one-class": "backtest.kappa-one-class"}


def segments_part(words: BacktestWords) -> Part:
    """Gained, lost and unchanged by group, a table for each dimension."""
    tables = [_segments(words, dimension) for dimension in words.report.segments]
    about = words.tell("backtest.about-segments", small=SMALL)
    return Part("segments", words.tell("backtest.part-segments"), [about], tables=tables)


def _segments(words: BacktestWords, dimension: str) -> Table:
    report = words.report
    # Groups with most changes stand first; those that change alike keep the order of their names.
    ordered = sorted(report.segments[dimension], key=lambda group: -(group.gained + group.lost))
    rows: list[Sequence[Cell]] = [
        (
            report.segment_label(dimension, group.value),
            group.cases,
            group.gained,
            group.lost,
            group.unchanged,
            words.rate(group.gained + group.lost, group.cases),
            words.tell("backtest.small") if group.small else "",
        )
        for group in ordered
    ]
    counts = words.columns(
        "backtest.column-cases",
        "backtest.column-gained",
        "backtest.column-lost",
        "backtest.column-unchanged",
        "backtest.column-changed-share",
    )
    columns = [
        words.column("backtest.column-group", 34),
        *counts,
        words.column("backtest.column-note", 20),
    ]
    name = words.tell(BY_DIMENSION[dimension])
    return Table(name, name, columns, rows, brief=BRIEF)


def agreement_part(words: BacktestWords) -> Part:
    """The tables of 3 by 3, percent agreement, kappa, and the cases that became right or wrong."""
    report, title = words.report, words.tell("backtest.part-agreement")
    old, new = report.agreements
    if not old.total:
        return Part("agreement", title, [words.tell("backtest.no-determinations")])
    right, wrong = report.newly_right, report.newly_wrong
    caption_right = words.tell("backtest.caption-newly-right", count=len(right))
    caption_wrong = words.tell("backtest.caption-newly-wrong", count=len(wrong))
    tables = [
        _figures(words),
        _confusion(words, "backtest.caption-agreement-old", "backtest.sheet-agreement-old", old),
        _confusion(words, "backtest.caption-agreement-new", "backtest.sheet-agreement-new", new),
        _newly(words, caption_right, words.tell("backtest.newly-right"), right),
        _newly(words, caption_wrong, words.tell("backtest.newly-wrong"), wrong),
    ]
    about = words.tell("backtest.about-agreement", total=old.total, eligible=report.tally.eligible)
    return Part("agreement", title, [about], warnings=[words.tell("backtest.bias")], tables=tables)


def _figures(words: BacktestWords) -> Table:
    columns = [
        words.column("backtest.column-figure", 34),
        words.column("backtest.column-baseline", 30),
        words.column("backtest.column-candidate", 30),
        words.column("backtest.column-caution", 50, only=ROOMY),
    ]
    rows = [(*row, words.tell("backtest.caution")) for row in _figure_rows(words)]
    caption, sheet = words.tell("backtest.caption-figures"), words.tell("backtest.sheet-figures")
    return Table(caption, sheet, columns, rows)


def _figure_rows(words: BacktestWords) -> Iterator[tuple[Cell, Cell, Cell]]:
    """Each figure under the baseline and under the candidate."""
    old, new = words.report.agreements
    yield words.tell("backtest.agreed"), _agreed(words, old), _agreed(words, new)
    yield words.tell("backtest.agreement"), _share(words, old), _share(words, new)
    yield words.tell("backtest.kappa"), _kappa(words, old), _kappa(words, new)
    yield words.tell("backtest.newly-right"), "", len(words.report.newly_right)
    yield words.tell("backtest.newly-wrong"), "", len(words.report.newly_wrong)


def _agreed(words: BacktestWords, agreement: Agreement) -> str:
    return words.tell("backtest.of", count=agreement.agreed, total=agreement.total)


def _share(words: BacktestWords, agreement: Agreement) -> str:
    return words.interval(agreement.share, percent=True) if agreement.share else "–"


def _kappa(words: BacktestWords, agreement: Agreement) -> str:
    kappa = agreement.kappa
    if kappa.estimate is None:
        return words.tell(WITHOUT_KAPPA[kappa.why_not])
    return words.interval(kappa.estimate, percent=False)


def _confusion(words: BacktestWords, caption: str, sheet: str, agreement: Agreement) -> Table:
    """Determinations by row, recommendations by column; `caption` and `sheet` are messages."""
    rows: list[Sequence[Cell]] = []
    for said in reversed(RANKED):
        counts = [agreement.table[said.rank][proposed.rank] for proposed in reversed(RANKED)]
        rows.append((words.proposed(said.rank), *counts, sum(counts)))
    columns = [
        words.column("backtest.column-people", NAME),
        words.column("backtest.column-proposed-accept", 18, number=True),
        words.column("backtest.column-proposed-defer", 18, number=True),
        words.column("backtest.column-proposed-decline", 18, number=True),
        words.column("backtest.column-total", 10, number=True),
    ]
    return Table(words.tell(caption), words.tell(sheet), columns, rows)


def _newly(words: BacktestWords, caption: str, sheet: str, flips: Sequence[Flip]) -> Table:
    columns = [*words.case_columns(), words.column("backtest.column-people", 40)]
    rows = [(*words.case_cells(flip), words.determined(flip)) for flip in flips]
    return Table(caption, sheet, columns, rows, brief=BRIEF)
