"""The forms of screenings and briefs: what each keeps of a decision, and what makes it."""

from collections.abc import Callable, Iterable, Iterator

from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.reports import action_plan, csv, html, markdown, xlsx
from triage.reports.rows import Entry, ScreeningReport, entry
from triage.reports.sections import Section

REPORTS: dict[str, Callable[[ScreeningReport], Iterator[bytes]]] = {
    "csv": csv.render,
    "xlsx": xlsx.render,
    "md": markdown.render,
    "html": html.render,
    "action-plan-csv": action_plan.as_csv,
    "action-plan-xlsx": action_plan.as_xlsx,
}

REPORT_FORMATS = ("csv", "xlsx", "md", "html")
BRIEF_FORMATS = ("md", "html")
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


def keeper(form: str, words: Wording) -> Callable[[Decision], bytes | None]:
    """What a screening in this form keeps of each decision."""
    if form == "json":
        return lambda decision: decision.to_json()
    if form.startswith("action-plan"):
        return lambda decision: action_plan.keep(decision, words)
    return lambda decision: entry(decision, words).pack()


def brief(row: Entry, words: Wording, form: str, more: Iterable[Section] = ()) -> Iterator[bytes]:
    """One decision as a page to attach to a file, in one of `BRIEF_FORMATS`."""
    make = html.brief if form == "html" else markdown.brief
    return make(row, words.policy, words.language, more)
