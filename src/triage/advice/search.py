"""The smallest changes of a request that raise its recommendation.

A set of changes is shown when the engine, run again with it, gives a better recommendation, and no
smaller set gives one as good. Values that no rule which counts can tell apart are tried once;
whatever is shown was run as it stands.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice, product
from typing import Any, NamedTuple

from triage.advice.equivalence import Kinds
from triage.advice.options import Move, Moves, changed, relevant_rules, touched
from triage.deciding.decide import Decider
from triage.deciding.match import Matches
from triage.deciding.possible import outcome, recommend
from triage.deciding.settled import ActiveRule
from triage.errors import EvaluationError
from triage.model.facts import REQUEST_FACTS, Request
from triage.model.policy import RANKED, Recommendation

MOST_RUNS = 2_000
"""The most sets of several changes that are tried, size by size; a size that does not fit is
left out.
"""
MOST_SHOWN = 1_000
"""The most sets of changes that are shown."""
BEST = Recommendation.ACCEPT.rank


@dataclass(frozen=True)
class ChangeSet:
    """Changes that together raise the recommendation `to`, each of them needed.

    `rules_on` and `rules_off` are the ids of the rules of the strategy that counts then which they
    turn on or off.
    """

    to: Recommendation
    score: int
    strategy: str
    moves: tuple[Move, ...]
    request: Request
    rules_on: tuple[str, ...]
    rules_off: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """All smallest sets of changes, the best recommendation and the fewest changes first.

    `largest` is None when every set was looked at; else those that change more facts than this were
    not. `members` says the same of how many members of one set they change. `left_off` tells how
    many that were found are not shown, and `runs` how often the engine was run.
    """

    sets: tuple[ChangeSet, ...]
    largest: int | None = None
    members: int | None = None
    left_off: int = 0
    runs: int = 0

    @property
    def cut(self) -> bool:
        """Whether there may be sets that are not shown."""
        return self.largest is not None or self.members is not None or self.left_off > 0


class Trial(NamedTuple):
    """What the engine gives: the best rank and its score, and what every assessment found."""

    rank: int
    score: int
    strategy: str
    matches: list[Matches]


def find_changes(
    decider: Decider,
    request: Request,
    as_of: date | None = None,
    check: Callable[[], None] | None = None,
    most_runs: int = MOST_RUNS,
) -> Found:
    """The smallest sets of changes for a request; `check` is called before each run of the
    engine, and may raise.
    """
    return _Search(decider, request, as_of or request.received, check or (lambda: None)).found(
        most_runs
    )


@dataclass(frozen=True)
class _Class:
    """Moves of one fact that no rule which counts can tell apart; the first stands for all."""

    place: tuple[int, int]
    moves: list[Move]


Key = tuple[tuple[int, int], ...]
"""A set of changes up to classes: their places, by fact."""

Within = tuple[tuple[int, int] | None, ...]
"""What is smaller than a move, up to classes; None is no change at all."""


class _Search:
    def __init__(
        self, decider: Decider, request: Request, day: date, check: Callable[[], None]
    ) -> None:
        self.decider, self.request, self.day, self.check = decider, request, day, check
        self.runs = 0
        self.snapshot = decider.snapshots.on(day)
        self.base = self.trial(request)
        self._outcomes: dict[Key, tuple[int, int]] = {(): (self.base.rank, self.base.score)}
        self.axes: list[list[_Class]] = []

    def trial(self, request: Request) -> Trial:
        """Run the engine."""
        self.check()
        self.runs += 1
        matches = self.decider.matches(request, self.day)
        found = []
        for one in matches:
            if (name := one.plan.strategy) is None:
                return Trial(Recommendation.DEFER.rank, 0, "", matches)
            points, answer, ceiling, floor = outcome(self.snapshot, one.matched)
            found.append((-recommend(answer, ceiling, floor), -sum(points), name))
        rank, score, name = min(found)
        return Trial(-rank, -score, name, matches)

    # -- what there is to change
    # --------------------------------------------------------------------------------

    def found(self, most_runs: int) -> Found:
        """Everything, in order."""
        if self.base.rank == BEST or not self.base.strategy:
            # Outside every strategy the policy has no ground to accept: only other partners could
            # change that.
            return Found((), runs=self.runs)
        plans = [one.plan for one in self.base.matches]
        rules = {plan.strategy: relevant_rules(plan) for plan in plans}
        choices = Moves(
            self.snapshot, self.request, (rule for found in rules.values() for rule in found)
        )
        moves = choices.all()
        if not self._can_rise(moves):
            return Found((), runs=self.runs)
        self._sort(moves, rules)
        successes, largest = self._search(most_runs)
        shown, left_off = self._shown(successes)
        return Found(tuple(shown), largest, choices.largest, left_off, self.runs)

    def _can_rise(self, moves: Iterable[str]) -> bool:
        """Whether anything better is possible when all that can change is open."""
        self.runs += 1
        open_facts = {fact: None for name in moves for fact in touched(name)}
        possible = self.decider.decide(
            self.request.model_copy(update=open_facts), self.day
        ).result.possible
        return any(one.rank > self.base.rank for one in possible)

    def _sort(
        self, moves: Mapping[str, list[Move]], rules: Mapping[str | None, list[ActiveRule]]
    ) -> None:
        """Put moves into classes; those that change nothing which counts are dropped, until
        nothing more can be.
        """
        trials: dict[Move, Trial] = {}
        strategies = [one.plan.strategy for one in self.base.matches]
        left: dict[str, list[Move]] = {}
        for name, found in moves.items():
            left[name] = []
            for move in found:
                after = changed(self.request, [move])
                if after is None:
                    continue
                trial = trials[move] = self.trial(after)
                # A change never takes a request from one strategy to another.
                if [one.plan.strategy for one in trial.matches] == strategies:
                    left[name].append(move)
        while True:
            names = [name for name, found in left.items() if found]
            kinds = Kinds(names, rules)
            classes: list[dict[Any, list[Move]]] = []
            for name in names:
                unchanged = kinds.of(name, self.base.matches, self.request)
                sorted_: dict[Any, list[Move]] = {}
                for move in left[name]:
                    kind = kinds.of(
                        name, trials[move].matches, changed(self.request, [move]) or self.request
                    )
                    if kind != unchanged:
                        sorted_.setdefault(kind, []).append(move)
                classes.append(sorted_)
            kept = {
                name: [move for found in one.values() for move in found]
                for name, one in zip(names, classes, strict=True)
            }
            if all(len(kept[name]) == len(left[name]) for name in names):
                break
            left = kept
        self.axes = [
            [_Class((axis, number), found) for number, found in enumerate(one.values())]
            for axis, one in enumerate(classes)
        ]
        for one in (one for axis in self.axes for one in axis):
            first = trials[one.moves[0]]
            self._outcomes[(one.place,)] = (first.rank, first.score)

    # -- which sets are enough
    # ----------------------------------------------------------------------------------

    def _search(self, most_runs: int) -> tuple[list[Key], int | None]:
        """The sets of classes that raise the recommendation, and the largest size tried if some
        were not.
        """
        found: list[Key] = []
        accepted: set[Key] = set()
        names = [axis[0].moves[0].fact for axis in self.axes]
        # Where nothing better is possible while one fact stays as it is, every set that is enough
        # changes it.
        needed = {
            axis
            for axis, name in enumerate(names)
            if not self._can_rise(one for one in names if one != name)
        }
        most_runs += self.runs
        for size in range(1, len(self.axes) + 1):
            keys = list(islice(self._keys(size, needed, accepted), most_runs + 1))
            if size > 1 and self.runs + len(keys) > most_runs:
                return found, size - 1
            for key in keys:
                rank = self._outcome(key)[0]
                if rank > self.base.rank:
                    found.append(key)
                if rank == BEST:
                    accepted.add(key)
        return found, None

    def _keys(self, size: int, needed: set[int], accepted: Collection[Key]) -> Iterator[Key]:
        """The sets of one size that may be smallest: what holds one that is accepted by itself
        is not.
        """
        for places in combinations(range(len(self.axes)), size):
            if not needed <= {*places}:
                continue
            for classes in product(*(self.axes[place] for place in places)):
                key = tuple(one.place for one in classes)
                if not any(
                    part in accepted for few in range(1, size) for part in combinations(key, few)
                ):
                    yield key

    def _outcome(self, key: Key) -> tuple[int, int]:
        """Rank and score; that of moves which do not go together is below all others."""
        known = self._outcomes.get(key)
        if known is None:
            after = changed(
                self.request, [self.axes[axis][number].moves[0] for axis, number in key]
            )
            trial = self.trial(after) if after is not None else None
            known = self._outcomes[key] = (trial.rank, trial.score) if trial else (-1, 0)
        return known

    def _smallest(self, own: Key, within: tuple[Within, ...], rank: int) -> bool:
        """Whether nothing that is within a set is as good as the set."""
        if any(place in smaller for place, smaller in zip(own, within, strict=True)):
            return False  # a smaller move of the same fact does the same
        for some in product(
            *((*smaller, place) for place, smaller in zip(own, within, strict=True))
        ):
            if (
                some != own
                and self._outcome(tuple(place for place in some if place is not None))[0] >= rank
            ):
                return False
        return True

    def _within(self, axis: int) -> dict[tuple[int, int], dict[Within, list[Move]]]:
        """The moves of each class of a fact by the classes of all that is smaller: nothing, and
        smaller moves.
        """
        own = {move: one.place for one in self.axes[axis] for move in one.moves}
        sorted_: dict[tuple[int, int], dict[Within, list[Move]]] = {}
        for move, place in own.items():
            smaller = dict.fromkeys(
                where for other, where in own.items() if other.parts < move.parts
            )
            sorted_.setdefault(place, {}).setdefault((None, *smaller), []).append(move)
        return sorted_

    def _shown(self, successes: Iterable[Key]) -> tuple[list[ChangeSet], int]:
        """The sets themselves, each run as it stands; and how many more there are."""
        found: list[tuple[int, tuple[Move, ...]]] = []
        alike = [self._within(axis) for axis in range(len(self.axes))]
        for key in successes:
            self.check()
            rank = self._outcome(key)[0]
            for within in product(*(alike[place[0]][place] for place in key)):
                if self._smallest(key, within, rank):
                    members = (
                        alike[place[0]][place][one] for place, one in zip(key, within, strict=True)
                    )
                    found += [(rank, moves) for moves in product(*members)]
        order = {name: place for place, name in enumerate(REQUEST_FACTS)}
        found.sort(
            key=lambda one: (
                -one[0],
                sum(move.count for move in one[1]),
                [order[move.fact] for move in one[1]],
                [move.place for move in one[1]],
            )
        )
        shown = [self._run(rank, moves) for rank, moves in found[:MOST_SHOWN]]
        return shown, len(found) - len(shown)

    def _run(self, rank: int, moves: tuple[Move, ...]) -> ChangeSet:
        after = changed(self.request, moves)
        trial = self.trial(after) if after is not None else None
        if after is None or trial is None or trial.rank != rank:
            raise EvaluationError("a change does not do what was found")
        before, now = (_ids(one.matches, trial.strategy) for one in (self.base, trial))
        on, off = tuple(sorted(now - before)), tuple(sorted(before - now))
        return ChangeSet(RANKED[rank], trial.score, trial.strategy, moves, after, on, off)


def _ids(matches: Iterable[Matches], strategy: str) -> set[str]:
    return {rule.id for one in matches if one.plan.strategy == strategy for rule in one.matched}
