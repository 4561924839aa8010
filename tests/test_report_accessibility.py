"""The pages in a real browser: WCAG 2.2 AA by axe, reflow at 320 pixels, print, no request."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

import hostile
from commands import run
from support import ROOT

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EXAMPLES = ROOT / "examples"
INBOX = str(EXAMPLES / "inbox.csv")
CHANGE = ["--candidate", str(EXAMPLES / "candidate" / "wider-door.yaml"), "--format", "html"]
HISTORY = str(EXAMPLES / "history" / "cases-synthetic.csv")
GRID = ["--set", "accept_threshold=45..70:5", "--set", "weight.partner=5..40:5"]
PAGES = {
    "screening": ["screen", str(EXAMPLES / "inbox-with-mistakes.csv"), "--format", "html"],
    "limits": [
        *("screen", INBOX, "--committed", str(EXAMPLES / "committed.csv")),
        *("--allocate", "best", "--format", "html"),
    ],
    "écran": ["screen", str(EXAMPLES / "inbox-fr.csv"), "--format", "html", "--lang", "fr"],
    "hostile": ["screen", "-", "--format", "html"],
    "brief": ["assess", str(EXAMPLES / "proposals" / "short-of-facts.yaml"), "--format", "html"],
    "note": [
        *("assess", str(EXAMPLES / "proposals" / "resettlement-visit.yaml")),
        *("--format", "html", "--lang", "fr"),
    ],
    "backtest": ["backtest", HISTORY, *CHANGE, "--by", "region,mission"],
    "essai": ["backtest", INBOX, *CHANGE, "--max-flips", "1%", "--lang", "fr"],
    "sweep": ["sweep", HISTORY, *GRID, "--format", "html"],
    "worksheet": ["worksheet", "--as-of", "2022-07-04", "--format", "html", "--lang", "fr"],
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each page as a file."""
    folder = tmp_path_factory.mktemp("pages")
    for name, words in PAGES.items():
        stdin = hostile.requests((hostile.MARKUP, hostile.WIDE)) if name == "hostile" else b""
        done = run(*words, stdin=stdin)
        assert done.code in (0, 1)
        (folder / f"{name}.html").write_text(done.out, "utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


def opened(browser: BrowserContext, path: Path, width: int) -> Page:
    """The page in a window of this width; its own file is all that it asks for."""
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    return page


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_passes_axe_and_needs_no_sideways_scrolling(
    browser: BrowserContext, pages: dict[str, Path], name: str, width: int
) -> None:
    page = opened(browser, pages[name], width)
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
        options = {"runOnly": WCAG, "resultTypes": ["violations"]}
        found = page.evaluate("options => axe.run(document, options)", options)["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    finally:
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_window_of_any_width_between(
    browser: BrowserContext, pages: dict[str, Path], name: str
) -> None:
    page = opened(browser, pages[name], 400)
    try:
        # On both sides of where the style turns tables into cards, or makes columns narrower.
        for width in (400, 600, 719, 721, 800, 960, 1087, 1089, 1200, 1247):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.close()


@pytest.mark.parametrize("name", ["brief", "note"])
def test_a_brief_prints_on_one_page(
    browser: BrowserContext, pages: dict[str, Path], name: str
) -> None:
    page = opened(browser, pages[name], 1280)
    try:
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="Letter"))) == 1
    finally:
        page.close()


def test_the_first_key_offers_to_skip_to_the_content(
    browser: BrowserContext, pages: dict[str, Path]
) -> None:
    page = opened(browser, pages["screening"], 1280)
    try:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") == 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
    finally:
        page.close()
