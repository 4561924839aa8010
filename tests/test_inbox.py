"""Every row of a file is accepted or rejected; a file that cannot be read says why."""

import csv
import io
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import run
from support import REQUEST_FACTS, decider, shipped
from triage.errors import UsageError
from triage.intake.forms import FORMATS
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request

POLICY = shipped()


def read(*paths: Path) -> tuple[Inbox, list[Request]]:
    """Files read one after the other: the inbox, and the accepted requests."""
    inbox = Inbox(RequestReader(POLICY))
    return inbox, [one for path in paths for one in inbox.requests(str(path))]


def read_standard_input(content: bytes) -> tuple[Inbox, list[Request]]:
    """The same from standard input."""
    with patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(content))):
        return read(Path("-"))


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rejected(inbox: Inbox) -> list[tuple[int, str, str]]:
    """The row, field and value of each rejection."""
    return [(one.row, error.field, error.value) for one in inbox.rejected for error in one.errors]


# -- forms of a file

OBJECTS: list[dict[str, Any]] = [
    {
        "id": "A-1",
        "received": "2022-07-04",
        "engagement_type": "study_tour",
        "countries": ["JPN", "KOR"],
        "topics": ["asylum_systems", "biometrics"],
        "participants": 12,
        "agenda_attached": True,
    },
    {
        "id": "A-2",
        "received": "2022-07-05",
        "engagement_type": "meeting",
        "countries": ["MEX"],
        "officer_days": 2.5,
    },
]
CSV = """id,received,type,countries,topics,participants,agenda attached,officer days
A-1,2022-07-04,Study tour,Japan; South Korea,Asylum systems; Biometrics,12,yes,
A-2,2022-07-05,Meeting,Mexico,,,,2.5
"""
FRENCH = """N° de dossier;Date de réception;Type d'activité;Pays;Thèmes;Délégués;\
Ordre du jour joint;Jours-personnes
A-1;2022-07-04;Voyage d'études;Japon et Corée du Sud;Systèmes d'asile, Biométrie;12;oui;
A-2;2022-07-05;Réunion;Mexique;;;;2.5
"""
YAML = """- id: A-1
  received: 2022-07-04
  engagement_type: study_tour
  countries: [JPN, KOR]
  topics: [asylum_systems, biometrics]
  participants: 12
  agenda_attached: yes
- id: A-2
  received: 2022-07-05
  engagement_type: meeting
  countries: Mexico
  officer_days: 2.5
"""
LINES = "\n\n".join(json.dumps(one) for one in OBJECTS) + "\n"
FORMS: dict[str, str | bytes] = {
    "commas.csv": CSV,
    "crlf.csv": CSV.replace("\n", "\r\n"),
    "mark.csv": b"\xef\xbb\xbf" + CSV.encode(),
    "semicolons.csv": FRENCH,
    "without-accents.csv": FRENCH.translate(str.maketrans("éèœ", "eeo"))
    .upper()
    .replace("OUI", "Oui"),
    "tabs.csv": CSV.replace(",", "\t"),
    "tabs.tsv": CSV.replace(",", "\t"),
    "windows.csv": FRENCH.encode("cp1252"),
    "utf16.txt": FRENCH.replace(";", "\t").encode("utf-16"),
    "utf16-without-mark.csv": FRENCH.encode("utf-16-le"),
    "utf16-big.csv": b"\xfe\xff" + FRENCH.encode("utf-16-be"),
    "declared.csv": "sep=;\r\n" + FRENCH,
    "titled.csv": "Boîte de réception;;\n\n" + FRENCH,
    "list.json": json.dumps(OBJECTS, indent=1),
    "named.json": json.dumps({"requests": OBJECTS}),
    "mark.json": b"\xef\xbb\xbf" + json.dumps(OBJECTS).encode(),
    "lines.jsonl": LINES,
    "mark.ndjson": b"\xef\xbb\xbf" + LINES.encode(),
    "list.yaml": YAML,
    "commented.yml": "# two requests\n---\n" + YAML,
    "named.YAML": "requests:\n" + YAML,
}


