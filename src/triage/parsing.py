"""Rules and tables as written -> `Rule` objects: phrases are looked up in a closed table, never parsed."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from triage import countries
from triage.conditions import LIST_FORM, Takes, operators
from triage.diagnostics import nearest
from triage.documents import Mapping, Sequence
from triage.facts import COUNTRIES, Fact, Kind, Origin
from triage.messages import LANGUAGES, Language, listed
from triage.policy import (
    Basis,
    Clause,
    Condition,
    Effects,
    FactText,
    Parameter,
    Recommendation,
    Reference,
    Rule,
    Text,
    Vocabulary,
    Where,
)
from triage.reading import KEBAB, Reader, Subject, shown

RULE_KEYS = (
    *("id", "title", "when", "unless", "then", "because", "basis", "cite"),
    *("rationale", "in_force", "applies_if"),
)
TABLE_KEYS = (*RULE_KEYS, "match", "value concludes", "rows")
ROW_KEYS = (*("id", "value", "when", "unless", "then", "conclude"), *RULE_KEYS[5:], "title")
EFFECT_KEYS = ("score", "at most", "at least", "conclude", "lead", "consult", "advise", "fund", "flag")
CEILINGS = {"defer": Recommendation.DEFER, "decline": Recommendation.DECLINE}
FLOORS = {"defer": Recommendation.DEFER, "accept": Recommendation.ACCEPT}


@dataclass(frozen=True)
class Words:
    """Everything that rules may name: facts, vocabularies, parameters, criteria and statements."""

    facts: MappingType[str, Fact]
    fact_texts: MappingType[str, FactText]
    vocabularies: MappingType[str, Vocabulary]
    parameters: MappingType[str, Parameter]
    criteria: frozenset[str]
    statements: frozenset[str]

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
        """The ids that a vocabulary (or `countries`) allows; None when there is no such vocabulary."""
        if name == COUNTRIES:
            return countries.CODES
        vocabulary = self.vocabularies.get(name)
        return None if vocabulary is None else frozenset(vocabulary.terms)

    def label(self, values: str, id: str, language: Language) -> str:
        """What people call one value of a vocabulary or a country."""
        if values == COUNTRIES:
            return countries.name(id, language)
        return self.vocabularies[values].terms[id].label[language]


EXPECTED = {
    Kind.BOOLEAN: "true-or-false",
    Kind.INTEGER: "whole-number",
    Kind.DECIMAL: "number",
    Kind.DATE: "date",
    Kind.TEXT: "text",
}


@dataclass
class RuleParser:
    """Turns the rules and tables of one file into `Rule` objects; what cannot be read becomes a diagnostic."""

    read: Reader
    words: Words

    # -- conditions ---------------------------------------------------------------------------------------------

    def clauses(self, parent: Mapping, key: str, subject: Subject) -> tuple[Clause, ...]:
        """The conditions under `when` or `unless`."""
        lines = self.read.sequence(parent, key, subject)
        clauses = []
        for item, number in zip(lines, lines.lines, strict=True):
            where = Where(self.read.file, number)
            if isinstance(item, Mapping) and list(item) == ["any of"]:
                inner = self.read.sequence(item, "any of", subject)
                if not inner:
                    self.error("empty-any-of", where, subject)
                alternatives = [
                    self._condition(one, Where(self.read.file, line), subject, nested=True)
                    for one, line in zip(inner, inner.lines, strict=True)
                ]
                clauses.append(tuple(one for one in alternatives if one is not None))
            elif (condition := self._condition(item, where, subject)) is not None:
                clauses.append((condition,))
        return tuple(clause for clause in clauses if clause)

    def _condition(self, item: Any, where: Where, subject: Subject, nested: bool = False) -> Condition | None:
        given = isinstance(item, Mapping)
        if given and len(item) != 1:
            self.error("several-conditions", where, subject, keys=", ".join(f'"{key}"' for key in item))
            return None
        if not given and not isinstance(item, str):
            self.error("not-a-condition", where, subject, value=shown(item))
            return None
        phrase = next(iter(item)) if given else item
        if phrase == "any of":
            self.error("nested-any-of", where, subject) if nested else self.error("empty-any-of", where, subject)
            return None
        found = self.words.phrases.get(phrase)
        if found is None:
            self._unknown_phrase(phrase, where, subject)
            return None
        fact, operator, takes = found
        if takes == "nothing":
            if given and item[phrase] is not None:
                self.error("value-not-expected", where, subject, phrase=phrase, value=shown(item[phrase]))
                return None
            return Condition(fact, operator, None, where)
        if not given or item[phrase] is None:
            self.error("value-missing", where, subject, phrase=phrase)
            return None
        value = self._value(fact, phrase, takes, item[phrase], where, subject)
        return None if value is None else Condition(fact, operator, value, where)

    def _unknown_phrase(self, phrase: str, where: Where, subject: Subject) -> None:
        name = phrase.split(" ", 1)[0]
        fact = self.words.facts.get(name)
        if fact is not None and not fact.readable:
            self.error("fact-not-readable", where, subject, fact=name)
        elif fact is not None and phrase.removeprefix(f"{name} ") in ("is known", "is unknown"):
            self.error("concluded-always-known", where, subject, fact=name)
        elif fact is not None:
            allowed = operators(fact, self.words.ordered(fact))
            suggestion = nearest(phrase, [f"{name} {operator}" for operator in allowed])
            self.error(
                "unknown-condition",
                where,
                subject,
                phrase=phrase,
                suggestion=suggestion,
                fact=name,
                operators=", ".join(allowed),
            )
        else:
            suggestion = nearest(phrase, self.words.phrases)
            self.error("unknown-fact", where, subject, phrase=phrase, suggestion=suggestion)

    def _value(
        self, fact: Fact, phrase: str, takes: Takes, value: Any, where: Where, subject: Subject
    ) -> Any:
        many = takes == "many"
        if isinstance(value, Sequence):
            if not many:
                other = LIST_FORM.get(phrase.removeprefix(f"{fact.name} "))
                suggestion = f"{fact.name} {other}" if other else None
                self.error("one-value-expected", where, subject, phrase=phrase, suggestion=suggestion)
                return None
            if not value:
                self.error("empty-list", where, subject, phrase=phrase)
                return None
            found = [self._literal(fact, phrase, one, where, subject) for one in value]
            return None if None in found else frozenset(found)
        if isinstance(value, str) and value in self.words.parameters and not self._is_term(fact, value):
            return self._reference(fact, phrase, many, value, where, subject)
        if many:
            # A single word is neither a list nor a parameter: a mistyped parameter is likelier than a missing bracket.
            self.error(
                "list-expected",
                where,
                subject,
                phrase=phrase,
                value=shown(value),
                suggestion=nearest(shown(value), self.words.parameters),
            )
            return None
        return self._literal(fact, phrase, value, where, subject)

    def _is_term(self, fact: Fact, value: str) -> bool:
        return fact.values is not None and value in (self.words.domain(fact.values) or ())

    def _reference(
        self, fact: Fact, phrase: str, many: bool, name: str, where: Where, subject: Subject
    ) -> Reference | None:
        parameter = self.words.parameters[name]
        wanted = (fact.values,) if fact.values else (fact.kind.value,)
        if fact.kind is Kind.DECIMAL:
            wanted = ("decimal", "integer")
        is_list = any(isinstance(dated.value, frozenset) for dated in parameter.values)
        if parameter.of not in wanted or is_list is not many:
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
        return Reference(name)

    def _literal(self, fact: Fact, phrase: str, value: Any, where: Where, subject: Subject) -> Any:
        if fact.values is not None:
            if isinstance(value, str) and self._is_term(fact, value):
                return value
            if fact.values == COUNTRIES:
                code = countries.from_code(value) if isinstance(value, str) else None
                self.error("unknown-country", where, subject, value=shown(value), suggestion=code)
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

    # -- effects ------------------------------------------------------------------------------------------------

    def effects(self, parent: Mapping, key: str, subject: Subject) -> Effects:
        """What `then` says."""
        then = self.read.mapping(parent, key, subject)
        self.read.keys(then, EFFECT_KEYS, (), subject)
        return Effects(
            score=self._score(then, subject),
            ceiling=self._bound(then, "at most", CEILINGS, subject),
            floor=self._bound(then, "at least", FLOORS, subject),
            conclude=self.conclusions(then, subject),
            lead=self._term(then, "lead", ("branches",), subject),
            consult=tuple(sorted(self._terms(then, "consult", ("branches", "departments"), subject))),
            advise=self.read.text(then, "advise", subject),
            fund=self._term(then, "fund", ("funds",), subject),
            flag=self._term(then, "flag", ("flags",), subject),
        )

    def _score(self, then: Mapping, subject: Subject) -> tuple[tuple[str, int | Reference], ...]:
        mapping = self.read.mapping(then, "score", subject)
        score: list[tuple[str, int | Reference]] = []
        for criterion, points in mapping.items():
            where = self.read.where(mapping, criterion)
            if criterion not in self.words.criteria:
                suggestion = nearest(criterion, sorted(self.words.criteria))
                self.error("unknown-criterion", where, subject, value=criterion, suggestion=suggestion)
            elif isinstance(points, int) and not isinstance(points, bool) and points > 0:
                score.append((criterion, points))
            elif isinstance(points, str) and points in self.words.parameters:
                if self.words.parameters[points].of != "integer":
                    of = self.words.parameters[points].of
                    self.error("points-parameter", where, subject, parameter=points, of=of)
                else:
                    score.append((criterion, Reference(points)))
            else:
                suggestion = nearest(shown(points), self.words.parameters)
                self.error("bad-points", where, subject, value=shown(points), suggestion=suggestion)
        return tuple(sorted(score, key=lambda item: item[0]))

    def _bound(
        self, then: Mapping, key: str, allowed: dict[str, Recommendation], subject: Subject
    ) -> Recommendation | None:
        if key not in then:
            return None
        value = then[key]
        if not isinstance(value, str) or value not in allowed:
            where, words = self.read.where(then, key), " / ".join(allowed)
            self.error("bad-bound", where, subject, key=key, value=shown(value), allowed=words)
            return None
        return allowed[value]

    def conclusions(
        self, parent: Mapping, subject: Subject
    ) -> tuple[tuple[str, frozenset[str] | bool], ...]:
        """The facts that `conclude` adds to or makes true."""
        mapping = self.read.mapping(parent, "conclude", subject)
        concluded: list[tuple[str, frozenset[str] | bool]] = []
        for name, value in mapping.items():
            where, fact = self.read.where(mapping, name), self.words.facts.get(name)
            if fact is None or fact.origin is not Origin.CONCLUDED:
                own = [f.name for f in self.words.facts.values() if f.origin is Origin.CONCLUDED]
                code = "not-concludable" if fact else "unknown-concluded"
                self.error(code, where, subject, fact=name, suggestion=nearest(name, own))
            elif fact.kind is Kind.BOOLEAN:
                if value is True:
                    concluded.append((name, True))
                else:
                    self.error("conclude-true-only", where, subject, fact=name, value=shown(value))
            else:
                items = value if isinstance(value, Sequence) else [value]
                good = [self._literal(fact, f"conclude {name}", one, where, subject) for one in items]
                concluded.append((name, frozenset(one for one in good if one is not None)))
        return tuple(sorted(concluded, key=lambda item: item[0]))

    def _terms(self, then: Mapping, key: str, names: tuple[str, ...], subject: Subject) -> list[str]:
        known = {id for name in names for id in self.words.domain(name) or ()}
        good = []
        for id in self.read.words(then, key, subject):
            if id in known:
                good.append(id)
            else:
                self.error(
                    "unknown-value",
                    self.read.where(then, key),
                    subject,
                    value=id,
                    vocabulary=" / ".join(names),
                    suggestion=nearest(id, sorted(known)),
                )
        return good

    def _term(self, then: Mapping, key: str, names: tuple[str, ...], subject: Subject) -> str | None:
        if key not in then or self.read.word(then, key, subject) is None:
            return None
        return next(iter(self._terms(then, key, names, subject)), None)

    # -- rules and tables ---------------------------------------------------------------------------------------

    def rule(self, raw: Mapping) -> Rule | None:
        """One rule; None when it cannot be used."""
        subject = ("rule", shown(raw.get("id")) or "?")
        if not self.read.keys(raw, RULE_KEYS, ("id", "title", "when", "then", "because", "basis"), subject):
            return None
        id = self.read.identifier(raw, "id", KEBAB, subject)
        title, because = self.read.text(raw, "title", subject), self.read.text(raw, "because", subject)
        if id is None or title is None or because is None:
            return None
        when, unless = self.clauses(raw, "when", subject), self.clauses(raw, "unless", subject)
        then = self.effects(raw, "then", subject)
        return self._finish(raw, raw, subject, id, title, because, when, unless, then, None)

    def table(self, raw: Mapping) -> list[Rule]:
        """The rules of a table, one a row."""
        subject = ("table", shown(raw.get("id")) or "?")
        required = ("id", "title", "match", "because", "basis", "rows")
        if not self.read.keys(raw, TABLE_KEYS, required, subject):
            return []
        id = self.read.identifier(raw, "id", KEBAB, subject)
        phrase = self.read.word(raw, "match", subject)
        found = self.words.phrases.get(phrase or "")
        if found is None or found[1] not in LIST_FORM:
            possible = [p for p, (_, operator, _) in self.words.phrases.items() if operator in LIST_FORM]
            where, suggestion = self.read.where(raw, "match"), nearest(phrase or "", possible)
            self.error("bad-match", where, subject, phrase=phrase, suggestion=suggestion)
            return []
        rows = self.read.mappings(raw, "rows", subject)
        if id is None or not rows:
            self.error("no-rows", self.read.where(raw, "rows"), subject)
            return []
        shared = (
            self.clauses(raw, "when", subject),
            self.clauses(raw, "unless", subject),
            self.effects(raw, "then", subject),
        )
        rules = [self._row(raw, row, id, found[0], found[1], shared) for row in rows]
        return [rule for rule in rules if rule is not None]

    def _row(
        self,
        table: Mapping,
        row: Mapping,
        table_id: str,
        fact: Fact,
        operator: str,
        shared: tuple[tuple[Clause, ...], tuple[Clause, ...], Effects],
    ) -> Rule | None:
        value = row.get("value")
        many = isinstance(value, Sequence)
        row_id = row.get("id", None if many else value)
        subject = ("row", f"{table_id}/{shown(row_id) or '?'}")
        if not self.read.keys(row, ROW_KEYS, ("value",), subject):
            return None
        where = self.read.where(row)
        if row_id is None:
            self.error("row-id", where, subject)
            return None
        operator = LIST_FORM[operator] if many else operator
        phrase = f"{fact.name} {operator}"
        found = self._value(fact, phrase, "many" if many else "one", value, where, subject)
        if found is None:
            return None
        values = frozenset((found,)) if isinstance(found, str | bool) else found
        if isinstance(found, Reference):
            values = self.words.parameters[found.parameter].values[-1].value or frozenset()
        own = self.conclusions(row, subject)
        then = _merged(shared[2], self.effects(row, "then", subject), own)
        if target := self.read.word(table, "value concludes", subject):
            target_fact = self.words.facts.get(target)
            if target_fact is None or target_fact.origin is not Origin.CONCLUDED:
                self.error("unknown-concluded", self.read.where(table, "value concludes"), subject, fact=target)
                return None
            then = _merged(then, Effects(conclude=((target, values),)), ())
        texts = {}
        for key in ("title", "because"):
            text = self.read.text(row if key in row else table, key, subject)
            if text is None:
                return None
            texts[key] = self._filled(text, fact, values, own)
        id = f"{table_id}-{str(row_id).lower().replace('_', '-')}"
        when = ((Condition(fact, operator, found, where),), *shared[0], *self.clauses(row, "when", subject))
        unless = shared[1] or self.clauses(row, "unless", subject)
        return self._finish(
            table, row, subject, id, texts["title"], texts["because"], when, unless, then, table_id
        )

    def _filled(self, text: Text, fact: Fact, values: frozenset[str], own: tuple[tuple[str, Any], ...]) -> Text:
        """The text with the row's own slots, `{value}` and `{concluded}`, filled in."""
        filled = {}
        for language in LANGUAGES:
            named = [self.words.label(fact.values or "", one, language) for one in sorted(values)]
            concluded = [
                self.words.label(self.words.facts[name].values or "", one, language)
                for name, found in own
                if isinstance(found, frozenset)
                for one in sorted(found)
            ]
            filled[language] = (
                text[language]
                .replace("{value}", listed(named, language))
                .replace("{concluded}", listed(concluded, language))
            )
        return Text(filled["en"], filled["fr"])

    def _finish(
        self,
        head: Mapping,
        raw: Mapping,
        subject: Subject,
        id: str,
        title: Text,
        because: Text,
        when: tuple[Clause, ...],
        unless: tuple[Clause, ...],
        then: Effects,
        table: str | None,
    ) -> Rule | None:
        where = self.read.where(raw)
        if not when:
            self.error("no-conditions", where, subject)
        if then == Effects():
            self.error("no-effect", where, subject)
        basis = self._basis(head, raw, subject)
        if basis is None:
            return None
        switch = raw.get("applies_if", head.get("applies_if"))
        if switch is not None and (
            switch not in self.words.parameters or self.words.parameters[switch].of != "boolean"
        ):
            self.error("bad-switch", self.read.where(raw, "applies_if"), subject, value=shown(switch))
            return None
        for text in (title, because, then.advise):
            if text is not None:
                self._check_slots(text, where, subject)
        return Rule(
            id=id,
            strategy=self.read.strategy,
            title=title,
            when=when,
            unless=unless,
            then=then,
            because=because,
            basis=basis[0],
            cite=basis[1],
            rationale=basis[2],
            in_force=self.read.period(raw if "in_force" in raw else head, "in_force", subject),
            applies_if=switch,
            where=where,
            table=table,
        )

    def _basis(
        self, head: Mapping, raw: Mapping, subject: Subject
    ) -> tuple[Basis, tuple[str, ...], Text | None] | None:
        cite = self.read.words(raw, "cite", subject) or self.read.words(head, "cite", subject)
        rationale = self.read.text(raw, "rationale", subject) or self.read.text(head, "rationale", subject)
        owner = raw if "basis" in raw else head
        return check_basis(self.read, owner, subject, cite, rationale, self.words.statements, raw)

    def _check_slots(self, text: Text, where: Where, subject: Subject) -> None:
        for language in LANGUAGES:
            for slot in text.slots(language):
                name, _, suffix = slot.partition(".")
                fact = self.words.facts.get(name)
                counted = suffix in ("", "count") and (not suffix or (fact and fact.kind is Kind.SET))
                if (fact is None and name not in self.words.parameters) or not counted:
                    suggestion = nearest(slot, [*self.words.facts, *self.words.parameters])
                    self.error("unknown-slot", where, subject, slot=slot, suggestion=suggestion)
        if set(text.slots("en")) != set(text.slots("fr")):
            self.read.diagnostics.warning("slots-differ", where, subject)

    def error(self, code: str, where: Where, subject: Subject, **values: object) -> None:
        """Record an error."""
        self.read.diagnostics.error(code, where, subject, **values)


