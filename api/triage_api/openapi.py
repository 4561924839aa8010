"""The OpenAPI 3.1 document: what each endpoint takes and gives, with examples that are real."""

import json
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from triage.model.policy import Policy
from triage.reports.rendering import MEDIA_TYPES, REPORT_FORMATS, REPORTS
from triage_api import models
from triage_api.problems import MEDIA_TYPE

Document = dict[str, Any]
PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
TEXT: Document = {"type": "string"}

HEADERS: Document = {
    "X-Request-Id": {
        "description": "the id of this exchange, from the request or made here",
        "schema": TEXT,
    },
    "X-Policy-Version": {"description": "the version of the policy", "schema": TEXT},
    "X-Engine": {"description": "the engine that evaluates the rules", "schema": TEXT},
    "Content-Language": {
        "description": "the language of the answer",
        "schema": {"enum": ["en", "fr"]},
    },
}
TAG: Document = {"ETag": {"description": "for If-None-Match", "schema": TEXT}}
UNREAD: Document = {
    "X-Unread-Keys": {
        "description": "keys of the request that mean nothing here, percent-encoded; "
        "absent when there are none",
        "required": False,
        "schema": TEXT,
    }
}


def _parameter(place: str, name: str, text: str, schema: Document, **more: Any) -> Document:
    return {"name": name, "in": place, "description": text, "schema": schema, **more}


LANGUAGE = _parameter(
    "header",
    "Accept-Language",
    "English or French, with q-values; English when neither is asked for",
    TEXT,
    example="fr-CA, en;q=0.5",
)
REQUEST_ID = _parameter(
    "header",
    "X-Request-Id",
    "an id of your own: up to 64 letters, digits, dots, dashes and underscores",
    TEXT,
)
KNOWN = _parameter("header", "If-None-Match", "ETags you have", TEXT)
DAY: Document = {"type": "string", "format": "date"}
AS_OF = _parameter("query", "as_of", "judge by what was in force on this day", DAY)
FORM = _parameter(
    "query",
    "format",
    "the form of the report",
    {"enum": ["json", *REPORTS], "default": "json"},
)
SHEET = _parameter(
    "query", "sheet", "name of the sheet of a workbook that holds the requests", TEXT
)
HIDDEN = _parameter(
    "query",
    "hidden",
    "whether hidden rows and columns of a workbook are read",
    {"enum": ["read", "skip"], "default": "read"},
)
SUGGESTIONS = _parameter(
    "query",
    "accept_suggestions",
    "fill facts that are not given from the words of the request; "
    "each such decision is marked with the flag `suggested_facts`, and deferred where it would not "
    "stand without them (`if_confirmed`)",
    {"type": "boolean", "default": False},
)
ALLOCATE = _parameter(
    "query",
    "allocate",
    "which requests are taken where a limit is reached: in rank order, or the best total score",
    {"enum": ["rank", "best"], "default": "rank"},
)

PROBLEM_TEXTS = {
    400: "The body is not well formed",
    404: "There is no such thing here",
    413: "The body is too large",
    415: "The body is of another media type",
    422: "Something in the request cannot be read; `errors` says where and what was expected",
    503: "Too much is under way, or this took too long",
}
OF_BODY = (400, 413, 415, 422)


def _answers(description: str, *problems: int, **more: Any) -> dict[int | str, Document]:
    """A good answer, the problems by status, and any other problem."""
    answers: dict[int | str, Document] = {200: {"description": description, **more}}
    content = {MEDIA_TYPE: PROBLEM}
    for status in problems:
        answers[status] = {"description": PROBLEM_TEXTS[status], "content": content}
    answers["default"] = {"description": "Any other problem (RFC 9457)", "content": content}
    return answers


def _operation(
    name: str, summary: str, text: str, answers: dict[int | str, Document], extra: Document
) -> Document:
    """What FastAPI takes beside the path of an endpoint."""
    return {
        "operation_id": name,
        "summary": summary,
        "description": text,
        "responses": answers,
        "openapi_extra": extra,
    }


def _posting(
    name: str, summary: str, text: str, body: Document, answers: dict[int | str, Document]
) -> Document:
    content = {"required": True, "content": body}
    extra = {"requestBody": content, "parameters": [AS_OF, LANGUAGE, REQUEST_ID]}
    return _operation(name, summary, text, answers, extra)


def _reading(name: str, summary: str, text: str, *problems: int, dated: bool = False) -> Document:
    content = {"application/json": {"schema": {"type": "object"}}}
    answers = _answers(summary, *problems, headers=HEADERS | TAG, content=content)
    answers[304] = {"description": "You have it already", "headers": TAG}
    parameters = [*([AS_OF] if dated else []), LANGUAGE, REQUEST_ID, KNOWN]
    return _operation(name, summary, text, answers, {"parameters": parameters})


def _json(model: str) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}


def _file(description: str) -> Document:
    return {"type": "string", "format": "binary", "description": description}


