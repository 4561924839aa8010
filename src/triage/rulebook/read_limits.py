"""`limits` and `suspensions` as written -> `Limit` and `Suspension`; what is wrong becomes a
diagnostic.
"""

import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping
from triage.model.periods import CALENDAR, PER, ROLLING, calendar_span
from triage.model.policy import Basis, Cap, Limit, Suspension, Where
from triage.model.program import LIMIT_BY, LIMIT_MEASURES
from triage.rulebook.read_conditions import ConditionParser, KnownNames
from triage.rulebook.read_rules import check_basis
from triage.rulebook.reader import KEBAB, UNREAD, Reader, Subject, shown

LIMIT_KEYS = ("id", "title", "per", "measure", "basis", "at_most")
LIMIT_MORE = ("applies_to", "by", "rationale", "cite", "to_be_set")
CAP_KEYS = ("value", "for_unknown", "rationale", "cite")
SUSPENSION_KEYS = ("id", "title", "reason", "in_force", "basis", "rationale")
SUSPENSION_MORE = ("below", "reserves")
WHOLE = ("count", "participants")
"""The measures that are whole numbers."""
MEANT = {
    **dict.fromkeys(("year", "yearly", "annual"), "fiscal_year"),
    **dict.fromkeys(("quarter", "quarterly"), "fiscal_quarter"),
    **dict.fromkeys(("monthly", "months"), "month"),
    **dict.fromkeys(("strategy", "strategies"), "region"),
    **dict.fromkeys(("branch", "lead_branch"), "lead"),
    **{"countries": "country", "requests": "count", "days": "officer_days", "cost": "cost_cad"},
}
"""What people write in place of a word of a limit."""
MOST_DAYS = 731
MOST = Decimal(10**12)

Contents = Iterable[tuple[Reader, Mapping]]


def read_limits(contents: Contents, words: KnownNames) -> tuple[Limit, ...]:
    """The limits of all files, by id."""
    found: dict[str, Limit] = {}
    for reader, content in contents:
        parser = _Parser(reader, words)
        for raw in reader.mappings(content, "limits", None):
            one = parser.limit(raw)
            if one is not None and _first(reader, "limit", one.id, one.where, found):
                found[one.id] = one
    return tuple(found[id] for id in sorted(found))


def read_suspensions(
    contents: Contents, words: KnownNames, limits: Iterable[Limit]
) -> tuple[Suspension, ...]:
    """The suspensions of all files, by id; what they reserve must be of limits that exist."""
    known, found = {limit.id: limit for limit in limits}, dict[str, Suspension]()
    for reader, content in contents:
        parser = _Parser(reader, words)
        for raw in reader.mappings(content, "suspensions", None):
            one = parser.suspension(raw, known)
            if one is not None and _first(reader, "suspension", one.id, one.where, found):
                found[one.id] = one
    return tuple(found[id] for id in sorted(found))


def _first(reader: Reader, kind: str, id: str, where: Where, found: dict[str, Any]) -> bool:
    if (first := found.get(id)) is None:
        return True
    file, line = first.where.file, first.where.line
    reader.diagnostics.error("duplicate-id", where, (kind, id), file=file, line=line)
    return False


