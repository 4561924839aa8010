"""`limits` and `suspensions` as written -> `Limit` and `Suspension`."""

import itertools
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping
from triage.model.periods import CALENDAR, PER, ROLLING, calendar_span
from triage.model.policy import Basis, Cap, Limit, Suspension, Where
from triage.model.program import LIMIT_BY, LIMIT_MEASURES
from triage.rulebook.diagnostics import Subject
from triage.rulebook.names import KnownNames
from triage.rulebook.read_conditions import ConditionParser
from triage.rulebook.read_rules import check_basis
from triage.rulebook.reader import KEBAB, UNREAD, Contents, Reader, is_number, is_whole, shown

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


def read_limits(contents: Contents, names: KnownNames) -> tuple[Limit, ...]:
    """The limits of all files, by id."""
    limits: dict[str, Limit] = {}
    for reader, content in contents:
        parser = _Parser(reader, names)
        for raw in reader.mappings(content, "limits", None):
            limit = parser.limit(raw)
            if limit is not None:
                first = limits.setdefault(limit.id, limit)
                if first is not limit:
                    reader.duplicate(limit.where, ("limit", limit.id), first.where)
    return tuple(limits[id] for id in sorted(limits))


def read_suspensions(
    contents: Contents, names: KnownNames, limits: Iterable[Limit]
) -> tuple[Suspension, ...]:
    """The suspensions of all files, by id; what they reserve must be of limits that exist."""
    known, suspensions = {limit.id: limit for limit in limits}, dict[str, Suspension]()
    for reader, content in contents:
        parser = _Parser(reader, names)
        for raw in reader.mappings(content, "suspensions", None):
            suspension = parser.suspension(raw, known)
            if suspension is not None:
                first = suspensions.setdefault(suspension.id, suspension)
                if first is not suspension:
                    reader.duplicate(suspension.where, ("suspension", suspension.id), first.where)
    return tuple(suspensions[id] for id in sorted(suspensions))


