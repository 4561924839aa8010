"""What was found -> what a reader is told: justification, routing, advice, unknown facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from triage.deciding.calendar import Snapshot
from triage.deciding.decision import Assessment, RuleEntry, Told
from triage.deciding.match import Matches
from triage.deciding.possible import Bounds, ranked
from triage.deciding.settled import ActiveRule
from triage.deciding.wording import Wording, Written
from triage.messages import Language, listed, say
from triage.model.conditions import Among, Partial
from triage.model.facts import Request
from triage.model.policy import RANKED, RECOMMENDATION_MESSAGES, Policy, Recommendation

_POSITION = attrgetter("position")
OUTSIDE = "outside-strategies"
"""What decides a request that no strategy covers."""
UNCONFIRMED = "suggested-facts"
"""What decides a request whose result rests on facts that nobody has confirmed."""


@dataclass(frozen=True)
class Assessed:
    """One assessment before it is put into words."""

    matches: Matches
    bounds: Bounds
    score: int
    points: list[int]
    """By criterion, capped."""
    rank: int
    decided_by: list[str]


class Notes(NamedTuple):
    """Advice and flags that come from the program itself, not from one rule."""

    advice: list[str]
    flags: set[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is told of a rule, in one language; `directs` marks advice, routing and flags."""

    id: str
    title: str
    points: int
    directs: bool
    shown: RuleEntry
    because: Written
    advice: Written | None
    cited: str


class _Contributions(NamedTuple):
    """What the matched rules of one assessment say and ask for, in the order of the rules."""

    entries: list[_Entry]
    told: list[Told]
    sentences: list[str]
    advice: list[str]
    flags: set[str]
    leads: set[str]
    consult: set[str]
    funds: set[str]