@pytest.mark.parametrize("name", FORMS)
def test_the_same_requests_are_read_from_every_form_of_file(name: str, tmp_path: Path) -> None:
    inbox, found = read(write(tmp_path, name, FORMS[name]))
    assert found == [RequestReader(POLICY).request(one) for one in OBJECTS]
    assert (inbox.read, inbox.rejected, inbox.unknown_headers) == (2, [], {})


@pytest.mark.parametrize("name", FORMS)
def test_standard_input_shows_its_form(name: str) -> None:
    content = FORMS[name]
    inbox, found = read_standard_input(content.encode() if isinstance(content, str) else content)
    assert found == [RequestReader(POLICY).request(one) for one in OBJECTS]
    assert (inbox.read, inbox.rejected, inbox.unknown_headers) == (2, [], {})


@pytest.mark.parametrize("form", [json.dumps(OBJECTS[0]), json.dumps(OBJECTS[0], indent=2)])
def test_one_request_may_stand_alone(form: str, tmp_path: Path) -> None:
    _, found = read(write(tmp_path, "one.json", form))
    assert [one.id for one in found] == ["A-1"]
    assert read_standard_input(form.encode())[1] == found


def test_yaml_on_standard_input_may_have_commas_and_known_words_in_its_first_line() -> None:
    for start in ("title: Study tour, resettlement\ncountries: Japan\n", "countries:\n  - Japan\n"):
        content = f"{start}received: 2022-07-04\nengagement_type: meeting\n"
        assert read_standard_input(content.encode())[1][0].countries == frozenset(["JPN"])


def test_several_files_make_one_inbox(tmp_path: Path) -> None:
    first = write(tmp_path, "first.csv", CSV)
    second = write(tmp_path, "second.csv", CSV.replace("A-", "B-"))
    assert [one.id for one in read(first, second)[1]] == ["A-1", "A-2", "B-1", "B-2"]


# -- rows of a spreadsheet

HEAD = "id,received,type,countries"


def test_rejected_rows_name_the_line_on_which_they_start(tmp_path: Path) -> None:
    rows = (
        'A,2022-07-04,meeting,Japan,"two\nlines"\n\n , ,,\n'
        'B,soon,meeting,Japan,"three\n\nlines"\nC,soon,meeting,,\n'
    )
    inbox, found = read(write(tmp_path, "rows.csv", f"{HEAD},title\n{rows}"))
    assert [one.id for one in found] == ["A"]
    assert found[0].title == "two\nlines"
    assert rejected(inbox) == [
        (6, "received", "soon"),
        (9, "received", "soon"),
        (9, "countries", ""),
    ]
    assert inbox.read == 3


def test_a_row_with_too_many_cells_is_rejected_unless_they_are_empty(tmp_path: Path) -> None:
    rows = "A,2022-07-04,meeting,Japan,more,yet\nB,2022-07-04,meeting,Japan,, ,\n"
    short = "C,2022-07-04,meeting\n"
    inbox, found = read(write(tmp_path, "cells.csv", f"{HEAD}\n{rows}{short}"))
    assert [one.id for one in found] == ["B"]
    assert rejected(inbox) == [(2, "row", "more yet"), (4, "countries", "")]
    assert (
        inbox.rejected[0].errors[0].expected
        == "expected at most 4 cells, as in the header; found 6"
    )


def test_an_id_can_be_used_once_in_all_files(tmp_path: Path) -> None:
    first = write(
        tmp_path, "first.csv", f"{HEAD}\nA,2022-07-04,meeting,Japan\nA,2022-07-05,meeting,Japan\n"
    )
    second = write(tmp_path, "second.json", json.dumps(OBJECTS[0] | {"id": "A"}))
    inbox, found = read(first, second)
    assert [one.id for one in found] == ["A"]
    assert [(one.source, one.row) for one in inbox.rejected] == [(str(first), 3), (str(second), 1)]
    expected = f"the id is taken already, in {first} row 2"
    assert [error.expected for one in inbox.rejected for error in one.errors] == [
        expected,
        expected,
    ]


