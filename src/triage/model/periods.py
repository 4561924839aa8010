"""Periods in which something is in force, and those in which limits count.

Limits count by month, fiscal quarter or fiscal year, or over a number of days on end. The fiscal
year of the Government of Canada begins on 1 April; quarter 1 is April to June.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from triage.messages import Language, say

CALENDAR = ("fiscal_year", "fiscal_quarter", "month")
ROLLING = "rolling_days"
PER = (*CALENDAR, ROLLING)
"""The kinds of period, the calendar ones from the longest to the shortest."""
MONTHS = {"fiscal_year": 12, "fiscal_quarter": 3, "month": 1}
FIRST_MONTH = 4


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included; None is open."""

    start: date | None = None
    end: date | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


ALWAYS = Period()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A period from its first to its last day, both included."""

    start: date
    end: date
    per: str

    @property
    def id(self) -> str:
        """Like `2022-23`, `2022-23-Q2`, `2022-08` or `2022-06-01/2022-08-29`, in any language."""
        match self.per:
            case "month":
                return self.start.isoformat()[: len("2022-08")]
            case "fiscal_year":
                return fiscal_year(self.start)
            case "fiscal_quarter":
                return f"{fiscal_year(self.start)}-Q{_quarter(self.start)}"
        return f"{self.start}/{self.end}"

    def label(self, language: Language) -> str:
        """As a reader says it: `quarter 2 of 2022-23`."""
        return _label(self, language)


@lru_cache(maxsize=4096)
def _label(span: Span, language: Language) -> str:
    year = fiscal_year(span.start)
    match span.per:
        case "fiscal_quarter":
            return say("period.quarter", language, quarter=_quarter(span.start), year=year)
        case "fiscal_year":
            return say("period.year", language, year=year)
        case "month":
            return span.id
    return say("period.days", language, start=span.start, end=span.end)


def fiscal_year(day: date) -> str:
    """The fiscal year of a day: `2022-23`."""
    year = day.year - (day.month < FIRST_MONTH)
    return f"{year}-{(year + 1) % 100:02}"


def _quarter(day: date) -> int:
    return (day.month - FIRST_MONTH) % 12 // 3 + 1


@lru_cache(maxsize=4096)
def calendar_span(per: str, day: date) -> Span:
    """The calendar period that a day lies in."""
    length = MONTHS[per]
    start = day.replace(day=1)
    for _ in range((day.month - FIRST_MONTH) % 12 % length):
        start = (start - timedelta(days=1)).replace(day=1)
    month = start.month - 1 + length
    year = start.year + month // 12
    # The calendar of Python ends with the year 9999.
    end = date(year, month % 12 + 1, 1) - timedelta(days=1) if year <= date.max.year else date.max
    return Span(start, end, per)


def rolling_span(days: int, end: date) -> Span:
    """A number of days on end, of which `end` is the last."""
    return Span(date.fromordinal(max(1, end.toordinal() - days + 1)), end, ROLLING)
