"""The edits between two policies, and what a replay found, as text for a terminal."""

import textwrap
from collections.abc import Iterable, Sequence

from triage.backtest.replay import SET_APART, Cause, Difference, UnreadableRecord
from triage.messages import Language, listed, say
from triage.model.policy import Policy
from triage.policy_diff.edits import Edit
from triage.reports.document import Column, Document, Part, Table

WIDTH = 100


def edits(baseline: Policy, candidate: Policy, found: Sequence[Edit], language: Language) -> str:
    """The edits in words, those that can change a result first."""
    lines = [say("diff.versions", language, baseline=baseline.version, candidate=candidate.version)]
    groups = [
        (key, [edit for edit in found if edit.affects_results is affects])
        for key, affects in _GROUPS
    ]
    if not found:
        lines += ["", say("diff.same", language)]
    for key, group in groups:
        if group:
            lines += ["", say(f"diff.{key}", language, count=len(group))]
            for edit in group:
                first, *more = edit.words(language)
                lines += _wrapped(first, "- ")
                for line in more:
                    lines += _wrapped(line.strip(), "    ")
    return "\n".join(lines) + "\n"


_GROUPS = (("effective", True), ("worded", False))


def document(
    baseline: Policy, candidate: Policy, found: Sequence[Edit], language: Language
) -> Document:
    """The same as a document for pages."""
    parts = []
    for key, affects in _GROUPS:
        group = [edit for edit in found if edit.affects_results is affects]
        if group:
            title = say(f"diff.{key}", language, count=len(group))
            columns = [
                Column(say(f"diff-column.{name}", language), width)
                for name, width in (("change", 90), ("id", 40))
            ]
            rows = [("\n".join(edit.words(language)), edit.id) for edit in group]
            parts.append(Part(key, title, tables=[Table(title, title, columns, rows, header=1)]))
    versions = say(
        "diff.versions", language, baseline=baseline.version, candidate=candidate.version
    )
    same = [] if found else [say("diff.same", language)]
    title = say("diff.title", language)
    return Document(language, title, title, candidate.notice[language], [versions, *same], parts)


def _wrapped(text: str, start: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or [
        start
    ]


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
    for cause in Cause:
        group = [one for one in differences if one.cause is cause]
        if group:
            lines += _wrapped(say(f"replay-cause.{cause}", language, count=len(group)), "")
            for one in group:
                lines += _wrapped(_difference(one, language), "- ")
            lines.append("")
    total = agreed + len(differences) + sum(1 for _ in unreadable)
    counts = {
        "agreed": agreed,
        "differing": len(differences),
        "unreadable": total - agreed - len(differences),
    }
    lines.append(say("replay.summary", language, read=total, **counts))
    lines.append(say("replay.at-hand", language, versions=", ".join(versions), engine=engine))
    return "\n".join(lines) + "\n"


def _difference(one: Difference, language: Language) -> str:
    shape = one.record.shape
    text = say(
        "replay.record",
        language,
        source=one.record.source,
        number=one.record.number,
        id=shape["request_id"],
    )
    if one.detail is not None:
        key = "replay.versions" if one.cause is Cause.POLICY else "replay.engines"
        text += say(key, language, recorded=one.detail[0], now=one.detail[1])
    if one.now is not None:
        recorded, now = (
            say(
                "replay.result",
                language,
                recommendation=say(f"recommendation.{name}", language),
                score=score,
            )
            for name, score in ((shape["recommendation"], shape["score"]), one.now)
        )
        text += say(
            "replay.same-result" if recorded == now else "replay.results",
            language,
            recorded=recorded,
            now=now,
        )
        if keys := [key for key in one.keys if key not in SET_APART]:
            text += say("replay.differs-in", language, keys=listed(keys, language))
    return text
