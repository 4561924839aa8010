"""What every form of report shares: decisions in a reader's words, as plain data.

An `Entry` has all that any report tells of one request, and goes into bytes and back: the entries
of a large inbox are kept in a file, and read from it in order of rank.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import orjson

from triage.deciding.decision import Decision
from triage.deciding.rank import RankKey
from triage.deciding.wording import Wording
from triage.formats.spool import RankedSpool
from triage.intake.inbox import Rejected
from triage.limits.tables import LimitReport
from triage.messages import Language, say
from triage.model.policy import Policy

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
    def total(self) -> int:
        """The most points that the criteria can give."""
        return sum(part.maximum for part in self.criteria)

    def pack(self) -> bytes:
        """The entry as bytes, for `unpack`."""
        return orjson.dumps(self)

    @classmethod
    def unpack(cls, data: bytes) -> "Entry":
        """The entry that `pack` turned into these bytes."""
        plain = orjson.loads(data)
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
    recommended = {
        one: say(f"recommendation.{one}", language) for one in ("accept", "defer", "decline")
    }
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
                recommendation = say(f"recommendation.{effect[key]}", language)
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


@dataclass(frozen=True)
class Handling:
    """How to handle a report: the highest classification of its requests; how many have none."""

    label: str
    unlabelled: int

    @classmethod
    def of(cls, counts: Mapping[str | None, int], rejected: int, words: Wording) -> "Handling":
        """From the number of requests by classification (None: unknown, like rejected rows)."""
        vocabulary = words.policy.vocabularies.get("classifications")
        known = [id for id in (vocabulary.terms if vocabulary else ()) if counts.get(id)]
        label = words.label("classifications", known[-1]) if known else ""
        return cls(label, counts.get(None, 0) + rejected)

    def marking(self, read: int, language: Language) -> str:
        """The classification at the head of a report on so many rows."""
        if not self.label or not self.unlabelled:
            return marking(self.label, language)
        values = {"label": self.label, "unlabelled": self.unlabelled, "read": read}
        return say("report.marking-partly", language, **values)


def marking(label: str, language: Language) -> str:
    """A classification as it stands at the head of a page; an empty one is not known."""
    if not label:
        return say("report.marking-unknown", language)
    return say("report.marking", language, label=label)


def heads(names: Iterable[str], language: Language) -> list[str]:
    """The heads of columns; their messages are `column-of-report.NAME`."""
    return [say(f"column-of-report.{name}", language) for name in names]


@dataclass(frozen=True)
class ScreeningReport:
    """A screened inbox: its head, the entries in order of rank, and the rejected rows."""

    language: Language
    policy: Policy
    engine: str
    as_of: date | None
    totals: Mapping[str, int]
    classifications: Counter[str | None]
    rejected: list[Rejected]
    spool: RankedSpool[RankKey]
    rejected_before: list[Rejected] = field(default_factory=list)
    """Rows of what is committed already that cannot be read."""
    limits: LimitReport | None = None

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Rank and entry, the best first."""
        for rank, data in enumerate(self.spool, 1):
            yield rank, Entry.unpack(data)

    @property
    def marking(self) -> str:
        words = Wording(self.policy, self.language)
        handling = Handling.of(self.classifications, len(self.rejected), words)
        return handling.marking(self.totals["read"], self.language)

    @property
    def title(self) -> str:
        return say("report.title", self.language)

    @property
    def notice(self) -> str:
        """The sentence that a person decides."""
        return self.policy.notice[self.language]

    @property
    def counts(self) -> str:
        """The sentence on how many requests were read, and what is proposed for them."""
        return say("report.counts", self.language, **self.totals)

    def about(self) -> list[tuple[str, str]]:
        """Where the report comes from, as names and values."""
        language = self.language
        day = self.as_of.isoformat() if self.as_of else say("report.as-of-received", language)
        values = {
            "notice": self.notice,
            "classification": self.marking,
            "requests": self.counts,
            "policy": self.policy.title[language],
            "version": self.policy.version,
            "as-of": day,
            "engine": self.engine,
            "settings": say("report.settings-note", language),
        }
        return [(say(f"report.{name}", language), value) for name, value in values.items()]

    def rejections(self) -> Iterator[tuple[str, int, str, str, str]]:
        """Source, row, field, value and what was expected, for each mistake."""
        for row in (*self.rejected, *self.rejected_before):
            for error in row.errors:
                yield row.source, row.row, error.field, error.value, error.expected
