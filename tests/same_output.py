"""Tells whether two checkouts of the program give the same output, in everything that users see.

    python tests/same_output.py OLD NEW                 record both checkouts and compare them
    python tests/same_output.py --record CHECKOUT DIR   record one checkout into a folder
    python tests/same_output.py --compare DIR DIR       compare two recordings

A checkout is a folder with `make setup` done. Every case of `tests/recorded/` (each command, form,
language, wrong use and API route) is run in it by its own Python, and what comes of it is kept as
one text file a case: exit code, standard output and error, and the files that were written;
workbooks as cells, Parquet as values. The exit code is 1 when a case differs, and 2 for wrong use.

    --only PATTERN    cases whose name matches, such as 'screen/*'; may be repeated
    --allow FILE      accepted differences, a TOML file (see `recorded/compare.py`)
    --jobs N          processes at once (2)
    --cold            run each command as a process of its own: slower, to check the quick way
    --times N         show the N slowest cases of each recording
    --keep DIR        keep the recordings of OLD and NEW in a folder; that of OLD is used again
                      while its commit, the patterns and this script are the same

What has to differ between two runs is replaced by a name; `recorded/normal.py` has the list.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from recorded.compare import COMPLETE, Allowed, compare

HERE = Path(__file__).resolve()


def main() -> int:
    """Record, compare, or both; the exit code."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], usage=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("places", nargs=2, type=Path, metavar="PLACE")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--record", action="store_true")
    way.add_argument("--compare", action="store_true")
    way.add_argument("--drive", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--allow", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--times", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    first, second = asked.places
    if asked.drive:
        from recorded.driver import drive  # noqa: PLC0415 - needs the Python of the checkout

        return drive(first, second, asked.only, asked.jobs, asked.cold, asked.times)
    if asked.record:
        return record(first, second, asked)
    allowed = Allowed.read(asked.allow)
    if asked.compare:
        return compare(first, second, asked.only, allowed)
    with tempfile.TemporaryDirectory(prefix="same-output-") as made:
        kept = asked.keep or Path(made)
        old, new, code = kept / "old", kept / "new", 0
        complete = old / COMPLETE
        if not complete.exists() or complete.read_text("utf-8") != stamp(first, asked.only):
            code = record(first, old, asked)
        return code or record(second, new, asked) or compare(old, new, asked.only, allowed)


def record(checkout: Path, folder: Path, asked: argparse.Namespace) -> int:
    """Record a checkout by its own Python."""
    python = checkout / ".venv" / "bin" / "python"
    if not python.exists():
        print(f"{checkout}: no .venv/bin/python in it; run `make setup` there", file=sys.stderr)
        return 2
    words = [str(python), str(HERE), "--drive", str(checkout.resolve()), str(folder.resolve())]
    words += [f"--only={one}" for one in asked.only] + ["--jobs", str(asked.jobs)]
    words += ["--cold"] * asked.cold + ["--times", str(asked.times)]
    started, before = time.monotonic(), sum(os.times()[2:4])
    # The order of a set of texts depends on this; it is to be the same in both recordings.
    done = subprocess.run(words, env={**os.environ, "PYTHONHASHSEED": "0"}, check=False)
    if done.returncode:
        print(f"recording {checkout} failed (exit code {done.returncode})", file=sys.stderr)
        return 2
    taken, used = time.monotonic() - started, sum(os.times()[2:4]) - before
    (folder / COMPLETE).write_text(stamp(checkout, asked.only), "utf-8")
    print(f"recorded {checkout} in {taken:.0f} s ({used:.0f} s of processors)", file=sys.stderr)
    return 0


def stamp(checkout: Path, only: Sequence[str]) -> str:
    """What a recording depends on: the commit of the checkout, the patterns, and this script."""
    words = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    commit = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    script = b"".join(path.read_bytes() for path in sorted((HERE.parent / "recorded").glob("*.py")))
    return f"{checkout.resolve()} {commit} {sorted(only)} {hashlib.sha256(script).hexdigest()}\n"


if __name__ == "__main__":
    sys.exit(main())
