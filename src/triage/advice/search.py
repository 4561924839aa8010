"""The smallest changes of a request that raise its recommendation.

Plainly, where a set has at most one move of each fact, and the engine decides the request after it:

    for every set of moves:
        show it if its recommendation is better than that of the request as it stands,
        and no set within it is as good: one with fewer moves, or smaller moves of the same facts

There are too many sets for that. Moves that look the same to every rule which counts form a class,
of which the first is tried for all; sets that cannot be smallest are passed over. Whatever is shown
was decided as it stands. A test holds this search to the plain one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice, product
from typing import Any, NamedTuple

from triage.advice.equivalence import Equivalence
from triage.advice.options import Move, Moves, changed, relevant_rules, touched
from triage.deciding.decide import Decider
from triage.deciding.match import Matches
from triage.deciding.possible import outcome, recommend
from triage.deciding.settled import ActiveRule
from triage.errors import EvaluationError
from triage.model.facts import Request
from triage.model.policy import RANKED, Recommendation

MOST_RUNS = 2_000
"""The most sets of several moves that are tried; a size that does not fit whole is left out."""
MOST_SHOWN = 1_000
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
class FoundChanges:
    """All smallest sets of changes: the best recommendation, the fewest and the easiest first.

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
    """What the engine says of a request: the best rank, its score, and what each strategy found."""

    request: Request
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
) -> FoundChanges:
    """The smallest sets of changes; `check` is called before the engine runs, and may raise."""
    search = _Search(decider, request, as_of or request.received, check or (lambda: None))
    return search.run(most_runs)


Index = tuple[int, int]
"""A class of moves: the number of its fact, and its number among the classes of the fact."""

Key = tuple[Index, ...]
"""A set of moves up to classes, by fact."""

Within = tuple[Index | None, ...]
"""The classes of all that is smaller than a move; None is no move at all."""


