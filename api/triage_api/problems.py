"""What goes wrong, as RFC 9457 problem details in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.responses import Response

from triage.errors import RequestError
from triage.messages import Language, say

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:engagement-triage:problem:"

PROBLEMS = {
    "bad-json": (400, "problem.bad-json", "problem-detail.bad-json"),
    "bad-request": (400, "problem.bad-request", "problem-detail.bad-request"),
    "unauthorized": (401, "problem.unauthorized", "problem-detail.unauthorized"),
    "not-found": (404, "problem.not-found", "problem-detail.not-found"),
    "method-not-allowed": (405, "problem.method-not-allowed", "problem-detail.method-not-allowed"),
    "body-timeout": (408, "problem.body-timeout", "problem-detail.body-timeout"),
    "too-large": (413, "problem.too-large", "problem-detail.too-large"),
    "media-type": (415, "problem.media-type", "problem-detail.media-type"),
    "host": (421, "problem.host", "problem-detail.host"),
    "not-an-object": (422, "problem.not-an-object", "problem-detail.not-an-object"),
    "invalid-request": (422, "problem.invalid-request", "problem-detail.invalid-request"),
    "invalid-batch": (422, "problem.invalid-batch", "problem-detail.invalid-batch"),
    "invalid-parameter": (422, "problem.invalid-parameter", "problem-detail.invalid-parameter"),
    "invalid-inbox": (422, "problem.invalid-inbox", "problem-detail.invalid-inbox"),
    "internal": (500, "problem.internal", "problem-detail.internal"),
    "busy": (503, "problem.busy", "problem-detail.busy"),
    "too-slow": (503, "problem.too-slow", "problem-detail.too-slow"),
}
"""Every kind of problem: its HTTP status, and the message keys of its title and detail."""


class ProblemError(Exception):
    """One problem: its kind, the slots of its detail, and each place that is wrong.

    Its words are chosen when it is told. `detail` takes the place of the message's where the
    program has said it already.
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
        return PROBLEMS[self.kind][0]

    def as_dict(self, language: Language, request_id: str | None = None) -> dict[str, Any]:
        """The members of RFC 9457; `errors` has the places, `request_id` finds the log entry."""
        _, title, detail = PROBLEMS[self.kind]
        shape: dict[str, Any] = {
            "type": NAMESPACE + self.kind,
            "title": say(title, language),
            "status": self.status,
            "detail": self.detail or say(detail, language, **self.slots),
        }
        if self.errors:
            shape["errors"] = self.errors
        if request_id is not None:
            shape["request_id"] = request_id
        return shape

    def response(self, language: Language, request_id: str) -> Response:
        """The answer that tells of it."""
        body = orjson.dumps(self.as_dict(language, request_id))
        headers = {"Content-Language": language, **self.headers}
        return Response(body, self.status, headers, MEDIA_TYPE)


def invalid_request(
    found: Iterable[RequestError], given: Mapping[str, Any], names: Mapping[str, str]
) -> ProblemError:
    """A request that cannot be read; `names` has the key of `given` for each field."""
    errors = []
    for error in found:
        field, _, member = error.field.partition(".")
        key = names.get(field, field)
        pointer = f"/{escaped(key)}"
        # A missing member has no place of its own: the pointer then names where it belongs.
        if member and isinstance(given.get(key), Mapping):
            pointer += f"/{escaped(member)}"
        place = {"pointer": pointer, "field": error.field, "value": error.value}
        errors.append({**place, "expected": error.expected})
    fields = ", ".join(error["field"] for error in errors)
    return ProblemError("invalid-request", errors, count=len(errors), fields=fields)


def invalid_parameter(name: str, value: str, expected: str) -> ProblemError:
    """A parameter of the query string that cannot be read."""
    errors = [{"parameter": name, "value": value[:80], "expected": expected}]
    return ProblemError("invalid-parameter", errors, name=name)


def escaped(key: str) -> str:
    """A key as one step of an RFC 6901 JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")
