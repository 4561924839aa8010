"""The empty inbox: a header, help for each column, and in a workbook lists of the allowed values
to choose from.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from triage.intake.requests import ONE_OF, REQUIRED
from triage.messages import Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES, REQUEST_FACTS, Fact, Kind
from triage.model.policy import Policy

LAST_ROW = 1_048_576
HEAD = PatternFill("solid", fgColor="FF26374A")
PROMPT_LIMIT = 255
TITLE_LIMIT = 32
FEW = 12
SEPARATOR = {"en": ",", "fr": ";"}
"""What a spreadsheet in the language expects between the cells of a CSV file."""


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
        return " ".join(part for part in (self.required, self.question, self.form) if part)


def fields(policy: Policy, language: Language) -> list[Field]:
    """The columns of the inbox in the order of the facts."""
    found = []
    for fact in REQUEST_FACTS.values():
        text = policy.fact_texts.get(fact.name)
        required = "required" if fact.name in REQUIRED else "one-of" if fact.name in ONE_OF else ""
        values = tuple(_values(policy, fact, language))
        found.append(
            Field(
                fact,
                text.label[language] if text else fact.name,
                say(f"template.{required}", language) if required else "",
                text.question[language] if text and text.question else "",
                say(f"template.{_form(fact)}", language),
                values,
            )
        )
    return found


def _form(fact: Fact) -> str:
    if fact.name == COUNTRIES:
        return "country-names"
    if fact.kind is Kind.TEXT:
        return "free-or-listed" if fact.values else "any-text"
    forms = {
        Kind.ENUM: "one-listed",
        Kind.SET: "some-listed",
        Kind.BOOLEAN: "yes-or-no",
        Kind.DATE: "a-date",
    }
    return forms.get(fact.kind, "a-count" if fact.kind is Kind.INTEGER else "a-number")


def _values(policy: Policy, fact: Fact, language: Language) -> Iterator[str]:
    if fact.values == COUNTRIES:
        names = {code: countries.name(code, language) for code in countries.CODES}
        # A name that may mean something else too, such as that of Georgia, is not understood; its
        # code is.
        understood = (
            one if countries.resolve(one).countries == (code,) else code
            for code, one in names.items()
        )
        yield from sorted(understood, key=_sorting)
    elif fact.kind is Kind.BOOLEAN:
        yield from (say("word.yes", language), say("word.no", language))
    elif fact.values:
        yield from (
            term.label[language] for term in policy.vocabularies[fact.values].terms.values()
        )


def _sorting(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def csv_template(policy: Policy, language: Language) -> bytes:
    """The empty inbox as CSV: the header, and below it a row of help, which is passed over when
    the file is read.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=SEPARATOR[language])
    columns = fields(policy, language)
    writer.writerow([one.label for one in columns])
    helps = []
    for one in columns:
        listed = (
            f" {'; '.join(one.values)}"
            if 0 < len(one.values) <= FEW and one.fact.kind is not Kind.BOOLEAN
            else ""
        )
        helps.append(one.help + listed)
    writer.writerow([say("template.help-row", language), *helps[1:]])
    # The mark tells spreadsheets that it is UTF-8.
    return stream.getvalue().encode("utf-8-sig")


def workbook_template(policy: Policy, language: Language) -> bytes:
    """The empty inbox as a workbook: requests, help, and the lists behind the choices."""
    book, columns = Workbook(), fields(policy, language)
    del book[book.sheetnames[0]]
    sheet, helped, lists = (
        book.create_sheet(say(f"template.{name}", language))
        for name in ("requests", "help", "lists")
    )
    lists.sheet_state = "hidden"
    _header(
        sheet,
        [one.label for one in columns],
        [max(14, min(30, len(one.label) + 2)) for one in columns],
    )
    heads = ("column", "needed", "what", "form", "allowed")
    _header(helped, [say(f"template.{head}", language) for head in heads], [32, 28, 60, 44, 80])
    ranges: dict[tuple[str, ...], str] = {}
    for number, one in enumerate(columns, 1):
        letter = get_column_letter(number)
        if one.fact.kind is Kind.DATE:
            sheet.column_dimensions[letter].number_format = "yyyy-mm-dd"
        helped.append([one.label, one.required, one.question, one.form, "; ".join(one.values)])
        if one.values and one.values not in ranges:
            ranges[one.values] = _list(lists, len(ranges) + 1, one)
        rule = _rule(one, ranges.get(one.values), language)
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        sheet.add_data_validation(rule)
    for row in helped.iter_rows(min_row=2):
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
    """The choices and the help of a column. Only where one listed value must stand is anything
    else refused.
    """
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
        rule.errorTitle, rule.error = (
            field.label[:TITLE_LIMIT],
            say("template.not-listed", language),
        )
    return rule
