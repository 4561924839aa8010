"""The use of limits as every report tells it: notes, one table, and the sentences of what `best` changes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from triage.limits.outcome import Deferral, Use
from triage.limits.words import LimitWords
from triage.messages import say
from triage.records import Decision
from triage.reports.rows import Entry, Reason
from triage.spool import Key

COLUMNS = (
    *("limit", "period", "group", "at-most", "set-aside", "committed", "used", "reserved", "reserved-requests"),
    *("free", "held", "deferred", "one-more", "next", "requests"),
)
NUMBERS = ("at-most", "set-aside", "committed", "used", "reserved", "reserved-requests", "free", "held", "deferred")
DEFERRED_RANK = -1
RANKED = ("accept", "defer", "decline")


@dataclass(frozen=True)
class LimitReport:
    """What a report says of limits; `files` are those of what is committed, `accepted` how many that is."""

    words: LimitWords
    files: tuple[str, ...] = ()
    accepted: int = 0

    @property
    def heading(self) -> str:
        """What the section is called."""
        return self._say("heading")

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
            values = {"title": one.title[language], "dates": words.dates(one), "reason": one.reason[language]}
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
        return [self._say("takes" if one.taken else "leaves", id=one.id, score=one.score) for one in found]

    def title(self, use: Use) -> str:
        """The limit, with a mark where its value waits for the branch."""
        mark = f" ({self.words.say('to-be-set')})" if self.words.limit(use.limit).to_be_set else ""
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
            "next": self._say("next", more=words.amount(use.next.more), id=use.next.id) if use.next else "",
            "requests": ", ".join([*use.ids, *use.reserved_for]),
        }

    def texts(self, use: Use) -> dict[str, str]:
        """The same with numbers as a reader writes them."""
        found = {}
        for name, value in self.cells(use).items():
            empty = value is None or (name in ("set-aside", "held") and not value)
            found[name] = "" if empty else self.words.amount(value) if name in NUMBERS else str(value)
        return found

    def line(self, use: Use) -> str:
        """One row as a sentence."""
        if use.at_most is None:
            return self._say("row-unknown", count=len(use.ids))
        amount = self.words.amount
        values = {name: amount(getattr(use, name)) for name in ("used", "reserved", "free", "at_most")}
        text = self._say("row", count=len(use.reserved_for), deferred=use.deferred, **values)
        more = [self._say("aside", amount=amount(use.set_aside))] if use.set_aside else []
        if use.one_more:
            more.append(self._say("one-more", id=use.one_more))
        elif use.next is not None:
            more.append(self._say("next", more=amount(use.next.more), id=use.next.id))
        return "; ".join([text, *more])


# -- one request that waits -------------------------------------------------------------------------------------------


def deferred_key(key: Key) -> Key:
    """The rank of a request that was to be accepted and waits: among those deferred, by its score."""
    return (DEFERRED_RANK, *key[1:])


def deferred_entry(entry: Entry, found: Deferral, words: LimitWords) -> Entry:
    """An entry of a report that tells why the request waits; what it was on its merits stays in it."""
    language = words.words.language
    sentences = words.sentences(found)
    recommended = [say(f"recommendation.{one}", language) for one in RANKED]
    defer = say("recommendation.defer", language)
    flag = words.words.label("flags", words.flag(found))
    names = " ".join(words.decided_by(found))
    return replace(
        entry,
        recommendation="defer",
        proposed=defer,
        reason=words.reason(found),
        justification=" ".join([*sentences, entry.justification]),
        reasons=(Reason(names, "bounds", " ".join(sentences), "", ""), *entry.reasons),
        possible=tuple(one for one in recommended if one in (*entry.possible, defer)),
        advice=(*words.advice(found), *entry.advice),
        flags=tuple(dict.fromkeys((*entry.flags, flag))),
    )


def deferred_json(data: bytes, found: Deferral, words: LimitWords) -> bytes:
    """The record of a decision that limits defer: its keys in their order, and `limits` with what it was before."""
    shape = orjson.loads(data)
    merits = {"recommendation": shape["recommendation"], "decided_by": shape["decided_by"]}
    changed = {
        "recommendation": "defer",
        "justification": " ".join([*words.sentences(found), shape["justification"]]),
        "decided_by": words.decided_by(found),
        "advice": [*words.advice(found), *shape["advice"]],
        "flags": sorted({*shape["flags"], words.flag(found)}),
        "possible": [one for one in RANKED if one in {*shape["possible"], "defer"}],
    }
    out: dict[str, Any] = {}
    for name, value in shape.items():
        out[name] = changed.get(name, value)
        if name == "possible":
            out["limits"] = words.deferral(found, merits)
    return orjson.dumps(out)


def deferred_fields(decision: Decision, found: Deferral, words: LimitWords) -> tuple[str, str]:
    """The recommendation and the reason for the ranked table."""
    return say("recommendation.defer", words.words.language), words.reason(found)
