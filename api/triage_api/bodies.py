"""Bodies and query strings as plain data, and answers as prepared bytes."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from triage.intake import shown
from triage.messages import Language, say
from triage_api.problems import ProblemError, invalid_parameter

JSON = "application/json"
MEDIA_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.DOTALL)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body."""
    if not MEDIA_TYPE.fullmatch(request.headers.get("content-type", "")):
        raise ProblemError("media-type", expected=JSON)
    try:
        content = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise ProblemError("bad-json", line=error.lineno, column=error.colno, problem=error.msg) from None
    if not isinstance(content, dict):
        raise ProblemError("not-an-object", [{"pointer": "", "value": shown(content)}])
    return content


def day(request: Request, language: Language) -> date | None:
    """The parameter `as_of`."""
    text = parameter(request, "as_of")
    if text is None:
        return None
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise invalid_parameter("as_of", text, say("expected.date", language))


def parameter(request: Request, name: str) -> str | None:
    """A parameter of the query string; without one the string is not even looked into."""
    return request.query_params.get(name) if request.scope["query_string"] else None


def prepared(data: bytes, language: Language, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON that needs no more work."""
    return Response(data, headers={"Content-Language": language, **(headers or {})}, media_type=JSON)