def test_the_same_request_twice_without_an_id_is_found_out(tmp_path: Path) -> None:
    row = "2022-07-04,meeting,Japan\n"
    inbox, found = read(write(tmp_path, "twice.csv", f"received,type,countries\n{row}{row}"))
    assert (len(found), [row for row, _, _ in rejected(inbox)]) == (1, [3])


def test_a_country_that_is_not_certain_rejects_no_row(tmp_path: Path) -> None:
    inbox, (request,) = read(write(tmp_path, "congo.csv", f"{HEAD}\nA,2022-07-04,meeting,Congo\n"))
    assert not inbox.rejected
    assert request.unresolved["countries"].candidates == ("COD", "COG")


def test_a_column_that_comes_twice_loses_nothing(tmp_path: Path) -> None:
    text = f"{HEAD},topics,Topics,Subjects\nA,2022-07-04,meeting,Japan,asylum,,biometrics\n"
    _, (request,) = read(write(tmp_path, "twice.csv", text))
    assert request.topics == frozenset(["asylum_systems", "biometrics"])


def test_columns_that_mean_nothing_are_named_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "more.csv",
        f"{HEAD},,Desk,Colour\nA,2022-07-04,meeting,Japan,note,x,\nB,2022-07-04,meeting,Japan,n,,\n",
    )
    assert read(path)[0].unknown_headers == {
        str(path): ["Desk", "Colour", "column 5, which has no header"]
    }
    assert [one.extra for one in read(path)[1]] == [
        {"column 5": "note", "Desk": "x"},
        {"column 5": "n"},
    ]
    ran = run("screen", str(path))
    said = f"{path}: no rule reads these fields, which are kept with the requests: "
    assert (ran.code, ran.err) == (0, f"{said}Desk, Colour, column 5, which has no header\n")


def test_keys_that_mean_nothing_are_named_once(tmp_path: Path) -> None:
    path = write(
        tmp_path, "more.json", json.dumps([one | {"topic_s": "asylum"} for one in OBJECTS])
    )
    assert read(path)[0].unknown_headers == {str(path): ["topic_s"]}


@pytest.mark.parametrize("name", ["inbox.csv", "inbox.json"])
def test_a_cell_of_two_megabytes_is_kept_or_refused_and_disturbs_no_other(
    name: str, tmp_path: Path
) -> None:
    large = "é" * 1_000_000
    rows = [
        {"id": "A", **SENSIBLE, "summary": large, "Remarks": "x"},
        {"id": "B", **SENSIBLE, "summary": "", "Remarks": large},
        {"id": "C", **SENSIBLE | {"countries": large}, "summary": "", "Remarks": ""},
        {"id": "D", **SENSIBLE | {"received": large}, "summary": "", "Remarks": ""},
        {"id": large, **SENSIBLE, "summary": "", "Remarks": ""},
    ]
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([list(rows[0]), *(one.values() for one in rows)])
    inbox, found = read(
        write(tmp_path, name, stream.getvalue() if name.endswith("csv") else json.dumps(rows))
    )
    assert [one.id for one in found] == ["A", "B", "C"]
    assert (len(found[0].facts.get("summary") or ""), len(found[1].extra["Remarks"])) == (
        1_000_000,
        1_000_000,
    )
    assert found[2].countries is None
    assert [[error.field for error in one.errors] for one in inbox.rejected] == [
        ["received"],
        ["id"],
    ]
    assert all(len(line) < 300 for one in inbox.rejected for line in one.lines("en"))


def test_a_cell_larger_than_any_text_is_wrong_use(tmp_path: Path) -> None:
    path = write(
        tmp_path, "large.csv", f"{HEAD},title\nA,2022-07-04,meeting,Japan,{'x' * 5_000_000}\n"
    )
    with pytest.raises(UsageError, match="a cell is larger than 4194304 bytes"):
        read(path)


