"""Rejected rows come back in the form of their file, with reasons; mended, they are accepted."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from commands import run
from support import ROOT, shipped
from triage.errors import UsageError
from triage.formats.cells import risky, shielded, unshielded
from triage.formats.yaml import read_document
from triage.intake.inbox import Inbox, Intake
from triage.intake.rejects import Rejects
from triage.intake.requests import RequestReader
from triage.intake.survey import PassedRow

POLICY = shipped()
GOOD = {
    "id": "A",
    "received": "2022-07-04",
    "type": "meeting",
    "countries": "Japan",
    "Desk": "north",
}
BAD = {
    "id": "B",
    "received": "03/04/2022",
    "type": "meeting",
    "countries": "Japan",
    "Desk": "south",
}
WORSE = {
    "id": "C",
    "received": "2022-07-04",
    "type": "zzz",
    "countries": "Japan",
    "Desk": '=1+1; "x"\nü',
}
ROWS = [GOOD, BAD, WORSE]


def as_text(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> None:
    """The rows as CSV."""
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(
            [list(GOOD), *(one.values() for one in ROWS)]
        )


def as_workbook(path: Path) -> None:
    """The rows as a workbook."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "July"
    for row in [list(GOOD), *(list(one.values()) for one in ROWS)]:
        sheet.append(row)
    sheet["B4"].value = date(2022, 7, 4)
    sheet["E4"].data_type = "s"
    book.save(path)


WRITERS: dict[str, Callable[[Path], Any]] = {
    "plain.csv": as_text,
    "semicolons.csv": lambda path: as_text(path, "utf-8-sig", ";"),
    "windows.csv": lambda path: as_text(path, "cp1252", ";"),
    "tabs.tsv": lambda path: as_text(path, "utf-8", "\t"),
    "unicode.txt": lambda path: as_text(path, "utf-16", "\t"),
    "book.xlsx": as_workbook,
    "list.json": lambda path: path.write_text(json.dumps(ROWS), "utf-8"),
    "named.json": lambda path: path.write_text(json.dumps({"requests": ROWS}), "utf-8"),
    "lines.jsonl": lambda path: path.write_text("\n".join(map(json.dumps, ROWS)), "utf-8"),
    "list.yaml": lambda path: path.write_text(json.dumps(ROWS, indent=1), "utf-8"),
    "named.yml": lambda path: path.write_text(json.dumps({"requests": ROWS}, indent=1), "utf-8"),
}


def screened(path: Path, rejects: Path, language: str = "en") -> Inbox:
    """The inbox after the file was read and its rejected rows were written."""
    inbox = Intake(rejects=rejects).open(POLICY, "fr" if language == "fr" else "en", [str(path)])
    for _ in inbox.requests(str(path)):
        pass
    assert inbox.rejects is not None
    inbox.rejects.write()
    inbox.close()
    return inbox


def rows_of(path: Path) -> list[dict[str, Any]]:
    """What stands in a file, row by row, whatever its shape."""
    inbox = Inbox(RequestReader(POLICY))
    return [
        {} if isinstance(row.given, Exception | PassedRow) else dict(row.given)
        for row in inbox._rows(str(path), None)
    ]


