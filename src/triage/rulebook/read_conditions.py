"""Conditions as written -> `Condition` objects: phrases are looked up in a closed table, never
parsed.
"""

from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.messages import Language
from triage.model import countries
from triage.model.conditions import LIST_FORM, Takes, operators
from triage.model.facts import COUNTRIES, Fact, Kind
from triage.model.policy import Clause, Condition, FactText, Parameter, Reference, Vocabulary, Where
from triage.rulebook.reader import Reader, Subject, shown


@dataclass(frozen=True)
class KnownNames:
    """Everything that rules may name: facts, vocabularies, parameters, criteria and statements."""

    facts: MappingType[str, Fact]
    fact_texts: MappingType[str, FactText]
    vocabularies: MappingType[str, Vocabulary]
    parameters: MappingType[str, Parameter]
    criteria: frozenset[str]
    statements: frozenset[str]
    unreadable: frozenset[str] = frozenset()
    """Parameters and facts that are declared in a way that cannot be read: to name one is not
    another mistake.
    """

    def ordered(self, fact: Fact) -> bool:
        """Whether the values of a fact are ordered."""
        vocabulary = self.vocabularies.get(fact.values or "")
        return vocabulary is not None and vocabulary.ordered

    @cached_property
    def phrases(self) -> dict[str, tuple[Fact, str, Takes]]:
        """The closed table of conditions: phrase -> fact, operator and what it takes."""
        return {
            f"{fact.name} {operator}": (fact, operator, takes)
            for fact in self.facts.values()
            for operator, takes in operators(fact, self.ordered(fact)).items()
        }

    def domain(self, name: str) -> frozenset[str] | None:
        """The ids that a vocabulary (or `countries`) allows; None when there is no such
        vocabulary.
        """
        if name == COUNTRIES:
            return countries.CODES
        vocabulary = self.vocabularies.get(name)
        return None if vocabulary is None else frozenset(vocabulary.terms)

    def label(self, values: str | None, id: str, language: Language) -> str:
        """What people call one value of a vocabulary or a country; a text stands for itself."""
        if values is None:
            return id
        if values == COUNTRIES:
            return countries.name(id, language)
        return self.vocabularies[values].terms[id].label[language]


MEANT: MappingType[str, tuple[str, ...]] = {
    **dict.fromkeys(("=", "==", "equals", "contain", "contains", "includes"), ("include", "is")),
    **dict.fromkeys(("is one of", "is in", "in"), ("include any of", "is any of")),
    **dict.fromkeys((">=",), ("at least", "is at least")),
    **dict.fromkeys(("<=",), ("at most", "is at most")),
    **dict.fromkeys((">", "more than", "is more than"), ("above", "is above")),
    **dict.fromkeys(("<", "less than", "is less than"), ("below", "is below")),
    "!=": ("is not", "include none of"),
    "is": ("include",),
    "is not": ("include none of",),
    "is any of": ("include any of",),
    "is none of": ("include none of",),
    "include": ("is",),
    "include any of": ("is any of",),
    "include none of": ("is none of",),
    "is not known": ("is unknown",),
}
"""What people write in place of an operator -> the operators that they may mean, for "did you
mean".
"""

EXPECTED = {
    Kind.BOOLEAN: "true-or-false",
    Kind.INTEGER: "whole-number",
    Kind.DECIMAL: "number",
    Kind.DATE: "date",
    Kind.TEXT: "text",
}


