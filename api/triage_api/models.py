"""The shapes of requests, decisions and problems, for the OpenAPI document and `/v1/schema`.

A decision does not go through them: its bytes are those of the command line. Tests hold them true.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from triage.intake.requests import ONE_OF, REQUIRED
from triage.messages import listed
from triage.model.countries import CODES
from triage.model.facts import COUNTRIES, Fact, Kind
from triage.model.policy import Policy

VERSION = "1"
"""The version of the schemas, in the paths too. Facts and keys may be added, none taken away."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:engagement-triage:schema:{name}:" + VERSION

Schema = dict[str, Any]
RecommendationName = Literal["accept", "defer", "decline"]
LanguageName = Literal["en", "fr"]


def _plain(schema: Schema) -> None:
    """Take out the titles and defaults of the generator: such a default is never sent."""
    schema.pop("title", None)
    if "description" in schema:
        schema["description"] = " ".join(schema["description"].split())
    for property_ in schema.get("properties", {}).values():
        property_.pop("title", None)
        property_.pop("default", None)


def _optional(schema: Schema) -> None:
    """Keys that are there only where they say something."""
    _plain(schema)
    schema["required"] = [
        key for key in schema["required"] if key not in ("changes_limit", "limits", "if_confirmed")
    ]


def _only_index(schema: Schema) -> None:
    _plain(schema)
    schema["required"] = ["index"]


