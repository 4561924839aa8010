"""The OpenAPI 3.1 document: what each endpoint takes and gives, with examples that are real."""

import json
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

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
        "description": "keys of the request that mean nothing here, percent-encoded; absent when there are none",
        "required": False,
        "schema": TEXT,
    }
}

LANGUAGE: Document = {
    "name": "Accept-Language",
    "in": "header",
    "description": "English or French, with q-values; English when neither is asked for",
    "schema": TEXT,
    "example": "fr-CA, en;q=0.5",
}
REQUEST_ID: Document = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "an id of your own: up to 64 letters, digits, dots, dashes and underscores",
    "schema": TEXT,
}
KNOWN: Document = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags you have",
    "schema": TEXT,
}
AS_OF: Document = {
    "name": "as_of",
    "in": "query",
    "description": "judge by what was in force on this day",
    "schema": {"type": "string", "format": "date"},
}


def _answers(description: str, *problems: int, **more: Any) -> dict[int | str, Document]:
    texts = {
        400: "The body is not well formed",
        404: "There is no such thing here",
        413: "The body is too large",
        415: "The body is of another media type",
        422: "Something in the request cannot be read; `errors` says where and what was expected",
        503: "Too much is under way, or this took too long",
    }
    found: dict[int | str, Document] = {200: {"description": description, **more}}
    for status in problems:
        found[status] = {"description": texts[status], "content": {MEDIA_TYPE: PROBLEM}}
    found["default"] = {
        "description": "Any other problem (RFC 9457)",
        "content": {MEDIA_TYPE: PROBLEM},
    }
    return found


def _posting(
    name: str, summary: str, text: str, body: Document, answers: dict[int | str, Document]
) -> Document:
    extra = {
        "requestBody": {"required": True, "content": body},
        "parameters": [AS_OF, LANGUAGE, REQUEST_ID],
    }
    return {
        "operation_id": name,
        "summary": summary,
        "description": text,
        "responses": answers,
        "openapi_extra": extra,
    }


def _reading(name: str, summary: str, text: str, *problems: int, dated: bool = False) -> Document:
    content = {"application/json": {"schema": {"type": "object"}}}
    answers = _answers(summary, *problems, headers=HEADERS | TAG, content=content)
    answers[304] = {"description": "You have it already", "headers": TAG}
    parameters = [*([AS_OF] if dated else []), LANGUAGE, REQUEST_ID, KNOWN]
    extra = {"parameters": parameters}
    return {
        "operation_id": name,
        "summary": summary,
        "description": text,
        "responses": answers,
        "openapi_extra": extra,
    }


DECISION = _posting(
    "decide",
    "Decide one request",
    "The decision has the same bytes as in `triage screen --format json`.",
    {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}},
    _answers(
        "The decision", 400, 413, 415, 422, headers=HEADERS | UNREAD, model=models.DecisionShape
    ),
)
ASSESSMENT = _posting(
    "assess",
    "Assess one proposal before it is sent",
    "The decision, and the smallest changes that would raise its recommendation: the same bytes as `triage assess "
    "--format json`. Each was run through the engine, and no part of it would do.",
    {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}},
    _answers(
        "The assessment",
        400,
        413,
        415,
        422,
        503,
        headers=HEADERS | UNREAD,
        model=models.SelfAssessmentShape,
    ),
)
BATCH = _posting(
    "decideBatch",
    "Decide up to 1000 requests",
    "Each request has its own decision or error; one that cannot be read does not keep the others from being decided.",
    {"application/json": {"schema": {"$ref": "#/components/schemas/Batch"}}},
    _answers(
        "An outcome for each request",
        400,
        413,
        415,
        422,
        503,
        headers=HEADERS,
        model=models.BatchResult,
    ),
)
FORM: Document = {
    "name": "format",
    "in": "query",
    "description": "the form of the report",
    "schema": {"enum": ["json", *REPORTS], "default": "json"},
}
SCREENING = _posting(
    "screen",
    "Screen an inbox",
    "Every request of one file, ranked: CSV, XLSX, JSON, JSON lines or YAML in, a report in the form of `format` out. "
    "Rows that cannot be read are in the report with what was expected.",
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "inbox": {"type": "string", "format": "binary", "description": "the file"},
                    "committed": {
                        "type": "string",
                        "format": "binary",
                        "description": "what is accepted already, in any form of inbox: it counts first in the limits",
                    },
                },
                "required": ["inbox"],
                "additionalProperties": False,
            }
        }
    },
    _answers(
        "The report",
        *(400, 413, 415, 422, 503),
        headers=HEADERS | UNREAD,
        content={"application/json": {"schema": {"type": "object"}}}
        | {
            MEDIA_TYPES[one]: {"schema": {"type": "string", "format": "binary"}}
            for one in REPORT_FORMATS
        },
    ),
)
SHEET: Document = {
    "name": "sheet",
    "in": "query",
    "description": "name of the sheet of a workbook that holds the requests",
    "schema": TEXT,
}
SUGGESTIONS: Document = {
    "name": "accept_suggestions",
    "in": "query",
    "description": "fill facts that are not given from the words of the request; each such decision is marked with the "
    "flag `suggested_facts`",
    "schema": {"type": "boolean", "default": False},
}
ALLOCATE: Document = {
    "name": "allocate",
    "in": "query",
    "description": "which requests are taken where a limit is reached: in rank order, or the best total score",
    "schema": {"enum": ["rank", "best"], "default": "rank"},
}
SCREENING["openapi_extra"]["parameters"][:0] = [FORM, ALLOCATE, SHEET, SUGGESTIONS]
POLICY = _reading(
    "policy",
    "The policy",
    "Its strategies, criteria, thresholds and documents on a day.",
    422,
    dated=True,
)
RULES = _reading("rules", "The rules", "Every rule with its title, basis, strategy and citations.")
RULE = _reading(
    "rule",
    "A rule in words",
    "Its conditions and effects, and what it cites.",
    404,
    422,
    dated=True,
)
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
    found: dict[str, Document] = json.loads(text)
    return found


def proposal() -> tuple[str, Document]:
    """The request of the examples that something could still raise."""
    return "peru", examples()["peru"]


def document(app: FastAPI, decisions: dict[str, Any], assessments: dict[str, Any]) -> Document:
    """The whole document, with the decision and the assessment of example requests as the
    service makes them.
    """
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas = made["components"]["schemas"]
    schemas["Request"] = models.open_request_schema()
    batch = models.Batch.model_json_schema()
    batch["properties"]["requests"]["items"] = {"$ref": "#/components/schemas/Request"}
    schemas["Batch"] = batch
    schemas["Problem"] = models.Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas |= schemas["Problem"].pop("$defs")
    made["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    # A service that only this machine can reach may run without keys.
    made["security"] = [{"bearer": []}, {"key": []}, {}]
    given = examples()
    _exemplify(made, "/v1/decisions", given, decisions)
    name, one = proposal()
    _exemplify(made, "/v1/assessments", {name: one}, assessments)
    _exemplify(
        made,
        "/v1/decisions/batch",
        {"batch": {"requests": [*given.values(), {"received": "2022-07-04"}]}},
        {},
    )
    return made


def _exemplify(made: Document, path: str, given: dict[str, Any], answers: dict[str, Any]) -> None:
    operation = made["paths"][path]["post"]
    operation["requestBody"]["content"]["application/json"]["examples"] = {
        n: {"value": v} for n, v in given.items()
    }
    if answers:
        content = operation["responses"]["200"]["content"]["application/json"]
        content["examples"] = {name: {"value": value} for name, value in answers.items()}
