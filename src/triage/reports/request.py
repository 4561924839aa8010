"""One request as parts of a document: in a screening, and as a brief to attach to its file."""

from collections.abc import Iterable, Iterator

from triage.messages import Language, listed, say
from triage.model.policy import RECOMMENDATION_MESSAGES, Policy
from triage.reports.document import (
    PAGES,
    TERMINAL,
    Blank,
    Column,
    Document,
    Forms,
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
    return Document(
        language=language,
        title=_title(entry, language),
        marking=marking(entry.classification, language),
        notice=policy.notice[language],
        lead=(),
        parts=[_article(entry, language, "request", "", parts)],
        origin=f"{origin(entry, policy, language)} {entry.decision_id}",
        look="brief",
        contents=False,
    )


def explanation(
    entry: Entry, policy: Policy, language: Language, more: Iterable[Part] = ()
) -> Iterator[Part]:
    """One request in full, for a terminal."""
    first = [headline(entry, entry.proposed.upper(), language), entry.reason]
    points = [
        ("  ", f"{label:<36}{points:>4} / {most}")
        for label, points, most in _criteria(entry, language).rows
    ]
    parts = [
        Part("", say("explain.criteria", language), lines=points),
        *sections(entry, language, more=more),
    ]
    also = also_assessed(entry, language)
    yield Part("", named(entry), [*first, *also], parts=parts)
    yield Part("", "", [origin(entry, policy, language), policy.notice[language]])


def named(entry: Entry) -> str:
    """The id and the title on one line of a terminal."""
    return " ".join(f"{entry.id}  {entry.title}".splitlines())


def origin(entry: Entry, policy: Policy, language: Language, day: str = "") -> str:
    """What has made a recommendation, as of its day or others."""
    values = {"title": policy.title[language], "version": entry.policy, "day": day or entry.as_of}
    return say("explain.footer", language, engine=entry.engine, **values)


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
    return Table(say("explain.criteria", language), "", columns, rows, look="score")


def sections(
    entry: Entry, language: Language, brief: bool = False, more: Iterable[Part] = ()
) -> Iterator[Part]:
    """The parts that are not empty; `more` are parts from elsewhere, after what is not known.

    A brief leaves out the rules that only conclude facts, since the other rules tell what follows
    from them, and cites documents without their sections.
    """
    yield from listing(say("report.also", language), also_assessed(entry, language), only=PAGES)
    yield from listing(say("explain.priorities", language), entry.priorities, start="  ")
    for key, kinds in RULES.items():
        rules = [
            Item(reason.text, reason.short_source if brief else reason.source)
            for reason in entry.reasons
            if reason.kind in (kinds[:1] if brief else kinds)
        ]
        yield from listing(say(key, language), rules)
    matters = [Item(one.question, name=one.fact) for one in entry.unknown if one.could_change]
    values = {"possible": listed(entry.possible, language, "or"), "count": len(matters)}
    yield from listing(say("explain.unknown", language, **values), matters)
    if rest := [one.label for one in entry.unknown if not one.could_change]:
        labels, count = listed(rest, language), len(rest)
        title = say("report.unknown-rest", language, count=count)
        yield Part("", title, items=[Item(labels)], only=PAGES)
        told = say("explain.unknown-rest", language, facts=labels, count=count)
        yield Part("", "", [told], only=TERMINAL)
    yield from more
    yield from listing(say("explain.routing", language), routing(entry, language), start="  ")
    yield from listing(say("explain.advice", language), entry.advice)
    yield from listing(say("explain.flags", language), entry.flags)


def listing(
    title: str, texts: Iterable[str | Item], start: str = "", only: Forms | None = None
) -> Iterator[Part]:
    """A list under a title, if there is anything in it.

    On a terminal its lines begin with `start`, if that is given, and not with a bullet.
    """
    items = [Item(one) if isinstance(one, str) else one for one in texts]
    if items:
        lines = [(start, item.text) for item in items] if start else ()
        yield Part("", title, items=items, lines=lines, only=only)


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
    choices = [say(key, language) for key in RECOMMENDATION_MESSAGES.values()]
    blanks = [
        Blank(say("report.decided-by", language), ROOM_TO_SIGN, listed=True),
        Blank(say("report.decided-on", language), ROOM_TO_SIGN, listed=True),
    ]
    return Part("", say("report.decision", language), choices=choices, blanks=blanks)
