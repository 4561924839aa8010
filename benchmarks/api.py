"""Decisions over HTTP on loopback, beside an empty FastAPI endpoint that takes the same body model.

Each of the two servers is one process. 8 connections ask without a pause, a few seconds of the one
and a few of the other in turn, so that both see the same moments of a shared machine. The empty
endpoint has no middleware, validates the request model, and answers `{}` from prepared bytes.

Run: python benchmarks/api.py [--seconds 60]
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.rulebook.load import load_policy

ROOT = Path(__file__).parents[1]
CLIENTS = 8
TURN = 2.5
SERVE = ["-m", "triage.cli", "serve", "--port", "0"]
HEAD = (
    "POST /v1/decisions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
)
EMPTY = ["-c", "import runpy, sys; runpy.run_path(sys.argv[1])['empty']()", __file__]


def empty() -> None:
    """Serve the empty endpoint."""
    import uvicorn
    from fastapi import FastAPI, Response

    from triage.model.facts import Request

    app = FastAPI()

    @app.post("/v1/decisions")
    async def nothing(request: Request) -> Response:
        return Response(b"{}", media_type="application/json")

    class Server(uvicorn.Server):
        async def startup(self, sockets: list | None = None) -> None:
            await super().startup(sockets)
            address, port = self.servers[0].sockets[0].getsockname()
            print(json.dumps({"event": "listening", "address": address, "port": port}), flush=True)

    Server(uvicorn.Config(app, port=0, log_config=None, access_log=False)).run()


class Client(asyncio.Protocol):
    """One connection that asks without a pause and reads only the status and length of answers."""

    def __init__(
        self, requests: list[bytes], times: list[float], ends: float, done: asyncio.Future
    ) -> None:
        self.requests, self.times, self.ends, self.done = requests, times, ends, done
        self.chance = random.Random(len(times))
        self.wanted, self.errors, self.head = 0, 0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send one request."""
        self.started = time.perf_counter()
        if self.started >= self.ends:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(self.errors)
            return
        self.transport.write(self.chance.choice(self.requests))

    def data_received(self, data: bytes) -> None:
        """Count the answer down to its end."""
        if not self.wanted:
            self.head += data
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            self.errors += not head.startswith(b"HTTP/1.1 200 ")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self.head, self.wanted = b"", length - len(body)
        else:
            self.wanted -= len(data)
        if self.wanted <= 0:
            self.wanted = 0
            self.times.append(time.perf_counter() - self.started)
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that ends early is an error."""
        if not self.done.done():
            self.done.set_result(self.errors + 1)


async def turn(port: int, requests: list[bytes], times: list[float], seconds: float) -> int:
    """Ask for some seconds; the number of errors."""
    loop = asyncio.get_running_loop()
    ends = time.perf_counter() + seconds
    waits = []
    for _ in range(CLIENTS):
        done = loop.create_future()
        await loop.create_connection(
            lambda done=done: Client(requests, times, ends, done), "127.0.0.1", port
        )
        waits.append(done)
    return sum(await asyncio.gather(*waits))


@contextmanager
def server(arguments: list[str]) -> Iterator[tuple[int, int]]:
    """A server of our own on 127.0.0.1, until the measurement ends: its port and process id."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    line = process.stdout.readline()
    # Someone reads the log, as in service.
    log = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
    process.stdout.close()
    try:
        yield json.loads(line)["port"], process.pid
    finally:
        process.terminate()
        process.wait(30)
        log.wait(30)


def memory(pid: int) -> float:
    """Resident megabytes of a process; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def worked(pid: int) -> float:
    """Seconds of processor time that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print decisions per second, p50 and p99 of both, their ratio, errors and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds for each of the two")
    seconds = parser.parse_args().seconds
    requests = made_requests()
    times: dict[str, list[float]] = {"decisions": [], "empty endpoint": []}
    errors = dict.fromkeys(times, 0)
    spent = dict.fromkeys(times, 0.0)
    with server(SERVE) as (port, pid), server(EMPTY) as (other, other_pid):
        ports = {"decisions": port, "empty endpoint": other}
        pids = {"decisions": pid, "empty endpoint": other_pid}
        for name in times:
            asyncio.run(turn(ports[name], requests, [], 2.0))
        memories = [memory(pid)]
        at_first = {name: worked(pids[name]) for name in times}
        rounds = max(1, round(seconds / TURN))
        for number in range(rounds):
            for name, own in times.items():
                start = time.perf_counter()
                errors[name] += asyncio.run(turn(ports[name], requests, own, seconds / rounds))
                spent[name] += time.perf_counter() - start
            if number == rounds // 2:
                memories.append(memory(pid))
        memories.append(memory(pid))
        work = {name: (worked(pids[name]) - at_first[name]) / len(times[name]) for name in times}
    show(times, spent, errors, work)
    print(
        f"memory           {memories[0]:.1f} MB at the start, {memories[-2]:.1f} half way, "
        f"{memories[-1]:.1f} at the end"
    )


def made_requests() -> list[bytes]:
    """Whole HTTP requests, one for each request of the example inbox."""
    policy = load_policy()
    inbox = Inbox(RequestReader(policy))
    requests = []
    for request in inbox.requests(str(ROOT / "examples" / "inbox.csv")):
        facts = request.known(policy.readable)
        body = orjson.dumps({"id": request.id, **facts}, default=plain)
        requests.append(HEAD.format(len(body)).encode() + body)
    rules = len(policy.rules)
    print(f"policy {policy.version}, {rules} rules, {len(requests)} requests, {CLIENTS} clients")
    return requests


def plain(value: object) -> object:
    """A value that JSON has no form for."""
    return sorted(value) if isinstance(value, frozenset) else str(value)


def show(
    times: dict[str, list[float]],
    spent: dict[str, float],
    errors: dict[str, int],
    work: dict[str, float],
) -> None:
    """Print the figures of both, and their ratio."""
    rates = {name: len(own) / spent[name] for name, own in times.items()}
    for name, own in times.items():
        percentiles = statistics.quantiles(own, n=100)
        p50, p99 = percentiles[49] * 1000, percentiles[98] * 1000
        print(
            f"{name:<16} {rates[name]:7,.0f} a second  p50 {p50:5.2f} ms  p99 {p99:6.2f} ms  "
            f"errors {errors[name]}  processor {work[name] * 1000:5.2f} ms each"
        )
    by_work = work["empty endpoint"] / work["decisions"] if work["decisions"] else 0
    ratio = rates["decisions"] / rates["empty endpoint"]
    print(f"ratio            {ratio:7.0%}  by processor time {by_work:.0%}")


if __name__ == "__main__":
    main()
