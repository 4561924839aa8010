"""How the rows of a table lie: headers in one row or two, and rows that are no requests."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from commands import run
from opendocument import row, save
from support import ROOT, shipped
from triage.intake.inbox import Inbox, Intake
from triage.intake.requests import RequestReader
from triage.intake.survey import FileSurvey
from triage.model.facts import Request

POLICY = shipped()
HEAD = "id,received,type,countries,title,participants\n"
ROW = "A,2022-07-04,meeting,Japan,Visas,12\n"
SECOND = "B,2022-07-05,meeting,Peru,,\n"


def text(folder: Path, content: str) -> Path:
    """A CSV file with this content."""
    path = folder / "inbox.csv"
    path.write_text(content, "utf-8")
    return path


def read(path: Path, intake: Intake | None = None) -> tuple[Inbox, list[Request], FileSurvey]:
    """The inbox of a file, its requests, and what was found beside them."""
    inbox = (intake or Intake()).open(POLICY, "en", [str(path)])
    found = list(inbox.requests(str(path)))
    return inbox, found, inbox.surveys[str(path)]


def passed(survey: FileSurvey) -> list[tuple[int, str]]:
    """The number and kind of each row that was passed over."""
    return [(one.number, one.kind) for one in survey.passed]


# -- rows that are no requests


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Total,,,,,12", "total"),
        ("TOTAL :,,,,,12", "total"),
        (",,,,Grand total,12", "total"),
        (",,,,Sous-total,$1 200.50", "total"),
        ("Total général,,,,,", "total"),
        ("Total: 23 requests,,,,,", "total"),
        ("Nombre de demandes,3,,,,", "total"),
        ("Requests from Asia,,,,,", "section"),
        ("En attente,,,,,", "section"),
        (",,,Americas and Caribbean,,", "section"),
        ("Source: list of the branch,,,,,", "footer"),
        ("Préparé par,A. Roy,,,,", "footer"),
        ("* to be confirmed,,,,,", "footer"),
        ("id,received,type,countries,title,participants", "header"),
        ("Request number,Date received,Type of engagement,Countries,Title,", "header"),
        ("N° de dossier,Date de réception,Type d'activité,Pays,,", "header"),
    ],
)
def test_a_row_that_is_no_request_is_told_for_what_it_is(
    line: str, kind: str, tmp_path: Path
) -> None:
    inbox, found, survey = read(text(tmp_path, f"{HEAD}{ROW}{line}\n{SECOND}"))
    assert [one.id for one in found] == ["A", "B"]
    assert not inbox.rejected
    assert passed(survey) == [(3, kind)]
    assert (inbox.read, inbox.passed_over) == (3, 1)


@pytest.mark.parametrize(
    "line",
    [
        "IN-2022-7,,,,,",
        "C,,,,,",
        ",2022-07-04,,,,",
        ",,,,Total renewal of the visa agreement with Japan,",
        ",,,,A visit of the minister,",
        ",,,,,12",
        "Total,2022-07-04,meeting,,,",
        "Total,,,Japan,,12",
        "C,2022-07-04,,Source: embassy,,",
        "Notes,soon,meeting,,,",
    ],
)
def test_an_unfinished_request_is_rejected_and_never_passed_over(line: str, tmp_path: Path) -> None:
    inbox, found, survey = read(text(tmp_path, f"{HEAD}{ROW}{line}\n{SECOND}"))
    assert [one.id for one in found] == ["A", "B"]
    assert [one.row for one in inbox.rejected] == [3]
    assert not survey.passed


def test_what_looks_like_a_section_is_a_footer_where_no_row_follows(tmp_path: Path) -> None:
    above = f"{HEAD}Asia,,,,,\n{ROW}Americas,,,,,\nPending,,,,,\n{SECOND}"
    below = "\nEnd of the list,,,,,\nIntegrity branch,,,,,\n"
    _, _, survey = read(text(tmp_path, above + below))
    assert passed(survey) == [
        (2, "section"),
        (4, "section"),
        (5, "section"),
        (8, "footer"),
        (9, "footer"),
    ]


def test_a_narrow_table_has_no_sections(tmp_path: Path) -> None:
    inbox, _, _ = read(text(tmp_path, f"received,type\n{'2022-07-04,meeting'}\nAsia,\n"))
    assert [one.row for one in inbox.rejected] == [2, 3]


def test_rows_that_are_no_requests_are_counted_and_told_once(tmp_path: Path) -> None:
    sections = "".join(f"Week {number} of the month,,,,,\n" for number in range(7))
    path = text(tmp_path, f"{HEAD}{sections}{ROW}{SECOND}Total,,,,,12\n")
    ran = run("screen", str(path), "--format", "json")
    found = json.loads(ran.out)
    assert (
        found["totals"] | {"read": 10, "accepted": 2, "rejected": 0, "passed_over": 8}
        == found["totals"]
    )
    (file,) = found["files"]
    assert file["passed_over"][7] == {"row": 11, "kind": "total", "text": "Total 12"}
    assert ran.code == 0
    totals, sections_line = ran.err.splitlines()
    assert totals == f'{path}: passed over as totals: 1 (row 11: "Total 12")'
    assert sections_line.startswith(f"{path}: passed over as headings of sections: 7 (row 2: ")
    assert sections_line.endswith('row 6: "Week 4 of the month" …)')
    ran = run("screen", str(path))
    assert "10 read:" in ran.out
    assert "(headings, totals, notes or hidden): 8." in " ".join(ran.out.split())


def test_an_ordinary_file_says_nothing_of_itself(tmp_path: Path) -> None:
    ran = run("screen", str(text(tmp_path, HEAD + ROW)), "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert "files" not in found
    assert "passed_over" not in found["totals"]


def test_a_file_with_nothing_but_such_rows_has_no_request(tmp_path: Path) -> None:
    ran = run("screen", str(text(tmp_path, f"{HEAD}Pending requests,,,,,\nTotal,,,,,0\n")))
    assert ran.code == 2
    assert "there is no request in it" in ran.err


def test_historical_cases_may_have_a_total_below(tmp_path: Path) -> None:
    lines = (ROOT / "examples" / "history" / "cases-synthetic.csv").read_text("utf-8").splitlines()
    path = text(tmp_path, "\n".join([*lines[:12], f"Total{',' * lines[0].count(',')}"]))
    for more in ([], ["--hidden", "skip"]):
        ran = run("backtest", str(path), "--set", "weight.partner=20", "--format", "json", *more)
        assert json.loads(ran.out)["cases"]["read"] == 11
        assert ran.err == f'{path}: passed over as totals: 1 (row 13: "Total")\n'


# -- headers


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        # Groups above, and names that only the lower row has.
        ("Request,,,Visit,,", "id,received,type,countries,title,participants"),
        # Names that stand in the upper row where there is no group.
        ("id,received,type,Visit,,", ",,,countries,title,participants"),
        # The other language in a row of its own, above or below.
        (
            "Request number,Date received,Type of engagement,Countries,Title,Participants",
            "N° de dossier,Date de réception,Type d'activité,Pays,Titre,Nombre de participants",
        ),
        (
            "N° de dossier,Date de réception,Type d'activité,Pays,Titre,Nombre de participants",
            "Request number,Date received,Type of engagement,Countries,Title,Participants",
        ),
    ],
)
def test_a_header_may_take_two_rows(upper: str, lower: str, tmp_path: Path) -> None:
    inbox, (first, _), survey = read(
        text(tmp_path, f"Inbox of July\n\n{upper}\n{lower}\n{ROW}{SECOND}")
    )
    assert (first.id, first.title, first.participants) == ("A", "Visas", 12)
    assert survey.titles[0] == (1, "Inbox of July")
    assert not inbox.rejected
    assert not survey.passed
    assert survey.header_rows[-1] == 4


def test_a_name_in_two_groups_needs_its_group(tmp_path: Path) -> None:
    content = "Request,,Asked by,Visit,\nid,received,Pays,Pays,type\n"
    _, _, survey = read(text(tmp_path, f"{content}A,2022-07-04,Chile,Japan,meeting\n"))
    assert survey.headers[1:] == ("received", "Asked by Pays", "Visit Pays", "type")


def test_a_row_of_data_is_never_taken_for_a_header(tmp_path: Path) -> None:
    content = f"{HEAD}Topics,soon,Countries,Title,,\n{ROW}"
    inbox, found, survey = read(text(tmp_path, content))
    assert survey.header_rows == (1,)
    assert [one.row for one in inbox.rejected] == [2]
    assert [one.id for one in found] == ["A"]


# -- what is hidden


def workbook(path: Path, rows: Iterable[Iterable[Any]]) -> Path:
    """A workbook whose third row and fifth column are hidden, beside a hidden sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    for cells in rows:
        sheet.append(list(cells))
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["E"].hidden = True
    book.create_sheet("Old").sheet_state = "veryHidden"
    book.save(path)
    return path


