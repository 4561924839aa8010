"""Records the API: `triage serve` asked over HTTP, a session for each way to start it."""

import functools
import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recorded.compare import chosen
from recorded.normal import DRAWN, HEAD, LOG, SIZE, Normal, replaced
from recorded.shapes import as_text

LOCAL = "127.0.0.1"
PATIENCE = 60.0
Write = Callable[[str, str, float], None]


@dataclass(frozen=True)
class Ask:
    """One request, or several that make one record."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    raw: bytes | None = None
    """Sent as it is, instead of a request."""


@dataclass(frozen=True)
class Session:
    """A server: the words after `serve --port 0`, and what is asked of it."""

    name: str
    words: tuple[str, ...]
    asked: Callable[["Server"], Iterable[Ask]]


class Server:
    """A running server, and where its files are."""

    def __init__(self, checkout: Path, scratch: Path, session: Session) -> None:
        self.scratch, self._words = scratch, ("--port", "0", *session.words)
        place = scratch / "run" / f"server-{session.name}"
        place.mkdir(parents=True)
        self._log, self._errors = place / "log", place / "errors"
        script = checkout / ".venv" / "bin" / "triage"
        with self._log.open("wb") as log, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [script, "serve", *self._words],
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=errors,
            )
        end = time.monotonic() + PATIENCE
        while not (first := self._log.read_text("utf-8")).endswith("\n"):
            time.sleep(0.02)
            if time.monotonic() > end or self._process.poll() is not None:
                self._process.kill()
                raise RuntimeError(f"{session.name}: {first}{self._errors.read_text('utf-8')}")
        self.port = int(json.loads(first)["port"])

    def get(self, path: str) -> Any:
        """What a path has, as JSON."""
        return json.loads(self._answer(Ask("", "GET", path))[2])

    def told(self, ask: Ask, normal: Normal) -> str:
        """A request and its answer as the text of a record."""
        status, headers, body = self._answer(ask)
        known = "" if ask.body is None else f" with {len(ask.body)} bytes"
        lines = sorted(f"{name.lower()}: {value}" for name, value in headers)
        shown = f"$ {ask.method} {ask.path}{known} {dict(ask.headers)}\n{status}\n"
        head = replaced("".join(f"{line}\n" for line in lines), HEAD)
        content = replaced(as_text(body), DRAWN)
        if normal.text(content) != content or body.startswith(b"PK"):
            head = replaced(head, SIZE)
        return normal.text(f"{shown}--- headers\n{head}--- body\n{content}\n")

    def _answer(self, ask: Ask) -> tuple[str, Sequence[tuple[str, str]], bytes]:
        if ask.raw is not None:
            return self._spoken(ask.raw)
        connection = http.client.HTTPConnection(LOCAL, self.port, timeout=PATIENCE)
        # Each request has an id of its own by which its line in the log is found.
        named = {"X-Request-Id": ask.name.replace("/", ".")[:64]} if ask.name else {}
        try:
            connection.request(ask.method, ask.path, ask.body, {**named, **ask.headers})
            answer = connection.getresponse()
            return f"{answer.status} {answer.reason}", answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException) as error:
            return f"no answer: {type(error).__name__}", (), b""
        finally:
            connection.close()

    def _spoken(self, raw: bytes) -> tuple[str, Sequence[tuple[str, str]], bytes]:
        with socket.create_connection((LOCAL, self.port), PATIENCE) as link:
            link.sendall(raw)
            link.shutdown(socket.SHUT_WR)
            answer = b""
            while part := link.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        return first, [tuple(line.split(": ", 1)) for line in lines], body  # type: ignore[misc]

    def stop(self) -> str:
        """Tell it to stop; its exit code, its log and its errors as the text of a record."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE)
        # A line is written when its answer has gone, so their order may differ: here it is by text.
        lines = self._log.read_text("utf-8").splitlines(keepends=True)
        log = "".join(sorted(replaced(replaced(line, LOG), DRAWN) for line in lines))
        head = f"$ triage serve {' '.join(self._words)}\nexit {code}\n"
        return f"{head}--- log\n{log}--- standard error\n{self._errors.read_text('utf-8')}"


def sessions(
    write: Write, checkout: Path, scratch: Path, only: Sequence[str], normal: Normal
) -> list[Callable[[], None]]:
    """Work that records each session, as far as it is asked for."""
    from recorded.tables_pages import SESSIONS  # noqa: PLC0415 - the tables import this module

    wanted = [one for one in SESSIONS if not only or any(_asked(one, pattern) for pattern in only)]
    return [functools.partial(_record, one, write, checkout, scratch, normal) for one in wanted]


def _asked(session: Session, pattern: str) -> bool:
    """Whether a pattern may mean records of a session; then all of them are made."""
    name = f"api/{session.name}/"
    return pattern.startswith(name) or chosen(name, [pattern])


def _record(session: Session, write: Write, checkout: Path, scratch: Path, normal: Normal) -> None:
    server = Server(checkout, scratch, session)
    records: dict[str, str] = {}
    try:
        for ask in session.asked(server):
            begun = time.monotonic()
            name = f"api/{session.name}/{ask.name}"
            told = server.told(ask, normal)
            records[name] = records.get(name, "") + told
            write(name, records[name], time.monotonic() - begun)
    finally:
        write(f"api/{session.name}/the-log", normal.text(server.stop()), 0.0)
