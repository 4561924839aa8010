"""The empty inbox: a header, help for each column, and in a workbook the values to choose from."""

import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from triage.formats.csv_forms import BYTE_ORDER_MARK, CSV_FORMS, CsvForm
from triage.intake.requests import ONE_OF, REQUIRED
from triage.messages import Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES, Fact, Kind
from triage.model.policy import Policy

LAST_ROW = 1_048_576
HEAD = PatternFill("solid", fgColor="FF26374A")
PROMPT_LIMIT = 255
TITLE_LIMIT = 32
FEW = 12
USUAL: Mapping[Language, CsvForm] = {"en": CSV_FORMS["excel-en"], "fr": CSV_FORMS["excel-fr"]}
"""The form of CSV that a spreadsheet in the language expects."""

NEEDED = dict.fromkeys(ONE_OF, "template.one-of") | dict.fromkeys(REQUIRED, "template.required")
"""The message on the facts that must be given."""

HOW_TO_WRITE: Mapping[Kind, str] = {
    Kind.ENUM: "template.one-listed",
    Kind.SET: "template.some-listed",
    Kind.BOOLEAN: "template.yes-or-no",
    Kind.DATE: "template.a-date",
    Kind.INTEGER: "template.a-count",
    Kind.DECIMAL: "template.a-number",
}
SHEETS = ("template.requests", "template.help", "template.lists")
HELP_HEADS = (
    *("template.column", "template.needed", "template.what", "template.form"),
    "template.allowed",
)
HELP_WIDTHS = [32, 28, 60, 44, 80]


@dataclass(frozen=True)
class Field:
    """One column of the inbox: its header, what to write in it, and the values to choose from."""

    fact: Fact
    label: str
    required: str
    question: str
    form: str
    values: tuple[str, ...]

    @property
    def help(self) -> str:
        """Everything to know, in one line."""
        return " ".join(text for text in (self.required, self.question, self.form) if text)


def fields(policy: Policy, language: Language) -> list[Field]:
    """The columns of the inbox in the order of the facts."""
    columns = []
    for fact in policy.request_facts.values():
        text = policy.fact_texts.get(fact.name)
        label = text.label[language] if text else fact.name
        required = say(NEEDED[fact.name], language) if fact.name in NEEDED else ""
        question = text.question[language] if text and text.question else ""
        form = say(_how_to_write(fact), language)
        values = tuple(_values(policy, fact, language))
        columns.append(Field(fact, label, required, question, form, values))
    return columns


def _how_to_write(fact: Fact) -> str:
    if fact.name == COUNTRIES:
        return "template.country-names"
    if fact.kind is Kind.TEXT:
        return "template.free-or-listed" if fact.values else "template.any-text"
    return HOW_TO_WRITE[fact.kind]


def _values(policy: Policy, fact: Fact, language: Language) -> Iterator[str]:
    if fact.values == COUNTRIES:
        names = {code: countries.name(code, language) for code in countries.CODES}
        # A name that may mean something else too, such as that of Georgia, is not understood; its
        # code is.
        understood = (
            name if countries.resolve(name).countries == (code,) else code
            for code, name in names.items()
        )
        yield from sorted(understood, key=_sorting)
    elif fact.kind is Kind.BOOLEAN:
        yield from (say("word.yes", language), say("word.no", language))
    elif fact.values:
        terms = policy.vocabularies[fact.values].terms.values()
        yield from (term.label[language] for term in terms)


def _sorting(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def csv_template(policy: Policy, language: Language, form: CsvForm | None = None) -> bytes:
    """The empty inbox as CSV: the header, then a row of help, which a reader passes over."""
    columns = fields(policy, language)
    helps = []
    for column in columns:
        is_short = 0 < len(column.values) <= FEW and column.fact.kind is not Kind.BOOLEAN
        helps.append(column.help + (f" {'; '.join(column.values)}" if is_short else ""))
    form = form or USUAL[language]
    head = form.row(column.label for column in columns)
    return BYTE_ORDER_MARK + head + form.row([say("template.help-row", language), *helps[1:]])


def workbook_template(policy: Policy, language: Language) -> bytes:
    """The empty inbox as a workbook: requests, help, and the lists behind the choices."""
    book, columns = Workbook(), fields(policy, language)
    del book[book.sheetnames[0]]
    requests, help, lists = (book.create_sheet(say(key, language)) for key in SHEETS)
    lists.sheet_state = "hidden"
    labels = [column.label for column in columns]
    _header(requests, labels, [max(14, min(30, len(label) + 2)) for label in labels])
    _header(help, [say(key, language) for key in HELP_HEADS], HELP_WIDTHS)
    ranges: dict[tuple[str, ...], str] = {}
    for number, column in enumerate(columns, 1):
        letter, values = get_column_letter(number), column.values
        if column.fact.kind is Kind.DATE:
            requests.column_dimensions[letter].number_format = "yyyy-mm-dd"
        help.append(
            [column.label, column.required, column.question, column.form, "; ".join(values)]
        )
        if values and values not in ranges:
            ranges[values] = _list(lists, len(ranges) + 1, column)
        rule = _rule(column, ranges.get(values), language)
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        requests.add_data_validation(rule)
    for row in help.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _header(sheet: Any, labels: list[str], widths: list[int]) -> None:
    sheet.append(labels)
    sheet.freeze_panes = "A2"
    for cell, width in zip(sheet[1], widths, strict=True):
        cell.font, cell.fill = Font(bold=True, color="FFFFFFFF"), HEAD
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[cell.column_letter].width = width


def _list(sheet: Any, column: int, field: Field) -> str:
    """Write the values of a field below each other; returns the reference to them."""
    sheet.cell(1, column, field.fact.values or field.fact.kind.value)
    for row, value in enumerate(field.values, 2):
        sheet.cell(row, column, value)
    letter = get_column_letter(column)
    return f"{quote_sheetname(sheet.title)}!${letter}$2:${letter}${len(field.values) + 1}"


def _rule(field: Field, listed: str | None, language: Language) -> DataValidation:
    """The choices and the help of a column; only one value of a list may stand where one must."""
    strict = field.fact.kind in (Kind.ENUM, Kind.BOOLEAN)
    rule = DataValidation(
        type="list" if listed else None,
        formula1=listed,
        allow_blank=True,
        showErrorMessage=strict,
        showInputMessage=True,
        promptTitle=field.label[:TITLE_LIMIT],
        prompt=field.help[:PROMPT_LIMIT],
    )
    if strict:
        rule.errorTitle = field.label[:TITLE_LIMIT]
        rule.error = say("template.not-listed", language)
    return rule
