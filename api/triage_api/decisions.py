"""POST /v1/decisions and /v1/decisions/batch: decisions in the bytes of the command line."""

from datetime import date
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from triage.errors import RequestError
from triage.intake.cells import shown
from triage.intake.likeness import content_digest
from triage.messages import Language, say
from triage_api import bodies, limits, openapi
from triage_api.desk import Desk
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
        unread = bodies.unread_header(desk.unread(given))
        return bodies.Prepared(decision.to_json(), language, unread)

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
        requests, deadline = _requests(given), limits.Deadline()
        data = await desk.work(lambda: _batch(desk, requests, as_of, language, deadline))
        return bodies.Prepared(data, language)

    return routes


def _requests(given: dict[str, Any]) -> list[Any]:
    requests, alone = given.get("requests"), len(given) == 1
    if alone and isinstance(requests, list) and 1 <= len(requests) <= limits.MOST_REQUESTS:
        return requests
    place = {"pointer": "/requests", "value": shown(requests)}
    raise ProblemError("invalid-batch", [place], most=limits.MOST_REQUESTS)


def _batch(
    desk: Desk,
    requests: list[Any],
    as_of: date | None,
    language: Language,
    deadline: limits.Deadline,
) -> bytes:
    """A decision or an error for each request, in the order in which they came."""
    outcomes, failed = [], 0
    ids: dict[str, tuple[int, bytes]] = {}
    for index, given in enumerate(requests):
        deadline.check()
        try:
            outcome = _decision(desk, index, given, as_of, language, ids)
        except ProblemError as problem:
            failed += 1
            start = f"/requests/{index}"
            places = problem.errors
            problem.errors = [{**one, "pointer": start + one.get("pointer", "")} for one in places]
            outcome = b'"error":' + orjson.dumps(problem.as_dict(language))
        outcomes.append(b'{"index":%d,' % index + outcome + b"}")
    read = len(requests)
    totals = orjson.dumps({"read": read, "decided": read - failed, "failed": failed})
    policy = orjson.dumps({"version": desk.policy.version, "engine": desk.engine})
    results = b'{"results":[' + b",".join(outcomes)
    return results + b'],"totals":' + totals + b',"policy":' + policy + b"}"


def _decision(
    desk: Desk,
    index: int,
    given: Any,
    as_of: date | None,
    language: Language,
    ids: dict[str, tuple[int, bytes]],
) -> bytes:
    if not isinstance(given, dict):
        raise ProblemError("not-an-object", [{"pointer": "", "value": shown(given)}])
    decision = desk.decide(given, as_of, language)
    # As in an inbox: two requests of one id could not be told apart in the results.
    content = content_digest(decision.request)
    first, other = ids.setdefault(decision.request.id, (index, content))
    if first != index:
        key = "expected.same-request" if other == content else "expected.unique-id"
        expected = say(key, language, source="requests", row=first)
        error = RequestError("id", shown(decision.request.id), expected)
        raise invalid_request([error], given, {})
    unread = desk.unread(given)
    told = b',"unread":' + orjson.dumps(unread) if unread else b""
    return b'"decision":' + decision.to_json() + told
