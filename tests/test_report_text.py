"""What a terminal shows of the parts of a document."""

import pytest

from commands import run
from support import ROOT
from triage.messages import LANGUAGES, Language
from triage.reports.document import PAGES, TERMINAL, Column, Item, Part, Table
from triage.reports.text import WIDTH, plainly, text_width


def test_parts_follow_each_other_with_what_is_under_them() -> None:
    items = [Item("a rule", source="A1"), Item("a question", name="fact"), Item("two\nlines")]
    inner = [
        Part("", "List", items=items),
        Part("", "Lines", items=[Item("not shown")], lines=[("  ", "one")]),
        Part("", "On pages", ["not shown"], only=PAGES),
        Part("", "", ["On a terminal."], only=TERMINAL),
    ]
    parts = [
        Part("", "Title", ["First.", "Second."], parts=inner),
        Part("", "", items=[Item("above")]),
    ]
    assert plainly(parts, "en").splitlines() == [
        *("Title", "First.", "Second.", ""),
        *("List:", "  - a rule [A1]", "  - a question (fact)", "  - two lines", ""),
        *("Lines:", "  one", "", "On a terminal.", "", "- above"),
    ]


@pytest.mark.parametrize(("language", "heading"), [("en", "List:"), ("fr", "List\u00a0:")])
def test_the_heading_of_a_list_ends_as_the_language_has_it(
    language: Language, heading: str
) -> None:
    inner = Part("", "List", items=[Item("one")])
    assert heading in plainly([Part("", "", parts=[inner])], language).splitlines()


def test_long_texts_stay_under_their_start_and_keep_their_own_lines() -> None:
    long = "word " * 40
    text = plainly([Part("", "", lines=[("- ", f"{long}\n  more {long}"), ("E1  ", long)])], "en")
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDTH
    starts = [line[: len(line) - len(line.lstrip())] for line in lines]
    assert starts == ["", "  ", "  ", *["    "] * 3, "", "    ", "    "]
    assert lines[3].strip().startswith("more")


def test_marks_that_take_no_column_do_not_break_a_line() -> None:
    row = "e\N{COMBINING DIAERESIS BELOW} " * 45 + "x" * 10
    assert len(row) > WIDTH == text_width(row)
    assert plainly([Part("", "", lines=[("", row)])], "en") == f"{row}\n"


@pytest.mark.parametrize("mark", ["\r", "\v", "\f", "\t"])
def test_nothing_moves_the_cursor(mark: str) -> None:
    assert mark not in plainly([Part("", "A title", [f"before{mark}after"])], "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_stands_below_the_list_of_its_part(language: Language) -> None:
    table = Table("Caption", "", [Column("Head")], [("cell",)])
    part = Part("", "Title", items=[Item("one")], tables=[table])
    lines = ["Title", "- one", "", "Caption", "Head", "----", "cell"]
    assert plainly([part], language).splitlines() == lines


def test_all_that_is_said_of_an_edit_stands_under_its_words() -> None:
    done = run("diff", "rules", str(ROOT / "tests" / "bad_rules" / "base"))
    entries = [line for line in done.out.splitlines() if "entry levels/deputy_minister" in line]
    assert entries == ["    entry levels/deputy_minister removed: Deputy minister"]
