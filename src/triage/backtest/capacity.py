"""The limits under both policies: use by period, who waits, and who is displaced by the change.

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

from triage.backtest.policy_tally import PolicyTally
from triage.backtest.tally import Tally
from triage.deciding.wording import Wording
from triage.limits.allocate import allocate
from triage.limits.demands import Engagement
from triage.limits.outcome import Allocation, Use
from triage.limits.words import LimitWords
from triage.messages import Language
from triage.model.periods import ROLLING
from triage.model.policy import Limit

WaitChange = Literal["displaced", "no_room", "fits_now"]
"""A case accepted under both waits under the candidate only; a case newly accepted waits; a case
accepted under both no longer waits.
"""


@dataclass(frozen=True, slots=True)
class MovedCase:
    """A case that waits under one policy only; `limits` are the ids of those in its way."""

    id: str
    change: WaitChange
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One limit in one group and period, and its use under both policies; `place` is in words."""

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
    """What is used as a share of the limit; 1 where a limit of zero is used at all."""
    if use is None or use.at_most is None:
        return Fraction(0)
    return Fraction(taken(use)) / Fraction(use.at_most) if use.at_most else Fraction(taken(use) > 0)


@dataclass(frozen=True)
class Capacity:
    old: LimitWords
    new: LimitWords
    moved: tuple[MovedCase, ...]

    def slots(self) -> list[Slot]:
        """Every slot that either policy touches: the fullest under the candidate first."""
        uses: dict[tuple[str, str, str], list[Use | None]] = {}
        named: dict[tuple[str, str, str], tuple[Limit, str]] = {}
        for version, words in enumerate((self.old, self.new)):
            for use in words.allocation.uses:
                limit = words.limit(use.limit)
                # A rolling limit shows its fullest window, which may differ under each policy.
                period = "" if limit.per == ROLLING else use.span.id
                key = (limit.id, use.group, period)
                uses.setdefault(key, [None, None])[version] = use
                named[key] = (limit, words.place(use.limit, use.group, use.span))
        slots = {key: Slot(*named[key], *both) for key, both in uses.items()}
        return [slots[key] for key in sorted(slots, key=lambda key: (-slots[key].fullness, key))]

    def fullest(self, limit: str) -> Slot | None:
        """The slot of a limit of which the candidate uses most; None when it uses none."""
        used = (slot for slot in self.slots() if slot.limit.id == limit and slot.new is not None)
        return next(used, None)

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape: the use of every limit, and the cases that wait under one policy only."""
        shape: dict[str, Any] = {"baseline": self.old.limits(), "candidate": self.new.limits()}
        for change in ("displaced", "no_room", "fits_now"):
            cases = [one for one in self.moved if one.change == change]
            shape[change] = [{"request_id": one.id, "limits": list(one.limits)} for one in cases]
        return shape


def capacity(tally: Tally, language: Language) -> Capacity | None:
    """The limits under both policies; None without limits, or with too many accepted cases."""
    policies = (tally.baseline, tally.candidate)
    if not any(one.policy.limits for one in policies) or any(one.crowded for one in policies):
        return None
    old, new = (_allocated(one, tally.as_of, language) for one in policies)
    return Capacity(old, new, tuple(_moved(tally, old, new)))


def _allocated(tally: PolicyTally, as_of: date | None, language: Language) -> LimitWords:
    decisions = (tally.decider.decide(request, as_of) for request in tally.accepted)
    engagements = [Engagement.of(decision, tally.policy) for decision in decisions]
    allocation: Allocation = allocate(tally.policy, engagements)
    return LimitWords(Wording(tally.policy, language), allocation)


def _moved(tally: Tally, old: LimitWords, new: LimitWords) -> Iterator[MovedCase]:
    accepted = [{one.id for one in of.accepted} for of in (tally.baseline, tally.candidate)]
    both = accepted[0] & accepted[1]
    before, after = old.allocation.deferred, new.allocation.deferred
    for id in sorted({*before, *after}):
        if id in after and id not in before:
            yield MovedCase(id, "displaced" if id in both else "no_room", _limits(new, id))
        elif id in before and id not in after and id in both:
            yield MovedCase(id, "fits_now", _limits(old, id))


def _limits(words: LimitWords, id: str) -> tuple[str, ...]:
    return tuple(words.decided_by(words.allocation.deferred[id]))
