"""What comes of keeping the limits: who waits and why, what is used, and what was chosen.

A `limit` is the place of the limit in the policy.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from triage.model.periods import Span

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit in which a request did not fit when its turn came.

    `used` is what those before it take. `by` names the first of those that use it, `users` counts
    them all. `reserved` means that what it asks is not known for certain.
    """

    limit: int
    group: str
    span: Span
    at_most: Decimal
    used: Decimal
    asks: Decimal
    reserved: bool
    by: tuple[str, ...]
    users: int


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why a request that was to be accepted waits.

    `later` is the first day after its own on which it fits; None: there is none up to `until`.
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
    """The best ranked request that one slot alone keeps out, and how much more room lets it in."""

    id: str
    more: Decimal


@dataclass(frozen=True, slots=True)
class Use:
    """One limit in one group and period; of a rolling limit the fullest window.

    `used` counts what is known, `reserved` what is set aside for the uncertain requests in
    `reserved_for`; both include what is `committed`. `free` is below zero where what is always in
    exceeds the limit. Without `at_most` the group is unknown and held to no limit. `one_more` is
    the request that one more unit would let in, `next` the first that this limit alone keeps out.
    """

    limit: int
    group: str
    span: Span
    at_most: Decimal | None = None
    set_aside: Decimal = ZERO
    committed: Decimal = ZERO
    used: Decimal = ZERO
    reserved: Decimal = ZERO
    free: Decimal = ZERO
    ids: tuple[str, ...] = ()
    reserved_for: tuple[str, ...] = ()
    deferred: int = 0
    one_more: str | None = None
    next: Next | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """A request that `best` takes and rank order does not (`taken`), or the other way round."""

    id: str
    score: int
    taken: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What `best` chose: total scores, by how much another choice could be better, what changed."""

    score: int
    rank_score: int
    gap: int
    changes: tuple[Swap, ...]

    @property
    def proved(self) -> bool:
        """Whether no other choice has a greater total score."""
        return self.gap == 0


@dataclass(frozen=True)
class Allocation:
    """The outcome for one set of requests.

    `taken` counts the requests that are in, `undated` names those without a first day, and `over`
    those that are always in and exceed a limit. `labels` has the text of each mission by its group.
    """

    order: str
    deferred: dict[str, Deferral]
    uses: tuple[Use, ...]
    taken: int
    undated: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    choice: Choice | None = None
    labels: dict[str, str] = field(default_factory=dict)
