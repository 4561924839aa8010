"""The FastAPI application, put together from one loaded policy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from triage import __version__
from triage.service import Triage
from triage_api import assessments, decisions, openapi, resources, screenings
from triage_api.desk import Desk
from triage_api.logs import Log
from triage_api.middleware import Endpoint, Frame, exchange_of, of_http, told
from triage_api.problems import ProblemError
from triage_api.security import Guard

SUMMARY = "Recommends accept, defer or decline for requests for engagement. A person decides."
TELEMETRY = ("tracing", "metrics", "logs", "operation_spans", "auto_configure")


def create_app(triage: Triage, guard: Guard | None = None, log: Log | None = None) -> Frame:
    """The application for one policy in its frame; by default for this machine, without keys."""
    desk = Desk(triage)
    decide = decisions.decider(desk)
    app = framework(desk, decide)
    always = {"X-Policy-Version": triage.policy.version, "X-Engine": desk.engine}
    # One decision takes less time than finding its endpoint would: it is known by its path.
    straight = {decisions.DECISIONS: decide}
    return Frame(app, guard or Guard(), log or Log(), triage.language, always, straight)


def document(triage: Triage) -> dict[str, Any]:
    """The OpenAPI document of the application for one policy."""
    desk = Desk(triage)
    return framework(desk, decisions.decider(desk)).openapi()


def framework(desk: Desk, decide: Endpoint) -> FastAPI:
    """Every endpoint and the document that describes them, as they are inside the frame."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        desk.warm()
        yield
        desk.close()

    app = FastAPI(
        title="Engagement triage",
        summary=SUMMARY,
        version=__version__,
        lifespan=lifespan,
        # The interactive pages load their scripts from another site; the document itself is at
        # /openapi.json.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # Nothing of a request leaves this machine.
        **_telemetry_off(),
    )
    app.include_router(decisions.router(desk, decide))
    app.include_router(assessments.router(desk))
    app.include_router(screenings.router(desk))
    app.include_router(resources.router(desk))
    _describe(app, desk)
    _handle_problems(app)
    return app


def _handle_problems(app: FastAPI) -> None:
    """Tell every exception that reaches the framework as a problem of ours."""

    async def on_problem(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, ProblemError)
        return told(problem, request)

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return told(of_http(error), request)

    async def on_failure(request: Request, _error: Exception) -> Response:
        # The frame logs it.
        return told(ProblemError("internal", id=exchange_of(request).request_id), request)

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_failure)


def _telemetry_off() -> dict[str, Any]:
    """Settings of OpenTelemetry; versions of the framework that do not know it have no such."""
    known = FastAPI.__init__.__kwdefaults__ or {}
    return {"telemetry": dict.fromkeys(TELEMETRY, False)} if "telemetry" in known else {}


def _describe(app: FastAPI, desk: Desk) -> None:
    """Serve the OpenAPI document, with its examples answered by this policy."""

    def made_document() -> dict[str, Any]:
        name, example = next(iter(openapi.examples().items()))
        decision = orjson.loads(desk.decide(example, None, "en").to_json())
        proposal_name, proposal = openapi.proposal()
        assessment = orjson.loads(desk.assess(proposal, None, "en", lambda: None))
        return openapi.document(app, desk.policy, {name: decision}, {proposal_name: assessment})

    app.openapi = made_document  # type: ignore[method-assign]

    @cache
    def prepared() -> bytes:
        return orjson.dumps(app.openapi())

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi_(request: Request) -> Response:
        return resources.tagged(request, prepared())
