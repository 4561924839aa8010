"""Which requests that are to be accepted fit the limits: in rank order, or the best choice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from typing import Literal

from triage.limits.book import Book, Need, Slot
from triage.limits.demands import Claim, Demander, Engagement
from triage.limits.outcome import Allocation, Choice, Deferral, Next, Reached, Swap
from triage.limits.rank import Queue
from triage.limits.usage import uses
from triage.model.periods import ROLLING
from triage.model.policy import Policy

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
    tight = _tight(book, committed, claims)
    line = _Line(book, committed, tight)
    line.fill(claims, {claim.id for claim in claims if claim.mandatory})
    choice = None
    if order == "best":
        # The solver is loaded only where it is asked for.
        from triage.limits.best import best_choice  # noqa: PLC0415

        by_rank = line.taken_ids
        chosen, gap = best_choice(book, claims, committed, by_rank, time_limit)
        line = _Line(book, committed, tight, chosen)
        line.fill(claims, chosen)
        changes = tuple(
            Swap(claim.id, claim.score, claim.id in chosen)
            for claim in claims
            if (claim.id in chosen) is not (claim.id in by_rank)
        )
        scores = {claim.id: claim.score for claim in claims}
        total, rank_total = (sum(scores[id] for id in ids) for ids in (chosen, by_rank))
        choice = Choice(total, rank_total, gap, changes)
    return line.outcome(order, choice, claims, labels or {})


def _tight(book: Book, committed: Iterable[Claim], claims: Iterable[Claim]) -> set[Slot]:
    """The slots of which more is asked in all than there is: no request waits for the others."""
    asked: dict[Slot, int] = {}
    for claim in (*committed, *claims):
        for slot, amount, _ in book.needs(claim, claim.day):
            asked[slot] = asked.get(slot, 0) + amount
    return {slot for slot, amount in asked.items() if amount > book.room(slot)}


class _Line:
    """Takes the requests one after the other, or makes them wait.

    `chosen` are those that `best` has taken: then nothing is kept for those that wait.
    """

    def __init__(
        self,
        book: Book,
        committed: Sequence[Claim],
        tight: set[Slot],
        chosen: frozenset[str] | None = None,
    ) -> None:
        self.book, self.committed, self.tight, self.chosen = book, committed, tight, chosen
        self.queue = Queue(book)
        self.later: Queue | None = None
        self.taken: list[Claim] = []
        self.taken_ids: set[str] = set()
        self.deferred: dict[str, Deferral] = {}
        self.waiting: dict[Slot, list[str]] = defaultdict(list)
        self.nexts: dict[Slot, tuple[Next | None, str | None]] = {}
        self._opens: dict[Slot, int] = {}
        self._users: dict[Slot, list[str]] = defaultdict(list)
        self._days: dict[Slot, list[str]] = defaultdict(list)
        self._skip: dict[Slot, int] = {}
        self._searched: dict[tuple[object, int], tuple[int, int]] = {}
        for claim in committed:
            needs = book.needs(claim, claim.day)
            self.queue.commit(needs)
            self._note(claim, needs)

    def fill(self, claims: Sequence[Claim], always: Set[str]) -> None:
        """Take the requests with these ids whatever the limits say, then the others that fit."""
        for claim in claims:
            if claim.id in always:
                self._take(claim, self.book.needs(claim, claim.day), always=True)
        for claim in claims:
            if claim.id not in always:
                self._next(claim)

    def _next(self, claim: Claim) -> None:
        """Take a request if it fits, or let it wait."""
        needs = self.book.needs(claim, claim.day)
        suspension = self.book.suspension(claim, claim.day)
        tight = self._in_tight(needs)
        short = [] if suspension else self.queue.short(tight)
        if suspension is None and not short:
            self._take(claim, needs, always=False)
            return
        keeps_place = suspension is None and self.chosen is None and self.queue.fits_alone(tight)
        reached = tuple(self._reached(need) for need, _ in self._told(short))
        for need, over in short:
            self.waiting[need.slot].append(claim.id)
            if len(short) == 1:
                self._note_next(claim, needs, need.slot, over)
        if self.later is None:
            self.later = self._all_so_far()
        found = self._first_later(claim)
        if keeps_place:
            self.queue.ask(tight)
        elif (
            suspension is None
            and self.chosen is None
            and (opens := self.queue.opens_at(tight)) is not None
        ):
            self._opens[opens[0]] = min(opens[1], self._opens.get(*opens))
        self._wait(claim, needs if keeps_place else [], found)
        id = suspension.id if suspension else None
        self.deferred[claim.id] = Deferral(
            claim.id, claim.score, claim.day, claim.dated, reached, id, found, self.book.horizon
        )

    def _wait(self, claim: Claim, own: Sequence[Need], found: date | None) -> None:
        """Keep room for a waiting request both on its own day and on the day that it is told.

        Count it once, and in full, in a slot that has both days.
        """
        assert self.later is not None
        moved = self.book.needs(claim, found) if found is not None else []
        both = {need.slot for need in own} & {need.slot for need in moved}
        self.later.ask([need for need in own if need.slot not in both])
        self.later.ask([need for need in moved if need.slot not in both])
        self.later.ask([need for need in own if need.slot in both], always=True)

    def _take(self, claim: Claim, needs: Sequence[Need], always: bool) -> None:
        self.queue.take(needs)
        self.queue.ask(self._in_tight(needs), always)
        if self.later is not None:
            self.later.ask(needs, always)
        self.taken.append(claim)
        self.taken_ids.add(claim.id)
        self._note(claim, needs)

    def _in_tight(self, needs: Sequence[Need]) -> list[Need]:
        return [need for need in needs if need.slot in self.tight]

    def _all_so_far(self) -> Queue:
        """A queue for other days than the requests' own: there, any slot may become too full."""
        queue = Queue(self.book)
        for claim in self.committed:
            queue.commit(self.book.needs(claim, claim.day))
        for claim in self.taken:
            queue.ask(self.book.needs(claim, claim.day), claim.mandatory or self.chosen is not None)
        return queue

    def _note(self, claim: Claim, needs: Iterable[Need]) -> None:
        """Remember which requests use a slot."""
        for slot, _, _ in needs:
            if self.book.limits[slot[0]].per != ROLLING:
                self._users[slot].append(claim.id)
            elif slot[2] == claim.day.toordinal():
                self._days[slot].append(claim.id)

    def _using(self, slot: Slot) -> list[str]:
        place, group, end = slot
        if self.book.limits[place].per != ROLLING:
            return self._users[slot]
        days = range(end - self.book.limits[place].days + 1, end + 1)
        return [id for day in days for id in self._days.get((place, group, day), ())]

    def _told(self, short: Iterable[tuple[Need, int]]) -> Iterator[tuple[Need, int]]:
        """One slot for each limit and group: of overlapping windows the first that is too full."""
        seen = set()
        for need, over in short:
            if need.slot[:2] not in seen:
                seen.add(need.slot[:2])
                yield need, over

    def _reached(self, need: Need) -> Reached:
        slot, book = need.slot, self.book
        users = self._using(slot)
        used = self.queue.used.get(slot, 0)
        held = 0 if self.chosen is not None else self.queue.held(slot)
        place, group, _ = slot
        return Reached(
            limit=place,
            group=group,
            span=book.of(slot).span,
            at_most=book.amount(place, book.room(slot)),
            used=book.amount(place, used),
            held=book.amount(place, held),
            asks=book.amount(place, need.amount),
            reserved=need.reserved,
            by=tuple(users[:MOST_NAMED]),
            users=len(users),
        )

    def _note_next(self, claim: Claim, needs: Sequence[Need], slot: Slot, over: int) -> None:
        """Remember the first request that a slot alone keeps out, or one more unit lets in."""
        following, one_more = self.nexts.get(slot, (None, None))
        if following and one_more:
            return
        if self.queue.shut(slot) or not self.queue.fits_without(needs, slot):
            return
        # With that much more room, a request that ranks higher would come to keep its place.
        opens, unit = self._opens.get(slot), self.book.unit[slot[0]]
        if opens is not None and over >= opens:
            return
        if following is None:
            following = Next(claim.id, self.book.amount(slot[0], over))
        if one_more is None and over <= unit and (opens is None or unit < opens):
            one_more = claim.id
        self.nexts[slot] = (following, one_more)

    def _first_later(self, claim: Claim) -> date | None:
        """The first later day on which a request fits beside all above it, also those that wait.

        A slot that is too full is so on each of its days: the search goes on after the last.
        """
        assert self.later is not None
        book, last = self.book, self.book.horizon.toordinal()
        start = claim.day.toordinal() + 1
        # What stands above only grows: days on which an equal request did not fit are not tried.
        key = (claim.demands, claim.score if book.policy.suspensions else 0)
        begun, reached = self._searched.get(key, (start, start))
        day = max(start, reached) if start >= begun else start
        first = begun if begun <= start <= reached else start
        while day <= last:
            moved = date.fromordinal(day)
            if (suspension := book.suspension(claim, moved)) is not None:
                end = suspension.in_force.end
                day = last + 1 if end is None else end.toordinal() + 1
                continue
            short = self.later.short(book.needs(claim, moved))
            if not short:
                break
            day = max(self._open_after(need.slot) for need, _ in short)
        self._searched[key] = (first, day)
        return date.fromordinal(day) if day <= last else None

    def _open_after(self, slot: Slot) -> int:
        """The first day after a slot and after the full slots that follow it."""
        assert self.later is not None
        passed = []
        while True:
            day = self._skip.get(slot) or self.book.free_after(slot)
            passed.append(slot)
            if day > self.book.horizon.toordinal():
                break
            following = self.book.slot_on(slot, day)
            if following is None or not self.later.full(following):
                break
            slot = following
        for one in passed:
            if self.later.full(one):
                self._skip[one] = day
        return day

    def outcome(
        self, order: str, choice: Choice | None, claims: Sequence[Claim], labels: dict[str, str]
    ) -> Allocation:
        held: dict[Slot, int] = {}
        if self.chosen is None:
            held = {slot: self.queue.held(slot) for slot in self.queue.bound}
        taken = sorted(self.taken, key=lambda claim: claim.rank)
        over = {
            claim.id
            for claim in taken
            if claim.mandatory
            for slot, _, _ in self.book.needs(claim, claim.day)
            if self.queue.used[slot] > self.book.room(slot)
        }
        asking = (claim for claim in (*self.committed, *claims) if claim.demands)
        return Allocation(
            order=order,
            deferred=self.deferred,
            uses=uses(self.book, self.committed, taken, held, self.waiting, self.nexts),
            taken=len(taken),
            undated=tuple(claim.id for claim in asking if not claim.dated),
            over=tuple(claim.id for claim in taken if claim.id in over),
            choice=choice,
            labels=dict(sorted(labels.items())),
        )
