"""Charts as inline SVG: stacked horizontal bars, grouped columns, a matrix of counts, and a heat
map.

A chart takes the width that there is: places along it are shares of the whole, so that its texts
keep their size on a narrow screen and on paper. Series differ by pattern as well as by tone, every
number is written beside its bar, and `<title>` and `<desc>` say in words what is drawn. The caller
puts a table with the same numbers beside it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from triage.reports.markup import text

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
CELL_HEIGHT, HEAT_HEIGHT, HEAD_SHARE = 44, 26, Fraction(30)
SHADES = ((BARE, INK), (PALE, INK), ("#98abc4", INK), ("#566f8f", PAPER), (NAVY, PAPER))
"""From the least to the most, each with the ink that can be read on it."""
FRAME = ((PAPER, 6), (INK, 3))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, the number of each series, the words under the label, and
    where a limit lies.
    """

    label: str
    values: tuple[Number, ...]
    words: str
    mark: Number | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """An upright line across columns: its place as a share of the axis, its word in the legend, and
    how it is drawn.

    `dash` are the lengths of strokes and gaps; an empty one is drawn through.
    """

    place: Fraction
    label: str
    dash: str = ""
    heavy: bool = True


@dataclass(frozen=True, slots=True)
class Bars:
    """The columns of one place on the axis, a number for each series."""

    label: str
    values: tuple[Number, ...]


def bars(
    id: str,
    title: str,
    description: str,
    series: Sequence[str],
    rows: Sequence[Bar],
    mark: str = "",
) -> str:
    """Horizontal bars, the series of each stacked one after the other, with a line where the limit
    of each lies.

    `id` is unique on the page; `series` and `mark` are the words of the legend (no legend for a
    single series). Numbers must not be negative; they share one scale.
    """
    _check(series, (row.values for row in rows))
    longest = max([Fraction(1), *(max(_sum(row.values), Fraction(row.mark or 0)) for row in rows)])
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
                out.append(_rect(start, top, size, BAR_HEIGHT, _fill(id, number)))
                start += size
        if row.mark is not None:
            place = _percent(Fraction(row.mark) / longest * 100)
            # Of a line on the very edge only half would show.
            shift = ' transform="translate(-1.5)"' if row.mark == longest else ""
            out.append(
                f'<line x1="{place}" x2="{place}" y1="{top - 3}" y2="{top + BAR_HEIGHT + 3}" '
                f'stroke="{AMBER}" stroke-width="3"{shift}/>'
            )
        top += BAR_HEIGHT + GAP
    return _figure(id, title, description, series, out, max(top - GAP, 0) + 4, mark)


def columns(
    id: str,
    title: str,
    description: str,
    series: Sequence[str],
    groups: Sequence[Bars],
    lines: Sequence[Mark] = (),
) -> str:
    """Upright columns, grouped by their place on the axis: a histogram, or two of them side by
    side.

    With many groups only some labels are written; the table beside the chart has them all. `lines`
    stand where a threshold lies.
    """
    _check(series, (group.values for group in groups))
    highest = max([Fraction(1), *(Fraction(value) for group in groups for value in group.values)])
    floor, count = COLUMNS_HEIGHT + LINE_HEIGHT, max(len(groups), 1)
    width = Fraction(100, count)
    thick = width * Fraction(4, 5) / max(len(series), 1)
    every = math.ceil(count / 6)
    few = count * max(len(series), 1) <= 12
    out = []
    for place, group in enumerate(groups):
        start = width * place + width / 10
        for number, value in enumerate(group.values):
            height = int(Fraction(value) / highest * COLUMNS_HEIGHT)
            left = start + thick * number
            if height:
                out.append(_rect(left, floor - height, thick, height, _fill(id, number)))
            if few and value:
                middle = _percent(left + thick / 2)
                out.append(_text(str(value), middle, floor - height - 4, "middle", size=12))
        if place % every == 0:
            # The first and the last label stay inside the picture.
            last, anchor = place == count - 1 and count > 1, "middle"
            where = width * place + width / 2
            if count > 3 and (place == 0 or last):
                where, anchor = (Fraction(0), "start") if place == 0 else (Fraction(100), "end")
            out.append(
                _text(
                    _short(group.label, 12), _percent(where), floor + LINE_HEIGHT, anchor, size=12
                )
            )
    out.append(f'<line x1="0" x2="100%" y1="{floor}" y2="{floor}" stroke="{INK}"/>')
    for line in lines:
        across = _percent(line.place * 100)
        out.append(f'<line x1="{across}" x2="{across}" y1="2" y2="{floor}" {_stroke(line)}/>')
    keys = [(f'<line x1="8" x2="8" y1="0" y2="16" {_stroke(line)}/>', line.label) for line in lines]
    return _figure(id, title, description, series, out, floor + LINE_HEIGHT + 6, keys=keys)