@dataclass
class ConditionParser:
    """Reads the conditions of one file; what cannot be read becomes a diagnostic and is left
    out.
    """

    read: Reader
    words: KnownNames

    def clauses(self, parent: Mapping, key: str, subject: Subject) -> tuple[Clause, ...]:
        """The conditions under `when` or `unless`."""
        lines = self.read.sequence(parent, key, subject)
        clauses = []
        for item, number in zip(lines, lines.lines, strict=True):
            where = Where(self.read.file, number)
            if isinstance(item, Mapping) and list(item) == ["any of"]:
                inner = item["any of"]
                if not isinstance(inner, Sequence) or not inner:
                    self.error("empty-any-of", where, subject)
                    continue
                alternatives = [
                    self._condition(one, Where(self.read.file, line), subject, nested=True)
                    for one, line in zip(inner, inner.lines, strict=True)
                ]
                clauses.append(tuple(one for one in alternatives if one is not None))
            elif (condition := self._condition(item, where, subject)) is not None:
                clauses.append((condition,))
        return tuple(clause for clause in clauses if clause)

    def _condition(
        self, item: Any, where: Where, subject: Subject, nested: bool = False
    ) -> Condition | None:
        given = isinstance(item, Mapping)
        if item is None or item == {}:
            self.error("empty-condition", where, subject)
            return None
        if given and len(item) != 1:
            self.error(
                "several-conditions", where, subject, keys=", ".join(f'"{key}"' for key in item)
            )
            return None
        if not given and not isinstance(item, str):
            self.error("not-a-condition", where, subject, value=shown(item))
            return None
        phrase = next(iter(item)) if given else item
        if phrase == "any of":
            self.error("nested-any-of", where, subject) if nested else self.error(
                "empty-any-of", where, subject
            )
            return None
        found = self.words.phrases.get(phrase)
        if found is None:
            self._unknown_phrase(phrase, given, where, subject)
            return None
        fact, operator, takes = found
        if takes == "nothing":
            if given and item[phrase] is not None:
                self.error(
                    "value-not-expected", where, subject, phrase=phrase, value=shown(item[phrase])
                )
                return None
            return Condition(fact, operator, None, where)
        if not given or item[phrase] is None:
            self.error("value-missing", where, subject, phrase=phrase)
            return None
        value = self.value(fact, phrase, takes, item[phrase], where, subject)
        return None if value is None else Condition(fact, operator, value, where)

    def _unknown_phrase(self, phrase: str, given: bool, where: Where, subject: Subject) -> None:
        name, _, written = phrase.partition(" ")
        fact = self.words.facts.get(name)
        if self.passed_over(name):
            return
        if fact is None:
            near = nearest(name, self.words.facts)
            suggestion = f"{near} {written}" if f"{near} {written}" in self.words.phrases else near
            self.error("unknown-fact", where, subject, phrase=phrase, suggestion=suggestion)
        elif not fact.readable:
            self.error("fact-not-readable", where, subject, fact=name)
        elif written in ("is known", "is unknown"):
            self.error("concluded-always-known", where, subject, fact=name)
        else:
            allowed = operators(fact, self.words.ordered(fact))
            word, value = (written, "") if given else self._split(fact, written, allowed)
            meant = next((one for one in (word, *MEANT.get(word, ())) if one in allowed), None)
            meant = meant or nearest(word, allowed)
            suggestion = f"{name} {meant}" + (f": {value}" if value else "") if meant else None
            if meant == word:
                self.error(
                    "colon-missing", where, subject, phrase=f"{name} {word}", suggestion=suggestion
                )
                return
            self.error(
                "unknown-condition",
                where,
                subject,
                phrase=phrase,
                suggestion=suggestion,
                fact=name,
                operators=", ".join(allowed),
            )

    def _split(self, fact: Fact, written: str, allowed: Iterable[str]) -> tuple[str, str]:
        """The operator and the value that stand in one text, when a colon has been forgotten
        between them.
        """
        for word in sorted({*allowed, *MEANT}, key=len, reverse=True):
            value = written.removeprefix(f"{word} ")
            if value != written and (self._is_value(fact, value) or value[:1].isdigit()):
                return word, value
        return written, ""

    def passed_over(self, name: str) -> bool:
        """Whether a name stands for what is declared in a way that cannot be read: that is
        reported there, once.
        """
        found = name in self.words.unreadable
        self.read.passed_over += found
        return found

    def _is_value(self, fact: Fact, value: str) -> bool:
        return (
            value in self.words.parameters
            or value in ("true", "false")
            or self._is_term(fact, value)
        )

    def value(
        self, fact: Fact, phrase: str, takes: Takes, value: Any, where: Where, subject: Subject
    ) -> Any:
        """The value of a phrase: a value, a frozenset or a `Reference`; None when it is wrong."""
        many = takes == "many"
        if isinstance(value, str) and self.passed_over(value):
            return None
        if isinstance(value, Sequence):
            if not many:
                other = LIST_FORM.get(phrase.removeprefix(f"{fact.name} "))
                suggestion = f"{fact.name} {other}" if other else None
                self.error(
                    "one-value-expected", where, subject, phrase=phrase, suggestion=suggestion
                )
                return None
            if not value:
                self.error("empty-list", where, subject, phrase=phrase)
                return None
            found = [self.literal(fact, phrase, one, where, subject) for one in value]
            return None if None in found else frozenset(found)
        if (
            isinstance(value, str)
            and value in self.words.parameters
            and not self._is_term(fact, value)
        ):
            return self._reference(fact, phrase, many, value, where, subject)
        if many:
            # A single word is neither a list nor a parameter: a mistyped parameter is likelier than
            # a missing bracket.
            self.error(
                "list-expected",
                where,
                subject,
                phrase=phrase,
                value=shown(value),
                suggestion=nearest(shown(value), self.words.parameters),
            )
            return None
        return self.literal(fact, phrase, value, where, subject)

    def _is_term(self, fact: Fact, value: str) -> bool:
        return fact.values is not None and value in (self.words.domain(fact.values) or ())

    def _reference(
        self, fact: Fact, phrase: str, many: bool, name: str, where: Where, subject: Subject
    ) -> Reference | None:
        parameter = self.words.parameters[name]
        wanted: tuple[str, ...] = (fact.values,) if fact.values else (fact.kind.value,)
        if fact.kind is Kind.DECIMAL:
            wanted = ("decimal", "integer")
        if parameter.of not in wanted:
            self.error(
                "parameter-type",
                where,
                subject,
                phrase=phrase,
                parameter=name,
                of=parameter.of,
                wanted=" / ".join(wanted),
            )
            return None
        if parameter.is_list not in (None, many):
            other = LIST_FORM.get(phrase.removeprefix(f"{fact.name} "))
            suggestion = f"{fact.name} {other}" if other else None
            code = "parameter-is-one" if many else "parameter-is-list"
            self.error(code, where, subject, phrase=phrase, parameter=name, suggestion=suggestion)
            return None
        return Reference(name)

    def literal(self, fact: Fact, phrase: str, value: Any, where: Where, subject: Subject) -> Any:
        """One literal value of a fact; None when it is wrong."""
        if fact.values is not None:
            if isinstance(value, str) and self._is_term(fact, value):
                return value
            if fact.values == COUNTRIES:
                self.error(
                    "unknown-country", where, subject, value=shown(value), suggestion=code_of(value)
                )
            else:
                known = [*(self.words.domain(fact.values) or ()), *self.words.parameters]
                self.error(
                    "unknown-value",
                    where,
                    subject,
                    value=shown(value),
                    vocabulary=fact.values,
                    suggestion=nearest(shown(value), sorted(known)),
                )
            return None
        match fact.kind:
            case Kind.BOOLEAN if isinstance(value, bool):
                return value
            case Kind.INTEGER if isinstance(value, int) and not isinstance(value, bool):
                return value
            case Kind.DECIMAL if isinstance(value, int | Decimal) and not isinstance(value, bool):
                return Decimal(value)
            case Kind.TEXT if isinstance(value, str):
                return value
            case Kind.DATE:
                return self.read.day(value, where, subject)
        self.error(
            f"needs-{EXPECTED[fact.kind]}",
            where,
            subject,
            phrase=phrase,
            value=shown(value),
            suggestion=nearest(shown(value), self.words.parameters),
        )
        return None

    def error(self, code: str, where: Where, subject: Subject, **values: object) -> None:
        """Record an error."""
        self.read.diagnostics.error(code, where, subject, **values)


def code_of(value: Any) -> str | None:
    """The alpha-3 code of the one country that a text surely names, for "did you mean"."""
    found = countries.resolve(value, codes=True) if isinstance(value, str) else None
    return (
        found.countries[0]
        if found and found.status == "resolved" and len(found.countries) == 1
        else None
    )
