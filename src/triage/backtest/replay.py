"""Recorded decisions made again: the same bytes, or a difference with its cause.

A decision is made under the policy version of its record. A record does not hold the facts of its
request; they come from the inboxes beside it. `decision_id` is a digest of the facts that rules
read, of the version and of the day, so that changed facts are told from a changed policy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import orjson

from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.deciding.durable import ReferenceMatcher
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy, Recommendation

NEEDED = ("decision_id", "request_id", "recommendation", "score", "policy", "engine", "language")
"""The keys without which something is no record of a decision."""

SUGGESTED = "suggested_facts"
"""The flag of a decision that rests on facts taken from the words of the request."""

BESIDE = ("changes",)
"""Keys that `assess` adds to a record: proposals made from the decision, and no part of it."""

LIMITED = "limits"
"""The key of a record that limits have changed: it depends on all that was decided with it."""

SET_APART = ("decision_id", "policy", "engine", "language")
"""Keys that say how a decision was made and not what it is."""


class Cause(StrEnum):
    """Why a decision that is made again differs, or cannot be made again."""

    REQUEST = "request"
    POLICY = "policy"
    FACTS = "facts"
    ENGINE = "engine"
    LIMITS = "limits"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Screened:
    """The screening that a file of decisions comes from.

    `order` is the order in which limits were kept; `as_of` its day, None where each request was
    screened by the day on which it was received.
    """

    order: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded decision; `number` is its line or its number in the file `source`."""

    source: str
    number: int
    shape: Mapping[str, Any]
    screened: Screened | None = None

    @property
    def version(self) -> str:
        return str(self.shape["policy"]["version"])

    @property
    def as_of(self) -> date:
        """The day whose policy was applied."""
        return date.fromisoformat(self.shape["policy"]["as_of"])

    @property
    def language(self) -> Language:
        return "fr" if self.shape["language"] == "fr" else "en"

    @property
    def suggested(self) -> bool:
        """Whether it rests on facts that were taken from the words of the request."""
        flags = self.shape.get("flags")
        return isinstance(flags, list) and SUGGESTED in flags


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """Something in a file that is no record of a decision; no `problem`: it is no object."""

    source: str
    number: int
    problem: str

    def as_dict(self) -> dict[str, Any]:
        return {"source": self.source, "number": self.number, "problem": self.problem}

    def line(self, language: Language) -> str:
        """One line for people."""
        key = "replay.not-a-record" if self.problem else "replay.not-an-object"
        return say(key, language, source=self.source, number=self.number, problem=self.problem)


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that does not agree with the decision of today.

    `now` is today's recommendation and score, where the request was found; `keys` are the keys of
    the record that differ; `detail` has the two policy versions or engines.
    """

    record: Record
    cause: Cause
    now: tuple[str, int] | None = None
    keys: tuple[str, ...] = ()
    detail: tuple[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        shape = self.record.shape
        told: dict[str, Any] = {
            "source": self.record.source,
            "number": self.record.number,
            "request_id": shape["request_id"],
            "decision_id": shape["decision_id"],
            "cause": self.cause.value,
            "recorded": {"recommendation": shape["recommendation"], "score": shape["score"]},
            "now": self.now and {"recommendation": self.now[0], "score": self.now[1]},
            "differs_in": list(self.keys),
        }
        if self.detail is not None:
            told[self.cause.value] = {"recorded": self.detail[0], "now": self.detail[1]}
        return told


def read_records(source: str, data: bytes) -> Iterator[Record | UnreadableRecord]:
    """The decisions in a file: JSON of `screen` or `assess`, a list of decisions, or JSON lines."""
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        lines = [(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
        if len(lines) < 2:
            yield UnreadableRecord(source, error.lineno, error.msg)
            return
        for number, line in lines:
            try:
                yield _record(source, number, orjson.loads(line))
            except orjson.JSONDecodeError as problem:
                yield UnreadableRecord(source, number, problem.msg)
        return
    screened = None
    if isinstance(content, dict) and isinstance(content.get("decisions"), list):
        screened = _screened(content)
        content = content["decisions"]
    for number, shape in enumerate(content if isinstance(content, list) else [content], 1):
        yield _record(source, number, shape, screened)


def _screened(content: Mapping[str, Any]) -> Screened | None:
    try:
        day, order = content["policy"]["as_of"], str(content["allocation"]["order"])
        return Screened(order, None if day is None else date.fromisoformat(day))
    except (KeyError, TypeError, ValueError):
        return None


def _record(
    source: str, number: int, shape: Any, screened: Screened | None = None
) -> Record | UnreadableRecord:
    if not isinstance(shape, dict):
        return UnreadableRecord(source, number, "")
    missing = [key for key in NEEDED if key not in shape]
    if missing:
        return UnreadableRecord(source, number, ", ".join(missing))
    wrong = [key for key, sound in _SOUND.items() if not sound(shape[key])]
    if wrong:
        return UnreadableRecord(source, number, ", ".join(wrong))
    decision = {key: value for key, value in shape.items() if key not in BESIDE}
    return Record(source, number, decision, screened)


def _is_version(policy: Any) -> bool:
    try:
        return isinstance(policy["version"], str) and bool(date.fromisoformat(policy["as_of"]))
    except (KeyError, TypeError, ValueError):
        return False


_SOUND: Mapping[str, Callable[[Any], bool]] = {
    "recommendation": lambda value: value in [one.value for one in Recommendation],
    "score": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "policy": _is_version,
    "engine": lambda value: isinstance(value, str),
}
"""What must be right before a record can be made again; whatever else is wrong differs."""


@dataclass
class Replayer:
    """Makes recorded decisions again under the policies at hand, each compiled once an engine.

    `requests` are by id, and by whether suggestions from their words were accepted. `limited` gives
    the bytes of a decision as limits leave it, from all that was decided with it; None where they
    leave it as it is, or where that cannot be told.
    """

    policies: Sequence[Policy]
    requests: Mapping[tuple[str, bool], Sequence[Request]]
    limited: Callable[[Record, Decision], bytes | None] = lambda record, decision: None
    _deciders: dict[tuple[str, str | None], Decider] = field(default_factory=dict)

    def replay(self, records: Iterable[Record]) -> Iterator[tuple[Record, Difference | None]]:
        """Each record with how it differs; None when the decision of today has the same bytes."""
        for record in records:
            yield record, self._differs(record)

    def decide(self, record: Record) -> Decision | None:
        """The decision of today, without limits; None when there is no such request.

        Of several requests with one id, the one from whose facts the record was made counts.
        """
        requests = self.requests.get((str(record.shape["request_id"]), record.suggested), ())
        decider = self.decider(record)
        decisions = [decider.decide(request, record.as_of, record.language) for request in requests]
        same = [one for one in decisions if one.decision_id == record.shape["decision_id"]]
        return next(iter([*same, *reversed(decisions)]), None)

    def decider(self, record: Record) -> Decider:
        """The policy of the record's version and its engine, where these are at hand."""
        same = (policy for policy in self.policies if policy.version == record.version)
        policy = next(same, self.policies[0])
        # The reference evaluator makes its records again even where the rule engine is there.
        engine = ReferenceMatcher.name if record.shape["engine"] == ReferenceMatcher.name else None
        key = policy.version, engine
        if key not in self._deciders:
            self._deciders[key] = Decider(policy, engine)
        return self._deciders[key]

    def _differs(self, record: Record) -> Difference | None:
        decision = self.decide(record)
        if decision is None:
            return Difference(record, Cause.REQUEST)
        limited = LIMITED in record.shape
        data = (self.limited(record, decision) if limited else None) or decision.to_json()
        if data == orjson.dumps(record.shape):
            return None
        today = orjson.loads(data)
        now = str(today["recommendation"]), int(today["score"])
        keys = _differing(record.shape, today)
        version, engine = decision.policy_version, str(record.shape["engine"])
        if version != record.version:
            return Difference(record, Cause.POLICY, now, keys, (record.version, version))
        if decision.decision_id != record.shape["decision_id"]:
            return Difference(record, Cause.FACTS, now, keys)
        if decision.engine != engine:
            return Difference(record, Cause.ENGINE, now, keys, (engine, decision.engine))
        return Difference(record, Cause.LIMITS if limited else Cause.PROGRAM, now, keys)


def _differing(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that differ, those that say what the decision is before those in `SET_APART`."""
    keys = [key for key in {**now, **recorded} if recorded.get(key) != now.get(key)]
    return tuple(sorted(keys, key=lambda key: key in SET_APART))