def test_a_long_file_is_read_row_by_row(tmp_path: Path) -> None:
    """The first request comes before the second row is read, and memory stays flat."""
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(f"{HEAD},title\n")
        stream.writelines(
            f"R-{number},2022-07-04,meeting,Japan,{'title ' * 40}\n" for number in range(100_000)
        )
    inbox = Inbox(RequestReader(POLICY))
    requests = inbox.requests(str(path))
    next(requests)
    assert inbox.read == 1
    sizes = []
    for _ in requests:
        if inbox.read == 95_000:
            tracemalloc.start()
        elif inbox.read in (96_000, 99_000):
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert inbox.read == 100_000
    # All that stays of a row is its id and its place, for the rows that use the id again.
    assert (sizes[1] - sizes[0]) / 3_000 < 500


# -- rows of data


def test_a_broken_line_of_json_lines_is_rejected_and_the_others_go_on(tmp_path: Path) -> None:
    first, second = (json.dumps(one) for one in OBJECTS)
    lines = [first.encode(), b"{not json}", b"", b"[1]", b'"text"', b"\xff\xfe", second.encode()]
    inbox, found = read(write(tmp_path, "lines.jsonl", b"\n".join(lines)))
    assert [one.id for one in found] == ["A-1", "A-2"]
    assert [(row, field) for row, field, _ in rejected(inbox)] == [
        (2, "row"),
        (4, "row"),
        (5, "row"),
        (6, "row"),
    ]
    assert all(
        error.expected.startswith("expected") for one in inbox.rejected for error in one.errors
    )
    ran = run(
        "screen",
        "-",
        "--format",
        "json",
        stdin=b"\n".join([first.encode(), b"{not json}", second.encode()]),
    )
    assert json.loads(ran.out)["totals"]["rejected"] == 1


def test_rows_of_json_are_counted_and_rows_of_yaml_stand_on_lines(tmp_path: Path) -> None:
    items = [OBJECTS[0], 7, None, {"received": "2022-07-04"}]
    inbox, _ = read(write(tmp_path, "rows.json", json.dumps(items)))
    assert rejected(inbox) == [
        (2, "row", "7"),
        (3, "row", "None"),
        (4, "engagement_type", ""),
        (4, "countries", ""),
    ]
    inbox, _ = read(
        write(
            tmp_path,
            "rows.yaml",
            YAML + "- received: soon\n  type: meeting\n  countries: Japan\n- 7\n",
        )
    )
    assert rejected(inbox) == [(13, "received", "soon"), (16, "row", "7")]


# -- the output


def test_a_rejected_row_in_json_has_its_place_and_every_error(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "bad.csv",
        f"{HEAD},participants\nA,soon,meeting,Japan,ten\nB,2022-07-04,meeting,Japan,3\n",
    )
    ran = run("screen", str(path), "--format", "json")
    found = json.loads(ran.out)
    assert found["rejected"] == [
        {
            "source": str(path),
            "row": 2,
            "field": "received",
            "value": "soon",
            "expected": "expected a date as YYYY-MM-DD",
            "more": [
                {
                    "field": "participants",
                    "value": "ten",
                    "expected": "expected a whole number, 0 or more",
                }
            ],
        }
    ]
    assert {key: found["totals"][key] for key in ("read", "accepted", "rejected")} == {
        **{"read": 2, "accepted": 1, "rejected": 1}
    }
    assert ran.code == 1
    assert ran.err.splitlines() == [
        f'{path}: row 2: received: "soon": expected a date as YYYY-MM-DD',
        f'{path}: row 2: participants: "ten": expected a whole number, 0 or more',
    ]


def test_the_table_counts_rejected_rows_and_says_so_with_its_exit_code(tmp_path: Path) -> None:
    path = write(tmp_path, "bad.csv", f"{HEAD}\nA,soon,meeting,Japan\nB,2022-07-04,meeting,Japan\n")
    ran = run("screen", str(path))
    assert ran.code == 1
    assert "2 read:" in ran.out
    assert "1 rejected." in ran.out


