"""Every fact has a column in the empty inbox, with help and allowed values, that is read again."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from commands import run
from support import REQUEST_FACTS, shipped
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.intake.templates import csv_template, fields, workbook_template
from triage.messages import LANGUAGES, Language
from triage.model.facts import Kind

POLICY = shipped()
READER = RequestReader(POLICY)
FILLED = {
    "en": [
        "1",
        "Asylum",
        "",
        "4 July 2022",
        "Study tour",
        "",
        "",
        "",
        "",
        "South Korea; Japan",
        "",
        "Asylum systems",
    ],
    "fr": [
        "1",
        "Asile",
        "",
        "4 juillet 2022",
        "Voyage d'études",
        "",
        "",
        "",
        "",
        "Corée du Sud; Japon",
        "",
        "Systèmes d'asile",
    ],
}


def check(inbox: Inbox, path: Path) -> None:
    """The one request that was filled in."""
    (request,) = inbox.requests(str(path))
    assert (request.countries, request.topics) == (
        frozenset(["KOR", "JPN"]),
        frozenset(["asylum_systems"]),
    )
    assert (request.received.isoformat(), request.engagement_type) == ("2022-07-04", "study_tour")
    assert (inbox.rejected, inbox.unknown_headers) == ([], {})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_a_column_that_is_understood_with_help(language: Language) -> None:
    columns = fields(POLICY, language)
    assert [READER.header(one.label) for one in columns] == list(REQUEST_FACTS)
    assert all(one.question and one.form for one in columns)
    assert [one.fact.name for one in columns if one.required] == [
        *("received", "engagement_type", "requester_organization", "countries", "forum")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_to_choose_is_understood(language: Language) -> None:
    least = {"received": "2022-07-04", "engagement_type": "meeting", "countries": "Japan"}
    for one in fields(POLICY, language):
        for value in one.values:
            found = READER.request(least | {one.fact.name: value})
            assert not found.unresolved, value


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_inbox_as_text_can_be_filled_in_below_its_help(
    language: Language, tmp_path: Path
) -> None:
    data = csv_template(POLICY, language)
    assert data.startswith(b"\xef\xbb\xbf")
    text, delimiter = data.decode("utf-8-sig"), {"en": ",", "fr": ";"}[language]
    header, helped = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert len(header) == len(helped) == len(REQUEST_FACTS)
    assert all(helped)
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter).writerow(FILLED[language])
    path = tmp_path / "inbox.csv"
    path.write_bytes(data + line.getvalue().encode())
    check(Inbox(READER), path)
    path.write_bytes(
        b"\xef\xbb\xbf" + text.splitlines()[0].encode() + b"\r\n" + line.getvalue().encode()
    )
    check(Inbox(READER), path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_inbox_as_a_workbook_offers_the_allowed_values(
    language: Language, tmp_path: Path
) -> None:
    path = tmp_path / "inbox.xlsx"
    path.write_bytes(workbook_template(POLICY, language))
    book = load_workbook(path)
    requests, helped, lists = book.worksheets
    columns = fields(POLICY, language)
    assert [cell.value for cell in requests[1]] == [one.label for one in columns]
    assert (requests.freeze_panes, lists.sheet_state, helped.max_row) == (
        "A2",
        "hidden",
        len(columns) + 1,
    )
    rules = requests.data_validations.dataValidation
    assert len(rules) == len(columns)
    for one, rule in zip(columns, rules, strict=True):
        assert rule.prompt
        assert (rule.type == "list") is bool(one.values), one.label
        if one.values:
            name, _, cells = rule.formula1.rpartition("!")
            assert name.strip("'") == lists.title
            assert tuple(cell.value for (cell,) in lists[cells.replace("$", "")]) == one.values
        # Several values stand in a cell of a set, and any country name that is understood; a list
        # cannot know them.
        assert bool(rule.showErrorMessage) is (one.fact.kind in (Kind.ENUM, Kind.BOOLEAN))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_in_workbook_is_read_without_naming_its_sheet(
    language: Language, tmp_path: Path
) -> None:
    path = tmp_path / "inbox.xlsx"
    path.write_bytes(workbook_template(POLICY, language))
    ran = run("screen", str(path))
    assert (ran.code, ran.err) == (2, f"triage: {path}: there is no request in it\n")
    book = load_workbook(path)
    filled: list[Any] = [one or None for one in FILLED[language]]
    book.worksheets[0].append(filled)
    book.save(path)
    check(Inbox(READER), path)


def test_the_command_writes_it(tmp_path: Path) -> None:
    for language, head in (("en", "Request number,Title"), ("fr", "Numéro de la demande;Titre")):
        ran = run("screen", "--template", "csv", "--lang", language)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.removeprefix("\ufeff").startswith(head)
    assert run("screen", "--template", "xlsx", "--output", str(tmp_path / "new.xlsx")).code == 0
    assert len(load_workbook(tmp_path / "new.xlsx").worksheets) == 3


def test_it_takes_no_files_and_screening_needs_some() -> None:
    ran = run("screen", "inbox.csv", "--template", "csv")
    assert (ran.code, ran.out, ran.err) == (2, "", "triage: --template takes no files\n")
    ran = run("screen")
    assert (ran.code, ran.out, ran.err) == (
        2,
        "",
        "triage: name the files to screen; - is standard input\n",
    )
