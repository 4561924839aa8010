"""What goes wrong, as RFC 9457 problem details in the reader's language."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from triage.errors import RequestError
from triage.messages import Language, say

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:engagement-triage:problem:"

STATUS: Mapping[str, HTTPStatus] = {
    "bad-json": HTTPStatus.BAD_REQUEST,
    "bad-request": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "not-found": HTTPStatus.NOT_FOUND,
    "method-not-allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "body-timeout": HTTPStatus.REQUEST_TIMEOUT,
    "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "media-type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "host": HTTPStatus.MISDIRECTED_REQUEST,
    "not-an-object": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-batch": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-parameter": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-inbox": HTTPStatus.UNPROCESSABLE_ENTITY,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "too-slow": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every kind of problem; the tables `problem` and `problem-detail` of the catalogues have its
title and its words.
"""


class ProblemError(Exception):
    """One problem: its kind, the slots of its detail, and each place that is wrong. Words are
    chosen when it is told.

    `detail` takes the place of the catalogue's where the program has said it already.
    """

    def __init__(
        self,
        kind: str,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        detail: str | None = None,
        **slots: object,
    ) -> None:
        super().__init__(kind)
        self.kind, self.slots, self.detail = kind, slots, detail
        self.errors, self.headers = list(errors), dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(STATUS[self.kind])

    def as_dict(self, language: Language, request_id: str | None = None) -> dict[str, Any]:
        """The members of RFC 9457, with `errors` for the places and `request_id` to find the log
        entry by.
        """
        detail = self.detail or say(f"problem-detail.{self.kind}", language, **self.slots)
        shape: dict[str, Any] = {
            "type": NAMESPACE + self.kind,
            "title": say(f"problem.{self.kind}", language),
            "status": self.status,
            "detail": detail,
        }
        if self.errors:
            shape["errors"] = self.errors
        if request_id is not None:
            shape["request_id"] = request_id
        return shape

    def response(self, language: Language, request_id: str) -> Response:
        """The answer that tells of it."""
        headers = {"Content-Language": language, **self.headers}
        return Response(
            orjson.dumps(self.as_dict(language, request_id)), self.status, headers, MEDIA_TYPE
        )


def invalid_request(
    found: Iterable[RequestError], given: Mapping[str, Any], names: Mapping[str, str]
) -> ProblemError:
    """A request that cannot be read. `names` has the key of `given` for each field, which the
    pointers use.
    """
    errors = []
    for one in found:
        field, _, part = one.field.partition(".")
        key = names.get(field, field)
        # A missing part has no place of its own: the pointer then names where it belongs.
        pointer = (
            "/"
            + escaped(key)
            + (f"/{escaped(part)}" if part and isinstance(given.get(key), Mapping) else "")
        )
        errors.append(
            {"pointer": pointer, "field": one.field, "value": one.value, "expected": one.expected}
        )
    return ProblemError(
        "invalid-request",
        errors,
        count=len(errors),
        fields=", ".join(one["field"] for one in errors),
    )


def invalid_parameter(name: str, value: str, expected: str) -> ProblemError:
    """A parameter of the query string that cannot be read."""
    errors = [{"parameter": name, "value": value[:80], "expected": expected}]
    return ProblemError("invalid-parameter", errors, name=name)


def escaped(key: str) -> str:
    """A key as one step of an RFC 6901 JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")
