"""Rules and tables as written -> `Rule` objects; a row of a table is a rule like any other."""

import math
from typing import Any

from triage.conditions import LIST_FORM, PRESENCE
from triage.diagnostics import nearest
from triage.documents import Mapping, Sequence
from triage.effects import EffectParser, merged
from triage.facts import Fact, Kind, Origin
from triage.messages import LANGUAGES, listed
from triage.phrases import ConditionParser, Words
from triage.policy import MAX_COMBINATIONS, Basis, Clause, Condition, Effects, Reference, Rule, Text, Where
from triage.reading import KEBAB, Reader, Subject, shown

RULE_KEYS = (
    *("id", "title", "when", "unless", "then", "because", "basis", "cite"),
    *("rationale", "in_force", "applies_if"),
)
TABLE_KEYS = (*RULE_KEYS, "match", "value concludes", "rows")
ROW_KEYS = (*("id", "value", "when", "unless", "then", "conclude"), *RULE_KEYS[5:], "title")


class RuleParser:
    """Turns the rules and tables of one file into `Rule` objects; what cannot be read becomes a diagnostic."""

    def __init__(self, read: Reader, words: Words) -> None:
        self.read, self.words = read, words
        self.conditions = ConditionParser(read, words)
        self.effects = EffectParser(read, words, self.conditions)

    def rule(self, raw: Mapping) -> Rule | None:
        """One rule; None when it cannot be used."""
        subject = ("rule", shown(raw.get("id")) or "?")
        if not self.read.keys(raw, RULE_KEYS, ("id", "title", "when", "then", "because", "basis"), subject):
            return None
        id = self.read.identifier(raw, "id", KEBAB, subject)
        title, because = self.read.text(raw, "title", subject), self.read.text(raw, "because", subject)
        if id is None or title is None or because is None:
            return None
        when, unless = self.conditions.clauses(raw, "when", subject), self.conditions.clauses(raw, "unless", subject)
        then = self.effects.effects(raw, "then", subject)
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
            self.conditions.clauses(raw, "when", subject),
            self.conditions.clauses(raw, "unless", subject),
            self.effects.effects(raw, "then", subject),
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
        found = self.conditions.value(fact, phrase, "many" if many else "one", value, where, subject)
        if found is None:
            return None
        values: frozenset[str] = frozenset((found,)) if isinstance(found, str) else found
        if isinstance(found, Reference):
            values = self.words.parameters[found.parameter].values[-1].value or frozenset()
        own = self.effects.conclusions(row, subject)
        then = merged(shared[2], self.effects.effects(row, "then", subject), own)
        if target := self.read.word(table, "value concludes", subject):
            target_fact = self.words.facts.get(target)
            if target_fact is None or target_fact.origin is not Origin.CONCLUDED:
                self.error("unknown-concluded", self.read.where(table, "value concludes"), subject, fact=target)
                return None
            then = merged(then, Effects(conclude=((target, values),)))
        texts = {}
        for key in ("title", "because"):
            text = self.read.text(row if key in row else table, key, subject)
            if text is None:
                return None
            texts[key] = self._filled(text, fact, values, own)
        id = f"{table_id}-{str(row_id).lower().replace('_', '-')}"
        when = ((Condition(fact, operator, found, where),), *shared[0], *self.conditions.clauses(row, "when", subject))
        unless = shared[1] or self.conditions.clauses(row, "unless", subject)
        return self._finish(table, row, subject, id, texts["title"], texts["because"], when, unless, then, table_id)

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
        presence = [one for clause in when + unless for one in clause if one.operator in PRESENCE]
        if then.conclude and presence:
            # What rests on ignorance must not count as known further on.
            operator = f"{presence[0].fact.name} {presence[0].operator}"
            self.error("concludes-from-unknown", presence[0].where, subject, phrase=operator)
        combinations = math.prod(len(clause) for clause in when) * max(len(unless), 1)
        if combinations > MAX_COMBINATIONS:
            self.error("too-many-alternatives", where, subject, count=combinations, limit=MAX_COMBINATIONS)
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
    return Basis(value), tuple(sorted(set(cite))), rationale
