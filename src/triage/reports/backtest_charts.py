"""The charts of a backtest's report: transitions, and scores before and after."""

from collections.abc import Iterator
from fractions import Fraction

from triage.messages import listed
from triage.model.policy import RANKED
from triage.reports.backtest_words import BacktestWords
from triage.reports.charts import Caption, ColumnGroup, Threshold, columns, matrix

BOTH, OLD, NEW = "", "9 4", "3 3"
"""The dashes of the line of a threshold: in both policies, or in one of them only."""
ACCEPT_LINES = {
    BOTH: "backtest.line-accept-both",
    OLD: "backtest.line-accept-old",
    NEW: "backtest.line-accept-new",
}
DEFER_LINES = {
    BOTH: "backtest.line-defer-both",
    OLD: "backtest.line-defer-old",
    NEW: "backtest.line-defer-new",
}


def matrix_chart(words: BacktestWords) -> str:
    """Cases by recommendation before and after; those that keep theirs are framed."""
    tally = words.report.tally
    best_first = list(reversed(RANKED))
    labels = [words.recommendation(one.rank) for one in best_first]
    counts = [[tally.moves[old.rank, new.rank] for new in best_first] for old in best_first]
    described = words.tell(
        "backtest.chart-matrix-words", flips=len(tally.flips), total=tally.eligible
    )
    caption = Caption("chart-matrix", words.tell("backtest.chart-matrix"), described)
    return matrix(caption, labels, labels, counts, [(at, at) for at in range(len(labels))])


def score_chart(words: BacktestWords) -> str:
    """How many cases have which score under both policies; the lines are the thresholds."""
    series = [words.tell("backtest.column-baseline"), words.tell("backtest.column-candidate")]
    groups = [ColumnGroup(str(one.low), (one.old, one.new)) for one in words.report.bins]
    lines = list(_thresholds(words))
    told = listed([line.label for line in lines], words.report.language)
    described = words.tell("backtest.chart-scores-words", lines=told)
    caption = Caption("chart-scores", words.tell("backtest.chart-scores"), described)
    return columns(caption, series, groups, lines)


def _thresholds(words: BacktestWords) -> Iterator[Threshold]:
    """A line for each threshold of any day, first those from which cases are accepted."""
    tally = words.report.tally
    for at, labels in enumerate((ACCEPT_LINES, DEFER_LINES)):
        old = {pair[at] for pair in tally.baseline.thresholds}
        new = {pair[at] for pair in tally.candidate.thresholds}
        for dash, scores in ((BOTH, old & new), (OLD, old - new), (NEW, new - old)):
            for score in sorted(scores):
                label = words.tell(labels[dash], score=score)
                heavy = labels is ACCEPT_LINES
                yield Threshold(Fraction(min(score, 100), 100), label, dash, heavy)