class _Parser:
    """Reads the limits and suspensions of one file."""

    def __init__(self, read: Reader, words: KnownNames) -> None:
        self.read, self.words = read, words
        self.conditions = ConditionParser(read, words)

    def limit(self, raw: Mapping) -> Limit | None:
        """One limit; None when it cannot be used."""
        read, subject = self.read, ("limit", shown(raw.get("id")) or "?")
        complete = read.keys(raw, (*LIMIT_KEYS, *LIMIT_MORE), LIMIT_KEYS, subject)
        id = read.identifier(raw, "id", KEBAB, subject)
        title = read.text(raw, "title", subject)
        per, days = self._per(raw, subject)
        by = self._choice(raw, "by", LIMIT_BY, subject, "none")
        measure = self._choice(raw, "measure", LIMIT_MEASURES, subject, None)
        applies_to = self.conditions.clauses(raw, "applies_to", subject)
        if raw.get("applies_to") == []:
            self.error("limit-no-conditions", read.where(raw, "applies_to"), subject)
        to_be_set = read.flag(raw, "to_be_set", subject)
        caps = self._caps(raw, measure, per, subject)
        basis = Basis.STRATEGY if raw.get("basis") == "strategy" else Basis.SETTING
        if not complete or id is None or per is None or by is None or measure is None:
            return None
        where = read.where(raw)
        return Limit(
            id, title or UNREAD, applies_to, per, days, by, measure, caps, basis, to_be_set, where
        )

    def _choice(
        self,
        raw: Mapping,
        key: str,
        allowed: tuple[str, ...],
        subject: Subject,
        otherwise: str | None,
    ) -> str | None:
        value = self.read.word(raw, key, subject)
        if value is None:
            return otherwise
        if value in allowed:
            return value
        where, words, suggestion = (
            self.read.where(raw, key),
            ", ".join(allowed),
            near(value, allowed),
        )
        self.error(
            "limit-choice",
            where,
            subject,
            choice=key,
            value=value,
            allowed=words,
            suggestion=suggestion,
        )
        return None

    def _per(self, raw: Mapping, subject: Subject) -> tuple[str | None, int]:
        value, where = raw.get("per"), self.read.where(raw, "per")
        if isinstance(value, Mapping):
            self.read.keys(value, (ROLLING,), (ROLLING,), subject)
            days = value.get(ROLLING)
            if isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS:
                return ROLLING, days
            if days is not None:
                self.error("limit-days", where, subject, value=shown(days), most=MOST_DAYS)
            return None, 0
        if value is not None and value not in CALENDAR:
            suggestion, words = near(shown(value), PER), ", ".join(CALENDAR)
            self.error(
                "limit-period",
                where,
                subject,
                value=shown(value),
                allowed=words,
                suggestion=suggestion,
            )
            return None, 0
        return value, 0

    def _caps(
        self, raw: Mapping, measure: str | None, per: str | None, subject: Subject
    ) -> tuple[Cap, ...]:
        read, found = self.read, dict[Any, Cap]()
        given = read.mapping(raw, "at_most", subject)
        if raw.get("at_most") == {}:
            self.error("no-values", read.where(raw, "at_most"), subject)
        for key, entry in given.items():
            where = read.where(given, key)
            since = read.day(key, where, subject)
            if not isinstance(entry, Mapping):
                self.error("not-a-mapping", where, subject, key=key)
                continue
            # A request counts as one whatever is known of it, so a count sets nothing else aside.
            allowed = tuple(one for one in CAP_KEYS if one != "for_unknown" or measure != "count")
            read.keys(entry, allowed, ("value",), subject, may_be_empty=("value",))
            _, cite, rationale = check_basis(
                read, ((entry, subject), (raw, subject)), self.words.statements
            )
            value = self._number(entry, "value", measure, subject)
            unknown = self._for_unknown(entry, value, measure, where, subject)
            if since is None:
                continue
            if per in CALENDAR and since != calendar_span(per, since).start:
                first = calendar_span(per, since).start
                read.diagnostics.warning(
                    "limit-mid-period", where, subject, since=since, first=first
                )
            found[since] = Cap(since, value, unknown, cite, rationale)
        caps = tuple(found[since] for since in sorted(found))
        if caps and all(
            entry.get("value") is None for entry in given.values() if isinstance(entry, Mapping)
        ):
            self.error("no-values", read.where(raw, "at_most"), subject)
        for before, after in itertools.pairwise(caps):
            if (before.value, before.for_unknown) == (
                after.value,
                after.for_unknown,
            ) and after.value is not None:
                place = read.where(given, after.since.isoformat())
                read.diagnostics.warning("same-value-twice", place, subject, since=before.since)
        return caps

    def _for_unknown(
        self,
        entry: Mapping,
        value: Decimal | None,
        measure: str | None,
        where: Where,
        subject: Subject,
    ) -> Decimal:
        if measure == "count" or entry.get("value") is None:
            return Decimal(1)
        if measure is not None and entry.get("for_unknown") is None:
            if "for_unknown" not in entry:
                self.error("limit-for-unknown-missing", where, subject, measure=measure)
            return Decimal(1)
        found = self._number(entry, "for_unknown", measure, subject)
        if found is not None and value is not None and (found == 0 or (found > value > 0)):
            place = self.read.where(entry, "for_unknown")
            self.error("limit-for-unknown", place, subject, value=found, most=value)
        return found or Decimal(1)

    def _number(
        self, entry: Mapping, key: str, measure: str | None, subject: Subject
    ) -> Decimal | None:
        value = entry.get(key)
        if value is None:
            return None
        good = (
            isinstance(value, int | Decimal) and not isinstance(value, bool) and 0 <= value <= MOST
        )
        if good and measure in WHOLE and value != int(value):
            good = False
        if not good:
            code = "limit-whole-number" if measure in WHOLE else "limit-number"
            self.error(code, self.read.where(entry, key), subject, number=key, value=shown(value))
            return None
        return Decimal(value)

    def suspension(self, raw: Mapping, limits: dict[str, Limit]) -> Suspension | None:
        """One suspension; None when it cannot be used."""
        read, subject = self.read, ("suspension", shown(raw.get("id")) or "?")
        complete = read.keys(raw, (*SUSPENSION_KEYS, *SUSPENSION_MORE), SUSPENSION_KEYS, subject)
        id = read.identifier(raw, "id", KEBAB, subject)
        title, reason = read.text(raw, "title", subject), read.text(raw, "reason", subject)
        _, _, rationale = check_basis(read, ((raw, subject),), self.words.statements)
        period = read.period(raw, "in_force", subject)
        if isinstance(raw.get("in_force"), Mapping) and raw["in_force"].get("from") is None:
            self.error("suspension-undated", read.where(raw, "in_force"), subject)
        below = raw.get("below", 0)
        if below is not None and (
            not isinstance(below, int) or isinstance(below, bool) or not 0 <= below <= 100
        ):
            self.error("bad-below", read.where(raw, "below"), subject, value=shown(below))
            below = 0
        reserves = []
        amounts = read.mapping(raw, "reserves", subject)
        for name in amounts:
            limit = limits.get(name)
            if limit is None:
                place = read.where(amounts, name)
                self.error(
                    "unknown-limit", place, subject, value=name, suggestion=near(name, limits)
                )
                continue
            amount = self._number(amounts, name, limit.measure, subject)
            most = max((cap.value for cap in limit.at_most if cap.value is not None), default=None)
            if amount is not None and most is not None and amount > most:
                place = read.where(amounts, name)
                read.diagnostics.warning(
                    "reserve-too-large", place, subject, value=amount, limit=name, most=most
                )
            if amount is not None:
                reserves.append((name, amount))
        if not raw.get("below") and not amounts and "below" not in raw:
            self.error("suspension-empty", read.where(raw), subject)
        if not complete or id is None or reason is None:
            return None
        where = read.where(raw)
        found = rationale or UNREAD
        return Suspension(
            id, title or UNREAD, reason, period, below or 0, tuple(sorted(reserves)), found, where
        )

    def error(self, code: str, where: Where, subject: Subject, **values: object) -> None:
        self.read.diagnostics.error(code, where, subject, **values)


def near(word: str, words: Iterable[str]) -> str | None:
    """The word of a closed list that was most likely meant; some are often written another way."""
    known = list(words)
    other = MEANT.get(word.casefold().replace(" ", "_"))
    return other if other in known else nearest(word, known)
