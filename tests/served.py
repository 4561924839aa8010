"""Runs the API for tests: in a thread of this process, or as `triage serve` in another one."""

import asyncio
import http.client
import io
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import RULES, decider
from triage.messages import Language
from triage.service import Triage
from triage_api.app import create_app
from triage_api.logs import Log
from triage_api.security import Guard
from triage_api.server import LOCAL, Server

PATIENCE = 30.0
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """The answer to a request, its headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A running API: where it listens, and what it has logged."""

    port: int
    log: io.BytesIO

    @property
    def url(self) -> str:
        return f"http://{LOCAL}:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection(LOCAL, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """GET, with headers such as `accept_language`."""
        return self.ask("GET", path, None, _named(headers))

    def post(self, path: str, content: Any, **headers: str) -> Answer:
        """POST of JSON, or of bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.ask("POST", path, body, JSON | _named(headers))

    def upload(
        self,
        name: str,
        data: bytes,
        query: str = "",
        field: str = "inbox",
        more: Mapping[str, tuple[str, bytes]] | None = None,
        **headers: str,
    ) -> Answer:
        """POST of a file to `/v1/screenings`; `more` has the name and data of others by field."""
        body = b""
        for key, (file, content) in ({field: (name, data)} | dict(more or {})).items():
            head = f'Content-Disposition: form-data; name="{key}"; filename="{file}"\r\n\r\n'
            body += b"--edge\r\n" + head.encode() + content + b"\r\n"
        body += b"--edge--\r\n"
        form = {"Content-Type": "multipart/form-data; boundary=edge"}
        return self.ask("POST", f"/v1/screenings{query}", body, form | _named(headers))

    @property
    def logged(self) -> list[dict[str, Any]]:
        """Every event of the log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def shipped_triage(language: Language = "en", engine: str | None = None) -> Triage:
    """The use cases with the shipped policy, which is loaded once for all tests."""
    triage = Triage.__new__(Triage)
    triage.language, triage.decider = language, decider(engine)
    triage.policy = triage.decider.policy
    return triage


@contextmanager
def serving(guard: Guard | None = None, language: Language = "en") -> Iterator[Served]:
    """The API in a thread of this process, on a free port of 127.0.0.1, until the test ends."""
    log = io.BytesIO()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((LOCAL, 0))
    listener.listen()  # a request that comes before the server is ready waits for it
    app = create_app(shipped_triage(language), guard, Log(log))
    server = Server(app, listener, Log(log))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield Served(listener.getsockname()[1], log)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


@contextmanager
def process(*words: str, rules: Path = RULES) -> Iterator[tuple[subprocess.Popen[bytes], Served]]:
    """`triage serve` as a process of its own, until the test ends."""
    command = [sys.executable, "-m", "triage.cli", "serve", "--port", "0", "--rules", str(rules)]
    started = subprocess.Popen(
        [*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    )
    try:
        assert started.stdout is not None
        event = json.loads(started.stdout.readline())
        assert event["event"] == "listening"
        yield started, Served(event["port"], io.BytesIO())
    finally:
        if started.poll() is None:
            started.terminate()
        started.communicate(timeout=PATIENCE)
