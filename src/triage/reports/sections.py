"""One request as headed sections, the same in every form of report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.messages import Language, listed, say
from triage.model.policy import Policy
from triage.reports.rows import Entry, heads

RULES = {
    "rules-bounds": ("bounds",),
    "rules-points": ("points",),
    "rules-other": ("other", "facts"),
}
"""The headings over the rules that matched, and the kinds of `Reason` below each."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a section, with the source that it cites."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines."""

    heading: str
    items: tuple[Item, ...]


def heading(key: str, language: Language, **values: object) -> str:
    """A text of the explanation as a heading: without the colon at its end."""
    return say(f"explain.{key}", language, **values).rstrip(": \N{NO-BREAK SPACE}")


def title(entry: Entry, language: Language) -> str:
    """The id, and the title where there is one."""
    return f"{entry.id}{say('report.colon', language)}{entry.title}" if entry.title else entry.id


def origin(entry: Entry, policy: Policy, language: Language) -> str:
    """Which policy, day and engine a decision comes from."""
    title = policy.title[language]
    values = {"version": entry.policy, "day": entry.as_of, "engine": entry.engine}
    return say("explain.footer", language, title=title, **values)


def headline(entry: Entry, language: Language) -> str:
    """What is proposed, the score and the strategy, in one line."""
    strategy = entry.strategy or say("explain.no-strategy", language)
    values = {"recommendation": entry.proposed, "score": entry.score}
    return say("explain.headline", language, strategy=strategy, **values)


def facts(entry: Entry, language: Language) -> list[tuple[str, str]]:
    """What the request says of itself: name and value, where it is known."""
    days = " – ".join(dict.fromkeys(day for day in (entry.start, entry.end) if day))
    values = {
        "received": entry.received,
        "type": entry.engagement_type,
        "requester": entry.requester,
        "mission": entry.mission,
        "places": entry.places,
        "forum": entry.forum,
        "days": days,
        "participants": entry.participants,
        "classification": entry.classification or say("word.unknown", language),
    }
    named = zip(heads(values, language), values.values(), strict=True)
    return [(name, value) for name, value in named if value]


def criteria(entry: Entry, language: Language) -> tuple[list[str], list[tuple[str, int, int]]]:
    """The table of points by criterion: its heads, and its rows with the total as the last."""
    keys = ("report.criterion", "report.points", "report.maximum")
    rows = [(one.label, one.points, one.maximum) for one in entry.criteria]
    total = (say("explain.total", language), entry.score, entry.total)
    return [say(key, language) for key in keys], [*rows, total]


def sections(
    entry: Entry, language: Language, brief: bool = False, more: Iterable[Section] = ()
) -> Iterator[Section]:
    """The sections that are not empty; each form writes the table of criteria itself.

    `more` are sections from elsewhere, which stand after what is not known. A brief leaves out the
    rules that only conclude facts, since the other rules tell what follows from them, and cites
    documents without their sections.
    """
    if entry.strategies:
        also = []
        for name, proposed, score in entry.strategies:
            values = {"strategy": name, "recommendation": proposed, "score": score}
            also.append(say("explain.other-strategy", language, **values))
        yield _plain(say("report.also", language), also)
    if entry.priorities:
        yield _plain(heading("priorities", language), entry.priorities)
    for key, kinds in RULES.items():
        rules = tuple(
            Item(reason.text, reason.short_source if brief else reason.source)
            for reason in entry.reasons
            if reason.kind in (kinds[:1] if brief else kinds)
        )
        if rules:
            yield Section(heading(key, language), rules)
    matters = [one.question for one in entry.unknown if one.could_change]
    if matters:
        possible = listed(entry.possible, language, "or")
        yield _plain(heading("unknown", language, possible=possible, count=len(matters)), matters)
    rest = [one.label for one in entry.unknown if not one.could_change]
    if rest:
        name = say("report.unknown-rest", language, count=len(rest))
        yield _plain(name, [listed(rest, language)])
    yield from more
    routing = {
        "explain.lead": entry.lead,
        "explain.consult": listed(entry.consult, language),
        "explain.fund": entry.fund,
    }
    named = [f"{say(key, language)}: {value}" for key, value in routing.items() if value]
    yield _plain(heading("routing", language), named)
    if entry.advice:
        yield _plain(heading("advice", language), entry.advice)
    if entry.flags:
        yield _plain(heading("flags", language), entry.flags)


def _plain(heading: str, texts: list[str] | tuple[str, ...]) -> Section:
    return Section(heading, tuple(Item(text) for text in texts))
