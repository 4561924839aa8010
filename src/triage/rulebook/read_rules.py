"""Rules and tables as written -> `Rule` objects; a row of a table is a rule like any other."""

import math
from dataclasses import dataclass
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.messages import LANGUAGES, listed
from triage.model.conditions import LIST_FORM, PRESENCE
from triage.model.facts import Fact, Kind, Origin
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
from triage.rulebook.read_conditions import ConditionParser, KnownNames
from triage.rulebook.read_effects import EffectParser, merged
from triage.rulebook.reader import KEBAB, Reader, Subject, shown

RULE_KEYS = (
    *("id", "title", "when", "unless", "then", "because", "basis", "cite"),
    *("rationale", "in_force", "applies_if"),
)
TABLE_KEYS = (*RULE_KEYS, "match", "value concludes", "rows")
ROW_KEYS = (*("id", "value", "when", "unless", "then", "conclude"), *RULE_KEYS[5:], "title")
TEXT_KEYS = ("title", "because")


Parts = tuple[tuple[Mapping, Subject], ...]
"""Where a rule is written, each with its name in messages: the rule itself, or a row and then
its table.
"""


@dataclass(frozen=True)
class RuleTable:
    """What the rows of a table share. `sound` tells whether its effects could be read."""

    raw: Mapping
    subject: Subject
    fact: Fact
    operator: str
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    then: Effects
    value_concludes: str | None
    sound: bool


