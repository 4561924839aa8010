"""Bodies and query strings as plain data, and answers as prepared bytes."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from triage.formats.strict_json import DuplicateKeyError, read_json
from triage.intake.cells import shown
from triage.messages import Language, say
from triage_api.middleware import exchange_of
from triage_api.problems import ProblemError, invalid_parameter

Word = TypeVar("Word", bound=str)
JSON = "application/json"
MEDIA_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.DOTALL)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


async def json_object(request: Request) -> tuple[dict[str, Any], int]:
    """The JSON object in the body, and its size in bytes."""
    if not _is_json(exchange_of(request).headers.get(b"content-type", b"")):
        raise ProblemError("media-type", expected=JSON)
    body, language = await _body(request.receive), exchange_of(request).language
    try:
        content = read_json(body)
    except DuplicateKeyError as error:
        problem = say("problem-detail.duplicate-key", language, key=error.key, first=error.first)
        line, column = error.line, error.column
        raise ProblemError("bad-json", line=line, column=column, problem=problem) from None
    except orjson.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        raise ProblemError("bad-json", line=line, column=column, problem=error.msg) from None
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
    """A parameter of the query string."""
    return request.query_params.get(name) if request.scope["query_string"] else None


def flag(request: Request, name: str, language: Language) -> bool:
    """A parameter that is true or false; false when it is not there."""
    return choice(request, name, ("true", "false"), "false", language) == "true"


def choice(
    request: Request, name: str, values: Sequence[Word], absent: Word, language: Language
) -> Word:
    """A parameter that is one of a few words; `absent` when it is not there."""
    text = parameter(request, name) or absent
    for value in values:
        if value == text:
            return value
    expected = say("expected.one-of-terms", language, ids=", ".join(values))
    raise invalid_parameter(name, text, expected)


def unread_header(keys: list[str]) -> dict[str, str]:
    """The header that names keys of a request that mean nothing here, percent-encoded."""
    return {"X-Unread-Keys": ", ".join(quote(key[:80], safe="") for key in keys)} if keys else {}


class Prepared(Response):
    """An answer in JSON that needs no more work."""

    def __init__(
        self, data: bytes, language: Language, headers: Mapping[str, str] | None = None
    ) -> None:
        given = (headers or {}).items()
        more = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in given]
        self.status_code, self.background, self.body = 200, None, data
        self.raw_headers = [
            (b"content-length", b"%d" % len(data)),
            (b"content-type", JSON.encode()),
            (b"content-language", language.encode()),
            *more,
        ]
