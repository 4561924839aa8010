"""The worksheet as a document, to be printed as Markdown or as a page of HTML."""

from collections.abc import Iterator

from triage.messages import say
from triage.reports.document import Blank, Column, Document, Item, Part, Table, Tick
from triage.review.worksheet import Box, Step, Worksheet


def document(sheet: Worksheet, marking: str) -> Document:
    """The worksheet, with what stands above and below each page."""
    return Document(
        language=sheet.language,
        title=sheet.title,
        marking=marking,
        notice=sheet.notice,
        lead=(),
        parts=list(_parts(sheet)),
        look="worksheet",
        contents=False,
    )


def _parts(sheet: Worksheet) -> Iterator[Part]:
    request = Blank(say("worksheet.request", sheet.language), 16)
    yield Part("about", "", items=[Item(line) for line in sheet.about], blanks=[request])
    for number, (title, steps) in enumerate(sheet.sheets, 1):
        parts = [_step(step, count, sheet) for count, step in enumerate(steps, 1)]
        yield Part(f"sheet-{number}", title, parts=parts)
    if sheet.lists:
        lists = [Item(values, mark=mark, name=name) for mark, name, values in sheet.lists]
        yield Part("lists", say("worksheet.annex", sheet.language), items=lists)


def _step(step: Step, number: int, sheet: Worksheet) -> Part:
    tick = Tick(say("worksheet.box", sheet.language))
    columns = [
        Column(tick.label, look="tick"),
        Column(say("worksheet.when", sheet.language)),
        Column(say("worksheet.then", sheet.language)),
        Column(say("worksheet.rule", sheet.language), look="rule"),
    ]
    rows = [
        (tick, _conditions(box, sheet), box.adds, f"{box.rule} ({box.source})")
        for box in step.boxes
    ]
    table = Table(step.heading, "", columns, rows, header=1, captioned=False, look="cards boxes")
    blanks = [Blank(blank) for blank in step.blanks]
    return Part("", step.heading, step.text, tables=[table], blanks=blanks, number=number)


def _conditions(box: Box, sheet: Worksheet) -> str:
    joint = f"; {say('worksheet.and', sheet.language)} "
    when = joint.join(box.when)
    if not box.unless:
        return when
    return f"{when}; {say('worksheet.unless', sheet.language)} {joint.join(box.unless)}"