def _stroke(line: Mark) -> str:
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    return f'stroke="{AMBER if line.heavy else INK}" stroke-width="{3 if line.heavy else 2}"{dash}'


def matrix(
    id: str,
    title: str,
    description: str,
    rows: Sequence[str],
    heads: Sequence[str],
    counts: Sequence[Sequence[int]],
    marked: Iterable[tuple[int, int]] = (),
) -> str:
    """A matrix of counts, a shade for how many; `marked` cells (such as those where both agree)
    have a thick frame.

    The number stands in every cell, so that the shade is only a help.
    """
    most = max([1, *(count for row in counts for count in row)])
    width = (100 - HEAD_SHARE) / max(len(heads), 1)
    framed = set(marked)
    out = [
        _text(
            _short(head, 13),
            _percent(HEAD_SHARE + width * place + width / 2),
            LINE_HEIGHT - 4,
            "middle",
            size=12,
        )
        for place, head in enumerate(heads)
    ]
    frames = []
    for down, (label, line) in enumerate(zip(rows, counts, strict=True)):
        top = LINE_HEIGHT + 4 + down * CELL_HEIGHT
        out.append(_text(_short(label, 13), "0", top + CELL_HEIGHT // 2 + 5, size=12))
        for across, count in enumerate(line):
            left = HEAD_SHARE + width * across
            fill = BARE if count == 0 else PALE if count * 2 <= most else NAVY
            ink = PAPER if fill == NAVY else INK
            rect = _rect(left, top, width, CELL_HEIGHT, fill)
            out.append(rect)
            if (down, across) in framed:
                frames.append(_rect(left, top, width, CELL_HEIGHT, "none", ' stroke-width="3"'))
            middle = _percent(left + width / 2)
            out.append(_text(str(count), middle, top + CELL_HEIGHT // 2 + 5, "middle", ink, "600"))
    return _figure(
        id, title, description, (), [*out, *frames], LINE_HEIGHT + 6 + len(rows) * CELL_HEIGHT
    )


def heat(
    id: str,
    title: str,
    description: str,
    rows: Sequence[str],
    heads: Sequence[str],
    values: Sequence[Sequence[Number | None]],
    marked: Iterable[tuple[int, int]] = (),
    written: Callable[[Number], str] = str,
) -> str:
    """A heat map: a shade for each value from the least to the most; None, for a cell without one,
    is a dash.

    The number stands in every cell, as `written` puts it, so that the shade is only a help;
    `marked` cells have a thick frame.
    """
    known = [Fraction(value) for row in values for value in row if value is not None]
    least, most = min(known, default=Fraction(0)), max(known, default=Fraction(0))
    width = (100 - HEAD_SHARE) / max(len(heads), 1)
    out = [
        _text(
            _short(head, 8),
            _percent(HEAD_SHARE + width * place + width / 2),
            LINE_HEIGHT - 4,
            "middle",
            size=12,
        )
        for place, head in enumerate(heads)
    ]
    framed, frames = set(marked), []
    for down, (label, line) in enumerate(zip(rows, values, strict=True)):
        top = LINE_HEIGHT + 4 + down * HEAT_HEIGHT
        out.append(_text(_short(label, 13), "0", top + HEAT_HEIGHT // 2 + 5, size=12))
        for across, value in enumerate(line):
            left = HEAD_SHARE + width * across
            fill, ink = (PAPER, INK) if value is None else _shade(Fraction(value), least, most)
            out.append(_rect(left, top, width, HEAT_HEIGHT, fill))
            if (down, across) in framed:
                # White around the dark line, so that it shows on a dark cell too.
                place = f'x="{_percent(left)}" y="{top}" width="{_percent(width)}" height="{HEAT_HEIGHT}" fill="none"'
                frames += [
                    f'<rect {place} stroke="{stroke}" stroke-width="{size}"/>'
                    for stroke, size in FRAME
                ]
            middle = _percent(left + width / 2)
            shown = "–" if value is None else written(value)
            out.append(_text(shown, middle, top + HEAT_HEIGHT // 2 + 5, "middle", ink, "600", 12))
    return _figure(
        id, title, description, (), [*out, *frames], LINE_HEIGHT + 6 + len(rows) * HEAT_HEIGHT
    )


def _shade(value: Fraction, least: Fraction, most: Fraction) -> tuple[str, str]:
    """The fill for a value, and the ink that can be read on it."""
    step = (
        0
        if most == least
        else min(int((value - least) / (most - least) * len(SHADES)), len(SHADES) - 1)
    )
    return SHADES[step]


# -- parts
# ----------------------------------------------------------------------------------------------------------


def _check(series: Sequence[str], rows: Iterable[Sequence[Number]]) -> None:
    if len(series) > MOST_SERIES:
        raise ValueError(f"a chart tells at most {MOST_SERIES} series apart, not {len(series)}")
    for values in rows:
        if len(values) != len(series) or any(value < 0 for value in values):
            raise ValueError("each row needs one number for each series, and none of them negative")


def _figure(
    id: str,
    title: str,
    description: str,
    series: Sequence[str],
    shapes: Iterable[str],
    height: int,
    mark: str = "",
    keys: Sequence[tuple[str, str]] = (),
) -> str:
    name, long = f"{id}-title", f"{id}-desc"
    legend = ""
    if len(series) > 1 or mark or keys:
        keys = [
            *((_rect_of_key(_fill(id, number)), word) for number, word in enumerate(series)),
            *keys,
        ]
        if mark:
            keys.append(
                (f'<line x1="8" x2="8" y1="0" y2="16" stroke="{AMBER}" stroke-width="3"/>', mark)
            )
        items = (
            f'<li><svg class="key" width="16" height="16" aria-hidden="true">{shape}</svg>{text(word)}</li>'
            for shape, word in keys
        )
        legend = f'<ul class="legend">{"".join(items)}</ul>'
    return (
        f'<figure class="chart">\n<figcaption>{text(title)}</figcaption>{legend}\n'
        f'<svg role="img" aria-labelledby="{name} {long}" width="100%" height="{height}">'
        f'<title id="{name}">{text(title)}</title><desc id="{long}">{text(description)}</desc>'
        f"{_patterns(id)}{''.join(shapes)}</svg>\n</figure>"
    )


def _rect_of_key(fill: str) -> str:
    return f'<rect x="1" y="1" width="14" height="14" fill="{fill}" stroke="{INK}"/>'


def _patterns(id: str) -> str:
    """Stripes and dots, so that series can be told apart without colour."""
    stripes = f'<rect width="6" height="6" fill="{PALE}"/><path d="M0 6L6 0" stroke="{INK}" stroke-width="1.5"/>'
    dots = (
        f'<rect width="6" height="6" fill="{PAPER}"/><circle cx="3" cy="3" r="1.3" fill="{INK}"/>'
    )
    return (
        "<defs>"
        + "".join(
            f'<pattern id="{id}-{name}" width="6" height="6" patternUnits="userSpaceOnUse">{inner}</pattern>'
            for name, inner in (("stripes", stripes), ("dots", dots))
        )
        + "</defs>"
    )


def _fill(id: str, number: int) -> str:
    name = PATTERNS[number]
    return {"solid": NAVY, "bare": BARE}.get(name, f"url(#{id}-{name})")


def _rect(left: Fraction, top: int, width: Fraction, height: int, fill: str, more: str = "") -> str:
    place = f'x="{_percent(left)}" y="{top}" width="{_percent(width)}" height="{height}"'
    return f'<rect {place} fill="{fill}" stroke="{INK if more else LINE}"{more}/>'


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
    return f'<text x="{x}" y="{y}" {look}>{text(words)}</text>'


def _sum(values: Iterable[Number]) -> Fraction:
    return sum((Fraction(value) for value in values), Fraction(0))


def _percent(share: Fraction) -> str:
    """A share in hundredths, cut to two places by whole numbers, so that every machine writes
    the same.
    """
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
