"""The facts, parameters, flags and values that the program itself knows of any policy."""

from collections.abc import Mapping

from triage.model.derived import DERIVED

UNREAD = "unread"

PROGRAM_FACTS: Mapping[str, str] = {
    "id": "text unread",
    "title": "text unread",
    "summary": "text unread",
    "received": "date",
    "engagement_type": "enum engagement_types",
    "mission": "text",
    "requester_organization": "text",
    "requester_type": "enum requester_types",
    "countries": "set countries",
    "forum": "enum forums",
    "topics": "set topics",
    "populations": "set populations",
    "priorities_claimed": "set priorities",
    "start": "date",
    "end": "date",
    "participants": "integer",
    "visa_required_participants": "integer",
    "officer_days": "decimal",
    "cost_cad": "decimal",
    "classification": "enum classifications",
}
"""The request facts that the program reads by name, with the kind and vocabulary of each.

A policy declares them as it declares any other. They are what a request is found, refused, limited,
counted and marked by; every other fact is the policy's own. `unread`: it may be for the file only.
"""

_SETTINGS = {one.name: one for row in DERIVED.values() for one in row.settings if one.range}

REQUIRED_PARAMETERS: Mapping[str, str] = {
    "accept_threshold": "integer",
    "defer_threshold": "integer",
    **{name: setting.of for name, setting in _SETTINGS.items()},
}
"""The parameters that the program reads, with their types."""

RANGES: Mapping[str, tuple[int, int]] = {
    "accept_threshold": (0, 100),
    "defer_threshold": (0, 100),
    **{name: setting.range for name, setting in _SETTINGS.items() if setting.range},
}
"""The least and the most that each may be."""

PROGRAM_FLAGS = (
    "outside_strategies",
    "not_in_force",
    "region_undetermined",
    "priority_claim_differs",
    "several_funds",
    "suggested_facts",
    "limit_reached",
    "suspended",
)
"""The flags that the program sets; the vocabulary of flags gives their words."""

PROGRAM_TERMS: Mapping[str, tuple[str, ...]] = {
    row.fact.values: row.terms for row in DERIVED.values() if row.fact.values and row.terms
}
"""The values that the program works out, by vocabulary; an ordered one has this order."""

READING = "reading"
READING_TERMS = (
    *("own_names", "organizations", "works", "negations", "negations_after", "contrasts"),
    *("subjects", "person_titles", "features_before", "features_after", "partners", "places"),
)
COUNTRY_WORDS = "country_words"
"""The vocabularies that say how prose is read, and which words of it hint at a country: the program
knows the terms of the first; those of the second are countries by their codes. A policy may lack
both.
"""

REQUIRED_CONCLUDED: Mapping[str, str] = {"aligned_topics": "topics", "priorities": "priorities"}
"""The sets that the program reads from the rules' conclusions, with their vocabularies."""

MAX_COMBINATIONS = 64
"""The most combinations of alternatives in one rule: each becomes a conjunction in the engine."""

EFFORTS: Mapping[str, int] = {"low": -1, "medium": 0, "high": 1}
"""How easily a fact changes, and how much that counts beside other changes."""

LIMIT_BY = ("none", "region", "country", "mission", "lead")
LIMIT_MEASURES = ("count", "officer_days", "cost_cad", "participants")
"""By what a limit counts apart; and what it adds up, where `count` is the requests themselves."""
