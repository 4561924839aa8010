"""The report model that every form of output shares: decisions in a reader's words, as plain data.

An `Entry` holds all that any report tells of one request and goes into bytes and back, so that a
report on a large inbox can be kept outside memory and read in order of rank.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
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

BEFORE_NUMBER = re.compile(r"\A[a-z]+(?=\d+\Z)")


@dataclass(frozen=True, slots=True)
class CriterionPoints:
    """One criterion of the score."""

    label: str
    points: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one rule matched, and what it cites (with sections, and without); `kind` is bounds,
    points, facts (it only concludes some) or other.
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
    """One request with its recommendation, in one language. An empty text is a fact that is not
    known.
    """

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
        """The entry as bytes."""
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
        participants=""
        if request.participants is None
        else words.value(None, request.participants),
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
    """The strategy's short name and the numbers of its priorities, or what else its ids end
    with: `West 1 4`.
    """
    if decision.strategy is None:
        return ""
    short = words.label("strategies", decision.strategy)
    own = [one.removeprefix(f"{decision.strategy}-") for one in decision.result.priorities]
    return " ".join([short, *(BEFORE_NUMBER.sub("", one) for one in own)])


def _reasons(decision: Decision, language: Language) -> Iterator[Reason]:
    for one in decision.result.rules:
        effect = one["effect"]
        kind = "facts" if set(effect) == {"conclude"} else "other"
        kind = (
            "bounds"
            if {"at_most", "at_least"} & set(effect)
            else "points"
            if "score" in effect
            else kind
        )
        start = ""
        for key in ("at_most", "at_least"):
            if key in effect:
                bound = say(f"recommendation.{effect[key]}", language)
                start = say(f"explain.{key.replace('_', '-')}", language, recommendation=bound)
        cited: dict[str, list[str]] = {}
        for citation in one["citations"]:
            cited.setdefault(f"{citation['document']}, {citation['section']}", []).append(
                citation["id"]
            )
        joint = say("word.semicolon", language)
        source = joint.join(f"{where} ({', '.join(ids)})" for where, ids in cited.items())
        documents: dict[str, list[str]] = {}
        for citation in one["citations"]:
            documents.setdefault(citation["document"], []).append(citation["id"])
        short = joint.join(f"{document}, {', '.join(ids)}" for document, ids in documents.items())
        yield Reason(one["id"], kind, f"{start}{one['because']}", source, short)


def _unknown(fact: str, could_change: bool, words: Wording) -> Unknown:
    text = words.policy.fact_texts.get(fact)
    label = words.fact(fact)
    return Unknown(
        fact,
        label,
        text.question[words.language] if text and text.question else label,
        could_change,
    )


@dataclass(frozen=True)
class Handling:
    """How a report must be handled: the highest classification of its requests, if any, and how
    many have none.
    """

    label: str
    unlabelled: int

    @classmethod
    def of(cls, counts: Mapping[str | None, int], rejected: int, words: Wording) -> "Handling":
        """From the number of requests by classification (None: not known); what is rejected
        counts as not known.
        """
        vocabulary = words.policy.vocabularies.get("classifications")
        known = [id for id in (vocabulary.terms if vocabulary else ()) if counts.get(id)]
        label = words.label("classifications", known[-1]) if known else ""
        return cls(label, counts.get(None, 0) + rejected)


def marking(label: str, language: Language) -> str:
    """A classification as it stands at the head of a page; an empty one is not known."""
    return (
        say("report.marking", language, label=label)
        if label
        else say("report.marking-unknown", language)
    )


@dataclass(frozen=True)
class ScreeningReport:
    """A screened inbox: what stands at its head, the entries in order of rank, and the rejected
    rows.
    """

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
    def handling(self) -> Handling:
        """The classification of the whole."""
        return Handling.of(
            self.classifications, len(self.rejected), Wording(self.policy, self.language)
        )

    @property
    def marking(self) -> str:
        """The classification as it stands at the head of a report."""
        handling = self.handling
        if not handling.label or not handling.unlabelled:
            return marking(handling.label, self.language)
        values = {
            "label": handling.label,
            "unlabelled": handling.unlabelled,
            "read": self.totals["read"],
        }
        return say("report.marking-partly", self.language, **values)

    @property
    def title(self) -> str:
        """What the report is called."""
        return say("report.title", self.language)

    @property
    def notice(self) -> str:
        """That a person decides."""
        return self.policy.notice[self.language]

    @property
    def counts(self) -> str:
        """How many requests were read, and what is proposed for them."""
        return say("report.counts", self.language, **self.totals)

    def about(self) -> list[tuple[str, str]]:
        """What a reader must know of where the report comes from: name and value."""
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
        """Source, row, field, value and what was expected, a line for each mistake."""
        for row in (*self.rejected, *self.rejected_before):
            for one in row.errors:
                yield row.source, row.row, one.field, one.value, one.expected