DAY = date(2022, 7, 4)
CELLS: list[list[Any]] = [
    ["id", "received", "type", "countries", "title"],
    ["A", DAY, "meeting", "Japan", "x"],
    ["B", DAY, "meeting", "Peru", "y"],
    ["C", DAY, "meeting", "Chile", "z"],
]


def open_document(path: Path) -> Path:
    """The same in the other kind of workbook."""
    column = "<table:table-column table:number-columns-repeated='4'/>"
    column += '<table:table-column table:visibility="collapse"/>'
    rows = [row(CELLS[0]), row(CELLS[1]), row(CELLS[2], visibility="filter"), row(CELLS[3])]
    return save(path, rows, column)


@pytest.mark.parametrize("name", ["inbox.xlsx", "inbox.ods"])
def test_hidden_parts_are_read_and_said_or_left_out_and_said(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("xlsx"):
        workbook(path, CELLS)
    else:
        open_document(path)
    inbox, found, survey = read(path)
    assert [(one.id, one.title) for one in found] == [("A", "x"), ("B", "y"), ("C", "z")]
    assert (survey.hidden_rows, survey.hidden_columns) == (1, ("title",))
    assert (inbox.read, inbox.passed_over) == (3, 0)
    assert [line.removeprefix(f"{path}: ") for line in survey.lines("en")][-2:] == [
        "hidden rows that were read like the others: 1 (3); --hidden skip leaves them out",
        "hidden columns that were read like the others: title; --hidden skip leaves them out",
    ]
    inbox, found, survey = read(path, Intake(hidden="skip"))
    assert [(one.id, one.title) for one in found] == [("A", None), ("C", None)]
    assert (inbox.read, inbox.passed_over) == (3, 1)
    assert passed(survey) == [(3, "hidden")]
    ran = run("screen", str(path), "--hidden", "skip")
    assert "hidden rows that were left out: 1 (row 3: " in ran.err
    assert "hidden columns that were left out: title" in ran.err


def test_hidden_sheets_are_named_unless_they_are_our_own(tmp_path: Path) -> None:
    path = workbook(tmp_path / "inbox.xlsx", CELLS)
    assert read(path)[2].hidden_sheets == ("Old",)
    template = tmp_path / "template.xlsx"
    run("screen", "--template", "xlsx", "--output", str(template))
    inbox = Inbox(RequestReader(POLICY))
    assert inbox.look(str(template)).hidden_sheets == ()


# -- a look that decides nothing


def test_a_look_tells_of_a_file_whose_header_nobody_knows(tmp_path: Path) -> None:
    content = "List of the desk;;\n\nOther wants;When;Remark;\na;b;c;d\n\nTotal;12;;\n"
    path = tmp_path / "own.csv"
    path.write_bytes(content.encode("cp1252"))
    inbox = Inbox(RequestReader(POLICY))
    survey = inbox.look(str(path))
    assert (survey.delimiter, survey.header_rows) == (";", (3,))
    assert survey.headers == ("Other wants", "When", "Remark", "")
    assert survey.titles == ((1, "List of the desk"),)
    assert survey.unnamed_columns == (4,)
    assert passed(survey) == [(6, "total")]
    assert (inbox.read, inbox.rejected, inbox.unknown_headers, inbox.surveys) == (0, [], {}, {})
