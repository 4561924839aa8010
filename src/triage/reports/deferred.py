"""What was kept of a decision to accept, changed to say that limits defer it."""

from dataclasses import replace
from typing import Any

import orjson

from triage.deciding.rank import RankKey
from triage.limits.outcome import Deferral
from triage.limits.words import LimitWords
from triage.messages import say
from triage.model.policy import RECOMMENDATION_MESSAGES
from triage.reports.entries import Entry, Reason

DEFERRED_RANK = -1


def deferred_key(key: RankKey) -> RankKey:
    """The rank of a request that waits: among those deferred, by its score."""
    return key._replace(recommendation=DEFERRED_RANK)


def deferred_entry(entry: Entry, deferral: Deferral, words: LimitWords) -> Entry:
    """The entry with why the request waits; what it is on its merits stays in it."""
    language = words.language
    sentences = words.sentences(deferral)
    recommended = [say(key, language) for key in RECOMMENDATION_MESSAGES.values()]
    defer = say("recommendation.defer", language)
    flag = words.words.label("flags", words.flag(deferral))
    names = " ".join(words.decided_by(deferral))
    return replace(
        entry,
        recommendation="defer",
        proposed=defer,
        reason=words.reason(deferral),
        justification=" ".join([*sentences, entry.justification]),
        reasons=(Reason(names, "bounds", " ".join(sentences), "", ""), *entry.reasons),
        possible=tuple(one for one in recommended if one in (*entry.possible, defer)),
        advice=(*words.advice(deferral), *entry.advice),
        flags=tuple(dict.fromkeys((*entry.flags, flag))),
    )


def deferred_json(
    before: bytes, after: bytes, deferral: Deferral, words: LimitWords
) -> tuple[bytes, bytes]:
    """The first and the last part of a record (`Decision.parts`) with `limits` after `possible`.

    Keys stay in their order; `limits` has what the decision was, and why it waits.
    """
    head, rest = orjson.loads(before + b"0}"), orjson.loads(b"{" + after[1:])
    merits = {"recommendation": head["recommendation"], "decided_by": rest["decided_by"]}
    head["recommendation"] = "defer"
    changed = {
        "justification": " ".join([*words.sentences(deferral), rest["justification"]]),
        "decided_by": words.decided_by(deferral),
        "advice": [*words.advice(deferral), *rest["advice"]],
        "flags": sorted({*rest["flags"], words.flag(deferral)}),
        "possible": [one for one in RECOMMENDATION_MESSAGES if one in {*rest["possible"], "defer"}],
    }
    out: dict[str, Any] = {}
    for name, value in rest.items():
        out[name] = changed.get(name, value)
        if name == "possible":
            out["limits"] = words.deferral(deferral, merits)
    return orjson.dumps(head)[:-2], b"," + orjson.dumps(out)[1:]


def deferred_record(form: str, data: bytes, deferral: Deferral, words: LimitWords) -> bytes | None:
    """What a screening in a form keeps of a request that waits, made of what it kept before."""
    if form == "json":
        before, after = data.split(b"\n")
        return b"\n".join(deferred_json(before, after, deferral, words))
    if form.startswith("action-plan"):
        return None
    return deferred_entry(Entry.unpack(data), deferral, words).pack()
