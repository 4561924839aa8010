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
    --keep DIR        keep the recordings of OLD and NEW here; a recording of OLD is used again

A recording of one commit may be kept and used again: it depends on the commit and on this script
only. What has to differ between two runs is replaced by a name; `recorded/normal.py` has the list.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from recorded.compare import Allowed, compare

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
        old, new = kept / "old", kept / "new"
        if not asked.keep or not (old / "complete").exists():
            record(first, old, asked)
        record(second, new, asked)
        return compare(old, new, asked.only, allowed)


def record(checkout: Path, folder: Path, asked: argparse.Namespace) -> int:
    """Record a checkout by its own Python."""
    python = checkout / ".venv" / "bin" / "python"
    if not python.exists():
        sys.exit(f"{checkout}: there is no .venv/bin/python in it; run `make setup` there")
    words = [str(python), str(HERE), "--drive", str(checkout.resolve()), str(folder.resolve())]
    words += [f"--only={one}" for one in asked.only] + ["--jobs", str(asked.jobs)]
    words += ["--cold"] * asked.cold + ["--times", str(asked.times)]
    started = time.monotonic()
    done = subprocess.run(words, check=False)
    if done.returncode:
        sys.exit(f"recording {checkout} failed (exit code {done.returncode})")
    print(f"recorded {checkout} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
