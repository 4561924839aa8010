"""The flips of a backtest as CSV: one row a case that changes, with where it comes from in every
row.
"""

from collections.abc import Iterator

from triage.backtest.report import BacktestReport
from triage.messages import say
from triage.model.policy import RANKED
from triage.reports.backtest_words import BacktestWords
from triage.reports.csv import row
from triage.reports.document import Document

COLUMNS = (
    *("case", "judged-on", "old", "new", "score-old", "score-new", "change-of-score"),
    *("people", "people-on", "people-why", "due-to", "edits-words", "rules-gained", "rules-lost"),
    *("version-old", "version-new"),
)


def render(report: BacktestReport, document: Document) -> Iterator[bytes]:
    """The flips, in pieces; they begin with a byte order mark, by which spreadsheets know UTF-8."""
    words, language = BacktestWords(report), report.language
    shared = [say(f"column-of-report.{name}", language) for name in ("marking", "notice")]
    yield "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
    yield row([*(words.tell(f"column-{name}") for name in COLUMNS), *shared])
    edits = {edit.id: "; ".join(edit.words(language)) for edit in report.edits}
    for flip in report.tally.flips:
        said = flip.determination
        due = report.edits_of(flip)
        yield row(
            [
                flip.request.id,
                flip.day.isoformat(),
                words.recommendation(flip.old),
                words.recommendation(flip.new),
                flip.old_score,
                flip.new_score,
                flip.new_score - flip.old_score,
                words.recommendation(next(one.rank for one in RANKED if one.value == said.outcome))
                if said
                else "",
                said.date.isoformat() if said and said.date else "",
                (said.reason or "") if said else "",
                report.due_to(flip),
                "; ".join(edits[id] for id in due),
                "; ".join(flip.gained),
                "; ".join(flip.lost),
                report.baseline.version,
                report.candidate.version,
                document.marking,
                document.notice,
            ]
        )
