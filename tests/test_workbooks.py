"""Workbooks as offices keep them, and files that are not safe to open."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from commands import run
from support import shipped
from triage.errors import UsageError
from triage.formats.sheets import MOST_BYTES
from triage.intake.inbox import Inbox, Intake
from triage.intake.requests import RequestReader
from triage.model.facts import Request

POLICY = shipped()
HEAD = ["id", "received", "type", "countries"]
ROW = ["A", date(2022, 7, 4), "meeting", "Japan"]
SHEET = "xl/worksheets/sheet1.xml"


def save(path: Path, rows: Iterable[Iterable[Any]], **sheets: Iterable[Iterable[Any]]) -> Path:
    """A workbook with these rows in a first sheet, and others."""
    book = Workbook()
    for name, content in {"Requests": rows, **sheets}.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(list(row))
    del book["Sheet"]
    book.save(path)
    return path


def changed(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The workbook with the text of one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def read(path: Path, sheet: str | None = None) -> tuple[Inbox, list[Request]]:
    """The inbox of a workbook, and its accepted requests."""
    inbox = Inbox(RequestReader(POLICY), sheet)
    return inbox, list(inbox.requests(str(path)))


def said(path: Path, sheet: str | None = None) -> str:
    """What is said of a workbook that cannot be read, after its name."""
    with pytest.raises(UsageError) as caught:
        read(path, sheet)
    assert "\n" not in caught.value.message
    return caught.value.message.removeprefix(f"{path}: ")


# -- cells


def test_the_same_request_is_read_from_a_workbook_as_from_text(tmp_path: Path) -> None:
    cells = {
        "N° de dossier": 1001,
        "Reçue le": datetime(2022, 7, 4, 9, 30),
        "Type d'activité": "Voyage d'études",
        "Pays": "Japon et Mexique",
        "Thèmes": "Asile; biométrie",
        "Délégués": 12.0,
        "Ordre du jour joint": True,
        "Coût": 0.3,
    }
    texts = {
        "id": "1001",
        "received": "2022-07-04",
        "engagement_type": "study_tour",
        "countries": ["JPN", "MEX"],
        "topics": "asylum; biometrics",
        "participants": "12",
        "agenda_attached": "yes",
        "cost_cad": "0.3",
    }
    _, (request,) = read(save(tmp_path / "inbox.xlsx", [cells.keys(), cells.values()]))
    assert request == RequestReader(POLICY).request(texts)


def test_numbers_that_the_machine_cannot_write_exactly_are_read_as_people_see_them(
    tmp_path: Path,
) -> None:
    rows: list[list[Any]] = [[*HEAD, "officer days"], [*ROW, 0.1 + 0.2]]
    _, (request,) = read(save(tmp_path / "inbox.xlsx", rows))
    assert str(request.facts.get("officer_days")) == "0.3"


def test_empty_rows_and_titles_above_the_header_are_no_requests(tmp_path: Path) -> None:
    bad = ["B", "soon", "meeting", "Japan"]
    rows: list[list[Any]]
    rows = [["Inbox of July"], [], [None, *HEAD], [], [None, *ROW], [], [None, *bad]]
    inbox, found = read(save(tmp_path / "inbox.xlsx", rows))
    assert [one.id for one in found] == ["A"]
    assert [(one.row, one.errors[0].field) for one in inbox.rejected] == [(7, "received")]
    assert inbox.read == 2


def test_cells_that_are_merged_downward_count_for_every_row(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    rows: list[list[Any]] = [[*HEAD, "topics"], [*ROW, "asylum"]]
    rows += [["B", None, None, "Mexico"], ["C", None, None, "Chile"], [None] * 4]
    for row in rows:
        sheet.append(row)
    for cells in ("B2:B5", "C2:C3", "E2:E4"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "inbox.xlsx")
    inbox, found = read(tmp_path / "inbox.xlsx")
    topics = frozenset(["asylum_systems"])
    read_as = [(one.id, one.received.day, one.topics) for one in found]
    assert read_as == [("A", 4, topics), ("B", 4, topics)]
    assert [(one.row, one.errors[0].field) for one in inbox.rejected] == [(4, "engagement_type")]


def test_a_formula_counts_by_its_result_and_never_as_text(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [*HEAD, "participants", "remarks"],
        [*ROW, "=6+6", "=1+1"],
        ["B", *ROW[1:], 3, None],
    ]
    path = save(tmp_path / "inbox.xlsx", rows)
    inbox, found = read(path)
    assert [one.id for one in found] == ["B"]
    ((rejected,),) = (one.errors for one in inbox.rejected)
    assert rejected.field == "participants"
    assert "never calculated" in rejected.expected
    empty, filled = "<f>6+6</f><v />", "<f>6+6</f><v>12</v>"
    _, found = read(changed(path, SHEET, lambda text: text.replace(empty, filled)))
    assert [(one.id, one.participants) for one in found] == [("A", 12), ("B", 3)]


def test_a_formula_with_an_empty_text_as_its_result_is_an_empty_cell(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [[*HEAD, "title"], [*ROW, '=""']])
    empty, filled = r'<c r="E2">(<f>.*?</f>)<v />', r'<c r="E2" t="str">\1<v></v>'
    changed(path, SHEET, lambda text: re.sub(empty, filled, text))
    _, (request,) = read(path)
    assert request.title is None


def test_an_error_of_the_spreadsheet_is_no_value(tmp_path: Path) -> None:
    inbox, found = read(save(tmp_path / "inbox.xlsx", [[*HEAD, "title"], [*ROW, "#REF!"]]))
    assert not found
    assert [(one.field, one.value) for one in inbox.rejected[0].errors] == [("title", "#REF!")]


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([*HEAD, "title"])
    sheet.append([*ROW, None])
    sheet["E2"].value, sheet["E2"].data_type = "=SUM(A1:A9)", "s"
    book.save(tmp_path / "inbox.xlsx")
    assert read(tmp_path / "inbox.xlsx")[1][0].title == "=SUM(A1:A9)"


def test_a_number_where_a_date_should_be_is_not_guessed(tmp_path: Path) -> None:
    inbox, _ = read(save(tmp_path / "inbox.xlsx", [HEAD, ["A", 44746, "meeting", "Japan"]]))
    assert [(one.field, one.value) for one in inbox.rejected[0].errors] == [("received", "44746")]


def test_a_row_with_more_cells_than_the_header_is_rejected(tmp_path: Path) -> None:
    inbox, _ = read(save(tmp_path / "inbox.xlsx", [HEAD, [*ROW, None, "more"]]))
    assert [(one.row, one.errors[0].value) for one in inbox.rejected] == [(2, "more")]


def test_cells_that_the_sheet_keeps_only_for_their_looks_are_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [HEAD, ROW])
    end = "</row></sheetData>"
    changed(path, SHEET, lambda text: text.replace(end, f'<c r="XFD2"/>{end}'))
    assert [one.id for one in read(path)[1]] == ["A"]


# -- sheets


def test_the_only_sheet_with_requests_is_found_among_others(tmp_path: Path) -> None:
    contacts = [["Contacts"], ["Anne"]]
    path = save(tmp_path / "inbox.xlsx", contacts, July=[HEAD, ROW], Empty=[], Header=[HEAD])
    assert [one.id for one in read(path)[1]] == ["A"]


def test_of_several_sheets_with_requests_none_is_chosen_in_silence(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [HEAD, ROW], July=[HEAD, ["B", *ROW[1:]]])
    assert said(path) == "several sheets hold requests (Requests, July); choose one with --sheet"
    assert [one.id for one in read(path, "July")[1]] == ["B"]
    assert [one.id for one in read(path, " july ")[1]] == ["B"]
    assert said(path, "August") == 'there is no sheet "August"; there are: Requests, July'
    ran = run("screen", str(path), "--sheet", "July", "--format", "json")
    assert ran.code == 0
    assert '"request_id":"B"' in ran.out
    assert '"request_id":"A"' not in ran.out


def test_a_hidden_sheet_is_read_only_when_it_is_named(tmp_path: Path) -> None:
    book = Workbook()
    for name in ("Now", "Old"):
        sheet = book.create_sheet(name)
        sheet.append(HEAD)
        sheet.append([name, *ROW[1:]])
    book["Old"].sheet_state = "hidden"
    del book["Sheet"]
    book.save(tmp_path / "inbox.xlsx")
    assert [one.id for one in read(tmp_path / "inbox.xlsx")[1]] == ["Now"]
    assert [one.id for one in read(tmp_path / "inbox.xlsx", "Old")[1]] == ["Old"]


def test_a_sheet_can_only_be_named_of_a_workbook(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file is a workbook"):
        Intake(sheet="July").open(POLICY, "en", [str(tmp_path / "inbox.csv")])


def test_a_workbook_may_come_by_standard_input(tmp_path: Path) -> None:
    data = save(tmp_path / "inbox.xlsx", [HEAD, ROW]).read_bytes()
    ran = run("screen", "-", "--format", "json", stdin=data)
    assert (ran.code, ran.err) == (0, "")
    assert '"request_id":"A"' in ran.out


def test_what_other_programs_write_for_looks_disturbs_nobody(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEAD)
    sheet.append(ROW)
    sheet.add_data_validation(DataValidation(type="list", formula1='"meeting,event"'))
    sheet.auto_filter.ref = "A1:D2"
    sheet.freeze_panes = "A2"
    book.save(tmp_path / "inbox.xlsx")
    extension = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    changed(tmp_path / "inbox.xlsx", SHEET, lambda text: text.replace("</worksheet>", extension))
    assert len(read(tmp_path / "inbox.xlsx")[1]) == 1


# -- files that cannot be read, or must not


def archive(**parts: str | bytes) -> bytes:
    """An archive with these parts beside what makes it look like a workbook."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
        for name, data in parts.items():
            file.writestr(name, data)
    return stream.getvalue()