def _merged(first: Effects, second: Effects, conclude: tuple[tuple[str, Any], ...]) -> Effects:
    return Effects(
        score=first.score + second.score,
        ceiling=second.ceiling or first.ceiling,
        floor=second.floor or first.floor,
        conclude=first.conclude + second.conclude + conclude,
        lead=second.lead or first.lead,
        consult=tuple(sorted({*first.consult, *second.consult})),
        advise=second.advise or first.advise,
        fund=second.fund or first.fund,
        flag=second.flag or first.flag,
    )


def check_basis(
    read: Reader,
    owner: Mapping,
    subject: Subject,
    cite: tuple[str, ...],
    rationale: Text | None,
    statements: frozenset[str],
    raw: Mapping,
) -> tuple[Basis, tuple[str, ...], Text | None] | None:
    """The basis with what it needs: citations that exist, or a rationale in a settings file."""
    where, value = read.where(owner, "basis"), owner.get("basis")
    if value not in ("strategy", "setting"):
        read.diagnostics.error("bad-basis", where, subject, value=shown(value))
        return None
    for id in cite:
        if id not in statements:
            suggestion = nearest(id, sorted(statements))
            read.diagnostics.error(
                "unknown-citation", read.where(raw, "cite"), subject, value=id, suggestion=suggestion
            )
    if value == "strategy" and not cite:
        read.diagnostics.error("missing-citation", read.where(raw), subject)
    if value == "setting" and rationale is None:
        read.diagnostics.error("missing-rationale", read.where(raw), subject)
    if value == "setting" and not read.setting_allowed:
        read.diagnostics.error("setting-outside-operations", where, subject)
    return Basis(value), cite, rationale
