"""Charts as inline SVG: stacked bars, grouped columns, a matrix of counts, and a heat map.

A chart is as wide as its page: horizontal positions are percentages, so that its texts keep their
size on a narrow screen and on paper. Series differ by pattern as well as by tone, every number is
written beside its bar, and `<title>` and `<desc>` say in words what is drawn. The caller puts a
table with the same numbers beside the chart.
"""

import html
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from triage.formats.cells import clean

Number = int | Decimal | Fraction

INK, LINE, PAPER, BARE = "#1a1f26", "#6b7683", "#ffffff", "#eef1f5"
NAVY, PALE, AMBER = "#26374a", "#c9d3e0", "#8a5a00"
PATTERNS = ("solid", "stripes", "dots", "bare")
"""The looks of a series, in the order in which they are given out."""
MOST_SERIES = len(PATTERNS)
LETTERS_A_LINE = 34
"""What fits on a line of a screen of 320 pixels."""
LINE_HEIGHT, BAR_HEIGHT, GAP = 18, 18, 14
COLUMNS_HEIGHT = 160
HEAD_SHARE = Fraction(30)
SHADES = ((BARE, INK), (PALE, INK), ("#98abc4", INK), ("#566f8f", PAPER), (NAVY, PAPER))
"""From the least to the most, each with the ink that can be read on it."""
HEAVY = f'stroke="{AMBER}" stroke-width="3"'


@dataclass(frozen=True, slots=True)
class Caption:
    """A title, what the chart draws in words, and an id that is unique on the page."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a label, a number for each series, words below the label, and perhaps a limit."""

    label: str
    values: tuple[Number, ...]
    words: str
    limit: Number | None = None


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """The columns that stand side by side at one point of the axis, a number for each series."""

    label: str
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """An upright line across columns: its position as a share of the axis, and its word.

    `dash` has the lengths of strokes and gaps, as in `stroke-dasharray`; empty is a whole line.
    """

    position: Fraction
    label: str
    dash: str = ""
    heavy: bool = True

    @property
    def stroke(self) -> str:
        """The attributes of the line."""
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        return (HEAVY if self.heavy else f'stroke="{INK}" stroke-width="2"') + dash


@dataclass(frozen=True, slots=True)
class _GridLook:
    """Pixels of a row, points of its numbers, letters of a head, colour and width of frames."""

    height: int
    size: int
    letters: int
    frame: tuple[tuple[str, int], ...]


_MATRIX = _GridLook(44, 14, 13, ((INK, 3),))
# White around the dark frame, so that it shows on a dark cell too.
_HEAT = _GridLook(26, 12, 8, ((PAPER, 6), (INK, 3)))


def bars(caption: Caption, series: Sequence[str], rows: Sequence[Bar], limit: str = "") -> str:
    """Horizontal bars on one scale, with the series stacked and a line at the limit of each bar.

    `series` and `limit` are the words of the legend; a single series without limits has no legend.
    Numbers must not be negative (`ValueError`).
    """
    _check(series, (row.values for row in rows))
    longest = max([Fraction(1), *(max(_sum(row.values), Fraction(row.limit or 0)) for row in rows)])
    out: list[str] = []
    top = 0
    for row in rows:
        for words, weight in ((row.label, "600"), (row.words, "400")):
            for line in _lines(words):
                top += LINE_HEIGHT
                out.append(_text(line, "0", top - 4, weight=weight))
        out.append(_rect(Fraction(0), top, Fraction(100), BAR_HEIGHT, PAPER))
        start = Fraction(0)
        for number, value in enumerate(row.values):
            if value:
                size = Fraction(value) / longest * 100
                out.append(_rect(start, top, size, BAR_HEIGHT, _fill(caption.id, number)))
                start += size
        if row.limit is not None:
            position = _percent(Fraction(row.limit) / longest * 100)
            # Of a line on the very edge only half would show.
            shift = ' transform="translate(-1.5)"' if row.limit == longest else ""
            out.append(_upright(position, top - 3, top + BAR_HEIGHT + 3, HEAVY + shift))
        top += BAR_HEIGHT + GAP
    keys = [(_upright("8", 0, 16, HEAVY), limit)] if limit else []
    return _figure(caption, series, out, max(top - GAP, 0) + 4, keys)


