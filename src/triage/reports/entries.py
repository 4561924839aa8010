"""One request in a report: what is kept of its decision, and the columns that show it.

An `Entry` has all that any report tells of one request, and goes into bytes and back: the entries
of a large inbox are kept in a file, and read from it in order of rank.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import orjson

from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.messages import Language, say
from triage.model.policy import RECOMMENDATION_MESSAGES
from triage.reports.document import PAGES, WORKBOOK, Cell, Column, Forms, Link, Proposed

BOUNDS = {"at_most": "explain.at-most", "at_least": "explain.at-least"}
BEFORE_NUMBER = re.compile(r"\A[a-z]+(?=\d+\Z)")


@dataclass(frozen=True, slots=True)
class CriterionPoints:
    """One criterion of the score."""

    label: str
    points: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one rule matched, and what it cites, with sections and without.

    `kind` is bounds, points, facts (the rule only concludes some) or other.
    """

    rule: str
    kind: str
    text: str
    source: str
    short_source: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that is not known, with the question to ask."""

    fact: str
    label: str
    question: str
    could_change: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One request with its recommendation, in one language; an unknown fact is an empty text."""

    id: str
    title: str
    received: str
    engagement_type: str
    requester: str
    mission: str
    places: str
    forum: str
    start: str
    end: str
    participants: str
    classification: str
    """Empty where it is unknown; `handling` says so in words."""
    handling: str
    recommendation: str
    proposed: str
    score: int
    criteria: tuple[CriterionPoints, ...]
    strategy: str
    strategies: tuple[tuple[str, str, int], ...]
    priorities: tuple[str, ...]
    priorities_short: str
    alignment: str
    reason: str
    justification: str
    reasons: tuple[Reason, ...]
    unknown: tuple[Unknown, ...]
    possible: tuple[str, ...]
    lead: str
    consult: tuple[str, ...]
    fund: str
    advice: tuple[str, ...]
    flags: tuple[str, ...]
    as_of: str
    policy: str
    engine: str
    decision_id: str

    @property
    def where(self) -> str:
        """The countries, or else what says most of where it takes place."""
        return self.places or self.forum or self.requester

    @property
    def badge(self) -> Proposed:
        """What is proposed, as a cell."""
        return Proposed(self.proposed, self.recommendation)

    def pack(self) -> bytes:
        """The entry as bytes, for `unpack`."""
        return orjson.dumps(self)

    @classmethod
    def unpack(cls, data: bytes) -> "Entry":
        """The entry that `pack` turned into these bytes."""
        return cls.of(orjson.loads(data))

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Entry":
        """The entry whose JSON is this object."""
        plain["criteria"] = tuple(CriterionPoints(**one) for one in plain["criteria"])
        plain["reasons"] = tuple(Reason(**one) for one in plain["reasons"])
        plain["unknown"] = tuple(Unknown(**one) for one in plain["unknown"])
        plain["strategies"] = tuple(map(tuple, plain["strategies"]))
        for name in ("priorities", "possible", "consult", "advice", "flags"):
            plain[name] = tuple(plain[name])
        return cls(**plain)


