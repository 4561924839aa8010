"""The likely mistakes of an analyst, a file each, with exactly what `triage check` must say.

The head of a file says where it stands in a copy of the small valid policy bad_rules/base/, and
what is expected. Lines are those of the file itself, or `file:line` of another one.
"""

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import run
from support import request
from triage.deciding.decide import Decider
from triage.messages import LANGUAGES
from triage.review.checks import check_policy
from triage.rulebook.diagnostics import Diagnostic, diagnostic_codes
from triage.rulebook.load import read_policy
from triage.service import check

HERE = Path(__file__).parent / "bad_rules"
BASE = HERE / "base"
HEAD = re.compile(r"# (place|remove|encoding|expect|message|help): (.*)")
RULES = Path("rules")

# Diagnostics that no file here can show.
SHOWN_ELSEWHERE = {
    "bad-yaml": "what the parser says of rare mistakes; the likely ones have words of their own",
    "file-too-large": "a file of that size is made below",
    "no-folder": "there is no file in it",
    "overlay-both": "an overlay is no policy: tests/test_candidate.py has its mistakes",
    "overlay-strategy": "an overlay is no policy",
    "overlay-unknown": "an overlay is no policy",
    "strategy-of-another-folder": "a second strategy is added below",
    "unreadable": "a folder with the name of a file is made below",
}

ONLY_CHECKED = {
    *("unaccounted-statement", "cited-not-encoded", "thresholds-reversed", "event-sizes-reversed"),
    "limits-contradict",
    *("not-a-case-file", "bad-case-request", "unknown-rule", "unknown-parameter"),
}

Finding = tuple[str, int, str, str, str, str]
"""File, line, severity, code, message and help."""


