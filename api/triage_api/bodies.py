"""Bodies and query strings as plain data, and answers as prepared bytes."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from triage.intake.cells import shown
from triage.messages import Language, say
from triage_api.middleware import exchange_of
from triage_api.problems import ProblemError, invalid_parameter

JSON = "application/json"
UNREAD = "X-Unread-Keys"
"""The header that names the keys of a request that mean nothing here."""
MEDIA_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.DOTALL)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


async def json_object(request: Request) -> tuple[dict[str, Any], int]:
    """The JSON object in the body, and its size in bytes."""
    if not _is_json(exchange_of(request).headers.get(b"content-type", b"")):
        raise ProblemError("media-type", expected=JSON)
    body = await _body(request.receive)
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(
            "bad-json", line=error.lineno, column=error.colno, problem=error.msg
        ) from None
    if not isinstance(content, dict):
        raise ProblemError("not-an-object", [{"pointer": "", "value": shown(content)}])
    return content, len(body)


@lru_cache(maxsize=64)
def _is_json(media_type: bytes) -> bool:
    return MEDIA_TYPE.fullmatch(media_type.decode("latin-1")) is not None


async def _body(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


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


def flag(request: Request, name: str, language: Language) -> bool:
    """A parameter that is true or false; false when it is not there."""
    text = parameter(request, name) or "false"
    if text not in ("true", "false"):
        raise invalid_parameter(
            name, text, say("expected.one-of-terms", language, ids="true, false")
        )
    return text == "true"


class Prepared(Response):
    """An answer in JSON that needs no more work."""

    def __init__(
        self, data: bytes, language: Language, headers: Mapping[str, str] | None = None
    ) -> None:
        more = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in (headers or {}).items()
        ]
        self.status_code, self.background, self.body = 200, None, data
        self.raw_headers = [
            (b"content-length", b"%d" % len(data)),
            (b"content-type", JSON.encode()),
            (b"content-language", language.encode()),
            *more,
        ]
