"""Raw values -> requests: headers and values in English or French become the one request model, or an explanation.

Nothing is guessed: a country that is ambiguous or not known leaves the fact unknown, with candidates for the reader.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from triage import countries
from triage.diagnostics import nearest
from triage.errors import RequestError
from triage.facts import COUNTRIES, REQUEST_FACTS, Fact, Kind, Request, Unresolved, content_id
from triage.messages import Language, say
from triage.policy import Policy

YES = frozenset(("yes", "y", "true", "1", "x", "oui", "o", "vrai"))
NO = frozenset(("no", "n", "false", "0", "non", "faux"))
CODE_WORDS = frozenset(("code", "codes", "iso", "iso3", "alpha"))
DETERMINATION = {
    "determination": "outcome",
    "determination outcome": "outcome",
    "determination date": "date",
    "date de la determination": "date",
    "determination reason": "reason",
    "motif de la determination": "reason",
}
REQUIRED = ("received", "engagement_type")
ONE_OF = ("countries", "forum", "requester_organization")
MAX_VALUES = 1000


def normal(text: str) -> str:
    """A word or header without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


class RequestReader:
    """Reads requests with the headers, labels and aliases of one policy; messages come in `language`."""

    def __init__(self, policy: Policy, language: Language = "en") -> None:
        self.policy = policy
        self.language = language

    # -- headers ------------------------------------------------------------------------------------------------

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Every header that is understood, normalised, with the fact that it means."""
        found: dict[str, str] = {normal(name): name for name in REQUEST_FACTS}
        for name in REQUEST_FACTS:
            text = self.policy.fact_texts.get(name)
            for words in (text.label.en, text.label.fr, *text.aliases) if text else ():
                found.setdefault(normal(words), name)
        return found

    def header(self, text: str) -> str | None:
        """The fact that a header means; None when it means none. `countries:codes` is a column of country codes."""
        plain = normal(text)
        if plain in DETERMINATION:
            return f"determination:{DETERMINATION[plain]}"
        fact = self.headers.get(plain)
        words = plain.split()
        if fact is None and CODE_WORDS & set(words):
            rest = " ".join(word for word in words if word not in CODE_WORDS and word != "de")
            fact = self.headers.get(rest)
            return "countries:codes" if fact == COUNTRIES or not rest else None
        return "countries:codes" if fact == COUNTRIES and CODE_WORDS & set(words) else fact

    # -- one request --------------------------------------------------------------------------------------------

    def request(self, given: Mapping[str, Any]) -> Request:
        """The request in a mapping of headers to values; `RequestError` says what cannot be read, and why."""
        request, errors = self.read(given)
        if request is None:
            raise errors[0]
        return request

    def read(self, given: Mapping[str, Any]) -> tuple[Request | None, list[RequestError]]:
        """The request, or everything that keeps it from being read. Headers that mean nothing are passed over."""
        values: dict[str, Any] = {}
        unresolved: dict[str, Unresolved] = {}
        errors: list[RequestError] = []
        determination: dict[str, Any] = {}
        for key, raw in given.items():
            name = self.header(str(key))
            if name is None or _blank(raw):
                continue
            try:
                if name.startswith("determination"):
                    part = name.partition(":")[2]
                    determination |= raw if isinstance(raw, Mapping) else {part: str(raw).strip().lower()}
                elif name.partition(":")[0] == COUNTRIES:
                    found = self._countries(raw, codes=name == "countries:codes")
                    if isinstance(found, Unresolved):
                        unresolved[COUNTRIES] = found
                    else:
                        values[COUNTRIES] = values.get(COUNTRIES, frozenset()) | found
                else:
                    values[name] = self._value(REQUEST_FACTS[name], raw)
            except RequestError as error:
                errors.append(error)
        # One country that is not understood leaves the whole fact unknown: a part of it could mislead.
        if unresolved:
            values.pop(COUNTRIES, None)
        errors += self._missing(values, unresolved, {error.field for error in errors})
        if determination:
            values["determination"] = determination
        if errors:
            return None, errors
        values.setdefault("id", content_id({**values, "unresolved": {k: v.given for k, v in unresolved.items()}}))
        try:
            return Request(**values, unresolved=unresolved), []
        except ValidationError as error:
            return None, [self._limit(one) for one in error.errors()]

    def _missing(
        self, values: Mapping[str, Any], unresolved: Mapping[str, Unresolved], failed: set[str]
    ) -> list[RequestError]:
        errors = [self._error(name, "", "required") for name in REQUIRED if name not in values and name not in failed]
        if not any(name in values or name in unresolved or name in failed for name in ONE_OF):
            errors.append(self._error(COUNTRIES, "", "one-of"))
        start, end = values.get("start"), values.get("end")
        if start and end and end < start:
            errors.append(self._error("end", end, "end-before-start", start=start))
        people, visas = values.get("participants"), values.get("visa_required_participants")
        if people is not None and visas is not None and visas > people:
            errors.append(self._error("visa_required_participants", visas, "more-than-participants", people=people))
        return errors

    def _limit(self, error: Any) -> RequestError:
        """A limit of the request model, in the words of the other messages."""
        location = [str(part) for part in error["loc"]]
        return RequestError(".".join(location), str(error.get("input", "")), error["msg"].lower())

    def _error(self, field: str, value: object, key: str, **values: object) -> RequestError:
        return RequestError(field, _short(value), say(f"expected.{key}", self.language, **values))

    # -- values -------------------------------------------------------------------------------------------------

    def _value(self, fact: Fact, raw: Any) -> Any:
        if fact.kind is Kind.SET:
            items = raw if isinstance(raw, list | tuple) else re.split(r"[;,\n|]", str(raw))
            if len(items) > MAX_VALUES:
                raise self._error(fact.name, f"{len(items)} values", "too-many", limit=MAX_VALUES)
            return frozenset(self._term(fact, item) for item in items if not _blank(item))
        if isinstance(raw, list | tuple | Mapping):
            raise self._error(fact.name, raw, "one-value")
        match fact.kind:
            case Kind.ENUM:
                return self._term(fact, raw)
            case Kind.BOOLEAN:
                return self._boolean(fact, raw)
            case Kind.INTEGER | Kind.DECIMAL:
                return self._number(fact, raw)
            case Kind.DATE:
                return self._date(fact, raw)
        text = str(raw).strip()
        if fact.values is not None:
            return self._terms(fact.values).get(normal(text), text)
        return text

    @cached_property
    def _vocabulary_names(self) -> dict[str, dict[str, str]]:
        return {}

    def _terms(self, vocabulary: str) -> Mapping[str, str]:
        """Every id, label and alias of a vocabulary, normalised, with the id it means."""
        found = self._vocabulary_names.get(vocabulary)
        if found is None:
            found = {}
            for term in self.policy.vocabularies[vocabulary].terms.values():
                for words in (term.id, term.label.en, term.label.fr, *term.aliases):
                    found.setdefault(normal(words), term.id)
            self._vocabulary_names[vocabulary] = found
        return found

    def _term(self, fact: Fact, raw: Any) -> str:
        terms = self._terms(fact.values or "")
        text = str(raw).strip()
        found = terms.get(normal(text)) if isinstance(raw, str) else None
        if found is None:
            near = nearest(normal(text), terms)
            if near is not None:
                raise self._error(fact.name, text, "one-of-near", near=terms[near])
            ids = list(self.policy.vocabularies[fact.values or ""].terms)
            raise self._error(fact.name, text, "one-of-terms" if len(ids) <= 12 else "a-term", ids=", ".join(ids))
        return found

    def _boolean(self, fact: Fact, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        plain = normal(str(raw))
        if plain in YES or plain in NO:
            return plain in YES
        raise self._error(fact.name, raw, "yes-or-no")

    def _number(self, fact: Fact, raw: Any) -> int | Decimal:
        text = str(raw).strip()
        if not isinstance(raw, bool) and re.fullmatch(r"\+?\d{1,15}(\.\d{1,6})?", text):
            try:
                number = Decimal(text)
            except InvalidOperation:  # pragma: no cover - the pattern admits only numbers
                number = Decimal(-1)
            if fact.kind is Kind.DECIMAL:
                return number
            if number == number.to_integral_value():
                return int(number)
        raise self._error(fact.name, raw, "whole-number" if fact.kind is Kind.INTEGER else "amount")

    def _date(self, fact: Fact, raw: Any) -> date:
        if isinstance(raw, date):
            return raw
        text = str(raw).strip()
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        ambiguous = re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", text)
        raise self._error(fact.name, raw, "date-ambiguous" if ambiguous else "date")

    def _countries(self, raw: Any, codes: bool) -> frozenset[str] | Unresolved:
        # A list is data, not prose: its items may be two-letter codes.
        items: Iterable[Any] = raw if isinstance(raw, list | tuple) else [raw]
        found: set[str] = set()
        for item in items:
            text = str(item).strip()
            code = countries.from_code(text) if isinstance(raw, list | tuple) and text.isupper() else None
            if code is not None:
                found.add(code)
                continue
            resolution = countries.resolve(text, codes=codes)
            if resolution.status != "resolved":
                return Unresolved(given=_short(resolution.part or text), candidates=resolution.candidates)
            found.update(resolution.countries)
        return frozenset(found)


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else text[:79] + "…"
