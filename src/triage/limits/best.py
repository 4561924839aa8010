"""The set of requests with the greatest total score that fits every limit, found by HiGHS.

The mixed-integer model is made of the requests in rank order, so that it is the same whatever order
they came in; the solver runs on one thread with a fixed seed. Its choice is checked again in whole
numbers, and so is the bound that it proves. Of sets with equal scores the one is kept in which no
request could give way to one of the same score that ranks higher.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

import highspy

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import Claim

MOST_SWAPS = 5_000_000
NEARLY = 1e-6
Column = tuple[tuple[Slot, int], ...]
"""What a request takes of slots: in the model, of those that are too small for all who want it."""
Classes = dict[tuple[int, Column], list[Claim]]
"""Requests by score and column, in rank order. Those of one class are alike: only their number is
to be chosen, and the best ranked of them are taken.
"""
Row = tuple[dict[int, int], int]
"""A constraint: what one request takes, by the number of its class, and the room for all."""


def best_choice(
    book: Book,
    claims: Sequence[Claim],
    committed: Iterable[Claim],
    by_rank: set[str],
    time_limit: float,
) -> tuple[frozenset[str], int]:
    """The ids of the best choice, and by how much another one could be better; 0 is proved best.

    `claims` are in rank order; the choice is never worse than `by_rank`, the ids that rank order
    takes. `time_limit` is in seconds.
    """
    mandatory = [claim for claim in claims if claim.mandatory]
    free: dict[Slot, int] = {}
    for claim in (*committed, *mandatory):
        for slot, amount in _each(book.needs(claim, claim.day)):
            free[slot] = free.get(slot, book.room(slot)) - amount
    candidates: list[tuple[Claim, Column]] = []
    wanted: dict[Slot, int] = defaultdict(int)
    for claim in claims:
        if claim.mandatory or book.suspension(claim, claim.day):
            continue
        needs = tuple(_each(book.needs(claim, claim.day)))
        if all(amount <= free.get(slot, book.room(slot)) for slot, amount in needs):
            candidates.append((claim, needs))
            for slot, amount in needs:
                wanted[slot] += amount
    room = {slot: free.get(slot, book.room(slot)) for slot in wanted}
    columns: list[tuple[Claim, Column]] = []
    chosen = {claim.id for claim in mandatory}
    for claim, needs in candidates:
        column = tuple((slot, amount) for slot, amount in needs if wanted[slot] > room[slot])
        if column:
            columns.append((claim, column))
        else:
            chosen.add(claim.id)
    gap, deadline = 0, monotonic() + time_limit
    for classes in _components(columns):
        numbers, short = _solve(classes, room, by_rank, deadline)
        chosen |= _kept(classes, numbers, room)
        gap += short
    return frozenset(chosen), gap


def _each(needs: Iterable[Need]) -> Iterator[tuple[Slot, int]]:
    """What is taken of each slot, of windows one by one."""
    return ((slot, need.amount) for need in needs for slot in need.slots())


def _components(columns: Sequence[tuple[Claim, Column]]) -> list[Classes]:
    """The requests in sets that have no slot in common, so that each set is chosen by itself."""
    parent: dict[Slot, Slot] = {}

    def root(slot: Slot) -> Slot:
        while parent.setdefault(slot, slot) != slot:
            parent[slot] = slot = parent[parent[slot]]
        return slot

    for _, column in columns:
        for slot, _ in column[1:]:
            parent[root(slot)] = root(column[0][0])
    components: dict[Slot, Classes] = defaultdict(lambda: defaultdict(list))
    for claim, column in columns:
        components[root(column[0][0])][claim.score, column].append(claim)
    return list(components.values())


def _solve(
    classes: Classes, room: dict[Slot, int], by_rank: set[str], deadline: float
) -> tuple[list[int], int]:
    """How many requests of each class to take, and how much more the total score could be."""
    scores = [score for score, _ in classes]
    sizes = [len(members) for members in classes.values()]
    ranked = [sum(claim.id in by_rank for claim in members) for members in classes.values()]
    rows = _rows([column for _, column in classes], room)
    solver = _model(scores, sizes, rows)
    start = highspy.HighsSolution()
    start.col_value = [float(number) for number in ranked]
    solver.setSolution(start)
    solver.setOptionValue("time_limit", max(0.01, deadline - monotonic()))
    solver.run()
    numbers = [round(value) for value in solver.getSolution().col_value]

    def total(numbers: Sequence[int]) -> int:
        return sum(score * number for score, number in zip(scores, numbers, strict=True))

    # The solver computes in floating point: its choice counts only when whole numbers agree.
    if not _fits(numbers, sizes, rows) or total(numbers) < total(ranked):
        numbers = ranked
    most = total(sizes)
    bound = solver.getInfo().mip_dual_bound
    if math.isfinite(bound):
        most = min(most, math.floor(bound + NEARLY * max(1.0, abs(bound))))
    return numbers, max(0, most - total(numbers))


def _rows(columns: Iterable[Column], room: dict[Slot, int]) -> list[Row]:
    """A row for each slot, divided by the common divisor of its amounts; equal rows once."""
    slots: dict[Slot, dict[int, int]] = defaultdict(dict)
    for number, column in enumerate(columns):
        for slot, amount in column:
            slots[slot][number] = amount
    least: dict[tuple[tuple[int, int], ...], int] = {}
    for slot, row in slots.items():
        common = math.gcd(*row.values())
        key = tuple((number, amount // common) for number, amount in row.items())
        least[key] = min(room[slot] // common, least.get(key, room[slot] // common))
    return [(dict(key), most) for key, most in least.items()]


class _Solver(highspy.Highs):
    """HiGHS without the line that it prints when its callbacks are set up.

    Standard output is the report's, and no callback is used.
    """

    def __init__(self) -> None:
        # Not the constructor of `Highs`, which only sets up the callbacks, but the one above it.
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)


def _model(scores: Sequence[int], sizes: Sequence[int], rows: Iterable[Row]) -> _Solver:
    solver = _Solver()
    options = {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.99}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    for number, (score, size) in enumerate(zip(scores, sizes, strict=True)):
        solver.addVar(0.0, float(size))
        solver.changeColCost(number, float(score))
        solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    for row, most in rows:
        amounts = [float(amount) for amount in row.values()]
        solver.addRow(-highspy.kHighsInf, float(most), len(row), list(row), amounts)
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    return solver


def _fits(numbers: Sequence[int], sizes: Sequence[int], rows: Iterable[Row]) -> bool:
    if len(numbers) != len(sizes):
        return False
    if any(not 0 <= number <= size for number, size in zip(numbers, sizes, strict=True)):
        return False
    return all(
        sum(numbers[at] * amount for at, amount in row.items()) <= most for row, most in rows
    )


def _kept(classes: Classes, numbers: Sequence[int], room: dict[Slot, int]) -> set[str]:
    """The ids that are taken, after higher ranked ones of equal score replaced what they can."""
    inside: dict[str, Claim] = {}
    columns: dict[str, Column] = {}
    left = dict(room)
    ranked: list[Claim] = []
    for ((_, column), members), number in zip(classes.items(), numbers, strict=True):
        for claim in members[:number]:
            inside[claim.id] = claim
            for slot, amount in column:
                left[slot] -= amount
        columns |= dict.fromkeys((claim.id for claim in members), column)
        ranked += members
    ranked.sort(key=lambda claim: claim.rank)
    if len(ranked) ** 2 <= MOST_SWAPS:
        while _give_way(ranked, inside, columns, left):
            pass
    for claim in ranked:
        # A score of zero adds nothing to the total, but it fits.
        if claim.id not in inside and _swap(columns[claim.id], (), left):
            inside[claim.id] = claim
    return set(inside)


def _give_way(
    ranked: Sequence[Claim],
    inside: dict[str, Claim],
    columns: dict[str, Column],
    left: dict[Slot, int],
) -> bool:
    """Let each request that is out replace one of the same score that ranks lower, if any fits."""
    moved = False
    by_score: dict[int, list[Claim]] = defaultdict(list)
    for claim in reversed(ranked):
        if claim.id in inside:
            by_score[claim.score].append(claim)
    for claim in ranked:
        if claim.id in inside:
            continue
        for other in by_score[claim.score]:
            if other.rank < claim.rank:
                break
            if _swap(columns[claim.id], columns[other.id], left):
                del inside[other.id]
                inside[claim.id] = claim
                by_score[claim.score].remove(other)
                moved = True
                break
    return moved


def _swap(new: Column, old: Column, left: dict[Slot, int]) -> bool:
    """Put one column in the place of another, if that fits."""
    back = dict(old)
    if any(amount > left[slot] + back.get(slot, 0) for slot, amount in new):
        return False
    for slot, amount in old:
        left[slot] += amount
    for slot, amount in new:
        left[slot] -= amount
    return True
