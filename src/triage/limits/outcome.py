"""What allocating comes to, as plain data: who waits and why, what is used of each limit, and
what was chosen.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from triage.model.periods import Span


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit in which a request did not fit, when its turn came.

    `limit` is the place of the limit in the policy. `used` is what those before it take, `held`
    what is kept for others that wait and rank higher; `by` the first of those that use it, `users`
    how many they are.
    """

    limit: int
    group: str
    span: Span
    at_most: Decimal
    used: Decimal
    held: Decimal
    asks: Decimal
    reserved: bool
    by: tuple[str, ...]
    users: int


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why a request that was to be accepted waits.

    `later` is the first day after its own on which it fits, None when there is none up to `until`.
    `suspension` is the id of the one that it falls under. `dated` is false when its own day is
    unknown and it was judged by another.
    """

    id: str
    score: int
    day: date
    dated: bool
    reached: tuple[Reached, ...]
    suspension: str | None
    later: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Next:
    """The best ranked of those whom this slot alone keeps out, and how much more it would take
    to let it in.
    """

    id: str
    more: Decimal


@dataclass(frozen=True, slots=True)
class Use:
    """One limit in one group and period.

    `used` counts what is known, `reserved` what is set aside for the uncertain ones of
    `reserved_for`; both count what is `committed` too. `free` may be below zero where what is
    always in exceeds the limit. Without `at_most` the group is not known, and nothing is held to a
    limit there. A rolling limit has its fullest window here. `one_more` is the request that one
    more unit would let in, `next` the first one that this limit alone keeps out.
    """

    limit: int
    group: str
    span: Span
    at_most: Decimal | None
    set_aside: Decimal
    committed: Decimal
    used: Decimal
    reserved: Decimal
    free: Decimal
    held: Decimal
    ids: tuple[str, ...]
    reserved_for: tuple[str, ...]
    deferred: int
    one_more: str | None
    next: Next | None


@dataclass(frozen=True, slots=True)
class Swap:
    """A request that `best` takes and rank order does not (`taken`), or the other way round."""

    id: str
    score: int
    taken: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What `best` found: total scores, how far at most from the best possible (0 when proved),
    and what changed.
    """

    score: int
    rank_score: int
    gap: int
    changes: tuple[Swap, ...]

    @property
    def proved(self) -> bool:
        """Whether no other choice can have a greater total score."""
        return self.gap == 0


@dataclass(frozen=True)
class Allocation:
    """The outcome for one set of requests."""

    order: str
    deferred: dict[str, Deferral]
    uses: tuple[Use, ...]
    taken: int
    undated: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    choice: Choice | None = None
    labels: dict[str, str] = field(default_factory=dict)
    """The text of each mission by its group."""
