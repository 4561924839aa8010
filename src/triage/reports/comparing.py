"""The edits between two policies, and what a replay found."""

from collections.abc import Sequence

from triage.backtest.replay import SET_APART, Cause, Difference, UnreadableRecord
from triage.messages import Language, listed, say
from triage.model.policy import RECOMMENDATION_MESSAGES, Policy
from triage.policy_diff.edits import Edit
from triage.reports import text
from triage.reports.document import Column, Document, Item, Part, Table

CAUSES = {
    Cause.REQUEST: "replay-cause.request",
    Cause.POLICY: "replay-cause.policy",
    Cause.FACTS: "replay-cause.facts",
    Cause.ENGINE: "replay-cause.engine",
    Cause.LIMITS: "replay-cause.limits",
    Cause.PROGRAM: "replay-cause.program",
}


def document(
    baseline: Policy, candidate: Policy, changes: Sequence[Edit], language: Language
) -> Document:
    """The edits, those that can change a result first."""
    columns = [
        Column(say("diff-column.change", language), 90),
        Column(say("diff-column.id", language), 40),
    ]
    parts = []
    for id, key in (("effective", "diff.effective"), ("worded", "diff.worded")):
        group = [edit for edit in changes if edit.affects_results is (id == "effective")]
        if group:
            title = say(key, language, count=len(group))
            texts = [edit.words(language) for edit in group]
            rows = [("\n".join(text), edit.id) for text, edit in zip(texts, group, strict=True)]
            # All but the first of its lines say more of an edit.
            lines = [("- ", "\n  ".join(line.strip() for line in text)) for text in texts]
            table = Table(title, title, columns, rows, header=1, brief=0)
            parts.append(Part(id, title, tables=[table], lines=lines))
    title, notice = say("diff.title", language), candidate.notice[language]
    versions = {"baseline": baseline.version, "candidate": candidate.version}
    lead = [say("diff.versions", language, **versions)]
    if not changes:
        lead.append(say("diff.same", language))
    return Document(language, title, title, notice, lead, parts)


def as_text(document: Document) -> str:
    """The same for a terminal."""
    lead = [Part("", "", [line]) for line in document.lead]
    return text.plainly([*lead, *document.parts], document.language)


def replayed(
    agreed: int,
    differences: Sequence[Difference],
    unreadable: Sequence[UnreadableRecord],
    engine: str,
    versions: Sequence[str],
    language: Language,
) -> str:
    """What agrees, and every decision that does not, by its cause."""
    parts = []
    for cause, key in CAUSES.items():
        group = [Item(_difference(one, language)) for one in differences if one.cause is cause]
        if group:
            parts.append(Part(cause, say(key, language, count=len(group)), items=group))
    counts = {"agreed": agreed, "differing": len(differences), "unreadable": len(unreadable)}
    summary = say("replay.summary", language, read=sum(counts.values()), **counts)
    at_hand = say("replay.at-hand", language, versions=", ".join(versions), engine=engine)
    return text.plainly([*parts, Part("summary", "", [summary, at_hand])], language)


def _difference(difference: Difference, language: Language) -> str:
    record, shape = difference.record, difference.record.shape
    where = {"source": record.source, "number": record.number}
    told = say("replay.record", language, id=shape["request_id"], **where)
    if difference.detail is not None:
        key = "replay.versions" if difference.cause is Cause.POLICY else "replay.engines"
        recorded, now = difference.detail
        told += say(key, language, recorded=recorded, now=now)
    if difference.now is not None:
        recorded = _result(shape["recommendation"], shape["score"], language)
        now = _result(*difference.now, language)
        key = "replay.same-result" if recorded == now else "replay.results"
        told += say(key, language, recorded=recorded, now=now)
        if keys := [key for key in difference.keys if key not in SET_APART]:
            told += say("replay.differs-in", language, keys=listed(keys, language))
    return told


def _result(recommendation: str, score: int, language: Language) -> str:
    word = say(RECOMMENDATION_MESSAGES[recommendation], language)
    return say("replay.result", language, recommendation=word, score=score)
