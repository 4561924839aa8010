"""One row, as headers and values in English or French, -> a request, or what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from triage.deciding.wording import number
from triage.errors import RequestError
from triage.formats.values import UnreadableCell, normal
from triage.intake.answers import Answers
from triage.intake.canonical import Read, canonical
from triage.intake.cells import CellReader, is_empty, shown
from triage.intake.determinations import LANGUAGE, SPOKEN, read_determination
from triage.intake.headers import PASSED_OVER, Headers
from triage.intake.profile import NO_PROFILE, ImportProfile
from triage.intake.suggestions import Suggester, Suggestion
from triage.messages import Language
from triage.model.facts import COUNTRIES, Determination, Kind, Request, Unresolved, content_id
from triage.model.policy import Policy

REQUIRED = ("received", "engagement_type")
ONE_OF = ("countries", "forum", "requester_organization")
FREE_TEXT = frozenset(("title", "summary"))

Given = Mapping[str, Any] | Sequence[tuple[str, Any]]
"""Headers and values; as pairs, a header may come twice."""


@dataclass(slots=True)
class _Reading:
    """What has been read of one row so far."""

    values: dict[str, Any] = field(default_factory=dict)
    unresolved: dict[str, Unresolved] = field(default_factory=dict)
    determination: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    language: Language | None = None
    confirmed: Mapping[str, str] = field(default_factory=dict)
    errors: list[RequestError] = field(default_factory=list)


class RequestReader:
    """Reads requests with the headers, labels and aliases of one policy; messages come in
    `language`.

    With a `suggester`, facts that are not given are taken from the text of the request, and marked.
    Before that, `answers` of a person fill them. `on_suggestions` is called with the id of a
    request, its title, and what is suggested of the facts that are still open.
    """

    def __init__(
        self,
        policy: Policy,
        language: Language = "en",
        suggester: Suggester | None = None,
        profile: ImportProfile = NO_PROFILE,
    ) -> None:
        self.policy, self.language, self.suggester = policy, language, suggester
        self.profile = profile
        self.accepts = suggester is not None
        self.answers: Answers | None = None
        self.on_suggestions: Callable[[str, str, list[Suggestion]], None] | None = None
        self.header = Headers(policy, profile.columns).meaning
        self.cells = CellReader(policy, language)

    @cached_property
    def canonical(self) -> Mapping[str, Read]:
        """How facts under their own names are read when their values are in canonical form."""
        return canonical(self.policy.request_facts, self.cells.terms)

    @cached_property
    def _ranges(self) -> Mapping[str, tuple[bool, int, int]]:
        """Of each fact that has a range, whether it is one of letters, the least, and the most."""
        facts = self.policy.request_facts.values()
        return {
            fact.name: (fact.kind is Kind.TEXT, *fact.range)
            for fact in facts
            if fact.range is not None
        }

    def request(self, given: Given) -> Request:
        """The request in a row; raises the first `RequestError` when there is none."""
        request, errors = self.read(given)
        if request is None:
            raise errors[0]
        return request

    def read(self, given: Given) -> tuple[Request | None, list[RequestError]]:
        """The request, or everything that keeps it from being read.

        What no fact means is kept in its `extra`.
        """
        row = _Reading()
        values, canonical = row.values, self.canonical
        for key, raw in given.items() if isinstance(given, Mapping) else given:
            if (
                key in canonical
                and key not in values
                and (value := canonical[key](raw)) is not None
            ):
                values[key] = value
            elif not is_empty(raw):
                try:
                    self._read_cell(str(key), raw, row)
                except RequestError as error:
                    row.errors.append(error)
        constants = self._constants(row)
        # One country that is not understood leaves the whole fact unknown: the others alone could
        # mislead.
        if row.unresolved:
            values.pop(COUNTRIES, None)
        # The id made from the content is the same whether suggestions are accepted or not.
        if "id" not in values:
            unresolved = {name: one.given for name, one in row.unresolved.items()}
            values["id"] = content_id({**values, "unresolved": unresolved})
        suggested = self._suggested(row)
        errors = row.errors + self._missing(row) + self._contradictions(values)
        if errors:
            return None, errors
        errors = [*self._out_of_range(values)]
        determination = self._determination(row.determination, errors)
        if errors:
            return None, errors
        beside = (determination, row.language, row.unresolved, suggested, row.extra)
        return Request(values, *beside, constants, row.confirmed), []

    def _read_cell(self, header: str, raw: Any, row: _Reading) -> None:
        """Add what stands under one header to what stands under the others."""
        name, _, part = (self.header(header) or "").partition(":")
        if name == PASSED_OVER:
            return
        if name == LANGUAGE and (spoken := SPOKEN.get(normal(str(raw)))) is not None:
            row.language = spoken
        elif name in ("", LANGUAGE):
            row.extra[_free_key(header, row.extra)] = raw
        elif isinstance(raw, UnreadableCell):
            raise self.cells.mismatch(name, raw, raw)
        elif name == "determination":
            row.determination |= read_determination(part, raw, self.cells)
        elif name == COUNTRIES:
            countries = self.cells.countries(raw, codes=part == "codes")
            if isinstance(countries, Unresolved):
                row.unresolved[COUNTRIES] = countries
            elif countries:
                row.values[COUNTRIES] = row.values.get(COUNTRIES, frozenset()) | countries
        elif (value := self.cells.value(self.policy.facts[name], raw)) is not None:
            row.values[name] = self._together(name, row.values.get(name), value)

    def _together(self, name: str, first: Any, second: Any) -> Any:
        """The value of a fact under two headers: sets and free text add up, others must agree."""
        if first is None or first == second:
            return second
        if isinstance(first, frozenset):
            return first | second
        if name in FREE_TEXT:
            return f"{first}\n{second}"
        raise self.cells.field_error(name, second, "expected.same-value", first=shown(first))

    def _constants(self, row: _Reading) -> tuple[str, ...]:
        """Fill facts of which the row says nothing with those of the profile; their names."""
        if not self.profile.given:
            return ()
        said = row.values.keys() | row.unresolved.keys() | {error.field for error in row.errors}
        given = [name for name in self.profile.given if name not in said]
        for name in given:
            try:
                self._read_cell(name, self.profile.given[name], row)
            except RequestError as error:
                row.errors.append(error)
        return tuple(name for name in given if name in row.values)

    def _suggested(self, row: _Reading) -> tuple[str, ...]:
        """Fill facts that were not given from the text of the request, and return their names."""
        values, answers = row.values, self.answers
        given = values.keys() | row.unresolved.keys() | {error.field for error in row.errors}
        if answers is not None:
            said = answers.facts(values["id"], self.policy)
            confirmed = {name: value for name, value in said.items() if name not in given}
            values |= confirmed
            row.confirmed = dict.fromkeys(confirmed, answers.source)
            given |= confirmed.keys()
        if self.suggester is None:
            return ()
        title = values.get("title") or ""
        found = self.suggester.suggest(f"{title}\n{values.get('summary') or ''}")
        found = [one for one in found if one.fact not in given]
        if self.on_suggestions is not None:
            self.on_suggestions(values["id"], title, found)
        if not self.accepts:
            return ()
        refused = answers.refused.get(values["id"], set()) if answers is not None else set()
        taken = self.suggester.facts_of(found, refused)
        values |= taken
        return tuple(taken)

    def _missing(self, row: _Reading) -> list[RequestError]:
        given = row.values.keys() | row.unresolved.keys() | {error.field for error in row.errors}
        errors = [
            self.cells.field_error(name, "", "expected.required")
            for name in REQUIRED
            if name not in given
        ]
        if given.isdisjoint(ONE_OF):
            errors.append(self.cells.field_error(COUNTRIES, "", "expected.one-of"))
        return errors

    def _contradictions(self, values: Mapping[str, Any]) -> list[RequestError]:
        field_error = self.cells.field_error
        errors: list[RequestError] = []
        start, end = values.get("start"), values.get("end")
        if start and end and end < start:
            errors.append(field_error("end", end, "expected.end-before-start", start=start))
        people, visas = values.get("participants"), values.get("visa_required_participants")
        if people is not None and visas is not None and visas > people:
            key = "expected.more-than-participants"
            errors.append(field_error("visa_required_participants", visas, key, people=people))
        return errors

    def _out_of_range(self, values: Mapping[str, Any]) -> Iterator[RequestError]:
        """The numbers and texts beyond what the policy declares, in the order of the facts."""
        for name, (is_text, least, most) in self._ranges.items():
            if (value := values.get(name)) is None:
                continue
            size = len(value) if is_text else value
            if size > most:
                key = "expected.shorter" if is_text else "expected.at-most"
                yield self.cells.field_error(name, value, key, limit=number(most, self.language))
            elif size < least:
                key = "expected.longer" if is_text else "expected.at-least"
                yield self.cells.field_error(name, value, key, limit=number(least, self.language))

    def _determination(
        self, given: Mapping[str, Any], errors: list[RequestError]
    ) -> Determination | None:
        """What people decided, or None with an error for each part that is wrong."""
        try:
            return Determination(**given) if given else None
        except ValidationError as error:
            for one in error.errors():
                name, value = f"determination.{one['loc'][0]}", one.get("input", "")
                if one["type"] == "missing":
                    errors.append(self.cells.field_error(name, "", "expected.required"))
                else:
                    key = "expected.determination-part"
                    errors.append(self.cells.field_error(name, value, key))
            return None

    def prose(self, given: Given) -> tuple[str | None, str]:
        """The id that stands in a row, and its title and summary; nothing else of it is read."""
        texts: dict[str, list[str]] = {}
        for key, raw in given.items() if isinstance(given, Mapping) else given:
            if not is_empty(raw) and (name := self.header(str(key))) in ("id", *FREE_TEXT):
                texts.setdefault(name, []).append(str(raw).strip())
        id, *_ = texts.get("id", [None])
        return id, "\n".join([*texts.get("title", ()), *texts.get("summary", ())])


def _free_key(key: str, taken: Mapping[str, Any]) -> str:
    """A key that is not taken: two columns may have the same header."""
    number, free = 1, key
    while free in taken:
        number, free = number + 1, f"{key} ({number + 1})"
    return free
