"""Rules and tables as written -> `Rule`; a row of a table is a rule like any other."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.messages import LANGUAGES, listed
from triage.model.effects import EffectShape, effects_of, merged
from triage.model.facts import Fact, Kind
from triage.model.operators import OPERATORS, Operator
from triage.model.policy import (
    SLOT,
    Basis,
    Clause,
    Condition,
    Effects,
    Reference,
    Rule,
    Text,
    Where,
)
from triage.model.program import MAX_COMBINATIONS
from triage.rulebook.diagnostics import Subject
from triage.rulebook.names import KnownNames
from triage.rulebook.read_conditions import ConditionParser
from triage.rulebook.read_effects import EffectParser, check_concludable
from triage.rulebook.reader import KEBAB, Contents, Reader, shown

RULE_KEYS = (
    *("id", "title", "when", "unless", "then", "because", "basis", "cite"),
    *("rationale", "in_force", "applies_if"),
)
RULE_NEEDS = ("id", "title", "when", "then", "because", "basis")
TABLE_KEYS = (*RULE_KEYS, "match", "value concludes", "rows")
TABLE_NEEDS = ("id", "title", "match", "because", "basis", "rows")
ROW_KEYS = (*("id", "value", "when", "unless", "then", "conclude"), *RULE_KEYS[5:], "title")
TEXT_KEYS = ("title", "because")

Holders = tuple[tuple[Mapping, Subject], ...]
"""The mappings in which the keys of a rule stand: the rule itself, or a row and then its table."""


@dataclass(frozen=True)
class RuleTable:
    """What the rows of a table share; `sound` tells whether it could all be read."""

    raw: Mapping
    subject: Subject
    fact: Fact
    operator: Operator
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    then: Effects
    value_concludes: str | None
    sound: bool


def read_rules(contents: Contents, names: KnownNames, strategies: Collection[str]) -> list[Rule]:
    """The rules of all files, those of tables among them."""
    rules: dict[str, Rule] = {}
    for reader, content in contents:
        strategy = reader.strategy
        if strategy is not None and strategy not in strategies:
            # That policy.yaml has no strategies is reported by itself.
            if strategies:
                where = reader.where(content, "strategy")
                reader.misnamed("unknown-strategy", where, None, strategy, strategies)
            continue
        parser = RuleParser(reader, names)
        for rule in parser.rules(content):
            first = rules.setdefault(rule.id, rule)
            if first is not rule:
                reader.duplicate(rule.where, ("rule", rule.id), first.where)
    return list(rules.values())


class RuleParser:
    """Reads the rules and tables of one file; what cannot be read is reported and left out."""

    def __init__(self, reader: Reader, names: KnownNames) -> None:
        self.reader, self.names = reader, names
        self.conditions = ConditionParser(reader, names)
        self.effects = EffectParser(reader, names, self.conditions)

    def rules(self, content: Mapping) -> list[Rule]:
        """The rules of the file, and after them those of its tables."""
        read = [self._rule(raw) for raw in self.reader.mappings(content, "rules", None)]
        rules = [rule for rule in read if rule is not None]
        for raw in self.reader.mappings(content, "tables", None):
            rules += self._table(raw)
        return rules

    def _rule(self, raw: Mapping) -> Rule | None:
        reader, subject = self.reader, ("rule", shown(raw.get("id")) or "?")
        complete = reader.keys(raw, RULE_KEYS, RULE_NEEDS, subject)
        id = reader.identifier(raw, "id", KEBAB, subject)
        before = reader.trouble
        when = self.conditions.clauses(raw, "when", subject)
        if not when and raw.get("when") is not None and reader.trouble == before:
            reader.error("no-conditions", reader.where(raw, "when"), subject)
        unless = self.conditions.clauses(raw, "unless", subject)
        before = reader.trouble
        then = self.effects.effects(raw, "then", subject)
        if then == Effects() and raw.get("then") is not None and reader.trouble == before:
            reader.error("no-effect", reader.where(raw, "then"), subject)
        texts = [reader.text(raw, key, subject) for key in TEXT_KEYS]
        rule = self._finish(((raw, subject),), id or "?", texts, when, unless, then)
        return rule if complete and id else None

    # -- tables

    def _table(self, raw: Mapping) -> list[Rule]:
        reader, subject = self.reader, ("table", shown(raw.get("id")) or "?")
        complete = reader.keys(raw, TABLE_KEYS, TABLE_NEEDS, subject)
        id = reader.identifier(raw, "id", KEBAB, subject)
        phrase, phrases = reader.word(raw, "match", subject), self.names.phrases
        fact, operator = phrases.get(phrase or "", (None, None))
        if fact is None or operator is None or not _matches_rows(fact, operator):
            if phrase:
                possible = [name for name, row in phrases.items() if _matches_rows(*row)]
                where, near = reader.where(raw, "match"), nearest(phrase, possible)
                reader.error("bad-match", where, subject, phrase=phrase, suggestion=near)
            return []
        before = reader.trouble
        table = RuleTable(
            raw=raw,
            subject=subject,
            fact=fact,
            operator=operator,
            when=self.conditions.clauses(raw, "when", subject),
            unless=self.conditions.clauses(raw, "unless", subject),
            then=self.effects.effects(raw, "then", subject),
            value_concludes=self._value_concludes(raw, fact, subject),
            sound=reader.trouble == before,
        )
        rows = reader.mappings(raw, "rows", subject)
        if raw.get("rows") == []:
            reader.error("no-rows", reader.where(raw, "rows"), subject)
        rules = [self._row(table, row) for row in rows]
        return [rule for rule in rules if rule is not None] if complete and id else []

    def _value_concludes(self, table: Mapping, fact: Fact, subject: Subject) -> str | None:
        """The fact to which the value of each row is added."""
        key = "value concludes"
        name, where = self.reader.word(table, key, subject), self.reader.where(table, key)
        if name is None or self.conditions.skips(name):
            return None
        if not check_concludable(self.reader, self.names, name, where, subject):
            return None
        values = self.names.facts[name].values
        if values is None or values != fact.values:
            words = {"vocabulary": fact.values, "wanted": values or "true"}
            self.reader.error("concluded-vocabulary", where, subject, fact=name, **words)
            return None
        return name

    def _row(self, table: RuleTable, row: Mapping) -> Rule | None:
        reader, value = self.reader, row.get("value")
        subject = ("row", f"{table.subject[1]}/{_row_name(row) or '?'}")
        if not reader.keys(row, ROW_KEYS, ("value",), subject):
            return None
        where, before, slug = reader.where(row), reader.trouble, row_slug(row)
        if "id" in row:
            reader.identifier(row, "id", KEBAB, subject)
        elif not KEBAB.match(slug):
            reader.error("row-id", where, subject)
        matched = self._matched(table, value, where, subject)
        when = self.conditions.clauses(row, "when", subject)
        unless = self.conditions.clauses(row, "unless", subject)
        if unless and table.unless:
            reader.error("unless-twice", reader.where(row, "unless"), subject)
        own = self.effects.conclusions(row, subject)
        then = merged(table.then, self.effects.effects(row, "then", subject))
        then = merged(then, Effects(conclude=own))
        values = self._values(matched.value) if matched else frozenset[str]()
        if table.value_concludes:
            then = merged(then, Effects(conclude=((table.value_concludes, values),)))
        if then == Effects() and table.sound and reader.trouble == before:
            reader.error("no-effect", where, subject)
        holders = ((row, subject), (table.raw, table.subject))
        texts = [reader.text(*_holder(holders, key)) for key in TEXT_KEYS]
        filled = [text and self._filled(text, table.fact, values, own) for text in texts]
        clauses = (*table.when, *when)
        if matched:
            clauses = ((matched,), *clauses)
        id = f"{table.subject[1]}-{slug}"
        rule = self._finish(holders, id, filled, clauses, unless or table.unless, then)
        return rule if matched else None

    def _matched(
        self, table: RuleTable, value: Any, where: Where, subject: Subject
    ) -> Condition | None:
        """The fact of the table with the value of a row; None when the value is wrong."""
        operator = table.operator
        if isinstance(value, Sequence) and operator.list_form:
            operator = OPERATORS[operator.list_form]
        wanted = self.conditions.value(table.fact, operator, value, where, subject)
        return None if wanted is None else Condition(table.fact, operator.phrase, wanted, where)

    def _values(self, value: Any) -> frozenset[str]:
        """The values of a row, those of its parameter as they are last."""
        if isinstance(value, Reference):
            dated = self.names.parameters[value.parameter].values
            value = next((one.value for one in reversed(dated) if one.value is not None), ())
        return frozenset((value,) if isinstance(value, str) else value)

    def _filled(
        self, text: Text, fact: Fact, values: frozenset[str], own: tuple[tuple[str, Any], ...]
    ) -> Text:
        """The text with the row's own slots, `{value}` and `{concluded}`, filled in."""
        filled = {}
        for language in LANGUAGES:
            named = [self.names.label(fact.values, one, language) for one in sorted(values)]
            concluded = [
                self.names.label(self.names.facts[name].values, term, language)
                for name, terms in own
                if isinstance(terms, frozenset)
                for term in sorted(terms)
            ]
            with_value = text[language].replace("{value}", listed(named, language))
            filled[language] = with_value.replace("{concluded}", listed(concluded, language))
        return Text(filled["en"], filled["fr"])

    # -- what rules and rows have in common

    def _finish(
        self,
        holders: Holders,
        id: str,
        texts: list[Text | None],
        when: tuple[Clause, ...],
        unless: tuple[Clause, ...],
        then: Effects,
    ) -> Rule | None:
        """The rule, once everything about it has been checked."""
        where, subject = self.reader.where(holders[0][0]), holders[0][1]
        self._check_conditions(when, unless, then, where, subject)
        basis, cite, rationale = check_basis(self.reader, holders, self.names.statements)
        switch = self._switch(holders)
        period = self.reader.period(*_holder(holders, "in_force"))
        for key, text in zip(TEXT_KEYS, texts, strict=True):
            if text is not None:
                self._check_slots(text, *_holder(holders, key))
        thens = [(raw.get("then"), of) for raw, of in holders]
        effects = tuple((raw, of) for raw, of in thens if isinstance(raw, Mapping))
        for effect, text in effects_of(then, EffectShape.TEXT):
            self._check_slots(text, *_holder(effects, effect.key))
        title, because = texts
        if title is None or because is None or basis is None:
            return None
        return Rule(
            id=id,
            strategy=self.reader.strategy,
            title=title,
            when=when,
            unless=unless,
            then=then,
            because=because,
            basis=basis,
            cite=cite,
            rationale=rationale,
            in_force=period,
            applies_if=switch,
            where=where,
            table=holders[1][1][1] if len(holders) > 1 else None,
        )

    def _check_conditions(
        self,
        when: tuple[Clause, ...],
        unless: tuple[Clause, ...],
        then: Effects,
        where: Where,
        subject: Subject,
    ) -> None:
        conditions = [condition for clause in when + unless for condition in clause]
        presence = [one for one in conditions if OPERATORS[one.operator].known is not None]
        if then.conclude and presence:
            # What rests on ignorance must not count as known further on.
            phrase = f"{presence[0].fact.name} {presence[0].operator}"
            self.reader.error("concludes-from-unknown", presence[0].where, subject, phrase=phrase)
        count = math.prod(map(len, when)) * max(len(unless), 1)
        if count > MAX_COMBINATIONS:
            values = {"count": count, "limit": MAX_COMBINATIONS}
            self.reader.error("too-many-alternatives", where, subject, **values)

    def _switch(self, holders: Holders) -> str | None:
        """The parameter under `applies_if`: the rule applies while it is true."""
        raw, key, subject = _holder(holders, "applies_if")
        name = None if raw.get(key) is None else shown(raw.get(key))
        switches = [one.id for one in self.names.parameters.values() if one.of == "boolean"]
        if name is not None and name not in switches and not self.conditions.skips(name):
            self.reader.misnamed("bad-switch", self.reader.where(raw, key), subject, name, switches)
        return name

    def _check_slots(self, text: Text, holder: Mapping, key: str, subject: Subject) -> None:
        before = self.reader.trouble
        for language in LANGUAGES:
            where = self.reader.where(holder[key], language)
            if set("{}") & set(SLOT.sub("", text[language])):
                self.reader.error("stray-brace", where, subject)
            for slot in text.slots(language):
                self._check_slot(slot, where, subject)
        only = set(text.slots("en")) ^ set(text.slots("fr"))
        if only and self.reader.trouble == before:
            where, slots = self.reader.where(holder, key), (f"{{{slot}}}" for slot in sorted(only))
            self.reader.warning("slots-differ", where, subject, slots=", ".join(slots))

    def _check_slot(self, slot: str, where: Where, subject: Subject) -> None:
        """A slot names a fact or a parameter, or as `{fact.count}` how many values a set has."""
        names = self.names
        name, dot, suffix = slot.partition(".")
        fact = names.facts.get(name)
        if fact is None and name not in names.unreadable and name not in names.parameters:
            near = nearest(name, [*names.facts, *names.parameters])
            self.reader.error("unknown-slot", where, subject, slot=slot, suggestion=near)
        elif dot and (suffix != "count" or fact is None or fact.kind is not Kind.SET):
            self.reader.error("slot-without-count", where, subject, slot=slot, name=name)


