"""A screening as CSV: one row a request in order of rank, then the rejected rows, and the use of
limits that matter.

Each row carries the policy version, the day and the notice, so that it says where it comes from
wherever it is pasted. Texts that a spreadsheet could take for formulas get an apostrophe before
them.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from triage.formats.cells import guarded
from triage.messages import Language, say
from triage.reports.rows import Entry, ScreeningReport

HEAD = (
    "rank",
    "id",
    "title",
    "received",
    "proposed",
    "score",
    "strategy",
    "places",
    "forum",
    "type",
    "requester",
)
WHY = ("priorities", "alignment", "reason", "justification", "unknown", "possible")
ROUTING = ("lead", "consult", "fund", "advice", "flags")
ORIGIN = ("classification", "as-of", "version", "engine", "marking", "notice")
COLUMNS = (*HEAD, *WHY, *ROUTING, *ORIGIN)


def render(report: ScreeningReport) -> Iterator[bytes]:
    """The report, in pieces; it begins with a byte order mark, by which spreadsheets know UTF-8."""
    language = report.language
    yield "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
    yield row([say(f"column-of-report.{name}", language) for name in COLUMNS])
    shared = {"marking": report.marking, "notice": report.notice, "version": report.policy.version}
    shared["engine"] = report.engine
    for rank, entry in report.entries():
        yield _ordered({"rank": rank, **_cells(entry, language), **shared})
    shared["proposed"] = say("report.rejected-row", language)
    shared["as-of"] = report.as_of.isoformat() if report.as_of else ""
    for source, number, field, value, expected in report.rejections():
        text = say(
            "intake.rejected",
            language,
            source=source,
            row=number,
            field=field,
            value=value,
            expected=expected,
        )
        yield _ordered({**shared, "reason": text})
    # Rows of a table are requests: limits stand among them only where there is more to say than
    # that all fits.
    if report.limits is not None and report.limits.matters:
        shared["proposed"] = report.limits.mark
        for title, line in report.limits.told():
            yield _ordered({**shared, "title": title, "reason": line})


def _cells(entry: Entry, language: Language) -> dict[str, str | int]:
    def joined(texts: Iterable[str]) -> str:
        return "; ".join(texts)

    return {
        "id": entry.id,
        "title": entry.title,
        "received": entry.received,
        "proposed": entry.proposed,
        "score": entry.score,
        "strategy": entry.strategy,
        "places": entry.places,
        "forum": entry.forum,
        "type": entry.engagement_type,
        "requester": entry.requester,
        "priorities": joined(entry.priorities),
        "alignment": entry.alignment,
        "reason": entry.reason,
        "justification": entry.justification,
        "unknown": joined(one.label for one in entry.unknown if one.could_change),
        "possible": joined(entry.possible),
        "lead": entry.lead,
        "consult": joined(entry.consult),
        "fund": entry.fund,
        "advice": " ".join(entry.advice),
        "flags": joined(entry.flags),
        "classification": entry.classification or say("word.unknown", language),
        "as-of": entry.as_of,
    }


def _ordered(cells: dict[str, str | int]) -> bytes:
    return row([cells.get(name, "") for name in COLUMNS])


def row(cells: Iterable[str | int]) -> bytes:
    """One row of a CSV file (RFC 4180); numbers are ours and stay as they are."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([guarded(one) if isinstance(one, str) else one for one in cells])
    return stream.getvalue().encode("utf-8")
