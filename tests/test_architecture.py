"""Rooms import only rooms below them, and use only the names that those open to others.

A room is a folder. The docstring of its `__init__.py` says what it is for, which rooms it stands
on, and its face: the names, by module, that other rooms use. `python tests/test_architecture.py`
prints what each face is now.
"""

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from support import ROOT

SOURCE = ROOT / "src" / "triage"
API = ROOT / "api" / "triage_api"

ROOMS = (
    "errors",
    "messages",
    "formats",
    "model",
    "deciding",
    "rulebook",
    "intake",
    "limits",
    "review",
    "advice",
    "columnar",
    "policy_diff",
    "backtest",
    "sweep",
    "reports",
    "service",
    "triage_api",
    "cli",
)
"""From the ground up: a room imports only rooms that stand before it. `errors` is a single file."""

OWN = ("triage", "triage_api")

SAYS_NOTHING = {
    *("base", "common", "core", "data", "helper", "helpers", "info", "main", "manager", "misc"),
    *("object", "objects", "other", "place", "side", "stuff", "thing", "things", "tools", "util"),
    *("utils", "way"),
}


@dataclass(frozen=True)
class Use:
    """One import, or one attribute of an imported module: `user` uses `name` of `module`."""

    user: str
    module: str
    name: str

    @property
    def crosses(self) -> bool:
        return room_of(self.user) != room_of(self.module)


