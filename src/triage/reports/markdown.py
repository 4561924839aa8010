"""Reports as Markdown: a screened inbox, and the brief on one request."""

import re
from collections.abc import Iterable, Iterator

from triage.formats.cells import clean
from triage.limits.tables import LimitReport
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.reports.rows import Entry, ScreeningReport, heads, marking
from triage.reports.sections import (
    Section,
    criteria,
    facts,
    heading,
    headline,
    origin,
    sections,
    title,
)

MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
AT_START = re.compile(r"\A(?=[-+=:])|\A(\d+)(?=[.)])")
RANKED = ("rank", "id", "proposed", "score", "places", "type", "priorities", "reason", "lead")
BOX = "\N{BALLOT BOX}"


def escaped(text: str) -> str:
    """A text on one line in which nothing is a mark of Markdown or HTML."""
    text = MARKS.sub(r"\\\1", " ".join(clean(text).split()))
    return AT_START.sub(lambda found: f"{found[1] or ''}\\", text)


def table(titles: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table, a line at a time."""
    titles = list(titles)
    yield _row(titles)
    yield "|" + " --- |" * len(titles)
    for row in rows:
        yield _row(map(str, row))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"


def render(report: ScreeningReport) -> Iterator[bytes]:
    for line in _screening(report):
        yield f"{line}\n".encode()


def _screening(report: ScreeningReport) -> Iterator[str]:
    language = report.language
    yield from _head(report.title, report.marking, report.notice)
    yield escaped(report.counts)
    yield f"\n## {say('report.ranked', language)}\n"
    rows = ((rank, *_ranked(entry)) for rank, entry in report.entries())
    yield from table(heads(RANKED, language), rows)
    yield f"\n## {say('report.justifications', language)}"
    for _, entry in report.entries():
        yield f"\n### {escaped(title(entry, language))}\n"
        yield from _article(entry, language, "####")
    yield f"\n## {say('report.rejected', language)}\n"
    if report.rejected or report.rejected_before:
        columns = heads(("source", "row", "field", "value", "expected"), language)
        yield from table(columns, report.rejections())
    else:
        yield say("report.none-rejected", language)
    if report.limits is not None:
        yield from _limits(report.limits)
    yield f"\n## {say('report.about', language)}\n"
    yield from table(heads(("item", "content"), language), report.about())


def _limits(limits: LimitReport) -> Iterator[str]:
    yield f"\n## {limits.heading}\n"
    for note in limits.notes():
        yield f"{escaped(note)}\n"
    if changes := limits.changes():
        yield "\n".join(f"- {escaped(change)}" for change in changes) + "\n"
    uses = limits.words.allocation.uses
    if uses:
        yield from table(limits.heads(), (limits.texts(use).values() for use in uses))


def _head(title: str, marking: str, notice: str) -> Iterator[str]:
    yield f"**{escaped(marking)}**\n"
    yield f"# {escaped(title)}\n"
    yield f"> {escaped(notice)}\n"


def _ranked(entry: Entry) -> tuple[object, ...]:
    where = entry.places or entry.forum or entry.requester
    why = (entry.engagement_type, entry.priorities_short, entry.reason, entry.lead)
    return (entry.id, entry.proposed, entry.score, where, *why)


def _article(
    entry: Entry, language: Language, level: str, brief: bool = False, more: Iterable[Section] = ()
) -> Iterator[str]:
    yield f"**{escaped(headline(entry, language))}**  \n{escaped(entry.reason)}\n"
    columns = [say("report.fact", language), say("report.value", language)]
    yield from table(columns, facts(entry, language))
    yield f"\n{level} {escaped(heading('criteria', language))}\n"
    yield from table(*criteria(entry, language))
    for section in sections(entry, language, brief, more):
        yield f"\n{level} {escaped(section.heading)}\n"
        for item in section.items:
            source = f" *[{escaped(item.source)}]*" if item.source else ""
            yield f"- {escaped(item.text)}{source}"


def brief(
    entry: Entry, policy: Policy, language: Language, more: Iterable[Section] = ()
) -> Iterator[bytes]:
    """One request on a page, to be attached to its file."""
    mark = marking(entry.classification, language)
    lines = [
        *_head(title(entry, language), mark, policy.notice[language]),
        *_article(entry, language, "##", brief=True, more=more),
    ]
    lines.append(f"\n## {say('report.decision', language)}\n")
    choices = [say(f"recommendation.{one}", language) for one in ("accept", "defer", "decline")]
    lines.append("   ".join(f"{BOX} {one}" for one in choices) + "\n")
    for key in ("report.decided-by", "report.decided-on"):
        lines.append(f"- {say(key, language)}: ____________________")
    source = f"{escaped(origin(entry, policy, language))} {escaped(entry.decision_id)}"
    lines.append(f"\n---\n\n{source}")
    for line in lines:
        yield f"{line}\n".encode()
