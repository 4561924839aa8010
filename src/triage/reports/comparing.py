"""The edits between two policies, and what a replay found."""

from collections.abc import Iterable, Iterator, Sequence

from triage.backtest.replay import SET_APART, Cause, Difference, UnreadableRecord
from triage.messages import Language, listed, say
from triage.model.policy import RECOMMENDATION_MESSAGES, Policy
from triage.policy_diff.edits import Edit
from triage.reports.document import Column, Document, Part, Table
from triage.reports.text import wrapped

CAUSES = {
    Cause.REQUEST: "replay-cause.request",
    Cause.POLICY: "replay-cause.policy",
    Cause.FACTS: "replay-cause.facts",
    Cause.ENGINE: "replay-cause.engine",
    Cause.LIMITS: "replay-cause.limits",
    Cause.PROGRAM: "replay-cause.program",
}


def edits(baseline: Policy, candidate: Policy, changes: Sequence[Edit], language: Language) -> str:
    """The edits as text for a terminal, those that can change a result first."""
    lines = ["\n\n".join(_lead(baseline, candidate, changes, language))]
    for _, title, group in _groups(changes, language):
        lines += ["", title]
        for edit in group:
            first, *more = edit.words(language)
            lines += wrapped(first, "- ")
            for line in more:
                lines += wrapped(line.strip(), "    ")
    return "\n".join(lines) + "\n"


def _lead(
    baseline: Policy, candidate: Policy, changes: Sequence[Edit], language: Language
) -> list[str]:
    versions = {"baseline": baseline.version, "candidate": candidate.version}
    same = [] if changes else [say("diff.same", language)]
    return [say("diff.versions", language, **versions), *same]


def _groups(
    changes: Sequence[Edit], language: Language
) -> Iterator[tuple[str, str, Sequence[Edit]]]:
    """An id, a title and the edits, of those that can change a result and of the others."""
    for id, key in (("effective", "diff.effective"), ("worded", "diff.worded")):
        group = [edit for edit in changes if edit.affects_results is (id == "effective")]
        if group:
            yield id, say(key, language, count=len(group)), group


def document(
    baseline: Policy, candidate: Policy, changes: Sequence[Edit], language: Language
) -> Document:
    """The same as a document for pages."""
    columns = [
        Column(say("diff-column.change", language), 90),
        Column(say("diff-column.id", language), 40),
    ]
    parts = []
    for id, title, group in _groups(changes, language):
        rows = [("\n".join(edit.words(language)), edit.id) for edit in group]
        parts.append(Part(id, title, tables=[Table(title, title, columns, rows, header=1)]))
    title, notice = say("diff.title", language), candidate.notice[language]
    lead = _lead(baseline, candidate, changes, language)
    return Document(language, title, title, notice, lead, parts)


def replayed(
    agreed: int,
    differences: Sequence[Difference],
    unreadable: Iterable[UnreadableRecord],
    engine: str,
    versions: Sequence[str],
    language: Language,
) -> str:
    """What agrees, and every decision that does not, by its cause."""
    lines = []
    for cause, key in CAUSES.items():
        group = [difference for difference in differences if difference.cause is cause]
        if group:
            lines += wrapped(say(key, language, count=len(group)), "")
            for difference in group:
                lines += wrapped(_difference(difference, language), "- ")
            lines.append("")
    unread = sum(1 for _ in unreadable)
    counts = {"agreed": agreed, "differing": len(differences), "unreadable": unread}
    lines.append(say("replay.summary", language, read=sum(counts.values()), **counts))
    lines.append(say("replay.at-hand", language, versions=", ".join(versions), engine=engine))
    return "\n".join(lines) + "\n"


def _difference(difference: Difference, language: Language) -> str:
    record, shape = difference.record, difference.record.shape
    where = {"source": record.source, "number": record.number}
    text = say("replay.record", language, id=shape["request_id"], **where)
    if difference.detail is not None:
        key = "replay.versions" if difference.cause is Cause.POLICY else "replay.engines"
        recorded, now = difference.detail
        text += say(key, language, recorded=recorded, now=now)
    if difference.now is not None:
        recorded = _result(shape["recommendation"], shape["score"], language)
        now = _result(*difference.now, language)
        key = "replay.same-result" if recorded == now else "replay.results"
        text += say(key, language, recorded=recorded, now=now)
        if keys := [key for key in difference.keys if key not in SET_APART]:
            text += say("replay.differs-in", language, keys=listed(keys, language))
    return text


def _result(recommendation: str, score: int, language: Language) -> str:
    word = say(RECOMMENDATION_MESSAGES[recommendation], language)
    return say("replay.result", language, recommendation=word, score=score)