class RuleParser:
    """Turns the rules and tables of one file into `Rule` objects; what cannot be read becomes a
    diagnostic.
    """

    def __init__(self, read: Reader, words: KnownNames) -> None:
        self.read, self.words = read, words
        self.conditions = ConditionParser(read, words)
        self.effects = EffectParser(read, words, self.conditions)

    def rule(self, raw: Mapping) -> Rule | None:
        """One rule; None when it cannot be used."""
        subject = ("rule", shown(raw.get("id")) or "?")
        complete = self.read.keys(
            raw, RULE_KEYS, ("id", "title", "when", "then", "because", "basis"), subject
        )
        id = self.read.identifier(raw, "id", KEBAB, subject)
        before = self.read.trouble
        when = self.conditions.clauses(raw, "when", subject)
        if not when and raw.get("when") is not None and self.read.trouble == before:
            self.error("no-conditions", self.read.where(raw, "when"), subject)
        unless = self.conditions.clauses(raw, "unless", subject)
        before = self.read.trouble
        then = self.effects.effects(raw, "then", subject)
        if then == Effects() and raw.get("then") is not None and self.read.trouble == before:
            self.error("no-effect", self.read.where(raw, "then"), subject)
        texts = [self.read.text(raw, key, subject) for key in TEXT_KEYS]
        rule = self._finish(((raw, subject),), id or "?", texts, when, unless, then)
        return rule if complete and id else None

    def table(self, raw: Mapping) -> list[Rule]:
        """The rules of a table, one a row."""
        subject = ("table", shown(raw.get("id")) or "?")
        required = ("id", "title", "match", "because", "basis", "rows")
        complete = self.read.keys(raw, TABLE_KEYS, required, subject)
        id = self.read.identifier(raw, "id", KEBAB, subject)
        phrase = self.read.word(raw, "match", subject)
        fact, operator, _ = self.words.phrases.get(phrase or "", (None, "", None))
        if fact is None or not _matches_rows(fact, operator):
            if phrase:
                possible = [
                    one for one, found in self.words.phrases.items() if _matches_rows(*found[:2])
                ]
                where, suggestion = self.read.where(raw, "match"), nearest(phrase, possible)
                self.error("bad-match", where, subject, phrase=phrase, suggestion=suggestion)
            return []
        before = self.read.trouble
        table = RuleTable(
            raw=raw,
            subject=subject,
            fact=fact,
            operator=operator,
            when=self.conditions.clauses(raw, "when", subject),
            unless=self.conditions.clauses(raw, "unless", subject),
            then=self.effects.effects(raw, "then", subject),
            value_concludes=self._value_concludes(raw, fact, subject),
            sound=self.read.trouble == before,
        )
        rows = self.read.mappings(raw, "rows", subject)
        if raw.get("rows") == []:
            self.error("no-rows", self.read.where(raw, "rows"), subject)
        rules = [self._row(table, row) for row in rows]
        return [rule for rule in rules if rule is not None] if complete and id else []

    def _value_concludes(self, table: Mapping, fact: Fact, subject: Subject) -> str | None:
        """The fact to which the value of each row is added."""
        key = "value concludes"
        name, where = self.read.word(table, key, subject), self.read.where(table, key)
        target = self.words.facts.get(name or "")
        if name is None or self.conditions.passed_over(name):
            return None
        if target is None or target.origin is not Origin.CONCLUDED:
            own = [one.name for one in self.words.facts.values() if one.origin is Origin.CONCLUDED]
            code = "not-concludable" if target else "unknown-concluded"
            self.error(code, where, subject, fact=name, suggestion=nearest(name, own))
            return None
        if target.values is None or target.values != fact.values:
            wanted = target.values or "true"
            self.error(
                "concluded-vocabulary",
                where,
                subject,
                fact=name,
                vocabulary=fact.values,
                wanted=wanted,
            )
            return None
        return name

    def _row(self, table: RuleTable, row: Mapping) -> Rule | None:
        value = row.get("value")
        many = isinstance(value, Sequence)
        subject = ("row", f"{table.subject[1]}/{_row_name(row) or '?'}")
        if not self.read.keys(row, ROW_KEYS, ("value",), subject):
            return None
        where, before = self.read.where(row), self.read.trouble
        slug = row_slug(row)
        if "id" in row:
            self.read.identifier(row, "id", KEBAB, subject)
        elif not KEBAB.match(slug):
            self.error("row-id", where, subject)
        operator = LIST_FORM[table.operator] if many else table.operator
        phrase = f"{table.fact.name} {operator}"
        found = self.conditions.value(
            table.fact, phrase, "many" if many else "one", value, where, subject
        )
        when = (*table.when, *self.conditions.clauses(row, "when", subject))
        unless = self.conditions.clauses(row, "unless", subject)
        if unless and table.unless:
            self.error("unless-twice", self.read.where(row, "unless"), subject)
        own = self.effects.conclusions(row, subject)
        then = merged(table.then, self.effects.effects(row, "then", subject), own)
        values = self._values(found)
        if table.value_concludes:
            then = merged(then, Effects(conclude=((table.value_concludes, values),)))
        if then == Effects() and table.sound and self.read.trouble == before:
            self.error("no-effect", where, subject)
        parts = ((row, subject), (table.raw, table.subject))
        texts = [self.read.text(*_in(parts, key)) for key in TEXT_KEYS]
        filled = [text and self._filled(text, table.fact, values, own) for text in texts]
        if found is not None:
            when = ((Condition(table.fact, operator, found, where),), *when)
        rule = self._finish(
            parts, f"{table.subject[1]}-{slug}", filled, when, unless or table.unless, then
        )
        return None if found is None else rule

    def _values(self, found: Any) -> frozenset[str]:
        """The values of a row, those of its parameter as they are last."""
        if isinstance(found, Reference):
            dated = [
                one.value
                for one in self.words.parameters[found.parameter].values
                if one.value is not None
            ]
            found = dated[-1] if dated else None
        if found is None:
            return frozenset()
        return found if isinstance(found, frozenset) else frozenset((found,))

    def _filled(
        self, text: Text, fact: Fact, values: frozenset[str], own: tuple[tuple[str, Any], ...]
    ) -> Text:
        """The text with the row's own slots, `{value}` and `{concluded}`, filled in."""
        filled = {}
        for language in LANGUAGES:
            named = [self.words.label(fact.values, one, language) for one in sorted(values)]
            concluded = [
                self.words.label(self.words.facts[name].values, one, language)
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
        parts: Parts,
        id: str,
        texts: list[Text | None],
        when: tuple[Clause, ...],
        unless: tuple[Clause, ...],
        then: Effects,
    ) -> Rule | None:
        where, subject = self.read.where(parts[0][0]), parts[0][1]
        presence = [one for clause in when + unless for one in clause if one.operator in PRESENCE]
        if then.conclude and presence:
            # What rests on ignorance must not count as known further on.
            operator = f"{presence[0].fact.name} {presence[0].operator}"
            self.error("concludes-from-unknown", presence[0].where, subject, phrase=operator)
        combinations = math.prod(map(len, when)) * max(len(unless), 1)
        if combinations > MAX_COMBINATIONS:
            self.error(
                "too-many-alternatives", where, subject, count=combinations, limit=MAX_COMBINATIONS
            )
        basis, cite, rationale = check_basis(self.read, parts, self.words.statements)
        switch = self._switch(parts)
        period = self.read.period(*_in(parts, "in_force"))
        for key, text in zip(TEXT_KEYS, texts, strict=True):
            if text is not None:
                self._check_slots(text, *_in(parts, key))
        if then.advise is not None:
            advising = [
                (holder["then"], "advise", named)
                for holder, named in parts
                if "advise" in _then(holder)
            ]
            self._check_slots(then.advise, *advising[0])
        title, because = texts
        if title is None or because is None or basis is None:
            return None
        return Rule(
            id=id,
            strategy=self.read.strategy,
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
            table=parts[1][1][1] if len(parts) > 1 else None,
        )

    def _switch(self, parts: Parts) -> str | None:
        holder, key, subject = _in(parts, "applies_if")
        name = None if holder.get(key) is None else shown(holder.get(key))
        switches = [one.id for one in self.words.parameters.values() if one.of == "boolean"]
        if name is not None and name not in switches and not self.conditions.passed_over(name):
            where = self.read.where(holder, key)
            self.error("bad-switch", where, subject, value=name, suggestion=nearest(name, switches))
        return name

    def _check_slots(self, text: Text, holder: Mapping, key: str, subject: Subject) -> None:
        before = self.read.trouble
        for language in LANGUAGES:
            where = self.read.where(holder[key], language)
            if set("{}") & set(SLOT.sub("", text[language])):
                self.error("stray-brace", where, subject)
            for slot in text.slots(language):
                name, dot, suffix = slot.partition(".")
                fact = self.words.facts.get(name)
                if (
                    fact is None
                    and name not in self.words.unreadable
                    and name not in self.words.parameters
                ):
                    suggestion = nearest(name, [*self.words.facts, *self.words.parameters])
                    self.error("unknown-slot", where, subject, slot=slot, suggestion=suggestion)
                elif dot and (suffix != "count" or fact is None or fact.kind is not Kind.SET):
                    self.error("slot-without-count", where, subject, slot=slot, name=name)
        only = set(text.slots("en")) ^ set(text.slots("fr"))
        if only and self.read.trouble == before:
            slots = ", ".join(f"{{{slot}}}" for slot in sorted(only))
            self.read.diagnostics.warning(
                "slots-differ", self.read.where(holder, key), subject, slots=slots
            )

    def error(self, code: str, where: Where, subject: Subject, **values: object) -> None:
        """Record an error."""
        self.read.diagnostics.error(code, where, subject, **values)