NO_WORKBOOK = "this is not an Excel workbook"
OLD_FORM = "the workbook has a password"
DAMAGED = "the workbook is damaged or incomplete"
RENAMED = archive(other=bytes(1)).replace(b"xl/workbook.xml", b"xl/w0rkb00k.xml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", NO_WORKBOOK),
        (b"id,received,type,countries\n", NO_WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), OLD_FORM),
        (b"PK\x03\x04 and no more", DAMAGED),
        (archive(), DAMAGED),
        (RENAMED, NO_WORKBOOK),
    ],
)
def test_what_is_no_workbook_says_so(content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "inbox.xlsx"
    path.write_bytes(content)
    assert said(path).startswith(expected)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_says_so(share: float, tmp_path: Path) -> None:
    rows = [[f"A{number}", *ROW[1:]] for number in range(50)]
    path = save(tmp_path / "inbox.xlsx", [HEAD, *rows])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert said(path).startswith("the workbook is damaged or incomplete")


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(archive(**{SHEET: bytes(60_000_000)}))
    assert path.stat().st_size < 100_000
    expected = "not opened: unpacked, the workbook is more than 150 times as large as the file"
    assert said(path) == expected
    ran = run("screen", str(path))
    assert (ran.code, ran.out) == (2, "")


def test_an_archive_that_unpacks_to_too_much_is_not_opened(tmp_path: Path) -> None:
    data = bytearray(archive(big=b"x"))
    # The size that the directory of the archive declares, made larger than any inbox.
    place = data.rindex(b"big") - 46 + 24
    data[place : place + 4] = (MOST_BYTES + 1).to_bytes(4, "little")
    path = tmp_path / "large.xlsx"
    path.write_bytes(data)
    assert said(path) == "not opened: unpacked, the workbook is larger than 400 MB"


def test_an_archive_that_declares_less_than_it_holds_gives_no_more_than_it_declares(
    tmp_path: Path,
) -> None:
    data = bytearray(archive(**{SHEET: b"<x/>" + bytes(5_000_000)}))
    place = data.rindex(SHEET.encode()) - 46 + 24
    data[place : place + 4] = (4).to_bytes(4, "little")
    (tmp_path / "liar.xlsx").write_bytes(data)
    assert said(tmp_path / "liar.xlsx").startswith("the workbook is damaged or incomplete")


def test_xml_that_declares_entities_is_not_opened(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [HEAD, ROW])
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for part in ("xl/workbook.xml", SHEET):
        changed(path, part, lambda text: entities + text.removeprefix('<?xml version="1.0"?>'))
        assert said(path).startswith("the workbook is damaged or incomplete")


@pytest.mark.parametrize("place", ['r="9999999999"', 'r="0"', 'r="x"'])
def test_rows_that_no_sheet_can_have_are_damage(place: str, tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [HEAD, ROW])
    strange = f'<row {place}><c t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    changed(path, SHEET, lambda text: text.replace("</sheetData>", strange))
    if place != 'r="0"':
        assert said(path).startswith("the workbook is damaged or incomplete")
    else:
        assert [one.id for one in read(path)[1]] == ["A"]


def test_a_sheet_with_a_thousand_columns_and_more_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [HEAD, [*ROW, *[None] * 1000, "x"]])
    assert said(path) == "a row has more than 1000 columns"


@pytest.mark.parametrize("rows", [[], [[]], [[None, None]]])
def test_an_empty_sheet_says_so(rows: list[list[Any]], tmp_path: Path) -> None:
    assert said(save(tmp_path / "inbox.xlsx", rows)) == "the file is empty; expected a header row"


def test_a_header_alone_says_so(tmp_path: Path) -> None:
    assert said(save(tmp_path / "inbox.xlsx", [HEAD])) == "there is no request in it"


def test_a_sheet_without_a_known_header_says_so(tmp_path: Path) -> None:
    path = save(tmp_path / "inbox.xlsx", [["colour", "shape"], ["red", "round"]])
    assert said(path) == "no column of the header is known: colour, shape"
