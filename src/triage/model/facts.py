"""The facts of a request, and those worked out from its dates and numbers.

Labels, aliases and questions of facts are content and live in the policy, as do the facts that the
policy concludes.
"""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What values a fact takes, and with that which operators."""

    TEXT = "text"
    ENUM = "enum"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    SET = "set"


class Origin(StrEnum):
    REQUEST = "request"
    DERIVED = "derived"
    CONCLUDED = "concluded"


@dataclass(frozen=True, slots=True)
class Fact:
    """One typed input of the rules; `values` is its vocabulary, or `countries`."""

    name: str
    kind: Kind
    values: str | None = None
    origin: Origin = Origin.REQUEST
    readable: bool = True
    unit: str | None = None


COUNTRIES = "countries"
"""The value domain that is not a vocabulary: ISO 3166 alpha-3 codes."""


def _facts(origin: Origin, rows: str) -> dict[str, Fact]:
    """Facts from a row each: name, kind, values (`-` for none), `unread`, `unit:`."""
    facts = {}
    for row in rows.strip().splitlines():
        name, kind, *rest = row.split()
        values = rest[0] if rest and rest[0] != "-" else None
        readable = "unread" not in rest
        unit = next((word.removeprefix("unit:") for word in rest if word.startswith("unit:")), None)
        facts[name] = Fact(name, Kind(kind), values, origin, readable, unit)
    return facts


REQUEST_FACTS = _facts(
    Origin.REQUEST,
    """
id text - unread
title text - unread
summary text - unread
received date
engagement_type enum engagement_types
origin enum origins
mission text
requester_organization text
requester_type enum requester_types
countries set countries
forum enum forums
topics set topics
populations set populations
priorities_claimed set priorities
purpose_stated boolean
agenda_attached boolean
outcome_stated boolean
shares_experience boolean
expressed_interest boolean
level enum levels
modality enum modalities
location enum locations
start date
end date
flexible_dates boolean
participants integer
visa_required_participants integer
canada_role enum canada_roles
new_participants boolean
officer_days decimal - unit:days
cost_cad decimal - unit:CAD
cost_recovery enum cost_recoveries
direct_results boolean
cooperation_results boolean
complements_us boolean
gc_priority text gc_priorities
in_engagement_plan boolean
same_topic_within_24_months boolean
agent_letter boolean
classification enum classifications
""",
)

DERIVED_FACTS = _facts(
    Origin.DERIVED,
    """
notice_days integer - unit:working_days
duration_days integer - unit:working_days
event_size enum event_sizes
country_count integer
strategy enum strategies
in_region boolean
alignment enum alignments
""",
)

DERIVED_FROM: Mapping[str, tuple[str, ...]] = {
    "notice_days": ("received", "start"),
    "duration_days": ("start", "end"),
    "event_size": ("participants",),
    "country_count": ("countries",),
    "in_region": ("countries",),
    "alignment": ("topics",),
}
"""The request facts that each derived fact is worked out from."""

Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Amount = Annotated[Decimal, Field(ge=0, le=10**12, allow_inf_nan=False)]


class Determination(BaseModel):
    """What people decided on a historical request: kept beside it, never read by a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["accept", "defer", "decline"]
    date: datetime.date | None = None
    reason: str | None = None


class Unresolved(BaseModel):
    """A value that was given but not understood: the fact is unknown, and readers are told why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given: str
    candidates: tuple[str, ...] = ()


class Request(BaseModel):
    """A request for engagement: ids of vocabularies, alpha-3 codes, and None for unknown facts."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: Text
    received: date
    engagement_type: str
    title: Text | None = None
    summary: str | None = None
    origin: str | None = None
    mission: Text | None = None
    requester_organization: Text | None = None
    requester_type: str | None = None
    countries: frozenset[str] | None = None
    forum: str | None = None
    topics: frozenset[str] | None = None
    populations: frozenset[str] | None = None
    priorities_claimed: frozenset[str] | None = None
    purpose_stated: bool | None = None
    agenda_attached: bool | None = None
    outcome_stated: bool | None = None
    shares_experience: bool | None = None
    expressed_interest: bool | None = None
    level: str | None = None
    modality: str | None = None
    location: str | None = None
    start: date | None = None
    end: date | None = None
    flexible_dates: bool | None = None
    participants: Count | None = None
    visa_required_participants: Count | None = None
    canada_role: str | None = None
    new_participants: bool | None = None
    officer_days: Amount | None = None
    cost_cad: Amount | None = None
    cost_recovery: str | None = None
    direct_results: bool | None = None
    cooperation_results: bool | None = None
    complements_us: bool | None = None
    gc_priority: Text | None = None
    in_engagement_plan: bool | None = None
    same_topic_within_24_months: bool | None = None
    agent_letter: bool | None = None
    classification: str | None = None
    determination: Determination | None = None
    language: Literal["en", "fr"] | None = None
    """The official language in which the request came: kept beside it, never read by a rule."""
    unresolved: dict[str, Unresolved] = Field(default_factory=dict)
    suggested: tuple[str, ...] = ()
    """The facts that nobody gave: the program took them from the text, as it was told to."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Columns and keys that mean nothing here, as they came; no rule or decision uses them."""

    def known(self) -> dict[str, Any]:
        """The facts that are known, by name; absent facts are left out."""
        values = self.__dict__  # much cheaper than one attribute after the other
        return {name: value for name in READ_FACTS if (value := values[name]) is not None}


READ_FACTS = tuple(name for name, fact in REQUEST_FACTS.items() if fact.readable)


def content_id(content: Mapping[str, Any]) -> str:
    """A short id for a request that came without one: the same for the same content."""
    plain = {
        key: sorted(value) if isinstance(value, frozenset) else value
        for key, value in content.items()
    }
    data = orjson.dumps(plain, default=str, option=orjson.OPT_SORT_KEYS)
    return f"R-{hashlib.sha256(data).hexdigest()[:10]}"


def working_days(start: date, end: date) -> int:
    """Mondays to Fridays from `start` to before `end`; negative when `end` comes first.

    Public holidays are not taken out: they differ between missions.
    """
    if end < start:
        return -working_days(end, start)
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start.weekday() + day) % 7 < 5 for day in range(rest))


def derive(known: dict[str, Any], small_at_most: int, medium_at_most: int) -> None:
    """Add to `known` the facts that follow from its dates and numbers."""
    if (start := known.get("start")) is not None:
        if (received := known.get("received")) is not None:
            known["notice_days"] = working_days(received, start)
        if (end := known.get("end")) is not None:
            known["duration_days"] = working_days(start, end) + (end.weekday() < 5)
    if (participants := known.get("participants")) is not None:
        small, medium = participants <= small_at_most, participants <= medium_at_most
        known["event_size"] = "small" if small else "medium" if medium else "large"
    if (countries := known.get("countries")) is not None:
        known["country_count"] = len(countries)
