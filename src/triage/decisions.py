"""Matches -> Decision: the sum, the recommendation, the justification, the routing, and what is not known.

Points are summed by criterion and capped, thresholds give a recommendation, then the lowest ceiling, then the highest
floor. A request is assessed under every strategy that it touches, and the most favourable result is the decision.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from triage.bounds import Bounds, names, outcome, recommend
from triage.conditions import Among, Partial
from triage.engine import Engines
from triage.facts import READ_FACTS, Request, derive
from triage.matching import Matches, match_rules
from triage.messages import Language, say
from triage.policy import RANKED, Policy, Recommendation, Rule
from triage.snapshots import ActiveRule, Scope, Snapshot, Snapshots
from triage.wording import Wording

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one strategy says of a request; the parts of a decision that depend on the strategy."""

    recommendation: Recommendation
    score: int
    criteria: dict[str, dict[str, int]]
    priorities: list[str]
    alignment: str | None
    rules: list[dict[str, Any]]
    justification: str
    decided_by: list[str]
    lead: str
    consult: list[str]
    fund: str | None
    advice: list[str]
    flags: list[str]
    unknown: list[dict[str, Any]]
    possible: list[Recommendation]
    reason: str


_SHARED = ("priorities", "alignment", "rules", "justification", "decided_by", "lead", "consult", "fund", "advice")
_SHARED += ("flags", "unknown", "possible")


@dataclass(frozen=True, slots=True)
class Decision:
    """The full record of one request under one policy version. `result` is the most favourable assessment."""

    decision_id: str
    request: Request
    result: Assessment
    strategy: str | None
    strategies: dict[str, Assessment]
    policy_version: str
    as_of: date
    engine: str
    language: Language

    @property
    def recommendation(self) -> Recommendation:
        """What is proposed to the person who decides."""
        return self.result.recommendation

    @property
    def score(self) -> int:
        """0 to 100."""
        return self.result.score

    def as_dict(self) -> dict[str, Any]:
        """The decision in its one JSON shape; the order of the keys is fixed."""
        head = {
            "decision_id": self.decision_id,
            "request_id": self.request.id,
            "recommendation": self.result.recommendation,
            "score": self.result.score,
            "criteria": self.result.criteria,
            "strategy": self.strategy,
            "strategies": {name: _plain(one) for name, one in self.strategies.items()},
        }
        for key in _SHARED:
            head[key] = getattr(self.result, key)
        head["policy"] = {"version": self.policy_version, "as_of": self.as_of.isoformat()}
        head["engine"] = self.engine
        head["language"] = self.language
        return head

    def to_json(self) -> bytes:
        """The same bytes for the same request, policy, date, language and engine."""
        return orjson.dumps(self.as_dict())


def _plain(assessment: Assessment) -> dict[str, Any]:
    head: dict[str, Any] = {
        "recommendation": assessment.recommendation,
        "score": assessment.score,
        "criteria": assessment.criteria,
    }
    return head | {key: getattr(assessment, key) for key in _SHARED}


@dataclass(frozen=True)
class _Assessed:
    """One assessment before it is put into words."""

    matches: Matches
    bounds: Bounds
    score: int
    points: list[int]
    rank: int
    decided_by: list[str]


