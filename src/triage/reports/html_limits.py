"""The section of an HTML report on limits: notes, and for each limit a chart and a table."""

import itertools
from collections.abc import Iterator

from triage.limits.outcome import Use
from triage.limits.tables import COLUMNS, LimitReport
from triage.limits.words import fullest
from triage.messages import say
from triage.reports.charts import Bar, Caption, bars
from triage.reports.markup import bullets, table, text

MOST_BARS = 8
CLASSES = {"period": "type", "group": "type", "one-more": "id", "next": "type", "requests": "wide"}
ALWAYS = ("period", "at-most", "committed", "used", "free", "deferred", "requests")
"""The columns that stand in a table even when there is nothing in them."""


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
        cells = [limits.texts(use) for use in uses]
        told = {name for row in cells for name, cell in row.items() if cell not in ("", "0")}
        told = told - {"limit"} | set(ALWAYS)
        columns = [name for name in COLUMNS if name in told]
        rows = (
            [(text(row[name]), CLASSES.get(name, "number")) for name in columns] for row in cells
        )
        classes = ["" if name in CLASSES else "number" for name in columns]
        titles, caption = [heads[name] for name in columns], limits.words.title(place)
        yield from table(caption, titles, rows, kind="cards limits", classes=classes)


def _drawing(limits: LimitReport, place: int, held: list[Use]) -> str:
    language, words = limits.words.language, limits.words

    def own(key: str, **values: object) -> str:
        return say(f"limits.{key}", language, **values)

    shown = held if len(held) <= MOST_BARS else fullest(held)[:MOST_BARS]
    described = [own("chart-desc")]
    if len(shown) < len(held):
        described.append(own("chart-most", count=len(shown)))
    rows = []
    for use in shown:
        label = words.place(place, use.group, use.span)
        rows.append(Bar(label, (use.used, use.reserved), limits.line(use), use.at_most))
    title = own("chart", title=words.title(place))
    caption = Caption(f"limit-{place}", title, " ".join(described))
    return bars(caption, (own("used"), own("reserved")), rows, own("limit"))
