"""What was found -> what a reader is told: the justification, the routing, the advice, and what
is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from triage.deciding.calendar import Snapshot
from triage.deciding.decision import Assessment, RuleEntry, Told
from triage.deciding.match import Matches
from triage.deciding.possible import Bounds, ranked
from triage.deciding.settled import ActiveRule
from triage.deciding.wording import Wording, Written
from triage.messages import Language, listed, say
from triage.model.conditions import Among, Partial
from triage.model.facts import READ_FACTS, Request
from triage.model.policy import RANKED, Policy, Recommendation

_POSITION = attrgetter("position")
OUTSIDE = "outside-strategies"
"""What decides a request that no strategy covers."""


@dataclass(frozen=True)
class Assessed:
    """One assessment before it is put into words."""

    matches: Matches
    bounds: Bounds
    score: int
    points: list[int]
    rank: int
    decided_by: list[str]


@dataclass
class Writer:
    """Puts assessments into words. Safe to use from several threads."""

    policy: Policy
    _words: dict[Language, Wording] = field(default_factory=dict)

    def wording(self, language: Language) -> Wording:
        """The words of the policy in a language."""
        found = self._words.get(language)
        if found is None:
            found = self._words[language] = Wording(self.policy, language)
        return found

    def _entry(self, rule: ActiveRule, snapshot: Snapshot, language: Language) -> "_Entry":
        found = rule.words[language] = _Entry.of(rule, self.wording(language), snapshot)
        return found

    def notes(
        self,
        snapshot: Snapshot,
        day: date,
        request: Request,
        facts: Mapping[str, Any],
        assessed: Mapping[str, Assessed],
        language: Language,
    ) -> tuple[list[str], set[str]]:
        """Advice and flags that come from the program itself, not from one rule."""
        advice, flags = [], set()
        wording = self.wording(language)
        for lapsed, end in snapshot.lapsed:
            one = assessed.get(lapsed.rule.strategy or "")
            if lapsed.holds(one.matches.state if one else facts):
                flags.add("not_in_force")
                title = lapsed.rule.title[language]
                advice.append(say("decision.ended", language, title=title, end=end.isoformat()))
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
            derived: frozenset[str] = frozenset().union(
                *(p.lower if isinstance(p, Partial) else p for p in found)
            )
            if claimed - derived:
                flags.add("priority_claim_differs")
        if request.suggested:
            flags.add("suggested_facts")
            named = listed([wording.fact(name) for name in request.suggested], language)
            advice.append(say("decision.suggested", language, facts=named))
        for name, unresolved in sorted(request.unresolved.items()):
            text = say(
                "decision.unresolved", language, fact=wording.fact(name), given=unresolved.given
            )
            if unresolved.candidates:
                values = self.policy.facts[name].values
                likely = ", ".join(wording.label(values, one) for one in unresolved.candidates)
                text += say("decision.candidates", language, candidates=likely)
            advice.append(text + ".")
        return advice, flags

    def write(
        self,
        snapshot: Snapshot,
        one: Assessed,
        request: Request,
        notes: tuple[list[str], set[str]],
        language: Language,
    ) -> Assessment:
        """One assessment in words; `notes` are the advice and flags that `notes` gave."""
        state = one.matches.state
        told: list[Told] = []
        entries: list[_Entry] = []
        sentences: list[str] = []
        advice: list[str] = []
        flags = set(notes[1])
        leads: set[str] = set()
        consult: set[str] = set()
        funds: set[str] = set()
        for rule in sorted(one.matches.matched, key=_POSITION):
            entry = rule.words.get(language) or self._entry(rule, snapshot, language)
            entries.append(entry)
            because = entry.because.fixed or entry.because.filled(state)
            told.append((entry.shown, because))
            if rule.moves:
                sentences.append(because + entry.cited)
            if entry.directs:
                then = rule.rule.then
                consult.update(then.consult)
                if entry.advice:
                    advice.append(entry.advice.fixed or entry.advice.filled(state))
                if then.lead is not None:
                    leads.add(then.lead)
                if then.fund is not None:
                    funds.add(then.fund)
                if then.flag is not None:
                    flags.add(then.flag)
        lead = next(iter(leads)) if len(leads) == 1 else self.policy.default_lead
        if len(funds) > 1:
            flags.add("several_funds")
        recommendation = RANKED[one.rank]
        priorities = state.get("priorities", frozenset())
        alignment = state.get("alignment")
        key = "decision.summary" if one.decided_by != [OUTSIDE] else "decision.summary-outside"
        summary = _summary(
            key,
            language,
            recommendation,
            one.score,
            sum(snapshot.maxima),
            snapshot.accept,
            snapshot.defer,
        )
        return Assessment(
            recommendation=recommendation,
            score=one.score,
            criteria={
                criterion.id: {"points": points, "maximum": maximum}
                for criterion, points, maximum in zip(
                    self.policy.criteria, one.points, snapshot.maxima, strict=True
                )
            },
            priorities=sorted(priorities.lower if isinstance(priorities, Partial) else priorities),
            alignment=None if isinstance(alignment, Among) else alignment,
            told=told,
            justification=" ".join([summary, *sentences]),
            decided_by=one.decided_by,
            lead=lead,
            consult=sorted((consult | leads) - {lead}),
            fund=funds.pop() if len(funds) == 1 else None,
            advice=list(dict.fromkeys(advice + notes[0])),
            flags=sorted(flags),
            unknown=self.unknown([one], request, one.bounds.possible),
            possible=ranked(one.bounds.possible),
            reason=self._reason(snapshot, one, entries, language),
        )

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
        asked = set(open_scope).union(
            request.unresolved, *[one.matches.waiting for one in assessed]
        )
        settled = len(possible) == 1
        listed = []
        for name in READ_FACTS:
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
            listed.append(entry)
        return listed

    def _reason(
        self, snapshot: Snapshot, one: Assessed, entries: list["_Entry"], language: Language
    ) -> str:
        """One line: the rules that bound the recommendation, the points that are wanting, or
        what gave most points.
        """
        if one.decided_by == [OUTSIDE]:
            return self.wording(language).label("flags", "outside_strategies")
        bounding = [entry.title for entry in entries if entry.id in one.decided_by]
        if bounding:
            return say("word.semicolon", language).join(dict.fromkeys(bounding))
        if one.rank < Recommendation.ACCEPT.rank:
            needed = snapshot.accept if one.rank == Recommendation.DEFER.rank else snapshot.defer
            return say("decision.points-wanting", language, score=one.score, needed=needed)
        # The entries are in the order of their rules, which decides between equal points.
        best = sorted(
            (entry for entry in entries if entry.points), key=lambda entry: -entry.points
        )[:2]
        return say("word.semicolon", language).join(entry.title for entry in best)


def _waiting(fact: str, assessed: Sequence[Assessed]) -> list[str]:
    """The ids of the rules that wait for a fact, in order."""
    ids = [one.matches.plan.masks.ids(one.matches.waiting.get(fact, 0)) for one in assessed]
    return ids[0] if len(ids) == 1 else sorted(set().union(*ids))


@lru_cache(maxsize=1024)
def _summary(
    key: str,
    language: Language,
    recommendation: Recommendation,
    score: int,
    total: int,
    accept: int,
    defer: int,
) -> str:
    proposed = say(f"recommendation.{recommendation}", language)
    return say(
        key, language, recommendation=proposed, score=score, total=total, accept=accept, defer=defer
    )


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

    @classmethod
    def of(cls, rule: ActiveRule, wording: Wording, snapshot: Snapshot) -> "_Entry":
        policy, language, then = wording.policy, wording.language, rule.rule.then
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
        note = wording.points(rule)
        because = wording.written(rule.rule.because[language], rule, snapshot.values, note)
        return cls(
            id=rule.id,
            title=rule.rule.title[language],
            points=sum(points for _, points in rule.points),
            directs=any((then.advise, then.lead, then.consult, then.fund, then.flag)),
            shown=RuleEntry.of(
                rule.id, rule.effect, because.fixed, rule.rule.basis.value, citations
            ),
            because=because,
            advice=wording.written(then.advise[language], rule, snapshot.values)
            if then.advise
            else None,
            cited=f" [{'; '.join(shown)}]" if shown else "",
        )
