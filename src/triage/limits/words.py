"""Limits in a reader's words, and in the JSON shapes of screenings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from triage.deciding.wording import Wording, number
from triage.limits.demands import UNKNOWN
from triage.limits.outcome import Allocation, Deferral, Reached, Swap, Use
from triage.messages import Language, listed, say
from triage.model.periods import CALENDAR, ROLLING, Span, calendar_span
from triage.model.policy import Limit, Suspension

NAMED_IN_A_SENTENCE = 5
MOST_KEPT = 4096
VALUES = {"region": "strategies", "country": "countries"}
UNITS = {
    "count": "unit.count",
    "officer_days": "unit.officer_days",
    "cost_cad": "unit.cost_cad",
    "participants": "unit.participants",
}
"""The message of what each measure counts."""

EffectShape = dict[str, Any]


@dataclass(frozen=True)
class LimitWords:
    """The words for one allocation under one policy, in one language."""

    words: Wording
    allocation: Allocation

    @property
    def language(self) -> Language:
        return self.words.language

    def said(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def limit(self, place: int) -> Limit:
        """The limit at a place of the policy."""
        return self.words.policy.limits[place]

    def title(self, place: int) -> str:
        return self.limit(place).title[self.language]

    def group(self, place: int, group: str) -> str:
        """The group in words; empty where a limit has none."""
        by = self.limit(place).by
        if group == UNKNOWN:
            return self.said("limit.not-known")
        match by:
            case "mission":
                return self.allocation.labels.get(group, group)
            case "lead":
                return self.words.organization(group)
            case "none":
                return ""
        return self.words.label(VALUES[by], group)

    def place(self, limit: int, group: str, span: Span, short: bool = False) -> str:
        """The period, and the group where there is one; `short` names branches by acronym."""
        named = group if short and self.limit(limit).by == "lead" else self.group(limit, group)
        return ", ".join(filter(None, (span.label(self.language), named)))

    def amount(self, value: Decimal) -> str:
        """An amount as a reader writes it."""
        return number(int(value) if value == int(value) else value, self.language)

    # -- one request

    def sentences(self, deferral: Deferral) -> list[str]:
        """Why a request waits: which limits, how much is used and by whom, and when it fits."""
        out = [self.said("limit.merits")]
        if (suspension := self.suspension(deferral)) is not None:
            title, reason = suspension.title[self.language], suspension.reason[self.language]
            values = {"dates": self.dates(suspension), "below": suspension.below}
            out = [self.said("limit.suspension", title=title, reason=reason, **values)]
        out += (self._reached(reached)[0] for reached in deferral.reached)
        if not deferral.dated:
            out.append(self.said("limit.undated", day=deferral.day))
        if deferral.later is None:
            out.append(self.said("limit.never", day=deferral.until))
        else:
            period = self._period(deferral.later, deferral).label(self.language)
            out.append(self.said("limit.later", day=deferral.later, period=period))
        return out

    @cached_property
    def _told(self) -> dict[Reached, tuple[str, EffectShape]]:
        return {}

    def _reached(self, reached: Reached) -> tuple[str, EffectShape]:
        """Why a limit is in the way, as a sentence and as JSON has it.

        Remembered, because many requests wait for the same reason.
        """
        told = self._told.get(reached)
        if told is None:
            if len(self._told) > MOST_KEPT:
                self._told.clear()
            told = self._told[reached] = (self._sentence(reached), self._shape(reached))
        return told

    def _sentence(self, reached: Reached) -> str:
        asks, at_most = self.amount(reached.asks), self.amount(reached.at_most)
        values = {
            "title": self.title(reached.limit),
            "period": self.place(reached.limit, reached.group, reached.span),
            "used": self.amount(reached.used),
            "at_most": at_most,
            "unit": self.said(UNITS[self.limit(reached.limit).measure], count=at_most),
            "asks": self.said("limit.asks-unknown", asks=asks) if reached.reserved else asks,
        }
        ids, others = reached.by[:NAMED_IN_A_SENTENCE], reached.users - NAMED_IN_A_SENTENCE
        if not ids:
            return self.said("limit.reached-nobody", **values)
        if others > 0:
            by = self.said("limit.by-more", ids=", ".join(ids), count=others)
        else:
            by = self.said("limit.by", ids=listed(ids, self.language))
        return self.said("limit.reached", by=by, **values)

    def _period(self, later: date, deferral: Deferral) -> Span:
        """The period of a later day: the longest calendar period of the limits in the way.

        It is a month where only rolling limits or a suspension are in the way.
        """
        limits = (self.limit(reached.limit) for reached in deferral.reached)
        kinds = [limit.per for limit in limits if limit.per != ROLLING]
        return calendar_span(min(kinds, key=CALENDAR.index) if kinds else "month", later)

    def reason(self, deferral: Deferral) -> str:
        """Why a request waits, in a few words."""
        if (suspension := self.suspension(deferral)) is not None:
            return self.said("limit.suspension-reason", title=suspension.title[self.language])
        titles = dict.fromkeys(self.title(reached.limit) for reached in deferral.reached)
        return self.said("limit.reason", title="; ".join(titles))

    def advice(self, deferral: Deferral) -> list[str]:
        """What to propose."""
        return [self.said("limit.later-advice", day=deferral.later)] if deferral.later else []

    def decided_by(self, deferral: Deferral) -> list[str]:
        """The ids of what defers a request, as they stand in its decision."""
        if deferral.suspension:
            return [f"suspension-{deferral.suspension}"]
        ids = (self.limit(reached.limit).id for reached in deferral.reached)
        return list(dict.fromkeys(f"limit-{id}" for id in ids))

    def flag(self, deferral: Deferral) -> str:
        """The flag that marks the decision."""
        return "suspended" if deferral.suspension else "limit_reached"

    def suspension(self, deferral: Deferral) -> Suspension | None:
        """The suspension that a request falls under."""
        suspensions = self.words.policy.suspensions
        return next((one for one in suspensions if one.id == deferral.suspension), None)

    def dates(self, suspension: Suspension) -> str:
        """From when to when a suspension holds."""
        start, end = suspension.in_force.start, suspension.in_force.end
        if end:
            return self.said("limit.from-until", start=start, end=end)
        return self.said("limit.from-on", start=start)

    def deferral(self, deferral: Deferral, merits: EffectShape) -> EffectShape:
        """The key `limits` of a decision: what it would be on its merits, and what defers it."""
        suspension, period = self.suspension(deferral), None
        if deferral.later is not None:
            span = self._period(deferral.later, deferral)
            period = {
                "period": span.id,
                "from": iso(deferral.later),
                "label": span.label(self.language),
            }
        return {
            **merits,
            "reached": [self._reached(reached)[1] for reached in deferral.reached],
            "suspension": suspension
            and {
                "id": suspension.id,
                "from": iso(suspension.in_force.start),
                "until": iso(suspension.in_force.end),
                "below": suspension.below,
                "reason": suspension.reason[self.language],
            },
            "counted_on": iso(deferral.day),
            "start_known": deferral.dated,
            "first_period": period,
            "searched_until": iso(deferral.until),
        }

    def _shape(self, reached: Reached) -> EffectShape:
        limit = self.limit(reached.limit)
        return {
            "limit": limit.id,
            "title": self.title(reached.limit),
            **span_shape(reached.span),
            "group": self._by(limit, reached.group),
            "measure": limit.measure,
            "at_most": plain(reached.at_most),
            "used": plain(reached.used),
            "asks": plain(reached.asks),
            "asks_known": not reached.reserved,
            "by": list(reached.by),
            "by_count": reached.users,
        }

    def _by(self, limit: Limit, group: str) -> EffectShape | None:
        """The group as JSON has it: by what, and its id (None: not known)."""
        if limit.by == "none":
            return None
        id = self.allocation.labels.get(group, group) if limit.by == "mission" else group
        return {"by": limit.by, "id": None if group == UNKNOWN else id}

    # -- all of them

    def limits(self) -> list[EffectShape]:
        """The use of every limit of the policy."""
        rows: dict[int, list[EffectShape]] = {}
        for use in self.allocation.uses:
            rows.setdefault(use.limit, []).append(self._use(use))
        return [
            {
                "limit": limit.id,
                "title": limit.title[self.language],
                "measure": limit.measure,
                "per": {ROLLING: limit.days} if limit.per == ROLLING else limit.per,
                "by": limit.by,
                "to_be_set": limit.to_be_set,
                "periods": rows.get(place, []),
            }
            for place, limit in enumerate(self.words.policy.limits)
        ]

    def _use(self, use: Use) -> EffectShape:
        return {
            **span_shape(use.span),
            "group": self._by(self.limit(use.limit), use.group),
            "at_most": None if use.at_most is None else plain(use.at_most),
            "set_aside": plain(use.set_aside),
            "committed": plain(use.committed),
            "used": plain(use.used),
            "reserved": plain(use.reserved),
            "reserved_requests": len(use.reserved_for),
            "free": None if use.at_most is None else plain(use.free),
            "requests": list(use.ids),
            "reserved_for": list(use.reserved_for),
            "deferred": use.deferred,
            "one_more": use.one_more,
            "next": use.next and {"request_id": use.next.id, "more": plain(use.next.more)},
        }

    def allocated(self) -> EffectShape:
        """The key `allocation` of a screening: how it was chosen, and what `best` changes."""
        allocation = self.allocation
        shape: EffectShape = {
            "order": allocation.order,
            "taken": allocation.taken,
            "deferred": len(allocation.deferred),
            "always_in_beyond_a_limit": list(allocation.over),
            "start_unknown": list(allocation.undated),
            "suspensions": [
                {
                    "id": one.id,
                    "title": one.title[self.language],
                    "reason": one.reason[self.language],
                    "from": iso(one.in_force.start),
                    "until": iso(one.in_force.end),
                    "below": one.below,
                    "deferred": ids,
                }
                for one, ids in self.suspensions()
            ],
        }
        if allocation.choice is not None:
            shape["best"] = {
                "score": allocation.choice.score,
                "rank_score": allocation.choice.rank_score,
                "proved": allocation.choice.proved,
                "gap": allocation.choice.gap,
                "changes": list(map(_swap_shape, allocation.choice.changes)),
            }
        return shape

    def suspensions(self) -> Iterator[tuple[Suspension, list[str]]]:
        """The suspensions that defer requests or set room aside, with the ids that they defer."""
        aside = {self.limit(use.limit).id for use in self.allocation.uses if use.set_aside}
        deferred = self.allocation.deferred.values()
        for one in self.words.policy.suspensions:
            ids = [deferral.id for deferral in deferred if deferral.suspension == one.id]
            if ids or aside & {name for name, amount in one.reserves if amount}:
                yield one, ids


def plain(value: Decimal) -> Any:
    """A number as JSON has it: whole where it is."""
    whole = int(value)
    return whole if whole == value else float(value)


def iso(day: date | None) -> str | None:
    """A date as JSON has it."""
    return day.isoformat() if day else None


def span_shape(span: Span) -> EffectShape:
    """A period as JSON has it."""
    return {"period": span.id, "from": iso(span.start), "until": iso(span.end)}


def fullest(uses: Iterable[Use]) -> list[Use]:
    """Those with the least room first, as a share of what there is."""
    return sorted(uses, key=lambda use: (use.at_most is None, -_share(use), use.group, use.span))


def _share(use: Use) -> Decimal:
    taken = use.used + use.reserved
    return taken / use.at_most if use.at_most else Decimal(taken > 0)


def _swap_shape(swap: Swap) -> EffectShape:
    rank, best = ("defer", "accept") if swap.taken else ("accept", "defer")
    return {"request_id": swap.id, "score": swap.score, "rank": rank, "best": best}
