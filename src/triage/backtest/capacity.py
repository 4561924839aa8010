"""The limits under both policies: what is used of each in each period, who waits, and who is
displaced by a change.

All accepted cases of a policy are kept within its limits together, in rank order, as if they lay in
one inbox. In truth they came one after the other, so this shows where a change would press, and not
what would have happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from triage.backtest.sides import Side
from triage.backtest.tally import Tally
from triage.deciding.wording import Wording
from triage.limits.allocate import allocate
from triage.limits.demands import Engagement
from triage.limits.outcome import Allocation, Use
from triage.limits.words import LimitWords
from triage.messages import Language
from triage.model.periods import ROLLING
from triage.model.policy import Limit

How = Literal["displaced", "no_room", "fits_now"]
"""A case accepted under both waits under the candidate only; a case newly accepted waits; a case
no longer waits.
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that waits for room under one of the policies only; `limits` are the ids of those
    in its way.
    """

    id: str
    how: How
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One limit in one group and period under both policies; None where a policy has nothing
    there.
    """

    limit: Limit
    place: str
    old: Use | None
    new: Use | None

    @property
    def fullness(self) -> Fraction:
        """The share that the candidate uses; 0 where nothing is held to a limit."""
        return used_share(self.new)


def taken(use: Use | None) -> Decimal:
    """What is used, with what is set aside for uncertain requests."""
    return use.used + use.reserved if use else Decimal(0)


def used_share(use: Use | None) -> Fraction:
    """What is used as a share of the limit."""
    if use is None or use.at_most is None:
        return Fraction(0)
    return Fraction(taken(use)) / Fraction(use.at_most) if use.at_most else Fraction(taken(use) > 0)


@dataclass(frozen=True)
class Capacity:
    """The limits under the baseline and under the candidate."""

    old: LimitWords
    new: LimitWords
    moved: tuple[Moved, ...]

    def slots(self) -> list[Slot]:
        """Every slot that either policy touches: the fullest under the candidate first."""
        rows: dict[tuple[str, str, str], list[Use | None]] = {}
        named: dict[tuple[str, str, str], tuple[Limit, str]] = {}
        for at, words in enumerate((self.old, self.new)):
            for use in words.allocation.uses:
                limit = words.limit(use.limit)
                # Of a rolling limit there is one window, the fullest, which may be another under
                # each policy.
                key = (limit.id, use.group, "" if limit.per == ROLLING else use.span.id)
                rows.setdefault(key, [None, None])[at] = use
                named[key] = (limit, words.place(use.limit, use.group, use.span))
        found = [(key, Slot(*named[key], *uses)) for key, uses in rows.items()]
        return [slot for _, slot in sorted(found, key=lambda one: (-one[1].fullness, one[0]))]

    def fullest(self, limit: str) -> Slot | None:
        """The slot of a limit of which the candidate uses most; None when it uses none."""
        return next(
            (slot for slot in self.slots() if slot.limit.id == limit and slot.new is not None), None
        )

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape: the use of every limit under both policies, and the cases that only
        one of them lets wait.
        """
        shape: dict[str, Any] = {"baseline": self.old.limits(), "candidate": self.new.limits()}
        for how in ("displaced", "no_room", "fits_now"):
            shape[how] = [
                {"request_id": one.id, "limits": list(one.limits)}
                for one in self.moved
                if one.how == how
            ]
        return shape


def capacity(tally: Tally, language: Language) -> Capacity | None:
    """The limits under both policies; None without limits, or with more accepted cases than are
    looked at.
    """
    sides = (tally.baseline, tally.candidate)
    if not any(side.policy.limits for side in sides) or any(side.crowded for side in sides):
        return None
    old, new = (_allocated(side, tally.as_of, language) for side in sides)
    return Capacity(old, new, tuple(_moved(tally, old, new)))


def _allocated(side: Side, as_of: date | None, language: Language) -> LimitWords:
    decisions = (side.decider.decide(request, as_of) for request in side.accepted)
    found: Allocation = allocate(side.policy, [Engagement.of(one) for one in decisions])
    return LimitWords(Wording(side.policy, language), found)


def _moved(tally: Tally, old: LimitWords, new: LimitWords) -> Iterator[Moved]:
    both = {one.id for one in tally.baseline.accepted} & {
        one.id for one in tally.candidate.accepted
    }
    before, after = old.allocation.deferred, new.allocation.deferred
    for id in sorted({*before, *after}):
        if id in after and id not in before:
            yield Moved(id, "displaced" if id in both else "no_room", _named(new, id))
        elif id in before and id not in after and id in both:
            yield Moved(id, "fits_now", _named(old, id))


def _named(words: LimitWords, id: str) -> tuple[str, ...]:
    return tuple(words.decided_by(words.allocation.deferred[id]))
