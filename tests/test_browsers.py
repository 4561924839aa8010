"""Which browser the tests of pages use."""

from pathlib import Path

import pytest

from browsers import COMMANDS, VARIABLE, find_chromium

NOWHERE = "/nonexistent/chromium"


@pytest.fixture(autouse=True)
def _no_other_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n", "utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_browser_on_the_path_is_found_under_each_of_its_names(
    tmp_path: Path, command: str
) -> None:
    assert find_chromium(NOWHERE) is None
    path = program(tmp_path / command)
    assert find_chromium(NOWHERE) == path


def test_the_one_that_playwright_has_fetched_is_found_last(tmp_path: Path) -> None:
    fetched = program(tmp_path / "chrome")
    assert find_chromium(fetched) == fetched
    path = program(tmp_path / "chromium")
    assert find_chromium(fetched) == path


def test_the_one_that_the_environment_names_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "chromium")
    named = program(tmp_path / "other")
    monkeypatch.setenv(VARIABLE, named)
    assert find_chromium(NOWHERE) == named


def test_a_browser_that_is_named_and_missing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "chromium")
    monkeypatch.setenv(VARIABLE, NOWHERE)
    with pytest.raises(FileNotFoundError, match=f"{VARIABLE}: there is no program"):
        find_chromium(NOWHERE)
