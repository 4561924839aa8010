"""The documentation is run: its commands give what they show, and its YAML is understood."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import ROOT, RULES
from triage.cli.app import COMMANDS
from triage.formats.yaml import parse
from triage.policy_diff.overlays import REMOVE
from triage.review.cases import EXPECT_KEYS
from triage.rulebook.read_vocabulary import FILE_KEYS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
VERSION = re.compile(r"\b[0-9a-f]{12}\b")
OTHER_KEYS = (REMOVE, "cases", "values", "document", "statements")
"""Keys of overlays, case files, parameters and sources."""


def blocks(page: Path, language: str) -> Iterator[str]:
    for indent, body in re.findall(
        rf"^( *)```{language}\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S
    ):
        yield "\n".join(line.removeprefix(indent) for line in body.splitlines()) + "\n"


def sessions() -> Iterator[tuple[str, str, str]]:
    for page in PAGES:
        for block in blocks(page, "console"):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                yield page.name, command, output


def shell(command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("page", "command", "output"), list(sessions()))
def test_a_transcript_shows_what_the_command_prints(page: str, command: str, output: str) -> None:
    """A line `[…]` stands for lines left out; the version of the policy is not compared."""
    found = VERSION.sub("…", shell(command)).rstrip()
    wanted = VERSION.sub("…", output).rstrip()
    pattern = re.escape(wanted).replace(re.escape("\n[…]\n"), r"\n(?:.*\n)*?")
    assert re.fullmatch(pattern, found), found


def test_there_are_transcripts_to_run() -> None:
    assert len(list(sessions())) >= 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_yaml_block_is_strict_yaml_with_known_keys(page: Path) -> None:
    for block in blocks(page, "yaml"):
        content = parse(block)
        for key in content:
            assert key in (*FILE_KEYS, *EXPECT_KEYS, *OTHER_KEYS), key


def test_every_command_is_documented() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    for command in COMMANDS:
        assert f"triage {command}" in text


def test_a_newcomer_adds_a_priority_country(tmp_path: Path) -> None:
    """docs/change-a-rule.md, step by step."""
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    assess = f"triage assess examples/proposals/peru.yaml --rules {rules}"
    assert "DEFER" in shell(assess)
    path = rules / "strategies" / "americas" / "countries.yaml"
    text = path.read_text("utf-8")
    (line,) = re.findall(
        r"^      2022-04-12: \{value: \[BRA, COL, CRI, GTM, HTI, MEX, PAN\], cite: \[W049\]\}\n",
        text,
        re.M,
    )
    added = "      2022-09-01: {value: [BRA, COL, CRI, GTM, HTI, MEX, PAN, PER]}\n"
    path.write_text(text.replace(line, line + added), "utf-8")
    output = shell(f"triage check {rules}")
    uncited = "americas_priority_countries: it rests on the strategy but cites no statement"
    assert f"parameter {uncited}" in output
    assert 'add "cite: [...]"' in output
    assert f"{path}:{text[: text.index(line)].count(chr(10)) + 2}: error:" in output
    path.write_text(text.replace(line, line + added.replace("]}", "], cite: [W049]}")), "utf-8")
    assert "Errors: 0;" in shell(f"triage check {rules}")
    assert "ACCEPT" in shell(assess)
