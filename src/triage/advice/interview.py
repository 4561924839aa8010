"""Asks for the facts that could still change a recommendation, the most decisive first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import yaml

from triage.advice.assessment import plain
from triage.advice.options import Moves, relevant_rules
from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.errors import RequestError
from triage.formats.values import normal
from triage.intake.cells import NEVER_EMPTY, NO
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, say
from triage.model.facts import COUNTRIES, Kind, Request
from triage.model.policy import Policy

MOST_TRIED = 80
"""The most answers to one question that are tried to find out how decisive it is."""
NOTHING = NO | {"none", "nothing", "aucun", "aucune", "rien", "neant"}
"""What people write for an empty list."""


class Interview:
    """A proposal with the answers so far, which are read as the cells of an inbox are."""

    def __init__(
        self, decider: Decider, reader: RequestReader, request: Request, as_of: date | None = None
    ) -> None:
        self.decider, self.reader, self.as_of = decider, reader, as_of
        self.language, self.policy = reader.language, decider.policy
        self.request = request
        self.skipped: set[str] = set()
        self.answered: list[str] = []
        self.decision = self._decide(request)

    @property
    def settled(self) -> bool:
        """Whether no answer can change the recommendation any more."""
        return len(self.decision.result.possible) == 1

    def open_facts(self) -> list[str]:
        """The unknown facts that could change the recommendation and were not passed over."""
        if self.settled:
            return []
        could_change = [one["fact"] for one in self.decision.result.unknown if one["could_change"]]
        return [fact for fact in could_change if fact not in self.skipped]

    def next(self) -> str | None:
        """The fact to ask for: its answers leave the fewest recommendations possible, on average.

        Among equals it is the one whose answers move the score most, then the first of the facts of
        a request.
        """
        facts = self.open_facts()
        return min(facts, key=self._left_open) if facts else None

    def _left_open(self, fact: str) -> tuple[Fraction, int, int]:
        position = list(self.policy.request_facts).index(fact)
        decisions = [
            self._decide(self.request.having({fact: value})) for value in self._answers(fact)
        ]
        if not decisions:
            return Fraction(len(self.decision.result.possible)), 0, position
        left = sum(len(decision.result.possible) for decision in decisions)
        scores = [decision.score for decision in decisions]
        return Fraction(left, len(decisions)), min(scores) - max(scores), position

    def _answers(self, name: str) -> list[Any]:
        """The answers that the conditions of the policy can tell apart, and others beside them."""
        fact = self.policy.facts[name]
        snapshot = self.decider.snapshots.on(self.as_of or self.request.received)
        rules = [rule for plan in snapshot.plans.values() for rule in relevant_rules(plan)]
        moves = Moves(snapshot, self.request, rules)
        named = sorted(moves.named(name), key=str)
        if name == COUNTRIES:
            codes = sorted(code for scope in snapshot.scopes.values() for code in scope.countries)
            named += codes[:MOST_TRIED]
        vocabulary = self.policy.vocabularies.get(fact.values or "")
        match fact.kind:
            case Kind.BOOLEAN:
                return [False, True]
            case Kind.SET:
                values: list[frozenset[str]] = [] if name in NEVER_EMPTY else [frozenset()]
                values += [frozenset((value,)) for value in dict.fromkeys(named)]
                return values[:MOST_TRIED]
            case Kind.ENUM | Kind.TEXT:
                return (sorted(vocabulary.terms) if vocabulary else named)[:MOST_TRIED]
        return moves.turning(name)[:MOST_TRIED]

    def answer(self, fact: str, text: str) -> bool:
        """Take in an answer; False when it passes the question over.

        `RequestError` says why it cannot be read.
        """
        if is_skipped(text):
            self.skipped.add(fact)
            return False
        raw: Any = text.strip()
        may_be_empty = self.policy.facts[fact].kind is Kind.SET and fact not in NEVER_EMPTY
        if may_be_empty and normal(raw) in NOTHING:
            raw = []
        request = self.reader.request({**as_given(self.request, self.policy), fact: raw})
        if fact in request.unresolved:
            raise self._unresolved(request, fact)
        suggested = tuple(name for name in self.request.suggested if name != fact)
        self.request = replace(request, suggested=suggested)
        self.answered.append(fact)
        self.decision = self._decide(self.request)
        return True

    def _unresolved(self, request: Request, fact: str) -> RequestError:
        unresolved, words = request.unresolved[fact], self.decider.writer.wording(self.language)
        values = self.policy.facts[fact].values
        candidates = " / ".join(words.label(values, id) for id in unresolved.candidates)
        key = "interview.perhaps" if candidates else "interview.not-understood"
        expected = say(key, self.language, candidates=candidates)
        return RequestError(fact, unresolved.given, expected)

    def choices(self, fact: str) -> list[str]:
        """The allowed values as people call them; empty where there are none, or of countries."""
        if self.policy.facts[fact].kind is Kind.BOOLEAN:
            return [say(key, self.language) for key in ("word.yes", "word.no")]
        vocabulary = self.policy.vocabularies.get(self.policy.facts[fact].values or "")
        terms = vocabulary.terms.values() if vocabulary else ()
        return [term.label[self.language] for term in terms]

    def question(self, fact: str) -> str:
        """What to ask."""
        text = self.policy.fact_texts.get(fact)
        if text and text.question:
            return text.question[self.language]
        return self.decider.writer.wording(self.language).fact(fact)

    def completed(self) -> bytes:
        """The proposal with the answers as YAML; what was only suggested is left out."""
        given = as_given(self.request, self.policy)
        for name in self.request.suggested:
            given.pop(name, None)
        head = say("interview.file", self.language, version=self.policy.version)
        text = yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=100)
        return f"# {head}\n{text}".encode()

    def _decide(self, request: Request) -> Decision:
        return self.decider.decide(request, self.as_of, self.language)


def as_given(request: Request, policy: Policy) -> dict[str, Any]:
    """A request as a file gives it: facts by name, values by id, and what was kept beside them."""
    known = request.known(policy.request_facts)
    given = {name: plain(value) for name, value in known.items()}
    given |= {name: one.given for name, one in request.unresolved.items()}
    if request.language is not None:
        given["language"] = request.language
    if request.determination is not None:
        given["determination"] = request.determination.model_dump(mode="json", exclude_none=True)
    extra = {name: _simple(value) for name, value in request.extra.items() if name not in given}
    return given | extra


def _simple(value: Any) -> Any:
    """A value of a column that means nothing here, as YAML can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _simple(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(one) for one in value]
    value = plain(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def is_skipped(text: str) -> bool:
    """Whether an answer leaves the fact unknown: nothing, or the word for it in either language."""
    skips = {normal(say("interview.skip", language)) for language in LANGUAGES}
    return not text.strip() or normal(text) in skips
