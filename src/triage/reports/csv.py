"""A screening as CSV: a row a request in order of rank, then rejected rows and limits.

Each row has the policy version, the day and the notice, so that it says where it comes from
wherever it is pasted. Texts that a spreadsheet could take for formulas get an apostrophe.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal

from triage.formats.cells import guarded
from triage.messages import Language, say
from triage.reports.rows import Entry, ScreeningReport, heads

HEAD = ("rank", "id", "title", "received", "proposed", "score", "strategy", "places", "forum")
WHO = ("type", "requester")
WHY = ("priorities", "alignment", "reason", "justification", "unknown", "possible")
ROUTING = ("lead", "consult", "fund", "advice", "flags")
ORIGIN = ("classification", "as-of", "version", "engine", "marking", "notice")
COLUMNS = (*HEAD, *WHO, *WHY, *ROUTING, *ORIGIN)
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
"""The beginning of a file by which spreadsheets know UTF-8."""


def render(report: ScreeningReport) -> Iterator[bytes]:
    language = report.language
    yield BYTE_ORDER_MARK
    yield row(heads(COLUMNS, language))
    shared = {"marking": report.marking, "notice": report.notice, "version": report.policy.version}
    shared["engine"] = report.engine
    for rank, entry in report.entries():
        yield _ordered({"rank": rank, **_cells(entry, language), **shared})
    shared["proposed"] = say("report.rejected-row", language)
    shared["as-of"] = report.as_of.isoformat() if report.as_of else ""
    names = ("source", "row", "field", "value", "expected")
    for rejection in report.rejections():
        values = dict(zip(names, rejection, strict=True))
        yield _ordered({**shared, "reason": say("intake.rejected", language, **values)})
    # The rows are requests: limits stand among them only where not everything simply fits.
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


def row(cells: Iterable[str | int | Decimal]) -> bytes:
    """One row of a CSV file (RFC 4180); texts are guarded, numbers stay as they are."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([guarded(one) if isinstance(one, str) else one for one in cells])
    return stream.getvalue().encode("utf-8")
