"""Suggestions in a sheet, the sheet as a person fills it in, and what becomes of the answers."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from commands import run

REQUESTS = [
    {
        "id": "A",
        "received": "2022-07-04",
        "engagement_type": "meeting",
        "requester_organization": "Embassy",
        "title": "Meeting with Japan on biometrics",
        "summary": "Mexican officials may join. Korea was not asked.",
    },
    {
        "id": "=B",
        "received": "2022-07-05",
        "countries": "Chile",
        "topics": "resettlement",
        "title": "Study tour on asylum systems",
    },
]
HEADS = {
    "en": [
        "Request number",
        "Title",
        "Fact",
        "Value",
        "In words",
        "Strength",
        "Rests on the words",
    ],
    "fr": [
        *("Numéro de la demande", "Titre", "Fait", "Valeur", "En mots", "Force"),
        "D'après les mots",
    ],
}
ANSWER = {"en": "Right? (yes or no)", "fr": "Exact\N{NO-BREAK SPACE}? (oui ou non)"}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "inbox.json"
    path.write_text(json.dumps(REQUESTS), "utf-8")
    return path


def sheet_of(path: Path) -> list[dict[str, str]]:
    """The rows of a sheet by their heads."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        heads, *others = [["" if cell is None else str(cell) for cell in row] for row in rows]
    else:
        text = path.read_text("utf-8-sig")
        heads, *others = csv.reader(io.StringIO(text), delimiter=";" if ";" in text[:40] else ",")
    return [dict(zip(heads, row, strict=True)) for row in others]


def filled(rows: list[dict[str, str]], path: Path, answers: dict[str, str], head: str) -> None:
    """Write a sheet with these answers by value; what has none stays open."""
    for row in rows:
        row[head] = answers.get(row[HEADS["fr" if "oui" in head else "en"][3]], "")
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for cells in ([*rows[0]], *([*row.values()] for row in rows)):
            book.worksheets[0].append(cells)
        for row_of_cells in book.worksheets[0].iter_rows():
            for cell in row_of_cells:
                cell.data_type = "s"
        book.save(path)
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)


def decisions(*options: str) -> dict[str, Any]:
    """The decisions of a screening as JSON, by request."""
    told = json.loads(run("screen", *options, "--format", "json").out)
    return {one["request_id"]: one for one in told["decisions"]}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_sheet_has_every_suggestion_of_a_fact_that_is_open(
    inbox: Path, language: str, suffix: str, tmp_path: Path
) -> None:
    sheet = tmp_path / f"sheet{suffix}"
    ran = run("screen", str(inbox), "--suggest-to", str(sheet), "--lang", language)
    assert ran.code == 1  # the second request has no type of engagement
    rows = sheet_of(sheet)
    assert [*rows[0]] == [*HEADS[language], ANSWER[language]]
    number, _, _, value, _, strength, words = HEADS[language]
    strong, weak = {"en": ("strong", "weak"), "fr": ("forte", "faible")}[language]
    found = [(row[number].lstrip("'"), row[value], row[strength], row[words]) for row in rows]
    assert found == [
        ("A", "biometrics", strong, "biometrics"),
        ("A", "JPN", strong, "Japan"),
        ("A", "MEX", weak, "Mexican"),
        ("A", "KOR", weak, "Korea"),
        ("A", "PRK", weak, "Korea"),
        ("=B", "study_tour", strong, "Study tour"),
    ]
    assert all(row[ANSWER[language]] == "" for row in rows)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_yes_is_a_fact_that_a_person_gave(
    inbox: Path, language: str, suffix: str, tmp_path: Path
) -> None:
    sheet = tmp_path / f"sheet{suffix}"
    run("screen", str(inbox), "--suggest-to", str(sheet), "--lang", language)
    yes, no = {"en": ("yes", "no"), "fr": ("Oui", "non")}[language]
    answers = {"biometrics": yes, "JPN": yes, "MEX": no, "study_tour": yes}
    filled(sheet_of(sheet), sheet, answers, ANSWER[language])
    told = run("screen", str(inbox), "--confirmed", str(sheet), "--lang", language)
    assert (told.code, told.err) == (0, "")
    found = decisions(str(inbox), "--confirmed", str(sheet))
    assert set(found) == {"A", "=B"}
    for one in found.values():
        assert "suggested_facts" not in one["flags"]
        assert any(f"Confirmed by a person in {sheet.name}" in text for text in one["advice"])
    given = REQUESTS[0] | {"topics": "biometrics", "countries": "Japan"}
    path = tmp_path / "given.json"
    path.write_text(json.dumps(given), "utf-8")
    for key in ("recommendation", "score", "rules"):
        assert decisions(str(path))["A"][key] == found["A"][key]


