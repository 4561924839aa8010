"""The use of limits as every report tells it: notes, the rows of one table, and what `best`
changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triage.limits.outcome import Use
from triage.limits.words import LimitWords
from triage.messages import say

COLUMNS = (
    *(
        "limit",
        "period",
        "group",
        "at-most",
        "set-aside",
        "committed",
        "used",
        "reserved",
        "reserved-requests",
    ),
    *("free", "held", "deferred", "one-more", "next", "requests"),
)
NUMBERS = (
    "at-most",
    "set-aside",
    "committed",
    "used",
    "reserved",
    "reserved-requests",
    "free",
    "held",
    "deferred",
)


@dataclass(frozen=True)
class LimitReport:
    """What a report says of limits; `files` are those of what is committed, `accepted` how many
    that is.
    """

    words: LimitWords
    files: tuple[str, ...] = ()
    accepted: int = 0

    @property
    def heading(self) -> str:
        """What the section is called."""
        return self._say("heading")

    @property
    def notes_heading(self) -> str:
        """What the notes are called where they stand apart from the table."""
        return self._say("notes")

    def _say(self, key: str, **values: object) -> str:
        return say(f"limits.{key}", self.words.words.language, **values)

    def heads(self) -> list[str]:
        """The heads of the table."""
        return [say(f"column-of-limits.{name}", self.words.words.language) for name in COLUMNS]

    def notes(self) -> Iterator[str]:
        """What stands above the table, a sentence each."""
        found, words = self.words.allocation, self.words
        yield self._say("intro" if found.uses else "none")
        if self.files:
            yield self._say("committed", accepted=self.accepted, files=", ".join(self.files))
        for one, ids in words.suspensions():
            language = words.words.language
            values = {
                "title": one.title[language],
                "dates": words.dates(one),
                "reason": one.reason[language],
            }
            yield self._say("suspension", count=len(ids), **values)
        if found.over:
            yield self._say("over", ids=", ".join(found.over))
        if found.undated:
            yield self._say("undated", ids=", ".join(found.undated))
        choice = found.choice
        if choice is not None:
            proof = self._say("proved") if choice.proved else self._say("gap", gap=choice.gap)
            yield self._say("best", score=choice.score, rank_score=choice.rank_score, proof=proof)
            yield self._say("changed" if choice.changes else "unchanged")

    def changes(self) -> list[str]:
        """What `best` changes against rank order, request by request."""
        choice = self.words.allocation.choice
        found = choice.changes if choice else ()
        return [
            self._say("takes" if one.taken else "leaves", id=one.id, score=one.score)
            for one in found
        ]

    def title(self, use: Use) -> str:
        """The limit, with a mark where its value waits for the branch."""
        mark = f" ({self.words.said('to-be-set')})" if self.words.limit(use.limit).to_be_set else ""
        return self.words.title(use.limit) + mark

    def cells(self, use: Use) -> dict[str, Any]:
        """One row of the table: numbers as they are, everything else as text."""
        words = self.words
        return {
            "limit": self.title(use),
            "period": use.span.label(words.words.language),
            "group": words.group(use.limit, use.group),
            "at-most": use.at_most,
            "set-aside": use.set_aside,
            "committed": use.committed,
            "used": use.used if use.at_most is not None else None,
            "reserved": use.reserved,
            "reserved-requests": len(use.reserved_for),
            "free": use.free if use.at_most is not None else None,
            "held": use.held,
            "deferred": use.deferred,
            "one-more": use.one_more or "",
            "next": self.more_room(use),
            "requests": ", ".join([*use.ids, *use.reserved_for]),
        }

    def texts(self, use: Use) -> dict[str, str]:
        """The same with numbers as a reader writes them."""
        found = {}
        for name, value in self.cells(use).items():
            empty = value is None or (name in ("set-aside", "held") and not value)
            found[name] = (
                "" if empty else self.words.amount(value) if name in NUMBERS else str(value)
            )
        return found

    @property
    def matters(self) -> bool:
        """Whether limits change anything, or somebody asked for them."""
        found = self.words.allocation
        return bool(self.files or found.deferred or found.over or found.choice)

    def told(self) -> Iterator[tuple[str, str]]:
        """Everything as lines, each with what it is about: for a form without tables of its own."""
        for note in (*self.notes(), *self.changes()):
            yield "", note
        for use in self.words.allocation.uses:
            yield (
                f"{self.title(use)}, {self.words.place(use.limit, use.group, use.span)}",
                self.line(use),
            )

    @property
    def mark(self) -> str:
        """The word that marks a line on a limit among lines on requests."""
        return self._say("limit")

    def line(self, use: Use) -> str:
        """One row as a sentence."""
        if use.at_most is None:
            return self._say("row-unknown", count=len(use.ids))
        amount = self.words.amount
        values = {name: amount(getattr(use, name)) for name in ("used", "free", "at_most")}
        count = len(use.reserved_for)
        reserved = (
            self._say("row-reserved", reserved=amount(use.reserved), count=count) if count else ""
        )
        text = self._say("row", reserved=reserved, **values)
        waiting = self._say("row-waiting", count=use.deferred) if use.deferred else ""
        aside = self._say("aside", amount=amount(use.set_aside)) if use.set_aside else ""
        return "; ".join(filter(None, (text, aside, waiting, self.more_room(use))))

    def more_room(self, use: Use) -> str:
        """Whom a little more room would let in; empty where nobody waits for this alone."""
        if use.one_more:
            return self._say("one-more", id=use.one_more)
        return (
            self._say("next", more=self.words.amount(use.next.more), id=use.next.id)
            if use.next
            else ""
        )
