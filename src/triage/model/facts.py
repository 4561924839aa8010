"""What a fact is, and what a request is.

Which facts a request has is content: the policy declares them, with their words.
"""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict


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
    """One typed input of the rules, as the policy declares it.

    `values` is its vocabulary, or `countries`. `least` and `most` bound a number, or the letters
    of a text. A fact that is not `readable` is for the file only: no rule reads it. A `personal`
    one may tell of a person.
    """

    name: str
    kind: Kind
    values: str | None = None
    origin: Origin = Origin.REQUEST
    readable: bool = True
    unit: str | None = None
    least: int | None = None
    most: int | None = None
    personal: bool = False

    @property
    def range(self) -> tuple[int, int] | None:
        """The least and the most that it may be; None for a kind that has no range."""
        if self.kind not in DEFAULT_RANGES:
            return None
        least, most = DEFAULT_RANGES[self.kind]
        return (
            least if self.least is None else self.least,
            most if self.most is None else self.most,
        )


DEFAULT_RANGES: Mapping[Kind, tuple[int, int]] = {
    Kind.TEXT: (1, 10_000),
    Kind.INTEGER: (0, 1_000_000),
    Kind.DECIMAL: (0, 10**12),
}
"""The range of a fact that declares none, by kind: letters of a text, or the number itself."""

COUNTRIES = "countries"
"""The value domain that is not a vocabulary: ISO 3166 alpha-3 codes."""


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


@dataclass(frozen=True, slots=True)
class Request:
    """A request for engagement.

    `facts` has the known ones by name: ids of vocabularies, alpha-3 codes, numbers, days. What
    stands beside them is kept, and no rule reads it.
    """

    facts: Mapping[str, Any]
    determination: Determination | None = None
    language: Literal["en", "fr"] | None = None
    """The official language in which the request came."""
    unresolved: Mapping[str, Unresolved] = field(default_factory=dict)
    suggested: tuple[str, ...] = ()
    """The facts that nobody gave: the program took them from the text, as it was told to."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Columns and keys that mean nothing here, as they came."""
    given_by_profile: tuple[str, ...] = ()
    """The facts that stand in no row of the file: its import profile has them."""
    confirmed: Mapping[str, str] = field(default_factory=dict)
    """The facts that a person confirmed in a sheet of suggestions, with the name of its file."""

    def known(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of some facts that are known, in the order of the names."""
        get = self.facts.get
        return {name: value for name in names if (value := get(name)) is not None}

    def having(self, facts: Mapping[str, Any]) -> "Request":
        """The same request with other values of some facts; None makes a fact unknown."""
        every = {**self.facts, **facts}
        return replace(self, facts={name: one for name, one in every.items() if one is not None})

    def without_suggestions(self) -> "Request":
        """The same request without the facts that were only suggested."""
        return replace(self.having(dict.fromkeys(self.suggested)), suggested=())

    # -- the facts that the program itself reads, as `model.program` names them

    @property
    def id(self) -> str:
        return self.facts["id"]  # type: ignore[no-any-return]

    @property
    def received(self) -> date:
        return self.facts["received"]  # type: ignore[no-any-return]

    @property
    def engagement_type(self) -> str:
        return self.facts["engagement_type"]  # type: ignore[no-any-return]

    @property
    def title(self) -> str | None:
        return self.facts.get("title")

    @property
    def mission(self) -> str | None:
        return self.facts.get("mission")

    @property
    def requester_organization(self) -> str | None:
        return self.facts.get("requester_organization")

    @property
    def countries(self) -> frozenset[str] | None:
        return self.facts.get("countries")

    @property
    def forum(self) -> str | None:
        return self.facts.get("forum")

    @property
    def topics(self) -> frozenset[str] | None:
        return self.facts.get("topics")

    @property
    def start(self) -> date | None:
        return self.facts.get("start")

    @property
    def end(self) -> date | None:
        return self.facts.get("end")

    @property
    def participants(self) -> int | None:
        return self.facts.get("participants")

    @property
    def classification(self) -> str | None:
        return self.facts.get("classification")


def content_id(content: Mapping[str, Any]) -> str:
    """A short id for a request that came without one: the same for the same content."""
    plain = {
        key: sorted(value) if isinstance(value, frozenset) else value
        for key, value in content.items()
    }
    data = orjson.dumps(plain, default=str, option=orjson.OPT_SORT_KEYS)
    return f"R-{hashlib.sha256(data).hexdigest()[:10]}"
