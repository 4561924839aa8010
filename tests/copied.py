"""A copy of the program and of its policy, in which a test follows a recipe of CONTRIBUTING.md."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from support import ROOT

TESTS = Path(__file__).parent
PROGRAM = ("src", "api", "rules")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "pyproject.toml")


@dataclass(frozen=True)
class Copy:
    """A copy of the program and of its policy, each in a folder of its own."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Copy":
        copy = cls(folder)
        copy.take(*PROGRAM)
        return copy

    def take(self, *names: str) -> None:
        """Copy more folders of the project."""
        unwanted = shutil.ignore_patterns("__pycache__")
        for name in names:
            shutil.copytree(ROOT / name, self.folder / name, ignore=unwanted)

    def take_tests(self) -> None:
        """Copy the tests too, with the pages that they read."""
        self.take("tests", "docs", "examples")
        for name in PAGES:
            shutil.copy(ROOT / name, self.folder)

    def insert(self, file: str, text: str, before: str) -> None:
        """Put a text before another that stands once in a file."""
        path = self.folder / file
        whole = path.read_text("utf-8")
        assert whole.count(before) == 1
        path.write_text(whole.replace(before, text + before), "utf-8")

    def write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text, "utf-8")

    def append(self, file: str, text: str) -> None:
        with (self.folder / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    def python(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run Python in the copy, with the tests on its path."""
        tests = self.folder / "tests" if (self.folder / "tests").exists() else TESTS
        path = os.pathsep.join(map(str, (self.folder / "src", self.folder / "api", tests)))
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def triage(self, *words: str) -> str:
        """What a command of the copy says; it must go well, or find a difference (1)."""
        ran = self.python("-m", "triage.cli", *words)
        assert ran.returncode in (0, 1), ran.stderr
        return ran.stdout

    def failed(self, *tests: str) -> list[str]:
        """Those of some tests, such as `test_docs.py::test_x`, that fail in the copy."""
        words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=")
        ran = self.python(*words, *(f"tests/{test}" for test in tests))
        assert ran.returncode in (0, 1), ran.stdout + ran.stderr
        return [test for test in tests if f"FAILED tests/{test}" in ran.stdout]
