"""One request as headed sections, the same in every form of report: what it serves, why, what is
unknown, who leads.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.messages import Language, listed, say
from triage.model.policy import Policy
from triage.reports.rows import Entry


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
    return say(
        "explain.footer",
        language,
        title=title,
        version=entry.policy,
        day=entry.as_of,
        engine=entry.engine,
    )


def headline(entry: Entry, language: Language) -> str:
    """What is proposed, the score and the strategy, in one line."""
    strategy = entry.strategy or say("explain.no-strategy", language)
    return say(
        "explain.headline",
        language,
        recommendation=entry.proposed,
        score=entry.score,
        strategy=strategy,
    )


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
    return [
        (say(f"column-of-report.{name}", language), value)
        for name, value in values.items()
        if value
    ]


def sections(
    entry: Entry, language: Language, brief: bool = False, more: Iterable[Section] = ()
) -> Iterator[Section]:
    """The sections that have something to say; the table of criteria is for the writer of each
    form.

    `more` are sections of another maker, which stand after what is not known. A brief leaves out
    the rules that only conclude facts, since what they lead to stands in the others, and the
    sections of the documents.
    """
    if entry.strategies:
        also = [
            say(
                "explain.other-strategy",
                language,
                strategy=name,
                recommendation=proposed,
                score=score,
            )
            for name, proposed, score in entry.strategies
        ]
        yield _plain(say("report.also", language), also)
    if entry.priorities:
        yield _plain(heading("priorities", language), entry.priorities)
    for kind in ("bounds", "points", "other"):
        kinds = (kind,) if brief or kind != "other" else (kind, "facts")
        found = tuple(
            Item(one.text, one.short_source if brief else one.source)
            for one in entry.reasons
            if one.kind in kinds
        )
        if found:
            yield Section(heading(f"rules-{kind}", language), found)
    matters = [one.question for one in entry.unknown if one.could_change]
    if matters:
        possible = listed(entry.possible, language, "or")
        yield _plain(heading("unknown", language, possible=possible, count=len(matters)), matters)
    rest = [one.label for one in entry.unknown if not one.could_change]
    if rest:
        yield _plain(
            say("report.unknown-rest", language, count=len(rest)), [listed(rest, language)]
        )
    yield from more
    routing = {"lead": entry.lead, "consult": listed(entry.consult, language), "fund": entry.fund}
    named = [
        f"{say(f'explain.{name}', language)}: {value}" for name, value in routing.items() if value
    ]
    yield _plain(heading("routing", language), named)
    if entry.advice:
        yield _plain(heading("advice", language), entry.advice)
    if entry.flags:
        yield _plain(heading("flags", language), entry.flags)


def _plain(heading: str, texts: list[str] | tuple[str, ...]) -> Section:
    return Section(heading, tuple(Item(text) for text in texts))