class _Search:
    """`axes` has for each fact the classes of its moves; the first move stands for its class."""

    def __init__(
        self, decider: Decider, request: Request, day: date, check: Callable[[], None]
    ) -> None:
        self.decider, self.request, self.day, self.check = decider, request, day, check
        self.runs = 0
        self.snapshot = decider.snapshots.on(day)
        self.base = self.trial(request)
        self.axes: list[list[list[Move]]] = []
        self._outcomes: dict[Key, tuple[int, int]] = {(): (self.base.rank, self.base.score)}

    def trial(self, request: Request) -> Trial:
        """Run the engine."""
        self.check()
        self.runs += 1
        matches = self.decider.matches(request, self.day)
        results = []
        for one in matches:
            if (strategy := one.plan.strategy) is None:
                return Trial(request, Recommendation.DEFER.rank, 0, "", matches)
            points, answer, ceiling, floor = outcome(self.snapshot, one.matched)
            results.append((-recommend(answer, ceiling, floor), -sum(points), strategy))
        rank, score, strategy = min(results)
        return Trial(request, -rank, -score, strategy, matches)

    def run(self, most_runs: int) -> FoundChanges:
        """Everything, in order."""
        if self.base.rank == BEST or not self.base.strategy:
            # Outside every strategy the policy has no ground to accept: only other partners could
            # change that.
            return FoundChanges((), runs=self.runs)
        rules = {one.plan.strategy: relevant_rules(one.plan) for one in self.base.matches}
        counting = (rule for own in rules.values() for rule in own)
        options = Moves(self.snapshot, self.request, counting)
        moves = options.all()
        if not self._can_rise(moves):
            return FoundChanges((), runs=self.runs)
        self._classify(moves, rules)
        keys, largest = self._enough(most_runs)
        shown, left_off = self._shown(keys)
        return FoundChanges(tuple(shown), largest, options.largest, left_off, self.runs)

    def _can_rise(self, names: Iterable[str]) -> bool:
        """Whether anything better is possible when the moves of some facts are open."""
        self.runs += 1
        unknown = {fact: None for name in names for fact in touched(name)}
        decision = self.decider.decide(self.request.having(unknown), self.day)
        return any(one.rank > self.base.rank for one in decision.result.possible)

    def _classify(
        self, moves: Mapping[str, list[Move]], rules: Mapping[str | None, list[ActiveRule]]
    ) -> None:
        """Put moves into classes, and drop those that change nothing which counts.

        With a fact that has no moves left, more moves of others may turn out to change nothing.
        """
        trials = dict(self._trials(move for own in moves.values() for move in own))
        left = {name: [move for move in own if move in trials] for name, own in moves.items()}
        while True:
            names = [name for name, own in left.items() if own]
            equivalence = Equivalence(names, rules)
            kept: dict[str, list[Move]] = {}
            axes: list[list[list[Move]]] = []
            for name in names:
                classes: dict[Any, list[Move]] = {}
                for move in left[name]:
                    trial = trials[move]
                    signature = equivalence.signature(name, trial.matches, trial.request)
                    classes.setdefault(signature, []).append(move)
                classes.pop(equivalence.signature(name, self.base.matches, self.request), None)
                axes.append(list(classes.values()))
                kept[name] = [move for alike in classes.values() for move in alike]
            if all(len(kept[name]) == len(left[name]) for name in names):
                break
            left = kept
        self.axes = axes
        for axis, alike in enumerate(axes):
            for number, class_moves in enumerate(alike):
                first = trials[class_moves[0]]
                self._outcomes[((axis, number),)] = (first.rank, first.score)

    def _trials(self, moves: Iterable[Move]) -> Iterator[tuple[Move, Trial]]:
        """The trial of each move by itself, but for those that cannot be made."""
        strategies = [one.plan.strategy for one in self.base.matches]
        for move in moves:
            after = changed(self.request, [move])
            if after is not None:
                trial = self.trial(after)
                # A change never takes a request from one strategy to another.
                if [one.plan.strategy for one in trial.matches] == strategies:
                    yield move, trial

    def _enough(self, most_runs: int) -> tuple[list[Key], int | None]:
        """The sets of classes that raise the recommendation, and the largest size if cut short."""
        enough: list[Key] = []
        accepted: set[Key] = set()
        names = [classes[0][0].fact for classes in self.axes]
        # Where nothing better is possible while one fact stays as it is, every set that is enough
        # changes it.
        needed = {
            axis
            for axis, name in enumerate(names)
            if not self._can_rise(other for other in names if other != name)
        }
        most_runs += self.runs
        for size in range(1, len(self.axes) + 1):
            keys = list(islice(self._keys(size, needed, accepted), most_runs + 1))
            if size > 1 and self.runs + len(keys) > most_runs:
                return enough, size - 1
            for key in keys:
                rank = self._outcome(key)[0]
                if rank > self.base.rank:
                    enough.append(key)
                if rank == BEST:
                    accepted.add(key)
        return enough, None

    def _keys(self, size: int, needed: set[int], accepted: Collection[Key]) -> Iterator[Key]:
        """The sets of one size that may be smallest: none that holds a set which is accepted."""
        for axes in combinations(range(len(self.axes)), size):
            if not needed <= {*axes}:
                continue
            for numbers in product(*(range(len(self.axes[axis])) for axis in axes)):
                key = tuple(zip(axes, numbers, strict=True))
                subsets = (less for few in range(1, size) for less in combinations(key, few))
                if not any(less in accepted for less in subsets):
                    yield key

    def _outcome(self, key: Key) -> tuple[int, int]:
        """Rank and score; that of moves which do not go together is below all others."""
        known = self._outcomes.get(key)
        if known is None:
            after = changed(self.request, [self.axes[axis][number][0] for axis, number in key])
            trial = self.trial(after) if after is not None else None
            known = self._outcomes[key] = (trial.rank, trial.score) if trial else (-1, 0)
        return known

    def _smallest(self, key: Key, within: tuple[Within, ...], rank: int) -> bool:
        """Whether nothing that is within a set is as good as the set."""
        pairs = list(zip(key, within, strict=True))
        if any(index in smaller for index, smaller in pairs):
            return False  # a smaller move of the same fact does the same
        for indexes in product(*((*smaller, index) for index, smaller in pairs)):
            less = tuple(index for index in indexes if index is not None)
            if less != key and self._outcome(less)[0] >= rank:
                return False
        return True

    def _by_within(self, axis: int) -> list[dict[Within, list[Move]]]:
        """The moves of each class of a fact, by the classes of nothing and all smaller moves."""
        indexes = {
            move: (axis, number) for number, alike in enumerate(self.axes[axis]) for move in alike
        }
        found: list[dict[Within, list[Move]]] = [{} for _ in self.axes[axis]]
        for move, (_, number) in indexes.items():
            smaller = dict.fromkeys(
                index for other, index in indexes.items() if other.reach < move.reach
            )
            found[number].setdefault((None, *smaller), []).append(move)
        return found

    def _shown(self, keys: Iterable[Key]) -> tuple[list[ChangeSet], int]:
        """The sets themselves, each run as it stands; and how many more there are."""
        found: list[tuple[int, tuple[Move, ...]]] = []
        by_within = [self._by_within(axis) for axis in range(len(self.axes))]
        for key in keys:
            self.check()
            rank = self._outcome(key)[0]
            classes = [by_within[axis][number] for axis, number in key]
            for within in product(*classes):
                if self._smallest(key, within, rank):
                    alike = (moves[one] for moves, one in zip(classes, within, strict=True))
                    found += [(rank, moves) for moves in product(*alike)]
        position = {name: number for number, name in enumerate(self.decider.policy.request_facts)}

        def order(entry: tuple[int, tuple[Move, ...]]) -> tuple[Any, ...]:
            rank, moves = entry
            count, effort = sum(move.count for move in moves), sum(move.effort for move in moves)
            facts = [position[move.fact] for move in moves]
            return -rank, count, effort, facts, [move.order for move in moves]

        found.sort(key=order)
        shown = [self._change_set(rank, moves) for rank, moves in found[:MOST_SHOWN]]
        return shown, len(found) - len(shown)

    def _change_set(self, rank: int, moves: tuple[Move, ...]) -> ChangeSet:
        after = changed(self.request, moves)
        trial = self.trial(after) if after is not None else None
        if trial is None or trial.rank != rank:
            raise EvaluationError("evaluation.change", id=self.request.id)
        before, now = (_ids(one.matches, trial.strategy) for one in (self.base, trial))
        on, off = tuple(sorted(now - before)), tuple(sorted(before - now))
        to, request = RANKED[rank], trial.request
        return ChangeSet(to, trial.score, trial.strategy, moves, request, on, off)


def _ids(matches: Iterable[Matches], strategy: str) -> set[str]:
    return {rule.id for one in matches if one.plan.strategy == strategy for rule in one.matched}
