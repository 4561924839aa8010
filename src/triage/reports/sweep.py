"""A sweep as a table for a terminal, as CSV, and as a page with heat maps."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from triage.deciding.wording import Wording, number
from triage.formats.csv_forms import PLAIN_CSV, CsvForm
from triage.messages import Language, say
from triage.model.policy import RECOMMENDATION_MESSAGES
from triage.reports import csv, pages, text
from triage.reports.charts import Caption, ColumnGroup, columns, heat
from triage.reports.document import Column, Document, Part, Table, facts
from triage.reports.marking import Handling, marking
from triage.reports.text import WIDTH
from triage.sweep.grid import Axis, Grid, Point
from triage.sweep.points import MEASURES, Result
from triage.sweep.swept import Swept

Figure = int | Decimal | None
ACROSS = 6
"""The most columns of a heat map: with more, the numbers would not fit on a narrow screen."""
MOST_MAPS = 12
"""The most heat maps of one measure."""
COLUMNS = {
    "flips": "sweep-column.flips",
    "accept": "sweep-column.accept",
    "defer": "sweep-column.defer",
    "decline": "sweep-column.decline",
    "agreement": "sweep-column.agreement",
    "officer_days": "sweep-column.officer_days",
    "no-officer_days": "sweep-column.no-officer_days",
    "cost_cad": "sweep-column.cost_cad",
    "no-cost_cad": "sweep-column.no-cost_cad",
    "limits": "sweep-column.limits",
}
"""The columns after the axes, each with the message of its head.

