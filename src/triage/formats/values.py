"""Dates and numbers as people write them in English and French -> values, or why they are none."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "°": "o"})
LONGEST_KEPT = 80


def normal(text: str) -> str:
    """A word or header without case, accents and punctuation."""
    # An inbox repeats its words, so they are remembered, but not a cell that is a page of text.
    return _normal(text) if len(text) <= LONGEST_KEPT else _normal.__wrapped__(text)


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", _unaccented(text.casefold().translate(LETTERS))))


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a text is no value: the key of a message under `expected`, with what fills it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell of a workbook that holds no value, such as a formula that was never calculated."""

    shown: str
    key: str

    def __str__(self) -> str:
        return self.shown


def _numbered(rows: str, start: int) -> dict[str, int]:
    """Each word with the number of its row."""
    numbers: dict[str, int] = {}
    for number, row in enumerate(rows.strip().splitlines(), start):
        numbers |= dict.fromkeys(row.split(), number)
    return numbers


MONTHS = _numbered(
    """
    january jan janvier janv
    february feb fevrier fevr fev
    march mar mars
    april apr avril avr
    may mai
    june jun juin
    july jul juillet juill juil
    august aug aout
    september sept sep septembre
    october oct octobre
    november nov novembre
    december dec decembre
    """,
    start=1,
)
WEEKDAYS = _numbered(
    """
    monday mon lundi lun
    tuesday tues tue mardi mar
    wednesday wed mercredi mer
    thursday thurs thur thu jeudi jeu
    friday fri vendredi ven
    saturday sat samedi sam
    sunday sun dimanche dim
    """,
    start=0,
)
LONGEST = 60
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_NUMERIC = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})", re.ASCII)
_IN_WORDS = (
    re.compile(
        r"(?:the |le )?(?P<day>\d{1,2})(?:er|st|nd|rd|th)?[ ./-]*"
        r"(?:of |de )?(?P<month>[a-z]+)\.?[ ,./-]+(?P<year>\d+)"
    ),
    re.compile(r"(?P<month>[a-z]+)\.?[ -]*(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ,-]+(?P<year>\d+)"),
    re.compile(r"(?P<year>\d{4})[ -]+(?P<month>[a-z]+)\.?[ -]+(?P<day>\d{1,2})"),
)
_WEEKDAY = re.compile(r"(?:le |on )?([a-z]+)\.?,? (.+)")


def read_date(text: str) -> date | Mismatch:
    """A date that reads in one way only: ISO 8601, with a time or none, or the month in words."""
    text = text.strip()
    if (iso := _ISO.fullmatch(text)) is not None:
        return _date(*iso[1].split("-"))
    if len(text) > LONGEST:
        return Mismatch("date")
    if (numeric := _NUMERIC.fullmatch(text)) is not None:
        return _ambiguous(*numeric.groups())
    plain = " ".join(_unaccented(text.casefold()).split())
    day = _in_words(plain)
    weekday = _WEEKDAY.fullmatch(plain) if day is None else None
    if weekday is not None and weekday[1] in WEEKDAYS:
        day = _in_words(weekday[2])
        if isinstance(day, date) and day.weekday() != WEEKDAYS[weekday[1]]:
            return Mismatch("date-weekday", {"date": day.isoformat()})
    return day or Mismatch("date")


def _in_words(text: str) -> date | Mismatch | None:
    """The date when its month is a word; None when the text has no such form."""
    for form in _IN_WORDS:
        match = form.fullmatch(text)
        if match is not None and match["month"] in MONTHS:
            if len(match["year"]) != 4:
                return Mismatch("date-year")
            return _date(match["year"], MONTHS[match["month"]], match["day"])
    return None


def _date(year: str, month: str | int, day: str) -> date | Mismatch:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return Mismatch("date")


def _ambiguous(first: str, second: str, year: str) -> Mismatch:
    """Why digits alone are refused: one desk writes the day first and another the month."""
    if len(year) == 2:
        return Mismatch("date-ambiguous")
    readings = (_date(year, second, first), _date(year, first, second))
    days = list(dict.fromkeys(day.isoformat() for day in readings if isinstance(day, date)))
    match days:
        case [day_first, month_first]:
            return Mismatch("date-ambiguous-of", {"first": day_first, "second": month_first})
        case [only]:
            return Mismatch("date-digits", {"date": only})
    return Mismatch("date")


_BLANKS = re.compile(r"[\s\u2009\u202f\xa0]+")
_DOLLARS_FIRST = re.compile(
    r"(?:CAD|CDN)?(?:CA|C)? ?\$(?: ?(?:CAN|CA|CAD|CDN))?|CAD|CDN", re.IGNORECASE
)
_DOLLARS_LAST = re.compile(
    r"(?:\$(?: ?(?:CAN|CA|CAD|CDN))?|CAD ?\$?|CDN ?\$?|dollars?(?: canadiens?)?)$", re.IGNORECASE
)
_OTHER_MONEY = re.compile(
    r"[€£¥]|\b(?:USD|EUR|GBP|JPY|MXN|euros?)\b|\bUS ?\$|\$ ?(?:US|É\.?-?U)", re.IGNORECASE
)
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}([,.])\d{3}", re.ASCII)
# What groups the thousands, and the form of the number. Each form reads in one way only.
_NUMBERS = (
    ("", re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)),
    (" ", re.compile(r"\d{1,3}(?: \d{3}){1,4}(?:[.,]\d{1,6})?", re.ASCII)),
    (",", re.compile(r"\d{1,3}(?:(?:,\d{3}){1,4}\.\d{1,6}|(?:,\d{3}){2,4})", re.ASCII)),
    (".", re.compile(r"\d{1,3}(?:(?:\.\d{3}){1,4},\d{1,6}|(?:\.\d{3}){2,4})", re.ASCII)),
    ("", re.compile(r"\d{1,15},\d{1,6}", re.ASCII)),
)


def read_number(text: str, whole: bool = False, money: bool = False) -> Decimal | Mismatch:
    """A number of 0 or more in English or French notation; `money` may bear the Canadian dollar.

    `1,234` is over a thousand in English and little over one in French, so it is refused. A `whole`
    number has no decimals, and French writes no dollar sign in front: there the comma groups.
    """
    wrong = Mismatch("whole-number" if whole else "amount")
    text = _BLANKS.sub(" ", text.strip())
    if len(text) > LONGEST:
        return wrong
    english = False
    if money:
        if _OTHER_MONEY.search(text):
            return Mismatch("amount-currency")
        dollars = _DOLLARS_FIRST.match(text)
        if dollars is not None:
            english, text = "$" in dollars[0], text[dollars.end() :].strip()
        text = _DOLLARS_LAST.sub("", text).strip()
    text = text.removeprefix("+")
    one_group = _ONE_GROUP.fullmatch(text)
    if one_group is not None and (one_group[1] == "," or whole):
        mark = one_group[1]
        if mark == "," and (whole or english):
            return Decimal(text.replace(",", ""))
        both = {"mark": mark, "grouped": text.replace(mark, ""), "decimal": text.replace(",", ".")}
        return Mismatch("number-ambiguous", both)
    for group, form in _NUMBERS:
        if form.fullmatch(text):
            number = Decimal(text.replace(group, "").replace(",", "."))
            return wrong if whole and number != number.to_integral_value() else number
    return wrong
