"""Markdown and HTML: the golden files, well-formed pages, and no typed text that is markup."""

import itertools
import re
from collections.abc import Callable
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

import hostile
from commands import run
from support import ENGINE_NAME, ROOT, RULES, shipped
from triage.messages import LANGUAGES
from triage.reports.entries import Entry
from triage.reports.markdown import escaped
from triage.service import Triage

PERU = "examples/proposals/peru.yaml"
MISTAKES = "examples/inbox-with-mistakes.csv"
VOID = {"meta", "br", "hr", "img", "input", "link"}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def made(*words: str, stdin: bytes = b"") -> str:
    done = run(*words, stdin=stdin)
    assert done.code in (0, 1), done.err
    return done.out


def settled(text: str) -> str:
    """Without what changes with every policy and machine."""
    text = ENGINE_NAME.sub("(engine)", text.replace(shipped().version, "(version)"))
    text = re.sub(r"\bD-[0-9a-f]{16}\b", "(decision)", text)
    text = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    return re.sub(r"sha256-[A-Za-z0-9+/=]+", "(digest)", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["md", "html"])
def test_the_brief_is_the_kept_one(
    golden: Callable[[str, str], None], language: str, form: str
) -> None:
    text = made("assess", PERU, "--format", form, "--lang", language)
    golden(f"brief-{language}.{form}", settled(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_the_kept_one(golden: Callable[[str, str], None], language: str) -> None:
    text = made("screen", "examples/inbox-fr.csv", "--format", "md", "--lang", language)
    golden(f"screening-{language}.md", settled(text))


class Page(HTMLParser):
    """Reads a page: which elements are open, the headings, the ids and where links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


BACKTEST = ["--set", "accept_threshold=50", "--max-flips", "1%", "--format", "html"]
PAGES = {
    "screening": ["screen", MISTAKES, "--format", "html"],
    "brief": ["assess", PERU, "--format", "html"],
    "explained": ["screen", "examples/inbox.csv", "--explain", "IN-2022-006", "--format", "html"],
    "worksheet": ["worksheet", "--as-of", "2022-07-04", "--format", "html"],
    "backtest": ["backtest", "examples/history/cases-synthetic-with-mistakes.csv", *BACKTEST],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_needs_nothing_else(name: str, language: str) -> None:
    text = made(*PAGES[name], "--lang", language)
    page = Page(text)
    assert page.open == []
    assert page.all("html") == [{"lang": f"{language}-CA"}]
    assert not page.all("script", "link", "img", "iframe", "object", "form")
    assert not [
        one
        for _, one in page.elements
        if set(one) & {"src", "style"} or any(key[:2] == "on" for key in one)
    ]
    # Charts name their own patterns; nothing else is fetched.
    assert "url(" not in text.replace("url(#", "")
    assert "@import" not in text
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))
    assert all(
        one["href"] and one["href"][0] == "#" and one["href"][1:] in ids for one in page.all("a")
    )
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.all("caption") or name == "brief"
    assert all("scope" in one for one in page.all("th"))


@pytest.mark.parametrize("name", PAGES)
def test_headings_go_down_one_level_at_a_time(name: str) -> None:
    levels = [
        int(tag[1]) for tag, _ in Page(made(*PAGES[name])).elements if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_report_tells_everything_that_it_must(form: str) -> None:
    text = made("screen", MISTAKES, "--format", form)
    plain = re.sub(r"\\([^\w\s])", r"\1", re.sub("<[^>]+>", "", text))
    for one in (
        *(shipped().version, shipped().notice["en"], "Classification: ", "IN-2022-101", "Routing"),
        *("row", "Ranked list", "Justifications", "Rejected rows", "About this report"),
        "could still change it",
    ):
        assert one in plain


def test_nothing_that_is_typed_becomes_markup() -> None:
    given = hostile.requests((hostile.MARKUP, "x" * 300))
    page = made("screen", "-", "--format", "html", stdin=given)
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    assert not Page(page).all("script")


def test_markdown_shows_marks_as_they_were_typed() -> None:
    markdown_it = pytest.importorskip("markdown_it")
    render = markdown_it.MarkdownIt("commonmark").enable("table").render
    marks = ("# head", "- item", "1. first", "+ more", "a | b", "> said", "===", "~~~")
    for text in (hostile.MARKUP, *marks):
        assert Page(render(escaped(text))).elements == [("p", {})]
    table = render(made("screen", "-", "--format", "md", stdin=hostile.requests((hostile.MARKUP,))))
    found = {tag for tag, _ in Page(table).elements}
    assert found <= {
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "br",
        "strong",
        "em",
        "blockquote",
        "ul",
        "li",
    } | {*("table", "thead", "tbody", "tr", "th", "td")}


def test_a_large_inbox_is_a_page_too(tmp_path: Path) -> None:
    """Entries are spooled and written piece by piece."""
    titles = tuple(f"Request {number}" for number in range(300))
    path = tmp_path / "large.html"
    done = run("screen", "-", "--format", "html", "-o", str(path), stdin=hostile.requests(titles))
    assert done.code == 0
    assert path.read_text("utf-8").count("<article") == 300


@pytest.mark.parametrize("form", ["md", "html", "csv"])
def test_a_report_goes_out_while_its_entries_are_still_read(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many requests there are, few of them stand in memory at once."""
    inbox = tmp_path / "inbox.json"
    inbox.write_bytes(hostile.requests(tuple(f"Request {number}" for number in range(300))))
    read, unpack = [], Entry.unpack

    def counted(data: bytes) -> Entry:
        read.append(data)
        return unpack(data)

    screening = Triage(RULES).screen([str(inbox)], form=form)
    monkeypatch.setattr(Entry, "unpack", counted)
    with closing(screening):
        pieces = screening.pieces()
        sizes = [len(piece) for piece in itertools.takewhile(lambda _: len(read) < 10, pieces)]
        assert len(read) < 40
        sizes += [len(piece) for piece in pieces]
        assert len(read) == (300 if form == "csv" else 600)
        assert max(sizes) < sum(sizes) / 20
