"""Shares and kappa with their intervals, held to published values and to another variance."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.backtest.statistics import Z, kappa, share


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(
    count: int, total: int, low: float, high: float
) -> None:
    """Newcombe 1998, table I, score method."""
    found = share(count, total)
    assert found is not None
    assert found.value == count / total
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_share_of_nothing_has_no_value() -> None:
    assert share(0, 0) is None


@given(
    st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
)
def test_the_interval_holds_the_share_and_stays_a_share(pair: tuple[int, int]) -> None:
    found = share(*pair)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


def plain_kappa(shares: list[float]) -> float:
    """Kappa of nine shares, row by row."""
    rows = [sum(shares[3 * i : 3 * i + 3]) for i in range(3)]
    columns = [sum(shares[i::3]) for i in range(3)]
    agreed, chance = (
        sum(shares[4 * i] for i in range(3)),
        sum(rows[i] * columns[i] for i in range(3)),
    )
    return (agreed - chance) / (1 - chance)


def delta_half(counts: list[list[int]]) -> float:
    """Half of the interval by the delta method, with slopes of kappa found by a small step."""
    flat = [one for row in counts for one in row]
    total, step = sum(flat), 1e-6
    shares = [one / total for one in flat]
    slopes = []
    for at in range(9):
        up, down = [*shares], [*shares]
        up[at], down[at] = up[at] + step, down[at] - step
        slopes.append((plain_kappa(up) - plain_kappa(down)) / (2 * step))
    mean = sum(slope * part for slope, part in zip(slopes, shares, strict=True))
    variance = (
        sum(part * (slope - mean) ** 2 for slope, part in zip(slopes, shares, strict=True)) / total
    )
    return Z * sqrt(variance)


TABLES = [
    [[118, 31, 20], [30, 59, 8], [5, 10, 76]],
    [[53, 5, 2], [11, 14, 5], [1, 6, 3]],
    [[20, 5, 0], [10, 15, 0], [0, 0, 1]],
]


@pytest.mark.parametrize("counts", TABLES)
def test_kappa_and_its_interval_agree_with_the_delta_method(counts: list[list[int]]) -> None:
    found = kappa(counts).estimate
    assert found is not None
    total = sum(map(sum, counts))
    assert found.value == pytest.approx(plain_kappa([one / total for row in counts for one in row]))
    half = delta_half(counts)
    assert found.low == pytest.approx(max(-1.0, found.value - half), abs=1e-5)
    assert found.high == pytest.approx(min(1.0, found.value + half), abs=1e-5)


def test_full_agreement_is_one_without_doubt() -> None:
    found = kappa([[5, 0, 0], [0, 7, 0], [0, 0, 3]]).estimate
    assert found is not None
    assert (found.value, found.low, found.high) == (1, 1, 1)


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ([[0, 0, 0], [0, 0, 0], [0, 0, 0]], "none"),
        ([[4, 0, 0], [0, 0, 0], [0, 0, 0]], "one-class"),
        ([[4, 3, 2], [0, 0, 0], [0, 0, 0]], "one-class"),
        ([[0, 4, 0], [0, 3, 0], [0, 2, 0]], "one-class"),
    ],
)
def test_kappa_is_not_defined_without_two_classes_on_both_sides(
    counts: list[list[int]], why: str
) -> None:
    found = kappa(counts)
    assert (found.estimate, found.why_not) == (None, why)
