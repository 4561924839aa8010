"""Asking for the facts that could still change a recommendation, the most decisive first, until
it is settled.
"""

from collections.abc import Iterable, Mapping
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
from triage.model.conditions import Test
from triage.model.facts import COUNTRIES, REQUEST_FACTS, Kind, Request

MOST_TRIED = 80
"""The most answers to one question that are tried to find out how decisive it is."""


class Interview:
    """A proposal with the answers so far. Answers are read as the cells of an inbox are, in
    English or French.
    """

    def __init__(
        self, decider: Decider, reader: RequestReader, request: Request, as_of: date | None = None
    ) -> None:
        self.decider, self.reader, self.as_of = decider, reader, as_of
        self.request = request
        self.skipped: set[str] = set()
        self.answered: list[str] = []
        self.decision = self._decide(request)

    @property
    def settled(self) -> bool:
        """Whether no answer can change the recommendation any more."""
        return len(self.decision.result.possible) == 1

    def open_facts(self) -> list[str]:
        """The unknown facts that could still change the recommendation and have not been passed
        over.
        """
        if self.settled:
            return []
        unknown = self.decision.result.unknown
        return [
            one["fact"]
            for one in unknown
            if one["could_change"] and one["fact"] not in self.skipped
        ]

    def next(self) -> str | None:
        """The fact to ask for: the one whose answer leaves the fewest recommendations possible, on
        average.

        Among equals it is the one whose answers move the score most, then the first of the facts of
        a request.
        """
        facts = self.open_facts()
        return min(facts, key=self._left_open) if facts else None

    def _left_open(self, fact: str) -> tuple[Fraction, int, int]:
        place = list(REQUEST_FACTS).index(fact)
        tried = [
            self._decide(self.request.model_copy(update={fact: value}))
            for value in self._answers(fact)
        ]
        if not tried:
            return Fraction(len(self.decision.result.possible)), 0, place
        left = sum(len(one.result.possible) for one in tried)
        scores = [one.score for one in tried]
        return Fraction(left, len(tried)), min(scores) - max(scores), place

    def _answers(self, name: str) -> list[Any]:
        """The answers that the conditions of the policy can tell apart, and others beside them."""
        fact = self.decider.policy.facts[name]
        snapshot = self.decider.snapshots.on(self.as_of or self.request.received)
        rules = [rule for plan in snapshot.plans.values() for rule in relevant_rules(plan)]
        tests = [
            one
            for rule in rules
            for clause in rule.when + rule.unless
            for one in clause
            if one.fact == name
        ]
        named = sorted({value for test in tests for value in _named(test)}, key=str)
        if name == COUNTRIES:
            named += sorted(code for scope in snapshot.scopes.values() for code in scope.countries)[
                :MOST_TRIED
            ]
        vocabulary = self.decider.policy.vocabularies.get(fact.values or "")
        match fact.kind:
            case Kind.BOOLEAN:
                return [False, True]
            case Kind.SET:
                values: list[frozenset[str]] = [frozenset((one,)) for one in dict.fromkeys(named)]
                return [*([] if name in NEVER_EMPTY else [frozenset()]), *values][:MOST_TRIED]
            case Kind.ENUM | Kind.TEXT:
                return (sorted(vocabulary.terms) if vocabulary else named)[:MOST_TRIED]
        return Moves(snapshot, self.request, rules).turning(name)[:MOST_TRIED]

    def answer(self, fact: str, text: str) -> bool:
        """Take in an answer; False when it passes the question over. `RequestError` says why it
        cannot be read.
        """
        if is_skipped(text):
            self.skipped.add(fact)
            return False
        raw: Any = text.strip()
        if (
            REQUEST_FACTS[fact].kind is Kind.SET
            and fact not in NEVER_EMPTY
            and normal(raw) in NO | NOTHING
        ):
            raw = []
        given = {**as_given(self.request), fact: raw}
        request, errors = self.reader.read(given)
        if request is None:
            raise errors[0]
        if fact in request.unresolved:
            raise self._unresolved(request, fact)
        suggested = tuple(name for name in self.request.suggested if name != fact)
        self.request = request.model_copy(update={"suggested": suggested})
        self.answered.append(fact)
        self.decision = self._decide(self.request)
        return True

    def _unresolved(self, request: Request, fact: str) -> RequestError:
        found, language = request.unresolved[fact], self.reader.language
        words = self.decider.writer.wording(language)
        likely = " / ".join(
            words.label(REQUEST_FACTS[fact].values, one) for one in found.candidates
        )
        key = "interview.perhaps" if likely else "interview.not-understood"
        return RequestError(fact, found.given, say(key, language, candidates=likely))

    def choices(self, fact: str) -> list[str]:
        """The allowed values as people call them; empty where there are none, or where they are
        countries.
        """
        if REQUEST_FACTS[fact].kind is Kind.BOOLEAN:
            return [say(key, self.reader.language) for key in ("word.yes", "word.no")]
        vocabulary = self.decider.policy.vocabularies.get(REQUEST_FACTS[fact].values or "")
        return (
            [term.label[self.reader.language] for term in vocabulary.terms.values()]
            if vocabulary
            else []
        )

    def question(self, fact: str) -> str:
        """What to ask."""
        text = self.decider.policy.fact_texts.get(fact)
        words = self.decider.writer.wording(self.reader.language)
        return text.question[self.reader.language] if text and text.question else words.fact(fact)

    def completed(self) -> bytes:
        """The proposal with the answers, as YAML that `triage assess` reads; what was only
        suggested is left out.
        """
        given = as_given(self.request)
        for name in self.request.suggested:
            given.pop(name, None)
        head = say("interview.file", self.reader.language, version=self.decider.policy.version)
        text = yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=100)
        return f"# {head}\n{text}".encode()

    def _decide(self, request: Request) -> Decision:
        return self.decider.decide(request, self.as_of, self.reader.language)


def as_given(request: Request) -> dict[str, Any]:
    """A request as a file would give it: facts by name and values by id, and what was kept
    beside them.
    """
    values = dict(request)
    given = {name: plain(values[name]) for name in REQUEST_FACTS if values[name] is not None}
    given |= {name: one.given for name, one in request.unresolved.items()}
    if request.language is not None:
        given["language"] = request.language
    if request.determination is not None:
        given["determination"] = request.determination.model_dump(mode="json", exclude_none=True)
    return given | {
        name: _simple(value) for name, value in request.extra.items() if name not in given
    }


def _simple(value: Any) -> Any:
    """A value of a column that means nothing here, as YAML can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _simple(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(one) for one in value]
    value = plain(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


NOTHING = frozenset(("none", "nothing", "aucun", "aucune", "rien", "neant"))
"""What people write when there is nothing; NO means the same here."""


def is_skipped(text: str) -> bool:
    """Whether an answer leaves the fact unknown: nothing, or the word for it in either language."""
    plain_ = normal(text)
    return not text.strip() or plain_ in {
        normal(say("interview.skip", language)) for language in LANGUAGES
    }


def _named(test: Test) -> Iterable[Any]:
    if test.presence or test.value is None:
        return ()
    return test.value if isinstance(test.value, frozenset) else (test.value,)