def mend(path: Path) -> None:
    """Put both mistakes right in the file itself, as a person would."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        for row in book.worksheets[0].iter_rows(min_row=2):
            for cell in row[1:]:
                cell.value = {"03/04/2022": "3 April 2022", "zzz": "Meeting"}.get(
                    str(cell.value)
                ) or cell.value
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        book.save(path)
        return
    encoding = {"windows": "cp1252", "unicode": "utf-16"}.get(path.stem.partition("-")[0], "utf-8")
    text = path.read_text(encoding)
    # The reason quotes the mistakes; only the values are mended.
    for wrong, right in (("03/04/2022", "3 April 2022"), ("zzz", "Meeting")):
        before, _, after = text.rpartition(wrong)
        text = before + right + after
    path.write_text(text, encoding, newline="")


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_rejected_rows_keep_their_shape_and_are_accepted_when_mended(
    name: str, language: str, tmp_path: Path
) -> None:
    path, rejects = tmp_path / name, tmp_path / name.replace(".", "-rejects.")
    WRITERS[name](path)
    inbox = screened(path, rejects, language)
    assert [one.row for one in inbox.rejected] == [one.row for one in inbox.rejected if one.row > 1]
    title = {"en": "reason for rejection", "fr": "motif du rejet"}[language]
    found = rows_of(rejects)
    assert [list(one) for one in found] == [[title, *GOOD]] * 2
    for row, original, rejected in zip(found, (BAD, WORSE), inbox.rejected, strict=True):
        assert {key: str(value)[:10] for key, value in row.items() if key != title} == {
            key: value[:10] for key, value in original.items()
        }
        assert row[title] == rejected.reason(inbox.language)
        assert path.name in row[title]
    mend(rejects)
    again = Inbox(RequestReader(POLICY))
    assert [one.id for one in again.requests(str(rejects))] == ["B", "C"]
    assert (again.rejected, again.unknown_headers) == ([], {str(rejects): ["Desk"]})


@pytest.mark.parametrize("name", WRITERS)
def test_rows_that_are_rejected_again_get_their_new_reason(name: str, tmp_path: Path) -> None:
    path, first, second = (
        tmp_path / name.replace(".", f"{number}.") for number in ("", "-1", "-2")
    )
    WRITERS[name](path)
    screened(path, first, "fr")
    screened(first, second)
    for row in rows_of(second):
        assert list(row) == ["reason for rejection", *GOOD]
        assert str(row["reason for rejection"]).startswith(f"{first}, row ")


@given(st.text(alphabet="'=＝+-@\t\r\n a1", max_size=8))
def test_a_shielded_text_is_no_formula_and_comes_back(text: str) -> None:
    shield = shielded(text)
    assert unshielded(shield) == text
    assert not risky(shield)


def test_no_cell_of_a_csv_file_of_rejected_rows_runs_as_a_formula(tmp_path: Path) -> None:
    path, rejects = tmp_path / "=evil.csv", tmp_path / "rejects.csv"
    evil = ["=1+1", "＝cmd|' /C calc'!A0", "\t=1", "'=1", "'plain", "-5", "+1 613 555", "@SUM(A1)"]
    head = ["id", "received", "type", "countries", *(f"={number}" for number in range(len(evil)))]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, ["A", "soon", "meeting", "Japan", *evil]])
    screened(path, rejects)
    with rejects.open(encoding="utf-8", newline="") as stream:
        written = list(csv.reader(stream))
    assert not [cell for row in written for cell in row if risky(cell)]
    (found,) = rows_of(rejects)
    assert list(found.values())[5:] == evil
    assert list(found)[1:] == head
    again = tmp_path / "again.csv"
    screened(rejects, again)
    assert list(rows_of(again)[0].values())[1:] == list(found.values())[1:]


def test_the_encoding_and_the_delimiter_stay_as_they_were(tmp_path: Path) -> None:
    for name, start in {
        "semicolons.csv": b"\xef\xbb\xbfreason for rejection;id;",
        "unicode.txt": b"\xff\xfe",
    }.items():
        WRITERS[name](tmp_path / name)
        screened(tmp_path / name, tmp_path / f"out{Path(name).suffix}")
        assert (tmp_path / f"out{Path(name).suffix}").read_bytes().startswith(start)
    WRITERS["windows.csv"](tmp_path / "windows.csv")
    screened(tmp_path / "windows.csv", tmp_path / "rejects.csv")
    assert "ü".encode("cp1252") in (tmp_path / "rejects.csv").read_bytes()


def test_the_sheet_keeps_its_name_its_dates_and_text_that_looks_like_a_formula(
    tmp_path: Path,
) -> None:
    as_workbook(tmp_path / "book.xlsx")
    screened(tmp_path / "book.xlsx", tmp_path / "rejects.xlsx")
    sheet = load_workbook(tmp_path / "rejects.xlsx")["July"]
    assert [cell.value for cell in sheet[1]] == ["reason for rejection", *GOOD]
    assert (sheet["C3"].is_date, sheet["F3"].data_type, sheet["F3"].value) == (
        True,
        "s",
        WORSE["Desk"],
    )


def test_cells_beyond_the_header_come_back_behind_the_others(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(
        "id,received,type,countries\nA,2022-07-04,meeting,Japan,more,yet\nB,soon,meeting\n", "utf-8"
    )
    screened(path, tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[1:] for row in csv.reader(stream)] == [
            ["id", "received", "type", "countries"],
            ["A", "2022-07-04", "meeting", "Japan", "more", "yet"],
            ["B", "soon", "meeting", ""],
        ]


def test_what_is_no_object_comes_back_beside_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"id": \n7\n', "utf-8")
    screened(path, tmp_path / "rejects.jsonl")
    lines = (tmp_path / "rejects.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["row"] for line in lines] == ['{"id":', 7]


def test_exact_decimals_of_yaml_come_back_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    facts = "id: A, received: soon, type: meeting, officer_days: 2.50, agenda_attached: true"
    path.write_text(f"- {{{facts}, note: no}}\n")
    screened(path, tmp_path / "rejects.yaml")
    (row,) = read_document(tmp_path / "rejects.yaml")
    assert (str(row["officer_days"]), row["agenda_attached"], row["note"]) == ("2.50", True, "no")


def test_files_with_different_headers_share_one_file_of_rejected_rows(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(
        "id,received,type,countries,Desk\nA,soon,meeting,Japan,north\n", "utf-8"
    )
    (tmp_path / "two.csv").write_text(
        "countries;id;type;received;Room\nChile;B;meeting;soon;12\n", "utf-8"
    )
    paths = [str(tmp_path / "one.csv"), str(tmp_path / "two.csv")]
    ran = run("screen", *paths, "--rejects", str(tmp_path / "rejects.csv"))
    assert ran.code == 1
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[1:] for row in csv.reader(stream)] == [
            ["id", "received", "type", "countries", "Desk", "Room"],
            ["A", "soon", "meeting", "Japan", "north", ""],
            ["B", "soon", "meeting", "Chile", "", "12"],
        ]


def test_without_rejected_rows_the_file_holds_none(tmp_path: Path) -> None:
    path, rejects = tmp_path / "good.csv", tmp_path / "rejects.csv"
    path.write_text("id,received,type,countries\nA,2022-07-04,meeting,Japan\n", "utf-8")
    rejects.write_text("what an earlier run left", "utf-8")
    ran = run("screen", str(path), "--rejects", str(rejects))
    assert (ran.code, ran.err) == (0, "")
    assert rejects.read_text("utf-8") == "reason for rejection,id,received,type,countries\n"
    assert list(tmp_path.glob(".*")) == []


def test_a_file_that_cannot_be_read_to_its_end_leaves_no_rejected_rows(tmp_path: Path) -> None:
    path, rejects = tmp_path / "cut.csv", tmp_path / "rejects.csv"
    path.write_text(
        'id,received,type,countries\nA,soon,meeting,Japan\nB,2022-07-04,meeting,"Jap', "utf-8"
    )
    assert run("screen", str(path), "--rejects", str(rejects)).code == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["cut.csv"]


def test_the_example_with_mistakes_can_be_sent_again(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    ran = run(
        "screen", str(ROOT / "examples" / "inbox-with-mistakes.csv"), "--rejects", str(rejects)
    )
    again = run("screen", str(rejects), "--format", "json")
    before = [
        line.partition(": row ")[2].partition(": ")[2]
        for line in ran.err.splitlines()
        if ": row " in line
    ]
    after = [
        line.partition(": row ")[2].partition(": ")[2]
        for line in again.err.splitlines()
        if ": row " in line
    ]
    # All but the id that two rows shared: only one of them is in the new file.
    assert after == [line for line in before if not line.startswith("id:")]


@pytest.mark.parametrize(
    ("rejects", "expected"),
    [
        ("rejects.doc", "cannot read this kind of file"),
        ("rejects", "cannot read this kind of file"),
        ("no/folder/rejects.csv", "expected a file in a folder that exists"),
        ("inbox.csv", "cannot be written over a file that is read"),
        ("../{here}/inbox.csv", "cannot be written over a file that is read"),
        ("rejects.json", "this format; name a file that ends in one of: .csv, .tsv, .txt, .xlsx"),
    ],
)
def test_a_file_that_rejected_rows_cannot_go_to_is_wrong_use(
    rejects: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "inbox.csv"
    as_text(path)
    before = path.read_bytes()
    target = tmp_path / rejects.format(here=tmp_path.name)
    ran = run("screen", str(path), "--rejects", str(target))
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert expected in ran.err
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(UsageError):
        Rejects(tmp_path / "taken.csv", [])


# -- what is said of many


def many(path: Path, rows: int) -> None:
    """A file whose rows are rejected for three causes, in turn."""
    lines = ["id,received,type,countries"]
    for number in range(rows):
        wrong = (f"0{1 + number % 9}/04/2022,meeting", "2022-07-04,zzz", "2022-07-04,meeting")
        lines.append(f"A{number // 2 * 2},{wrong[number % 3]},Japan")
    path.write_text("\n".join(lines), "utf-8")


def test_a_few_errors_are_told_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "inbox.csv"
    many(path, 12)
    told = run("screen", str(path)).err.splitlines()
    assert all(line.startswith(f"{path}: row ") for line in told)
    assert len(told) > 6


def test_many_errors_are_told_by_cause(tmp_path: Path) -> None:
    path = tmp_path / "inbox.csv"
    many(path, 600)
    for language, more in (("en", "(the same in more rows: 199; 6, 9, 12, 15, 18 …)"), ("fr", "")):
        ran = run("screen", str(path), "--lang", language)
        told = ran.err.splitlines()
        assert len(told) <= 6
        assert not more or any(line.endswith(more) for line in told)
        assert "triage screen --rejects" in told[-1]
    assert ran.code == 1
