"""What the project says of itself: its version, its hooks, and the page for those who change it."""

import re
from itertools import pairwise

import yaml

from support import ROOT
from triage import __version__

RELEASE = re.compile(r"^## \[(?P<version>\d+\.\d+\.\d+)\] - (?P<day>\d{4}-\d{2}-\d{2})$", re.M)
UNRELEASED = "## [Unreleased]\n"
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
# Files of the project: a path with a folder, or a name with an ending.
PATH = re.compile(r"[\w*-]+(/[\w.*-]*)+|[\w.-]+\.(md|yaml|toml|txt)")


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def releases() -> list[re.Match[str]]:
    """The sections of CHANGELOG.md that have a version, as they stand."""
    return list(RELEASE.finditer(CHANGELOG))


def test_the_version_is_that_of_the_newest_release_or_runs_ahead_of_it() -> None:
    """CONTRIBUTING.md: ahead only as `.dev0` of a later version, while something is unreleased."""
    newest = releases()[0]
    if __version__ != newest["version"]:
        later, dev, rest = __version__.partition(".dev0")
        assert (dev, rest) == (".dev0", "")
        assert numbers(later) > numbers(newest["version"])
        assert CHANGELOG[: newest.start()].partition(UNRELEASED)[2].strip()


def test_the_changelog_has_what_is_unreleased_first_and_then_the_newest_release() -> None:
    found = releases()
    heads = [line for line in CHANGELOG.splitlines(keepends=True) if line.startswith("## ")]
    assert heads[0] == UNRELEASED
    assert len(heads) == len(found) + 1
    for later, earlier in pairwise(found):
        assert numbers(later["version"]) > numbers(earlier["version"])
        assert later["day"] >= earlier["day"]


def test_the_hooks_run_what_the_set_up_installed_and_fetch_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [one["repo"] for one in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
        assert "additional_dependencies" not in hook


def test_the_page_for_contributors_names_files_targets_and_tests_that_there_are() -> None:
    named = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", CONTRIBUTING, flags=re.S))
    paths = [one for one in named if PATH.fullmatch(one)]
    assert len(paths) > 10
    assert [one for one in paths if not list(ROOT.glob(one))] == []
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", CONTRIBUTING, re.M)) <= targets
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    assert [one for one in named if one.startswith("test_") and f"def {one}(" not in tests] == []
    assert [
        one for one in re.findall(r"tests/\w+\.py", CONTRIBUTING) if not (ROOT / one).is_file()
    ] == []
