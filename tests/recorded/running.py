"""One command: in a fork or a new process, with files or a terminal as its streams."""

import fcntl
import os
import signal
import sys
import termios
import time
import traceback
import tty
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import Any, NoReturn

PROMPT = b"> "
STREAMS = ("in", "out", "err")


@dataclass(frozen=True)
class Run:
    """A command and its surroundings."""

    place: Path
    words: tuple[str, ...]
    stdin: str | bytes | None = None
    terminal: frozenset[str] = frozenset()
    answers: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    report: Path | None = None
    """Where the names of all imported modules are written in the end."""


@dataclass(frozen=True)
class Ended:
    """What a command left behind; a terminal has both streams in one."""

    code: int | str
    streams: dict[str, bytes]


Program = Callable[[], object] | Sequence[str]


class Started:
    """A command that is under way."""

    def __init__(self, child: int, master: int | None, run: Run, files: Mapping[str, Path]) -> None:
        self._child, self._master, self._run, self._files = child, master, run, files

    def wait(self, seconds: float) -> Ended:
        """Wait for its end, answer what it asks, and collect what it said."""
        left, last = seconds, time.monotonic()
        shown = bytearray()
        answers = list(self._run.answers)
        code: int | str | None = None
        while code is None:
            if self._master is not None and not self._read(shown, answers):
                self._master = None
            if self._master is None:
                time.sleep(0.002)
            done, status = os.waitpid(self._child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
            now = time.monotonic()
            # A while in which everything was stopped, as on a shared machine, is not counted.
            left, last = left - min(now - last, 1.0), now
            if code is None and left < 0:
                os.killpg(self._child, signal.SIGKILL)
                os.waitpid(self._child, 0)
                code = f"none after {seconds:.0f} s"
        while self._master is not None and self._read(shown, answers):
            pass
        streams = {"terminal": bytes(shown)} if shown else {}
        titles = {"out": "standard output", "err": "standard error"}
        for stream, title in titles.items():
            if stream in self._files:
                streams[title] = self._files[stream].read_bytes()
                self._files[stream].unlink()
        return Ended(code, streams)

    def _read(self, shown: bytearray, answers: list[str]) -> bool:
        """Take what the terminal shows, type the next answer; False once it is closed."""
        assert self._master is not None
        if select([self._master], [], [], 0.01)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            if not data:
                os.close(self._master)
                return False
            shown += data
            if answers and shown.endswith(PROMPT):
                os.write(self._master, answers.pop(0).encode())
        return True


def start(program: Program, run: Run) -> Started:
    """Start a command. A function is called in a fork of this process, words are a new program."""
    files = {one: run.place / f".{one}" for one in ("out", "err") if one not in run.terminal}
    master, slave = os.openpty() if run.terminal else (None, None)
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            # A shell may have had it ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _streams(run, files, slave)
            os.chdir(run.place)
            os.environ.update(run.environment)
            _run(program, run)
        except BaseException:  # whatever it is, the process ends here
            traceback.print_exc()
            os._exit(71)
    if slave is not None:
        os.close(slave)
    return Started(child, master, run, files)


def _streams(run: Run, files: Mapping[str, Path], slave: int | None) -> None:
    """Put files or the terminal where the three streams are."""
    if slave is not None:
        tty.setraw(slave)
        modes = termios.tcgetattr(slave)
        # Lines, end of input and Ctrl-C as at a terminal; no echo, which would come at any time.
        modes[tty.LFLAG] |= termios.ICANON | termios.ISIG
        modes[tty.IFLAG] |= termios.ICRNL
        termios.tcsetattr(slave, termios.TCSANOW, modes)
        width = int(run.environment.get("COLUMNS", "100"))
        fcntl.ioctl(slave, termios.TIOCSWINSZ, _size(width))
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number, stream in enumerate(STREAMS):
        if stream in run.terminal:
            assert slave is not None
            os.dup2(slave, number)
        else:
            os.dup2(_opened(run, stream, files), number)


def _size(width: int) -> bytes:
    return b"".join(number.to_bytes(2, sys.byteorder) for number in (40, width, 0, 0))


def _opened(run: Run, stream: str, files: Mapping[str, Path]) -> int:
    if stream != "in":
        return os.open(files[stream], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if isinstance(run.stdin, bytes):
        given = run.place / ".in"
        given.write_bytes(run.stdin)
        opened = os.open(given, os.O_RDONLY)
        given.unlink()
        return opened
    return os.open(os.devnull if run.stdin is None else run.place / run.stdin, os.O_RDONLY)


def _run(program: Program, run: Run) -> NoReturn:
    if not callable(program):
        os.execv(program[0], [*program, *run.words])
    sys.argv = ["triage", *run.words]
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stdout = _text(1, "surrogateescape", os.isatty(1))
    sys.stderr = _text(2, "backslashreplace", True)
    code = _called(program)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if run.report:
        run.report.write_text("\n".join(list(sys.modules)))
    os._exit(code)


def _text(number: int, errors: str, by_line: bool) -> Any:
    """A stream as Python opens its own."""
    buffering = 1 if by_line else -1
    return open(number, "w", buffering, encoding="utf-8", errors=errors, closefd=False)


def _called(main: Callable[[], object]) -> int:
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # as Python does with what nobody catches
        traceback.print_exc()
        return 1
    return 0
