"""Records one checkout, run by its own Python.

The command line is imported once a language and every command is a fork of that process: starting
Python and importing take longer than most commands. Help and wrong use are in the language in which
the program was imported, hence one process a language. Cases marked `cold` start the installed
script instead; with `--cold` all do.
"""

import gc
import importlib
import os
import shlex
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import NoReturn

from recorded import inputs, pages, tables
from recorded.case import Case
from recorded.compare import COMPLETE, RECORDS, chosen
from recorded.coverage import left_out
from recorded.normal import Normal
from recorded.running import Run, start
from recorded.shapes import as_text

WARM = (
    "screen examples/inbox.csv --format xlsx",
    "screen examples/inbox-projects.csv --allocate best --format html",
    "screen examples/inbox-with-mistakes.csv --rejects rejects.xlsx --format json",
    "screen made/inbox.xlsx --format md",
    "screen --template xlsx",
    "screen made/cases.parquet --format csv",
    "screen examples/inbox.csv --action-plan xlsx --output plan.xlsx",
    "assess examples/proposals/peru.yaml examples/proposals/half-aligned-tour.yaml",
    "assess examples/proposals/peru.yaml --format html",
    "topics examples/inbox.csv",
    "check bad/period-reversed/rules",
    "test",
    "rules --schema",
    "worksheet --format html",
    "diff rules examples/candidate/wider-door.yaml --format html",
    "backtest made/few-cases.csv --set accept_threshold=55 --format xlsx",
    "backtest made/few-cases.parquet --set accept_threshold=55 --format html",
    "sweep made/few-cases.csv --set accept_threshold=55..60:5 --format html",
)
"""Commands whose modules are imported before anything is recorded. Only names of modules come of
them, so that nothing that they leave behind reaches a case."""

MODULES = "modules"
TIMES = "times"
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "HOME": "/nonexistent",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "TERM": "dumb",
    # `same_output.record` sets it for this process, from which others are forked.
    "PYTHONHASHSEED": "0",
    "POLARS_MAX_THREADS": "1",
}


def drive(
    checkout: Path, folder: Path, only: Sequence[str], jobs: int, cold: bool, times: int
) -> int:
    """Record every case that is asked for into a folder."""
    scratch = folder / "scratch"
    for made in (folder / RECORDS, scratch):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
    for name in (COMPLETE, MODULES, TIMES):
        (folder / name).unlink(missing_ok=True)
    os.environ.clear()
    os.environ.update(ENVIRONMENT, TMPDIR=str(scratch / "tmp"))
    (scratch / "tmp").mkdir()
    # In a process of its own: what is forked later must not have used Polars, which has threads.
    if forked(lambda: inputs.make(checkout, scratch)):
        return 1
    before = inputs.digest(scratch)
    recorder = Recorder(checkout, folder, scratch, cold)
    cases = [one for one in tables.cases(checkout) if chosen(one.name, only)]
    names = [one.name for one in cases]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two cases have one name: {sorted(doubled)}")
    failed = 0
    for french in (False, True):
        mine = [one for one in cases if one.french == french]
        work: list[Callable[[], None]] = [partial(recorder.record, one) for one in mine]
        if not french:
            sessions = pages.sessions(
                recorder.record_text, checkout, scratch, only, recorder.normal
            )
            work = [*sessions, *work]
        if work:
            failed += forked(partial(zygote, recorder, french, work, jobs))
    timed = sorted(
        (folder / TIMES).read_text().splitlines(), key=lambda one: -float(one.split()[0])
    )
    print(*timed[:times], sep="\n", end="\n" if times else "", file=sys.stderr)
    if not only:
        print(*left_out(folder / RECORDS), sep="\n", file=sys.stderr)
    if inputs.digest(scratch) != before:
        print("a case has changed the files that all of them read", file=sys.stderr)
        failed += 1
    shutil.rmtree(scratch)
    return failed


