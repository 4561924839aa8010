"""The charts of a backtest's report: transitions, and scores before and after. Tables stand
beside them.
"""

from collections.abc import Iterator
from fractions import Fraction

from triage.backtest.report import BacktestReport
from triage.messages import listed
from triage.model.policy import RANKED
from triage.reports.backtest_words import BacktestWords
from triage.reports.charts import Bars, Mark, columns, matrix

DASHES = {"both": "", "old": "9 4", "new": "3 3"}
"""How the line of a threshold is drawn that both policies have, or only one of them."""


def matrix_chart(report: BacktestReport, words: BacktestWords) -> str:
    """Cases by recommendation before and after; what keeps its recommendation is framed."""
    labels = [words.recommendation(one.rank) for one in reversed(RANKED)]
    moves = report.tally.moves
    counts = [[moves[old.rank, new.rank] for new in reversed(RANKED)] for old in reversed(RANKED)]
    described = words.tell(
        "chart-matrix-words", flips=len(report.tally.flips), total=report.tally.eligible
    )
    title = words.tell("chart-matrix")
    return matrix(
        "chart-matrix",
        title,
        described,
        labels,
        labels,
        counts,
        [(at, at) for at in range(len(labels))],
    )


def score_chart(report: BacktestReport, words: BacktestWords) -> str:
    """How many cases have which score, under both policies; the labels name the thresholds."""
    series = [words.tell("column-baseline"), words.tell("column-candidate")]
    groups = [Bars(str(one.low), (one.old, one.new)) for one in report.bins]
    lines = [line for name in ("accept", "defer") for line in _thresholds(report, words, name)]
    told = listed([line.label for line in lines], report.language)
    described = words.tell("chart-scores-words", lines=told)
    return columns("chart-scores", words.tell("chart-scores"), described, series, groups, lines)


def _thresholds(report: BacktestReport, words: BacktestWords, name: str) -> Iterator[Mark]:
    """Where the scores for a recommendation lie: one line where both policies have the same,
    over all days.
    """
    at = 0 if name == "accept" else 1
    old, new = (
        {pair[at] for pair in side.thresholds}
        for side in (report.tally.baseline, report.tally.candidate)
    )
    for key, scores in (("both", old & new), ("old", old - new), ("new", new - old)):
        for score in sorted(scores):
            label = words.tell(f"line-{name}-{key}", score=score)
            yield Mark(Fraction(min(score, 100), 100), label, DASHES[key], heavy=name == "accept")
