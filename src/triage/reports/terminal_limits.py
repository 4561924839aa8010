"""The use of limits as text for a terminal."""

import itertools
import textwrap
from collections.abc import Iterator, Mapping

from triage.limits.outcome import Use
from triage.limits.tables import LimitReport
from triage.limits.words import fullest
from triage.messages import say
from triage.reports.monospace import WIDTH, cell

MOST_ROWS = 6
COLUMNS = {"used": 10, "reserved": 13, "free": 10, "at-most": 10, "deferred": 10}
LABEL = WIDTH - sum(width + 1 for width in COLUMNS.values())


def limits_text(limits: LimitReport) -> str:
    """The notes, what `best` changes, and each limit with its periods; at most 100 columns wide."""
    return "\n".join(_lines(limits))


def _lines(limits: LimitReport) -> Iterator[str]:
    language, uses = limits.words.language, limits.words.allocation.uses
    yield limits.heading
    for note in limits.notes():
        yield from textwrap.wrap(note, WIDTH)
    for change in limits.changes():
        yield f"  - {change}"
    if not uses:
        return
    heads = (say(f"column-of-limits.{name}", language) for name in COLUMNS)
    yield _row(say("limits.in-period", language), dict(zip(COLUMNS, heads, strict=True)))
    for _, found in itertools.groupby(uses, key=lambda use: use.limit):
        rows = list(found)
        yield from textwrap.wrap(limits.title(rows[0]), WIDTH)
        # With a group for every country a terminal would show little else.
        shown = rows if len(rows) <= MOST_ROWS else fullest(rows)[:MOST_ROWS]
        for use in shown:
            yield from _use(limits, use)
        if len(rows) > len(shown):
            yield "  " + say("limits.more-rows", language, count=len(rows) - len(shown))


def _use(limits: LimitReport, use: Use) -> Iterator[str]:
    label = limits.words.place(use.limit, use.group, use.span, short=True)
    if use.at_most is None:
        told = label + say("report.colon", limits.words.language) + limits.line(use)
        yield from textwrap.wrap(told, WIDTH, initial_indent="  ", subsequent_indent="  ")
        return
    texts = limits.texts(use)
    # A dash for nothing lets what there is stand out.
    texts["reserved"] = (
        f"{texts['reserved']} ({len(use.reserved_for)})" if use.reserved_for else "-"
    )
    texts["deferred"] = texts["deferred"] if use.deferred else "-"
    yield _row(label, texts)
    if more := limits.more_room(use):
        yield f"    {more}"


def _row(label: str, texts: Mapping[str, str]) -> str:
    cells = (f"{texts[name]:>{width}}" for name, width in COLUMNS.items())
    return " ".join(["  " + cell(label, LABEL - 2), *cells])
