"""What the format of a cell shows beside its number."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from support import shipped
from triage.formats.number_formats import telling_format
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request

PLAIN = [
    *("General", "0", "0.00", "#,##0.00", "# ##0", "0.00E+00", "# ?/?", "@", "[$-409]0.00"),
    *(
        '"$"#,##0',
        "#,##0.00 $",
        "[$$-1009]#,##0",
        "[$$-C0C]#,##0",
        "[$$-en-CA]#,##0",
        "[$CAD] 0.00",
    ),
    '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)',
    "#,##0;[Red]-#,##0",
]
TELLING = {
    # the format and the number: what a reader sees
    ("#,##0.00\\ [$€-40C]", 1200.5): "1200.50 €",
    ('#,##0 "€";[Red](#,##0 "€")', -5): "(5 €)",
    ("[$$-409]#,##0.00", 1200.5): "$ USD 1200.50",
    ("[$$-80A]#,##0", 5): "$ MXN 5",
    ("[$$-540A]#,##0", 5): "$ 540A 5",
    ("[$$-en-US]#,##0", 5): "$ en-US 5",
    ('"US$"#,##0', 3): "US$3",
    ("[$¥-411]#,##0", 1200.5): "¥1201",
    ('0,"k$"', 12_000): "12k$",
    ('0"k$"', 12): "12k$",
    ('##0.0,,"M$"', 1_250_000): "1.3M$",
    ('[>=1000000]0.0,,"M";[>=1000]0.0,"k";0', 12_500): "12.5k",
    ('[>=1000000]0.0,,"M";[>=1000]0.0,"k";0', 125): "125",
    ("0%", 0.15): "15%",
    ("0.0%", 0.1525): "15.3%",
    ("0%", -0.15): "-15%",
    ("0000", 42): "0042",
    ("00000", 1_234_567): "1234567",
    ("000\\-000", 42): "000-042",
    ('"IN-"0000', 42): "IN-0042",
    ('0" people"', 12): "12 people",
    ('General" h"', 2.5): "2.5 h",
    ('0.##"x"', 3.1): "3.1x",
}


@pytest.mark.parametrize("code", PLAIN)
def test_a_format_of_digits_or_canadian_dollars_tells_nothing_more(code: str) -> None:
    assert telling_format(code) is None


@pytest.mark.parametrize(("code", "number"), TELLING)
def test_any_other_format_is_the_text_that_a_reader_sees(code: str, number: float) -> None:
    shown = telling_format(code)
    assert shown is not None
    assert shown.shown(number) == TELLING[code, number]


@given(
    st.text(alphabet='0#?.,%;"[]$-€kE+/@\\_*<>= (G', max_size=24),
    st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False)),
)
def test_any_format_shows_any_number(code: str, number: float) -> None:
    shown = telling_format(code)
    assert shown is None or isinstance(shown.shown(number), str)


@given(st.integers(0, 10**9))
def test_zeros_in_front_never_change_a_number(number: int) -> None:
    shown = telling_format("0000000")
    assert shown is not None
    assert int(shown.shown(number)) == number


def save(path: Path, formats: dict[str, str], **values: object) -> tuple[Inbox, list[Request]]:
    """The requests of a workbook with one row, whose cells have these formats by column."""
    row = {"id": 7, "received": "2022-07-04", "type": "meeting", "countries": "Japan", **values}
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(row))
    sheet.append(list(row.values()))
    for column, name in enumerate(row, 1):
        sheet.cell(2, column).number_format = formats.get(name, "General")
    book.save(path)
    inbox = Inbox(RequestReader(shipped()))
    return inbox, list(inbox.requests(str(path)))


def test_an_id_is_the_text_that_is_shown(tmp_path: Path) -> None:
    assert save(tmp_path / "padded.xlsx", {"id": "0000"})[1][0].id == "0007"
    assert save(tmp_path / "plain.xlsx", {})[1][0].id == "7"


@pytest.mark.parametrize("code", ["#,##0.00\\ [$€-40C]", "[$$-409]#,##0", "[$¥-411]#,##0", "0%"])
def test_an_amount_in_another_currency_or_a_share_is_no_cost(code: str, tmp_path: Path) -> None:
    _, found = save(tmp_path / "inbox.xlsx", {"cost_cad": code}, cost_cad=1200.5)
    assert [one.facts.get("cost_cad") for one in found] in ([], [None])


def test_an_amount_in_canadian_dollars_is_a_cost(tmp_path: Path) -> None:
    _, (request,) = save(tmp_path / "inbox.xlsx", {"cost_cad": "[$$-C0C]#,##0"}, cost_cad=1200.5)
    assert str(request.facts.get("cost_cad")) == "1200.5"


def test_zeros_in_front_of_a_count_disturb_nothing(tmp_path: Path) -> None:
    _, (request,) = save(tmp_path / "inbox.xlsx", {"participants": "000"}, participants=12)
    assert request.participants == 12
