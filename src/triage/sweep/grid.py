"""A grid of settings: `accept_threshold=40..70:1`, `weight.partner=10,15,20`.

Every combination of the values is a point.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from triage.errors import UsageError
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.policy_diff.settings import FORM, Setting, find_target, read_setting
from triage.rulebook.reader import fraction

MOST_POINTS = 10_000
RANGE = re.compile(r"(\S+?)\.\.([^:\s]+)(?::(\S+))?\Z")
NUMBERS = {"integer": int, "decimal": Decimal, "fraction": Fraction}
"""Types of parameters of which a range has steps."""


@dataclass(frozen=True)
class Axis:
    """One parameter with the values that are tried; name and values are as the user wrote them.

    `current` is the value of the baseline, where it has one value only.
    """

    name: str
    values: tuple[str, ...]
    settings: tuple[Setting, ...]
    current: str | None


@dataclass(frozen=True)
class Point:
    """One combination of values: their places on the axes, and the settings."""

    places: tuple[int, ...]
    values: dict[str, str]
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of the axes; the last axis runs fastest."""

    axes: tuple[Axis, ...]

    def __len__(self) -> int:
        return math.prod(len(axis.values) for axis in self.axes)

    def points(self) -> Iterator[Point]:
        for places in itertools.product(*(range(len(axis.values)) for axis in self.axes)):
            chosen = list(zip(self.axes, places, strict=True))
            values = {axis.name: axis.values[place] for axis, place in chosen}
            yield Point(places, values, tuple(axis.settings[place] for axis, place in chosen))

    @property
    def baseline(self) -> tuple[int, ...] | None:
        """The places of the point that is the baseline itself, where the grid has it."""
        places = []
        for axis in self.axes:
            if axis.current not in axis.values:
                return None
            places.append(axis.values.index(axis.current))
        return tuple(places)


def read_grid(texts: Sequence[str], policy: Policy, language: Language) -> Grid:
    """The grid of several `NAME=VALUES`; `UsageError` says what is wrong and what was expected."""
    axes = tuple(_axis(text, policy, language) for text in texts)
    names = [(setting.target, setting.since) for axis in axes for setting in axis.settings[:1]]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UsageError(say("setting.twice", language, text=texts[number]))
    grid = Grid(axes)
    if len(grid) > MOST_POINTS:
        raise UsageError(say("sweep.too-many", language, count=len(grid), most=MOST_POINTS))
    return grid


def _axis(text: str, policy: Policy, language: Language) -> Axis:
    match = FORM.match(text)
    if match is None:
        raise UsageError(say("setting.form", language, text=text))
    name, day, written = match.groups()
    target = find_target(name, policy, text, language)
    label = name if day is None else f"{name}@{day}"
    values = [written]
    if target.of in NUMBERS:
        ranges = [_range(part.strip(), target.of, text, language) for part in written.split(",")]
        values = [value for range_ in ranges for value in range_]
    elif target.of == "boolean":
        values = [one.strip() for one in written.split(",")]
    settings = tuple(read_setting(f"{label}={value}", policy, language) for value in values)
    if not values or len({setting.key for setting in settings}) < len(settings):
        problem = say("sweep.same-value", language)
        raise UsageError(say("setting.problem", language, text=text, problem=problem))
    return Axis(label, tuple(values), settings, _current(settings[0]))


def _range(written: str, of: str, text: str, language: Language) -> list[str]:
    """The values of `40..70:5`; a value by itself stands for itself."""
    match = RANGE.match(written)
    if match is None:
        return [written]
    first, last, step = (_number(part or "1", of) for part in match.groups())
    if first is None or last is None or step is None or step <= 0 or last < first:
        raise UsageError(say("sweep.range", language, text=text))
    count = int((last - first) / step) + 1
    if count > MOST_POINTS:
        raise UsageError(say("sweep.too-many", language, count=count, most=MOST_POINTS))
    return [_written(first + step * number) for number in range(count)]


def _number(written: str, of: str) -> Any:
    try:
        if of == "fraction":
            return fraction(written) or Fraction(int(written))
        return NUMBERS[of](written)
    except (ValueError, ArithmeticError):
        return None


def _written(value: Any) -> str:
    return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else str(value)


def _current(setting: Setting) -> str | None:
    """The one value that the baseline has where this would be set."""
    parameter, criterion = setting.target.parameter, setting.target.criterion
    if parameter is None:
        return None if criterion is None else str(criterion.maximum)
    if setting.since is not None:
        value = parameter.value_on(setting.since)
        return None if value is None else _shown(value)
    values = {dated.value for dated in parameter.values if dated.value is not None}
    return _shown(next(iter(values))) if len(values) == 1 else None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _written(value)