def columns(
    caption: Caption,
    series: Sequence[str],
    groups: Sequence[ColumnGroup],
    thresholds: Sequence[Threshold] = (),
) -> str:
    """Upright columns in groups along an axis: a histogram, or two of them side by side.

    With many groups only some labels are written; the table beside the chart has them all.
    """
    _check(series, (group.values for group in groups))
    highest = max([Fraction(1), *(Fraction(value) for group in groups for value in group.values)])
    floor, count = COLUMNS_HEIGHT + LINE_HEIGHT, max(len(groups), 1)
    width = Fraction(100, count)
    thick = width * Fraction(4, 5) / max(len(series), 1)
    every = math.ceil(count / 6)
    few = count * max(len(series), 1) <= 12
    out = []
    for index, group in enumerate(groups):
        start = width * index + width / 10
        for number, value in enumerate(group.values):
            height = int(Fraction(value) / highest * COLUMNS_HEIGHT)
            left = start + thick * number
            if height:
                out.append(_rect(left, floor - height, thick, height, _fill(caption.id, number)))
            if few and value:
                middle = _percent(left + thick / 2)
                out.append(_text(str(value), middle, floor - height - 4, "middle", size=12))
        if index % every == 0:
            middle, anchor = _label_position(index, count)
            label = _short(group.label, 12)
            out.append(_text(label, middle, floor + LINE_HEIGHT, anchor, size=12))
    out.append(f'<line x1="0" x2="100%" y1="{floor}" y2="{floor}" stroke="{INK}"/>')
    for line in thresholds:
        out.append(_upright(_percent(line.position * 100), 2, floor, line.stroke))
    keys = [(_upright("8", 0, 16, line.stroke), line.label) for line in thresholds]
    return _figure(caption, series, out, floor + LINE_HEIGHT + 6, keys)


def _label_position(index: int, count: int) -> tuple[str, str]:
    """Where the label of a group stands, and its anchor: the outer ones stay in the picture."""
    if count > 3 and index == 0:
        return "0%", "start"
    if count > 3 and index == count - 1:
        return "100%", "end"
    return _percent(Fraction(100, count) * index + Fraction(100, count) / 2), "middle"


def matrix(
    caption: Caption,
    rows: Sequence[str],
    heads: Sequence[str],
    counts: Sequence[Sequence[int]],
    marked: Iterable[tuple[int, int]] = (),
) -> str:
    """A matrix of counts, each written on a shade for how many it is.

    `marked` cells, as (row, column), have a thick frame: those where both agree, for example.
    """
    most = max([1, *(count for row in counts for count in row)])

    def cell(count: int) -> tuple[str, str, str]:
        if count * 2 > most:
            return str(count), NAVY, PAPER
        return str(count), PALE if count else BARE, INK

    cells = [[cell(count) for count in row] for row in counts]
    return _grid(caption, rows, heads, cells, marked, _MATRIX)


def heat(
    caption: Caption,
    rows: Sequence[str],
    heads: Sequence[str],
    values: Sequence[Sequence[Number | None]],
    marked: Iterable[tuple[int, int]] = (),
    written: Callable[[Number], str] = str,
) -> str:
    """A heat map: each value, as `written` puts it, on a shade from the least to the most.

    None is a cell without a value and shown as a dash; `marked` cells have a thick frame.
    """
    known = [Fraction(value) for row in values for value in row if value is not None]
    least, most = min(known, default=Fraction(0)), max(known, default=Fraction(0))

    def cell(value: Number | None) -> tuple[str, str, str]:
        if value is None:
            return "–", PAPER, INK
        step = int((Fraction(value) - least) / (most - least) * len(SHADES)) if most > least else 0
        return written(value), *SHADES[min(step, len(SHADES) - 1)]

    cells = [[cell(value) for value in row] for row in values]
    return _grid(caption, rows, heads, cells, marked, _HEAT)


def _grid(
    caption: Caption,
    rows: Sequence[str],
    heads: Sequence[str],
    cells: Sequence[Sequence[tuple[str, str, str]]],
    marked: Iterable[tuple[int, int]],
    look: _GridLook,
) -> str:
    """Cells given as number, fill and ink, with a label before each row."""
    width = (100 - HEAD_SHARE) / max(len(heads), 1)
    framed, frames = set(marked), []
    out = []
    for across, head in enumerate(heads):
        middle = _percent(HEAD_SHARE + width * across + width / 2)
        out.append(_text(_short(head, look.letters), middle, LINE_HEIGHT - 4, "middle", size=12))
    for down, (label, line) in enumerate(zip(rows, cells, strict=True)):
        top = LINE_HEIGHT + 4 + down * look.height
        base = top + look.height // 2 + 5
        out.append(_text(_short(label, 13), "0", base, size=12))
        for across, (number, fill, ink) in enumerate(line):
            left = HEAD_SHARE + width * across
            middle = _percent(left + width / 2)
            out.append(_rect(left, top, width, look.height, fill))
            out.append(_text(number, middle, base, "middle", ink, "600", look.size))
            if (down, across) in framed:
                for colour, size in look.frame:
                    frames.append(_rect(left, top, width, look.height, "none", colour, size))
    return _figure(caption, (), [*out, *frames], LINE_HEIGHT + 6 + len(rows) * look.height)


