"""Request -> Decision: which strategies it touches, what each says of it, and which one counts.

Points are summed by criterion and capped; thresholds give a recommendation, then the lowest ceiling
and after it the highest floor bound it. A request is assessed under every strategy that it touches,
and the most favourable result is the decision.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import orjson

from triage.deciding.calendar import Scope, Snapshot, Snapshots
from triage.deciding.decision import Assessment, Decision
from triage.deciding.durable import Engines
from triage.deciding.explain import OUTSIDE, Assessed, Writer
from triage.deciding.match import Matches, bound_rules, match_rules
from triage.deciding.possible import Bounds, outcome, ranked, recommend
from triage.messages import Language
from triage.model.derived import sources_of, worked_out
from triage.model.facts import Request
from triage.model.policy import RANKED, Policy, Recommendation


class _Case(NamedTuple):
    """A request on a day: the policy then, the facts known, and the strategies that it touches."""

    snapshot: Snapshot
    facts: dict[str, Any]
    touched: dict[str, bool | None]
    """By strategy; None while that is not known."""

    def strategies(self) -> list[str | None]:
        """The strategies to assess it under; [None] when it touches none for certain."""
        names: list[str | None] = [name for name, touches in self.touched.items() if touches]
        return names or [None]


class Decider:
    """Decides requests under one policy, which compiles once a thread; safe for several threads.

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
        """Decide by what was in force when the request was received, or on the day `as_of`.

        Suggested facts confirm nothing: a result that does not stand without them is deferred.
        """
        decision = self._decide(request, as_of or request.received, language)
        if not request.suggested:
            return decision
        bare = self._decide(request.without_suggestions(), as_of or request.received, language)
        # Without a type of engagement there is no request that could be decided.
        is_typed = "engagement_type" not in request.suggested
        stands = is_typed and bare.recommendation == decision.recommendation
        possible = None if stands else {*decision.result.possible, *bare.result.possible}
        result = self.writer.on_suggestions(decision.result, possible, language)
        if_confirmed = None if stands else decision.recommendation
        return replace(decision, result=result, if_confirmed=if_confirmed)

    def _decide(self, request: Request, day: date, language: Language) -> Decision:
        case = self._case(request, day)
        snapshot, facts = case.snapshot, case.facts
        assessed = {name: self._assess(case, name) for name in case.strategies()}
        inside = {name: one for name, one in assessed.items() if name is not None}
        notes = self.writer.notes(snapshot, day, request, facts, inside, language)
        write = self.writer.write
        written = {
            name: write(snapshot, one, request, notes, language) for name, one in assessed.items()
        }
        # Ties go to the higher score, then to the strategy that comes first by name.
        ranks = {name: (-one.rank, -one.score, name or "") for name, one in assessed.items()}
        best = min(ranks, key=ranks.__getitem__)
        return Decision(
            decision_id=_decision_id(request, self._read, self.policy.version, day),
            request=request,
            result=self._widened(written[best], case, request, [*assessed.values()]),
            strategy=best,
            strategies={name: written[name] for name in inside},
            policy_version=self.policy.version,
            as_of=day,
            engine=self.engines.name,
            language=language,
            facts=assessed[best].matches.state,
        )

    def matches(self, request: Request, as_of: date | None = None) -> list[Matches]:
        """What each assessment found, rule by rule; outside all strategies there is one as well."""
        case = self._case(request, as_of or request.received)
        return [self._assess(case, name).matches for name in case.strategies()]

    def _case(self, request: Request, day: date) -> _Case:
        snapshot = self.snapshots.on(day)
        facts = worked_out(snapshot.of_request, request.known(self.policy.readable))
        touched = {name: _touches(facts, scope) for name, scope in snapshot.scopes.items()}
        return _Case(snapshot, facts, touched)

    def _assess(self, case: _Case, strategy: str | None) -> Assessed:
        snapshot = case.snapshot
        plan = snapshot.plans[strategy]
        matches = match_rules(plan, case.facts, self.engines.matcher(plan))
        points, answer, ceiling, floor = certain = outcome(snapshot, matches.matched)
        revocable = matches.held & matches.open & plan.masks.moving
        if revocable:
            sure = [rule for rule in matches.matched if not revocable >> rule.position & 1]
            certain = outcome(snapshot, sure)
        bounds = Bounds(snapshot, certain, matches)
        rank = recommend(answer, ceiling, floor)
        if strategy is None:
            # Outside every strategy the policy has no ground to accept or to decline.
            rank = Recommendation.DEFER.rank
            bounds.possible = {rank}
            decided_by = [OUTSIDE]
        else:
            decided_by = _decided_by(matches, answer, ceiling, floor, rank)
        return Assessed(matches, bounds, sum(points), points, rank, decided_by)

    def _widened(
        self, result: Assessment, case: _Case, request: Request, assessed: list[Assessed]
    ) -> Assessment:
        """The result with what other strategies make possible, also those not yet ruled out."""
        inside = assessed[0].matches.plan.strategy is not None
        possible = _best([one.bounds.possible for one in assessed])
        missing = tuple(name for name in ("countries", "forum") if name not in case.facts)
        added: set[int] = set()
        # Another strategy can only raise the result: nothing is added where all above is possible.
        complete = inside and possible == set(range(min(possible), len(RANKED)))
        if missing and not complete:
            for name, touches in case.touched.items():
                if touches is None:
                    ranks = _possible(case.snapshot, name, case.facts)
                    # Beside another strategy only a better result counts; alone it is the result.
                    added |= _best([possible, ranks]) if inside else ranks
        opening = missing if added - possible else ()
        if not opening and len(assessed) < 2:
            return result
        possible = possible | added
        unknown = self.writer.unknown(assessed, request, possible, opening)
        return replace(result, unknown=unknown, possible=ranked(possible))