def test_values_in_wide_letters_and_with_control_characters_keep_the_table_in_shape(
    tmp_path: Path,
) -> None:
    row = {
        "id": "外務省外務省",
        "received": "2022-07-04",
        "engagement_type": "meeting",
        "requester_organization": "省" * 40,
    }
    path = write(tmp_path, "wide.json", json.dumps([row, row | {"id": "a\x1b[31m\nb" + "x" * 200}]))
    lines = run("screen", str(path)).out.splitlines()
    assert lines[2].startswith("a [31m bxxx… defer")
    assert lines[3].startswith("外務省外務省 defer")
    assert max(map(len, lines)) <= 100


# -- files that cannot be read

UNREADABLE = {
    # name: content, what is said
    "empty.csv": (b"", "the file is empty; expected a header row"),
    "blank.csv": (b"\n \n", "the file is empty; expected a header row"),
    "header-only.csv": (CSV.splitlines()[0].encode(), "there is no request in it"),
    "blank-rows.csv": (CSV.splitlines()[0].encode() + b"\n,,\n\n", "there is no request in it"),
    "strange.csv": (
        b"colour,shape\nred,round\n",
        "no column of the header is known: colour, shape",
    ),
    "undefined.csv": (CSV.encode() + b"\xe9\x81\n", "the file is not UTF-8 text"),
    "cut.txt": (CSV.encode("utf-16")[:-1], "the file is not UTF-8 text"),
    "zip.csv": (b"PK\x03\x04\xff", "no column of the header is known: PK"),
    "quote.csv": (CSV.encode() + b'A-3,"2022', "cannot be read: unexpected end of data"),
    "empty.json": (b"", "1: this is not valid JSON: "),
    "broken.json": (b'[\n{"id": "A"},\n{"id": \n]', "4: this is not valid JSON: "),
    "latin.json": ('{"pays": "Haïti"}'.encode("latin-1"), "this is not valid JSON: "),
    "none.json": (b"[]", "there is no request in it"),
    "number.json": (b"7", "expected a request, or a list of requests"),
    "empty.jsonl": (b"\n", "there is no request in it"),
    "empty.yaml": (b"", "expected a request, or a list of requests"),
    "text.yaml": (b"just text", "expected a request, or a list of requests"),
    "twice.yaml": (b"id: A\nid: B\n", '2: "id" stands twice in the same place; first on line 1'),
    "broken.yaml": (b"id: [A\n", "this is not valid YAML: "),
    "latin.yaml": ("pays: Haïti\n".encode("latin-1"), "1: the file is not UTF-8 text"),
    "inbox.zip": (
        b"text",
        "cannot read this kind of file; expected one of: .csv, .tsv, .txt, .xlsx, .xlsm, .ods,",
    ),
    "inbox.doc": (b"text", ".doc files hold prose, not a table of requests; put the requests into"),
    "inbox.NUMBERS": (b"text", ".numbers files are not read; save the table as a workbook (.xlsx)"),
    "inbox": (CSV.encode(), "cannot read this kind of file; expected one of: "),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_wrong_use_and_one_line(name: str, tmp_path: Path) -> None:
    content, said = UNREADABLE[name]
    path = write(tmp_path, name, content)
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.message.startswith(f"{path}:")
    assert said in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "name", ["empty.csv", "header-only.csv", "cut.txt", "broken.json", "inbox.doc"]
)
def test_the_command_ends_with_2_and_one_line_for_such_a_file(name: str, tmp_path: Path) -> None:
    content, said = UNREADABLE[name]
    ran = run("screen", str(write(tmp_path, name, content)))
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ran.err.startswith("triage: ")
    assert said in ran.err


