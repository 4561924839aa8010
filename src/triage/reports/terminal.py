"""Decisions as text for a terminal: the ranked table of an inbox, and one decision in full."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from triage.deciding.decision import Decision
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.wording import Wording
from triage.messages import Language, listed, say
from triage.model.policy import Policy
from triage.reports.monospace import WIDTH, cell, wrapped
from triage.reports.rows import Entry, short_priorities
from triage.reports.sections import RULES, Section

COLUMNS = (
    ("id", 12),
    ("recommendation", 8),
    ("score", 5),
    ("countries", 13),
    ("type", 11),
    ("priorities", 17),
)
REASON_WIDTH = WIDTH - sum(width + 1 for _, width in COLUMNS)


@dataclass(frozen=True, slots=True)
class RankedLine:
    """One row of the ranked table, so that the decision itself need not be kept."""

    key: RankKey
    cells: tuple[str, ...]
    recommendation: str


def line(decision: Decision, wording: Wording) -> RankedLine:
    """A decision as a row of the table; made of few parts, because there may be very many."""
    request, language = decision.request, wording.language
    places = wording.value("countries", request.countries) if request.countries else ""
    if not places and request.forum:
        places = wording.label("forums", request.forum)
    return RankedLine(
        key=rank_key(decision),
        cells=(
            request.id,
            say(f"recommendation.{decision.recommendation}", language),
            str(decision.score),
            places or request.requester_organization or say("word.unknown", language),
            wording.label("engagement_types", request.engagement_type),
            short_priorities(decision, wording) or "-",
            decision.result.reason,
        ),
        recommendation=decision.recommendation.value,
    )


def deferred(line: RankedLine, reason: str, language: Language) -> RankedLine:
    """The row of a request that was to be accepted, with what defers it."""
    rank, *rest = line.key
    cells = (line.cells[0], say("recommendation.defer", language), *line.cells[2:-1], reason)
    return RankedLine((rank + 1, *rest), cells, "defer")  # type: ignore[arg-type]


def table(lines: Iterable[RankedLine], language: Language) -> str:
    """The ranked table, at most 100 columns wide."""
    columns = (*COLUMNS, ("reason", REASON_WIDTH))
    widths = [width for _, width in columns]
    rows = [[say(f"column.{name}", language) for name, _ in columns]]
    rows.append(["-" * width for width in widths])
    rows += [[*line.cells] for line in sorted(lines, key=lambda line: line.key)]
    return "\n".join(" ".join(map(cell, row, widths)).rstrip() for row in rows)


def totals(
    counts: dict[str, int], rejected: int, decided: Policy, engine: str, language: Language
) -> str:
    """How many of each recommendation, and under which policy and engine, in lines of 100."""
    values = {one: counts.get(one, 0) for one in ("accept", "defer", "decline")}
    values |= {"read": sum(counts.values()) + rejected, "rejected": rejected}
    notice, version = decided.notice[language], decided.version
    text = say("screen.totals", language, version=version, engine=engine, notice=notice, **values)
    return "\n".join(line for part in text.splitlines() for line in textwrap.wrap(part, WIDTH))


def explain(row: Entry, wording: Wording, more: Iterable[Section] = ()) -> str:
    """One decision in full, at most 100 columns wide."""
    return "\n".join(_Explanation(row, wording).lines(more)) + "\n"


class _Explanation:
    def __init__(self, row: Entry, wording: Wording) -> None:
        self.row, self.policy, self.language = row, wording.policy, wording.language

    def say(self, key: str, **values: object) -> str:
        return say(f"explain.{key}", self.language, **values)

    def lines(self, more: Iterable[Section]) -> list[str]:
        row = self.row
        out = wrapped(f"{row.id}  {row.title}", "")
        strategy = row.strategy or self.say("no-strategy")
        proposed = row.proposed.upper()
        headline = self.say("headline", recommendation=proposed, score=row.score, strategy=strategy)
        out += wrapped(headline, "")
        out += wrapped(row.reason, "")
        out += [
            self.say("other-strategy", strategy=name, recommendation=proposed, score=score)
            for name, proposed, score in row.strategies
        ]
        out += ["", self.say("criteria")]
        out += [f"  {part.label:<36}{part.points:>4} / {part.maximum}" for part in row.criteria]
        out.append(f"  {self.say('total'):<36}{row.score:>4} / {row.total}")
        out += self._section("priorities", row.priorities, "  ")
        for key, kinds in RULES.items():
            found = [one for one in row.reasons if one.kind in kinds]
            texts = [one.text + (f" [{one.source}]" if one.source else "") for one in found]
            out += self._section(key, texts)
        out += self._unknown()
        for section in more:
            out += ["", f"{section.heading}{say('report.colon', self.language)}".rstrip()]
            out += [line for item in section.items for line in wrapped(item.text, "  - ")]
        out += ["", self.say("routing"), *wrapped(f"{self.say('lead')}: {row.lead}")]
        if row.consult:
            out += wrapped(f"{self.say('consult')}: {listed(row.consult, self.language)}")
        if row.fund:
            out += wrapped(f"{self.say('fund')}: {row.fund}")
        out += self._section("advice", row.advice)
        out += self._section("flags", row.flags)
        title, notice = self.policy.title[self.language], self.policy.notice[self.language]
        origin = {"version": row.policy, "day": row.as_of, "engine": row.engine}
        footer = self.say("footer", title=title, **origin)
        return [*out, "", *wrapped(footer, ""), *wrapped(notice, "")]

    def _section(self, key: str, texts: Iterable[str], start: str = "  - ") -> list[str]:
        lines = [line for text in texts for line in wrapped(text, start)]
        return ["", self.say(key), *lines] if lines else []

    def _unknown(self) -> list[str]:
        out = []
        matters = [f"{one.question} ({one.fact})" for one in self.row.unknown if one.could_change]
        rest = [one.label for one in self.row.unknown if not one.could_change]
        if matters:
            possible = listed(self.row.possible, self.language, "or")
            text = self.say("unknown", possible=possible, count=len(matters))
            out += ["", *wrapped(text, "")]
            out += [line for text in matters for line in wrapped(text, "  - ")]
        if rest:
            text = self.say("unknown-rest", facts=listed(rest, self.language), count=len(rest))
            out += ["", *wrapped(text, "")]
        return out