@dataclass
class Writer:
    """Puts assessments into words. Safe to use from several threads."""

    policy: Policy
    _words: dict[Language, Wording] = field(default_factory=dict)

    def wording(self, language: Language) -> Wording:
        words = self._words.get(language)
        if words is None:
            words = self._words[language] = Wording(self.policy, language)
        return words

    def notes(
        self,
        snapshot: Snapshot,
        day: date,
        request: Request,
        facts: Mapping[str, Any],
        assessed: Mapping[str, Assessed],
        language: Language,
    ) -> Notes:
        """The notes on a request; `assessed` has an assessment by strategy that it touches."""
        notes = _lapsed(snapshot, facts, assessed, language)
        advice, flags = notes
        if not snapshot.scopes:
            flags.add("not_in_force")
            advice.append(say("decision.nothing-in-force", language, day=day.isoformat()))
        if not assessed:
            flags.add("outside_strategies")
        countries = facts.get("countries", frozenset())
        if any(not countries.isdisjoint(scope.undetermined) for scope in snapshot.scopes.values()):
            flags.add("region_undetermined")
        claimed = facts.get("priorities_claimed")
        if claimed is not None and assessed:
            concluded = [one.matches.state["priorities"] for one in assessed.values()]
            if claimed.difference(*map(_certain, concluded)):
                flags.add("priority_claim_differs")
        if request.suggested:
            flags.add("suggested_facts")
        advice += self._on_facts(request, language)
        return notes

    def _on_facts(self, request: Request, language: Language) -> list[str]:
        """What is said of the facts that the program guessed or could not read."""
        advice, wording = [], self.wording(language)
        if request.suggested:
            named = listed([wording.fact(name) for name in request.suggested], language)
            advice.append(say("decision.suggested", language, facts=named))
        for source in dict.fromkeys(request.confirmed.values()):
            names = [name for name, file in request.confirmed.items() if file == source]
            named = listed([wording.fact(name) for name in names], language)
            advice.append(say("decision.confirmed", language, facts=named, source=source))
        for name, unresolved in sorted(request.unresolved.items()):
            fact, given = wording.fact(name), unresolved.given
            text = say("decision.unresolved", language, fact=fact, given=given)
            if unresolved.candidates:
                values = self.policy.facts[name].values
                likely = ", ".join(wording.label(values, one) for one in unresolved.candidates)
                text += say("decision.candidates", language, candidates=likely)
            advice.append(text + ".")
        return advice

    def write(
        self,
        snapshot: Snapshot,
        assessed: Assessed,
        request: Request,
        notes: Notes,
        language: Language,
    ) -> Assessment:
        """One assessment in words."""
        rules = self._contributions(snapshot, assessed.matches, language)
        lead = next(iter(rules.leads)) if len(rules.leads) == 1 else self.policy.default_lead
        flags = rules.flags | notes.flags
        if len(rules.funds) > 1:
            flags.add("several_funds")
        state, possible = assessed.matches.state, assessed.bounds.possible
        recommendation, alignment = RANKED[assessed.rank], state.get("alignment")
        outside = assessed.decided_by == [OUTSIDE]
        totals = (sum(snapshot.maxima), snapshot.accept, snapshot.defer)
        summary = _summary(outside, language, recommendation, assessed.score, *totals)
        scored = zip(self.policy.criteria, assessed.points, snapshot.maxima, strict=True)
        return Assessment(
            recommendation=recommendation,
            score=assessed.score,
            criteria={
                criterion.id: {"points": points, "maximum": maximum}
                for criterion, points, maximum in scored
            },
            priorities=sorted(_certain(state.get("priorities", frozenset()))),
            alignment=None if isinstance(alignment, Among) else alignment,
            told=rules.told,
            justification=" ".join([summary, *rules.sentences]),
            decided_by=assessed.decided_by,
            lead=lead,
            consult=sorted((rules.consult | rules.leads) - {lead}),
            fund=next(iter(rules.funds)) if len(rules.funds) == 1 else None,
            advice=list(dict.fromkeys(rules.advice + notes.advice)),
            flags=sorted(flags),
            unknown=self.unknown([assessed], request, possible),
            possible=ranked(possible),
            reason=self._reason(snapshot, assessed, rules.entries, language),
        )

    def on_suggestions(
        self, result: Assessment, possible: set[Recommendation] | None, language: Language
    ) -> Assessment:
        """A result that rests on suggested facts, marked in its reason.

        `possible` has all that it can become where it does not stand without them: it is deferred.
        """
        if possible is None:
            reason = say("decision.on-suggestions", language, reason=result.reason)
            return replace(result, reason=reason)
        proposed = say(RECOMMENDATION_MESSAGES[result.recommendation], language)
        reason = say(
            "decision.if-confirmed", language, recommendation=proposed, reason=result.reason
        )
        text = say("decision.not-confirmed", language, recommendation=proposed)
        return replace(
            result,
            recommendation=Recommendation.DEFER,
            decided_by=[UNCONFIRMED],
            reason=reason,
            justification=f"{text} {result.justification}",
            possible=ranked(one.rank for one in possible | {Recommendation.DEFER}),
        )

    def _contributions(
        self, snapshot: Snapshot, matches: Matches, language: Language
    ) -> _Contributions:
        found = _Contributions([], [], [], [], set(), set(), set(), set())
        state = matches.state
        for rule in sorted(matches.matched, key=_POSITION):
            entry = rule.words.get(language)
            if entry is None:
                entry = rule.words[language] = _entry(rule, self.wording(language), snapshot)
            found.entries.append(entry)
            because = entry.because.fixed or entry.because.filled(state)
            found.told.append((entry.shown, because))
            if rule.moves:
                found.sentences.append(because + entry.cited)
            if entry.directs:
                then = rule.rule.then
                found.consult.update(then.consult)
                if entry.advice:
                    found.advice.append(entry.advice.fixed or entry.advice.filled(state))
                if then.lead is not None:
                    found.leads.add(then.lead)
                if then.fund is not None:
                    found.funds.add(then.fund)
                if then.flag is not None:
                    found.flags.add(then.flag)
        return found

    def unknown(
        self,
        assessed: Sequence[Assessed],
        request: Request,
        possible: set[int],
        open_scope: tuple[str, ...] = (),
    ) -> list[dict[str, Any]]:
        """The unknown facts that rules wait for, and whether each could change the recommendation.

        `assessed` has every assessment that the recommendation is taken from; `open_scope` names
        the facts that could still bring in another strategy.
        """
        waiting = [one.matches.waiting for one in assessed]
        asked = set(open_scope).union(request.unresolved, *waiting)
        settled = len(possible) == 1
        entries = []
        for name in self.policy.readable:
            if name not in asked:
                continue
            rules = _waiting(name, assessed)
            could = name in open_scope or (
                not settled and any(one.bounds.could_change(name) for one in assessed)
            )
            entry: dict[str, Any] = {"fact": name, "rules": rules, "could_change": could}
            if name in request.unresolved:
                entry["given"] = request.unresolved[name].given
                entry["candidates"] = list(request.unresolved[name].candidates)
            entries.append(entry)
        return entries

    def _reason(
        self, snapshot: Snapshot, assessed: Assessed, entries: list[_Entry], language: Language
    ) -> str:
        """In one line the rules that bound the result, the missing points, or the most points."""
        if assessed.decided_by == [OUTSIDE]:
            return self.wording(language).label("flags", "outside_strategies")
        semicolon = say("word.semicolon", language)
        bounding = [entry.title for entry in entries if entry.id in assessed.decided_by]
        if bounding:
            return semicolon.join(dict.fromkeys(bounding))
        if assessed.rank < Recommendation.ACCEPT.rank:
            deferred = assessed.rank == Recommendation.DEFER.rank
            needed = snapshot.accept if deferred else snapshot.defer
            return say("decision.points-wanting", language, score=assessed.score, needed=needed)
        # The sort is stable, so the order of the rules decides between equal points.
        best = sorted((entry for entry in entries if entry.points), key=lambda one: -one.points)
        return semicolon.join(entry.title for entry in best[:2])


