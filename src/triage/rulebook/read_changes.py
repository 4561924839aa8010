"""Which facts of a request can be changed, and how: the `change` entries of the vocabulary of
facts.

Who asks, for which country and since when is given; everything else may change where the policy
says so.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.model.facts import COUNTRIES, REQUEST_FACTS, Fact, Kind
from triage.model.policy import Change, Reference, Text
from triage.rulebook.read_vocabulary import Draft
from triage.rulebook.reader import Reader, Subject, shown

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
SLOT = "value"
MOST_AT_ONCE = 3
"""The most values that one change may add to a set, or remove from it: there are very many ways
to choose more.
"""


def read_changes(contents: Iterable[tuple[Reader, Mapping]], draft: Draft) -> None:
    """Add to the facts of the draft how each may change; what is wrong becomes a diagnostic of
    the draft.
    """
    for reader, content in contents:
        facts = content.get("facts")
        for name, raw in facts.items() if isinstance(facts, Mapping) else ():
            if (
                isinstance(raw, Mapping)
                and raw.get("change") is not None
                and name in draft.fact_texts
            ):
                changes = _Changes(reader, draft, draft.facts[name]).read(raw)
                draft.fact_texts[name] = replace(draft.fact_texts[name], changes=changes)


class _Changes:
    """The changes of one fact."""

    def __init__(self, reader: Reader, draft: Draft, fact: Fact) -> None:
        self.reader, self.draft, self.fact = reader, draft, fact
        self.subject: Subject = ("fact", fact.name)

    def read(self, fact: Mapping) -> tuple[Change, ...]:
        where = self.reader.where(fact, "change")
        if self.fact.name in GIVEN or not self.fact.readable:
            self._error("never-changeable", where, fact=self.fact.name)
            return ()
        verbs = VERBS[self.fact.kind] if self.fact.name in REQUEST_FACTS else ()
        if not verbs:
            self._error("not-changeable", where, fact=self.fact.name)
            return ()
        raw = self.reader.mapping(fact, "change", self.subject)
        found = []
        for verb in raw:
            if verb not in verbs:
                place, known = self.reader.where(raw, verb), ", ".join(verbs)
                name, near = self.fact.name, nearest(verb, verbs)
                self._error("bad-change", place, fact=name, verb=verb, suggestion=near, verbs=known)
            elif (
                change := self._one(self.reader.mapping(raw, verb, self.subject), verb)
            ) is not None:
                found.append(change)
        return tuple(found)

    def _one(self, raw: Mapping, verb: str) -> Change | None:
        keys = KEYS.get(verb, ("text",))
        complete = self.reader.keys(raw, keys, keys, self.subject)
        text = self.reader.text(raw, "text", self.subject)
        if text is not None:
            self._check_slots(raw, text)
        values = self._values(raw) if "values" in keys else ()
        at_most = raw.get("at_most", 1)
        if (
            isinstance(at_most, bool)
            or not isinstance(at_most, int)
            or not 1 <= at_most <= MOST_AT_ONCE
        ):
            place = self.reader.where(raw, "at_most")
            self._error("out-of-range", place, value=shown(at_most), least=1, most=MOST_AT_ONCE)
            return None
        return (
            Change(verb, text, values, at_most)
            if complete and text is not None and values is not None
            else None
        )

    def _values(self, raw: Mapping) -> tuple[Any, ...] | Reference | None:
        """The values that a fact may be changed to, or the parameter that lists them."""
        given, where = raw.get("values"), self.reader.where(raw, "values")
        if isinstance(given, str):
            parameter = self.draft.parameters.get(given)
            if given in self.draft.unreadable:
                return None
            if parameter is None or self.fact.values is None or parameter.of != self.fact.values:
                possible = [
                    one.id for one in self.draft.parameters.values() if one.of == self.fact.values
                ]
                near = nearest(given, possible)
                phrase = f"{self.fact.name} to"
                self._error("list-expected", where, phrase=phrase, value=given, suggestion=near)
                return None
            return Reference(given)
        values = tuple(given) if isinstance(given, Sequence) else ()
        if isinstance(given, Sequence) and not given:
            self._error("empty-list", where, phrase=f"{self.fact.name} to")
        known: frozenset[Any] = (
            self.draft.ids(self.fact.values) if self.fact.values else frozenset((True, False))
        )
        for one in values:
            if self.fact.values is None and not isinstance(one, bool):
                self._error("needs-true-or-false", where, phrase="values", value=shown(one))
            elif self.fact.values is not None and (not isinstance(one, str) or one not in known):
                near = nearest(shown(one), known)
                self._error(
                    "unknown-value",
                    where,
                    value=shown(one),
                    vocabulary=self.fact.values,
                    suggestion=near,
                )
        if given is not None and not isinstance(given, Sequence):
            self._error("list-expected", where, phrase=f"{self.fact.name} to", value=shown(given))
        return (
            values
            if values and all(isinstance(one, bool | str) and one in known for one in values)
            else None
        )

    def _check_slots(self, raw: Mapping, text: Text) -> None:
        for language in ("en", "fr"):
            for slot in text.slots(language):
                if slot != SLOT:
                    self._error("change-slot", self.reader.where(raw["text"], language), slot=slot)

    def _error(self, code: str, where: Any, **values: object) -> None:
        self.draft.diagnostics.error(code, where, self.subject, **values)
