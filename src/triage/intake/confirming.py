"""Suggestions in a sheet for a person, and the sheet as the person filled it in.

The sheet has a row for each value that the words of a request suggest of a fact that is not given,
and a column to say yes or no. Read back, a yes is a value that a person gave; a no keeps the value
from being taken from the words again.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.errors import RequestError, UsageError
from triage.formats.cells import guarded, risky
from triage.formats.values import normal
from triage.formats.whole_files import same_file, whole_file
from triage.intake.answers import Answers
from triage.intake.cells import NO, YES, shown
from triage.intake.files import read_rows
from triage.intake.forms import FileShape, InboxFile
from triage.intake.suggestions import SUGGESTED_FACTS, Suggestion
from triage.messages import LANGUAGES, Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES, Kind
from triage.model.policy import Policy

COLUMNS: Mapping[str, str] = {
    "request": "suggestion-sheet.request",
    "title": "suggestion-sheet.title",
    "fact": "suggestion-sheet.fact",
    "value": "suggestion-sheet.value",
    "label": "suggestion-sheet.label",
    "strength": "suggestion-sheet.strength",
    "words": "suggestion-sheet.words",
    "answer": "suggestion-sheet.answer",
}
"""The columns of a sheet, with the message that heads each."""
NEEDED = ("request", "fact", "value", "answer")
STRENGTHS = {"strong": "suggestion-sheet.strong", "weak": "suggestion-sheet.weak"}
WIDTHS = (18, 40, 22, 26, 40, 12, 50, 14)
SHEETS = (".csv", ".xlsx")
SEPARATOR = {"en": ",", "fr": ";"}
"""What a spreadsheet in the language expects between the cells of a CSV file."""
YES_OR_NO = ("word.yes", "word.no")


class SuggestionSheet:
    """Takes what words suggest, request by request, and writes the sheet at the end."""

    def __init__(
        self, path: Path, inputs: Iterable[str], policy: Policy, language: Language
    ) -> None:
        """`inputs` are the paths of the files that are read; none of them is written over."""
        self.path, self.policy, self.language = path, policy, language
        if path.suffix.lower() not in SHEETS:
            formats = ", ".join(SHEETS)
            raise UsageError(say("intake.format", language, path=path, formats=formats))
        if not path.parent.is_dir() or path.is_dir():
            raise UsageError(say("rejects.no-folder", language, path=path))
        if any(name != "-" and same_file(Path(name), path) for name in inputs):
            raise UsageError(say("output.is-input", language, path=path))
        self._rows: list[tuple[str, ...]] = []

    def add(self, id: str, title: str, suggestions: Iterable[Suggestion]) -> None:
        """Keep the suggestions for one request; candidates stand in a row each."""
        for one in suggestions:
            strength = say(STRENGTHS[one.strength], self.language)
            words = "; ".join(one.matched)
            for value in one.ids:
                fact, label = fact_label(self.policy, one.fact, self.language), self._label
                named = label(one.fact, value)
                self._rows.append((id, title, fact, value, named, strength, words, ""))

    def _label(self, fact: str, value: str) -> str:
        if fact == COUNTRIES:
            return countries.name(value, self.language)
        vocabulary = self.policy.vocabularies[self.policy.facts[fact].values or ""]
        return vocabulary.terms[value].label[self.language]

    def write(self) -> None:
        """Write the file, whole or not at all."""
        heads = [say(key, self.language) for key in COLUMNS.values()]
        try:
            with whole_file(self.path) as stream:
                is_workbook = self.path.suffix.lower() == ".xlsx"
                stream.writelines(self._workbook(heads) if is_workbook else self._text(heads))
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}") from None

    def _text(self, heads: Sequence[str]) -> Iterator[bytes]:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=SEPARATOR[self.language])
        writer.writerow(heads)
        writer.writerows([guarded(cell) for cell in row] for row in self._rows)
        # The mark tells spreadsheets that it is UTF-8.
        yield text.getvalue().encode("utf-8-sig")

    def _workbook(self, heads: Sequence[str]) -> Iterator[bytes]:
        from triage.formats.write_xlsx import SheetColumn, WorkbookWriter

        title, notice = say("suggestion-sheet.sheet", self.language), self.policy.notice
        choices = tuple(say(key, self.language) for key in YES_OR_NO)
        *columns, answer = [
            SheetColumn(head, width) for head, width in zip(heads, WIDTHS, strict=True)
        ]
        marking = say("report.marking-unknown", self.language)
        book = WorkbookWriter(title, marking, notice[self.language])
        filled = SheetColumn(answer.head, answer.width, choices, fill_in=True)
        sheet = book.sheet(title, [*columns, filled], frozen=1)
        for row in self._rows:
            sheet.add(*row)
        yield from book.pieces()


def read_answers(path: Path, policy: Policy, language: Language) -> Answers:
    """A sheet that a person filled in; `UsageError` when the file is none."""
    known = {normal(say(key, one)): name for name, key in COLUMNS.items() for one in LANGUAGES}
    meaning = known | {name: name for name in COLUMNS}
    if path.suffix.lower() not in SHEETS:
        raise UsageError(say("intake.format", language, path=path, formats=", ".join(SHEETS)))

    def check(_: FileShape, source: str, names: Sequence[str]) -> None:
        there = {meaning.get(normal(name)) for name in names}
        if missing := [say(COLUMNS[name], language) for name in NEEDED if name not in there]:
            values = {"path": source, "columns": ", ".join(missing)}
            raise UsageError(say("suggestion-sheet.not-a-sheet", language, **values))

    def header(name: str) -> str | None:
        return meaning.get(normal(name))

    file = InboxFile(str(path), language, header, {}, on_shape=check)
    answers = Answers(path.name)
    reader = _AnswerReader(policy, language, answers)
    for row in read_rows(file):
        if isinstance(row.given, RequestError):
            answers.problems.append(reader.problem(row.number, "suggestion-sheet.cells"))
            continue
        if not isinstance(row.given, list):
            continue
        cells = {meaning.get(normal(head), ""): cell for head, cell in row.given}
        reader.read(row.number, {name: _text(cells.get(name)) for name in NEEDED})
    return answers


class _AnswerReader:
    """Reads the rows of one sheet."""

    def __init__(self, policy: Policy, language: Language, answers: Answers) -> None:
        self.policy, self.language, self.answers = policy, language, answers
        self.facts = {name: name for name in SUGGESTED_FACTS} | {
            normal(fact_label(policy, name, one)): name
            for name in SUGGESTED_FACTS
            for one in LANGUAGES
        }

    def problem(self, number: int, key: str, **values: object) -> str:
        place = {"source": self.answers.source, "row": number}
        return say("suggestion-sheet.row", self.language, **place) + say(
            key, self.language, **values
        )

    def read(self, number: int, cells: Mapping[str, str]) -> None:
        """Take in one row; what cannot be understood in it is a problem."""
        answers, id, given = self.answers, cells["request"], cells["answer"]
        if id:
            answers.rows.setdefault(id, number)
        answer = normal(given)
        if not answer:
            return
        fact, value = self.facts.get(normal(cells["fact"])), cells["value"]
        if answer not in YES | NO:
            key, wrong = "suggestion-sheet.yes-or-no", given
        elif fact is None:
            key, wrong = "suggestion-sheet.no-such-fact", cells["fact"]
        elif value not in self._values(fact):
            key, wrong = "suggestion-sheet.no-such-value", value
        elif answer in NO:
            answers.refused.setdefault(id, set()).add((fact, value))
            return
        else:
            values = answers.confirmed.setdefault(id, {}).setdefault(fact, [])
            if value in values:
                return
            if values and self.policy.facts[fact].kind is not Kind.SET:
                key, wrong = "suggestion-sheet.two-values", values[0]
            else:
                values.append(value)
                return
        answers.problems.append(self.problem(number, key, value=shown(wrong)))

    def _values(self, fact: str) -> Iterable[str]:
        if fact == COUNTRIES:
            return countries.CODES
        vocabulary = self.policy.vocabularies.get(self.policy.facts[fact].values or "")
        return vocabulary.terms if vocabulary else ()


def fact_label(policy: Policy, fact: str, language: Language) -> str:
    """What readers call a fact."""
    text = policy.fact_texts.get(fact)
    return text.label[language] if text else fact


def _text(cell: Any) -> str:
    """A cell as text, without the apostrophe that kept it from being run."""
    text = "" if cell is None else str(cell).strip()
    return text[1:] if text[:1] == "'" and risky(text[1:]) else text
