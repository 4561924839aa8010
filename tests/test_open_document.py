"""ODS and XLS workbooks are read as XLSX is."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from opendocument import cell, row, save, save_sheets
from support import shipped
from triage.errors import UsageError
from triage.formats.values import UnreadableCell
from triage.formats.workbooks import open_workbook
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request

ROOT = Path(__file__).parent
HEAD = ["id", "received", "type", "countries"]
DAY = date(2022, 7, 4)


def rows(path: Path, sheet: int = 0) -> dict[int, list[Any]]:
    """The rows of a sheet that hold something, by number."""
    with path.open("rb") as file:
        return {number: cells for number, cells in open_workbook(file)[sheet].rows() if cells}


def read(path: Path, sheet: str | None = None) -> tuple[Inbox, list[Request]]:
    """The inbox of a workbook, and its accepted requests."""
    inbox = Inbox(RequestReader(shipped()), sheet)
    return inbox, list(inbox.requests(str(path)))


def said(path: Path) -> str:
    """What is said of a workbook that cannot be read, after its name."""
    with pytest.raises(UsageError) as caught:
        read(path)
    assert "\n" not in caught.value.message
    return caught.value.message.removeprefix(f"{path}: ")


def test_requests_are_read_from_opendocument(tmp_path: Path) -> None:
    first = row(["A", DAY, "meeting", "Japan", 12, True])
    moved = row([], number_rows_repeated="3")
    second = row(["B", cell("2022-07-05T09:30:00"), "study tour", "Mexico", 3.0, None])
    path = save(
        tmp_path / "inbox.ods", [row([*HEAD, "participants", "agenda"]), first, moved, second]
    )
    inbox, found = read(path)
    assert [(one.id, one.received.day, one.participants) for one in found] == [
        ("A", 4, 12),
        ("B", 5, 3),
    ]
    assert [inbox.row(one.id) for one in found] == [2, 6]


def test_values_have_their_kinds(tmp_path: Path) -> None:
    moment = cell("x", office_value_type="date", office_date_value="2022-07-04T09:30:00")
    cells = [moment, cell("a\nb"), 1.5, False, cell(None, table_formula="of:=1+1")]
    path = save(tmp_path / "kinds.ods", [row(cells)])
    (found,) = rows(path).values()
    assert found == [
        datetime(2022, 7, 4, 9, 30),
        "a\nb",
        1.5,
        False,
        UnreadableCell("=", "formula-not-calculated"),
    ]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (cell(1200.5, "1 200,50 €", office_value_type="currency", office_currency="EUR"), "€"),
        (cell(1200.5, "$1,200.50", office_value_type="currency", office_currency="USD"), "USD"),
        (cell(0.15, "15 %", office_value_type="percentage"), "15 %"),
        (cell(12, "12 people"), "12 people"),
        (cell(42, "0042"), "0042"),
    ],
)
def test_a_number_that_is_shown_as_more_is_that_text(
    made: str, expected: str, tmp_path: Path
) -> None:
    ((found,),) = rows(save(tmp_path / "shown.ods", [row([made])])).values()
    assert isinstance(found, str)
    assert expected in found


@pytest.mark.parametrize(
    "made",
    [
        cell(1200.5, "1 200,50 $", office_value_type="currency", office_currency="CAD"),
        cell(1200.5, "1200.50"),
        cell(1200.5, "1.2E+03"),
        cell(-1200.5, "(1,200.50 $)"),
    ],
)
def test_a_number_or_an_amount_in_canadian_dollars_stays_a_number(
    made: str, tmp_path: Path
) -> None:
    ((found,),) = rows(save(tmp_path / "shown.ods", [row([made])])).values()
    assert abs(found) == 1200.5


@pytest.mark.parametrize("shown", ["#REF!", "#N/A", "Err:502"])
def test_an_error_is_no_value(shown: str, tmp_path: Path) -> None:
    ((found,),) = rows(save(tmp_path / "error.ods", [row([cell(shown)])])).values()
    assert found == UnreadableCell(shown, "cell-error")


def test_comments_are_no_part_of_a_cell(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>ask her</text:p></office:annotation>"
    made = cell("Japan").replace("<text:p>", f"{note}<text:p>")
    assert rows(save(tmp_path / "note.ods", [row([made])])) == {1: ["Japan"]}


def test_merged_and_repeated_cells_count_where_they_stand(tmp_path: Path) -> None:
    merged = cell("meeting", table_number_rows_spanned="2")
    repeated = cell(None, table_number_columns_repeated="2")
    content = [
        row(["A", merged, repeated, "x"]),
        row(["B", "<table:covered-table-cell/>", repeated, "y"]),
        row(["C", cell("z", table_number_columns_repeated="2")], number_rows_repeated="2"),
        row([cell(None, table_number_columns_repeated="16384")], number_rows_repeated="1000000"),
    ]
    assert rows(save(tmp_path / "merged.ods", content)) == {
        1: ["A", "meeting", None, None, "x"],
        2: ["B", "meeting", None, None, "y"],
        3: ["C", "z", "z"],
        4: ["C", "z", "z"],
    }


def test_the_visible_sheet_with_requests_is_found(tmp_path: Path) -> None:
    sheets = {
        "Contacts & more": ("", [row(["Anne"])]),
        "Old": ("", [row(HEAD), row(["Z", DAY, "meeting", "Japan"])]),
        "July": ("", [row(HEAD), row(["A", DAY, "meeting", "Japan"])]),
    }
    path = save_sheets(tmp_path / "inbox.ods", sheets, hidden="Old")
    assert [one.id for one in read(path)[1]] == ["A"]
    assert [one.id for one in read(path, "Old")[1]] == ["Z"]
    with path.open("rb") as file:
        assert [one.name for one in open_workbook(file)] == list(sheets)


# -- files that are not safe, or damaged


def test_a_row_that_is_repeated_without_end_is_refused(tmp_path: Path) -> None:
    wide = cell("x", table_number_columns_repeated="900")
    path = save(tmp_path / "bomb.ods", [row(HEAD), row([wide], number_rows_repeated="999999")])
    assert said(path).startswith("the workbook is damaged")


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    empty = cell(None, table_number_columns_repeated="16000")
    path = save(tmp_path / "wide.ods", [row(HEAD), row(["A", empty, "x"])])
    assert said(path) == "a row has more than 1000 columns"


def test_entities_a_password_and_a_cut_file_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.ods", [row(HEAD)])
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    start, rest = content.split("?>", 1)
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", f"{start}?>{entities}{rest}")
    assert said(path).startswith("the workbook is damaged")
    locked = {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}
    assert said(save(tmp_path / "locked.ods", [row(HEAD)], **locked)).startswith(
        "the workbook has a password"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content[:-100])
    assert said(path).startswith("the workbook is damaged")


# -- the old binary form


def test_requests_are_read_from_the_old_form(tmp_path: Path) -> None:
    """The file was saved by LibreOffice: a title, a merged date, and a hidden sheet."""
    path = ROOT / "workbooks" / "inbox.xls"
    inbox, found = read(path)
    assert [(one.id, one.received, one.participants) for one in found] == [
        ("A", DAY, 12),
        ("B", DAY, None),
    ]
    assert found[0].title == "Élèves"
    assert [(one.row, one.errors[0].field) for one in inbox.rejected] == [(5, "engagement_type")]
    assert [one.id for one in read(path, "Old")[1]] == ["Z"]
    cut = tmp_path / "cut.xls"
    cut.write_bytes(path.read_bytes()[:3000])
    assert said(cut).startswith("the workbook has a password, or is none")


@pytest.mark.parametrize("content", [b"<html><table>", b"id\treceived\n", b""])
def test_what_is_only_called_a_workbook_says_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_bytes(content)
    assert said(path).startswith("this is not an Excel workbook")
