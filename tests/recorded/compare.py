"""Compares two recordings: a file a case, told with its command line and a short difference.

`--allow FILE` names a TOML file of differences that are meant:

    [[allow]]
    cases = "screen/*.en"        # which cases, as a pattern
    old = "will be deferred"     # a regular expression, replaced in the old record
    new = "waits"                # by this
"""

import difflib
import itertools
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

RECORDS = "records"
COMPLETE = "complete"
"""The file that tells that a recording has come to its end."""
MOST_LINES = 24
MOST_COLUMNS = 220
MOST_ALIKE = 2
"""How often the same difference is shown."""
MOST_COMPARED = 1500
"""Lines that are put side by side; of longer texts only what comes first is shown."""
SPACES = re.compile(r"[\u00a0\u2009\u202f\u200b-\u200f\u2011\u2060]")


@dataclass(frozen=True)
class Allowed:
    """Differences that are meant: in which cases, the old words, the new ones."""

    rows: tuple[tuple[str, str, str], ...]

    @classmethod
    def read(cls, path: Path | None) -> "Allowed":
        """The accepted differences of a file; none without one."""
        if path is None:
            return cls(())
        listed = tomllib.loads(path.read_text("utf-8")).get("allow", [])
        return cls(tuple((one["cases"], one["old"], one["new"]) for one in listed))

    def applied(self, name: str, text: str) -> str:
        """The old record of a case, as the accepted differences would have it."""
        for pattern, old, new in self.rows:
            if fnmatchcase(name, pattern):
                text = re.sub(old, new, text)
        return text


def chosen(name: str, only: Sequence[str]) -> bool:
    """Whether a case is asked for."""
    return not only or any(fnmatchcase(name, pattern) for pattern in only)


def compare(old: Path, new: Path, only: Sequence[str], allowed: Allowed) -> int:
    """Print each case that differs, and counts; 1 when there is any."""
    befores, afters = _records(old, only), _records(new, only)
    if not befores and not afters:
        print("there is nothing to compare", file=sys.stderr)
        return 2
    differ = 0
    told: Counter[tuple[str, ...]] = Counter()
    for name in sorted(befores.keys() | afters.keys()):
        if name not in befores or name not in afters:
            differ += 1
            print(f"=== {name}: only in {(new if name in afters else old)}\n")
            continue
        before, after = _text(befores[name]), _text(afters[name])
        if before != after and (before := allowed.applied(name, before)) != after:
            differ += 1
            lines = list(_difference(before, after))
            changed = tuple(line for line in lines if line.startswith(("-", "+")))
            told[changed] += 1
            if told[changed] <= MOST_ALIKE:
                _tell(name, after, lines)
            else:
                print(f"=== {name}: differs in the same way as others above\n")
    count = len(befores.keys() | afters.keys())
    print(
        f"{count} cases compared: {count - differ} are equal, {differ} differ, in {len(told)} ways"
    )
    return 1 if differ else 0


def _records(folder: Path, only: Sequence[str]) -> dict[str, Path]:
    root = folder / RECORDS
    if not (folder / COMPLETE).exists():
        print(f"{folder}: no complete recording", file=sys.stderr)
        sys.exit(2)
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {name: path for name, path in found.items() if chosen(name, only)}


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _tell(name: str, record: str, lines: Sequence[str]) -> None:
    commands = [line for line in record.splitlines() if line.startswith("$ ")]
    print(f"=== {name}", *(line[:MOST_COLUMNS] for line in commands[:3]), sep="\n")
    for line in lines[:MOST_LINES]:
        print("    " + SPACES.sub(lambda found: f"<U+{ord(found[0]):04X}>", line)[:MOST_COLUMNS])
    print("    ...\n" if len(lines) > MOST_LINES else "")


def _difference(before: str, after: str) -> Iterator[str]:
    """The lines that differ, with what they stand in; the common start and end are left out."""
    olds, news = _lines(before), _lines(after)
    start = 0
    while start < min(len(olds), len(news)) and olds[start] == news[start]:
        start += 1
    end = 0
    while end < min(len(olds), len(news)) - start and olds[-1 - end] == news[-1 - end]:
        end += 1
    section = next((one for one in reversed(olds[:start]) if one.startswith("--- ")), "")
    yield f"{section or '---'} line {start + 1}"
    context = olds[max(0, start - 2) : start]
    olds, news = olds[start : len(olds) - end], news[start : len(news) - end]
    yield from (f"  {one}" for one in context)
    pairs = difflib.unified_diff(olds[:MOST_COMPARED], news[:MOST_COMPARED], n=1, lineterm="")
    yield from itertools.islice(pairs, 2, None)


def _lines(text: str) -> list[str]:
    """Lines; long ones are broken where JSON, CSV or HTML has an end, alike on both sides."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += [line] if len(line) <= 160 else re.split(r'(?<=[>,;{\[]) *(?=[<"{\w])', line)
    return lines
