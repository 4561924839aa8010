"""One cell, or one value of an object, -> the value of a fact, by its kind.

Nothing is guessed: a country that is ambiguous or not known is returned as unresolved, with
candidates for a person to choose from.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from triage.errors import RequestError
from triage.formats.spelling import nearest
from triage.formats.values import Mismatch, UnreadableCell, normal, read_date, read_number
from triage.intake.canonical import MAX_VALUES
from triage.messages import Language, say
from triage.model import countries
from triage.model.facts import COUNTRIES, Fact, Kind, Unresolved
from triage.model.policy import Policy

YES = frozenset(("yes", "y", "true", "1", "x", "oui", "o", "vrai"))
NO = frozenset(("no", "n", "false", "0", "non", "faux"))
NEVER_EMPTY = frozenset(("countries", "topics"))
"""No request is without these: an empty list of them is a fact not given."""
MOST_COMMAS = 3
MOST_NAMED = 12
MONEY = "CAD"
SEPARATORS = " ,;|/&\r\n\t"


class CellReader:
    """Reads cells with the labels and aliases of one policy; messages come in `language`.

    A cell that cannot be read raises `RequestError`.
    """

    def __init__(self, policy: Policy, language: Language) -> None:
        self.policy, self.language = policy, language
        self._terms: dict[str, dict[str, str]] = {}

    def field_error(self, field: str, value: object, key: str, **values: object) -> RequestError:
        """What is wrong with the value of a field: `key` is the message of what was expected."""
        return RequestError(field, shown(value), say(key, self.language, **values), key)

    def mismatch(self, field: str, value: object, wrong: Mismatch | UnreadableCell) -> RequestError:
        """What is wrong with a value, as the reader of dates, numbers or workbooks has it."""
        values = wrong.values if isinstance(wrong, Mismatch) else {}
        # Those readers name a message under `expected`.
        return self.field_error(field, value, f"expected.{wrong.key}", **values)

    def terms(self, vocabulary: str) -> Mapping[str, str]:
        """Every id, label and alias of a vocabulary, normalised, with the id it means."""
        terms = self._terms.get(vocabulary)
        if terms is None:
            terms = {}
            for term in self.policy.vocabularies[vocabulary].terms.values():
                for words in (term.id, term.label.en, term.label.fr, *term.aliases):
                    terms.setdefault(normal(words), term.id)
            self._terms[vocabulary] = terms
        return terms

    def value(self, fact: Fact, raw: Any) -> Any:
        """The value of any fact but the countries; None when nothing was given."""
        if fact.kind is Kind.SET:
            return self._set(fact, raw)
        if isinstance(raw, list | tuple | Mapping):
            raise self.field_error(fact.name, raw, "expected.one-value")
        match fact.kind:
            case Kind.ENUM:
                return self._term(fact, raw)
            case Kind.BOOLEAN:
                return self._boolean(fact, raw)
            case Kind.INTEGER | Kind.DECIMAL:
                return self._number(fact, raw)
            case Kind.DATE:
                return self.date(fact.name, raw)
        text = str(raw).strip()
        return text if fact.values is None else self.terms(fact.values).get(normal(text), text)

    def _set(self, fact: Fact, raw: Any) -> frozenset[str] | None:
        items = [item for item in self._items(fact, raw) if not is_empty(item)]
        if not items and (isinstance(raw, str) or raw or fact.name in NEVER_EMPTY):
            return None
        return frozenset(self._term(fact, item) for item in items)

    def _items(self, fact: Fact, raw: Any) -> Iterator[Any]:
        """The values in a list or cell. A comma separates them, unless a label has it."""
        cell = raw if isinstance(raw, str) else ""
        listed: Sequence[Any] = raw if isinstance(raw, list | tuple) else [raw]
        parts = re.split(r"[;\n|]", cell) if cell else listed
        if len(parts) + cell.count(",") > MAX_VALUES:
            raise self.field_error(fact.name, raw, "expected.too-many", limit=MAX_VALUES)
        if not cell:
            yield from parts
            return
        terms = self.terms(fact.values or "")
        for part in parts:
            words = part.split(",")
            while words:
                sizes = range(min(len(words), MOST_COMMAS + 1), 1, -1)
                size = next((size for size in sizes if normal(",".join(words[:size])) in terms), 1)
                yield ",".join(words[:size])
                words = words[size:]

    def _term(self, fact: Fact, raw: Any) -> str:
        vocabulary = fact.values or ""
        terms = self.terms(vocabulary)
        id = terms.get(normal(raw)) if isinstance(raw, str) else None
        if id is not None:
            return id
        text = shown(raw)
        near = nearest(normal(text), terms)
        if near is not None:
            raise self.field_error(fact.name, text, "expected.one-of-near", near=terms[near])
        ids = list(self.policy.vocabularies[vocabulary].terms)
        if len(ids) <= MOST_NAMED:
            raise self.field_error(fact.name, text, "expected.one-of-terms", ids=", ".join(ids))
        raise self.field_error(fact.name, text, "expected.a-term")

    def _boolean(self, fact: Fact, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        plain = normal(str(raw))
        if plain in YES or plain in NO:
            return plain in YES
        raise self.field_error(fact.name, raw, "expected.yes-or-no")

    def _number(self, fact: Fact, raw: Any) -> int | Decimal:
        whole = fact.kind is Kind.INTEGER
        if isinstance(raw, bool):
            key = "expected.whole-number" if whole else "expected.amount"
            raise self.field_error(fact.name, raw, key)
        number = read_number(_digits(raw), whole, money=fact.unit == MONEY)
        if isinstance(number, Mismatch):
            raise self.mismatch(fact.name, raw, number)
        return int(number) if whole else number

    def date(self, field: str, raw: Any) -> date:
        """A day; of a day with a time, the day."""
        if isinstance(raw, datetime):
            return raw.date()
        day = raw if isinstance(raw, date) else read_date(str(raw))
        if isinstance(day, Mismatch):
            raise self.mismatch(field, raw, day)
        return day

    def countries(self, raw: Any, codes: bool) -> frozenset[str] | Unresolved:
        """The countries in a list or cell; `codes` tells that two letters are a code."""
        # A list is data, not prose: its items may be two-letter codes.
        is_list = isinstance(raw, list | tuple)
        items: Sequence[Any] = raw if is_list else [raw]
        if len(items) > MAX_VALUES:
            raise self.field_error(COUNTRIES, raw, "expected.too-many", limit=MAX_VALUES)
        found: set[str] = set()
        for item in items:
            if isinstance(item, list | tuple | Mapping):
                raise self.field_error(COUNTRIES, item, "expected.one-value")
            text = str(item).strip()
            if item is None or not text.strip(SEPARATORS):
                continue
            code = countries.from_code(text) if is_list and text.isupper() else None
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


def is_empty(value: Any) -> bool:
    """Whether a cell or value holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def shown(value: object) -> str:
    """A value in a message: on one line, without control characters, at most 80 letters long."""
    try:
        text = str(value)
    except RecursionError:
        text = type(value).__name__
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:1000])
    text = " ".join(printable.split())
    return text if len(text) <= 80 else text[:79] + "…"
