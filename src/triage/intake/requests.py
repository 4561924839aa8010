"""Raw values -> requests: headers and values in English or French become the one request model, or
an explanation.

Nothing is guessed: a country that is ambiguous or not known leaves the fact unknown, with
candidates for the reader.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from triage.deciding.wording import number
from triage.errors import RequestError
from triage.formats.spelling import nearest
from triage.formats.values import Mismatch, UnreadableCell, normal, read_date, read_number
from triage.intake.canonical import MAX_VALUES, Read, canonical
from triage.intake.determinations import (
    DETERMINATION,
    LANGUAGE,
    LANGUAGE_HEADERS,
    OUTCOMES,
    SPOKEN,
    outcome,
)
from triage.intake.suggestions import Suggester
from triage.messages import LANGUAGES, Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES, REQUEST_FACTS, Fact, Kind, Request, Unresolved, content_id
from triage.model.policy import Policy

YES = frozenset(("yes", "y", "true", "1", "x", "oui", "o", "vrai"))
NO = frozenset(("no", "n", "false", "0", "non", "faux"))
CODE_WORDS = frozenset(("code", "codes", "iso", "iso2", "iso3", "alpha"))
SMALL_WORDS = frozenset(("de", "des", "du", "of", "the"))
REQUIRED = ("received", "engagement_type")
ONE_OF = ("countries", "forum", "requester_organization")
# No request is without these: an empty list of them is a fact not given. Other lists may be known
# to be empty.
NEVER_EMPTY = frozenset(("countries", "topics"))
FREE_TEXT = frozenset(("title", "summary"))
PASSED_OVER = "passed over"
"""What the column means in which rejected rows carry the reason: nothing, when they are sent
again.
"""
MOST_COMMAS = 3
MONEY = "CAD"
SEPARATORS = " ,;|/&\r\n\t"

Given = Mapping[str, Any] | Sequence[tuple[str, Any]]
"""Headers and values; as pairs, a header may come twice."""


class RequestReader:
    """Reads requests with the headers, labels and aliases of one policy; messages come in
    `language`.
    """

    def __init__(
        self, policy: Policy, language: Language = "en", suggester: Suggester | None = None
    ) -> None:
        """With a `suggester`, facts that are not given are taken from the text of the request,
        and marked.
        """
        self.policy = policy
        self.language = language
        self.suggester = suggester

    # -- headers
    # ------------------------------------------------------------------------------------------------

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Every header that is understood, normalised, with the fact that it means."""
        found: dict[str, str] = {normal(name): name for name in REQUEST_FACTS}
        found |= {normal(say("rejects.reason", language)): PASSED_OVER for language in LANGUAGES}
        found |= dict.fromkeys(LANGUAGE_HEADERS, LANGUAGE)
        for name in REQUEST_FACTS:
            text = self.policy.fact_texts.get(name)
            for words in (text.label.en, text.label.fr, *text.aliases) if text else ():
                found.setdefault(normal(words), name)
        return found

    def header(self, text: str) -> str | None:
        """The fact that a header means; None when it means none. `countries:codes` is a column
        of country codes.
        """
        try:
            return self._meanings[text]
        except KeyError:
            # Kept for the rows to come; several threads may do so at once.
            if len(self._meanings) >= MAX_VALUES:
                self._meanings.clear()
            found = self._meanings[text] = self._meaning(normal(text))
            return found

    @cached_property
    def _meanings(self) -> dict[str, str | None]:
        return {}

    def _meaning(self, plain: str) -> str | None:
        if plain in DETERMINATION:
            return f"determination:{DETERMINATION[plain]}"
        words = plain.split()
        if found := CODE_WORDS.intersection(words):
            rest = " ".join(
                word
                for word in words
                if word not in CODE_WORDS | SMALL_WORDS and not word.isdigit()
            )
            # "ISO 3" alone is a column of countries; "Code" alone may be anything.
            if self.headers.get(rest) == COUNTRIES or (not rest and found - {"code", "codes"}):
                return "countries:codes"
        return self.headers.get(plain)

    @cached_property
    def canonical(self) -> Mapping[str, Read]:
        """How facts under their own names are read when their values are in canonical form."""
        return canonical(self._terms)

    # -- one request
    # --------------------------------------------------------------------------------------------

    def request(self, given: Given) -> Request:
        """The request in headers and values; `RequestError` says what cannot be read, and what
        was expected.
        """
        request, errors = self.read(given)
        if request is None:
            raise errors[0]
        return request

    def read(self, given: Given) -> tuple[Request | None, list[RequestError]]:
        """The request, or everything that keeps it from being read. What no fact means is kept
        as it is.
        """
        values: dict[str, Any] = {}
        unresolved: dict[str, Unresolved] = {}
        errors: list[RequestError] = []
        determination: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        language: Language | None = None
        quick = self.canonical
        for key, raw in given.items() if isinstance(given, Mapping) else given:
            if key in quick and key not in values and (value := quick[key](raw)) is not None:
                values[key] = value
                continue
            name, _, part = (self.header(str(key)) or "").partition(":")
            if name == PASSED_OVER or _blank(raw):
                continue
            if name == LANGUAGE and (spoken := SPOKEN.get(normal(str(raw)))) is not None:
                language = spoken
                continue
            if name in ("", LANGUAGE):
                extra[_free(str(key), extra)] = raw
                continue
            try:
                self._read_one(name, part, raw, values, unresolved, determination)
            except RequestError as error:
                errors.append(error)
        # One country that is not understood leaves the whole fact unknown: a part of it could
        # mislead.
        if unresolved:
            values.pop(COUNTRIES, None)
        # An id that is made from the content is the same whether suggestions are accepted or not.
        content = (
            {**values, "unresolved": {k: v.given for k, v in unresolved.items()}}
            if "id" not in values
            else {}
        )
        made_id = content_id(content) if content else ""
        suggested = self._suggested(values, unresolved, errors)
        errors += self._missing(values, unresolved, {error.field for error in errors})
        if determination:
            values["determination"] = determination
        if errors:
            return None, errors
        values.setdefault("id", made_id)
        try:
            return Request(
                **values, language=language, unresolved=unresolved, suggested=suggested, extra=extra
            ), []
        except ValidationError as error:
            return None, [self._limit(one) for one in error.errors()]

    def _read_one(
        self,
        name: str,
        part: str,
        raw: Any,
        values: dict[str, Any],
        unresolved: dict[str, Unresolved],
        determination: dict[str, Any],
    ) -> None:
        """Add what stands under one header to what stands under the others."""
        if isinstance(raw, UnreadableCell):
            raise self._error(name, raw, raw.key)
        if name == "determination":
            determination |= self._determination(part, raw)
        elif name == COUNTRIES:
            found = self._countries(raw, codes=part == "codes")
            if isinstance(found, Unresolved):
                unresolved[COUNTRIES] = found
            elif found:
                values[COUNTRIES] = values.get(COUNTRIES, frozenset()) | found
        elif (value := self._value(REQUEST_FACTS[name], raw)) is not None:
            values[name] = self._both(name, values.get(name), value)

    def _suggested(
        self,
        values: dict[str, Any],
        unresolved: Mapping[str, Unresolved],
        errors: Sequence[RequestError],
    ) -> tuple[str, ...]:
        """Fill the facts that were not given from the text of the request; returns the names of
        those filled.
        """
        if self.suggester is None:
            return ()
        given = values.keys() | unresolved.keys() | {error.field for error in errors}
        found = self.suggester.facts(f"{values.get('title') or ''}\n{values.get('summary') or ''}")
        taken = {name: value for name, value in found.items() if name not in given}
        values |= taken
        return tuple(taken)

    def prose(self, given: Given) -> tuple[str | None, str]:
        """The id that stands in a row, and its title and summary; nothing else of it is read."""
        found: dict[str, list[str]] = {}
        for key, raw in given.items() if isinstance(given, Mapping) else given:
            if not _blank(raw) and (name := self.header(str(key))) in ("id", *FREE_TEXT):
                found.setdefault(name, []).append(str(raw).strip())
        id, *_ = found.get("id", [None])
        return id, "\n".join([*found.get("title", ()), *found.get("summary", ())])

    def _both(self, name: str, first: Any, second: Any) -> Any:
        """The value of a fact that two headers mean: sets and free text add up, all else must be
        the same.
        """
        if first is None or first == second:
            return second
        if isinstance(first, frozenset):
            return first | second
        if name in FREE_TEXT:
            return f"{first}\n{second}"
        raise self._error(name, second, "same-value", first=shown(first))

    def _determination(self, part: str, raw: Any) -> dict[str, Any]:
        """What people decided on a historical request: one part of it from a column, or all of
        it as a mapping.
        """
        given = raw if isinstance(raw, Mapping) else {part: raw}
        found: dict[str, Any] = {
            str(key): value for key, value in given.items() if not _blank(value)
        }
        if "outcome" in found:
            meant = outcome(shown(found["outcome"]))
            if meant is None:
                raise self._error(
                    "determination.outcome",
                    found["outcome"],
                    "one-of-terms",
                    ids=", ".join(OUTCOMES),
                )
            found["outcome"] = meant
        if "date" in found:
            found["date"] = self._date(Fact("determination.date", Kind.DATE), found["date"])
        if "reason" in found:
            found["reason"] = str(found["reason"]).strip()
        return found

    def _missing(
        self, values: Mapping[str, Any], unresolved: Mapping[str, Unresolved], failed: set[str]
    ) -> list[RequestError]:
        errors = [
            self._error(name, "", "required")
            for name in REQUIRED
            if name not in values and name not in failed
        ]
        if not any(name in values or name in unresolved or name in failed for name in ONE_OF):
            errors.append(self._error(COUNTRIES, "", "one-of"))
        start, end = values.get("start"), values.get("end")
        if start and end and end < start:
            errors.append(self._error("end", end, "end-before-start", start=start))
        people, visas = values.get("participants"), values.get("visa_required_participants")
        if people is not None and visas is not None and visas > people:
            errors.append(
                self._error(
                    "visa_required_participants", visas, "more-than-participants", people=people
                )
            )
        return errors

    def _limit(self, error: Any) -> RequestError:
        """A limit of the request model, in the words of the other messages."""
        field, given = ".".join(str(part) for part in error["loc"]), error.get("input", "")
        match error["type"]:
            case "less_than_equal":
                return self._error(
                    field, given, "at-most", limit=number(error["ctx"]["le"], self.language)
                )
            case "string_too_long":
                return self._error(
                    field, given, "shorter", limit=number(error["ctx"]["max_length"], self.language)
                )
            case "missing":
                return self._error(field, "", "required")
        return RequestError(field, shown(given), error["msg"].lower())

    def _error(self, field: str, value: object, key: str, **values: object) -> RequestError:
        return RequestError(field, shown(value), say(f"expected.{key}", self.language, **values))

    # -- values
    # -------------------------------------------------------------------------------------------------

    def _value(self, fact: Fact, raw: Any) -> Any:
        """The value, or None when nothing was given."""
        if fact.kind is Kind.SET:
            items = [item for item in self._items(fact, raw) if not _blank(item)]
            if not items and (isinstance(raw, str) or raw or fact.name in NEVER_EMPTY):
                return None
            return frozenset(self._term(fact, item) for item in items)
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

    def _items(self, fact: Fact, raw: Any) -> Iterator[Any]:
        """The values in a list or cell. A comma separates as well, unless it is part of a label
        or alias.
        """
        cell = raw if isinstance(raw, str) else ""
        parts: Sequence[Any] = (
            re.split(r"[;\n|]", cell) if cell else raw if isinstance(raw, list | tuple) else [raw]
        )
        if len(parts) + cell.count(",") > MAX_VALUES:
            raise self._error(fact.name, raw, "too-many", limit=MAX_VALUES)
        if not cell:
            yield from parts
            return
        terms = self._terms(fact.values or "")
        for part in parts:
            words = part.split(",")
            while words:
                sizes = range(min(len(words), MOST_COMMAS + 1), 1, -1)
                size = next((size for size in sizes if normal(",".join(words[:size])) in terms), 1)
                yield ",".join(words[:size])
                words = words[size:]

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
        found = terms.get(normal(raw)) if isinstance(raw, str) else None
        if found is None:
            text = shown(raw)
            near = nearest(normal(text), terms)
            if near is not None:
                raise self._error(fact.name, text, "one-of-near", near=terms[near])
            ids = list(self.policy.vocabularies[fact.values or ""].terms)
            raise self._error(
                fact.name, text, "one-of-terms" if len(ids) <= 12 else "a-term", ids=", ".join(ids)
            )
        return found

    def _boolean(self, fact: Fact, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        plain = normal(str(raw))
        if plain in YES or plain in NO:
            return plain in YES
        raise self._error(fact.name, raw, "yes-or-no")

    def _number(self, fact: Fact, raw: Any) -> int | Decimal:
        whole = fact.kind is Kind.INTEGER
        found: Decimal | Mismatch = Mismatch("whole-number" if whole else "amount")
        if not isinstance(raw, bool):
            found = read_number(_digits(raw), whole, money=fact.unit == MONEY)
        if isinstance(found, Mismatch):
            raise self._error(fact.name, raw, found.key, **found.values)
        return int(found) if whole else found

    def _date(self, fact: Fact, raw: Any) -> date:
        if isinstance(raw, datetime):
            return raw.date()
        found = raw if isinstance(raw, date) else read_date(str(raw))
        if isinstance(found, Mismatch):
            raise self._error(fact.name, raw, found.key, **found.values)
        return found

    def _countries(self, raw: Any, codes: bool) -> frozenset[str] | Unresolved:
        # A list is data, not prose: its items may be two-letter codes.
        listed = isinstance(raw, list | tuple)
        items: Sequence[Any] = raw if listed else [raw]
        if len(items) > MAX_VALUES:
            raise self._error(COUNTRIES, raw, "too-many", limit=MAX_VALUES)
        found: set[str] = set()
        for item in items:
            if isinstance(item, list | tuple | Mapping):
                raise self._error(COUNTRIES, item, "one-value")
            text = str(item).strip()
            if item is None or not text.strip(SEPARATORS):
                continue
            code = countries.from_code(text) if listed and text.isupper() else None
            if code is not None:
                found.add(code)
                continue
            resolution = countries.resolve(text, codes=codes)
            if resolution.status != "resolved":
                return Unresolved(
                    given=shown(resolution.part or text), candidates=resolution.candidates
                )
            found.update(resolution.countries)
        return frozenset(found)


def _digits(raw: Any) -> str:
    """A number of a file as digits: spreadsheets keep 0.3 as 0.30000000000000004."""
    if isinstance(raw, Decimal) and raw.is_finite() and abs(raw) < 10**15:
        return f"{raw.normalize():f}"
    if isinstance(raw, float) and abs(raw) < 10**15:
        return f"{raw:.6f}".rstrip("0").rstrip(".")
    return str(raw)


def _free(key: str, taken: Mapping[str, Any]) -> str:
    """A key that is not taken: two columns may have the same header."""
    number, free = 1, key
    while free in taken:
        number, free = number + 1, f"{key} ({number + 1})"
    return free


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def shown(value: object) -> str:
    """A value in one line of a message: without line breaks and control characters, and not too
    long.
    """
    try:
        text = str(value)
    except RecursionError:
        text = type(value).__name__
    text = " ".join(
        "".join(letter if letter.isprintable() else " " for letter in text[:1000]).split()
    )
    return text if len(text) <= 80 else text[:79] + "…"