Of each of `MEASURES` there are the sum, and how many cases lack it.
"""
COSTS = tuple(list(COLUMNS).index(name) for name in ("cost_cad", "no-cost_cad"))


@dataclass(frozen=True, slots=True)
class Mapped:
    """A measure that has a heat map: its name, the message of its title, and its value."""

    name: str
    title: str
    value: Callable[[Result], Figure]


MAPS = (
    Mapped("flips", "sweep.map-flips", lambda result: result.flips),
    Mapped("agreement", "sweep.map-agreement", lambda result: result.agreement),
    Mapped("accept", "sweep.map-accept", lambda result: result.recommended("accept")),
    Mapped("limits", "sweep.map-limits", lambda result: result.fullest),
)


@dataclass(frozen=True)
class SweepReport:
    """A sweep to be shown in a language."""

    swept: Swept
    language: Language

    def tell(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    @property
    def heads(self) -> list[str]:
        """The heads of the table: the axes, then `COLUMNS`."""
        measured = [say(key, self.language) for key in COLUMNS.values()]
        return [*(axis.name for axis in self.swept.grid.axes), *measured]

    def rows(self) -> Iterator[tuple[Point, list[str]]]:
        """The cells of each point, with numbers as readers write them."""
        for point in self.swept.grid.points():
            figures = _figures(self.swept.results[point.places])
            written = ["–" if one is None else number(one, self.language) for one in figures]
            yield point, [*point.values.values(), *written]

    def problems(self) -> list[str]:
        """What keeps points from being policies, and how many points have each problem."""
        found = [one.problem for one in self.swept.results.values() if one.problem is not None]
        counts = {problem: found.count(problem) for problem in found}
        return [self.tell("sweep.problem", count=counts[one], problem=one) for one in counts]

    @property
    def head(self) -> list[str]:
        """The sentences on what was run on what."""
        swept = self.swept
        day = swept.as_of.isoformat() if swept.as_of else self.tell("report.as-of-received")
        return [
            self.tell("sweep.points", count=len(swept.grid), version=swept.baseline.version),
            self.tell("sweep.cases", **swept.counts, digest=swept.digest[:12]),
            self.tell("sweep.as-of", day=day),
        ]


def _figures(result: Result) -> list[Figure]:
    """The figures of a point for `COLUMNS`; all None where it is no policy."""
    if result.problem is not None:
        return [None] * len(COLUMNS)
    recommended = map(result.recommended, RECOMMENDATION_MESSAGES)
    figures: list[Figure] = [result.flips, *recommended, result.agreement]
    for name in MEASURES:
        figures += [_whole(result.use[name]), result.unknown[name]]
    return [*figures, result.fullest]


def _whole(value: Decimal) -> Decimal:
    """A sum without needless places."""
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()


def render(report: SweepReport, form: str, csv_form: CsvForm = PLAIN_CSV) -> Iterator[bytes]:
    """The sweep as text, csv or html, in pieces."""
    if form == "csv":
        return _comma_separated(report, csv_form)
    if form == "html":
        return pages.render(_document(report))
    return iter([_terminal(report).encode()])


def _terminal(report: SweepReport) -> str:
    """The table, then what it rests on."""
    points, rows = list(report.swept.grid.points()), [cells for _, cells in report.rows()]
    lines = [report.heads, *rows]
    if sum(_widths(lines)) + len(lines[0]) - 1 > WIDTH:
        # Costs go first where there is no room: the other forms have them.
        costs = {len(report.swept.grid.axes) + column for column in COSTS}
        lines = [[cell for at, cell in enumerate(line) if at not in costs] for line in lines]
    widths = _widths(lines)
    head, *shown = (" ".join(map(str.rjust, line, widths)) for line in lines)
    out = [head.rstrip(), " ".join("-" * width for width in widths)]
    for point, line in zip(points, shown, strict=True):
        current = point.places == report.swept.grid.baseline
        out.append(f"{line} {report.tell('sweep.baseline')}" if current else line)
    said = [
        *report.head,
        *report.problems(),
        report.tell("sweep.unknown"),
        report.tell("sweep.warning"),
    ]
    return "\n".join([*out, "", text.plainly([Part("", "", said)], report.language)])


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*lines, strict=True)]


def _comma_separated(report: SweepReport, form: CsvForm) -> Iterator[bytes]:
    """One row a point, as plain numbers."""
    heads = [*report.heads, say("column-of-report.version", report.language)]

    def rows() -> Iterator[list[str | int | Decimal]]:
        for point in report.swept.grid.points():
            result = report.swept.results[point.places]
            figures = ["" if figure is None else figure for figure in _figures(result)]
            values = [_as_number(value) for value in point.values.values()]
            yield [*values, *figures, result.version]

    return csv.render(heads, rows(), form)


def _as_number(value: str) -> str | Decimal:
    """A setting as a number where it is one."""
    return Decimal(value) if re.fullmatch(r"-?\d+(?:\.\d+)?", value) else value


def _document(report: SweepReport) -> Document:
    """The heat maps of each measure, then the table."""
    words = Wording(report.swept.baseline, report.language)
    handling = Handling.of(report.swept.classifications, report.swept.counts["rejected"], words)
    return Document(
        language=report.language,
        title=report.tell("sweep.title"),
        marking=marking(handling.label, report.language),
        notice=report.swept.baseline.notice[report.language],
        lead=[*report.head, *report.problems()],
        parts=[*_measures(report), _table(report)],
        contents=False,
    )


def _measures(report: SweepReport) -> Iterator[Part]:
    for measure in MAPS:
        if any(measure.value(one) is not None for one in report.swept.results.values()):
            warnings = [report.tell("sweep.warning")] if measure.name == "agreement" else []
            charts, notes = _maps(report, measure)
            title = report.tell(measure.title)
            yield Part(measure.name, title, warnings=warnings, charts=charts, notes=notes)


def _table(report: SweepReport) -> Part:
    rows = [cells for _, cells in report.rows()]
    columns = [Column(head, look="number") for head in report.heads]
    table = Table(report.tell("sweep.caption"), "", columns, rows)
    values = [(axis.name, axis.current or "–") for axis in report.swept.grid.axes]
    settings = facts("", ("", ""), values)
    current = Part("", report.tell("sweep.current"), tables=[settings])
    unknown = [report.tell("sweep.unknown")]
    return Part("table", report.tell("sweep.table"), unknown, tables=[table], parts=[current])


@dataclass(frozen=True, slots=True)
class _Panel:
    """The points of one heat map: two axes by number, a stretch of the second, and the others."""

    down: int
    across: int
    stretch: range
    fixed: Mapping[int, int]

    def places(self, row: int, column: int) -> tuple[int, ...]:
        """The places of a point: the number of its value on each axis."""
        chosen = {**self.fixed, self.down: row, self.across: column}
        return tuple(chosen[axis] for axis in sorted(chosen))


def _maps(report: SweepReport, measure: Mapped) -> tuple[list[Callable[[], str]], list[str]]:
    """The pictures of one measure, and what they leave out.

    Columns where one axis varies, heat maps where more do.
    """
    varying = [at for at, axis in enumerate(report.swept.grid.axes) if len(axis.values) > 1]
    if not varying:
        return [], []
    if len(varying) == 1:
        return [partial(_columns, report, measure, report.swept.grid.axes[varying[0]])], []
    panels = _panels(report.swept.grid, varying[-2:])
    shown = panels[:MOST_MAPS]
    maps: list[Callable[[], str]] = [
        partial(_map, report, measure, panel, count) for count, panel in enumerate(shown)
    ]
    more = len(panels) - len(shown)
    return maps, [report.tell("sweep.more-maps", count=more)] if more else []


def _panels(grid: Grid, pair: Sequence[int]) -> list[_Panel]:
    """The heat maps of two axes, the longer one down, for each combination of the others."""
    lengths = [len(axis.values) for axis in grid.axes]
    down, across = sorted(pair, key=lambda axis: -lengths[axis])
    others = [axis for axis in range(len(lengths)) if axis not in pair]
    starts = range(0, lengths[across], ACROSS)
    return [
        _Panel(
            down,
            across,
            range(start, min(start + ACROSS, lengths[across])),
            dict(zip(others, chosen, strict=True)),
        )
        for chosen in itertools.product(*(range(lengths[axis]) for axis in others))
        for start in starts
    ]


def _columns(report: SweepReport, measure: Mapped, axis: Axis) -> str:
    places = [point.places for point in report.swept.grid.points()]
    groups = [
        ColumnGroup(label, (measure.value(report.swept.results[one]) or 0,))
        for label, one in zip(axis.values, places, strict=True)
    ]
    title, described = report.tell(measure.title), _range(report, measure, places)
    caption = Caption(f"{measure.name}-0", f"{title} · {axis.name}", described)
    return columns(caption, [title], groups)


def _map(report: SweepReport, measure: Mapped, panel: _Panel, count: int) -> str:
    axes = report.swept.grid.axes
    down, across = axes[panel.down], axes[panel.across]
    cells = [
        [panel.places(row, column) for column in panel.stretch] for row in range(len(down.values))
    ]

    def value(places: tuple[int, ...]) -> Figure:
        result = report.swept.results[places]
        return None if result.problem is not None else measure.value(result)

    marked = [
        (row, column)
        for row, line in enumerate(cells)
        for column, places in enumerate(line)
        if places == report.swept.grid.baseline
    ]
    pair = report.tell("sweep.map-title", down=down.name, across=across.name)
    fixed = [f"{axes[axis].name} = {axes[axis].values[at]}" for axis, at in panel.fixed.items()]
    title = " · ".join([report.tell(measure.title), pair, *fixed])
    described = _range(report, measure, [places for line in cells for places in line])
    return heat(
        Caption(f"{measure.name}-{count}", title, described),
        down.values,
        [across.values[column] for column in panel.stretch],
        [[value(places) for places in line] for line in cells],
        marked,
        lambda figure: number(figure, report.language),
    )


def _range(report: SweepReport, measure: Mapped, points: Sequence[tuple[int, ...]]) -> str:
    """The sentence on the least and the most of a measure."""
    figures = (measure.value(report.swept.results[places]) for places in points)
    known = [figure for figure in figures if figure is not None]
    if not known:
        return report.tell("sweep.map-none")
    least, most = (number(figure, report.language) for figure in (min(known), max(known)))
    return report.tell("sweep.map-said", least=least, most=most)