DECISION = _posting(
    "decide",
    "Decide one request",
    "The decision has the same bytes as in `triage screen --format json`.",
    _json("Request"),
    _answers("The decision", *OF_BODY, headers=HEADERS | UNREAD, model=models.DecisionShape),
)
ASSESSMENT = _posting(
    "assess",
    "Assess one proposal before it is sent",
    "The decision, and the smallest changes that would raise its recommendation: the same bytes as "
    "`triage assess --format json`. Each was run through the engine, and no part of it would do.",
    _json("Request"),
    _answers(
        "The assessment",
        *(*OF_BODY, 503),
        headers=HEADERS | UNREAD,
        model=models.SelfAssessmentShape,
    ),
)
BATCH = _posting(
    "decideBatch",
    "Decide up to 1000 requests",
    "Each request has its own decision or error; "
    "one that cannot be read does not keep the others from being decided.",
    _json("Batch"),
    _answers(
        "An outcome for each request", *OF_BODY, 503, headers=HEADERS, model=models.BatchResult
    ),
)
FILES: Document = {
    "type": "object",
    "properties": {
        "inbox": _file("the file"),
        "committed": _file(
            "what is accepted already, in any form of inbox: it counts first in the limits"
        ),
        "seen": {
            "type": "array",
            "items": _file("requests seen before, in any form of inbox"),
            "description": "only shows which requests came before; up to 10 files",
            "maxItems": 10,
        },
    },
    "required": ["inbox"],
    "additionalProperties": False,
}
BINARY: Document = {"schema": {"type": "string", "format": "binary"}}
SCREENING = _posting(
    "screen",
    "Screen an inbox",
    "Every request of one file, ranked: CSV, XLSX, JSON, JSON lines or YAML in, a report in the "
    "form of `format` out. Rows that cannot be read are in the report with what was expected.",
    {"multipart/form-data": {"schema": FILES}},
    _answers(
        "The report",
        *(*OF_BODY, 503),
        headers=HEADERS | UNREAD,
        content={"application/json": {"schema": {"type": "object"}}}
        | {MEDIA_TYPES[form]: BINARY for form in REPORT_FORMATS},
    ),
)
SCREENING["openapi_extra"]["parameters"][:0] = [FORM, ALLOCATE, SHEET, HIDDEN, SUGGESTIONS]
POLICY = _reading(
    "policy",
    "The policy",
    "Its strategies, criteria, thresholds and documents on a day.",
    422,
    dated=True,
)
RULES = _reading("rules", "The rules", "Every rule with its title, basis, strategy and citations.")
RULE_TEXT = "Its conditions and effects, and what it cites."
RULE = _reading("rule", "A rule in words", RULE_TEXT, 404, 422, dated=True)
STATEMENT = _reading(
    "statement", "A statement of a source", "What it says, where, and which rules rest on it.", 404
)
VOCABULARY = _reading(
    "vocabulary", "The allowed values", "Every value of every list, and every country."
)
SCHEMA = _reading(
    "schema", "JSON Schemas", "Requests in their canonical form, and decisions; versioned."
)
HEALTH = _reading("health", "Whether the service is well", "Needs no key.")
# It tells of this moment: nothing to keep.
del HEALTH["responses"][304]
HEALTH["responses"][200]["headers"] = HEADERS
HEALTH["openapi_extra"]["parameters"] = [LANGUAGE, REQUEST_ID]


def examples() -> dict[str, Document]:
    """The requests of `examples/proposals` that stand in the document, by name."""
    text = files(__package__).joinpath("examples.json").read_text("utf-8")
    requests: dict[str, Document] = json.loads(text)
    return requests


def proposal() -> tuple[str, Document]:
    """The request of the examples that something could still raise."""
    return "peru", examples()["peru"]


def document(
    app: FastAPI, policy: Policy, decisions: dict[str, Any], assessments: dict[str, Any]
) -> Document:
    """The whole document, with the answers of the service to some of the examples, by name."""
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas, references = made["components"]["schemas"], "#/components/schemas/{model}"
    schemas["Request"] = models.open_request_schema(policy)
    schemas["Batch"] = models.Batch.model_json_schema()
    requests = schemas["Batch"]["properties"]["requests"]
    requests["items"] = {"$ref": "#/components/schemas/Request"}
    schemas["Problem"] = models.Problem.model_json_schema(ref_template=references)
    schemas |= schemas["Problem"].pop("$defs")
    made["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    # A service that only this machine can reach may run without keys.
    made["security"] = [{"bearer": []}, {"key": []}, {}]
    given = examples()
    _exemplify(made, "/v1/decisions", given, decisions)
    _exemplify(made, "/v1/assessments", {name: given[name] for name in assessments}, assessments)
    batch = {"requests": [*given.values(), {"received": "2022-07-04"}]}
    _exemplify(made, "/v1/decisions/batch", {"batch": batch}, {})
    return made


def _exemplify(made: Document, path: str, given: dict[str, Any], answers: dict[str, Any]) -> None:
    operation = made["paths"][path]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    body["examples"] = {name: {"value": value} for name, value in given.items()}
    if answers:
        answer = operation["responses"]["200"]["content"]["application/json"]
        answer["examples"] = {name: {"value": value} for name, value in answers.items()}
