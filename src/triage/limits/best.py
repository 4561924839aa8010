"""The set of requests with the greatest total score that fits every limit at once, as a
mixed-integer model for HiGHS.

The model is made of the requests in rank order, so that it is the same whatever order they came in;
the solver runs on one thread with a fixed seed. What it finds is checked again in whole numbers,
and so is the distance to its bound. Between sets of equal score the one is kept in which no request
could give way to one of the same score that ranks higher.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic

import highspy

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import Claim

MOST_SWAPS = 5_000_000
NEARLY = 1e-6
Column = tuple[tuple[Slot, int], ...]


@dataclass
class _Part:
    """Requests that share limits with each other and with nobody else: classes of those that are
    alike, in rank order.

    Requests are alike when they have the same score and take the same of the same slots: then only
    their number is to be chosen, and the best ranked of them are taken.
    """

    classes: dict[tuple[int, Column], list[Claim]] = field(
        default_factory=lambda: defaultdict(list)
    )


def best_choice(
    book: Book,
    claims: Sequence[Claim],
    committed: Iterable[Claim],
    by_rank: set[str],
    time_limit: float,
) -> tuple[frozenset[str], int]:
    """The ids of the best choice, and by how much at most another one could be better; 0 is proved
    best.

    `claims` are in rank order, `by_rank` are the ids that rank order takes: no choice is worse than
    that.
    """
    free: dict[Slot, int] = {}
    chosen = {claim.id for claim in claims if claim.mandatory}
    for claim in [*committed, *(claim for claim in claims if claim.mandatory)]:
        for slot, amount, _ in book.needs(claim, claim.day):
            free[slot] = free.get(slot, book.room(slot)) - amount
    open_: list[tuple[Claim, list[Need]]] = []
    for claim in claims:
        if claim.mandatory or book.suspension(claim, claim.day):
            continue
        needs = book.needs(claim, claim.day)
        if all(amount <= free.get(slot, book.room(slot)) for slot, amount, _ in needs):
            open_.append((claim, needs))
    wanted: dict[Slot, int] = {}
    for _, needs in open_:
        for slot, amount, _ in needs:
            wanted[slot] = wanted.get(slot, 0) + amount
    room = {slot: free.get(slot, book.room(slot)) for slot in wanted}
    tight = {slot for slot, amount in wanted.items() if amount > room[slot]}
    columns: list[tuple[Claim, Column]] = []
    for claim, needs in open_:
        column = tuple((slot, amount) for slot, amount, _ in needs if slot in tight)
        if column:
            columns.append((claim, column))
        else:
            chosen.add(claim.id)
    gap, deadline = 0, monotonic() + time_limit
    for part in _parts(columns):
        found, short = _solve(part, room, by_rank, deadline)
        chosen |= _kept(part, found, room)
        gap += short
    return frozenset(chosen), gap


def _parts(columns: Iterable[tuple[Claim, Column]]) -> list[_Part]:
    """Requests that have no limit in common are chosen apart from each other."""
    parent: dict[Slot, Slot] = {}

    def root(slot: Slot) -> Slot:
        while parent.setdefault(slot, slot) != slot:
            parent[slot] = slot = parent[parent[slot]]
        return slot

    columns = list(columns)
    for _, column in columns:
        for slot, _ in column[1:]:
            parent[root(slot)] = root(column[0][0])
    parts: dict[Slot, _Part] = defaultdict(_Part)
    for claim, column in columns:
        parts[root(column[0][0])].classes[claim.score, column].append(claim)
    return list(parts.values())


def _solve(
    part: _Part, room: dict[Slot, int], by_rank: set[str], deadline: float
) -> tuple[list[int], int]:
    """How many of each class, and how much more the total could be at most."""
    classes = list(part.classes.items())
    ranked = [sum(claim.id in by_rank for claim in members) for _, members in classes]
    rows = _rows(classes, room)
    solver = _model(classes, rows)
    start = highspy.HighsSolution()
    start.col_value = [float(number) for number in ranked]
    solver.setSolution(start)
    solver.setOptionValue("time_limit", max(0.01, deadline - monotonic()))
    solver.run()
    found = [round(value) for value in solver.getSolution().col_value]
    scores = [score for (score, _), _ in classes]

    def total(numbers: Sequence[int]) -> int:
        return sum(score * number for score, number in zip(scores, numbers, strict=True))

    # The solver counts in floating point: whatever it says holds only after it was added up in
    # whole numbers.
    if not _fits(found, classes, rows) or total(found) < total(ranked):
        found = ranked
    most = sum(score * len(members) for (score, _), members in classes)
    bound = solver.getInfo().mip_dual_bound
    if math.isfinite(bound):
        most = min(most, math.floor(bound + NEARLY * max(1.0, abs(bound))))
    return found, max(0, most - total(found))


Row = tuple[dict[int, int], int]
Classes = Sequence[tuple[tuple[int, Column], list[Claim]]]


def _rows(classes: Classes, room: dict[Slot, int]) -> list[Row]:
    """What each class takes of a slot, and its room, divided by what they have in common; equal
    rows once.
    """
    slots: dict[Slot, dict[int, int]] = defaultdict(dict)
    for number, ((_, column), _) in enumerate(classes):
        for slot, amount in column:
            slots[slot][number] = amount
    least: dict[tuple[tuple[int, int], ...], int] = {}
    for slot, row in slots.items():
        common = math.gcd(*row.values())
        key = tuple((number, amount // common) for number, amount in row.items())
        least[key] = min(room[slot] // common, least.get(key, room[slot] // common))
    return [(dict(key), most) for key, most in least.items()]


class _Solver(highspy.Highs):
    """HiGHS without the line that it prints as soon as it is told of its callbacks: standard
    output is the report's.
    """

    def __init__(self) -> None:
        super(
            highspy.Highs, self
        ).__init__()  # past its own, which only sets up the callbacks; none is used
        self.setOptionValue("output_flag", False)


def _model(classes: Classes, rows: Sequence[Row]) -> _Solver:
    solver = _Solver()
    options = {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.99}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    for number, ((score, _), members) in enumerate(classes):
        solver.addVar(0.0, float(len(members)))
        solver.changeColCost(number, float(score))
        solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    for row, most in rows:
        solver.addRow(
            -highspy.kHighsInf,
            float(most),
            len(row),
            list(row),
            [float(one) for one in row.values()],
        )
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    return solver


def _fits(numbers: Sequence[int], classes: Classes, rows: Iterable[Row]) -> bool:
    if len(numbers) != len(classes):
        return False
    within = all(
        0 <= number <= len(members) for number, (_, members) in zip(numbers, classes, strict=True)
    )
    return within and all(
        sum(numbers[at] * amount for at, amount in row.items()) <= most for row, most in rows
    )


def _kept(part: _Part, numbers: Sequence[int], room: dict[Slot, int]) -> set[str]:
    """The ids that are taken, after each of equal score has given way to one that ranks higher,
    where that fits.
    """
    inside: dict[str, Claim] = {}
    columns: dict[str, Column] = {}
    left = dict(room)
    ranked: list[Claim] = []
    for ((_, column), members), number in zip(part.classes.items(), numbers, strict=True):
        for claim in members[:number]:
            inside[claim.id] = claim
            for slot, amount in column:
                left[slot] -= amount
        columns |= dict.fromkeys((claim.id for claim in members), column)
        ranked += members
    ranked.sort(key=lambda one: one.rank)
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
    """Let each that is out take the place of one of the same score that ranks lower; whether any
    could.
    """
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
