"""Two parts of a backtest's report: what changes for whom, and how both policies agree with what
people decided.
"""

from collections.abc import Iterator, Sequence

from triage.backtest.agreement import Agreement
from triage.backtest.figures import Segment
from triage.backtest.report import BacktestReport
from triage.backtest.segments import SMALL
from triage.backtest.tally import Flip
from triage.messages import say
from triage.model.policy import RANKED
from triage.reports.backtest_words import NAME, BacktestWords
from triage.reports.document import Cell, Part, Table

BRIEF = 5
"""Groups of one dimension, and cases of one list, that a terminal shows."""


def segments_part(report: BacktestReport, words: BacktestWords) -> Part:
    """Gained, lost and unchanged by group."""
    tables = [_segments(report, words, name, groups) for name, groups in report.segments.items()]
    return Part(
        "segments",
        words.tell("part-segments"),
        [words.tell("about-segments", small=SMALL)],
        tables=tables,
    )


def _segments(
    report: BacktestReport, words: BacktestWords, dimension: str, groups: Sequence[Segment]
) -> Table:
    # Where most changes stands first; groups in which nothing changes keep the order of their
    # names.
    ordered = sorted(groups, key=lambda one: -(one.gained + one.lost))
    name = words.tell(f"by-{dimension.replace('_', '-')}")
    rows: list[Sequence[Cell]] = [
        (
            report.segment_label(dimension, one.value),
            one.cases,
            one.gained,
            one.lost,
            one.unchanged,
            words.rate(one.gained + one.lost, one.cases),
            words.tell("small") if one.small else "",
        )
        for one in ordered
    ]
    columns = [
        words.column("group", 34),
        *words.columns("cases", "gained", "lost", "unchanged", "changed-share"),
    ]
    columns.append(words.column("note", 20))
    return Table(name, name, columns, rows, brief=BRIEF)


def agreement_part(report: BacktestReport, words: BacktestWords) -> Part:
    """The 3 by 3 tables, percent agreement, kappa, and the cases that became right or wrong."""
    title = words.tell("part-agreement")
    total = report.agreements[0].total
    if not total:
        return Part("agreement", title, [words.tell("no-determinations")])
    figures = list(_figures(report, words))
    columns = [
        words.column("figure", 34),
        words.column("baseline", 30),
        words.column("candidate", 30),
    ]
    columns.append(words.column("caution", 50))
    caution = words.tell("caution")
    tables = [
        Table(
            words.tell("caption-figures"),
            words.tell("sheet-figures"),
            columns,
            [(*row, caution) for row in figures],
            narrow=(0, 1, 2),
        )
    ]
    old, new = report.agreements
    tables.append(
        _confusion(
            words, words.tell("caption-agreement-old"), words.tell("sheet-agreement-old"), old
        )
    )
    tables.append(
        _confusion(
            words, words.tell("caption-agreement-new"), words.tell("sheet-agreement-new"), new
        )
    )
    right, wrong = report.newly_right, report.newly_wrong
    caption = words.tell("caption-newly-right", count=len(right))
    tables.append(_newly(report, words, caption, words.tell("newly-right"), right))
    caption = words.tell("caption-newly-wrong", count=len(wrong))
    tables.append(_newly(report, words, caption, words.tell("newly-wrong"), wrong))
    texts = [words.tell("about-agreement", total=total, eligible=report.tally.eligible)]
    return Part("agreement", title, texts, warnings=[words.tell("bias")], tables=tables)


def _figures(report: BacktestReport, words: BacktestWords) -> Iterator[tuple[Cell, ...]]:
    both = report.agreements
    yield (
        words.tell("agreed"),
        *(words.tell("of", count=one.agreed, total=one.total) for one in both),
    )
    shares = (one.share and words.interval(one.share, percent=True) for one in both)
    yield (words.tell("agreement"), *(one or "–" for one in shares))
    yield (words.tell("kappa"), *(_kappa(words, one) for one in both))
    yield (words.tell("newly-right"), "", len(report.newly_right))
    yield (words.tell("newly-wrong"), "", len(report.newly_wrong))


def _kappa(words: BacktestWords, found: Agreement) -> str:
    if found.kappa.estimate is None:
        return words.tell(f"kappa-{found.kappa.why_not}")
    return words.interval(found.kappa.estimate, percent=False)


def _confusion(words: BacktestWords, caption: str, sheet: str, found: Agreement) -> Table:
    rows: list[Sequence[Cell]] = []
    for said in reversed(RANKED):
        line = [found.table[said.rank][proposed.rank] for proposed in reversed(RANKED)]
        rows.append((words.proposed(said.rank), *line, sum(line)))
    columns = [words.column("people", NAME)]
    columns += [words.column(f"proposed-{one.value}", 18, number=True) for one in reversed(RANKED)]
    columns.append(words.column("total", 10, number=True))
    return Table(caption, sheet, columns, rows)


def _newly(
    report: BacktestReport, words: BacktestWords, caption: str, sheet: str, flips: Sequence[Flip]
) -> Table:
    columns = [
        words.column("case", 16, whole=True),
        words.column("old", 12),
        words.column("new", 12),
        words.column("people", 40),
    ]
    rows: list[Sequence[Cell]] = []
    for flip in flips:
        said = flip.determination
        word = say(f"recommendation.{said.outcome}", report.language) if said else ""
        shown = f"{word} ({said.reason})" if said and said.reason else word
        rows.append((flip.request.id, words.proposed(flip.old), words.proposed(flip.new), shown))
    return Table(caption, sheet, columns, rows, brief=BRIEF)