class _Parser:
    """Reads the limits and suspensions of one file."""

    def __init__(self, reader: Reader, names: KnownNames) -> None:
        self.reader, self.names = reader, names
        self.conditions = ConditionParser(reader, names)

    def limit(self, raw: Mapping) -> Limit | None:
        """One limit; None when it cannot be used."""
        reader, subject = self.reader, ("limit", shown(raw.get("id")) or "?")
        complete = reader.keys(raw, (*LIMIT_KEYS, *LIMIT_MORE), LIMIT_KEYS, subject)
        id = reader.identifier(raw, "id", KEBAB, subject)
        title = reader.text(raw, "title", subject)
        per, days = self._per(raw, subject)
        by = self._choice(raw, "by", LIMIT_BY, subject, "none")
        measure = self._choice(raw, "measure", LIMIT_MEASURES, subject, None)
        applies_to = self.conditions.clauses(raw, "applies_to", subject)
        if raw.get("applies_to") == []:
            reader.error("limit-no-conditions", reader.where(raw, "applies_to"), subject)
        to_be_set = reader.flag(raw, "to_be_set", subject)
        caps = self._caps(raw, measure, per, subject)
        if not complete or id is None or per is None or by is None or measure is None:
            return None
        basis = Basis.STRATEGY if raw.get("basis") == "strategy" else Basis.SETTING
        title, where = title or UNREAD, reader.where(raw)
        return Limit(id, title, applies_to, per, days, by, measure, caps, basis, to_be_set, where)

    def _choice(
        self,
        raw: Mapping,
        key: str,
        allowed: tuple[str, ...],
        subject: Subject,
        otherwise: str | None,
    ) -> str | None:
        """One of the allowed words; `otherwise` when the key is absent, None when it is wrong."""
        word = self.reader.word(raw, key, subject)
        if word is None:
            return otherwise
        if word in allowed:
            return word
        where, near = self.reader.where(raw, key), _meant(word, allowed)
        values = {"value": word, "allowed": ", ".join(allowed), "suggestion": near}
        self.reader.error("limit-choice", where, subject, choice=key, **values)
        return None

    def _per(self, raw: Mapping, subject: Subject) -> tuple[str | None, int]:
        """The period of a limit and, of a rolling one, its days; None when it is wrong."""
        per, where = raw.get("per"), self.reader.where(raw, "per")
        if isinstance(per, Mapping):
            self.reader.keys(per, (ROLLING,), (ROLLING,), subject)
            days = per.get(ROLLING)
            if is_whole(days) and 1 <= days <= MOST_DAYS:
                return ROLLING, days
            if days is not None:
                self.reader.error("limit-days", where, subject, value=shown(days), most=MOST_DAYS)
            return None, 0
        if per is None or per in CALENDAR:
            return per, 0
        near, allowed = _meant(shown(per), PER), ", ".join(CALENDAR)
        values = {"value": shown(per), "allowed": allowed, "suggestion": near}
        self.reader.error("limit-period", where, subject, **values)
        return None, 0

    # -- caps

    def _caps(
        self, raw: Mapping, measure: str | None, per: str | None, subject: Subject
    ) -> tuple[Cap, ...]:
        """The dated values under `at_most`."""
        reader, dated = self.reader, dict[date, Cap]()
        entries = reader.mapping(raw, "at_most", subject)
        if raw.get("at_most") == {}:
            reader.error("no-values", reader.where(raw, "at_most"), subject)
        # A request counts as one whatever is known of it, so a count sets nothing else aside.
        keys = tuple(key for key in CAP_KEYS if key != "for_unknown" or measure != "count")
        for key, entry in entries.items():
            where = reader.where(entries, key)
            since = reader.day(key, where, subject)
            if not isinstance(entry, Mapping):
                reader.error("not-a-mapping", where, subject, key=key)
                continue
            reader.keys(entry, keys, ("value",), subject, may_be_empty=("value",))
            holders = ((entry, subject), (raw, subject))
            _, cite, rationale = check_basis(reader, holders, self.names.statements)
            value = self._amount(entry, "value", measure, subject)
            unknown = self._for_unknown(entry, value, measure, where, subject)
            if since is None:
                continue
            if per in CALENDAR and since != (first := calendar_span(per, since).start):
                reader.warning("limit-mid-period", where, subject, since=since, first=first)
            dated[since] = Cap(since, value, unknown, cite, rationale)
        caps = tuple(dated[since] for since in sorted(dated))
        given = [one.get("value") for one in entries.values() if isinstance(one, Mapping)]
        if caps and all(value is None for value in given):
            reader.error("no-values", reader.where(raw, "at_most"), subject)
        for before, after in itertools.pairwise(caps):
            same = (before.value, before.for_unknown) == (after.value, after.for_unknown)
            if same and after.value is not None:
                where = reader.where(entries, after.since.isoformat())
                reader.warning("same-value-twice", where, subject, since=before.since)
        return caps

    def _for_unknown(
        self,
        entry: Mapping,
        value: Decimal | None,
        measure: str | None,
        where: Where,
        subject: Subject,
    ) -> Decimal:
        """What is set aside for a request of which the measure is not known; 1 when it is wrong."""
        if measure == "count" or entry.get("value") is None:
            return Decimal(1)
        if measure is not None and entry.get("for_unknown") is None:
            if "for_unknown" not in entry:
                self.reader.error("limit-for-unknown-missing", where, subject, measure=measure)
            return Decimal(1)
        amount = self._amount(entry, "for_unknown", measure, subject)
        if amount is not None and value is not None and (amount == 0 or amount > value > 0):
            place = self.reader.where(entry, "for_unknown")
            self.reader.error("limit-for-unknown", place, subject, value=amount, most=value)
        return amount or Decimal(1)

    def _amount(
        self, entry: Mapping, key: str, measure: str | None, subject: Subject
    ) -> Decimal | None:
        """An amount of a measure; None when it is absent or wrong."""
        value, whole = entry.get(key), measure in WHOLE
        if value is None:
            return None
        if is_number(value) and 0 <= value <= MOST and not (whole and value != int(value)):
            return Decimal(value)
        code = "limit-whole-number" if whole else "limit-number"
        where = self.reader.where(entry, key)
        self.reader.error(code, where, subject, number=key, value=shown(value))
        return None

    # -- suspensions

    def suspension(self, raw: Mapping, limits: dict[str, Limit]) -> Suspension | None:
        """One suspension; None when it cannot be used."""
        reader, subject = self.reader, ("suspension", shown(raw.get("id")) or "?")
        complete = reader.keys(raw, (*SUSPENSION_KEYS, *SUSPENSION_MORE), SUSPENSION_KEYS, subject)
        id = reader.identifier(raw, "id", KEBAB, subject)
        title, reason = reader.text(raw, "title", subject), reader.text(raw, "reason", subject)
        _, _, rationale = check_basis(reader, ((raw, subject),), self.names.statements)
        period = reader.period(raw, "in_force", subject)
        if isinstance(raw.get("in_force"), Mapping) and raw["in_force"].get("from") is None:
            reader.error("suspension-undated", reader.where(raw, "in_force"), subject)
        below = raw.get("below", 0)
        if below is not None and not (is_whole(below) and 0 <= below <= 100):
            reader.error("bad-below", reader.where(raw, "below"), subject, value=shown(below))
            below = 0
        amounts = reader.mapping(raw, "reserves", subject)
        reserves = self._reserves(amounts, limits, subject)
        if "below" not in raw and not amounts:
            reader.error("suspension-empty", reader.where(raw), subject)
        if not complete or id is None or reason is None:
            return None
        title, rationale, where = title or UNREAD, rationale or UNREAD, reader.where(raw)
        return Suspension(id, title, reason, period, below or 0, reserves, rationale, where)

    def _reserves(
        self, amounts: Mapping, limits: dict[str, Limit], subject: Subject
    ) -> tuple[tuple[str, Decimal], ...]:
        """How much of which limits is set aside."""
        reader, reserves = self.reader, []
        for name in amounts:
            limit, where = limits.get(name), reader.where(amounts, name)
            if limit is None:
                near = _meant(name, limits)
                reader.error("unknown-limit", where, subject, value=name, suggestion=near)
                continue
            amount = self._amount(amounts, name, limit.measure, subject)
            if amount is None:
                continue
            most = max((cap.value for cap in limit.at_most if cap.value is not None), default=None)
            if most is not None and amount > most:
                values = {"value": amount, "limit": name, "most": most}
                reader.warning("reserve-too-large", where, subject, **values)
            reserves.append((name, amount))
        return tuple(sorted(reserves))


def _meant(word: str, words: Iterable[str]) -> str | None:
    """The word of a closed list that was most likely meant; some are often written another way."""
    known = list(words)
    other = MEANT.get(word.casefold().replace(" ", "_"))
    return other if other in known else nearest(word, known)
