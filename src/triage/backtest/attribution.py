"""Which edit caused a changed result, found by running the case again with each edit alone and with
each left out.

`alone`: this edit changes the case in this way by itself, and no other edit does. `either`: several
edits do, each by itself. `jointly`: no edit does by itself; these do together, and would not with
one of them left out.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from triage.errors import PolicyError
from triage.model.policy import Policy
from triage.policy_diff.edits import Edit, with_edits

How = Literal["alone", "jointly", "either"]
Ids = frozenset[str]
Case = TypeVar("Case", bound=Hashable)

Evaluate = Callable[[Policy, Sequence[Any]], Sequence[Any]]
"""A policy and cases -> the result of each case, in their order; results are compared with `==`."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The edits that caused one changed result, by id, and how.

    `needed` are the edits without which the candidate would not change the case in this way; with
    `either` there may be none, and where one edit holds back what another would undo, it has more
    than `edits`.
    """

    edits: tuple[str, ...]
    how: How
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
    cases = _Cases(list(flipped), [after for _, after in flipped.values()])
    runner = _Runner(effective, evaluate, baseline, candidate)
    everything, places = frozenset(effective), range(len(flipped))
    enough: list[set[str]] = [set() for _ in places]
    needed: list[set[str]] = [set() for _ in places]
    for id in effective:
        for place in runner.reached(frozenset({id}), cases, places):
            enough[place].add(id)
        kept = runner.reached(everything - {id}, cases, places)
        for place in places:
            if place not in kept:
                needed[place].add(id)
    joint = [place for place in places if not enough[place]]
    sets = runner.smallest(joint, cases, [frozenset(needed[place]) for place in joint])
    found = {}
    for place, case in enumerate(cases.names):
        how: How = "jointly" if place in sets else "alone" if len(enough[place]) == 1 else "either"
        ids = sets.get(place, frozenset(enough[place]))
        ordered = [tuple(id for id in effective if id in some) for some in (ids, needed[place])]
        found[case] = Attribution(ordered[0], how, ordered[1])
    return found


@dataclass(frozen=True)
class _Cases:
    """Cases with the result that the candidate gives each."""

    names: Sequence[Any]
    wanted: Sequence[Any]


class _Runner:
    """Runs cases with some of the edits; each set of edits makes one policy."""

    def __init__(
        self, edits: Mapping[str, Edit], evaluate: Evaluate, baseline: Policy, candidate: Policy
    ) -> None:
        self.edits, self.evaluate = edits, evaluate
        self.baseline, self.candidate = baseline, candidate
        self._policies: dict[Ids, Policy | None] = {}

    def policy(self, ids: Ids) -> Policy | None:
        """The baseline with these edits; None when they cannot stand without the others."""
        if len(ids) == len(self.edits):
            return self.candidate
        if ids not in self._policies:
            try:
                self._policies[ids] = with_edits(
                    self.baseline, self.candidate, [self.edits[id] for id in sorted(ids)]
                )
            except PolicyError:
                self._policies[ids] = None
        return self._policies[ids]

    def reached(self, ids: Ids, cases: _Cases, places: Sequence[int]) -> set[int]:
        """Those of the cases, by place, to which these edits give the result that all of them
        give.
        """
        policy = self.policy(ids) if ids and places else None
        if policy is None:
            return set()
        results = self.evaluate(policy, [cases.names[place] for place in places])
        return {
            place
            for place, result in zip(places, results, strict=True)
            if result == cases.wanted[place]
        }

    def smallest(
        self, places: Sequence[int], cases: _Cases, needed: Sequence[Ids]
    ) -> dict[int, Ids]:
        """For each case a set of edits that gives its result, and no longer does without any one
        of them.
        """
        everything = frozenset(self.edits)
        left: dict[int, Ids] = {}
        for ids, group in _grouped(dict(zip(places, needed, strict=True))).items():
            reached = self.reached(ids, cases, group)
            left |= {place: ids if place in reached else everything for place in group}
        trying = set(left)
        while trying:
            before = dict(left)
            for id in self.edits:
                # A set of two cannot lose one: no edit does it by itself.
                open_ = {
                    place: left[place]
                    for place in sorted(trying)
                    if id in left[place] and len(left[place]) > 2
                }
                for ids, group in _grouped(open_).items():
                    left |= dict.fromkeys(self.reached(ids - {id}, cases, group), ids - {id})
            # One edit may hold back what another undoes: without the one, the other may no longer
            # be needed.
            trying = {place for place in trying if left[place] != before[place]}
        return left


def _grouped(sets: Mapping[int, Ids]) -> dict[Ids, list[int]]:
    groups: dict[Ids, list[int]] = {}
    for place, ids in sets.items():
        groups.setdefault(ids, []).append(place)
    return groups
