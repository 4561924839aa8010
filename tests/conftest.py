"""What every test shares: the settings of hypothesis, and whole documents that are kept as
files.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import BrowserContext, sync_playwright

from browsers import NONE_FOUND, SWITCHES, find_chromium
from copied import Copy
from support import shipped
from triage.rulebook.load import load_policy
from triage.service import backtesting

settings.register_profile("dev", deadline=None)
# The same examples on every run: a red build is a change of ours, never a lucky draw.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes the documents anew, for a person to look at the difference."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the files of tests/golden/ anew"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Where nobody looks at a difference, nothing is written."""
    if config.getoption("--update-golden") and os.environ.get("CI") == "true":
        raise pytest.UsageError("--update-golden is refused when CI=true")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the program and of its policy, to change."""
    return Copy.made(tmp_path)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a whole document with the file of that name under tests/golden/."""

    def compare(name: str, found: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(found, encoding="utf-8", newline="")
        assert path.is_file(), f"{name} is missing: run pytest --update-golden, and look at it"
        assert path.read_text(encoding="utf-8") == found.replace("\r\n", "\n"), (
            f"{name} differs; run pytest --update-golden if that is meant, and look at it"
        )

    return compare


@pytest.fixture
def policies_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backtests without the trial in a process of its own, which has its tests, and with the
    shipped policy at hand.
    """
    monkeypatch.setattr(backtesting, "try_policy", lambda *_: None)
    monkeypatch.setattr(
        backtesting, "load_policy", lambda path, _: load_policy(path) if path else shipped()
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One browser for the tests of a module, with an empty profile and no network.

    Not for the whole session: an event loop runs in this thread until it is closed, and other
    tests start their own.
    """
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright.chromium.executable_path)
        if chromium is None:
            pytest.skip(NONE_FOUND)
        profile = tmp_path_factory.mktemp("profile")
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=SWITCHES, offline=True
        )
        yield context
        context.close()
