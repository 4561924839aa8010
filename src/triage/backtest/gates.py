"""Gates: what a change of the policy may do at most, for a planner or a pipeline to hold it to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from triage.backtest.agreement import Agreement
from triage.backtest.capacity import Capacity
from triage.backtest.tally import rank_word
from triage.deciding.wording import number
from triage.errors import UsageError
from triage.formats.spelling import nearest
from triage.messages import Language, say
from triage.model.policy import RANKED, Policy

AMOUNT = re.compile(r"(\d{1,9}(?:[.,]\d{1,4})?)\s*(%?)")
RANK = {one.value: one.rank for one in RANKED}


@dataclass(frozen=True, slots=True)
class Amount:
    value: Fraction
    percent: bool

    def words(self, language: Language) -> str:
        plain = number(Decimal(self.value.numerator) / Decimal(self.value.denominator), language)
        return say("backtest.percent", language, number=plain) if self.percent else plain


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate with what was found; `limit` and `found` are in words."""

    name: str
    limit: str
    found: str
    breached: bool


@dataclass(frozen=True)
class Gates:
    """The gates that were asked for. `forbidden` are moves by rank; `max_use` is by limit."""

    max_flips: Amount | None = None
    forbidden: tuple[tuple[int, int], ...] = ()
    min_agreement: Amount | None = None
    max_use: tuple[tuple[str, Amount], ...] = ()

    def check_limits(self, candidate: Policy, language: Language) -> None:
        """A `UsageError` names the first limit that the candidate does not have."""
        known = [limit.id for limit in candidate.limits]
        for id, _ in self.max_use:
            if id not in known:
                near = nearest(id, known)
                suggestion = say("word.suggestion", language, suggestion=near) if near else ""
                raise UsageError(say("backtest.no-such-limit", language, id=id) + suggestion)

    def check(
        self,
        moves: Mapping[tuple[int, int], int],
        agreement: Agreement,
        capacity: Capacity | None,
        language: Language,
    ) -> list[Gate]:
        """Every gate on cases, in a fixed order."""
        gates = []
        if self.max_flips is not None:
            gates.append(_flips(moves, self.max_flips, language))
        for old, new in self.forbidden:
            words = {"old": rank_word(old, language), "new": rank_word(new, language)}
            count = moves.get((old, new), 0)
            limit = say("backtest.move", language, **words)
            gates.append(Gate("forbid", limit, number(count, language), count > 0))
        if self.min_agreement is not None:
            gates.append(_agreement(agreement, self.min_agreement, language))
        gates += (_use(id, most, capacity, language) for id, most in self.max_use)
        return gates


def _flips(moves: Mapping[tuple[int, int], int], most: Amount, language: Language) -> Gate:
    total = sum(moves.values())
    flips = sum(count for (old, new), count in moves.items() if old != new)
    limit = most.value * total / 100 if most.percent else most.value
    found = _of(flips, total, language)
    return Gate("max-flips", most.words(language), found, flips > limit)


def _agreement(agreement: Agreement, least: Amount, language: Language) -> Gate:
    # What cannot be measured has not been shown to hold.
    breached, found = True, say("backtest.no-determinations", language)
    if agreement.total:
        breached = Fraction(agreement.agreed * 100, agreement.total) < least.value
        found = _of(agreement.agreed, agreement.total, language)
    return Gate("min-agreement", least.words(language), found, breached)


def _use(id: str, most: Amount, capacity: Capacity | None, language: Language) -> Gate:
    limit = say("backtest.limit-at-most", language, limit=id, share=most.words(language))
    if capacity is None:
        return Gate("max-use", limit, say("backtest.limits-not-counted", language), True)
    slot = capacity.fullest(id)
    if slot is None:
        return Gate("max-use", limit, say("backtest.not-used", language), False)
    share = Amount(Fraction(round(slot.fullness * 1000), 10), True).words(language)
    found = say("backtest.used-in", language, share=share, place=slot.place)
    return Gate("max-use", limit, found, slot.fullness * 100 > most.value)


def _of(count: int, total: int, language: Language) -> str:
    values = {"count": number(count, language), "total": number(total, language)}
    return say("backtest.of", language, **values)


# -- options


def read_gates(
    max_flips: str | None,
    forbid: Sequence[str],
    min_agreement: str | None,
    max_use: Sequence[str],
    language: Language,
) -> Gates:
    """The gates in the options of a command; `UsageError` says what cannot be read."""
    flips = None if max_flips is None else _count("--max-flips", max_flips, language)
    moves = tuple(_move(text, language) for text in forbid)
    least = None
    if min_agreement is not None:
        least = _percent("--min-agreement", min_agreement, language)
    return Gates(flips, moves, least, tuple(_limit(text, language) for text in max_use))


def _count(option: str, text: str, language: Language) -> Amount:
    """A whole number of cases, or a percentage of them."""
    amount = _amount(text)
    if amount is None or (amount.value > 100 if amount.percent else not text.strip().isdigit()):
        raise UsageError(say("backtest.bad-amount", language, option=option, text=text))
    return amount


def _percent(option: str, text: str, language: Language) -> Amount:
    """A percentage, with or without its sign."""
    amount = _amount(text)
    if amount is None or amount.value > 100:
        raise UsageError(say("backtest.bad-percent", language, option=option, text=text))
    return Amount(amount.value, True)


def _amount(text: str) -> Amount | None:
    match = AMOUNT.fullmatch(text.strip())
    return match and Amount(Fraction(match[1].replace(",", ".")), bool(match[2]))


def _limit(text: str, language: Language) -> tuple[str, Amount]:
    id, equals, share = (one.strip() for one in text.partition("="))
    if not id or not equals:
        raise UsageError(say("backtest.bad-use", language, text=text))
    return id, _percent("--max-use", share, language)


def _move(text: str, language: Language) -> tuple[int, int]:
    old, _, new = (one.strip() for one in text.partition(":"))
    if old not in RANK or new not in RANK or old == new:
        words = ", ".join(reversed(RANK))
        raise UsageError(say("backtest.bad-move", language, text=text, words=words))
    return RANK[old], RANK[new]
