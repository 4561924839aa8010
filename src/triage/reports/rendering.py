"""The forms of screenings and briefs: what each keeps of a decision, and what makes it."""

from collections.abc import Callable, Iterable, Iterator

from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.reports import action_plan, markdown, pages, request, screening, text, workbook
from triage.reports.document import Document, Part
from triage.reports.entries import Entry, entry
from triage.reports.screening import ScreeningReport

FORMS: dict[str, Callable[[Document], Iterator[bytes]]] = {
    "xlsx": workbook.render,
    "md": markdown.render,
    "html": pages.render,
}
REPORT_FORMATS = ("csv", *FORMS)
BRIEF_FORMATS = ("md", "html")
PLANS = ("action-plan-csv", "action-plan-xlsx")
REPORTS = (*REPORT_FORMATS, *PLANS)
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


def render(report: ScreeningReport, form: str) -> Iterator[bytes]:
    """A screening in one of `REPORTS`, in pieces."""
    match form:
        case "csv":
            return screening.as_csv(report)
        case "action-plan-csv":
            return action_plan.as_csv(report)
        case "action-plan-xlsx":
            return workbook.render(action_plan.document(report))
    return FORMS[form](screening.document(report))


def keeper(form: str, words: Wording) -> Callable[[Decision], tuple[bytes, ...] | None]:
    """What a screening in this form keeps of each decision: data, and bulk where it has any."""
    if form == "json":
        return kept_json
    if form in PLANS:
        return lambda decision: (row,) if (row := action_plan.keep(decision, words)) else None
    return lambda decision: (entry(decision, words).pack(),)


def kept_json(decision: Decision) -> tuple[bytes, bytes]:
    """As data the first and the last part of the record, a line each; as bulk what is between."""
    before, bulk, after = decision.parts()
    return before + b"\n" + after, bulk


def brief(row: Entry, words: Wording, form: str, more: Iterable[Part] = ()) -> Iterator[bytes]:
    """One decision in full as text, or as a page to attach to a file (`BRIEF_FORMATS`)."""
    if form == "text":
        parts = request.explanation(row, words.policy, words.language, more)
        return iter([text.plainly(parts, words.language).encode()])
    return FORMS[form](request.brief(row, words.policy, words.language, more))