def _matches_rows(fact: Fact, operator: Operator) -> bool:
    """Whether rows can give the value of a condition: a term, a country or a text."""
    return operator.list_form is not None and (fact.values is not None or fact.kind is Kind.TEXT)


def row_slug(row: Mapping) -> str:
    """What a row adds to the id of its table, to make the id of its rule."""
    return _row_name(row).lower().replace("_", "-")


def _row_name(row: Mapping) -> str:
    value = row.get("value")
    return shown(row.get("id") or ("" if isinstance(value, Sequence) else value))


def _holder(holders: Holders, key: str) -> tuple[Mapping, str, Subject]:
    """The first mapping that has the key, the key, and its subject; the first when none has it."""
    raw, subject = next((one for one in holders if one[0].get(key) is not None), holders[0])
    return raw, key, subject


def check_basis(
    reader: Reader, holders: Holders, statements: Collection[str]
) -> tuple[Basis | None, tuple[str, ...], Text | None]:
    """The basis with what it needs: citations that exist, or a rationale in a settings file."""
    holder, key, named = _holder(holders, "basis")
    cited, _, citing = _holder(holders, "cite")
    value, cite = holder.get(key), reader.words(cited, "cite", citing)
    rationale = reader.text(*_holder(holders, "rationale"))
    raw, subject = holders[0]
    reader.check_citations(cited, cite, statements, citing)
    if value == "strategy" and not cite and not cited.get("cite"):
        reader.error("missing-citation", reader.where(raw), subject)
    unreadable = any(one.get("rationale") for one, _ in holders)
    if value == "setting" and rationale is None and not unreadable:
        reader.error("missing-rationale", reader.where(raw), subject)
    if value == "setting" and not reader.setting_allowed:
        reader.error("setting-outside-operations", reader.where(holder, key), named)
    if value not in (*Basis, None):
        reader.error("bad-basis", reader.where(holder, key), named, value=shown(value))
    return Basis(value) if value in tuple(Basis) else None, tuple(sorted(set(cite))), rationale
