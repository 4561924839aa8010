"""A sweep as a table for a terminal, as CSV, and as a page with heat maps."""

import csv
import io
import itertools
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from triage.deciding.wording import Wording, number
from triage.formats.cells import guarded
from triage.messages import Language, say
from triage.model.policy import RANKED, Policy
from triage.reports.charts import Bars, columns, heat
from triage.reports.markup import definitions, page, table, text
from triage.reports.rows import Handling, marking
from triage.sweep.grid import Axis, Grid, Point
from triage.sweep.points import MEASURES, Result

WIDTH = 100
ACROSS = 6
"""The most columns of a heat map: with more, the numbers would not fit on a narrow screen."""
MOST_MAPS = 12
"""The most heat maps of one measure."""
RECOMMENDED = tuple(one.value for one in reversed(RANKED))
COLUMNS = (
    "flips",
    *RECOMMENDED,
    "agreement",
    "officer_days",
    "no-officer_days",
    "cost_cad",
    "no-cost_cad",
    "limits",
)
COSTS = tuple(place for place, name in enumerate(COLUMNS) if "cost_cad" in name)
MAPS: Mapping[str, Callable[[Result], int | Decimal | None]] = {
    "flips": lambda result: result.flips,
    "agreement": lambda result: result.agreement,
    "accept": lambda result: result.recommended("accept"),
    "limits": lambda result: result.fullest,
}
"""The measures of which there is a heat map."""


@dataclass(frozen=True)
class SweepReport:
    """A sweep to be shown: the grid, the result of each point by its places, and what stands at
    the head.
    """

    policy: Policy
    grid: Grid
    results: Mapping[tuple[int, ...], Result]
    counts: Mapping[str, int]
    digest: str
    as_of: date | None
    classifications: Mapping[str | None, int]
    language: Language

    def tell(self, key: str, **values: object) -> str:
        """A message about sweeps."""
        return say(f"sweep.{key}", self.language, **values)

    @property
    def heads(self) -> list[str]:
        """The heads of the table."""
        measured = [say(f"sweep-column.{name}", self.language) for name in COLUMNS]
        return [*(axis.name for axis in self.grid.axes), *measured]

    def rows(self) -> Iterator[tuple[Point, list[str]]]:
        """The cells of each point, as readers write numbers."""
        for point in self.grid.points():
            result = self.results[point.places]
            yield point, [*point.values.values(), *self._cells(result)]

    def _cells(self, result: Result) -> list[str]:
        if result.problem is not None:
            return ["–"] * len(COLUMNS)
        shown = [result.flips, *(result.recommended(name) for name in RECOMMENDED)]
        measured = [
            one for name in MEASURES for one in (_whole(result.use[name]), result.unknown[name])
        ]
        cells: list[int | Decimal | None] = [*shown, result.agreement, *measured, result.fullest]
        return ["–" if one is None else number(one, self.language) for one in cells]

    def problems(self) -> list[str]:
        """What keeps points from being policies, each problem with how many have it."""
        found = [one.problem for one in self.results.values() if one.problem is not None]
        return [
            self.tell("problem", count=found.count(one), problem=one)
            for one in dict.fromkeys(found)
        ]

    @property
    def head(self) -> list[str]:
        """What was run on what."""
        day = self.as_of.isoformat() if self.as_of else say("report.as-of-received", self.language)
        return [
            self.tell("points", count=len(self.grid), version=self.policy.version),
            self.tell("cases", **self.counts, digest=self.digest[:12]),
            self.tell("as-of", day=day),
        ]


def _whole(value: Decimal) -> Decimal:
    """A sum without needless places."""
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()


def terminal(report: SweepReport) -> str:
    """The table, then what it rests on."""
    heads, rows = report.heads, list(report.rows())
    if _width(heads, rows) > WIDTH:
        # Costs go first where there is no room: the other forms have them.
        left = [place for place in range(len(heads)) if place - len(report.grid.axes) not in COSTS]
        heads = [heads[place] for place in left]
        rows = [(point, [cells[place] for place in left]) for point, cells in rows]
    widths = _widths(heads, rows)
    out = [" ".join(cell.rjust(width) for cell, width in zip(heads, widths, strict=True)).rstrip()]
    out.append(" ".join("-" * width for width in widths))
    for point, cells in rows:
        line = " ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        out.append(
            f"{line} {report.tell('baseline')}" if point.places == report.grid.baseline else line
        )
    said = [*report.head, *report.problems(), report.tell("unknown"), report.tell("warning")]
    return (
        "\n".join([*out, "", *(line for part in said for line in textwrap.wrap(part, WIDTH))])
        + "\n"
    )


def _widths(heads: Sequence[str], rows: Sequence[tuple[Point, Sequence[str]]]) -> list[int]:
    lines = [heads, *(cells for _, cells in rows)]
    return [max(len(line[place]) for line in lines) for place in range(len(heads))]


def _width(heads: Sequence[str], rows: Sequence[tuple[Point, Sequence[str]]]) -> int:
    return sum(_widths(heads, rows)) + len(heads) - 1


