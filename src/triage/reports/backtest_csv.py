"""The flips of a backtest as CSV: a row for each case that changes, with the versions in it."""

from collections.abc import Iterator

from triage.backtest.tally import Flip
from triage.formats.csv_forms import CsvForm
from triage.messages import say
from triage.model.policy import RECOMMENDATION_MESSAGES
from triage.reports import csv
from triage.reports.backtest_words import BacktestWords
from triage.reports.document import Cell, Document

COLUMNS = (
    "backtest.column-case",
    "backtest.column-judged-on",
    "backtest.column-old",
    "backtest.column-new",
    "backtest.column-score-old",
    "backtest.column-score-new",
    "backtest.column-change-of-score",
    "backtest.column-people",
    "backtest.column-people-on",
    "backtest.column-people-why",
    "backtest.column-due-to",
    "backtest.column-edits-words",
    "backtest.column-rules-gained",
    "backtest.column-rules-lost",
    "backtest.column-version-old",
    "backtest.column-version-new",
)
"""The messages over the columns."""


def render(words: BacktestWords, document: Document, form: CsvForm) -> Iterator[bytes]:
    report = words.report
    heads = [words.tell(key) for key in COLUMNS]
    heads += [say("column-of-report.marking", report.language)]
    heads += [say("column-of-report.notice", report.language)]
    edits = {edit.id: "; ".join(edit.words(report.language)) for edit in report.edits}
    versions = (report.baseline.version, report.candidate.version)
    ends = (*versions, document.marking, document.notice)
    rows = ((*_cells(flip, words, edits), *ends) for flip in report.tally.flips)
    return csv.render(heads, rows, form)


def _cells(flip: Flip, words: BacktestWords, edits: dict[str, str]) -> list[Cell]:
    report, determination = words.report, flip.determination
    outcome, decided_on, reason = "", "", ""
    if determination is not None:
        outcome = say(RECOMMENDATION_MESSAGES[determination.outcome], report.language)
        decided_on = determination.date.isoformat() if determination.date else ""
        reason = determination.reason or ""
    return [
        flip.request.id,
        flip.day.isoformat(),
        words.recommendation(flip.old),
        words.recommendation(flip.new),
        flip.old_score,
        flip.new_score,
        flip.new_score - flip.old_score,
        outcome,
        decided_on,
        reason,
        report.due_to(flip),
        "; ".join(edits[id] for id in report.edits_of(flip)),
        "; ".join(flip.gained),
        "; ".join(flip.lost),
    ]