@pytest.mark.parametrize(
    "name", ["missing.csv", "missing.xlsx", "missing.json", "missing.yaml", "missing"]
)
def test_a_file_that_is_not_there_is_wrong_use(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        read(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["folder", "folder.csv", "folder.xlsx", "folder.json", "folder.jsonl", "folder.yaml"]
)
def test_a_folder_is_wrong_use(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read(tmp_path / name)


STANDARD_INPUT = {
    # what comes: what is said
    b"": "-: the file is empty; expected a header row",
    b"\xff\xfe": "-: the file is empty; expected a header row",
    b"pays: Ha\xefti\n": "-: the file is not UTF-8 text",
    b'{"pays": "Ha\xefti"}': "-: the file is not UTF-8 text",
    b'{"id": ': "-:1: this is not valid JSON",
    b'{\n "id": "A",\n "title": \n}': "-:4: this is not valid JSON",
    b'received,type\n2022-07-04,"meeting': "-: cannot be read: unexpected end of data",
    b"id: A\nid: B\n": '-:2: "id" stands twice in the same place; first on line 1',
    b"hello\n": "-: no column of the header is known: hello",
}


@pytest.mark.parametrize("content", STANDARD_INPUT)
def test_standard_input_that_cannot_be_read_is_wrong_use_and_one_line(content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read_standard_input(content)
    assert caught.value.message.startswith(STANDARD_INPUT[content])
    assert "\n" not in caught.value.message


def test_the_command_reads_standard_input() -> None:
    ran = run("screen", "-", "--format", "json", stdin=CSV.encode())
    assert (ran.code, ran.err) == (0, "")
    assert sorted(one["request_id"] for one in json.loads(ran.out)["decisions"]) == ["A-1", "A-2"]
    ran = run("assess", "-", stdin=b'received,type\n"2022')
    assert (ran.code, ran.out, ran.err) == (
        2,
        "",
        "triage: -: cannot be read: unexpected end of data\n",
    )


# -- whatever comes

CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            " ",
            "2022-07-04",
            "9999-12-31",
            "0001-01-01",
            "meeting",
            "Japan",
            "Congo",
            "JPN; MEX",
            "asylum",
        ]
    ),
    st.sampled_from(
        ["yes", "no", "12", "-1", "1e9", "none", "DG", "=1+1", '"', "a;b,c|d\ne", "élève"]
    ),
)
SENSIBLE = {"received": "2022-07-04", "engagement_type": "meeting", "countries": "Japan"}


@st.composite
def sheets(draw: st.DrawFn) -> tuple[str, int]:
    """A spreadsheet with any cells under known headers, and how many of its rows are not blank."""
    names = draw(st.lists(st.sampled_from(list(REQUEST_FACTS)), min_size=1, max_size=8))
    names += draw(st.sampled_from([[], list(SENSIBLE)]))
    rows = draw(st.lists(st.lists(CELLS, max_size=len(names) + 1), min_size=1, max_size=6))
    for row in rows:
        if draw(st.booleans()):
            row[:] = [SENSIBLE.get(name, cell) for name, cell in zip(names, row, strict=False)]
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    return stream.getvalue(), sum(any(cell.strip() for cell in row) for row in rows)


@settings(max_examples=150)
@given(sheets())
def test_every_row_of_any_spreadsheet_is_accepted_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, sheet: tuple[str, int]
) -> None:
    text, rows = sheet
    path = write(tmp_path_factory.getbasetemp(), "any.csv", text)
    inbox = Inbox(RequestReader(POLICY))
    if rows == 0:
        with pytest.raises(UsageError):
            list(inbox.requests(str(path)))
        return
    try:
        accepted = list(inbox.requests(str(path)))
    except UsageError:
        # Nothing but rows that are told for what they are.
        assert inbox.passed_over == inbox.read == rows
        return
    assert len(accepted) + len(inbox.rejected) + inbox.passed_over == inbox.read == rows
    assert all(one.errors for one in inbox.rejected)
    for request in accepted:
        assert decider("reference").decide(request).request == request


@settings(max_examples=200)
@given(
    st.sampled_from(FORMATS),
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
)
def test_any_content_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    path = write(tmp_path_factory.getbasetemp(), f"any{suffix}", content)
    inbox = Inbox(RequestReader(POLICY))
    problem, accepted = "", []
    try:
        accepted = list(inbox.requests(str(path)))
    except UsageError as error:
        problem = error.message
    assert "\n" not in problem
    assert problem or len(accepted) + len(inbox.rejected) == inbox.read
