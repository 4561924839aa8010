"""Conditions as written -> `Condition`: phrases are looked up in a closed table, never parsed."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.model import countries
from triage.model.facts import COUNTRIES, Fact, Kind
from triage.model.operators import OPERATORS, Operator, operators_of
from triage.model.policy import Clause, Condition, Reference, Where
from triage.rulebook.diagnostics import Subject
from triage.rulebook.names import KnownNames
from triage.rulebook.reader import Reader, is_number, is_whole, shown

MEANT = {
    word: [row.phrase for row in OPERATORS.values() if word in row.written]
    for word in {word for row in OPERATORS.values() for word in row.written}
}
"""What people write in place of an operator -> the operators that they may mean."""

NEEDS = {
    Kind.BOOLEAN: "needs-true-or-false",
    Kind.INTEGER: "needs-whole-number",
    Kind.DECIMAL: "needs-number",
    Kind.DATE: "needs-date",
    Kind.TEXT: "needs-text",
}
"""The diagnostic of a value that is not of the fact's kind."""


@dataclass
class ConditionParser:
    """Reads the conditions of one file; what cannot be read is reported and left out."""

    reader: Reader
    names: KnownNames

    def clauses(self, parent: Mapping, key: str, subject: Subject) -> tuple[Clause, ...]:
        """The conditions under `when`, `unless` or `applies_to`."""
        lines = self.reader.sequence(parent, key, subject)
        clauses = []
        for item, number in zip(lines, lines.lines, strict=True):
            where = Where(self.reader.file, number)
            if isinstance(item, Mapping) and list(item) == ["any of"]:
                clauses.append(self._any_of(item["any of"], where, subject))
            elif (condition := self._condition(item, where, subject)) is not None:
                clauses.append((condition,))
        return tuple(clause for clause in clauses if clause)

    def _any_of(self, alternatives: Any, where: Where, subject: Subject) -> Clause:
        if not isinstance(alternatives, Sequence) or not alternatives:
            self.reader.error("empty-any-of", where, subject)
            return ()
        conditions = [
            self._condition(item, Where(self.reader.file, line), subject, nested=True)
            for item, line in zip(alternatives, alternatives.lines, strict=True)
        ]
        return tuple(condition for condition in conditions if condition is not None)

    def _condition(
        self, item: Any, where: Where, subject: Subject, nested: bool = False
    ) -> Condition | None:
        """A condition written as `phrase: value` or as a phrase alone."""
        error, with_value = self.reader.error, isinstance(item, Mapping)
        if item is None or item == {}:
            error("empty-condition", where, subject)
            return None
        if with_value and len(item) != 1:
            keys = ", ".join(f'"{key}"' for key in item)
            error("several-conditions", where, subject, keys=keys)
            return None
        if not with_value and not isinstance(item, str):
            error("not-a-condition", where, subject, value=shown(item))
            return None
        phrase = next(iter(item)) if with_value else item
        value = item[phrase] if with_value else None
        if phrase == "any of":
            error("nested-any-of" if nested else "empty-any-of", where, subject)
            return None
        if phrase not in self.names.phrases:
            self._report_phrase(phrase, with_value, where, subject)
            return None
        fact, operator = self.names.phrases[phrase]
        if operator.takes == "nothing":
            if value is not None:
                error("value-not-expected", where, subject, phrase=phrase, value=shown(value))
                return None
            return Condition(fact, operator.phrase, None, where)
        if value is None:
            error("value-missing", where, subject, phrase=phrase)
            return None
        wanted = self.value(fact, operator, value, where, subject)
        return None if wanted is None else Condition(fact, operator.phrase, wanted, where)

    def _report_phrase(self, phrase: str, with_value: bool, where: Where, subject: Subject) -> None:
        name, _, written = phrase.partition(" ")
        fact, error = self.names.facts.get(name), self.reader.error
        if self.skips(name):
            return
        if fact is None:
            near = nearest(name, self.names.facts)
            suggestion = f"{near} {written}" if f"{near} {written}" in self.names.phrases else near
            error("unknown-fact", where, subject, phrase=phrase, suggestion=suggestion)
        elif not fact.readable:
            error("fact-not-readable", where, subject, fact=name)
        elif written in OPERATORS and OPERATORS[written].known is not None:
            error("concluded-always-known", where, subject, fact=name)
        else:
            self._report_operator(fact, phrase, with_value, where, subject)

    def _report_operator(
        self, fact: Fact, phrase: str, with_value: bool, where: Where, subject: Subject
    ) -> None:
        name, _, written = phrase.partition(" ")
        allowed = operators_of(fact, self.names.ordered(fact))
        word, value = (written, "") if with_value else self._split(fact, written, allowed)
        meant = next((one for one in (word, *MEANT.get(word, ())) if one in allowed), None)
        meant = meant or nearest(word, allowed)
        near = f"{name} {meant}" + (f": {value}" if value else "") if meant else None
        if meant == word:
            phrase = f"{name} {word}"
            self.reader.error("colon-missing", where, subject, phrase=phrase, suggestion=near)
            return
        values = {"suggestion": near, "fact": name, "operators": ", ".join(allowed)}
        self.reader.error("unknown-condition", where, subject, phrase=phrase, **values)

    def _split(self, fact: Fact, written: str, allowed: Iterable[str]) -> tuple[str, str]:
        """The operator and the value in a text in which the colon between them is forgotten."""
        for word in sorted({*allowed, *MEANT}, key=len, reverse=True):
            value = written.removeprefix(f"{word} ")
            if value != written and (self._is_value(fact, value) or value[:1].isdigit()):
                return word, value
        return written, ""

    def _is_value(self, fact: Fact, value: str) -> bool:
        if value in self.names.parameters or value in ("true", "false"):
            return True
        return self._is_term(fact, value)

    def skips(self, name: str) -> bool:
        """Whether the declaration of a name cannot be read: that is reported there, once."""
        skips = name in self.names.unreadable
        self.reader.skipped += skips
        return skips

    def value(
        self, fact: Fact, operator: Operator, value: Any, where: Where, subject: Subject
    ) -> Any:
        """What an operator takes: a value, a frozenset or a `Reference`; None when it is wrong."""
        phrase, many = f"{fact.name} {operator.phrase}", operator.takes == "many"
        if isinstance(value, str) and self.skips(value):
            return None
        if isinstance(value, Sequence):
            if not many:
                near = _list_form(fact, operator)
                self.reader.error(
                    "one-value-expected", where, subject, phrase=phrase, suggestion=near
                )
                return None
            if not value:
                self.reader.error("empty-list", where, subject, phrase=phrase)
                return None
            values = [self.literal(fact, phrase, item, where, subject) for item in value]
            return None if None in values else frozenset(values)
        named = isinstance(value, str) and value in self.names.parameters
        if named and not self._is_term(fact, value):
            return self._reference(fact, operator, value, where, subject)
        if many:
            # A single word is neither a list nor a parameter: a mistyped parameter is likelier than
            # a missing bracket.
            self._report_value("list-expected", phrase, value, where, subject)
            return None
        return self.literal(fact, phrase, value, where, subject)

    def _is_term(self, fact: Fact, value: str) -> bool:
        return fact.values is not None and value in (self.names.domain(fact.values) or ())

    def _report_value(
        self, code: str, phrase: str, value: Any, where: Where, subject: Subject
    ) -> None:
        self.reader.misnamed(code, where, subject, value, self.names.parameters, phrase=phrase)

    def _reference(
        self, fact: Fact, operator: Operator, name: str, where: Where, subject: Subject
    ) -> Reference | None:
        phrase, many = f"{fact.name} {operator.phrase}", operator.takes == "many"
        parameter, error = self.names.parameters[name], self.reader.error
        wanted: tuple[str, ...] = (fact.values,) if fact.values else (fact.kind.value,)
        if fact.kind is Kind.DECIMAL:
            wanted = ("decimal", "integer")
        if parameter.of not in wanted:
            values = {"parameter": name, "of": parameter.of, "wanted": " / ".join(wanted)}
            error("parameter-type", where, subject, phrase=phrase, **values)
            return None
        if parameter.is_list not in (None, many):
            near = _list_form(fact, operator)
            code = "parameter-is-one" if many else "parameter-is-list"
            error(code, where, subject, phrase=phrase, parameter=name, suggestion=near)
            return None
        return Reference(name)

    def literal(self, fact: Fact, phrase: str, value: Any, where: Where, subject: Subject) -> Any:
        """One literal value of a fact; None when it is wrong."""
        if fact.values is not None:
            return self._term(fact.values, value, where, subject)
        match fact.kind:
            case Kind.BOOLEAN if isinstance(value, bool):
                return value
            case Kind.INTEGER if is_whole(value):
                return value
            case Kind.DECIMAL if is_number(value):
                return Decimal(value)
            case Kind.TEXT if isinstance(value, str):
                return value
            case Kind.DATE:
                return self.reader.day(value, where, subject)
        self._report_value(NEEDS[fact.kind], phrase, value, where, subject)
        return None

    def _term(self, values: str, value: Any, where: Where, subject: Subject) -> str | None:
        terms = self.names.domain(values) or frozenset()
        if isinstance(value, str) and value in terms:
            return value
        if values == COUNTRIES:
            near = code_of(value)
            self.reader.error(
                "unknown-country", where, subject, value=shown(value), suggestion=near
            )
        else:
            known = (*terms, *self.names.parameters)
            self.reader.misnamed("unknown-value", where, subject, value, known, vocabulary=values)
        return None


def _list_form(fact: Fact, operator: Operator) -> str | None:
    return f"{fact.name} {operator.list_form}" if operator.list_form else None


def code_of(value: Any) -> str | None:
    """The alpha-3 code of the one country that a text surely names, for "did you mean"."""
    named = countries.resolve(value, codes=True) if isinstance(value, str) else None
    if named is None or named.status != "resolved" or len(named.countries) != 1:
        return None
    return named.countries[0]