def _check(series: Sequence[str], rows: Iterable[Sequence[Number]]) -> None:
    if len(series) > MOST_SERIES:
        raise ValueError(f"a chart tells at most {MOST_SERIES} series apart, not {len(series)}")
    for values in rows:
        if len(values) != len(series) or any(value < 0 for value in values):
            raise ValueError("each row needs one number for each series, and none of them negative")


def _figure(
    caption: Caption,
    series: Sequence[str],
    shapes: Iterable[str],
    height: int,
    keys: Sequence[tuple[str, str]] = (),
) -> str:
    """The picture and its legend: the series, then `keys`, each a shape and its word."""
    title, description = f"{caption.id}-title", f"{caption.id}-desc"
    legend = ""
    if len(series) > 1 or keys:
        squares = [(_square(_fill(caption.id, number)), word) for number, word in enumerate(series)]
        items = (
            f'<li><svg class="key" width="16" height="16" aria-hidden="true">{shape}</svg>'
            f"{_escaped(word)}</li>"
            for shape, word in (*squares, *keys)
        )
        legend = f'<ul class="legend">{"".join(items)}</ul>'
    return (
        f'<figure class="chart">\n<figcaption>{_escaped(caption.title)}</figcaption>{legend}\n'
        f'<svg role="img" aria-labelledby="{title} {description}" width="100%" height="{height}">'
        f'<title id="{title}">{_escaped(caption.title)}</title>'
        f'<desc id="{description}">{_escaped(caption.description)}</desc>'
        f"{_patterns(caption.id)}{''.join(shapes)}</svg>\n</figure>"
    )


def _escaped(words: str) -> str:
    """Words in which nothing is markup."""
    return html.escape(clean(words))


def _square(fill: str) -> str:
    return f'<rect x="1" y="1" width="14" height="14" fill="{fill}" stroke="{INK}"/>'


def _patterns(id: str) -> str:
    """Stripes and dots, so that series can be told apart without colour."""
    stripe = f'<path d="M0 6L6 0" stroke="{INK}" stroke-width="1.5"/>'
    dot = f'<circle cx="3" cy="3" r="1.3" fill="{INK}"/>'
    patterns = (
        f'<pattern id="{id}-{name}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="{paper}"/>{shape}</pattern>'
        for name, paper, shape in (("stripes", PALE, stripe), ("dots", PAPER, dot))
    )
    return f"<defs>{''.join(patterns)}</defs>"


def _fill(id: str, number: int) -> str:
    name = PATTERNS[number]
    return {"solid": NAVY, "bare": BARE}.get(name, f"url(#{id}-{name})")


def _rect(
    left: Fraction,
    top: int,
    width: Fraction,
    height: int,
    fill: str,
    stroke: str = LINE,
    thick: int = 1,
) -> str:
    box = f'x="{_percent(left)}" y="{top}" width="{_percent(width)}" height="{height}"'
    line = f'stroke="{stroke}"' + (f' stroke-width="{thick}"' if thick > 1 else "")
    return f'<rect {box} fill="{fill}" {line}/>'


def _upright(x: str, top: int, bottom: int, stroke: str) -> str:
    return f'<line x1="{x}" x2="{x}" y1="{top}" y2="{bottom}" {stroke}/>'


def _text(
    words: str,
    x: str,
    y: int,
    anchor: str = "start",
    fill: str = INK,
    weight: str = "400",
    size: int = 14,
) -> str:
    look = f'text-anchor="{anchor}" fill="{fill}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x}" y="{y}" {look}>{_escaped(words)}</text>'


def _sum(values: Iterable[Number]) -> Fraction:
    return sum((Fraction(value) for value in values), Fraction(0))


def _percent(share: Fraction) -> str:
    """Hundredths, cut to two places in whole numbers, so that every machine writes the same."""
    whole, rest = divmod(int(share * 100), 100)
    return f"{whole}.{rest:02}%" if rest else f"{whole}%"


def _lines(words: str) -> list[str]:
    """A text in lines that fit a narrow screen; at most three, the last one cut."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= LETTERS_A_LINE:
            lines[-1] += f" {word}"
        elif word:
            lines.append(word)
    lines = [_short(line, LETTERS_A_LINE) for line in lines]
    return lines if len(lines) <= 3 else [*lines[:2], _short(f"{lines[2]} …", LETTERS_A_LINE)]


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