@dataclass(frozen=True)
class Mistake:
    """One file of bad_rules/."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def head(self) -> list[tuple[str, str]]:
        return [match.groups() for line in self.text.splitlines() if (match := HEAD.match(line))]  # type: ignore[misc]

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.head if key == name), None)

    @cached_property
    def expected(self) -> list[Finding]:
        findings: list[Finding] = []
        for key, value in self.head:
            if key == "expect":
                severity, code, where = value.split()
                file, _, line = where.rpartition(":")
                own = (RULES / (self.get("place") or "")).as_posix().replace("rules/../", "")
                file = file or own
                findings.append((file, int(line), severity, code, "", ""))
            elif key == "message":
                findings[-1] = (*findings[-1][:4], value, "")
            elif key == "help":
                findings[-1] = (*findings[-1][:5], value)
        return findings

    def make(self) -> None:
        """Put the base policy with this mistake into the current folder."""
        shutil.copytree(BASE, RULES)
        if place := self.get("place"):
            target = RULES / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.text.encode(self.get("encoding") or "utf-8"))
        if remove := self.get("remove"):
            (RULES / remove).unlink()


MISTAKES = [Mistake(path) for path in sorted(HERE.glob("*.yaml"))]
EACH = [pytest.param(mistake, id=mistake.path.stem) for mistake in MISTAKES]
INBOX = "received,engagement_type,countries\n2024-05-01,study_tour,JPN\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plain(diagnostic: Diagnostic) -> Finding:
    where, message, help = diagnostic.where, diagnostic.message(), diagnostic.help()
    file = where.file.removeprefix(f"{Path.cwd()}/")
    return file, where.line, diagnostic.severity, diagnostic.code, message, help


# -- one mistake a file


def test_the_base_policy_has_no_finding() -> None:
    shutil.copytree(BASE, RULES)
    assert check(RULES).diagnostics == []


@pytest.mark.parametrize("mistake", EACH)
def test_a_mistake_gets_its_message_and_no_traceback(mistake: Mistake) -> None:
    mistake.make()
    assert mistake.expected
    checked = run("check", "rules", "--format", "json")
    assert (checked.code, checked.err) == (1, "")
    keys = ("line", "severity", "code", "message", "help")
    found = [
        (told["file"].removeprefix(f"{Path.cwd()}/"), *(told[key] for key in keys))
        for told in json.loads(checked.out)["diagnostics"]
    ]
    assert sorted(found) == sorted(mistake.expected)
    # Requests cannot be screened, and the errors are said; those of the policy as a whole are for
    # `check` alone.
    errors = [
        f"{file}:{line}: {message}"
        for file, line, severity, code, message, _ in mistake.expected
        if severity == "error" and code not in ONLY_CHECKED
    ]
    Path("x.csv").write_text(INBOX, "utf-8")
    screened = run("screen", "--rules", "rules", "x.csv")
    assert sorted(screened.err.splitlines()) == sorted(errors)
    assert screened.code == (2 if errors else 0)


def test_messages_are_one_line_in_lower_case() -> None:
    for mistake in MISTAKES:
        for _, _, _, _, message, help in mistake.expected:
            assert not message.endswith("."), mistake.path.name
            assert message[:1] in '"?' or message[:1].islower(), mistake.path.name
            assert help == "" or help[:1] in '"`' or help[:1].islower(), mistake.path.name


def test_every_diagnostic_has_a_file() -> None:
    codes = diagnostic_codes()
    shown = {code for mistake in MISTAKES for _, _, _, code, _, _ in mistake.expected}
    assert codes - shown == set(SHOWN_ELSEWHERE)
    assert shown <= codes


# -- what no single file can show


def test_three_mistakes_in_two_files_are_told_in_one_run() -> None:
    shutil.copytree(BASE, RULES)
    rules = RULES / "strategies" / "one" / "rules.yaml"
    text = rules.read_text("utf-8").replace("include any of", "include any")
    rules.write_text(text.replace("[S3]", "[S33]"), "utf-8")
    points = RULES / "operations" / "points.yaml"
    points.write_text(points.read_text("utf-8").replace("value: 40", "value: forty", 1), "utf-8")
    found = {(diagnostic.where.file, diagnostic.code) for diagnostic in check(RULES).diagnostics}
    assert found >= {
        ("rules/operations/points.yaml", "bad-value"),
        ("rules/strategies/one/rules.yaml", "unknown-condition"),
        ("rules/strategies/one/rules.yaml", "unknown-citation"),
    }


def test_rules_in_the_folder_of_another_strategy() -> None:
    shutil.copytree(BASE, RULES)
    policy = RULES / "policy.yaml"
    one, two = RULES / "strategies" / "one", RULES / "strategies" / "two"
    text = policy.read_text("utf-8")
    first = re.search(r"  one:\n(    .*\n)+", text)
    assert first is not None
    second = first[0].replace("one:", "two:").replace("One", "Two").replace("Un", "Deux")
    policy.write_text(text.replace(first[0], first[0] + second), "utf-8")
    two.mkdir()
    region = (one / "region.yaml").read_text("utf-8").partition("\n\n")[0]
    region = region.replace("strategy: one", "strategy: two")
    (two / "region.yaml").write_text(region, "utf-8")
    (one / "rules.yaml").rename(two / "rules.yaml")
    assert [plain(diagnostic) for diagnostic in check(RULES).diagnostics] == [
        (
            "rules/strategies/two/rules.yaml",
            1,
            "warning",
            "strategy-of-another-folder",
            "the file lies under strategies/two/, but its rules are read for strategy one",
            'correct "strategy:", or move the file',
        )
    ]


def test_a_folder_that_is_not_there() -> None:
    assert [plain(diagnostic)[1:5] for diagnostic in check(Path("nowhere")).diagnostics] == [
        (1, "error", "no-folder", "no such folder")
    ]


def test_a_file_that_is_too_large() -> None:
    shutil.copytree(BASE, RULES)
    (RULES / "large.yaml").write_text("# " + "x" * 1_000_000, "utf-8")
    assert [plain(diagnostic)[1:5] for diagnostic in check(RULES).diagnostics] == [
        (1, "error", "file-too-large", "the file is larger than 1000000 bytes")
    ]


def test_a_file_that_cannot_be_read() -> None:
    shutil.copytree(BASE, RULES)
    (RULES / "folder.yaml").mkdir()
    assert [plain(diagnostic)[1:4] for diagnostic in check(RULES).diagnostics] == [
        (1, "error", "unreadable")
    ]


def test_the_command_itself_gives_no_traceback() -> None:
    Mistake(HERE / "unknown-phrase.yaml").make()
    Path("x.csv").write_text(INBOX, "utf-8")
    for code, words in ((1, ["check", "rules"]), (2, ["screen", "--rules", "rules", "x.csv"])):
        ran = subprocess.run(
            [sys.executable, "-m", "triage.cli", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == code
        assert "Traceback" not in ran.stdout + ran.stderr
        assert 'unknown condition "countries include any"; did you mean' in ran.stdout + ran.stderr


# -- mistakes that nobody thought of

FILES = sorted(path.relative_to(BASE) for path in BASE.rglob("*.yaml"))
SCALARS = st.sampled_from(
    [
        *("", "~", "null", "true", "yes", "NO", "0", "-1", "7", "1.5", "007", "1e9", "2/3"),
        *("2024-02-30", "2022-04-12", "0001-01-01", "9999-12-31"),
        *("[]", "{}", "[[]]", "[null]", "[1, x]", "[[JPN]]", "{a: b}", "{a: {b: c}}"),
        *("JPN", "NO", "[JPN]", "topics", "countries", "one", "one_countries", "points_partner"),
        *("growth", "IIR", "set of topics", "true or false", "integer", "date", "setting"),
        *("strategy", "topics include", "forum is", "any of"),
        *("'", '"', "[", "}", "&a", "*a", "- x", "? x", "|", "!x", "{x}", '"{"', '"{x.count}"'),
        *('"\\ud800"', '"é\\u202e"', '"\\x1b[31m"', "x" * 3000),
    ]
)
CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e]")
VALUE = re.compile(r"(?<=[:\-] )[^\s{\[][^,}\]\n]*|\[[^\]\n]*\]|\{[^{}\n]*\}")


CHANGES = ["value", "value", "value", "delete", "repeat", "swap", "indent", "cut"]
"""How a text is changed; a value is what an analyst changes most."""


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Path, str]:
    """A file of the base, its text changed in one to three places."""
    file = draw(st.sampled_from(FILES))
    text = (BASE / file).read_text("utf-8")
    for _ in range(draw(st.integers(1, 3))):
        lines = text.splitlines(keepends=True)
        line = draw(st.integers(0, max(len(lines) - 1, 0)))
        match draw(st.sampled_from(CHANGES)):
            case "value" if places := list(VALUE.finditer(text)):
                place = draw(st.sampled_from(places))
                text = text[: place.start()] + draw(SCALARS) + text[place.end() :]
            case "delete":
                text = "".join(lines[:line] + lines[line + 1 :])
            case "repeat":
                text = "".join(lines[: line + 1] + lines[line:])
            case "swap" if len(text) > 1:
                at = draw(st.integers(0, len(text) - 2))
                text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            case "indent" if lines:
                lines[line] = draw(st.sampled_from(["  ", "\t", "- "])) + lines[line]
                text = "".join(lines)
            case "cut":
                text = text[: draw(st.integers(0, len(text)))]
    return file, text


@settings(max_examples=120)
@given(mutations())
def test_no_change_of_the_policy_raises_anything(mutation: tuple[Path, str]) -> None:
    file, text = mutation
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        shutil.copytree(BASE, RULES)
        (RULES / file).write_bytes(text.encode("utf-8", "surrogatepass"))
        policy, diagnostics = read_policy(RULES)
        if policy is not None and not diagnostics.errors:
            check_policy(policy, diagnostics)
        for diagnostic in diagnostics.sorted():
            for language in LANGUAGES:
                assert not CONTROL.search(diagnostic.line(language) + diagnostic.help(language))
    # What has no error can be used.
    assert policy is not None or diagnostics.errors
    if policy is not None and not diagnostics.errors:
        facts = {
            "countries": frozenset(("JPN",)),
            "topics": frozenset(("labour_mobility",)),
            "participants": 12,
        }
        Decider(policy).decide(
            request(received=date(2024, 5, 1), engagement_type="study_tour", **facts)
        )
