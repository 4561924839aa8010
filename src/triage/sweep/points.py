"""A grid of settings over the same cases: flips, agreement with people and use at each point.

Finished points are kept as JSON lines, so that a second run continues where the first one ended.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from triage.errors import UsageError
from triage.limits.book import Book, Slot
from triage.limits.demands import Claim, Demander, Engagement
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import RANKED, Policy, Recommendation
from triage.policy_diff.settings import reversed_pair, with_settings
from triage.sweep.families import Outcomes, only_scoring
from triage.sweep.grid import Axis, Grid, Point

MEASURES = ("officer_days", "cost_cad")
"""The facts whose sum over accepted requests is their use."""

RANK = {one.value: one.rank for one in RANKED}


@dataclass
class _PatternCases:
    """The cases of one pattern: how many, what people decided on them, and what they would use.

    `claims` are their demands on limits; `needs` is what they take of each slot together.
    """

    count: int = 0
    determined: Counter[int] = field(default_factory=Counter)
    used: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MEASURES, Decimal(0)))
    unknown: Counter[str] = field(default_factory=Counter)
    claims: list[Claim] = field(default_factory=list)
    needs: Counter[Slot] = field(default_factory=Counter)

    def add(self, request: Request) -> None:
        self.count += 1
        if request.determination is not None:
            self.determined[RANK[request.determination.outcome]] += 1
        for name in MEASURES:
            value = request.facts.get(name)
            if value is None:
                self.unknown[name] += 1
            else:
                self.used[name] += value


@dataclass(frozen=True)
class Result:
    """One point.

    `moves` counts cases by recommendation before and after; `use` has the sums over accepted cases,
    and `limits` the share of each limit, in percent, that they take where it is fullest. `problem`
    says what keeps the point from being a policy; there is nothing else then.
    """

    values: Mapping[str, str]
    version: str
    moves: Mapping[tuple[str, str], int]
    determined: int
    agreed: int
    use: Mapping[str, Decimal]
    unknown: Mapping[str, int]
    limits: Mapping[str, Decimal] = field(default_factory=dict)
    problem: str | None = None

    @property
    def flips(self) -> int:
        return sum(count for (old, new), count in self.moves.items() if old != new)

    def recommended(self, name: str) -> int:
        return sum(count for (_, new), count in self.moves.items() if new == name)

    @property
    def fullest(self) -> Decimal | None:
        """The share of the fullest limit, in percent; None without limits."""
        return max(self.limits.values(), default=None)

    @property
    def agreement(self) -> Decimal | None:
        """Percent of the determinations that are as proposed; None without any."""
        return _tenth(Decimal(100 * self.agreed) / self.determined) if self.determined else None

    def as_dict(self) -> dict[str, Any]:
        head: dict[str, Any] = {"point": dict(self.values), "policy": self.version}
        if self.problem is not None:
            return head | {"problem": self.problem}
        return head | {
            "flips": self.flips,
            "moves": {f"{old}:{new}": count for (old, new), count in self.moves.items()},
            **{one.value: self.recommended(one.value) for one in reversed(RANKED)},
            "agreement": {
                "determined": self.determined,
                "agreed": self.agreed,
                "percent": None if self.agreement is None else float(self.agreement),
            },
            "use": {
                name: {"known": float(self.use[name]), "unknown": self.unknown[name]}
                for name in MEASURES
            },
            "limits": {
                name: {"fullest_percent": float(share)} for name, share in self.limits.items()
            },
        }

    @classmethod
    def from_dict(cls, shape: Mapping[str, Any]) -> "Result":
        if "problem" in shape:
            return cls(shape["point"], shape["policy"], {}, 0, 0, {}, {}, problem=shape["problem"])
        moves = {}
        for key, count in shape["moves"].items():
            old, _, new = key.partition(":")
            moves[old, new] = count
        agreement, use = shape["agreement"], shape["use"]
        return cls(
            shape["point"],
            shape["policy"],
            moves,
            agreement["determined"],
            agreement["agreed"],
            {name: Decimal(str(use[name]["known"])) for name in MEASURES},
            {name: use[name]["unknown"] for name in MEASURES},
            {name: Decimal(str(one["fullest_percent"])) for name, one in shape["limits"].items()},
        )


@dataclass
class Sweep:
    """Runs the points of a grid over cases, which `cases` gives as often as they are needed.

    `eligible`, `not_in_force` and `classifications` count the cases of the last pass over them.
    """

    baseline: Policy
    grid: Grid
    cases: Callable[[], Iterable[Request]]
    as_of: date | None = None
    language: Language = "en"
    eligible: int = 0
    not_in_force: int = 0
    classifications: Counter[str | None] = field(default_factory=Counter)

    def run(
        self, skip: Callable[[Point], Result | None] = lambda point: None
    ) -> Iterator[tuple[Point, Result, bool]]:
        """Each point with its result, and whether it was computed now; family by family.

        `skip` gives the result of a point that was finished before.
        """
        for points in self.families():
            kept = [skip(point) for point in points]
            counted = self._count(points[0]) if None in kept else None
            for point, result in zip(points, kept, strict=True):
                if result is not None:
                    yield point, result, False
                elif counted is not None:
                    yield point, self._result(point, counted), True
        if not self.eligible and not self.not_in_force:
            # Every point was there already; the report still tells what the cases are.
            for _ in self._judged():
                pass

    def families(self) -> list[list[Point]]:
        """The points by family: those with the same rules, which share one pass over the cases."""
        families: dict[tuple[int, ...], list[Point]] = {}
        for point in self.grid.points():
            chosen = zip(point.places, self.grid.axes, strict=True)
            key = tuple(place for place, axis in chosen if axis in self.matching)
            families.setdefault(key, []).append(point)
        return list(families.values())

    @cached_property
    def matching(self) -> list[Axis]:
        """The axes whose values can change which rules hold."""
        return [axis for axis in self.grid.axes if not only_scoring(self.baseline, axis.settings)]

    def _count(self, first: Point) -> "_FamilyCounts":
        """What holds on the cases, and what they add up to, for the family of a point."""
        chosen = zip(first.settings, self.grid.axes, strict=True)
        matching = [setting for setting, axis in chosen if axis in self.matching]
        family = with_settings(self.baseline, matching)
        also = [with_settings(self.baseline, first.settings)]
        outcomes = Outcomes(self.baseline, family, self.as_of, also)
        decider, demander = outcomes.deciders[1], Demander(family)
        patterns: list[_PatternCases] = []
        for request in self._judged():
            number = outcomes.pattern(request)
            if number == len(patterns):
                patterns.append(_PatternCases())
            patterns[number].add(request)
            if family.limits:
                # Limits count by the leading branch and the deciding strategy, under the family.
                decision = decider.decide(request, self.as_of)
                patterns[number].claims.append(
                    demander.claim(Engagement.of(decision, decider.policy))
                )
        book = Book(family, (claim for pattern in patterns for claim in pattern.claims))
        for pattern in patterns:
            for claim in pattern.claims:
                for need in book.needs(claim, claim.day):
                    for slot in need.slots():
                        pattern.needs[slot] += need.amount
            pattern.claims.clear()
        return _FamilyCounts(outcomes, outcomes.before(), patterns, book)

    def _judged(self) -> Iterator[Request]:
        """The cases on whose day some strategy is in force; no point can judge the others."""
        self.eligible = self.not_in_force = 0
        self.classifications.clear()
        strategies = self.baseline.strategies.values()
        for request in self.cases():
            self.classifications[request.classification] += 1
            if any(one.in_force.covers(self.as_of or request.received) for one in strategies):
                self.eligible += 1
                yield request
            else:
                self.not_in_force += 1

    def _result(self, point: Point, counted: "_FamilyCounts") -> Result:
        policy = with_settings(self.baseline, point.settings)
        if (problem := reversed_pair(policy, self.language)) is not None:
            return Result(point.values, policy.version, {}, 0, 0, {}, {}, problem=problem)
        moves: Counter[tuple[str, str]] = Counter()
        determined = agreed = 0
        use, unknown = dict.fromkeys(MEASURES, Decimal(0)), dict.fromkeys(MEASURES, 0)
        taken: Counter[Slot] = Counter()
        after = counted.outcomes.after(policy)
        for old, new, cases in zip(counted.before, after, counted.patterns, strict=True):
            moves[RANKED[old].value, RANKED[new].value] += cases.count
            determined += cases.determined.total()
            agreed += cases.determined[new]
            if RANKED[new] is Recommendation.ACCEPT:
                taken.update(cases.needs)
                for name in MEASURES:
                    use[name] += cases.used[name]
                    unknown[name] += cases.unknown[name]
        ordered, limits = dict(sorted(moves.items())), counted.shares(taken)
        version = policy.version
        return Result(point.values, version, ordered, determined, agreed, use, unknown, limits)


@dataclass(frozen=True)
class _FamilyCounts:
    """What a family of points shares; `before` has the rank of each pattern under the baseline."""

    outcomes: Outcomes
    before: list[int]
    patterns: list[_PatternCases]
    book: Book

    def shares(self, taken: Mapping[Slot, int]) -> dict[str, Decimal]:
        """Of each limit the share that is taken where it is fullest, in percent."""
        shares = dict.fromkeys((limit.id for limit in self.book.limits), Decimal(0))
        for slot, amount in taken.items():
            id, room = self.book.limits[slot[0]].id, self.book.room(slot)
            # Where a limit lets nothing through, any use is shown as twice the limit.
            share = Decimal(100 * amount) / room if room else Decimal(200)
            shares[id] = max(shares[id], _tenth(share))
        return shares


def _tenth(percent: Decimal) -> Decimal:
    return percent.quantize(Decimal("0.1"))


# -- what is kept


@dataclass
class FinishedPoints:
    """Finished points in a file of JSON lines.

    `same` is what a line must have to be of this sweep; lines of other sweeps stay in the file and
    are passed over. A last line that was cut off when a run ended is ignored.
    """

    path: Path
    same: Mapping[str, Any]
    language: Language = "en"

    def __post_init__(self) -> None:
        self._results: dict[bytes, Result] = {}
        try:
            data = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise self._unusable(error.strerror) from None
        lines = data.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                shape = orjson.loads(line)
                if {key: shape[key] for key in self.same} == self.same:
                    self._results[_key(shape["point"])] = Result.from_dict(shape)
            except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
                if number < len(lines) or line.endswith(b"\n"):
                    values = {"path": self.path, "line": number}
                    raise UsageError(say("sweep.other-file", self.language, **values)) from None
        self._whole = data.rfind(b"\n") + 1
        self._cut_off = self._whole < len(data)

    def get(self, point: Point) -> Result | None:
        return self._results.get(_key(point.values))

    def add(self, result: Result) -> None:
        """Add a line, so that it stays even if the next moment ends the program."""
        line = orjson.dumps({**self.same, **result.as_dict()}) + b"\n"
        try:
            if self._cut_off:
                with self.path.open("r+b") as stream:
                    stream.truncate(self._whole)
            with self.path.open("ab") as stream:
                stream.write(line)
        except OSError as error:
            raise self._unusable(error.strerror) from None
        self._cut_off = False

    def _unusable(self, problem: str | None) -> UsageError:
        return UsageError(say("intake.unreadable", self.language, path=self.path, problem=problem))


def _key(values: Mapping[str, str]) -> bytes:
    return orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)