@dataclass
class Decider:
    """Decides requests under one policy. Safe to use from several threads; the policy compiles once a thread."""

    policy: Policy
    engine: str | None = None
    _words: dict[Language, Wording] = field(default_factory=dict)
    _entries: dict[tuple[int, str, Language], "_Entry"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.snapshots = Snapshots(self.policy)
        self.engines = Engines(self.policy.facts, self.engine)

    def decide(self, request: Request, as_of: date | None = None, language: Language = "en") -> Decision:
        """The decision on one request, under what was in force on the day it was received unless `as_of` says otherwise."""
        day = as_of or request.received
        snapshot, facts, touched = self._facts(request, day)
        assessed = {name: self._assess(snapshot, name, facts) for name, yes in touched.items() if yes}
        outside = None if assessed else self._assess(snapshot, None, facts)
        ranks = set(outside.bounds.possible) if outside else _best(one.bounds.possible for one in assessed.values())
        open_scope = self._open_scope(snapshot, touched, facts, ranks)
        notes = self._notes(snapshot, day, request, facts, assessed, language)
        made = {}
        for name, one in assessed.items():
            made[name] = self._worded(snapshot, one, request, notes, language, one.bounds.possible, ())
        if outside:
            best, name = outside, None
        else:
            # Ties go to the higher score, then to the strategy that comes first by name.
            name = min(assessed, key=lambda one: (-assessed[one].rank, -assessed[one].score, one))
            best = assessed[name]
        possible = ranks | open_scope[1]
        if possible == best.bounds.possible and not open_scope[0] and name is not None and len(made) == 1:
            result = made[name]
        else:
            result = self._worded(snapshot, best, request, notes, language, possible, open_scope[0])
        return Decision(
            decision_id=_decision_id(request, self.policy.version, day),
            request=request,
            result=result,
            strategy=name,
            strategies=made,
            policy_version=self.policy.version,
            as_of=day,
            engine=self.engines.name,
            language=language,
        )

    def matches(self, request: Request, as_of: date | None = None) -> list[Matches]:
        """What every assessment of one request found, rule by rule; the assessment outside all strategies if there is none."""
        snapshot, facts, touched = self._facts(request, as_of or request.received)
        names: list[str | None] = [name for name, yes in touched.items() if yes]
        return [self._assess(snapshot, name, facts).matches for name in names or [None]]

    # -- deciding -----------------------------------------------------------------------------------------------

    def _facts(
        self, request: Request, day: date
    ) -> tuple[Snapshot, dict[str, Any], dict[str, bool | None]]:
        """The policy on the day, the facts known, and which strategies the request touches (None: not known)."""
        snapshot = self.snapshots.on(day)
        facts, values = request.known(), snapshot.values
        derive(facts, values.get("small_event_at_most") or 0, values.get("medium_event_at_most") or 0)
        return snapshot, facts, {name: _touches(facts, scope) for name, scope in snapshot.scopes.items()}

    def _assess(self, snapshot: Snapshot, strategy: str | None, facts: Mapping[str, Any]) -> _Assessed:
        plan = snapshot.plans[strategy]
        known = dict(facts)
        if strategy is not None:
            known["strategy"] = strategy
        if "countries" in facts:
            scope = snapshot.scopes.get(strategy or "")
            known["in_region"] = scope is not None and not facts["countries"].isdisjoint(scope.countries)
        matches = match_rules(plan, known, self.engines.matcher(plan), snapshot.large)
        revocable = {one.rule.position for one in matches.uncertain if one.matched}
        sure = [rule for rule in matches.matched if rule.position not in revocable] if revocable else matches.matched
        bounds = Bounds(snapshot, sure, matches.uncertain)
        points, answer, ceiling, floor = outcome(snapshot, matches.matched)
        rank = recommend(answer, ceiling, floor)
        if strategy is None:
            # Outside every strategy the policy has no ground to accept or to decline.
            rank = Recommendation.DEFER.rank
            bounds.possible = {rank}
            return _Assessed(matches, bounds, sum(points), points, rank, ["outside-strategies"])
        decided = _decided_by(matches.matched, answer, ceiling, floor, rank)
        return _Assessed(matches, bounds, sum(points), points, rank, decided)

    def _open_scope(
        self, snapshot: Snapshot, touched: Mapping[str, bool | None], facts: Mapping[str, Any], ranks: set[int]
    ) -> tuple[tuple[str, ...], set[int]]:
        """Strategies that a still unknown country or forum may bring in: the facts that could, and what they could make."""
        missing = tuple(name for name in ("countries", "forum") if name not in facts)
        highest = len(RANKED) - 1
        if not missing or ranks == {highest}:
            return (), set()
        added: set[int] = set()
        inside = any(touched.values())
        for name, yes in touched.items():
            if yes is None:
                found = self._assess(snapshot, name, facts).bounds.possible
                # Alone it replaces "outside"; beside another strategy only a better result counts.
                added |= {max(rank, other) for rank in ranks for other in found} if inside else found
        return (missing, added) if added - ranks else ((), set())

    # -- wording ------------------------------------------------------------------------------------------------

    def wording(self, language: Language) -> Wording:
        """The words of the policy in a language."""
        found = self._words.get(language)
        if found is None:
            found = self._words[language] = Wording(self.policy, language)
        return found

    def _entry(self, rule: ActiveRule, language: Language) -> "_Entry":
        key = (id(rule), rule.id, language)
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = _Entry.of(rule, self.wording(language))
        return found

    def _notes(
        self,
        snapshot: Snapshot,
        day: date,
        request: Request,
        facts: Mapping[str, Any],
        assessed: Mapping[str, _Assessed],
        language: Language,
    ) -> tuple[list[str], set[str]]:
        """Advice and flags that come from the program itself, not from one rule."""
        advice, flags = [], set()
        wording = self.wording(language)
        for lapsed in snapshot.lapsed:
            one = assessed.get(lapsed.rule.strategy or "")
            if lapsed.holds(one.matches.state if one else facts):
                flags.add("not_in_force")
                advice.append(_lapsed(lapsed.rule, day, language))
        if not snapshot.scopes:
            flags.add("not_in_force")
            advice.append(say("decision.nothing-in-force", language, day=day.isoformat()))
        if not assessed:
            flags.add("outside_strategies")
        places = facts.get("countries", frozenset())
        if any(not places.isdisjoint(scope.undetermined) for scope in snapshot.scopes.values()):
            flags.add("region_undetermined")
        claimed = facts.get("priorities_claimed")
        if claimed is not None and assessed:
            found = (one.matches.state["priorities"] for one in assessed.values())
            derived: frozenset[str] = frozenset().union(*(p.upper if isinstance(p, Partial) else p for p in found))
            if claimed - derived:
                flags.add("priority_claim_differs")
        for name, unresolved in sorted(request.unresolved.items()):
            text = say("decision.unresolved", language, fact=wording.fact(name), given=unresolved.given)
            if unresolved.candidates:
                values = self.policy.facts[name].values
                likely = ", ".join(wording.label(values, one) for one in unresolved.candidates)
                text += say("decision.candidates", language, candidates=likely)
            advice.append(text + ".")
        return advice, flags

    def _worded(
        self,
        snapshot: Snapshot,
        one: _Assessed,
        request: Request,
        notes: tuple[list[str], set[str]],
        language: Language,
        possible: set[int],
        open_scope: tuple[str, ...],
    ) -> Assessment:
        state, matched = one.matches.state, one.matches.matched
        wording = self.wording(language)
        entries = [(rule, self._entry(rule, language)) for rule in sorted(matched, key=lambda rule: rule.position)]
        rules, sentences, advice = [], [], []
        for rule, entry in entries:
            because = entry.because
            if entry.has_slots:
                because = wording.filled(because, rule, state, snapshot.values)
            rules.append(entry.fixed | {"because": because + entry.note})
            if rule.points or rule.rule.then.ceiling or rule.rule.then.floor:
                sentences.append(f"{because}{entry.note}{entry.cited}")
            if entry.advice:
                advice.append(wording.filled(entry.advice, rule, state, snapshot.values))
        lead, consult = self._routing(matched)
        funds = {rule.rule.then.fund for rule in matched if rule.rule.then.fund is not None}
        flags = notes[1] | {rule.rule.then.flag for rule in matched if rule.rule.then.flag is not None}
        if len(funds) > 1:
            flags.add("several_funds")
        recommendation = RANKED[one.rank]
        priorities = state.get("priorities", frozenset())
        alignment = state.get("alignment")
        key = "decision.summary" if one.decided_by != ["outside-strategies"] else "decision.summary-outside"
        summary = say(
            key,
            language,
            recommendation=say(f"recommendation.{recommendation}", language),
            score=one.score,
            total=sum(snapshot.maxima),
            accept=snapshot.accept,
            defer=snapshot.defer,
        )
        return Assessment(
            recommendation=recommendation,
            score=one.score,
            criteria={
                criterion.id: {"points": points, "maximum": maximum}
                for criterion, points, maximum in zip(self.policy.criteria, one.points, snapshot.maxima, strict=True)
            },
            priorities=sorted(priorities.lower if isinstance(priorities, Partial) else priorities),
            alignment=None if isinstance(alignment, Among) else alignment,
            rules=rules,
            justification=" ".join([summary, *sentences]),
            decided_by=one.decided_by,
            lead=lead,
            consult=consult,
            fund=funds.pop() if len(funds) == 1 else None,
            advice=list(dict.fromkeys(advice + notes[0])),
            flags=sorted(flags),
            unknown=self._unknown(one, request, possible, open_scope),
            possible=names(possible),
            reason=self._reason(one, entries, flags, wording, language),
        )

    def _routing(self, matched: list[ActiveRule]) -> tuple[str, list[str]]:
        leads = {rule.rule.then.lead for rule in matched if rule.rule.then.lead is not None}
        lead = next(iter(leads)) if len(leads) == 1 else self.policy.default_lead
        consult = leads.union(*(rule.rule.then.consult for rule in matched))
        return lead, sorted(consult - {lead})

    def _unknown(
        self, one: _Assessed, request: Request, possible: set[int], open_scope: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        waiting: dict[str, list[str]] = {name: [] for name in open_scope}
        for uncertain in one.matches.uncertain:
            for name in uncertain.waits:
                waiting.setdefault(name, []).append(uncertain.rule.id)
        for name in request.unresolved:
            waiting.setdefault(name, [])
        listed = []
        for name in READ_FACTS:
            if name not in waiting:
                continue
            could = name in open_scope or (len(possible) > 1 and one.bounds.could_change(name))
            entry: dict[str, Any] = {"fact": name, "rules": sorted(waiting[name]), "could_change": could}
            if name in request.unresolved:
                entry["given"] = request.unresolved[name].given
                entry["candidates"] = list(request.unresolved[name].candidates)
            listed.append(entry)
        return listed

    def _reason(
        self,
        one: _Assessed,
        entries: list[tuple[ActiveRule, "_Entry"]],
        flags: set[str],
        wording: Wording,
        language: Language,
    ) -> str:
        """One line: the rules that bound the recommendation, or else those that gave most points."""
        if one.decided_by == ["outside-strategies"]:
            return wording.label("flags", "outside_strategies")
        bounding = [entry.title for rule, entry in entries if rule.id in one.decided_by]
        if bounding:
            return "; ".join(dict.fromkeys(bounding))
        scoring = [(sum(points for _, points in rule.points), rule.position, entry) for rule, entry in entries]
        best = sorted((one for one in scoring if one[0]), key=lambda one: (-one[0], one[1]))[:2]
        return "; ".join(entry.title for _, _, entry in best) or say("decision.no-points", language)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The parts of a rule's entry that never change, in one language."""

    fixed: dict[str, Any]
    because: str
    has_slots: bool
    note: str
    cited: str
    advice: str | None
    title: str

    @classmethod
    def of(cls, rule: ActiveRule, wording: Wording) -> "_Entry":
        policy, language = wording.policy, wording.language
        citations = []
        for id in rule.rule.cite:
            statement = policy.statements[id]
            short = policy.documents[statement.document].short[language]
            citations.append({"id": id, "document": short, "section": statement.section})
        documents = dict.fromkeys(one["document"] for one in citations)
        shown = [
            f"{document}, {', '.join(one['id'] for one in citations if one['document'] == document)}"
            for document in documents
        ]
        because = rule.rule.because[language]
        return cls(
            fixed={
                "id": rule.id,
                "effect": rule.effect,
                "because": "",
                "basis": rule.rule.basis.value,
                "citations": citations,
            },
            because=because,
            has_slots="{" in because,
            note=wording.points(rule),
            cited=f" [{'; '.join(shown)}]" if shown else "",
            advice=rule.rule.then.advise[language] if rule.rule.then.advise else None,
            title=rule.rule.title[language],
        )


def _touches(facts: Mapping[str, Any], scope: Scope) -> bool | None:
    places, forum = facts.get("countries"), facts.get("forum")
    if (places is not None and not places.isdisjoint(scope.countries)) or forum in scope.forums:
        return True
    if (places is None and scope.countries) or (forum is None and scope.forums):
        return None
    return False


def _best(possible: Iterable[set[int]]) -> set[int]:
    """What the most favourable of several assessments can be."""
    found = {0}
    for ranks in possible:
        found = {max(one, other) for one in found for other in ranks}
    return found


def _decided_by(matched: list[ActiveRule], answer: int, ceiling: int, floor: int, rank: int) -> list[str]:
    bounded = min(answer, ceiling)
    if floor > bounded:
        return sorted(rule.id for rule in matched if rule.rule.then.floor is RANKED[floor])
    decided = [f"threshold-{RANKED[rank]}"] if answer == rank else []
    return decided + sorted(rule.id for rule in matched if rule.rule.then.ceiling is RANKED[rank])


def _lapsed(rule: Rule, day: date, language: Language) -> str:
    title, period = rule.title[language], rule.in_force
    if period.end is not None and period.end < day:
        return say("decision.ended", language, title=title, end=period.end.isoformat())
    start = period.start.isoformat() if period.start else ""
    return say("decision.not-started", language, title=title, start=start)


def _decision_id(request: Request, version: str, day: date) -> str:
    content = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in request
        if value is not None and name not in ("determination", "unresolved")
    }
    data = orjson.dumps([content, version, day], default=str, option=orjson.OPT_SORT_KEYS)
    return "D-" + hashlib.sha256(data).hexdigest()[:16]

