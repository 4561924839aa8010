"""CSV and workbooks: what they have, how they look, and that no cell runs as a formula."""

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

import hostile
from commands import run
from support import ROOT, shipped
from triage.formats.cells import LONGEST, clean, guarded
from triage.formats.write_xlsx import SheetColumn, WorkbookWriter
from triage.messages import LANGUAGES, Language, say

INBOX = str(ROOT / "examples" / "inbox.csv")
MISTAKES = str(ROOT / "examples" / "inbox-with-mistakes.csv")
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def screened(tmp_path: Path, form: str, *words: str, stdin: bytes = b"") -> Path:
    path = tmp_path / f"report.{form}"
    done = run("screen", *words, "--format", form, "--output", str(path), stdin=stdin)
    assert done.code in (0, 1), done.err
    assert done.out == ""
    return path


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cells(path: Path) -> dict[str, list[list[Any]]]:
    book = load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in book.worksheets}


# -- CSV


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_csv_says_where_it_comes_from_on_each_row(tmp_path: Path, language: Language) -> None:
    path = screened(tmp_path, "csv", INBOX, "--lang", language)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    every = rows(path)
    found = every[:50]
    names = ("rank", "version", "notice", "justification", "lead", "as-of")
    heads = {name: say(f"column-of-report.{name}", language) for name in names}
    assert [one[heads["rank"]] for one in every[50:]] == [""]
    assert [one[heads["rank"]] for one in found] == [str(number) for number in range(1, 51)]
    assert {one[heads["version"]] for one in every} == {shipped().version}
    assert {one[heads["notice"]] for one in every} == {shipped().notice[language]}
    assert all(
        one[heads["justification"]] and one[heads["lead"]] and one[heads["as-of"]] for one in found
    )


def test_rejected_rows_stand_at_the_end_of_the_csv(tmp_path: Path) -> None:
    found = rows(screened(tmp_path, "csv", MISTAKES))
    accepted = [one for one in found if one["Rank"]]
    rejected = found[len(accepted) :]
    assert len(accepted) == 3
    assert {one["Proposed"] for one in rejected} == {"rejected"}
    assert all("inbox-with-mistakes.csv: row" in one["Reason"] for one in rejected)


def test_no_cell_of_the_csv_begins_like_a_formula(tmp_path: Path) -> None:
    found = rows(screened(tmp_path, "csv", "-", stdin=hostile.requests(hostile.FORMULAS)))
    assert len([one for one in found if one["Rank"]]) == len(hostile.FORMULAS)
    texts = [cell for one in found for cell in one.values()]
    assert not [cell for cell in texts if cell.lstrip(" ").startswith(STARTS)]
    assert "'=ID-1" in {one["Request"] for one in found}


@given(st.text())
def test_a_guarded_text_is_the_text_or_the_text_after_an_apostrophe(text: str) -> None:
    assert guarded(text) in (clean(text), "'" + clean(text))
    assert not guarded(text).lstrip(" ").startswith(STARTS)


# -- XLSX


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_has_one_sheet_a_purpose(tmp_path: Path, language: Language) -> None:
    path = screened(tmp_path, "xlsx", INBOX, "--lang", language)
    titles = [
        say(f"report.{one}", language)
        for one in ("ranked", "justifications", "unknown", "rejected", "about")
    ]
    titles.insert(1, say("duplicates.sheet", language))
    titles[-1:-1] = [say(f"limits.{one}", language) for one in ("heading", "notes")]
    book: Any = load_workbook(path)
    assert book.sheetnames == titles
    for sheet in book.worksheets:
        assert sheet.freeze_panes is not None
        assert sheet.freeze_panes.endswith("2")
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.oddHeader.center.text.startswith("Classification")
        assert all(sheet.column_dimensions[cell.column_letter].width >= 6 for cell in sheet[1])
    ranked = book[titles[0]]
    assert ranked.max_row == 51
    received, score = ranked["D2"], ranked["F2"]
    assert isinstance(received.value, datetime)
    assert isinstance(score.value, int)
    assert ranked["C2"].alignment.wrap_text
    assert book.properties.subject == ranked.oddHeader.center.text


