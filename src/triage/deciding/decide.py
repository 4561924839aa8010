"""Request -> Decision: which strategies it touches, what each says of it, and which of them counts.

Points are summed by criterion and capped, thresholds give a recommendation, then the lowest
ceiling, then the highest floor. A request is assessed under every strategy that it touches, and the
most favourable result is the decision.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from triage.deciding.calendar import Scope, Snapshot, Snapshots
from triage.deciding.decision import Assessment, Decision
from triage.deciding.durable import Engines
from triage.deciding.explain import OUTSIDE, Assessed, Writer
from triage.deciding.match import Matches, bound_rules, match_rules
from triage.deciding.possible import Bounds, outcome, ranked, recommend
from triage.messages import Language
from triage.model.facts import DERIVED_FROM, READ_FACTS, Request, derive
from triage.model.policy import RANKED, Policy, Recommendation


class Decider:
    """Decides requests under one policy. Safe to use from several threads; the policy compiles once
    a thread.

    `engine` may force `reference`, the evaluator in plain Python, where durable-rules is there too.
    """

    def __init__(self, policy: Policy, engine: str | None = None) -> None:
        self.policy = policy
        self.snapshots = Snapshots(policy)
        self.engines = Engines(policy.facts, engine)
        self.writer = Writer(policy)
        self._read = _facts_read(policy)

    def decide(
        self, request: Request, as_of: date | None = None, language: Language = "en"
    ) -> Decision:
        """The decision on one request.

        It is judged by what was in force on the day it was received, unless `as_of` says otherwise.
        """
        day = as_of or request.received
        snapshot, facts, touched = self._facts(request, day)
        assessed = {
            name: self._assess(snapshot, name, facts) for name, yes in touched.items() if yes
        }
        notes = self.writer.notes(snapshot, day, request, facts, assessed, language)
        write = self.writer.write
        strategies = {
            name: write(snapshot, one, request, notes, language) for name, one in assessed.items()
        }
        name: str | None = None
        if assessed:
            # Ties go to the higher score, then to the strategy that comes first by name.
            name = min(assessed, key=lambda one: (-assessed[one].rank, -assessed[one].score, one))
            best, result = assessed[name], strategies[name]
        else:
            best = self._assess(snapshot, None, facts)
            result = write(snapshot, best, request, notes, language)
        return Decision(
            decision_id=_decision_id(request, self._read, self.policy.version, day),
            request=request,
            result=self._widened(result, best, request, snapshot, facts, touched, assessed),
            strategy=name,
            strategies=strategies,
            policy_version=self.policy.version,
            as_of=day,
            engine=self.engines.name,
            language=language,
            facts=best.matches.state,
        )

    def matches(self, request: Request, as_of: date | None = None) -> list[Matches]:
        """What every assessment of a request found, rule by rule; the one outside all strategies
        when there is none.
        """
        snapshot, facts, touched = self._facts(request, as_of or request.received)
        names: list[str | None] = [name for name, yes in touched.items() if yes]
        return [self._assess(snapshot, name, facts).matches for name in names or [None]]

    def _facts(
        self, request: Request, day: date
    ) -> tuple[Snapshot, dict[str, Any], dict[str, bool | None]]:
        """The policy on the day, the facts known, and which strategies the request touches
        (None: not known).
        """
        snapshot = self.snapshots.on(day)
        facts, values = request.known(), snapshot.values
        derive(
            facts, values.get("small_event_at_most") or 0, values.get("medium_event_at_most") or 0
        )
        return (
            snapshot,
            facts,
            {name: _touches(facts, scope) for name, scope in snapshot.scopes.items()},
        )

    def _assess(
        self, snapshot: Snapshot, strategy: str | None, facts: Mapping[str, Any]
    ) -> Assessed:
        plan = snapshot.plans[strategy]
        known = _seen_by(snapshot, strategy, facts)
        matches = match_rules(plan, known, self.engines.matcher(plan), snapshot.large)
        revocable = matches.held & matches.open & plan.masks.moving
        points, answer, ceiling, floor = outcome(snapshot, matches.matched)
        if revocable:
            sure = [rule for rule in matches.matched if not revocable >> rule.position & 1]
            bounds = Bounds(snapshot, outcome(snapshot, sure), matches)
        else:
            bounds = Bounds(snapshot, (points, answer, ceiling, floor), matches)
        rank = recommend(answer, ceiling, floor)
        if strategy is None:
            # Outside every strategy the policy has no ground to accept or to decline.
            rank = Recommendation.DEFER.rank
            bounds.possible = {rank}
            return Assessed(matches, bounds, sum(points), points, rank, [OUTSIDE])
        decided = _decided_by(matches, answer, ceiling, floor, rank)
        return Assessed(matches, bounds, sum(points), points, rank, decided)

    def _widened(
        self,
        result: Assessment,
        best: Assessed,
        request: Request,
        snapshot: Snapshot,
        facts: Mapping[str, Any],
        touched: Mapping[str, bool | None],
        assessed: Mapping[str, Assessed],
    ) -> Assessment:
        """The result with what other strategies make possible: those assessed too, and those not
        yet ruled out.
        """
        possible = (
            _best(one.bounds.possible for one in assessed.values())
            if assessed
            else best.bounds.possible
        )
        missing = tuple(name for name in ("countries", "forum") if name not in facts)
        added: set[int] = set()
        # Another strategy can only raise the result: where all that is above the worst is possible,
        # nothing is added.
        complete = bool(assessed) and possible == set(range(min(possible), len(RANKED)))
        if missing and not complete:
            for name, yes in touched.items():
                if yes is None:
                    found = _possible(snapshot, name, facts)
                    # Beside another strategy only a better result counts; alone it replaces
                    # "outside".
                    added |= (
                        {max(rank, other) for rank in possible for other in found}
                        if assessed
                        else found
                    )
        opening = missing if added - possible else ()
        if not opening and len(assessed) < 2:
            return result
        possible = possible | added
        unknown = self.writer.unknown([*assessed.values()] or [best], request, possible, opening)
        return replace(result, unknown=unknown, possible=ranked(possible))


def _seen_by(snapshot: Snapshot, strategy: str | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with those that depend on the strategy."""
    known = dict(facts)
    if strategy is not None:
        known["strategy"] = strategy
    if "countries" in facts:
        scope = snapshot.scopes.get(strategy or "")
        known["in_region"] = scope is not None and not facts["countries"].isdisjoint(
            scope.countries
        )
    return known


