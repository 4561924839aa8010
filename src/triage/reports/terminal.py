"""A screened inbox on a terminal: the ranked table, and what stands below it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.deciding.decision import Decision
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.wording import Wording
from triage.intake.survey import passed_over
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.reports.deferred import deferred_key
from triage.reports.document import Part
from triage.reports.entries import LINE, PROPOSED, REASON
from triage.reports.text import WIDTH, cell

REST = WIDTH - sum(column.width + 1 for column in LINE if column.width)


@dataclass(frozen=True, slots=True)
class RankedLine:
    """One row of the ranked table, so that the decision itself need not be kept."""

    key: RankKey
    cells: tuple[str, ...]


def line(decision: Decision, wording: Wording) -> RankedLine:
    """A decision as a row of the table."""
    return RankedLine(rank_key(decision), tuple(one.text(decision, wording) for one in LINE))


def deferred(line: RankedLine, reason: str, language: Language) -> RankedLine:
    """The row of a request that was to be accepted, with what defers it."""
    changed = {PROPOSED: say("recommendation.defer", language), REASON: reason}
    pairs = zip(LINE, line.cells, strict=True)
    cells = tuple(changed.get(column.head, text) for column, text in pairs)
    return RankedLine(deferred_key(line.key), cells)


def table(lines: Iterable[RankedLine], language: Language) -> str:
    """The ranked table, at most 100 columns wide."""
    widths = [column.width or REST for column in LINE]
    rows = [[say(column.head, language) for column in LINE]]
    rows.append(["-" * width for width in widths])
    rows += [[*line.cells] for line in sorted(lines, key=lambda line: line.key)]
    return "\n".join(" ".join(map(cell, row, widths)).rstrip() for row in rows)


def totals(counts: Mapping[str, int], decided: Policy, engine: str, language: Language) -> Part:
    """How many of each recommendation, and under which policy and engine."""
    notice, version = decided.notice[language], decided.version
    values = {"version": version, "engine": engine, "notice": notice, **counts}
    values["passed"] = passed_over(counts, language)
    return Part("totals", "", [say("screen.totals", language, **values)])
