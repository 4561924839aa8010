"""The use of limits: as parts of a screening, and as text for a terminal."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from triage.limits.outcome import Use
from triage.limits.tables import COLUMNS, NUMBERS, LimitReport
from triage.limits.words import fullest, plain
from triage.messages import say
from triage.reports.charts import Bar, Caption, bars
from triage.reports.document import WORKBOOK, Cell, Column, Forms, Item, Part, Table
from triage.reports.text import WIDTH, cell

MOST_BARS, MOST_ROWS = 8, 6
"""The most periods and groups of a limit in a chart, and on a terminal."""
LOOKS = {"period": "type", "group": "type", "one-more": "id", "next": "type", "requests": "wide"}
ALWAYS = ("period", "at-most", "committed", "used", "free", "deferred", "requests")
"""The columns that stand on a page even when there is nothing in them."""
WIDTHS = dict.fromkeys(NUMBERS, 11) | {
    **{"limit": 48, "period": 24, "group": 26, "one-more": 15, "next": 36, "requests": 60}
}
TERMINAL = {"used": 10, "reserved": 13, "free": 10, "at-most": 10, "deferred": 10}
LABEL = WIDTH - sum(width + 1 for width in TERMINAL.values())


def limits_by_title(limits: LimitReport) -> Part:
    """For a page: notes, and for each limit a chart and a table."""
    parts = [_limit(limits, uses) for uses in _by_limit(limits)]
    return _part(limits, frozenset({"html"}), parts=parts)


def limits_in_one_table(limits: LimitReport) -> Part:
    """For Markdown and workbooks: notes, and all limits in one table."""
    columns = [
        Column(head, WIDTHS[name]) for name, head in zip(COLUMNS, limits.heads(), strict=True)
    ]
    uses = limits.words.allocation.uses
    table = partial(Table, limits.heading, limits.heading, columns, captioned=False)
    notes = [[text] for text in (*limits.notes(), *limits.changes())]
    tables = [
        table([[*limits.texts(use).values()] for use in uses], only=frozenset({"md"})),
        table([[*map(_number, limits.cells(use).values())] for use in uses], only=WORKBOOK),
        Table(
            *("", limits.notes_heading, [Column(limits.notes_heading, 120)], notes),
            frozen=0,
            only=WORKBOOK,
        ),
    ]
    return _part(limits, frozenset({"md", "xlsx"}), tables=tables)


def _number(value: Cell | Decimal) -> Cell:
    return plain(value) if isinstance(value, Decimal) else value


def _part(
    limits: LimitReport, only: Forms, tables: Sequence[Table] = (), parts: Sequence[Part] = ()
) -> Part:
    changes = [Item(change) for change in limits.changes()]
    notes = list(limits.notes())
    return Part(
        "limits", limits.heading, notes, items=changes, tables=tables, parts=parts, only=only
    )


def _by_limit(limits: LimitReport) -> Iterator[list[Use]]:
    for _, uses in itertools.groupby(limits.words.allocation.uses, key=lambda use: use.limit):
        yield list(uses)


def _limit(limits: LimitReport, uses: list[Use]) -> Part:
    """One limit with its periods and groups; columns in which there is nothing are left out."""
    heads = dict(zip(COLUMNS, limits.heads(), strict=True))
    cells = [limits.texts(use) for use in uses]
    told = {name for row in cells for name, text in row.items() if text not in ("", "0")}
    names = [name for name in COLUMNS if name in told - {"limit"} | set(ALWAYS)]
    columns = [
        Column(heads[name], number=name not in LOOKS, look=LOOKS.get(name, "number"))
        for name in names
    ]
    rows = [[row[name] for name in names] for row in cells]
    table = Table(limits.words.title(uses[0].limit), "", columns, rows, look="cards limits")
    held = [use for use in uses if use.at_most is not None]
    charts = [lambda: _chart(limits, held)] if held else []
    return Part("", limits.title(uses[0]), charts=charts, tables=[table])


def _chart(limits: LimitReport, held: list[Use]) -> str:
    language, words, number = limits.words.language, limits.words, held[0].limit
    shown = held if len(held) <= MOST_BARS else fullest(held)[:MOST_BARS]
    described = [say("limits.chart-desc", language)]
    if len(shown) < len(held):
        described.append(say("limits.chart-most", language, count=len(shown)))
    rows = []
    for use in shown:
        label = words.place(number, use.group, use.span)
        rows.append(Bar(label, (use.used, use.reserved), limits.line(use), use.at_most))
    title = say("limits.chart", language, title=words.title(number))
    caption = Caption(f"limit-{number}", title, " ".join(described))
    series = (say("limits.used", language), say("limits.reserved", language))
    return bars(caption, series, rows, say("limits.limit", language))


def limits_on_terminal(limits: LimitReport) -> Part:
    """Notes, and each limit with its periods, a line each."""
    changes = [("  - ", change) for change in limits.changes()]
    return Part("limits", limits.heading, list(limits.notes()), lines=[*changes, *_lines(limits)])


def _lines(limits: LimitReport) -> Iterator[tuple[str, str]]:
    language = limits.words.language
    heads = dict(zip(COLUMNS, limits.heads(), strict=True))
    if limits.words.allocation.uses:
        yield "", _row(say("limits.in-period", language), heads)
    for uses in _by_limit(limits):
        yield "", limits.title(uses[0])
        # With a group for every country a terminal would show little else.
        shown = uses if len(uses) <= MOST_ROWS else fullest(uses)[:MOST_ROWS]
        for use in shown:
            yield from _use(limits, use)
        if len(uses) > len(shown):
            yield "  ", say("limits.more-rows", language, count=len(uses) - len(shown))


def _use(limits: LimitReport, use: Use) -> Iterator[tuple[str, str]]:
    label = limits.words.place(use.limit, use.group, use.span, short=True)
    if use.at_most is None:
        yield "  ", label + say("report.colon", limits.words.language) + limits.line(use)
        return
    texts = limits.texts(use)
    # A dash for nothing lets what there is stand out.
    texts["reserved"] = (
        f"{texts['reserved']} ({len(use.reserved_for)})" if use.reserved_for else "-"
    )
    texts["deferred"] = texts["deferred"] if use.deferred else "-"
    yield "", _row(label, texts)
    if more := limits.more_room(use):
        yield "    ", more


def _row(label: str, texts: Mapping[str, str]) -> str:
    cells = (f"{texts[name]:>{width}}" for name, width in TERMINAL.items())
    return " ".join(["  " + cell(label, LABEL - 2), *cells])