def entry(decision: Decision, words: Wording) -> Entry:
    """A decision in a reader's words."""
    request, result, language = decision.request, decision.result, words.language
    label = words.label
    recommended = {one: say(key, language) for one, key in RECOMMENDATION_MESSAGES.items()}
    criteria = {one.id: one.label[language] for one in words.policy.criteria}
    known = request.participants is not None
    participants = words.value(None, request.participants) if known else ""

    def named(values: str, id: str | None) -> str:
        return label(values, id) if id else ""

    return Entry(
        id=request.id,
        title=request.title or "",
        received=request.received.isoformat(),
        engagement_type=label("engagement_types", request.engagement_type),
        requester=request.requester_organization or "",
        mission=request.mission or "",
        places=words.value("countries", request.countries) if request.countries else "",
        forum=named("forums", request.forum),
        start=_day(request.start),
        end=_day(request.end),
        participants=participants,
        classification=named("classifications", request.classification),
        handling=named("classifications", request.classification) or say("word.unknown", language),
        recommendation=decision.recommendation.value,
        proposed=recommended[decision.recommendation],
        score=decision.score,
        criteria=tuple(
            CriterionPoints(criteria[id], one["points"], one["maximum"])
            for id, one in result.criteria.items()
        ),
        strategy=named("strategies", decision.strategy),
        strategies=tuple(
            (label("strategies", name), recommended[one.recommendation], one.score)
            for name, one in decision.strategies.items()
            if name != decision.strategy
        ),
        priorities=tuple(label("priorities", one) for one in result.priorities),
        priorities_short=short_priorities(decision, words),
        alignment=named("alignments", result.alignment),
        reason=result.reason,
        justification=result.justification,
        reasons=tuple(_reasons(decision, language)),
        unknown=tuple(_unknown(one["fact"], one["could_change"], words) for one in result.unknown),
        possible=tuple(recommended[one] for one in result.possible),
        lead=words.organization(result.lead),
        consult=tuple(words.organization(one) for one in result.consult),
        fund=named("funds", result.fund),
        advice=tuple(result.advice),
        flags=tuple(label("flags", one) for one in result.flags),
        as_of=decision.as_of.isoformat(),
        policy=decision.policy_version,
        engine=decision.engine,
        decision_id=decision.decision_id,
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def short_priorities(decision: Decision, words: Wording) -> str:
    """The name of the strategy and the ends of its priorities' ids, numbers alone: `West 1 4`."""
    if decision.strategy is None:
        return ""
    short = words.label("strategies", decision.strategy)
    own = [one.removeprefix(f"{decision.strategy}-") for one in decision.result.priorities]
    return " ".join([short, *(BEFORE_NUMBER.sub("", one) for one in own)])


def _reasons(decision: Decision, language: Language) -> Iterator[Reason]:
    joint = say("word.semicolon", language)
    for rule in decision.result.rules:
        effect = rule["effect"]
        start = ""
        for key, bound in BOUNDS.items():
            if key in effect:
                recommendation = say(RECOMMENDATION_MESSAGES[effect[key]], language)
                start = say(bound, language, recommendation=recommendation)
        sections: dict[str, list[str]] = {}
        documents: dict[str, list[str]] = {}
        for citation in rule["citations"]:
            document, id = citation["document"], citation["id"]
            sections.setdefault(f"{document}, {citation['section']}", []).append(id)
            documents.setdefault(document, []).append(id)
        source = joint.join(f"{section} ({', '.join(ids)})" for section, ids in sections.items())
        short = joint.join(f"{document}, {', '.join(ids)}" for document, ids in documents.items())
        text = f"{start}{rule['because']}"
        yield Reason(rule["id"], _kind(set(effect)), text, source, short)


def _kind(effects: set[str]) -> str:
    if effects & BOUNDS.keys():
        return "bounds"
    if "score" in effects:
        return "points"
    return "facts" if effects == {"conclude"} else "other"


def _unknown(fact: str, could_change: bool, words: Wording) -> Unknown:
    text, label = words.policy.fact_texts.get(fact), words.fact(fact)
    question = text.question[words.language] if text and text.question else label
    return Unknown(fact, label, question, could_change)


class RankedColumn(NamedTuple):
    """A column of the ranked list: the message of its head, its cell, and the forms that show it.

    The cell is made of the rank and the entry. `width` is that in a workbook, in characters, and
    `look` the class on a page, as in `document.Column`.
    """

    head: str
    cell: Callable[[int, Entry], Cell]
    forms: Forms
    width: int = 14
    look: str = ""
    number: bool = False

    def column(self, language: Language) -> Column:
        """The column with its head in words."""
        head = say(self.head, language)
        return Column(head, self.width, self.number, self.look, self.forms)


def as_day(text: str) -> date | None:
    """A day written YYYY-MM-DD; None for an empty text."""
    return date.fromisoformat(text) if text else None


def joined(texts: tuple[str, ...]) -> str:
    return "; ".join(texts)


CSV: Forms = frozenset({"csv"})
DATA, ALL = CSV | WORKBOOK, CSV | WORKBOOK | PAGES
COLUMNS = (
    RankedColumn("column-of-report.rank", lambda rank, one: rank, ALL, 6, "number", True),
    RankedColumn("column-of-report.id", lambda rank, one: Link(one.id, f"r{rank}"), ALL, 15, "id"),
    RankedColumn("column-of-report.title", lambda rank, one: one.title, DATA, 32),
    RankedColumn("column-of-report.received", lambda rank, one: as_day(one.received), DATA, 11),
    RankedColumn("column-of-report.proposed", lambda rank, one: one.badge, ALL, 11),
    RankedColumn("column-of-report.score", lambda rank, one: one.score, ALL, 7, "number", True),
    RankedColumn("column-of-report.strategy", lambda rank, one: one.strategy, DATA, 12),
    RankedColumn("column-of-report.places", lambda rank, one: one.places, DATA, 22),
    RankedColumn("column-of-report.places", lambda rank, one: one.where, PAGES),
    RankedColumn("column-of-report.forum", lambda rank, one: one.forum, DATA, 22),
    RankedColumn("column-of-report.type", lambda rank, one: one.engagement_type, ALL, 18, "type"),
    RankedColumn("column-of-report.requester", lambda rank, one: one.requester, DATA, 28),
    RankedColumn("column-of-report.priorities", lambda rank, one: joined(one.priorities), CSV),
    RankedColumn(
        "column-of-report.priorities",
        lambda rank, one: one.priorities_short,
        *(ALL - CSV, 18, "priorities"),
    ),
    RankedColumn("column-of-report.alignment", lambda rank, one: one.alignment, CSV),
    RankedColumn("column-of-report.reason", lambda rank, one: one.reason, ALL, 36, "wide"),
    RankedColumn("column-of-report.justification", lambda rank, one: one.justification, CSV),
    RankedColumn(
        "column-of-report.unknown",
        lambda rank, one: joined(tuple(fact.label for fact in one.unknown if fact.could_change)),
        CSV,
    ),
    RankedColumn("column-of-report.possible", lambda rank, one: joined(one.possible), CSV),
    RankedColumn("column-of-report.lead", lambda rank, one: one.lead, ALL, 24, "wide"),
    RankedColumn("column-of-report.consult", lambda rank, one: joined(one.consult), DATA, 44),
    RankedColumn("column-of-report.fund", lambda rank, one: one.fund, DATA, 20),
    RankedColumn("column-of-report.advice", lambda rank, one: " ".join(one.advice), CSV),
    RankedColumn("column-of-report.flags", lambda rank, one: joined(one.flags), CSV),
    RankedColumn("column-of-report.classification", lambda rank, one: one.handling, DATA, 14),
    RankedColumn("column-of-report.as-of", lambda rank, one: as_day(one.as_of), DATA, 11),
)
"""The ranked list in every form but that of a terminal, in order."""


class LineColumn(NamedTuple):
    """A column of the ranked list on a terminal: the message of its head, its width, its text.

    The width 0 is what the others leave. The text is made of the decision itself, because there may
    be very many: an entry costs more.
    """

    head: str
    width: int
    text: Callable[[Decision, Wording], str]


def _where(decision: Decision, words: Wording) -> str:
    request = decision.request
    places = words.value("countries", request.countries) if request.countries else ""
    if not places and request.forum:
        places = words.label("forums", request.forum)
    return places or request.requester_organization or say("word.unknown", words.language)


PROPOSED, REASON = "column.recommendation", "column.reason"
"""The columns in which a request that limits defer differs from what it was."""
LINE = (
    LineColumn("column.id", 12, lambda decision, words: decision.request.id),
    LineColumn(
        PROPOSED,
        8,
        lambda decision, words: say(
            RECOMMENDATION_MESSAGES[decision.recommendation], words.language
        ),
    ),
    LineColumn("column.score", 5, lambda decision, words: str(decision.score)),
    LineColumn("column.countries", 13, _where),
    LineColumn(
        "column.type",
        11,
        lambda decision, words: words.label("engagement_types", decision.request.engagement_type),
    ),
    LineColumn(
        "column.priorities", 17, lambda decision, words: short_priorities(decision, words) or "-"
    ),
    LineColumn(REASON, 0, lambda decision, words: decision.result.reason),
)
"""The ranked list on a terminal of 100 columns, in order."""
