"""What surrounds every answer: request id, admission, limits on the body, headers, and the log."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.messages import Language
from triage_api import limits
from triage_api.languages import choose
from triage_api.logs import Log
from triage_api.problems import ProblemError
from triage_api.security import HEADERS, Guard

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
EXCHANGE = "triage.exchange"
CLOSE = {"Connection": "close"}
LENGTH = re.compile(rb"\d{1,18}")


@dataclass(slots=True)
class Exchange:
    """One request on its way through: what endpoints, problems and the log have in common."""

    language: Language
    request_id: str
    headers: dict[bytes, bytes]
    started: float
    route: str | None = None
    owner: str | None = None
    status: int = 0
    sent: int = 0


def exchange_of(request: Request) -> Exchange:
    """The exchange that a request belongs to."""
    exchange: Exchange = request.scope[EXCHANGE]
    return exchange


Endpoint = Callable[[Request], Awaitable[Response]]


class Frame:
    """ASGI middleware around the whole application.

    `always` are headers of every answer. `straight` are endpoints for POST by path, which are asked
    without the framework's search for a route.
    """

    def __init__(
        self,
        app: ASGIApp,
        guard: Guard,
        log: Log,
        otherwise: Language,
        always: Mapping[str, str],
        straight: Mapping[str, Endpoint],
    ) -> None:
        self.app, self.guard, self.log = app, guard, log
        self.otherwise, self.straight = otherwise, straight
        own = [(key.lower().encode(), value.encode()) for key, value in always.items()]
        own += [(b"cache-control", b"no-store"), (b"vary", b"Accept-Language")]
        self._always = (*HEADERS, *own)
        self._names = frozenset(name for name, _ in self._always)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever happens, the client gets an answer and the log a line."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = scope[EXCHANGE] = self._exchange(dict(scope["headers"]))
        # GET says what HEAD is to say; only the body is kept back.
        head = scope["method"] == "HEAD"
        inner: Scope = {**scope, "method": "GET"} if head else scope
        answer = self._sender(exchange, send, head)
        try:
            exchange.owner = self.guard.admit(scope["path"], exchange.headers)
            body = _Body(scope["path"], exchange.headers, receive)
            endpoint = self.straight.get(scope["path"]) if scope["method"] == "POST" else None
            if endpoint is None:
                await self.app(inner, body, answer)
            else:
                exchange.route = scope["path"]
                response = await endpoint(Request(inner, body))
                await response(inner, body, answer)
        except ClientDisconnect:
            exchange.status = exchange.status or 499
        except ProblemError as problem:
            await self._tell(problem, exchange, inner, receive, answer)
        except Exception as error:
            self.log.failure(error, request_id=exchange.request_id)
            fault = ProblemError("internal", id=exchange.request_id)
            await self._tell(fault, exchange, inner, receive, answer)
        finally:
            self._note(exchange, inner)

    def _exchange(self, headers: dict[bytes, bytes]) -> Exchange:
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        return Exchange(choose(accepted, self.otherwise), request_id, headers, monotonic())

    async def _tell(
        self, problem: ProblemError, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> None:
        # An answer that has begun cannot be taken back: the connection ends before it is whole.
        if not exchange.status:
            await problem.response(exchange.language, exchange.request_id)(scope, receive, send)

    def _sender(self, exchange: Exchange, send: Send, head: bool) -> Send:
        request_id = (b"x-request-id", exchange.request_id.encode())

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                own: list[tuple[bytes, bytes]] = message["headers"]
                always: Iterable[tuple[bytes, bytes]] = self._always
                if names := self._names.intersection([name for name, _ in own]):
                    always = [pair for pair in self._always if pair[0] not in names]
                message = {**message, "headers": [*own, *always, request_id]}
            elif message["type"] == "http.response.body":
                exchange.sent += len(message.get("body", b""))
                if head:
                    message = {**message, "body": b""}
            await send(message)

        return answer

    def _note(self, exchange: Exchange, scope: Scope) -> None:
        client = scope.get("client")
        self.log.write(
            "request",
            request_id=exchange.request_id,
            method=scope["method"],
            # The pattern of the route, never the path or query, which may carry anything.
            route=exchange.route or getattr(scope.get("route"), "path", None),
            status=exchange.status,
            bytes=exchange.sent,
            ms=round((monotonic() - exchange.started) * 1000, 1),
            language=exchange.language,
            client=client[0] if client else None,
            key=exchange.owner,
        )


class _Body:
    """Hands on the body while it is within its limit and arrives in time."""

    __slots__ = ("_announced", "_asks", "_end", "_limit", "_receive", "_received")

    def __init__(self, path: str, headers: dict[bytes, bytes], receive: Receive) -> None:
        self._limit = limits.BODY_LIMITS.get(path, limits.OTHER_BYTES)
        length = headers.get(b"content-length", b"")
        self._announced = int(length) if LENGTH.fullmatch(length) else 0
        self._asks = b"expect" in headers
        self._received, self._receive = 0, receive
        self._end: float | None = monotonic() + limits.BODY_SECONDS

    async def __call__(self) -> Message:
        if self._announced > self._limit:
            await self._refuse(more=True)
        if self._end is None:
            return await self._receive()
        message = await self._next(self._end)
        if self._received > self._limit:
            await self._refuse(message.get("more_body", False))
        if not message.get("more_body", False):
            self._end = None
        return message

    async def _next(self, end: float) -> Message:
        try:
            async with asyncio.timeout(end - monotonic()):
                message = await self._receive()
        except TimeoutError:
            seconds = int(limits.BODY_SECONDS)
            raise ProblemError("body-timeout", headers=CLOSE, seconds=seconds) from None
        self._received += len(message.get("body", b""))
        return message

    async def _refuse(self, more: bool) -> NoReturn:
        # Most clients listen only when they have sent everything, and would see a broken connection
        # instead of the answer: what is not far too large is let in and dropped. Those that ask
        # before they send are told at once.
        end, more = monotonic() + limits.DROPPED_SECONDS, more and not self._asks
        with suppress(ProblemError):
            while more and max(self._announced, self._received) <= limits.DROPPED_BYTES:
                more = (await self._next(end)).get("more_body", False)
        raise ProblemError("too-large", headers=CLOSE, limit=self._limit)


def of_http(error: HTTPException) -> ProblemError:
    """What the framework itself refuses, as a problem of ours."""
    kind = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    return ProblemError(kind, headers=dict(error.headers or {}))


def told(problem: ProblemError, request: Request) -> Response:
    """The answer to a request that tells of a problem."""
    exchange = exchange_of(request)
    return problem.response(exchange.language, exchange.request_id)
