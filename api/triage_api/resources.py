"""GET: the policy, its rules, statements and vocabulary, the schemas, the health."""

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
from triage.model.policy import Criterion, Policy, Reference, Rule, SourceDocument, Strategy
from triage.review.checks import cited
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
    _add_policy(routes, desk)
    policy = desk.policy

    @routes.get("/v1/vocabulary", tags=["policy"], **openapi.VOCABULARY)
    async def vocabulary(request: Request) -> Response:
        return _answer(request, lambda language: {"vocabularies": vocabularies(policy, language)})

    @routes.get("/v1/schema", tags=["service"], **openapi.SCHEMA)
    async def schema(request: Request) -> Response:
        return _answer(request, lambda _: models.schemas(policy))

    @routes.get("/health", tags=["service"], **openapi.HEALTH)
    async def health(request: Request) -> Response:
        shape = {"status": "ok", "policy": {"version": policy.version}, "engine": desk.engine}
        return bodies.Prepared(orjson.dumps(shape), exchange_of(request).language)

    return routes


def _add_policy(routes: APIRouter, desk: Desk) -> None:
    policy = desk.policy

    @routes.get("/v1/policy", tags=["policy"], **openapi.POLICY)
    async def policy_(request: Request) -> Response:
        day = _day(request)
        return _answer(request, lambda language: about(policy, desk.engine, language, day))

    @routes.get("/v1/policy/rules", tags=["policy"], **openapi.RULES)
    async def rules(request: Request) -> Response:
        return _answer(
            request, lambda language: {"rules": [_listed(rule, language) for rule in policy.rules]}
        )

    @routes.get("/v1/policy/rules/{id}", tags=["policy"], **openapi.RULE)
    async def rule(request: Request, id: str) -> Response:
        if id not in policy.rule:
            raise ProblemError("not-found")
        day = _day(request)
        return _answer(request, lambda language: described(policy, policy.rule[id], language, day))

    @routes.get("/v1/policy/statements/{id}", tags=["policy"], **openapi.STATEMENT)
    async def statement(request: Request, id: str) -> Response:
        if id not in policy.statements:
            raise ProblemError("not-found")
        return _answer(request, lambda language: stated(policy, id, language))


def _day(request: Request) -> date:
    return bodies.day(request, exchange_of(request).language) or date.today()


def _answer(request: Request, make: Callable[[Language], Shape]) -> Response:
    """The shape in the reader's language as JSON, with its ETag."""
    return tagged(request, orjson.dumps(make(exchange_of(request).language)))


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


def about(policy: Policy, engine: str, language: Language, day: date) -> Shape:
    """The policy as a whole, with the values of one day."""
    names = [name for name in ("accept", "defer") if f"{name}_threshold" in policy.parameters]
    return {
        "id": policy.id,
        "version": policy.version,
        "as_of": day.isoformat(),
        "engine": engine,
        "title": policy.title[language],
        "notice": policy.notice[language],
        "strategies": [_strategy(one, language, day) for one in policy.strategies.values()],
        "criteria": [_criterion(policy, one, language, day) for one in policy.criteria],
        "thresholds": {
            name: policy.parameters[f"{name}_threshold"].value_on(day) for name in names
        },
        "documents": [_document(one, language) for one in policy.documents.values()],
        "counts": {
            "rules": len(policy.rules),
            "statements": len(policy.statements),
            "cited": len(cited(policy) & set(policy.statements)),
        },
    }


def _strategy(strategy: Strategy, language: Language, day: date) -> Shape:
    period = strategy.in_force
    return {
        "id": strategy.id,
        "title": strategy.title[language],
        "short": strategy.short[language],
        "from": period.start and period.start.isoformat(),
        "until": period.end and period.end.isoformat(),
        "in_force": period.covers(day),
        "cite": list(strategy.cite),
    }


def _criterion(policy: Policy, criterion: Criterion, language: Language, day: date) -> Shape:
    maximum: Any = criterion.maximum
    if isinstance(maximum, Reference):
        maximum = policy.parameters[maximum.parameter].value_on(day)
    return {"id": criterion.id, "label": criterion.label[language], "maximum": maximum}


def _document(document: SourceDocument, language: Language) -> Shape:
    title, short = document.title[language], document.short[language]
    return {"id": document.id, "title": title, "short": short}


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
    """A statement, in the language of its source, and what in the policy rests on it."""
    statement = policy.statements[id]
    parameters = policy.parameters.values()
    return {
        "id": statement.id,
        "document": _document(policy.documents[statement.document], language),
        "section": statement.section,
        "kind": statement.kind,
        "says": statement.says,
        "not_encoded": statement.not_encoded,
        "cited_by": {
            "rules": [rule.id for rule in policy.rules if id in rule.cite],
            "parameters": [one.id for one in parameters if any(id in v.cite for v in one.values)],
        },
    }


def vocabularies(policy: Policy, language: Language) -> Shape:
    """Every value that a request may have, with its label; countries as ISO 3166 alpha-3 codes."""
    shape: Shape = {}
    for vocabulary in policy.vocabularies.values():
        values = [
            {"id": term.id, "label": term.label[language], "aliases": list(term.aliases)}
            for term in vocabulary.terms.values()
        ]
        shape[vocabulary.id] = {"ordered": vocabulary.ordered, "values": values}
    values = [
        {"id": code, "label": countries.name(code, language), "aliases": []}
        for code in sorted(countries.CODES)
    ]
    return {**shape, COUNTRIES: {"ordered": False, "values": values}}
