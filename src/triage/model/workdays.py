"""Working days: Mondays to Fridays.

Public holidays are not taken out: they differ between missions.
"""

from datetime import date, timedelta
from typing import Any

EPOCH = date(1970, 1, 1).toordinal()
MONDAY = 3
"""Days from the Monday of its week to 1970-01-01, a Thursday."""


def day_number(day: date) -> int:
    """Days since 1970-01-01, the way dataframes keep dates."""
    return day.toordinal() - EPOCH


def before(day: Any) -> Any:
    """Working days before a day, from a fixed Monday on, so that only differences count.

    The day is a `day_number`, or a column of them.
    """
    days = day + MONDAY
    weeks = days // 7
    # All days but two a week, and but one more where the day is a Sunday.
    return days - weeks * 2 - (days - weeks * 7) // 6


def working_days(start: date, end: date) -> int:
    """Working days from `start` to before `end`; negative when `end` comes first."""
    return int(before(end.toordinal() - EPOCH) - before(start.toordinal() - EPOCH))


def length(start: date, end: date) -> int:
    """Working days from `start` to `end`, both included; 0 or less when `end` comes first."""
    return int(before(end.toordinal() - EPOCH + 1) - before(start.toordinal() - EPOCH))


def nearest(day: date, up: bool) -> date:
    """The day itself, or the nearest working day after it (or before it)."""
    while day.weekday() >= 5:
        day += timedelta(days=1 if up else -1)
    return day


def last_day(start: date, days: int) -> date:
    """The last day of an engagement that takes a number of working days, 1 or more."""
    day = nearest(start, up=True) + timedelta(days=(days - 1) // 5 * 7)
    for _ in range((days - 1) % 5):
        day = nearest(day + timedelta(days=1), up=True)
    return day


def first_day(received: date, days: int, up: bool) -> date:
    """The first working day with a number of working days' notice, or going down the last."""
    day = received + timedelta(days=days // 5 * 7 - 7)
    while working_days(received, day) < days:
        day += timedelta(days=1)
    if up:
        return nearest(day, up=True)
    while working_days(received, day + timedelta(days=1)) <= days:
        day += timedelta(days=1)
    return nearest(day, up=False)