def _lapsed(
    snapshot: Snapshot,
    facts: Mapping[str, Any],
    assessed: Mapping[str, Assessed],
    language: Language,
) -> Notes:
    """What is said of the rules that are over and would hold of the request."""
    notes = Notes([], set())
    for lapsed, end in snapshot.lapsed:
        one = assessed.get(lapsed.rule.strategy or "")
        if lapsed.holds(one.matches.state if one else facts):
            notes.flags.add("not_in_force")
            title = lapsed.rule.title[language]
            notes.advice.append(say("decision.ended", language, title=title, end=end.isoformat()))
    return notes


def _certain(found: frozenset[str] | Partial) -> frozenset[str]:
    """The members that a concluded set has for certain."""
    return found.lower if isinstance(found, Partial) else found


def _waiting(fact: str, assessed: Sequence[Assessed]) -> list[str]:
    """The ids of the rules that wait for a fact, in order."""
    ids = [one.matches.plan.masks.ids(one.matches.waiting.get(fact, 0)) for one in assessed]
    return ids[0] if len(ids) == 1 else sorted(set().union(*ids))


@lru_cache(maxsize=1024)
def _summary(
    outside: bool,
    language: Language,
    recommendation: Recommendation,
    score: int,
    total: int,
    accept: int,
    defer: int,
) -> str:
    key = "decision.summary-outside" if outside else "decision.summary"
    slots = {"score": score, "total": total, "accept": accept, "defer": defer}
    # The messages are recommendation.accept, recommendation.defer and recommendation.decline.
    proposed = say(RECOMMENDATION_MESSAGES[recommendation], language)
    return say(key, language, recommendation=proposed, **slots)


def _entry(rule: ActiveRule, wording: Wording, snapshot: Snapshot) -> _Entry:
    policy, language, then = wording.policy, wording.language, rule.rule.then
    citations = []
    by_document: dict[str, list[str]] = {}
    for id in rule.rule.cite:
        statement = policy.statements[id]
        short = policy.documents[statement.document].short[language]
        citations.append({"id": id, "document": short, "section": statement.section})
        by_document.setdefault(short, []).append(id)
    cited = "; ".join(f"{document}, {', '.join(ids)}" for document, ids in by_document.items())
    text, values = rule.rule.because[language], snapshot.values
    because = wording.written(text, rule, values, note=wording.points(rule))
    return _Entry(
        id=rule.id,
        title=rule.rule.title[language],
        points=sum(points for _, points in rule.points),
        directs=any((then.advise, then.lead, then.consult, then.fund, then.flag)),
        shown=RuleEntry.of(rule.id, rule.effect, because.fixed, rule.rule.basis.value, citations),
        because=because,
        advice=wording.written(then.advise[language], rule, values) if then.advise else None,
        cited=f" [{cited}]" if cited else "",
    )