def _possible(snapshot: Snapshot, strategy: str, facts: Mapping[str, Any]) -> set[int]:
    """What a strategy could give that the request may yet turn out to touch."""
    matches = bound_rules(
        snapshot.plans[strategy], _seen_by(snapshot, strategy, facts), snapshot.large
    )
    return Bounds(snapshot, outcome(snapshot, matches.matched), matches).possible


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


def _decided_by(matches: Matches, answer: int, ceiling: int, floor: int, rank: int) -> list[str]:
    masks, bounded = matches.plan.masks, min(answer, ceiling)
    if floor > bounded:
        return list(masks.ids(matches.held & dict(masks.floors)[floor]))
    decided = [f"threshold-{RANKED[rank]}"] if answer == rank else []
    return decided + masks.ids(matches.held & dict(masks.ceilings).get(rank, 0))


def _facts_read(policy: Policy) -> tuple[str, ...]:
    """The request facts that a decision depends on, directly or through a fact worked out from
    them.
    """
    read = set().union(*(rule.reads() for rule in policy.rules))
    read |= {source for name in read & set(DERIVED_FROM) for source in DERIVED_FROM[name]}
    return tuple(
        name for name in READ_FACTS if name in read | {"countries", "forum", "priorities_claimed"}
    )


def _decision_id(request: Request, read: tuple[str, ...], version: str, day: date) -> str:
    given_ = request.__dict__
    plain = [
        sorted(value) if isinstance(value := given_[name], frozenset) else value for name in read
    ]
    given: dict[str, Any] = {name: one.given for name, one in request.unresolved.items()}
    if request.suggested:
        given["suggested"] = request.suggested
    data = orjson.dumps(
        [request.id, plain, given, version, day], default=str, option=orjson.OPT_SORT_KEYS
    )
    return "D-" + hashlib.sha256(data).hexdigest()[:16]