def test_a_no_keeps_the_words_from_being_used(inbox: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    run("screen", str(inbox), "--suggest-to", str(sheet))
    accepted = decisions(str(inbox), "--accept-suggestions")
    assert "JPN" not in str(accepted["A"]["unknown"])
    filled(sheet_of(sheet), sheet, {"biometrics": "no"}, ANSWER["en"])
    found = decisions(str(inbox), "--confirmed", str(sheet), "--accept-suggestions")
    assert "topics" in [one["fact"] for one in found["A"]["unknown"]]
    assert "topics" not in [one["fact"] for one in accepted["A"]["unknown"]]


def test_candidates_that_were_refused_leave_the_others(inbox: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    run("screen", str(inbox), "--suggest-to", str(sheet))
    accepting = ("--confirmed", str(sheet), "--accept-suggestions")
    filled(sheet_of(sheet), sheet, {"KOR": "no"}, ANSWER["en"])
    open_still = decisions(str(inbox), *accepting)["A"]
    assert not any("Countries" in text for text in open_still["advice"])
    filled(sheet_of(sheet), sheet, {"KOR": "no", "PRK": "no"}, ANSWER["en"])
    settled = decisions(str(inbox), *accepting)["A"]
    assert any("Countries" in text for text in settled["advice"])


def test_what_is_given_is_not_replaced(inbox: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "Request number,Fact,Value,Right? (yes or no)\n=B,Topics,biometrics,yes\n", "utf-8"
    )
    requests = [REQUESTS[1] | {"engagement_type": "study_tour"}]
    inbox.write_text(json.dumps(requests), "utf-8")
    before, after = decisions(str(inbox)), decisions(str(inbox), "--confirmed", str(sheet))
    assert before == after


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("A,Topics,biometrics,maybe", 'row 2: "maybe" is no answer; expected yes or no'),
        ("A,Colour,biometrics,yes", 'row 2: "Colour" is no fact that can be suggested'),
        ("A,Topics,biometric,yes", 'row 2: "biometric" is no value of the fact'),
        ("A,Countries,ZZZ,yes", 'row 2: "ZZZ" is no value of the fact'),
        ("Z,Topics,biometrics,yes", 'row 2: no request has the number "Z"'),
        ("A,Forum,gfmd,yes\nA,Forum,asean,yes", "row 3: a second value for a fact that has one"),
        ("A,Topics,biometrics,yes,more", "row 2: more cells than the header has names"),
    ],
)
def test_a_row_that_says_nothing_useful_gets_one_line(
    inbox: Path, tmp_path: Path, row: str, line: str
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"Request number,Fact,Value,Right? (yes or no)\n{row}\n", "utf-8")
    inbox.write_text(json.dumps(REQUESTS[:1]), "utf-8")
    ran = run("screen", str(inbox), "--confirmed", str(sheet))
    assert "Traceback" not in ran.err
    lines = [one for one in ran.err.splitlines() if one.startswith("sheet.csv")]
    assert len(lines) == 1
    assert lines[0].startswith(f"sheet.csv: {line}")


@pytest.mark.parametrize("option", ["--suggest-to", "--confirmed"])
def test_a_file_of_another_kind_is_wrong_use(inbox: Path, tmp_path: Path, option: str) -> None:
    path = tmp_path / "sheet.txt"
    path.write_text("x", "utf-8")
    ran = run("screen", str(inbox), option, str(path))
    assert (ran.code, ran.out) == (2, "")
    assert ".csv, .xlsx" in ran.err


def test_no_input_is_written_over(inbox: Path, tmp_path: Path) -> None:
    table = tmp_path / "inbox.csv"
    table.write_text("id,received,type\nA,2022-07-04,meeting\n", "utf-8")
    assert run("screen", str(table), "--suggest-to", str(table)).code == 2
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Request number,Fact,Value,Right? (yes or no)\nA,Topics,x,\n", "utf-8")
    options = ("--confirmed", str(sheet), "--suggest-to", str(sheet))
    assert run("screen", str(inbox), *options).code == 2
    assert run("screen", str(inbox), "--suggest-to", str(tmp_path / "no" / "x.csv")).code == 2


def test_a_table_without_the_columns_is_no_sheet(inbox: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Request number,Fact\nA,Topics\n", "utf-8")
    ran = run("screen", str(inbox), "--confirmed", str(sheet))
    assert ran.code == 2
    assert "these columns are missing: Value, Right? (yes or no)" in ran.err
    assert run("screen", str(inbox), "--confirmed", str(tmp_path / "missing.csv")).code == 2
