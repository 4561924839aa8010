"""Decisions as text for a terminal: the ranked table of an inbox, and one decision in full."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from triage.deciding.decision import Decision
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.wording import Wording
from triage.intake.survey import passed_over
from triage.messages import Language, listed, say
from triage.model.policy import Policy
from triage.reports.deferred import deferred_key
from triage.reports.document import Part
from triage.reports.entries import LINE, PROPOSED, REASON, Entry
from triage.reports.request import RULES, also_assessed, headline, routing
from triage.reports.text import WIDTH, bulleted, cell, wrapped

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


def totals(counts: Mapping[str, int], decided: Policy, engine: str, language: Language) -> str:
    """How many of each recommendation, and under which policy and engine, in lines of 100."""
    notice, version = decided.notice[language], decided.version
    values = {"version": version, "engine": engine, "notice": notice, **counts}
    values["passed"] = passed_over(counts, language)
    text = say("screen.totals", language, **values)
    return "\n".join(line for part in text.splitlines() for line in textwrap.wrap(part, WIDTH))


def explain(row: Entry, wording: Wording, more: Iterable[Part] = ()) -> str:
    """One decision in full, at most 100 columns wide."""
    return "\n".join(_explanation(row, wording.policy, wording.language, more)) + "\n"


def _explanation(
    row: Entry, policy: Policy, language: Language, more: Iterable[Part]
) -> Iterator[str]:
    yield from wrapped(f"{row.id}  {row.title}", "")
    yield from wrapped(headline(row, row.proposed.upper(), language), "")
    yield from wrapped(row.reason, "")
    yield from also_assessed(row, language)
    yield from ["", say("explain.criteria", language)]
    for part in row.criteria:
        yield f"  {part.label:<36}{part.points:>4} / {part.maximum}"
    most = sum(part.maximum for part in row.criteria)
    yield f"  {say('explain.total', language):<36}{row.score:>4} / {most}"
    yield from bulleted(say("explain.priorities", language), row.priorities, "  ")
    for key, kinds in RULES.items():
        found = [one for one in row.reasons if one.kind in kinds]
        texts = [one.text + (f" [{one.source}]" if one.source else "") for one in found]
        yield from bulleted(say(key, language), texts)
    yield from _unknown(row, language)
    for section in more:
        title = f"{section.title}{say('report.colon', language)}".rstrip()
        yield from bulleted(title, [item.text for item in section.items])
    yield from bulleted(say("explain.routing", language), routing(row, language), "  ")
    yield from bulleted(say("explain.advice", language), row.advice)
    yield from bulleted(say("explain.flags", language), row.flags)
    values = {"version": row.policy, "day": row.as_of, "engine": row.engine}
    footer = say("explain.footer", language, title=policy.title[language], **values)
    yield from ["", *wrapped(footer, ""), *wrapped(policy.notice[language], "")]


def _unknown(row: Entry, language: Language) -> Iterator[str]:
    matters = [f"{one.question} ({one.fact})" for one in row.unknown if one.could_change]
    if matters:
        values = {"possible": listed(row.possible, language, "or"), "count": len(matters)}
        yield from bulleted(say("explain.unknown", language, **values), matters)
    rest = [one.label for one in row.unknown if not one.could_change]
    if rest:
        named = listed(rest, language)
        text = say("explain.unknown-rest", language, facts=named, count=len(rest))
        yield from ["", *wrapped(text, "")]
