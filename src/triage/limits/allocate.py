"""Which requests that are to be accepted fit the limits: in rank order, or the best choice.

In rank order, each request is taken if it fits beside those before it, and waits otherwise. A
request that waits is told the first later day on which it fits beside everything accepted and
everything above it that waits.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Literal

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import Claim, Demander, Engagement
from triage.limits.later import LaterDays
from triage.limits.ledger import Ledger, Shortage
from triage.limits.outcome import Allocation, Choice, Deferral, Next, Reached, Swap
from triage.limits.sums import Sums
from triage.limits.usage import uses
from triage.model.policy import Policy, Suspension

Order = Literal["rank", "best"]
MOST_NAMED = 10
TIME_LIMIT = 60.0
"""Seconds that `best` may take, unless told otherwise."""


def allocate(
    policy: Policy,
    requests: Iterable[Engagement],
    committed: Iterable[Engagement] = (),
    order: Order = "rank",
    time_limit: float = TIME_LIMIT,
) -> Allocation:
    """Which of the requests, all to be accepted on their merits, the limits make wait.

    The ids of the requests differ, and their order does not matter: `rank` orders them. What is
    `committed` counts before everything else and never waits.
    """
    demander = Demander(policy)
    before = sorted((demander.claim(one) for one in committed), key=lambda one: (one.day, one.id))
    claims = sorted((demander.claim(one) for one in requests), key=lambda one: one.rank)
    return allocate_claims(policy, claims, before, order, time_limit, demander.labels)


def allocate_claims(
    policy: Policy,
    claims: Sequence[Claim],
    committed: Sequence[Claim] = (),
    order: Order = "rank",
    time_limit: float = TIME_LIMIT,
    labels: dict[str, str] | None = None,
) -> Allocation:
    """The same for claims, which are in rank order already."""
    book = Book(policy, [*committed, *claims])
    filling = _Filling(book, committed)
    filling.fill(claims, {claim.id for claim in claims if claim.mandatory})
    choice = None
    if order == "best":
        # The solver is loaded only where it is asked for.
        from triage.limits.best import best_choice  # noqa: PLC0415

        by_rank = filling.taken_ids
        chosen, gap = best_choice(book, claims, committed, by_rank, time_limit)
        filling = _Filling(book, committed)
        filling.fill(claims, chosen)
        choice = _choice(claims, by_rank, chosen, gap)
    asking = (claim for claim in (*committed, *claims) if claim.demands)
    taken = sorted(filling.taken, key=lambda claim: claim.rank)
    return Allocation(
        order=order,
        deferred=filling.deferred(),
        uses=uses(filling.ledger, committed, taken, filling.waiting, filling.nexts),
        taken=len(taken),
        undated=tuple(claim.id for claim in asking if not claim.dated),
        over=tuple(claim.id for claim in taken if claim.mandatory and filling.exceeds(claim)),
        choice=choice,
        labels=dict(sorted((labels or {}).items())),
    )


def _choice(claims: Sequence[Claim], by_rank: Set[str], chosen: Set[str], gap: int) -> Choice:
    changes = tuple(
        Swap(claim.id, claim.score, claim.id in chosen)
        for claim in claims
        if (claim.id in chosen) is not (claim.id in by_rank)
    )
    scores = {claim.id: claim.score for claim in claims}
    total, rank_total = (sum(scores[id] for id in ids) for ids in (chosen, by_rank))
    return Choice(total, rank_total, gap, changes)


class _Filling:
    """The limits being filled: first with what is committed, then with the requests."""

    def __init__(self, book: Book, committed: Sequence[Claim]) -> None:
        self.book, self.ledger = book, Ledger(book)
        self.taken: list[Claim] = []
        self.waiting = Sums()
        self.nexts: dict[Slot, tuple[Next | None, str | None]] = {}
        self._refused: list[tuple[Claim, tuple[Reached, ...], str | None]] = []
        for claim in committed:
            self.ledger.add(claim, book.needs(claim, claim.day))

    @property
    def taken_ids(self) -> set[str]:
        return {claim.id for claim in self.taken}

    def fill(self, claims: Sequence[Claim], always: Set[str]) -> None:
        """Take the requests with these ids whatever the limits say, then the others that fit."""
        for claim in claims:
            if claim.id in always:
                self._take(claim, self.book.needs(claim, claim.day))
        for claim in claims:
            if claim.id in always:
                continue
            needs = self.book.needs(claim, claim.day)
            suspension = self.book.suspension(claim, claim.day)
            shortages = [] if suspension else self.ledger.short(needs)
            if suspension or shortages:
                self._refuse(claim, shortages, suspension)
            else:
                self._take(claim, needs)

    def _take(self, claim: Claim, needs: Sequence[Need]) -> None:
        self.ledger.add(claim, needs)
        self.taken.append(claim)

    def _refuse(
        self, claim: Claim, shortages: Sequence[Shortage], suspension: Suspension | None
    ) -> None:
        told: dict[tuple[int, str], Reached] = {}
        for shortage in shortages:
            place, group, _ = shortage.slot
            self.waiting.add(shortage.slot, shortage.last, 1)
            if (place, group) not in told:
                # Of overlapping windows the first that is too full is told.
                told[place, group] = self._reached(shortage)
        if len(shortages) == 1 and shortages[0].slot[2] == shortages[0].last:
            self._note_next(claim, shortages[0])
        self._refused.append((claim, tuple(told.values()), suspension.id if suspension else None))

    def _reached(self, shortage: Shortage) -> Reached:
        book, need, slot = self.book, shortage.need, shortage.slot
        users = self.ledger.users(slot)
        place, group, _ = slot
        return Reached(
            limit=place,
            group=group,
            span=book.of(slot).span,
            at_most=book.amount(place, book.room(slot)),
            used=book.amount(place, self.ledger.used.at(slot)),
            asks=book.amount(place, need.amount),
            reserved=need.reserved,
            by=tuple(users[:MOST_NAMED]),
            users=len(users),
        )

    def _note_next(self, claim: Claim, shortage: Shortage) -> None:
        """Remember the first request that a slot alone keeps out, or one more unit lets in.

        With that much more room nothing changes for a request that ranks higher.
        """
        slot, place = shortage.slot, shortage.slot[0]
        following, one_more = self.nexts.get(slot, (None, None))
        if following is None:
            following = Next(claim.id, self.book.amount(place, shortage.over))
        if one_more is None and shortage.over <= self.book.unit[place]:
            one_more = claim.id
        self.nexts[slot] = (following, one_more)

    def exceeds(self, claim: Claim) -> bool:
        """Whether a request is in a slot that holds more than it has room for."""
        needs, most = self.book.needs(claim, claim.day), self.ledger.used.most
        return any(most(slot, last) > self.book.room(slot) for slot, last, _, _ in needs)

    def deferred(self) -> dict[str, Deferral]:
        """Why each request waits, and until when, by its id and in rank order."""
        later = LaterDays(Ledger(self.book, self.ledger.used.copy()))
        found = {}
        for claim, reached, suspension in self._refused:
            found[claim.id] = Deferral(
                id=claim.id,
                score=claim.score,
                day=claim.day,
                dated=claim.dated,
                reached=reached,
                suspension=suspension,
                later=later.add(claim),
                until=self.book.horizon,
            )
        return found
