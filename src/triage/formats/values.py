"""Dates and numbers as people write them in English and French -> values, or why there are two
ways to read them.
"""

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
    # Remembered, because an inbox says the same words again and again; but not a cell that is a
    # page of text.
    return _normal(text) if len(text) <= LONGEST_KEPT else _normal.__wrapped__(text)


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


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
    return {
        word: number
        for number, row in enumerate(rows.strip().splitlines(), start)
        for word in row.split()
    }


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
        r"(?:the |le )?(?P<day>\d{1,2})(?:er|st|nd|rd|th)?[ ./-]*(?:of |de )?(?P<month>[a-z]+)\.?[ ,./-]+(?P<year>\d+)"
    ),
    re.compile(r"(?P<month>[a-z]+)\.?[ -]*(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ,-]+(?P<year>\d+)"),
    re.compile(r"(?P<year>\d{4})[ -]+(?P<month>[a-z]+)\.?[ -]+(?P<day>\d{1,2})"),
)
_WEEKDAY = re.compile(r"(?:le |on )?([a-z]+)\.?,? (.+)")


def read_date(text: str) -> date | Mismatch:
    """A date that can be read in one way only: ISO 8601 (a time of day is left out), or the
    month in words.
    """
    text = text.strip()
    if (iso := _ISO.fullmatch(text)) is not None:
        return _made(*map(int, iso[1].split("-")))
    if len(text) > LONGEST:
        return Mismatch("date")
    if (numeric := _NUMERIC.fullmatch(text)) is not None:
        return _ambiguous(*numeric.groups())
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = " ".join(
        "".join(letter for letter in plain if not unicodedata.combining(letter)).split()
    )
    found = _in_words(plain)
    weekday = _WEEKDAY.fullmatch(plain) if found is None else None
    if weekday is not None and weekday[1] in WEEKDAYS:
        found = _in_words(weekday[2])
        if isinstance(found, date) and found.weekday() != WEEKDAYS[weekday[1]]:
            return Mismatch("date-weekday", {"date": found.isoformat()})
    return found or Mismatch("date")


def _in_words(text: str) -> date | Mismatch | None:
    for form in _IN_WORDS:
        match = form.fullmatch(text)
        if match is not None and match["month"] in MONTHS:
            if len(match["year"]) != 4:
                return Mismatch("date-year")
            return _made(int(match["year"]), MONTHS[match["month"]], int(match["day"]))
    return None


def _made(year: int, month: int, day: int) -> date | Mismatch:
    try:
        return date(year, month, day)
    except ValueError:
        return Mismatch("date")


def _ambiguous(first: str, second: str, year: str) -> Mismatch:
    """Digits alone: one desk writes the day first and another the month, perhaps in the same
    file.
    """
    if len(year) == 2:
        return Mismatch("date-ambiguous")
    readings = [
        _made(int(year), int(second), int(first)),
        _made(int(year), int(first), int(second)),
    ]
    days = list(dict.fromkeys(one.isoformat() for one in readings if isinstance(one, date)))
    match days:
        case [one, other]:
            return Mismatch("date-ambiguous-of", {"first": one, "second": other})
        case [one]:
            return Mismatch("date-digits", {"date": one})
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
_PLAIN = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_GROUPS = (
    # Grouped by spaces, French with a comma for decimals; by commas; by points. All three can be
    # read in one way only.
    re.compile(r"\d{1,3}(?: \d{3}){1,4}(?:[.,]\d{1,6})?", re.ASCII),
    re.compile(r"\d{1,3}(?:(?:,\d{3}){1,4}\.\d{1,6}|(?:,\d{3}){2,4})", re.ASCII),
    re.compile(r"\d{1,3}(?:(?:\.\d{3}){1,4},\d{1,6}|(?:\.\d{3}){2,4})", re.ASCII),
)
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}([,.])\d{3}", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d{1,15},\d{1,6}", re.ASCII)


def read_number(text: str, whole: bool = False, money: bool = False) -> Decimal | Mismatch:
    """A number of 0 or more in English or French notation; `money` may carry the sign of the
    Canadian dollar.

    `1,234` has two readings: one thousand and more in English, one and a bit in French. It is
    refused, unless it is a count, which has no decimals, or has a dollar sign in front, as French
    never writes it.
    """
    wrong = Mismatch("whole-number" if whole else "amount")
    text = _BLANKS.sub(" ", text.strip())
    if len(text) > LONGEST:
        return wrong
    english = False
    if money:
        if _OTHER_MONEY.search(text):
            return Mismatch("amount-currency")
        first = _DOLLARS_FIRST.match(text)
        if first is not None:
            english, text = "$" in first[0], text[first.end() :].strip()
        text = _DOLLARS_LAST.sub("", text).strip()
    text = text.removeprefix("+")
    one_group = _ONE_GROUP.fullmatch(text)
    if one_group is not None and (one_group[1] == "," or whole):
        mark = one_group[1]
        if mark == "," and (whole or english):
            return Decimal(text.replace(",", ""))
        both = {"mark": mark, "grouped": text.replace(mark, ""), "decimal": text.replace(",", ".")}
        return Mismatch("number-ambiguous", both)
    if _PLAIN.fullmatch(text):
        return _fitting(Decimal(text), whole, wrong)
    for form, group in zip(_GROUPS, " ,.", strict=True):
        if form.fullmatch(text):
            return _fitting(Decimal(text.replace(group, "").replace(",", ".")), whole, wrong)
    if _DECIMAL_COMMA.fullmatch(text):
        return _fitting(Decimal(text.replace(",", ".")), whole, wrong)
    return wrong


def _fitting(number: Decimal, whole: bool, wrong: Mismatch) -> Decimal | Mismatch:
    return wrong if whole and number != number.to_integral_value() else number
