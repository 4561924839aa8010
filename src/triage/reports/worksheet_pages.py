"""The worksheet as Markdown and as a page of HTML to print."""

from collections.abc import Iterator

from triage.messages import say
from triage.reports.markdown import BOX, escaped
from triage.reports.markdown import table as markdown_table
from triage.reports.markup import bullets, page, table, text
from triage.review.worksheet import Box, Step, Worksheet

WORKSHEET_FORMATS = ("md", "html")
BLANK = "________"


def render(sheet: Worksheet, form: str) -> Iterator[bytes]:
    """The worksheet in one of `WORKSHEET_FORMATS`, in pieces."""
    if form == "html":
        return page(sheet.language, sheet.title, sheet.title, _html(sheet), kind="worksheet")
    return (f"{line}\n".encode() for line in _markdown(sheet))


def _heads(sheet: Worksheet) -> list[str]:
    keys = ("worksheet.box", "worksheet.when", "worksheet.then", "worksheet.rule")
    return [say(key, sheet.language) for key in keys]


def _conditions(box: Box, sheet: Worksheet) -> str:
    joint = f"; {say('worksheet.and', sheet.language)} "
    when = joint.join(box.when)
    if not box.unless:
        return when
    return f"{when}; {say('worksheet.unless', sheet.language)} {joint.join(box.unless)}"


def _markdown(sheet: Worksheet) -> Iterator[str]:
    yield f"# {escaped(sheet.title)}\n"
    yield f"> {escaped(sheet.notice)}\n"
    yield from (f"- {escaped(line)}" for line in sheet.about)
    yield f"\n{escaped(say('worksheet.request', sheet.language))}: {BLANK}{BLANK}"
    for title, steps in sheet.sheets:
        yield f"\n## {escaped(title)}"
        for number, step in enumerate(steps, 1):
            yield f"\n### {number}. {escaped(step.heading)}\n"
            yield from (f"{escaped(line)}\n" for line in step.text)
            if step.boxes:
                rows = (
                    (BOX, _conditions(box, sheet), box.adds, f"{box.rule} ({box.source})")
                    for box in step.boxes
                )
                yield from markdown_table(_heads(sheet), rows)
            yield from (f"\n{escaped(blank)}: {BLANK}" for blank in step.blanks)
    if sheet.lists:
        yield f"\n## {escaped(say('worksheet.annex', sheet.language))}\n"
        for mark, name, values in sheet.lists:
            yield f"- **{mark}** {escaped(name)}: {escaped(values)}"


def _html(sheet: Worksheet) -> Iterator[str]:
    yield f'<h1>{text(sheet.title)}</h1>\n<p class="notice">{text(sheet.notice)}</p>\n</header>'
    yield f'<main id="main" tabindex="-1">\n{bullets(map(text, sheet.about))}'
    yield f'<ul class="blanks"><li>{text(say("worksheet.request", sheet.language))}</li></ul>'
    for number, (title, steps) in enumerate(sheet.sheets, 1):
        yield f'<section class="sheet" aria-labelledby="s{number}">'
        yield f'<h2 id="s{number}">{text(title)}</h2>'
        for count, step in enumerate(steps, 1):
            yield from _step(step, count, sheet)
        yield "</section>"
    if sheet.lists:
        title = text(say("worksheet.annex", sheet.language))
        yield f'<section aria-labelledby="lists">\n<h2 id="lists">{title}</h2>\n<dl>'
        for mark, name, values in sheet.lists:
            yield f"<div><dt>{text(mark)} {text(name)}</dt><dd>{text(values)}</dd></div>"
        yield "</dl>\n</section>"
    yield "</main>"


def _step(step: Step, number: int, sheet: Worksheet) -> Iterator[str]:
    yield f"<h3>{number}. {text(step.heading)}</h3>"
    yield from (f"<p>{text(line)}</p>" for line in step.text)
    if step.boxes:
        label = text(say("worksheet.box", sheet.language))
        rows = (
            [
                (f'<span class="box" role="img" aria-label="{label}"></span>', "tick"),
                (text(_conditions(box, sheet)), ""),
                (text(box.adds), ""),
                (f"{text(box.rule)} ({text(box.source)})", "rule"),
            ]
            for box in step.boxes
        )
        yield from table(step.heading, _heads(sheet), rows, header=1, kind="cards boxes")
    if step.blanks:
        blanks = "".join(f"<li>{text(blank)}</li>" for blank in step.blanks)
        yield f'<ul class="blanks">{blanks}</ul>'