def _possible(snapshot: Snapshot, strategy: str, facts: Mapping[str, Any]) -> set[int]:
    """What a strategy could give that the request may yet turn out to touch."""
    matches = bound_rules(snapshot.plans[strategy], facts)
    return Bounds(snapshot, outcome(snapshot, matches.matched), matches).possible


def _touches(facts: Mapping[str, Any], scope: Scope) -> bool | None:
    countries, forum = facts.get("countries"), facts.get("forum")
    if countries is not None and not countries.isdisjoint(scope.countries):
        return True
    if forum in scope.forums:
        return True
    if (countries is None and scope.countries) or (forum is None and scope.forums):
        return None
    return False


def _best(possible: list[set[int]]) -> set[int]:
    """What the most favourable of several results can be, of which each can be several ranks."""
    best = {0}
    for ranks in possible:
        best = {max(one, other) for one in best for other in ranks}
    return best


def _decided_by(matches: Matches, answer: int, ceiling: int, floor: int, rank: int) -> list[str]:
    masks, bounded = matches.plan.masks, min(answer, ceiling)
    if floor > bounded:
        return list(masks.ids(matches.held & dict(masks.floors)[floor]))
    decided = [f"threshold-{RANKED[rank]}"] if answer == rank else []
    return decided + masks.ids(matches.held & dict(masks.ceilings).get(rank, 0))


def _facts_read(policy: Policy) -> tuple[str, ...]:
    """The request facts that a decision depends on, also through facts worked out from them."""
    read = {"countries", "forum", "priorities_claimed"}
    read = read.union(*(rule.reads() for rule in policy.rules))
    read |= {source for name in read for source in sources_of(name)}
    return tuple(name for name in policy.readable if name in read)


def _decision_id(request: Request, read: tuple[str, ...], version: str, day: date) -> str:
    get = request.facts.get
    plain = [sorted(value) if isinstance(value := get(name), frozenset) else value for name in read]
    given: dict[str, Any] = {name: one.given for name, one in request.unresolved.items()}
    if request.suggested:
        given["suggested"] = request.suggested
    content = [request.id, plain, given, version, day]
    data = orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS)
    return f"D-{hashlib.sha256(data).hexdigest()[:16]}"
