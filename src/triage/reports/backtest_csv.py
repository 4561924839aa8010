"""The flips of a backtest as CSV: a row for each case that changes, with the versions in it."""

from collections.abc import Iterator

from triage.backtest.tally import Flip
from triage.formats.csv_forms import CsvForm
from triage.messages import say
from triage.reports import csv
from triage.reports.backtest_words import BacktestWords
from triage.reports.document import Cell, Document

COLUMNS = (
    *("case", "judged-on", "old", "new", "score-old", "score-new", "change-of-score"),
    *("people", "people-on", "people-why", "due-to", "edits-words", "rules-gained", "rules-lost"),
    *("version-old", "version-new"),
)


def render(words: BacktestWords, document: Document, form: CsvForm) -> Iterator[bytes]:
    report = words.report
    heads = [words.column(name).head for name in COLUMNS]
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
        outcome = say(f"recommendation.{determination.outcome}", report.language)
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
