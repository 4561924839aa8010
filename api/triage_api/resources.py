"""GET: the policy, its rules, statements and vocabulary, the schemas, and whether the service is
well.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from triage.messages import Language
from triage.model import countries
from triage.model.facts import COUNTRIES
from triage.model.periods import Period
from triage.model.policy import Policy, Reference, Rule
from triage.review.describe import Describer
from triage_api import bodies, models, openapi
from triage_api.desk import Desk
from triage_api.middleware import exchange_of
from triage_api.problems import ProblemError

TAGS = re.compile(r'(?:W/)?"([^"]*)"')
Shape = dict[str, Any]


def router(desk: Desk) -> APIRouter:
    """The endpoints that only read."""
    routes = APIRouter()
    policy = desk.policy

    @routes.get("/v1/policy", tags=["policy"], **openapi.POLICY)
    async def policy_(request: Request) -> Response:
        return _dated(request, lambda language, day: about(policy, desk.engine, language, day))

    @routes.get("/v1/policy/rules", tags=["policy"], **openapi.RULES)
    async def rules(request: Request) -> Response:
        return _answer(
            request,
            {"rules": [_listed(rule, exchange_of(request).language) for rule in policy.rules]},
        )

    @routes.get("/v1/policy/rules/{id}", tags=["policy"], **openapi.RULE)
    async def rule(request: Request, id: str) -> Response:
        found = policy.rule.get(id)
        if found is None:
            raise ProblemError("not-found")
        return _dated(request, lambda language, day: described(policy, found, language, day))

    @routes.get("/v1/policy/statements/{id}", tags=["policy"], **openapi.STATEMENT)
    async def statement(request: Request, id: str) -> Response:
        if id not in policy.statements:
            raise ProblemError("not-found")
        return _answer(request, stated(policy, id, exchange_of(request).language))

    @routes.get("/v1/vocabulary", tags=["policy"], **openapi.VOCABULARY)
    async def vocabulary(request: Request) -> Response:
        return _answer(
            request, {"vocabularies": vocabularies(policy, exchange_of(request).language)}
        )

    @routes.get("/v1/schema", tags=["service"], **openapi.SCHEMA)
    async def schema(request: Request) -> Response:
        return _answer(request, models.schemas(policy))

    @routes.get("/health", tags=["service"], **openapi.HEALTH)
    async def health(request: Request) -> Response:
        shape = {"status": "ok", "policy": {"version": policy.version}, "engine": desk.engine}
        return bodies.Prepared(orjson.dumps(shape), exchange_of(request).language)

    return routes


def _dated(request: Request, make: Callable[[Language, date], Shape]) -> Response:
    language = exchange_of(request).language
    return _answer(request, make(language, bodies.day(request, language) or date.today()))


def _answer(request: Request, shape: Shape) -> Response:
    """The answer with its ETag; without a body when the client has it already."""
    return tagged(request, orjson.dumps(shape))


def tagged(request: Request, data: bytes) -> Response:
    """Prepared bytes with their ETag; 304 when the client has them already."""
    tag = hashlib.sha256(data).hexdigest()[:32]
    language = exchange_of(request).language
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in TAGS.findall(known):
        return Response(status_code=304, headers={"Content-Language": language, **headers})
    return bodies.Prepared(data, language, headers)


# -- shapes
# ---------------------------------------------------------------------------------------------------------


def about(policy: Policy, engine: str, language: Language, day: date) -> Shape:
    """The policy as a whole, with the values of one day."""

    def maximum(value: int | Reference) -> Any:
        return (
            policy.parameters[value.parameter].value_on(day)
            if isinstance(value, Reference)
            else value
        )

    return {
        "id": policy.id,
        "version": policy.version,
        "as_of": day.isoformat(),
        "engine": engine,
        "title": policy.title[language],
        "notice": policy.notice[language],
        "strategies": [
            {
                "id": one.id,
                "title": one.title[language],
                "short": one.short[language],
                **_period(one.in_force),
            }
            | {"in_force": one.in_force.covers(day), "cite": list(one.cite)}
            for one in policy.strategies.values()
        ],
        "criteria": [
            {"id": one.id, "label": one.label[language], "maximum": maximum(one.maximum)}
            for one in policy.criteria
        ],
        "thresholds": {
            one: policy.parameters[f"{one}_threshold"].value_on(day)
            for one in ("accept", "defer")
            if f"{one}_threshold" in policy.parameters
        },
        "documents": [
            {"id": one.id, "title": one.title[language], "short": one.short[language]}
            for one in policy.documents.values()
        ],
        "counts": {
            "rules": len(policy.rules),
            "statements": len(policy.statements),
            "cited": len(policy.cited() & set(policy.statements)),
        },
    }


def _listed(rule: Rule, language: Language) -> Shape:
    return {
        "id": rule.id,
        "title": rule.title[language],
        "basis": rule.basis,
        "strategy": rule.strategy,
        "cite": list(rule.cite),
    }


def described(policy: Policy, rule: Rule, language: Language, day: date) -> Shape:
    """A rule in words, with the values of one day."""
    shape = Describer(policy, language, day).describe(rule).as_dict()
    # Where the file lies on the server is nobody's business; the id finds the rule.
    del shape["place"]
    shape |= {"basis": rule.basis, "basis_text": shape["basis"]}
    return {**shape, "strategy": rule.strategy, "as_of": day.isoformat()}


def stated(policy: Policy, id: str, language: Language) -> Shape:
    """A statement of a source document, and what in the policy rests on it. It stands in the
    language of the source.
    """
    one = policy.statements[id]
    document = policy.documents[one.document]
    return {
        "id": one.id,
        "document": {
            "id": document.id,
            "title": document.title[language],
            "short": document.short[language],
        },
        "section": one.section,
        "kind": one.kind,
        "says": one.says,
        "not_encoded": one.not_encoded,
        "cited_by": {
            "rules": [rule.id for rule in policy.rules if id in rule.cite],
            "parameters": [
                parameter.id
                for parameter in policy.parameters.values()
                if any(id in dated.cite for dated in parameter.values)
            ],
        },
    }


def vocabularies(policy: Policy, language: Language) -> Shape:
    """Every value that a request may have, with its label; countries as ISO 3166 alpha-3 codes."""
    shape: Shape = {
        one.id: {
            "ordered": one.ordered,
            "values": [
                {"id": term.id, "label": term.label[language], "aliases": list(term.aliases)}
                for term in one.terms.values()
            ],
        }
        for one in policy.vocabularies.values()
    }
    known = sorted(countries.CODES)
    shape[COUNTRIES] = {
        "ordered": False,
        "values": [
            {"id": code, "label": countries.name(code, language), "aliases": []} for code in known
        ],
    }
    return shape


def _period(period: Period) -> Shape:
    return {
        "from": period.start and period.start.isoformat(),
        "until": period.end and period.end.isoformat(),
    }