def _matches_rows(fact: Fact, operator: str) -> bool:
    """Whether rows can give the value of a condition: a word of a vocabulary, a country or a
    text.
    """
    return operator in LIST_FORM and (fact.values is not None or fact.kind is Kind.TEXT)


def row_slug(row: Mapping) -> str:
    """What a row adds to the id of its table, to make the id of its rule."""
    return _row_name(row).lower().replace("_", "-")


def _row_name(row: Mapping) -> str:
    value = row.get("value")
    return shown(row.get("id") or ("" if isinstance(value, Sequence) else value))


def _in(parts: Parts, key: str) -> tuple[Mapping, str, Subject]:
    """The part that has the key, the key, and the part's name; the first part when none has it."""
    holder, subject = next((part for part in parts if part[0].get(key) is not None), parts[0])
    return holder, key, subject


def _then(part: Mapping) -> Mapping:
    then = part.get("then")
    return then if isinstance(then, Mapping) else Mapping()


def check_basis(
    read: Reader, parts: Parts, statements: frozenset[str]
) -> tuple[Basis | None, tuple[str, ...], Text | None]:
    """The basis with what it needs: citations that exist, or a rationale in a settings file."""
    holder, key, named = _in(parts, "basis")
    cited, _, citing = _in(parts, "cite")
    value, cite = holder.get(key), read.words(cited, "cite", citing)
    rationale = read.text(*_in(parts, "rationale"))
    raw, subject = parts[0]
    for id in cite:
        if id not in statements:
            where, suggestion = read.where(cited, "cite"), nearest(id, statements)
            read.diagnostics.error(
                "unknown-citation", where, citing, value=id, suggestion=suggestion
            )
    if value == "strategy" and not cite and not cited.get("cite"):
        read.diagnostics.error("missing-citation", read.where(raw), subject)
    if (
        value == "setting"
        and rationale is None
        and not any(part.get("rationale") for part, _ in parts)
    ):
        read.diagnostics.error("missing-rationale", read.where(raw), subject)
    if value == "setting" and not read.setting_allowed:
        read.diagnostics.error("setting-outside-operations", read.where(holder, key), named)
    if value not in (*Basis, None):
        read.diagnostics.error("bad-basis", read.where(holder, key), named, value=shown(value))
    return Basis(value) if value in tuple(Basis) else None, tuple(sorted(set(cite))), rationale
