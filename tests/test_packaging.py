"""The wheel carries the policy, so that an installed `triage` finds it from any folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support import ROOT, shipped

pytest.importorskip("hatchling")


def test_an_installed_program_finds_its_policy_from_anywhere(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    command = [*pip, "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(installed)
    assert "triage/rules/policy.yaml" in names
    assert {"triage_api/app.py", "triage_api/examples.json"} <= set(names)
    templates = ("page.html", "blocks.html", "page.css")
    assert {f"triage/reports/templates/{name}" for name in templates} <= set(names)
    outside = ("tests", "rules", "examples", "api", "src")
    assert not [name for name in names if name.startswith(outside)]
    request = {"received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"]}
    done = subprocess.run(
        [sys.executable, "-m", "triage.cli", "assess", "-", "--format", "json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        input=json.dumps(request).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["policy"]["version"] == shipped().version


def test_pinned_requirements_carry_hashes_and_no_addresses() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert text.count("--hash=") >= len(pins)
