"""POST /v1/assessments: a proposal's decision and what would raise it, as `triage assess`."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from triage_api import bodies, limits, openapi
from triage_api.desk import Desk
from triage_api.middleware import exchange_of


def router(desk: Desk) -> APIRouter:
    """The endpoint that assesses."""
    routes = APIRouter(tags=["assessments"])

    @routes.post("/v1/assessments", **openapi.ASSESSMENT)
    async def assess(request: Request) -> Response:
        language = exchange_of(request).language
        as_of = bodies.day(request, language)
        given, _ = await bodies.json_object(request)
        deadline = limits.Deadline(limits.ASSESS_SECONDS)
        # The engine runs many times for one answer: too long to keep everybody else waiting.
        data = await desk.work(lambda: desk.assess(given, as_of, language, deadline.check))
        return bodies.Prepared(data, language, bodies.unread_header(desk.unread(given)))

    return routes
