"""How each fact of a request can be changed: the `change` entries of the facts.

Who asks, for which country and since when is given; everything else may change where the policy
says so.
"""

from dataclasses import replace
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.messages import LANGUAGES
from triage.model.facts import COUNTRIES, Fact, Kind, Origin
from triage.model.policy import Change, Reference, Text, Where
from triage.model.program import EFFORTS
from triage.rulebook.diagnostics import Subject
from triage.rulebook.draft import Draft
from triage.rulebook.reader import Contents, Reader, is_whole, shown

GIVEN = frozenset((COUNTRIES, "received", "mission", "requester_organization", "requester_type"))
"""The facts that no change may touch: they say who asks, for whom, and since when."""

VERBS: dict[Kind, tuple[str, ...]] = {
    Kind.BOOLEAN: ("to",),
    Kind.ENUM: ("to",),
    Kind.TEXT: ("to",),
    Kind.SET: ("add", "remove"),
    Kind.DATE: ("later", "earlier"),
    Kind.INTEGER: ("fewer", "more"),
    Kind.DECIMAL: ("fewer", "more"),
}
"""How a fact of each kind can change."""

KEYS = {"to": ("values", "text"), "add": ("at_most", "text"), "remove": ("at_most", "text")}
"""The keys that a change needs; any other verb needs a text alone."""
MAY = ("effort",)
"""The keys that every change may have."""

SLOT = "value"
MOST_AT_ONCE = 3
"""The most values that one change may add to a set or remove from it.

There are very many ways to choose more.
"""


def read_changes(contents: Contents, draft: Draft) -> None:
    """Add to the words of each fact how the fact may change."""
    for reader, content in contents:
        facts = content.get("facts")
        for name, raw in facts.items() if isinstance(facts, Mapping) else ():
            text = draft.fact_texts.get(name)
            if text is not None and isinstance(raw, Mapping) and raw.get("change") is not None:
                changes = _Changes(reader, draft, draft.facts[name]).read(raw)
                draft.fact_texts[name] = replace(text, changes=changes)


class _Changes:
    """Reads the changes of one fact."""

    def __init__(self, reader: Reader, draft: Draft, fact: Fact) -> None:
        self.reader, self.draft, self.fact = reader, draft, fact
        self.subject: Subject = ("fact", fact.name)

    def read(self, entry: Mapping) -> tuple[Change, ...]:
        name, where = self.fact.name, self.reader.where(entry, "change")
        if name in GIVEN or not self.fact.readable:
            self._error("never-changeable", where, fact=name)
            return ()
        if self.fact.origin is not Origin.REQUEST:
            self._error("not-changeable", where, fact=name)
            return ()
        verbs = VERBS[self.fact.kind]
        raw = self.reader.mapping(entry, "change", self.subject)
        changes = []
        for verb in raw:
            if verb not in verbs:
                near, known = nearest(verb, verbs), ", ".join(verbs)
                values = {"fact": name, "verb": verb, "suggestion": near, "verbs": known}
                self._error("bad-change", self.reader.where(raw, verb), **values)
                continue
            change = self._change(self.reader.mapping(raw, verb, self.subject), verb)
            if change is not None:
                changes.append(change)
        return tuple(changes)

    def _change(self, raw: Mapping, verb: str) -> Change | None:
        keys = KEYS.get(verb, ("text",))
        complete = self.reader.keys(raw, (*keys, *MAY), keys, self.subject)
        text = self.reader.text(raw, "text", self.subject)
        if text is not None:
            self._check_slots(raw, text)
        values = self._values(raw) if "values" in keys else ()
        at_most = raw.get("at_most", 1)
        if not is_whole(at_most) or not 1 <= at_most <= MOST_AT_ONCE:
            where = self.reader.where(raw, "at_most")
            self._error("out-of-range", where, value=shown(at_most), least=1, most=MOST_AT_ONCE)
            return None
        effort = self.reader.word(raw, "effort", self.subject)
        if effort not in (None, *EFFORTS):
            near, known = nearest(effort or "", EFFORTS), ", ".join(EFFORTS)
            where = self.reader.where(raw, "effort")
            self._error("bad-effort", where, value=effort, suggestion=near, efforts=known)
            return None
        if not complete or text is None or values is None:
            return None
        return Change(verb, text, values, at_most, effort)

    def _values(self, raw: Mapping) -> tuple[Any, ...] | Reference | None:
        """The values that a fact may be changed to, or the parameter that lists them."""
        given, where = raw.get("values"), self.reader.where(raw, "values")
        phrase = f"{self.fact.name} to"
        if isinstance(given, str):
            return self._reference(given, where)
        if not isinstance(given, Sequence):
            if given is not None:
                self._error("list-expected", where, phrase=phrase, value=shown(given))
            return None
        if not given:
            self._error("empty-list", where, phrase=phrase)
            return None
        wrong = [value for value in given if not self._allowed(value)]
        of, misnamed = self.fact.values, self.reader.misnamed
        for value in wrong:
            if of is None:
                self._error("needs-true-or-false", where, phrase="values", value=shown(value))
            else:
                terms = self.draft.ids(of)
                misnamed("unknown-value", where, self.subject, value, terms, vocabulary=of)
        return None if wrong else tuple(given)

    def _allowed(self, value: Any) -> bool:
        if self.fact.values is None:
            return isinstance(value, bool)
        return isinstance(value, str) and value in self.draft.ids(self.fact.values)

    def _reference(self, name: str, where: Where) -> Reference | None:
        of, parameters = self.fact.values, self.draft.parameters
        if name in self.draft.unreadable:
            return None
        if of is None or name not in parameters or parameters[name].of != of:
            possible = [one.id for one in parameters.values() if one.of == of]
            near, phrase = nearest(name, possible), f"{self.fact.name} to"
            self._error("list-expected", where, phrase=phrase, value=name, suggestion=near)
            return None
        return Reference(name)

    def _check_slots(self, raw: Mapping, text: Text) -> None:
        for language in LANGUAGES:
            for slot in text.slots(language):
                if slot != SLOT:
                    self._error("change-slot", self.reader.where(raw["text"], language), slot=slot)

    def _error(self, code: str, where: Where, **values: object) -> None:
        self.reader.error(code, where, self.subject, **values)
