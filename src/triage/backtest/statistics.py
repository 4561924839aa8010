"""How far two sets of recommendations agree: shares and Cohen's kappa, with 95 % intervals.

All figures are of the counts that were given. None of them can say what would have come of a
request that was declined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""The quantile of the normal distribution for intervals of 95 %."""

Counts = Sequence[Sequence[int]]
"""A square table: row by one rater, column by the other."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the limits of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa, or the reason why it has no value: `none` (no pairs) or `one-class`."""

    estimate: Estimate | None
    why_not: str = ""


def share(count: int, total: int) -> Estimate | None:
    """The share of `count` in `total` with Wilson's score interval (Wilson 1927)."""
    if total == 0:
        return None
    part = count / total
    middle = (part + Z * Z / (2 * total)) / (1 + Z * Z / total)
    half = Z / (1 + Z * Z / total) * sqrt(part * (1 - part) / total + Z * Z / (4 * total * total))
    # At the ends the limit is the end itself, whatever rounding makes of it.
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == total else min(1.0, middle + half)
    return Estimate(part, low, high)


def kappa(counts: Counts) -> Kappa:
    """Cohen's kappa of a square table; the variance is that of Fleiss, Cohen and Everitt (1969).

    Where one of the raters uses a single class, chance alone explains all agreement: kappa is then
    0 or 0/0 whatever the other does, and is not given.
    """
    total = sum(map(sum, counts))
    if total == 0:
        return Kappa(None, "none")
    size = range(len(counts))
    rows = [sum(counts[i]) / total for i in size]
    columns = [sum(counts[i][j] for i in size) / total for j in size]
    if max(rows) == 1 or max(columns) == 1:
        return Kappa(None, "one-class")
    agreed = sum(counts[i][i] for i in size) / total
    chance = sum(rows[i] * columns[i] for i in size)
    value = (agreed - chance) / (1 - chance)
    rest = 1 - value
    same = sum(counts[i][i] / total * (1 - (rows[i] + columns[i]) * rest) ** 2 for i in size)
    pairs = [(i, j) for i in size for j in size if i != j]
    other = sum(counts[i][j] / total * (columns[i] + rows[j]) ** 2 for i, j in pairs)
    spread = same + rest**2 * other - (value - chance * rest) ** 2
    half = Z * sqrt(max(0.0, spread) / total) / (1 - chance)
    return Kappa(Estimate(value, max(-1.0, value - half), min(1.0, value + half)))
