"""Charts say in words what they draw, show their numbers, and have nothing that is forbidden."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.reports.charts import SHADES, Bar, Caption, ColumnGroup, bars, columns, heat, matrix

CAPTION = Caption("x", "Use", "In words")
NUMBERS = st.one_of(st.integers(0, 10**9), st.decimals(0, 10**9, allow_nan=False, places=2))


def drawn(figure: str) -> ElementTree.Element:
    """The picture of a figure, read as XML: it must be well formed."""
    elements = ElementTree.fromstring(figure).iter()
    return next(one for one in elements if one.tag.endswith("svg") and "role" in one.attrib)


def texts(figure: str) -> list[str]:
    """The texts that are drawn, in their order."""
    return [one.text or "" for one in drawn(figure).iter() if one.tag.endswith("text")]


def widths(figure: str) -> list[float]:
    """The widths of the bars drawn over the empty ones, in hundredths."""
    return [
        float(one.attrib["width"].rstrip("%"))
        for one in drawn(figure).iter()
        if one.tag.endswith("rect")
        and one.attrib["width"].endswith("%")
        and one.attrib["fill"] != "#ffffff"
    ]


def one_bar(*values: int | Decimal, limit: int | None = None) -> str:
    words = ("used", "reserved", "free")[: len(values)]
    return bars(CAPTION, words, [Bar("Quarter 1", tuple(values), "12 of 20", limit)], "limit")


def test_a_picture_is_named_and_described() -> None:
    picture = drawn(one_bar(3, 4))
    assert picture.attrib["role"] == "img"
    named = picture.attrib["aria-labelledby"].split()
    assert [one.text for one in picture if one.attrib.get("id") in named] == ["Use", "In words"]


def test_bars_share_the_scale_of_the_longest() -> None:
    rows = [Bar("A", (Decimal("2.5"), 5), "", 10), Bar("B", (0, 5), "", 20)]
    assert widths(bars(CAPTION, ("used", "reserved"), rows)) == [12.5, 25, 25]


def test_a_bar_longer_than_its_limit_is_drawn_in_full() -> None:
    figure = one_bar(30, limit=20)
    assert widths(figure) == [100]
    assert 'x1="66.66%"' in figure


def test_series_differ_by_pattern_and_not_by_colour_alone() -> None:
    fills = re.findall(r'<rect x="1" y="1"[^>]* fill="([^"]*)"', one_bar(1, 2, 3))
    assert len(set(fills)) == 3
    assert sum(fill.startswith("url(#x-") for fill in fills) == 2


def test_a_label_too_long_for_a_narrow_screen_goes_over_lines_and_stays_inside() -> None:
    figure = bars(CAPTION, ("used",), [Bar("many words of a label " * 9, (1,), "w" * 90)])
    lines = texts(figure)
    assert len(lines) == 4
    assert max(map(len, lines)) <= 36


@pytest.mark.parametrize("hostile", ["<script>", "a & b", '"', "]]>"])
def test_words_are_never_markup(hostile: str) -> None:
    caption = Caption("x", hostile, hostile)
    figures = [
        bars(caption, (hostile, "two"), [Bar(hostile, (1, 2), hostile, 2)], hostile),
        columns(caption, (hostile, "two"), [ColumnGroup(hostile, (1, 2))]),
        matrix(caption, [hostile], [hostile], [[1]]),
    ]
    for figure in figures:
        assert hostile in texts(figure)
        assert hostile in [one.text for one in drawn(figure).iter() if one.tag.endswith("desc")]


def test_nothing_in_a_chart_needs_more_than_the_page_allows() -> None:
    figures = one_bar(1, 2) + columns(CAPTION, ("a",), [ColumnGroup("1", (2,))])
    figures += matrix(CAPTION, "a", "b", [[1]])
    assert not re.search(r"style=|<script|href|onload", figures)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6))
def test_no_bar_leaves_its_picture(values: list[tuple[Decimal, Decimal]]) -> None:
    found = widths(bars(CAPTION, ("a", "b"), [Bar("r", value, "") for value in values]))
    assert all(0 <= width <= 100 for width in found)


def test_few_columns_carry_their_numbers() -> None:
    groups = [ColumnGroup("accept", (33, 28)), ColumnGroup("defer", (0, 18))]
    figure = columns(CAPTION, ("before", "after"), groups)
    assert texts(figure) == ["33", "28", "accept", "18", "defer"]


def test_a_matrix_writes_every_count_and_frames_the_marked_cells() -> None:
    figure = matrix(CAPTION, ("a", "b"), ("c", "d"), [[7, 0], [1, 2]], [(0, 0), (1, 1)])
    assert texts(figure) == [*"cda70b12"]
    assert figure.count('stroke-width="3"') == 2


def test_wrong_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="one number for each series"):
        one_bar(-1)
    with pytest.raises(ValueError, match="at most 4 series"):
        columns(CAPTION, tuple("abcde"), [])


def test_a_heat_map_goes_from_the_lightest_shade_to_the_darkest_and_writes_every_number() -> None:
    values: list[list[int | None]] = [[70, 71, None], [72, 80, 75]]
    figure = heat(CAPTION, ["a", "b"], ["1", "2", "3"], values, [(1, 1)])
    rects = [one for one in drawn(figure).iter() if one.tag.endswith("rect")]
    cells = [one for one in rects if "%" in one.attrib["width"]]
    fills = [one.attrib["fill"] for one in cells[:6]]
    assert [fills[0], fills[4]] == [SHADES[0][0], SHADES[-1][0]]
    assert fills[2] not in [shade for shade, _ in SHADES]
    assert texts(figure) == ["1", "2", "3", "a", "70", "71", "–", "b", "72", "80", "75"]
    frames = [one for one in cells if one.attrib["fill"] == "none"]
    assert {one.attrib["x"] for one in frames} == {cells[4].attrib["x"]}
