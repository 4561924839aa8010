"""What a recording leaves out: options of a command and routes of the API that no case uses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

COMMAND = re.compile(r"(?m)^\$ triage (.+)$")
ASKED = re.compile(r"(?m)^\$ ([A-Z]+) (/[^ ?]*)")
OPTION = re.compile(r"(?m)^ +((?:-\w, )?--[\w-]+(?:, --[\w-]+)*)")


def left_out(records: Path) -> Iterator[str]:
    """A line for each option and route that none of the records shows in use."""
    texts = [path.read_text("utf-8") for path in sorted(records.rglob("*")) if path.is_file()]
    lines = [line for text in texts for line in COMMAND.findall(text)]
    for path in sorted((records / "help").glob("*.cold")):
        name = path.stem
        used = {word for line in lines if line.split()[0] == name for word in line.split()}
        for listed in OPTION.findall(path.read_text("utf-8")):
            if not used & set(listed.split(", ")):
                yield f"no case uses {name} {listed}"
    yield from _routes(records / "api" / "local", texts)


def _routes(folder: Path, texts: list[str]) -> Iterator[str]:
    described = folder / "read-openapi.json.en"
    if not described.exists():
        return
    body = described.read_text("utf-8").partition("--- body\n")[2]
    asked = {pair for text in texts for pair in ASKED.findall(text)}
    for path, methods in json.loads(body)["paths"].items():
        pattern = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path))
        for method in methods:
            if not any(one == method.upper() and pattern.fullmatch(at) for one, at in asked):
                yield f"no case asks {method.upper()} {path}"