class Shape(BaseModel):
    """A shape without other keys.

    Where the OpenAPI document has another name for it, `__qualname__` gives that name.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_plain)


class Points(Shape):
    """The points of one criterion, and the most it can give."""

    points: int
    maximum: int


class Citation(Shape):
    """A statement of a source document."""

    id: str
    document: str
    section: str


class MatchedRule(Shape):
    """A rule that holds, what it contributes, and why."""

    id: str
    effect: dict[str, Any]
    because: str
    basis: Literal["strategy", "setting"]
    citations: list[Citation]


class UnknownFact(Shape):
    """A fact that is not known, the rules that wait for it,
    and whether it could change the recommendation."""

    fact: str
    rules: list[str]
    could_change: bool
    given: str = Field(
        default="", description="what was given for it and not understood; absent when nothing was"
    )
    candidates: list[str] = Field(default=[], description="what that may have meant")


class AssessmentShape(Shape):
    """What one strategy says of the request."""

    __qualname__ = "Assessment"

    recommendation: RecommendationName
    score: int
    criteria: dict[str, Points]
    priorities: list[str]
    alignment: str | None
    rules: list[MatchedRule]
    justification: str
    decided_by: list[str]
    lead: str
    consult: list[str]
    fund: str | None
    advice: list[str]
    flags: list[str]
    unknown: list[UnknownFact]
    possible: list[RecommendationName]


class Kept(Shape):
    """What limits did to a decision of a screening: what it is on its merits, what was reached,
    and when it fits."""

    recommendation: RecommendationName
    decided_by: list[str]
    reached: list[dict[str, Any]]
    suspension: dict[str, Any] | None
    counted_on: str = Field(json_schema_extra={"format": "date"})
    start_known: bool
    first_period: dict[str, Any] | None
    searched_until: str = Field(json_schema_extra={"format": "date"})


class PolicyOnDay(Shape):
    """The policy that decided, and the day by which it judged."""

    version: str
    as_of: str = Field(json_schema_extra={"format": "date"})


class DecisionShape(AssessmentShape):
    """A recommendation with its justification; a person decides."""

    __qualname__ = "Decision"

    decision_id: str
    request_id: str
    strategy: str | None
    strategies: dict[str, AssessmentShape]
    limits: Kept = Field(
        default=..., description="only in a screening, where a limit defers the request"
    )
    if_confirmed: RecommendationName = Field(
        default=...,
        description="only where suggested facts decide: the recommendation if they are confirmed",
    )
    policy: PolicyOnDay
    engine: str
    language: LanguageName

    model_config = ConfigDict(json_schema_extra=_optional)


class ChangedFact(Shape):
    """A fact with its present value and the one to change it to;
    `from` is null where it is not known."""

    fact: str
    from_: Any = Field(alias="from")
    to: Any


class ChangesShape(Shape):
    """A smallest set of changes: with all of them the recommendation is `to`,
    with any part of them it is not."""

    __qualname__ = "Change"

    to: RecommendationName
    score: int
    facts: list[ChangedFact] = Field(min_length=1)
    rules_on: list[str] = Field(
        description="rules of the strategy that counts then which match only with the changes"
    )
    rules_off: list[str] = Field(description="rules that match only without them")
    text: str = Field(description="what to do, in one sentence")


class ChangesLimit(Shape):
    """What `changes` leaves out."""

    facts: int | None = Field(
        description="sets that change more facts than this were not looked for; null: all were"
    )
    members: int | None = Field(
        description="nor those that change more values of one fact than this; null: all were"
    )
    left_off: int = Field(description="how many sets were found that are not in the list")


class SelfAssessmentShape(DecisionShape):
    """A decision with the smallest changes that would raise its recommendation,
    the fewest first."""

    __qualname__ = "SelfAssessment"

    changes_limit: ChangesLimit = Field(
        default=..., description="absent when `changes` is complete"
    )
    changes: list[ChangesShape]

    model_config = ConfigDict(json_schema_extra=_optional)


class Place(Shape):
    """One place that is wrong: where it is in the body, or which parameter; what stands there;
    what was expected."""

    pointer: str = Field(default="", description="JSON Pointer into the body (RFC 6901)")
    parameter: str = Field(default="", description="parameter of the query string")
    field: str = Field(default="", description="the fact, by its canonical name")
    value: str = ""
    expected: str = ""


class Problem(Shape):
    """RFC 9457 problem details."""

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str
    errors: list[Place] = []
    request_id: str = ""


class Batch(Shape):
    """Requests to decide, 1 to 1000."""

    requests: list[dict[str, Any]] = Field(min_length=1, max_length=1000)


class BatchEntry(Shape):
    """The outcome of one request: a decision or an error."""

    index: int
    decision: DecisionShape = Field(default=..., description="absent when there is an error")
    error: Problem = Field(default=..., description="absent when there is a decision")
    unread: list[str] = Field(
        default=[], description="keys that mean nothing here; absent when there are none"
    )

    model_config = ConfigDict(json_schema_extra=_only_index)


class BatchTotals(Shape):
    """`decided` and `failed` make up `read`."""

    read: int
    decided: int
    failed: int


class PolicyAndEngine(Shape):
    """What decided."""

    version: str
    engine: str


class BatchResult(Shape):
    """An outcome for each request, in the order in which they came."""

    results: list[BatchEntry]
    totals: BatchTotals
    policy: PolicyAndEngine


# -- requests

SCALARS: dict[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "number"},
    Kind.DATE: {"type": "string", "format": "date"},
}
OPEN = {
    Kind.ENUM: "id, label or alias of the vocabulary `{values}`",
    Kind.SET: "list of ids, labels or aliases of the vocabulary `{values}`",
    Kind.BOOLEAN: "true or false, or a word that means yes or no",
    Kind.INTEGER: "whole number, {least} to {most}",
    Kind.DECIMAL: "number, {least} to {most}",
    Kind.DATE: "date as YYYY-MM-DD, or with the month in words",
    Kind.TEXT: "text of at most {most} characters",
}
OPEN_REQUEST = (
    "A request for engagement: facts by name, or by any header that an inbox may have, in English "
    "or French. {required} and one of {one_of} are needed. A fact that is absent or null is "
    "unknown. `/v1/schema` has the canonical form, with every value."
)


def request_schema(policy: Policy) -> Schema:
    """A request in its canonical form, the same in every language: facts by name, values by id."""
    shape = {
        name: {"description": _labels(name, policy), **_value(fact, policy)}
        for name, fact in policy.request_facts.items()
    }
    return {
        "type": "object",
        "properties": shape,
        "required": list(REQUIRED),
        "anyOf": [{"required": [name]} for name in ONE_OF],
        "additionalProperties": False,
    }


def _labels(name: str, policy: Policy) -> str:
    """What people call a fact, in English and French."""
    label = policy.fact_texts[name].label
    return label.en if label.en == label.fr else f"{label.en} / {label.fr}"


def _range(fact: Fact) -> Schema:
    if fact.range is None:
        return {}
    least, most = fact.range
    if fact.kind is Kind.TEXT:
        return ({"minLength": least} if least > 1 else {}) | {"maxLength": most}
    return {"minimum": least, "maximum": most}


def _value(fact: Fact, policy: Policy) -> Schema:
    if fact.kind not in (Kind.ENUM, Kind.SET):
        return SCALARS[fact.kind] | _range(fact)
    if fact.values == COUNTRIES:
        value: Schema = {"enum": sorted(CODES)}
    else:
        value = {"enum": list(policy.vocabularies[fact.values or ""].terms)}
    if fact.kind is Kind.SET:
        return {"type": "array", "items": value, "uniqueItems": True}
    return value


def open_request_schema(policy: Policy) -> Schema:
    """A request as it may come: any header and value of an inbox, in English or French."""
    shape = {}
    for name, fact in policy.request_facts.items():
        least, most = fact.range or (None, None)
        form = OPEN[fact.kind].format(values=fact.values, least=least, most=most)
        shape[name] = {"description": f"{_labels(name, policy)}: {form}"}
    required, one_of = ([f"`{name}`" for name in names] for names in (REQUIRED, ONE_OF))
    text = OPEN_REQUEST.format(required=", ".join(required), one_of=listed(one_of, "en"))
    return {"type": "object", "description": text, "properties": shape}


def schemas(policy: Policy) -> Schema:
    """The JSON Schemas of requests, decisions and assessments, with the values of one policy."""
    shapes = {
        "request": request_schema(policy),
        "decision": DecisionShape.model_json_schema(),
        "assessment": SelfAssessmentShape.model_json_schema(),
    }
    heads = {name: {"$schema": DIALECT, "$id": IDENTIFIER.format(name=name)} for name in shapes}
    versioned = {name: {**heads[name], **shape} for name, shape in shapes.items()}
    return {"version": VERSION, "policy": {"version": policy.version}, **versioned}
