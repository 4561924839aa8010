"""The use of limits for every form of report: notes, the rows of a table, what `best` changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triage.limits.outcome import Use
from triage.limits.words import LimitWords
from triage.messages import say

NUMBERS = {
    "at-most": "column-of-limits.at-most",
    "set-aside": "column-of-limits.set-aside",
    "committed": "column-of-limits.committed",
    "used": "column-of-limits.used",
    "reserved": "column-of-limits.reserved",
    "reserved-requests": "column-of-limits.reserved-requests",
    "free": "column-of-limits.free",
    "deferred": "column-of-limits.deferred",
}
COLUMNS = {
    "limit": "column-of-limits.limit",
    "period": "column-of-limits.period",
    "group": "column-of-limits.group",
    **NUMBERS,
    "one-more": "column-of-limits.one-more",
    "next": "column-of-limits.next",
    "requests": "column-of-limits.requests",
}
"""The columns of the table, each with the message of its head."""


@dataclass(frozen=True)
class LimitReport:
    """What a report says of limits.

    `files` are those of what is committed, `accepted` is how many engagements of them are.
    """

    words: LimitWords
    files: tuple[str, ...] = ()
    accepted: int = 0

    @property
    def heading(self) -> str:
        return self._say("limits.heading")

    @property
    def notes_heading(self) -> str:
        return self._say("limits.notes")

    @property
    def mark(self) -> str:
        """The word that marks a row on a limit among rows on requests."""
        return self._say("limits.limit")

    @property
    def matters(self) -> bool:
        """Whether limits change anything, or somebody asked for them."""
        allocation = self.words.allocation
        return bool(self.files or allocation.deferred or allocation.over or allocation.choice)

    def _say(self, key: str, **values: object) -> str:
        return say(key, self.words.language, **values)

    def heads(self) -> list[str]:
        """The heads of the table."""
        return [self._say(key) for key in COLUMNS.values()]

    def notes(self) -> Iterator[str]:
        """The sentences that stand above the table."""
        allocation, words, language = self.words.allocation, self.words, self.words.language
        yield self._say("limits.intro" if allocation.uses else "limits.none")
        if self.files:
            yield self._say("limits.committed", accepted=self.accepted, files=", ".join(self.files))
        for suspension, ids in words.suspensions():
            title, reason = suspension.title[language], suspension.reason[language]
            values = {"title": title, "dates": words.dates(suspension), "reason": reason}
            yield self._say("limits.suspension", count=len(ids), **values)
        if allocation.over:
            yield self._say("limits.over", ids=", ".join(allocation.over))
        if allocation.undated:
            yield self._say("limits.undated", ids=", ".join(allocation.undated))
        choice = allocation.choice
        if choice is not None:
            proof = (
                self._say("limits.proved")
                if choice.proved
                else self._say("limits.gap", gap=choice.gap)
            )
            yield self._say(
                "limits.best", score=choice.score, rank_score=choice.rank_score, proof=proof
            )
            yield self._say("limits.changed" if choice.changes else "limits.unchanged")

    def changes(self) -> list[str]:
        """The sentences on what `best` changes against rank order, one for each request."""
        choice = self.words.allocation.choice
        return [
            self._say(
                "limits.takes" if swap.taken else "limits.leaves", id=swap.id, score=swap.score
            )
            for swap in (choice.changes if choice else ())
        ]

    def title(self, use: Use) -> str:
        """The limit, with a mark where the branch has still to set its value."""
        mark = (
            f" ({self.words.said('limit.to-be-set')})"
            if self.words.limit(use.limit).to_be_set
            else ""
        )
        return self.words.title(use.limit) + mark

    def cells(self, use: Use) -> dict[str, Any]:
        """One row of the table by column: numbers as they are, everything else as text."""
        words = self.words
        return {
            "limit": self.title(use),
            "period": use.span.label(words.language),
            "group": words.group(use.limit, use.group),
            "at-most": use.at_most,
            "set-aside": use.set_aside,
            "committed": use.committed,
            "used": use.used if use.at_most is not None else None,
            "reserved": use.reserved,
            "reserved-requests": len(use.reserved_for),
            "free": use.free if use.at_most is not None else None,
            "deferred": use.deferred,
            "one-more": use.one_more or "",
            "next": self.more_room(use),
            "requests": ", ".join([*use.ids, *use.reserved_for]),
        }

    def texts(self, use: Use) -> dict[str, str]:
        """The same with numbers as a reader writes them."""
        texts = {}
        for name, value in self.cells(use).items():
            if value is None or (name == "set-aside" and not value):
                texts[name] = ""
            else:
                texts[name] = self.words.amount(value) if name in NUMBERS else str(value)
        return texts

    def told(self) -> Iterator[tuple[str, str]]:
        """Everything as lines, each with what it is about, for a form without tables of its own."""
        for note in (*self.notes(), *self.changes()):
            yield "", note
        for use in self.words.allocation.uses:
            where = self.words.place(use.limit, use.group, use.span)
            yield f"{self.title(use)}, {where}", self.line(use)

    def line(self, use: Use) -> str:
        """One row as a sentence."""
        if use.at_most is None:
            return self._say("limits.row-unknown", count=len(use.ids))
        amount = self.words.amount
        count, reserved, waiting, aside = len(use.reserved_for), "", "", ""
        if count:
            reserved = self._say("limits.row-reserved", reserved=amount(use.reserved), count=count)
        if use.deferred:
            waiting = self._say("limits.row-waiting", count=use.deferred)
        if use.set_aside:
            aside = self._say("limits.aside", amount=amount(use.set_aside))
        values = {name: amount(getattr(use, name)) for name in ("used", "free", "at_most")}
        text = self._say("limits.row", reserved=reserved, **values)
        return "; ".join(filter(None, (text, aside, waiting, self.more_room(use))))

    def more_room(self, use: Use) -> str:
        """Whom a little more room would let in; empty where nobody waits for this alone."""
        if use.one_more:
            return self._say("limits.one-more", id=use.one_more)
        if use.next:
            return self._say("limits.next", more=self.words.amount(use.next.more), id=use.next.id)
        return ""
