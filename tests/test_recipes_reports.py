"""The recipe for a column of the screening report, followed on a copy, shows it in every form."""

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from copied import Copy

ENTRIES = "src/triage/reports/entries.py"
VALUE = """\
        topics=words.value("topics", request.topics) if request.topics else "",
"""
COLUMN = """\
    RankedColumn("column-of-report.topics", lambda rank, one: one.topics, ALL, 30, "wide"),
"""
LINE = """\
    LineColumn("column.topics", 6, lambda decision, _: str(len(decision.request.topics or ()))),
"""
INBOX = """\
id,received,engagement_type,countries,topics
1,2022-07-05,meeting,JPN,removals
2,2022-07-05,meeting,JPN,
"""
HEADS = {"en": ("Topics", "topics"), "fr": ("Thèmes", "thèmes")}
REMOVALS = {"en": "Removals cooperation", "fr": "Coopération en matière de renvois"}


@pytest.fixture
def with_column(copy: Copy) -> Copy:
    copy.insert(ENTRIES, "    topics: str\n", "    classification: str\n")
    copy.insert(ENTRIES, VALUE, "        classification=named(")
    copy.insert(ENTRIES, COLUMN, '    RankedColumn("column-of-report.lead", ')
    copy.insert(ENTRIES, LINE, "    LineColumn(REASON, ")
    for language, (head, short) in HEADS.items():
        file = f"src/triage/messages/{language}.toml"
        copy.insert(file, f'topics = "{short}"\n', "\n[screen]\n")
        copy.insert(file, f'topics = "{head}"\n', "\n[problem]\n")
    copy.write("inbox.csv", INBOX)
    return copy


def in_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def in_workbook(path: Path) -> list[list[str]]:
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [[str(cell or "") for cell in row] for row in rows]


def in_markdown(path: Path) -> list[list[str]]:
    lines = path.read_text("utf-8").partition("\n## ")[2].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in (rows[0], *rows[2:4])]


def on_page(path: Path) -> list[list[str]]:
    """The rows of the first table, each cell without its markup."""
    table = path.read_text("utf-8").partition("<tbody")
    texts = [part.partition(">")[2] for part in (table[0] + table[2]).split('<tr role="row">')]
    rows = [row.replace("</td>", "</th>").split("</th>") for row in texts[1:4]]
    return [[cell.rpartition(">")[2].strip() for cell in row] for row in rows]


READ = {"csv": in_csv, "xlsx": in_workbook, "md": in_markdown, "html": on_page}


@pytest.mark.parametrize("language", HEADS)
def test_a_new_column_stands_in_every_form(with_column: Copy, language: str) -> None:
    copy, (head, short) = with_column, HEADS[language]
    common = ("screen", "inbox.csv", "--rules", "rules", "--lang", language)
    for form, read in READ.items():
        copy.triage(*common, "--format", form, "--output", f"report.{form}")
        heads, *rows = read(copy.folder / f"report.{form}")
        column = heads.index(head)
        assert [row[column] for row in rows] == [REMOVALS[language], ""], form
    heads_line, dashes, *lines = copy.triage(*common).splitlines()
    start = heads_line.index(short)
    assert dashes[start : start + 6] == "-" * 6
    assert [line[start : start + 6].strip() for line in lines[:2]] == ["1", "0"]