def comma_separated(report: SweepReport) -> Iterator[bytes]:
    """One row a point, as plain numbers."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(
        [
            guarded(head)
            for head in (*report.heads, say("column-of-report.version", report.language))
        ]
    )
    for point in report.grid.points():
        result = report.results[point.places]
        cells: list[object] = []
        if result.problem is None:
            cells = [
                result.flips,
                *(result.recommended(name) for name in RECOMMENDED),
                result.agreement,
            ]
            cells += [
                one for name in MEASURES for one in (_whole(result.use[name]), result.unknown[name])
            ]
            cells.append(result.fullest)
        rest = cells or [""] * len(COLUMNS)
        writer.writerow(
            [*(guarded(value) for value in point.values.values()), *rest, result.version]
        )
    yield ("\N{ZERO WIDTH NO-BREAK SPACE}" + stream.getvalue()).encode()


def html(report: SweepReport) -> Iterator[bytes]:
    """The page, in pieces."""
    handling = Handling.of(
        report.classifications, report.counts["rejected"], Wording(report.policy, report.language)
    )
    mark = marking(handling.label, report.language)
    return page(report.language, report.tell("title"), mark, _html(report))


def _html(report: SweepReport) -> Iterator[str]:
    yield f"<h1>{text(report.tell('title'))}</h1>"
    yield f'<p class="notice">{text(report.policy.notice[report.language])}</p>'
    yield (
        "".join(f"<p>{text(line)}</p>\n" for line in (*report.head, *report.problems()))
        + "</header>"
    )
    yield '<main id="main" tabindex="-1">'
    for measure, value in MAPS.items():
        if all(value(one) is None for one in report.results.values()):
            continue
        yield f'<section id="{measure}">\n<h2>{text(report.tell(f"map-{measure}"))}</h2>'
        if measure == "agreement":
            yield f'<p class="notice">{text(report.tell("warning"))}</p>'
        yield from _maps(report, measure)
        yield "</section>"
    yield f'<section id="table">\n<h2>{text(report.tell("table"))}</h2>\n<p>{text(report.tell("unknown"))}</p>'
    rows = ([(text(cell), "number") for cell in cells] for _, cells in report.rows())
    yield from table(report.tell("caption"), report.heads, rows, kind="cards figures")
    current = [(axis.name, axis.current or "–") for axis in report.grid.axes]
    yield f"<h3>{text(report.tell('current'))}</h3>{definitions(current)}</section>\n</main>"


def _maps(report: SweepReport, measure: str) -> Iterator[str]:
    """The pictures of one measure: columns for one axis, heat maps for two, one for each
    combination of the others.
    """
    axes = report.grid.axes
    varying = [place for place, axis in enumerate(axes) if len(axis.values) > 1]
    if not varying:
        return
    if len(varying) == 1:
        yield _columns(report, measure, varying[0])
        return
    down, across = sorted(varying[-2:], key=lambda place: -len(axes[place].values))
    others = [place for place in range(len(axes)) if place not in (down, across)]
    panels = [
        (fixed, part)
        for fixed in itertools.product(*(range(len(axes[place].values)) for place in others))
        for part in _parts(axes[across])
    ]
    for count, (fixed, part) in enumerate(panels[:MOST_MAPS]):
        yield _map(
            report, measure, (down, across), dict(zip(others, fixed, strict=True)), part, count
        )
    if len(panels) > MOST_MAPS:
        yield f"<p>{text(report.tell('more-maps', count=len(panels) - MOST_MAPS))}</p>"


def _parts(axis: Axis) -> list[range]:
    count = len(axis.values)
    return [range(start, min(start + ACROSS, count)) for start in range(0, count, ACROSS)]


def _columns(report: SweepReport, measure: str, place: int) -> str:
    axis, value = report.grid.axes[place], MAPS[measure]
    places = [point.places for point in report.grid.points()]
    groups = [
        Bars(label, (value(report.results[one]) or 0,))
        for label, one in zip(axis.values, places, strict=True)
    ]
    title = report.tell(f"map-{measure}")
    return columns(
        f"{measure}-0", f"{title} · {axis.name}", _said(report, measure, places), [title], groups
    )


def _map(
    report: SweepReport,
    measure: str,
    pair: tuple[int, int],
    fixed: Mapping[int, int],
    part: range,
    count: int,
) -> str:
    axes, (down, across) = report.grid.axes, pair
    value: Callable[[Result], int | Decimal | None] = MAPS[measure]

    def places(row: int, column: int) -> tuple[int, ...]:
        chosen = {**fixed, down: row, across: column}
        return tuple(chosen[place] for place in range(len(axes)))

    rows = range(len(axes[down].values))
    cells = [[places(row, column) for column in part] for row in rows]
    found = [
        [
            None if report.results[one].problem is not None else value(report.results[one])
            for one in line
        ]
        for line in cells
    ]
    marked = [
        (row, column)
        for row, line in enumerate(cells)
        for column, one in enumerate(line)
        if one == report.grid.baseline
    ]
    named = [f"{axes[place].name} = {axes[place].values[at]}" for place, at in fixed.items()]
    title = report.tell("map-title", down=axes[down].name, across=axes[across].name)
    return heat(
        f"{measure}-{count}",
        " · ".join([report.tell(f"map-{measure}"), title, *named]),
        _said(report, measure, [one for line in cells for one in line]),
        [axes[down].values[row] for row in rows],
        [axes[across].values[column] for column in part],
        found,
        marked,
        lambda value: str(value) if isinstance(value, Fraction) else number(value, report.language),
    )


def _said(report: SweepReport, measure: str, places: Sequence[tuple[int, ...]]) -> str:
    """In words: the least and the most of a measure."""
    known = [found for one in places if (found := MAPS[measure](report.results[one])) is not None]
    if not known:
        return report.tell("map-none")
    least, most = (number(one, report.language) for one in (min(known), max(known)))
    return report.tell("map-said", least=least, most=most)
