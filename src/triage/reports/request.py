"""One request as parts of a document: in a screening, and as a brief to attach to its file."""

from collections.abc import Iterable, Iterator

from triage.messages import Language, listed, say
from triage.model.policy import RECOMMENDATION_MESSAGES, Policy
from triage.reports.document import (
    PAGES,
    Blank,
    Column,
    Document,
    Item,
    Part,
    Proposed,
    Table,
    facts,
)
from triage.reports.entries import Entry
from triage.reports.marking import marking

RULES = {
    "explain.rules-bounds": ("bounds",),
    "explain.rules-points": ("points",),
    "explain.rules-other": ("other", "facts"),
}
"""The headings over the rules that matched, and the kinds of `Reason` below each."""
ROOM_TO_SIGN = 20


def brief(entry: Entry, policy: Policy, language: Language, more: Iterable[Part] = ()) -> Document:
    """One request on a page, which a person signs."""
    parts = [*sections(entry, language, brief=True, more=more), _signature(language)]
    values = {"title": policy.title[language], "version": entry.policy, "day": entry.as_of}
    origin = say("explain.footer", language, engine=entry.engine, **values)
    return Document(
        language=language,
        title=_title(entry, language),
        marking=marking(entry.classification, language),
        notice=policy.notice[language],
        lead=(),
        parts=[_article(entry, language, "request", "", parts)],
        origin=f"{origin} {entry.decision_id}",
        look="brief",
        contents=False,
    )


def article(entry: Entry, language: Language, rank: int) -> Part:
    """One request of a screening."""
    title, parts = _title(entry, language), list(sections(entry, language))
    return _article(entry, language, f"r{rank}", title, parts)


def _article(entry: Entry, language: Language, id: str, title: str, parts: Iterable[Part]) -> Part:
    return Part(
        id,
        title,
        headline=Proposed(headline(entry, entry.proposed, language), entry.recommendation),
        paragraphs=[entry.reason],
        beside=[_facts(entry, language), _criteria(entry, language)],
        parts=parts,
        only=PAGES,
    )


def _title(entry: Entry, language: Language) -> str:
    """The id, and the title where there is one."""
    return f"{entry.id}{say('report.colon', language)}{entry.title}" if entry.title else entry.id


def headline(entry: Entry, proposed: str, language: Language) -> str:
    """What is proposed, in this word, the score and the strategy."""
    strategy = entry.strategy or say("explain.no-strategy", language)
    values = {"recommendation": proposed, "score": entry.score, "strategy": strategy}
    return say("explain.headline", language, **values)


def _facts(entry: Entry, language: Language) -> Table:
    """What the request says of itself, where it is known."""
    values = {
        "column-of-report.received": entry.received,
        "column-of-report.type": entry.engagement_type,
        "column-of-report.requester": entry.requester,
        "column-of-report.mission": entry.mission,
        "column-of-report.places": entry.places,
        "column-of-report.forum": entry.forum,
        "column-of-report.days": " – ".join(
            dict.fromkeys(day for day in (entry.start, entry.end) if day)
        ),
        "column-of-report.participants": entry.participants,
        "column-of-report.classification": entry.handling,
    }
    heads = [say("report.fact", language), say("report.value", language)]
    return facts("", heads, [(say(key, language), one) for key, one in values.items() if one])


def _criteria(entry: Entry, language: Language) -> Table:
    """Points by criterion; the last row is the total."""
    columns = [
        Column(say("report.criterion", language)),
        Column(say("report.points", language), number=True, look="number"),
        Column(say("report.maximum", language), number=True, look="number"),
    ]
    most = sum(one.maximum for one in entry.criteria)
    rows = [(one.label, one.points, one.maximum) for one in entry.criteria]
    rows.append((say("explain.total", language), entry.score, most))
    return Table(heading("explain.criteria", language), "", columns, rows, look="score")


def heading(key: str, language: Language, **values: object) -> str:
    """A text of the explanation as a heading: without the colon at its end."""
    return say(key, language, **values).rstrip(": \N{NO-BREAK SPACE}")


def sections(
    entry: Entry, language: Language, brief: bool = False, more: Iterable[Part] = ()
) -> Iterator[Part]:
    """The parts that are not empty; `more` are parts from elsewhere, after what is not known.

    A brief leaves out the rules that only conclude facts, since the other rules tell what follows
    from them, and cites documents without their sections.
    """
    if also := also_assessed(entry, language):
        yield listing(say("report.also", language), also)
    if entry.priorities:
        yield listing(heading("explain.priorities", language), entry.priorities)
    for key, kinds in RULES.items():
        rules = [
            Item(reason.text, reason.short_source if brief else reason.source)
            for reason in entry.reasons
            if reason.kind in (kinds[:1] if brief else kinds)
        ]
        if rules:
            yield Part("", heading(key, language), items=rules)
    matters = [one.question for one in entry.unknown if one.could_change]
    if matters:
        values = {"possible": listed(entry.possible, language, "or"), "count": len(matters)}
        yield listing(heading("explain.unknown", language, **values), matters)
    rest = [one.label for one in entry.unknown if not one.could_change]
    if rest:
        name = say("report.unknown-rest", language, count=len(rest))
        yield listing(name, [listed(rest, language)])
    yield from more
    yield listing(heading("explain.routing", language), routing(entry, language))
    if entry.advice:
        yield listing(heading("explain.advice", language), entry.advice)
    if entry.flags:
        yield listing(heading("explain.flags", language), entry.flags)


def listing(title: str, texts: Iterable[str]) -> Part:
    """Texts in a list under a title."""
    return Part("", title, items=[Item(text) for text in texts])


def also_assessed(entry: Entry, language: Language) -> list[str]:
    """What the other strategies make of the request."""
    return [
        say("explain.other-strategy", language, strategy=name, recommendation=one, score=score)
        for name, one, score in entry.strategies
    ]


def routing(entry: Entry, language: Language) -> list[str]:
    """Who leads, who is consulted, and what pays."""
    values = {
        "explain.lead": entry.lead,
        "explain.consult": listed(entry.consult, language),
        "explain.fund": entry.fund,
    }
    return [f"{say(key, language)}: {value}" for key, value in values.items() if value]


def _signature(language: Language) -> Part:
    """What the person who decides fills in."""
    choices = [
        say(RECOMMENDATION_MESSAGES[one], language) for one in ("accept", "defer", "decline")
    ]
    blanks = [
        Blank(say("report.decided-by", language), ROOM_TO_SIGN, listed=True),
        Blank(say("report.decided-on", language), ROOM_TO_SIGN, listed=True),
    ]
    return Part("", say("report.decision", language), choices=choices, blanks=blanks)
