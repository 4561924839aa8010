"""The section of an HTML report on limits: notes, what `best` changes, and for each limit its drawing and its table."""

import itertools
from collections.abc import Iterator

from triage.limits.outcome import Use
from triage.limits.tables import COLUMNS, NUMBERS, LimitReport
from triage.limits.words import fullest
from triage.messages import say
from triage.reports.charts import Bar, bars
from triage.reports.markup import bullets, table, text

MOST_BARS = 8
HEADS = tuple(name for name in COLUMNS if name != "limit")


def limits_section(limits: LimitReport) -> Iterator[str]:
    """What stands below the heading."""
    for note in limits.notes():
        yield f"<p>{text(note)}</p>"
    if changes := limits.changes():
        yield bullets(text(change) for change in changes)
    for place, found in itertools.groupby(limits.words.allocation.uses, key=lambda use: use.limit):
        uses = list(found)
        yield f"<h3>{text(limits.title(uses[0]))}</h3>"
        held = [use for use in uses if use.at_most is not None]
        if held:
            yield _drawing(limits, place, held)
        heads = dict(zip(COLUMNS, limits.heads(), strict=True))
        rows = ([(text(cell), _class(name)) for name, cell in _cells(limits, use).items()] for use in uses)
        yield from table(limits.words.title(place), [heads[name] for name in HEADS], rows, kind="cards limits")


def _drawing(limits: LimitReport, place: int, held: list[Use]) -> str:
    language, words = limits.words.words.language, limits.words

    def own(key: str, **values: object) -> str:
        return say(f"limits.{key}", language, **values)

    shown = held if len(held) <= MOST_BARS else fullest(held)[:MOST_BARS]
    described = [own("chart-desc")]
    if len(shown) < len(held):
        described.append(own("chart-most", count=len(shown)))
    rows = [
        Bar(words.place(place, use.group, use.span), (use.used, use.reserved), limits.line(use), use.at_most)
        for use in shown
    ]
    title = own("chart", title=words.title(place))
    return bars(f"limit-{place}", title, " ".join(described), (own("used"), own("reserved")), rows, own("limit"))


def _cells(limits: LimitReport, use: Use) -> dict[str, str]:
    found = limits.texts(use)
    return {name: found[name] for name in HEADS}


def _class(name: str) -> str:
    return "number" if name in NUMBERS else "wide" if name == "requests" else ""