def test_the_sheets_of_a_workbook_tell_the_whole(tmp_path: Path) -> None:
    found = {
        title: [[cell.value for cell in row] for row in sheet]
        for title, sheet in cells(screened(tmp_path, "xlsx", MISTAKES)).items()
    }
    assert len(found["Ranked list"]) == len(found["Justifications"]) == 4
    points = found["Justifications"][1][2:8]
    assert sum(points[1:]) == points[0]
    unknown, rejected = found["Unknown facts"][1:], found["Rejected rows"][1:]
    assert {row[0] for row in unknown} <= {row[1] for row in found["Ranked list"][1:]}
    assert {row[5] for row in unknown} == {"yes", "no"}
    assert [row[1] for row in rejected] == sorted(row[1] for row in rejected)
    about = dict(found["About this report"][1:])
    assert about["Recommendation, not a decision"] == shipped().notice["en"]
    assert about["Policy version"] == shipped().version


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    path = screened(tmp_path, "xlsx", "-", stdin=hostile.requests(hostile.FORMULAS))
    rows = [row for sheet in cells(path).values() for row in sheet]
    found = [cell for row in rows for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} == {"s", "n", "d"}
    texts = {cell.value: cell for cell in found if cell.data_type == "s"}
    for title in hostile.FORMULAS:
        # Intake takes blanks off; a workbook keeps the rest as it is.
        assert title.strip() in texts
    assert texts["=ID-1"].quotePrefix
    assert not texts["#N/A"].quotePrefix


def test_a_cell_holds_what_it_can() -> None:
    assert clean("a\x00b\x07c\nd\te") == "a�b�c\nd\te"
    assert len(clean("x" * 40_000)) == LONGEST


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_goes_into_a_workbook_and_back(texts: list[str]) -> None:
    book = WorkbookWriter("title", "marking", "notice")
    sheet = book.sheet("sheet", [SheetColumn("head")])
    for text in texts:
        sheet.add(text)
    data = io.BytesIO(b"".join(book.pieces()))
    found = [row[0] for row in load_workbook(data)["sheet"].iter_rows(min_row=2, values_only=True)]
    found += [None] * (len(texts) - len(found))
    # XML turns every end of line into one character.
    assert [one or "" for one in found] == [
        clean(one).replace("\r\n", "\n").replace("\r", "\n") for one in texts
    ]


# -- action plans


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_action_plan_has_a_sheet_a_strategy_with_its_indicators_to_fill(
    tmp_path: Path, language: Language
) -> None:
    path = tmp_path / "plan.xlsx"
    words = ("--action-plan", "xlsx", "--lang", language, "--output", str(path))
    assert run("screen", INBOX, *words).code == 0
    book = load_workbook(path)
    for number, strategy in enumerate(shipped().strategies.values()):
        sheet = book.worksheets[number]
        assert sheet.title == strategy.short[language]
        asked = [one for one in shipped().indicators if one.strategy == strategy.id]
        heads = [cell.value for cell in sheet[1]]
        assert heads[-len(asked) :] == [one.label[language] for one in asked]
        assert sheet.max_row > 1
        first = len(heads) - len(asked) + 1
        for row in sheet.iter_rows(min_row=2, min_col=first, values_only=True):
            assert not any(row)
        (choices,) = sheet.data_validations.dataValidation
        terms = shipped().vocabularies["event_sizes"].terms.values()
        assert choices.formula1 == '"' + ",".join(term.label[language] for term in terms) + '"'


def test_the_statements_on_measuring_success_are_the_indicators() -> None:
    cited = {strategy: set[str]() for strategy in shipped().strategies}
    for one in shipped().indicators:
        cited[one.strategy] |= set(one.cite)
    assert cited == {
        "asia": {"A125", "A126", "A127", "A128", "A129", "A130"},
        "americas": {"W108", "W109", "W110", "W111"},
    }


def test_an_action_plan_has_the_accepted_engagements_only(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    assert run("screen", INBOX, "--action-plan", "csv", "--output", str(path)).code == 0
    found = rows(path)
    ranked = rows(screened(tmp_path, "csv", INBOX))
    accepted = {one["Request"] for one in ranked if one["Proposed"] == "accept"}
    assert {one["Request"] for one in found} == accepted
    assert {one["Strategy"] for one in found} == {"Asia", "Americas"}
    assert {one["Event size (Americas and Asia)"] for one in found} == {""}
    assert {one["Quality of applications and compliance (Asia)"] for one in found} == {""}


@pytest.mark.parametrize(
    "words",
    [
        ["--action-plan", "csv"],
        ["--action-plan", "xlsx", "--format", "json", "--output", "plan.xlsx"],
    ],
)
def test_an_action_plan_is_a_file_of_its_own(words: list[str]) -> None:
    done = run("screen", INBOX, *words)
    assert (done.code, done.out) == (2, "")
    assert "--action-plan" in done.err
