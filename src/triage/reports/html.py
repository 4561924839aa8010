"""Reports as one page of HTML: a screened inbox, and the brief on one request."""

from collections.abc import Iterable, Iterator

from triage.messages import Language, say
from triage.model.policy import Policy
from triage.reports.html_limits import limits_section
from triage.reports.markup import bullets, definitions, page, table, text
from triage.reports.rows import Entry, ScreeningReport, heads, marking
from triage.reports.sections import (
    Section,
    criteria,
    facts,
    heading,
    headline,
    origin,
    sections,
    title,
)

RANKED = ("rank", "id", "proposed", "score", "places", "type", "priorities", "reason", "lead")


def render(report: ScreeningReport) -> Iterator[bytes]:
    return page(report.language, report.title, report.marking, _screening(report))


def _screening(report: ScreeningReport) -> Iterator[str]:
    language = report.language
    limits = report.limits
    parts = {"ranked": say("report.ranked", language)}
    if limits is not None:
        parts["limits"] = limits.heading
    parts["justifications"] = say("report.justifications", language)
    parts["rejected"] = say("report.rejected", language)
    parts["about"] = say("report.about", language)
    yield f"<h1>{text(report.title)}</h1>"
    yield f'<p class="notice">{text(report.notice)}</p>'
    yield f"<p>{text(report.counts)}</p>\n</header>"
    links = bullets(f'<a href="#{name}">{text(title)}</a>' for name, title in parts.items())
    yield f'<nav aria-label="{text(say("report.contents", language))}">{links}</nav>'
    yield f'<main id="main" tabindex="-1">\n<section id="ranked">\n<h2>{text(parts["ranked"])}</h2>'
    rows = (_ranked(rank, entry) for rank, entry in report.entries())
    caption, columns = say("report.ranked-caption", language), heads(RANKED, language)
    yield from table(caption, columns, rows, header=1, kind="cards ranked")
    if limits is not None:
        yield f'</section>\n<section id="limits">\n<h2>{text(parts["limits"])}</h2>'
        yield from limits_section(limits)
    yield f'</section>\n<section id="justifications">\n<h2>{text(parts["justifications"])}</h2>'
    for rank, entry in report.entries():
        yield f'<article id="r{rank}" aria-labelledby="h{rank}">'
        yield f'<h3 id="h{rank}">{text(title(entry, language))}</h3>'
        yield from _article(entry, language, 4)
        yield "</article>"
    yield f'</section>\n<section id="rejected">\n<h2>{text(parts["rejected"])}</h2>'
    if report.rejected or report.rejected_before:
        columns = heads(("row", "source", "field", "value", "expected"), language)
        rows = (
            [(text(cell), "") for cell in (row, source, *rest)]
            for source, row, *rest in report.rejections()
        )
        yield from table(say("report.rejected-caption", language), columns, rows)
    else:
        yield f"<p>{text(say('report.none-rejected', language))}</p>"
    yield f'</section>\n<section id="about">\n<h2>{text(parts["about"])}</h2>'
    yield definitions(report.about())
    yield "</section>\n</main>"


def _ranked(rank: int, entry: Entry) -> list[tuple[str, str]]:
    where = entry.places or entry.forum or entry.requester
    return [
        (str(rank), "number"),
        (f'<a href="#r{rank}">{text(entry.id)}</a>', "id"),
        (_badge(entry), ""),
        (str(entry.score), "number"),
        (text(where), ""),
        (text(entry.engagement_type), "type"),
        (text(entry.priorities_short), "priorities"),
        (text(entry.reason), "wide"),
        (text(entry.lead), "wide"),
    ]


def _badge(entry: Entry) -> str:
    return f'<span class="badge {entry.recommendation}">{text(entry.proposed)}</span>'


def _article(
    entry: Entry, language: Language, level: int, brief: bool = False, more: Iterable[Section] = ()
) -> Iterator[str]:
    yield f'<p class="headline {entry.recommendation}">{text(headline(entry, language))}</p>'
    yield f"<p>{text(entry.reason)}</p>"
    yield f'<div class="pair">{definitions(facts(entry, language))}<div>'
    columns, rows = criteria(entry, language)
    cells = (
        [(text(label), ""), (str(points), "number"), (str(most), "number")]
        for label, points, most in rows
    )
    yield from table(heading("criteria", language), columns, cells, kind="score")
    yield "</div></div>"
    for section in sections(entry, language, brief, more):
        yield f"<h{level}>{text(section.heading)}</h{level}>"
        yield bullets(_cited(item.text, item.source) for item in section.items)


def _cited(sentence: str, source: str) -> str:
    return text(sentence) + (f" <cite>[{text(source)}]</cite>" if source else "")


def brief(
    entry: Entry, policy: Policy, language: Language, more: Iterable[Section] = ()
) -> Iterator[bytes]:
    """One request on a page, to be attached to its file."""
    mark = marking(entry.classification, language)
    return page(
        language, title(entry, language), mark, _brief(entry, policy, language, more), kind="brief"
    )


def _brief(
    entry: Entry, policy: Policy, language: Language, more: Iterable[Section]
) -> Iterable[str]:
    yield f"<h1>{text(title(entry, language))}</h1>"
    yield f'<p class="notice">{text(policy.notice[language])}</p>\n</header>'
    yield '<main id="main" tabindex="-1">\n<article>'
    yield from _article(entry, language, 2, brief=True, more=more)
    yield f"<h2>{text(say('report.decision', language))}</h2>"
    box = '<span class="box" aria-hidden="true"></span>'
    choices = "".join(
        f"<li>{box} {text(say(f'recommendation.{one}', language))}</li>"
        for one in ("accept", "defer", "decline")
    )
    keys = ("report.decided-by", "report.decided-on")
    lines = "".join(f"<li>{text(say(key, language))}</li>" for key in keys)
    yield f'<ul class="choices">{choices}</ul>\n<ul class="blanks">{lines}</ul>'
    footer = f"{origin(entry, policy, language)} {entry.decision_id}"
    yield f'<p class="origin">{text(footer)}</p>\n</article>\n</main>'
