"""Which edits caused a changed result, found by running the case again under some of the edits.

Each edit is tried by itself, and all edits without it. `alone`: one edit changes the case in this
way by itself, and no other does. `either`: several do, each by itself. `jointly`: none does by
itself; these do together, and would not with one of them left out.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from triage.deciding.layers import CycleError
from triage.model.policy import Policy
from triage.policy_diff.edits import Edit, with_edits

Causation = Literal["alone", "jointly", "either"]
EditIds = frozenset[str]
Case = TypeVar("Case", bound=Hashable)

Evaluate = Callable[[Policy, Sequence[Any]], Sequence[Any]]
"""A policy and cases -> the result of each case, in their order; results are compared with `==`."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The edits that caused one changed result, by id, and how.

    `needed` are the edits without which the candidate would not change the case in this way. With
    `either` there may be none. Where one edit holds back what another would undo, it has more than
    `edits`.
    """

    edits: tuple[str, ...]
    how: Causation
    needed: tuple[str, ...] = ()


def attribute(
    edits: Collection[Edit],
    flipped: Mapping[Case, tuple[Any, Any]],
    evaluate: Evaluate,
    baseline: Policy,
    candidate: Policy,
) -> dict[Case, Attribution]:
    """The cause of each changed case.

    `flipped` has the result of each changed case under the baseline and under the candidate.
    `evaluate` runs cases under a policy: twice an edit on all of them, and a few times more on
    those whose cause is a set of edits.
    """
    effective = {edit.id: edit for edit in edits if edit.affects_results}
    wanted = {case: after for case, (_, after) in flipped.items()}
    runner = _Runner(effective, wanted, evaluate, baseline, candidate)
    enough: dict[Case, set[str]] = {case: set() for case in flipped}
    needed: dict[Case, set[str]] = {case: set() for case in flipped}
    for id in effective:
        for case in runner.reached(frozenset({id}), list(flipped)):
            enough[case].add(id)
        kept = runner.reached(frozenset(effective) - {id}, list(flipped))
        for case in flipped.keys() - kept:
            needed[case].add(id)
    joint = {case: frozenset(needed[case]) for case in flipped if not enough[case]}
    sets = runner.smallest(joint)
    causes = {}
    for case in flipped:
        how: Causation = "alone" if len(enough[case]) == 1 else "either"
        cause = frozenset(enough[case])
        if case in sets:
            how, cause = "jointly", sets[case]
        ordered = tuple(id for id in effective if id in cause)
        causes[case] = Attribution(
            ordered, how, tuple(id for id in effective if id in needed[case])
        )
    return causes


class _Runner:
    """Runs cases under some of the edits; each set of edits makes one policy.

    `wanted` is the result of each case under all edits.
    """

    def __init__(
        self,
        edits: Mapping[str, Edit],
        wanted: Mapping[Any, Any],
        evaluate: Evaluate,
        baseline: Policy,
        candidate: Policy,
    ) -> None:
        self.edits, self.wanted, self.evaluate = edits, wanted, evaluate
        self.baseline, self.candidate = baseline, candidate
        self._policies: dict[EditIds, Policy | None] = {}

    def policy(self, ids: EditIds) -> Policy | None:
        """The baseline with these edits; None when they cannot stand without the others."""
        if len(ids) == len(self.edits):
            return self.candidate
        if ids not in self._policies:
            some = [self.edits[id] for id in sorted(ids)]
            try:
                self._policies[ids] = with_edits(self.baseline, self.candidate, some)
            except CycleError:
                self._policies[ids] = None
        return self._policies[ids]

    def reached(self, ids: EditIds, cases: Sequence[Any]) -> set[Any]:
        """The cases to which these edits give the wanted result."""
        policy = self.policy(ids) if ids and cases else None
        if policy is None:
            return set()
        results = zip(cases, self.evaluate(policy, cases), strict=True)
        return {case for case, result in results if result == self.wanted[case]}

    def smallest(self, needed: Mapping[Any, EditIds]) -> dict[Any, EditIds]:
        """For each case a set of edits that gives its result, and would not without one of them.

        The search begins at the edits that are needed where these are enough, else at all of them,
        and leaves out one after the other.
        """
        left: dict[Any, EditIds] = {}
        for ids, cases in _grouped(needed).items():
            reached = self.reached(ids, cases)
            left |= {case: ids if case in reached else frozenset(self.edits) for case in cases}
        trying = list(left)
        while trying:
            before = dict(left)
            for id in self.edits:
                # A set of two cannot lose one: no edit does it by itself.
                larger = {case: left[case] for case in trying if len(left[case]) > 2}
                with_it = {case: ids for case, ids in larger.items() if id in ids}
                for ids, cases in _grouped(with_it).items():
                    left |= dict.fromkeys(self.reached(ids - {id}, cases), ids - {id})
            # An edit may hold back what another undoes: without it, the other may become needless.
            trying = [case for case in trying if left[case] != before[case]]
        return left


def _grouped(sets: Mapping[Any, EditIds]) -> dict[EditIds, list[Any]]:
    groups: dict[EditIds, list[Any]] = {}
    for case, ids in sets.items():
        groups.setdefault(ids, []).append(case)
    return groups