def modules() -> dict[str, Path]:
    """The modules of `src` and `api` by dotted name, packages among them."""
    found = {}
    for root in (SOURCE, API):
        for path in root.rglob("*.py"):
            parts = path.relative_to(root.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def room_of(module: str) -> str:
    parts = module.split(".")
    return "triage_api" if parts[0] == "triage_api" else parts[1] if len(parts) > 1 else ""


def _aliases(node: ast.ImportFrom) -> Iterator[tuple[str, str, str]]:
    """Of an import from our own code: the module, the name in it (or `""`), and the local name."""
    base = node.module or ""
    for alias in node.names:
        full = f"{base}.{alias.name}"
        local = alias.asname or alias.name
        yield (full, "", local) if full in MODULES else (base, alias.name, local)


def uses(user: str) -> Iterator[Use]:
    """What a module uses of others; of a module imported whole, the attributes that it reads."""
    whole: dict[str, str] = {}
    for node in ast.walk(TREES[user]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OWN:
            for module, name, local in _aliases(node):
                yield Use(user, module, name)
                if not name:
                    whole[local] = module
    for node in ast.walk(TREES[user]):
        match node:
            case ast.Attribute(value=ast.Name(id=local), attr=name) if local in whole:
                yield Use(user, whole[local], name)


USES = sorted({use for user in MODULES for use in uses(user)}, key=str)
FOLDERS = [room for room in ROOMS if room != "errors"]


def docstring(room: str) -> str:
    name = room if room == "triage_api" else f"triage.{room}"
    return ast.get_docstring(TREES[name]) or ""


def face_of(room: str) -> dict[str, set[str]]:
    """The names that the docstring of a room opens to others, by module; "" is the room itself."""
    _, _, text = docstring(room).partition("Face:\n")
    found: dict[str, set[str]] = {}
    for module, names in re.findall(r"^    (\w+): ((?:.|\n {8})*)", text, re.M):
        found["" if module == "__init__" else module] = set(re.split(r",\s+", names.strip()))
    return found


def used_of(room: str) -> dict[str, set[str]]:
    """The names that other rooms use, by module."""
    found: dict[str, set[str]] = {}
    for use in USES:
        if use.crosses and room_of(use.module) == room and use.name:
            inside = use.module.split(".", 1 if room == "triage_api" else 2)
            module = inside[-1] if len(inside) > (1 if room == "triage_api" else 2) else ""
            found.setdefault(module, set()).add(use.name)
    return found


def stands_on(room: str) -> list[str]:
    users = {room_of(use.module) for use in USES if room_of(use.user) == room and use.crosses}
    return [one for one in ROOMS if one in users]


def written(room: str) -> str:
    """The end of a room's docstring as its imports have it."""
    lines = textwrap.wrap(f"Stands on: {', '.join(stands_on(room)) or 'nothing'}.", 96)
    if face := used_of(room):
        lines += ["", "Face:", ""]
        for module, names in sorted(face.items()):
            text = f"{module or '__init__'}: {', '.join(sorted(names))}"
            lines += textwrap.wrap(text, 96, initial_indent="    ", subsequent_indent="        ")
    return "\n".join(lines) + "\n"


def test_every_module_stands_in_a_room() -> None:
    found = {room_of(name) for name in MODULES}
    assert found - {"", "__main__"} == set(ROOMS)


def test_rooms_import_only_rooms_below_them() -> None:
    order = {room: number for number, room in enumerate(ROOMS)}
    for use in USES:
        user, used = room_of(use.user), room_of(use.module)
        if user in order and used in order and use.crosses:
            assert order[used] < order[user], f"{use.user} imports {use.module}"


@pytest.mark.parametrize("room", FOLDERS)
def test_no_modules_of_a_room_import_each_other_in_a_circle(room: str) -> None:
    graph: dict[str, set[str]] = {}
    for use in USES:
        inside = room_of(use.user) == room_of(use.module) == room
        if inside and MODULES[use.user].stem != "__init__":
            graph.setdefault(use.user, set()).add(use.module)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"in a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("room", FOLDERS)
def test_a_room_says_what_it_stands_on_and_what_others_use_of_it(room: str) -> None:
    """Other rooms use the face and nothing past it; the face opens nothing that nobody uses."""
    assert face_of(room) == used_of(room), f"its face is now:\n\n{written(room)}"
    found = re.search(r"^Stands on: ([^.]+)\.$", docstring(room), re.M)
    assert found, "no line `Stands on: ...`"
    assert " ".join(found[1].split()) == (", ".join(stands_on(room)) or "nothing")


def test_nothing_private_is_used_from_another_module() -> None:
    assert not [use for use in USES if use.name.startswith("_") and use.name != "__version__"]


def imports(tree: ast.AST) -> set[str]:
    """Every module that is imported, ours and others, anywhere in a module."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_durable_rules_is_imported_by_its_adapter_only() -> None:
    text = {name: path.read_text("utf-8") for name, path in MODULES.items()}
    users = [name for name, words in text.items() if "durable_rules_engine" in words]
    assert users == ["triage.deciding.durable"]
    assert not [name for name, tree in TREES.items() if {"durable", "durable.lang"} & imports(tree)]


def test_no_web_framework_and_no_network_below_the_api() -> None:
    frameworks = ("fastapi", "starlette", "uvicorn")
    forbidden = (*frameworks, "requests", "urllib.request", "http.client", "socket")
    for name, tree in TREES.items():
        if room_of(name) != "triage_api":
            assert not [used for used in imports(tree) if used.startswith(forbidden)], name


def test_only_the_command_line_knows_the_api_and_only_when_it_serves() -> None:
    users = {use.user for use in USES if use.module.startswith("triage_api") and use.crosses}
    assert users == {"triage.cli.serving"}
    body = TREES["triage.cli.serving"].body
    top = ast.Module([node for node in body if isinstance(node, ast.ImportFrom)], [])
    assert not [used for used in imports(top) if used.startswith("triage_api")]


def test_modules_and_functions_stay_small() -> None:
    """A longer module has two responsibilities; a longer function is not read in one sitting."""
    for name, path in MODULES.items():
        assert len(path.read_text("utf-8").splitlines()) <= 400, name
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{name}.{node.name}"


def test_a_public_class_name_is_used_once() -> None:
    names = Counter(
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert not [name for name, count in names.items() if count > 1]


def test_no_room_or_module_has_a_name_that_says_nothing() -> None:
    words = {word for name in MODULES for word in re.split(r"[._]", name)}
    assert not words & SAYS_NOTHING - {"main"}


def test_the_program_knows_no_strategy_country_or_topic() -> None:
    words = ("asia", "americas", "japan", "mexico", "jpn'", "irregular_migration")
    for name, path in MODULES.items():
        if name != "triage.model.countries" and room_of(name) != "triage_api":
            text = path.read_text(encoding="utf-8").lower()
            assert not [word for word in words if word in text], name


if __name__ == "__main__":
    for folder in FOLDERS:
        print(f"== {folder}\n{written(folder)}")
