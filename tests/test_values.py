"""Dates and numbers are read where they have one reading, and refused where they have two."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from triage.formats.values import Mismatch, read_date, read_number
from triage.messages import LANGUAGES, say

NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def problem(found: object) -> tuple[str, dict[str, object]]:
    """The key of the message, and what fills it."""
    assert isinstance(found, Mismatch)
    assert all(say(f"expected.{found.key}", language, **found.values) for language in LANGUAGES)
    return found.key, dict(found.values)


# -- dates

FOURTH_OF_JULY = f"""
2022-07-04 |  2022-07-04  | 2022-07-04T09:30:00Z | 2022-07-04 14:30 | 2022-07-04T09:30:00.000+02:00
4 July 2022 | July 4, 2022 | July 4 2022 | JULY 4, 2022 | 4 Jul 2022 | Jul. 4, 2022 | 4-Jul-2022
4th of July 2022 | July 4th, 2022 | the 4 July 2022 | Monday, July 4, 2022 | Mon 4 July 2022
2022-Jul-04 | 4 juillet 2022 | le 4 juillet 2022 | lundi 4 juillet 2022 | Le lundi 4 juillet 2022
4 juil. 2022 | 4-juil-2022 | 04 JUILLET 2022 | 4{NBSP}juillet{NBSP}2022 | lun. 4 juill. 2022
"""


@pytest.mark.parametrize("text", re.split(r" \| |\n", FOURTH_OF_JULY.strip()))
def test_a_date_is_read_where_it_can_mean_one_day_only(text: str) -> None:
    assert read_date(text) == date(2022, 7, 4)


@pytest.mark.parametrize(
    "text", ["1er juin 2022", "1er juin, 2022", "1ᵉʳ juin 2022", "June 1st, 2022", "1 Jun 2022"]
)
def test_the_first_of_a_month_has_a_form_of_its_own(text: str) -> None:
    assert read_date(text) == date(2022, 6, 1)


@pytest.mark.parametrize("text", ["15 août 2022", "15 aout 2022", "15 AOÛT 2022", "Aug 15, 2022"])
def test_accents_may_be_left_out(text: str) -> None:
    assert read_date(text) == date(2022, 8, 15)


@given(
    st.dates(date(1000, 1, 1)),
    st.sampled_from(["en_CA", "fr_CA"]),
    st.sampled_from(["long", "full"]),
)
def test_every_day_is_read_as_it_is_written_in_canada(day: date, locale: str, form: str) -> None:
    assert read_date(format_date(day, format=form, locale=locale)) == day


@pytest.mark.parametrize("text", ["03/04/2022", "3-4-2022", "03.04.2022", "3/4/2022"])
def test_a_date_in_digits_is_refused_with_both_readings(text: str) -> None:
    expected = ("date-ambiguous-of", {"first": "2022-04-03", "second": "2022-03-04"})
    assert problem(read_date(text)) == expected


def test_a_date_in_digits_is_refused_even_where_only_one_reading_exists() -> None:
    assert problem(read_date("25/12/2022")) == ("date-digits", {"date": "2022-12-25"})
    assert problem(read_date("04/04/2022")) == ("date-digits", {"date": "2022-04-04"})
    assert problem(read_date("3/4/22")) == ("date-ambiguous", {})


NO_DATES = (
    *("", "soon", "2022-02-30", "30 février 2022", "July 2022", "juillet", "20220704"),
    *("2022/07/04", "44746", "32/13/2022", "4 Juillember 2022", "x" * 100_000),
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *[(text, "date") for text in NO_DATES],
        *[(text, "date-year") for text in ("4-Jul-22", "4 juillet 22", "July 4, 222")],
        *[(text, "date-weekday") for text in ("Tuesday, July 4, 2022", "mardi 4 juillet 2022")],
    ],
)
def test_what_is_no_date_says_why(text: str, key: str) -> None:
    assert problem(read_date(text))[0] == key


@given(st.text(max_size=70))
def test_any_text_is_a_date_or_a_problem(text: str) -> None:
    found = read_date(text)
    assert isinstance(found, date) or problem(found)


# -- numbers


NUMBERS = {
    "1234.5": (
        *("1234.5", "1234.50", "1234,5", "1234,50", "1,234.50", "1 234,50", "1 234.50"),
        *(f"1{NBSP}234,50", f"1{NARROW}234,50", "1.234,50", "+1234.50", "1234,500"),
    ),
    "1234567": ("1234567", "1,234,567", "1 234 567", f"1{NBSP}234{NBSP}567", "1.234.567"),
    "0.5": ("0.5", "0,5", "0,50", "0,500"),
    "2.75": ("2,75",),
    "0": ("0",),
    "1234": ("1 234",),
    "12.5": ("12,5",),
}


@pytest.mark.parametrize(
    ("text", "number"), [(text, number) for number, texts in NUMBERS.items() for text in texts]
)
def test_a_number_is_read_in_english_and_french(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


DOLLARS = (
    *("$1,234.50", "$ 1,234.50", "CA$1,234.50", "C$1,234.50", "CAD 1,234.50", "1,234.50 CAD"),
    *("1234.50 $", "1 234,50 $", f"1{NBSP}234,50{NBSP}$", f"1{NARROW}234,50{NBSP}$"),
    *("1 234,50 $ CA", "1 234,50 $ CAN", "1 234,50 dollars", "1 234,50 dollars canadiens"),
    "1234.50",
)


@pytest.mark.parametrize("text", DOLLARS)
def test_money_may_carry_the_sign_of_the_canadian_dollar(text: str) -> None:
    assert read_number(text, money=True) == Decimal("1234.50")


@pytest.mark.parametrize(
    "text", ["US$1,234.50", "1 234,50 € ", "1234 USD", "1 234,50 $ US", "EUR 12.50", "£5.00"]
)
def test_money_of_another_country_is_refused(text: str) -> None:
    assert problem(read_number(text, money=True)) == ("amount-currency", {})


def test_a_comma_before_three_digits_is_refused_for_it_has_two_readings() -> None:
    both = {"mark": ",", "grouped": "1234", "decimal": "1.234"}
    for text in ("1,234", "1,234 $", "CAD 1,234"):
        assert problem(read_number(text, money=True)) == ("number-ambiguous", both)


def test_a_dollar_sign_in_front_is_english_so_the_comma_groups() -> None:
    assert read_number("$85,000", money=True) == Decimal(85_000)


def test_a_count_has_no_decimals_so_its_comma_groups() -> None:
    assert read_number("1,234", whole=True) == Decimal(1234)
    assert read_number("1 234", whole=True) == Decimal(1234)
    assert read_number("12,0", whole=True) == read_number("12.0", whole=True) == Decimal(12)
    readings = {"mark": ".", "grouped": "12000", "decimal": "12.000"}
    assert problem(read_number("12.000", whole=True))[1] == readings
    assert problem(read_number("12,5", whole=True)) == ("whole-number", {})


NO_NUMBERS = (
    *("", "two", "-1", "(5)", "1e9", "1,23,456", "1 23", "1,,2", "1.2.3", "NaN", "½", "٣"),
    "9" * 100_000,
)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_says_so(text: str) -> None:
    assert problem(read_number(text)) == ("amount", {})
    assert problem(read_number(text, whole=True)) == ("whole-number", {})


@given(st.decimals(0, 10**9, places=2, allow_nan=False), st.sampled_from(["en_CA", "fr_CA"]))
def test_every_amount_is_read_as_it_is_written_in_canada(amount: Decimal, locale: str) -> None:
    assert read_number(format_currency(amount, "CAD", locale=locale), money=True) == amount
    assert read_number(format_decimal(amount, "#,##0.00", locale=locale)) == amount


@given(st.integers(0, 10**9), st.sampled_from(["en_CA", "fr_CA"]))
def test_every_count_is_read_as_it_is_written_in_canada(count: int, locale: str) -> None:
    assert read_number(format_decimal(count, locale=locale), whole=True) == count


@given(
    st.text(st.sampled_from("0123456789 ,.$+-CAD" + NBSP), max_size=20),
    st.booleans(),
    st.booleans(),
)
def test_any_text_is_a_number_or_a_problem(text: str, whole: bool, money: bool) -> None:
    found = read_number(text, whole, money)
    assert (isinstance(found, Decimal) and found >= 0) or problem(found)


def test_the_days_of_a_year_are_all_different() -> None:
    first = date(2024, 1, 1)
    for number in range(366):
        day = first + timedelta(days=number)
        assert read_date(f"{day:%d %b %Y}") == read_date(f"{day:%A, %B %d, %Y}") == day
