"""The documentation is run: its commands give what they show, and its YAML is understood."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from support import ENGINE_NAME, ROOT, RULES
from triage.cli.app import COMMANDS
from triage.formats.yaml import parse
from triage.policy_diff.overlays import REMOVE
from triage.review.cases import EXPECT_KEYS
from triage.rulebook.load import FILE_KEYS

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
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


def shell(command: str, **variables: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env=os.environ | {"PATH": path} | variables,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.stdout + done.stderr


def shown(found: str, transcript: str) -> bool:
    """Whether `found` is what a transcript shows, whatever the version of the policy and engine.

    A line with only an ellipsis stands for lines left out.
    """
    text, wanted = (
        ENGINE_NAME.sub("…", VERSION.sub("…", one)).rstrip() for one in (found, transcript)
    )
    pattern = re.escape(wanted).replace(re.escape("\n[…]\n"), r"\n(?:.*\n)*?")
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize(("page", "command", "output"), list(sessions()))
def test_a_transcript_shows_what_the_command_prints(page: str, command: str, output: str) -> None:
    found = shell(command)
    assert shown(found, output), found


@pytest.mark.parametrize(
    ("command", "output"), [one[1:] for one in sessions() if ENGINE_NAME.search(one[2])]
)
def test_a_transcript_that_names_the_engine_holds_without_it(
    command: str, output: str, tmp_path: Path
) -> None:
    """As on Python 3.13, or without a compiler: a shorter name must not move where lines break."""
    (tmp_path / "durable_rules_engine.py").write_text("raise ImportError\n", "utf-8")
    found = shell(command, PYTHONPATH=str(tmp_path))
    assert "durable-rules" not in found
    assert shown(found, output), found


def test_there_are_transcripts_to_run() -> None:
    assert len(list(sessions())) >= 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_yaml_block_is_strict_yaml_with_known_keys(page: Path) -> None:
    for block in blocks(page, "yaml"):
        content = parse(block)
        for key in content:
            assert key in (*FILE_KEYS, *EXPECT_KEYS, *OTHER_KEYS), key


def anchors(page: Path) -> set[str]:
    """Where a link into a page may lead: headings in lower case, no marks, dashes for spaces."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text("utf-8")):
        if "://" not in path:
            target = page.parent / path if path else page
            assert target.exists(), path
            assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_python_of_a_page_imports_is_there(page: Path) -> None:
    for block in blocks(page, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("triage"):
                module = import_module(node.module or "")
                assert [one.name for one in node.names if not hasattr(module, one.name)] == []


def test_the_page_on_the_architecture_names_what_is_there() -> None:
    """`room/module`, `room/module.Name` and `room/module.Name.member` of the code spans."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    spans = re.findall(r"`([a-z_]+)/([a-z_]+)((?:\.\w+)*)`", text)
    assert len(spans) > 30
    for room, module, names in spans:
        if room not in ("api", "docs", "messages", "rules", "src", "tests"):
            found: Any = import_module(f"triage.{room}.{module}")
            for name in names.split(".")[1:]:
                found = getattr(found, name)