def forked(act: Callable[[], object]) -> int:
    """Do something in a process of its own; 0 when it went well."""
    child = os.fork()
    if child == 0:
        _end(act)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _end(act: Callable[[], object]) -> NoReturn:
    code = 70
    try:
        code = int(bool(act()))
    except BaseException:  # whatever it is, the process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def zygote(
    recorder: "Recorder", french: bool, work: Iterable[Callable[[], None]], jobs: int
) -> int:
    """Import the command line in one language, then do the work in forks, so many at once."""
    if not recorder.cold:
        recorder.load("fr" if french else "en")
    failed, running = 0, 0
    for act in work:
        if running >= jobs:
            failed += bool(os.wait()[1])
            running -= 1
        if os.fork() == 0:
            _end(act)
        running += 1
    while running:
        failed += bool(os.wait()[1])
        running -= 1
    return failed


class Recorder:
    """Runs cases of one checkout and writes their records."""

    def __init__(self, checkout: Path, folder: Path, scratch: Path, cold: bool) -> None:
        self.checkout, self.folder, self.scratch, self.cold = checkout, folder, scratch, cold
        self.script = checkout / ".venv" / "bin" / "triage"
        said = subprocess.run(
            [self.script, "--version"], capture_output=True, text=True, check=True
        )
        version = said.stdout.split()[-1]
        self.normal = Normal(str(checkout), str(scratch), version, date.today())
        self.main: Callable[[], object] | None = None
        (folder / TIMES).write_text("")

    def load(self, language: str) -> None:
        """Import the command line and what its commands import, in one language."""
        sys.argv = ["triage", "--lang", language]
        main = importlib.import_module("triage.cli").main
        known = self.folder / MODULES
        if not known.exists():
            known.write_text("\n".join(self._needed(main)))
        for name in known.read_text().split():
            with suppress(Exception):
                importlib.import_module(name)
        self.main = main
        gc.collect()
        gc.freeze()

    def _needed(self, main: Callable[[], object]) -> list[str]:
        """The modules that some commands of every kind import, in the order in which they do."""
        names: dict[str, None] = {}
        for half in (WARM[::2], WARM[1::2]):
            started = []
            for line in half:
                place = self._place(f"warm/{line}")
                run = Run(place, tuple(line.split()), report=place / "modules")
                started.append((place, start(main, run)))
            for place, one in started:
                one.wait(300)
                names |= dict.fromkeys((place / "modules").read_text().split())
        return list(names)

    def record(self, one: Case) -> None:
        """Run a case and write its record."""
        place = self._place(one.name)
        for source in one.copies:
            shutil.copy(self.scratch / source, place)
        given = [(self.scratch / source).read_bytes() for source in one.copies]
        parts = []
        for words in one.commands:
            run = Run(
                place,
                words,
                one.stdin,
                frozenset(one.terminal.split()),
                one.answers,
                one.environment,
            )
            program = [sys.executable, "-m", one.module] if one.module else [str(self.script)]
            main = None if self.cold or one.cold or one.module else self.main
            ended = start(main or program, run).wait(300)
            parts.append(f"$ {one.module or 'triage'} {shlex.join(words)}\nexit {ended.code}\n")
            for title, data in ended.streams.items():
                parts.append(f"--- {title}\n{_ended(as_text(data))}" if data else "")
        for path in sorted(place.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            name, data = path.relative_to(place), path.read_bytes()
            if data not in given:
                parts.append(f"--- file {name}\n{_ended(as_text(data))}")
        self.record_text(one.name, self.normal.text("".join(parts)), sum(os.times()[:4]))
        shutil.rmtree(place)

    def record_text(self, name: str, text: str, seconds: float) -> None:
        """Write a record, and how long it took."""
        path = self.folder / RECORDS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        with (self.folder / TIMES).open("a") as stream:
            stream.write(f"{seconds:.2f} {name}\n")

    def _place(self, name: str) -> Path:
        """A folder to run in, with the examples and the policy in it."""
        place = self.scratch / "run" / name.replace("/", "-")
        place.mkdir(parents=True)
        for linked in inputs.LINKED:
            (place / linked).symlink_to(self.scratch / linked)
        return place


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}<no end of line>\n"
