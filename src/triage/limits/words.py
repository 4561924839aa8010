"""Limits in a reader's words, and in the JSON shapes of screenings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from triage.deciding.wording import Wording, number
from triage.limits.demands import UNKNOWN
from triage.limits.outcome import Allocation, Deferral, Reached, Use
from triage.messages import listed, say
from triage.model.periods import CALENDAR, ROLLING, Span, calendar_span
from triage.model.policy import Limit, Suspension

NAMED_IN_A_SENTENCE = 5
VALUES = {"region": "strategies", "country": "countries"}
Shape = dict[str, Any]


@dataclass(frozen=True)
class LimitWords:
    """The words for one allocation under one policy, in one language."""

    words: Wording
    allocation: Allocation

    def said(self, key: str, **values: object) -> str:
        """A message on limits."""
        return say(f"limit.{key}", self.words.language, **values)

    def limit(self, place: int) -> Limit:
        """The limit at a place of the policy."""
        return self.words.policy.limits[place]

    def title(self, place: int) -> str:
        """What a limit is called."""
        return self.limit(place).title[self.words.language]

    def unit(self, place: int) -> str:
        """What a limit counts, as a word after a number."""
        return say(f"unit.{self.limit(place).measure}", self.words.language)

    def group(self, place: int, group: str) -> str:
        """The group in words; empty where a limit has none."""
        by = self.limit(place).by
        if group == UNKNOWN:
            return self.said("not-known")
        match by:
            case "mission":
                return self.allocation.labels.get(group, group)
            case "lead":
                return self.words.organization(group)
            case "none":
                return ""
        return self.words.label(VALUES[by], group)

    def place(self, limit: int, group: str, span: Span, short: bool = False) -> str:
        """The period, and the group where there is one; a lead branch by its acronym where room
        is `short`.
        """
        named = group if short and self.limit(limit).by == "lead" else self.group(limit, group)
        return ", ".join(filter(None, (span.label(self.words.language), named)))

    def amount(self, value: Decimal) -> str:
        """An amount as a reader writes it."""
        return number(int(value) if value == int(value) else value, self.words.language)

    # -- one request
    # ------------------------------------------------------------------------------------------------

    def sentences(self, found: Deferral) -> list[str]:
        """Why a request waits: which limits, how much is used and by which requests, and when it
        fits.
        """
        out = []
        suspension = self.suspension(found)
        if suspension is not None:
            title, reason = (
                text[self.words.language] for text in (suspension.title, suspension.reason)
            )
            dates = self.dates(suspension)
            out.append(
                self.said(
                    "suspension", title=title, dates=dates, below=suspension.below, reason=reason
                )
            )
        else:
            out.append(self.said("merits"))
        out += [self._reached(one) for one in found.reached]
        if not found.dated:
            out.append(self.said("undated", day=found.day))
        if found.later is None:
            out.append(self.said("never", day=found.until))
        else:
            out.append(
                self.said(
                    "later", day=found.later, period=self._later(found).label(self.words.language)
                )
            )
        return out

    def _reached(self, one: Reached) -> str:
        ids, others = one.by[:NAMED_IN_A_SENTENCE], one.users - NAMED_IN_A_SENTENCE
        named = ", ".join(ids) if others > 0 else listed(ids, self.words.language)
        by = (
            self.said("by-more", ids=named, count=others)
            if others > 0
            else self.said("by", ids=named)
        )
        asks = self.amount(one.asks)
        values = {
            "title": self.title(one.limit),
            "period": self.place(one.limit, one.group, one.span),
            "used": self.amount(one.used),
            "at_most": self.amount(one.at_most),
            "unit": self.unit(one.limit),
            "held": self.said("held", held=self.amount(one.held)) if one.held else "",
            "asks": self.said("asks-unknown", asks=asks) if one.reserved else asks,
        }
        return (
            self.said("reached", by=by, **values) if ids else self.said("reached-nobody", **values)
        )

    def _later(self, found: Deferral) -> Span:
        """The period of the first day on which a request fits: of the kind that was too full, a
        month otherwise.
        """
        assert found.later is not None
        kinds = [
            self.limit(one.limit).per
            for one in found.reached
            if self.limit(one.limit).per != ROLLING
        ]
        return calendar_span(min(kinds, key=CALENDAR.index) if kinds else "month", found.later)

    def reason(self, found: Deferral) -> str:
        """The same in a few words."""
        suspension = self.suspension(found)
        if suspension is not None:
            return self.said("suspension-reason", title=suspension.title[self.words.language])
        return self.said(
            "reason", title="; ".join(dict.fromkeys(self.title(one.limit) for one in found.reached))
        )

    def advice(self, found: Deferral) -> list[str]:
        """What to propose."""
        return [self.said("later-advice", day=found.later)] if found.later else []

    def decided_by(self, found: Deferral) -> list[str]:
        """The ids of what defers a request, as they stand in its decision."""
        if found.suspension:
            return [f"suspension-{found.suspension}"]
        return list(dict.fromkeys(f"limit-{self.limit(one.limit).id}" for one in found.reached))

    def flag(self, found: Deferral) -> str:
        """The flag that marks the decision."""
        return "suspended" if found.suspension else "limit_reached"

    def suspension(self, found: Deferral) -> Suspension | None:
        """The suspension that a request falls under."""
        return next(
            (one for one in self.words.policy.suspensions if one.id == found.suspension), None
        )

    def dates(self, suspension: Suspension) -> str:
        """From when to when a suspension holds."""
        start, end = suspension.in_force.start, suspension.in_force.end
        return (
            self.said("from-until", start=start, end=end)
            if end
            else self.said("from-on", start=start)
        )

    def deferral(self, found: Deferral, merits: Shape) -> Shape:
        """The key `limits` of a decision: what it would be on its merits, and what defers it."""
        suspension = self.suspension(found)
        return {
            **merits,
            "reached": [self._shape(one) for one in found.reached],
            "suspension": suspension
            and {
                "id": suspension.id,
                "from": iso(suspension.in_force.start),
                "until": iso(suspension.in_force.end),
                "below": suspension.below,
                "reason": suspension.reason[self.words.language],
            },
            "counted_on": iso(found.day),
            "start_known": found.dated,
            "first_period": found.later
            and {
                "period": self._later(found).id,
                "from": iso(found.later),
                "label": self._later(found).label(self.words.language),
            },
            "searched_until": iso(found.until),
        }

    def _shape(self, one: Reached) -> Shape:
        limit = self.limit(one.limit)
        return {
            "limit": limit.id,
            "title": self.title(one.limit),
            **span_shape(one.span),
            "group": self._by(limit, one.group),
            "measure": limit.measure,
            "at_most": plain(one.at_most),
            "used": plain(one.used),
            "held": plain(one.held),
            "asks": plain(one.asks),
            "asks_known": not one.reserved,
            "by": list(one.by),
            "by_count": one.users,
        }

    def _by(self, limit: Limit, group: str) -> Shape | None:
        """The group as JSON has it: by what, and its id (None: not known)."""
        if limit.by == "none":
            return None
        id = self.allocation.labels.get(group, group) if limit.by == "mission" else group
        return {"by": limit.by, "id": None if group == UNKNOWN else id}

    # -- all of them
    # ------------------------------------------------------------------------------------------------

    def limits(self) -> list[Shape]:
        """The use of every limit of the policy."""
        rows: dict[int, list[Shape]] = {}
        for use in self.allocation.uses:
            rows.setdefault(use.limit, []).append(self._use(use))
        return [
            {
                "limit": limit.id,
                "title": limit.title[self.words.language],
                "measure": limit.measure,
                "per": {ROLLING: limit.days} if limit.per == ROLLING else limit.per,
                "by": limit.by,
                "to_be_set": limit.to_be_set,
                "periods": rows.get(place, []),
            }
            for place, limit in enumerate(self.words.policy.limits)
        ]

    def _use(self, use: Use) -> Shape:
        held_to = use.at_most is not None
        return {
            **span_shape(use.span),
            "group": self._by(self.limit(use.limit), use.group),
            "at_most": plain(use.at_most) if use.at_most is not None else None,
            "set_aside": plain(use.set_aside),
            "committed": plain(use.committed),
            "used": plain(use.used),
            "reserved": plain(use.reserved),
            "reserved_requests": len(use.reserved_for),
            "free": plain(use.free) if held_to else None,
            "held": plain(use.held),
            "requests": list(use.ids),
            "reserved_for": list(use.reserved_for),
            "deferred": use.deferred,
            "one_more": use.one_more,
            "next": use.next and {"request_id": use.next.id, "more": plain(use.next.more)},
        }

    def allocated(self) -> Shape:
        """The key `allocation` of a screening: how it was chosen, and what `best` changes
        against rank order.
        """
        found = self.allocation
        shape: Shape = {
            "order": found.order,
            "taken": found.taken,
            "deferred": len(found.deferred),
            "always_in_beyond_a_limit": list(found.over),
            "start_unknown": list(found.undated),
            "suspensions": [
                {
                    "id": one.id,
                    "title": one.title[self.words.language],
                    "reason": one.reason[self.words.language],
                    "from": iso(one.in_force.start),
                    "until": iso(one.in_force.end),
                    "below": one.below,
                    "deferred": ids,
                }
                for one, ids in self.suspensions()
            ],
        }
        if found.choice is not None:
            shape["best"] = {
                "score": found.choice.score,
                "rank_score": found.choice.rank_score,
                "proved": found.choice.proved,
                "gap": found.choice.gap,
                "changes": [
                    {
                        "request_id": one.id,
                        "score": one.score,
                        "rank": _word(not one.taken),
                        "best": _word(one.taken),
                    }
                    for one in found.choice.changes
                ],
            }
        return shape

    def suspensions(self) -> Iterator[tuple[Suspension, list[str]]]:
        """The suspensions that defer anything or set anything aside here, with the ids that they
        defer.
        """
        aside = {self.limit(use.limit).id for use in self.allocation.uses if use.set_aside}
        for one in self.words.policy.suspensions:
            ids = [
                found.id
                for found in self.allocation.deferred.values()
                if found.suspension == one.id
            ]
            if ids or aside & {name for name, amount in one.reserves if amount}:
                yield one, ids


def plain(value: Decimal) -> Any:
    """A number as JSON has it: whole where it is."""
    whole = int(value)
    return whole if whole == value else float(value)


def iso(day: date | None) -> str | None:
    """A date as JSON has it."""
    return day.isoformat() if day else None


def span_shape(span: Span) -> Shape:
    """A period as JSON has it."""
    return {"period": span.id, "from": iso(span.start), "until": iso(span.end)}


def fullest(uses: Iterable[Use]) -> list[Use]:
    """Those with the least room first, as a share of what there is."""
    return sorted(uses, key=lambda one: (one.at_most is None, -_share(one), one.group, one.span))


def _share(use: Use) -> Decimal:
    return (
        (use.used + use.reserved) / use.at_most
        if use.at_most
        else Decimal(use.used + use.reserved > 0)
    )


def _word(taken: bool) -> str:
    return "accept" if taken else "defer"
