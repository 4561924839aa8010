"""POST /v1/decisions and /v1/decisions/batch: requests in, decisions out, in the bytes of the
command line.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from triage.errors import RequestError
from triage.intake.cells import shown
from triage.messages import Language, say
from triage_api import bodies, limits, openapi
from triage_api.desk import Desk, in_header
from triage_api.middleware import Endpoint, exchange_of
from triage_api.problems import ProblemError, invalid_request

DECISIONS = "/v1/decisions"


def decider(desk: Desk) -> Endpoint:
    """The endpoint that decides one request."""

    async def decide(request: Request) -> Response:
        language = exchange_of(request).language
        as_of = bodies.day(request, language)
        given, size = await bodies.json_object(request)
        # The many words of a large body could keep everybody else waiting.
        if size > limits.INLINE_BYTES:
            decision = await desk.work(lambda: desk.decide(given, as_of, language))
        else:
            decision = desk.decide(given, as_of, language)
        unread = desk.unread(given)
        return bodies.Prepared(
            decision.to_json(), language, {bodies.UNREAD: in_header(unread)} if unread else None
        )

    return decide


def router(desk: Desk, decide: Endpoint) -> APIRouter:
    """The endpoints that decide; `decide` is the one for one request."""
    routes = APIRouter(tags=["decisions"])
    routes.post(DECISIONS, **openapi.DECISION)(decide)

    @routes.post("/v1/decisions/batch", **openapi.BATCH)
    async def decide_batch(request: Request) -> Response:
        language = exchange_of(request).language
        as_of = bodies.day(request, language)
        given, _ = await bodies.json_object(request)
        requests = given.get("requests")
        if (
            not isinstance(requests, list)
            or not 1 <= len(requests) <= limits.MOST_REQUESTS
            or len(given) != 1
        ):
            where = [{"pointer": "/requests", "value": shown(requests)}]
            raise ProblemError("invalid-batch", where, most=limits.MOST_REQUESTS)
        deadline = limits.Deadline()

        def job() -> bytes:
            return b"".join(_Batch(desk, language, deadline).answer(requests, as_of))

        return bodies.Prepared(await desk.work(job), language)

    return routes


class _Batch:
    """One batch: each request has its own result or error, in the order in which they came."""

    def __init__(self, desk: Desk, language: Language, deadline: limits.Deadline) -> None:
        self.desk, self.language, self.deadline = desk, language, deadline
        self.ids: dict[str, int] = {}
        self.failed = 0

    def answer(self, requests: list[Any], as_of: Any) -> Iterator[bytes]:
        yield b'{"results":['
        for index, given in enumerate(requests):
            self.deadline.check()
            yield (
                (b"," if index else b"")
                + b'{"index":%d,' % index
                + self._one(index, given, as_of)
                + b"}"
            )
        totals = {
            "read": len(requests),
            "decided": len(requests) - self.failed,
            "failed": self.failed,
        }
        policy = {"version": self.desk.policy.version, "engine": self.desk.engine}
        yield b'],"totals":' + orjson.dumps(totals) + b',"policy":' + orjson.dumps(policy) + b"}"

    def _one(self, index: int, given: Any, as_of: Any) -> bytes:
        try:
            if not isinstance(given, dict):
                raise ProblemError("not-an-object", [{"pointer": "", "value": shown(given)}])
            decision = self.desk.decide(given, as_of, self.language)
            # As in an inbox: two requests of one id could not be told apart in the results.
            first = self.ids.setdefault(decision.request.id, index)
            if first != index:
                expected = say("expected.unique-id", self.language, source="requests", row=first)
                error = RequestError("id", shown(decision.request.id), expected)
                raise invalid_request([error], given, {})
        except ProblemError as problem:
            self.failed += 1
            start = f"/requests/{index}"
            problem.errors = [
                {**one, "pointer": start + one.get("pointer", "")} for one in problem.errors
            ]
            return b'"error":' + orjson.dumps(problem.as_dict(self.language))
        unread = self.desk.unread(given)
        told = b',"unread":' + orjson.dumps(unread) if unread else b""
        return b'"decision":' + decision.to_json() + told
