"""Gates: what a change of the policy may do at most, for a planner or a pipeline to hold it to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from triage.backtest.agreement import Agreement
from triage.backtest.capacity import Capacity
from triage.deciding.wording import number
from triage.errors import UsageError
from triage.formats.spelling import nearest
from triage.messages import Language, say
from triage.model.policy import RANKED, Policy

AMOUNT = re.compile(r"(\d{1,9}(?:[.,]\d{1,4})?)\s*(%?)")
RANK = {one.value: one.rank for one in RANKED}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of cases, or a share of them."""

    value: Fraction
    percent: bool

    def words(self, language: Language) -> str:
        """The amount as a reader writes it."""
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
        found = []
        total = sum(moves.values())
        flips = sum(count for (old, new), count in moves.items() if old != new)
        if self.max_flips is not None:
            most = (
                self.max_flips.value * total / 100
                if self.max_flips.percent
                else self.max_flips.value
            )
            found.append(
                Gate(
                    "max-flips",
                    self.max_flips.words(language),
                    _of(flips, total, language),
                    flips > most,
                )
            )
        for old, new in self.forbidden:
            words = say(
                "backtest.move", language, old=_word(old, language), new=_word(new, language)
            )
            count = moves.get((old, new), 0)
            found.append(Gate("forbid", words, number(count, language), count > 0))
        if self.min_agreement is not None:
            found.append(self._agreement(agreement, self.min_agreement, language))
        found += (_use(id, most, capacity, language) for id, most in self.max_use)
        return found

    def _agreement(self, agreement: Agreement, least: Amount, language: Language) -> Gate:
        if not agreement.total:
            # What cannot be measured has not been shown to hold.
            return Gate(
                "min-agreement",
                least.words(language),
                say("backtest.no-determinations", language),
                True,
            )
        words = _of(agreement.agreed, agreement.total, language)
        breached = Fraction(agreement.agreed * 100, agreement.total) < least.value
        return Gate("min-agreement", least.words(language), words, breached)


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


def _word(rank: int, language: Language) -> str:
    return say(f"recommendation.{RANKED[rank].value}", language)


def _of(count: int, total: int, language: Language) -> str:
    return say(
        "backtest.of", language, count=number(count, language), total=number(total, language)
    )


# -- options
# ---------------------------------------------------------------------------------------------------------


def read_gates(
    max_flips: str | None,
    forbid: Sequence[str],
    min_agreement: str | None,
    max_use: Sequence[str],
    language: Language,
) -> Gates:
    """The gates in the options of a command; `UsageError` says what cannot be read."""
    return Gates(
        max_flips=None if max_flips is None else _amount("--max-flips", max_flips, language),
        forbidden=tuple(_move(text, language) for text in forbid),
        min_agreement=None
        if min_agreement is None
        else _percent("--min-agreement", min_agreement, language),
        max_use=tuple(_limit(text, language) for text in max_use),
    )


def _amount(option: str, text: str, language: Language) -> Amount:
    found = AMOUNT.fullmatch(text.strip())
    percent = bool(found and found[2])
    if (
        found is None
        or (not percent and not found[1].isdigit())
        or (percent and _fraction(found[1]) > 100)
    ):
        raise UsageError(say("backtest.bad-amount", language, option=option, text=text))
    return Amount(_fraction(found[1]), percent)


def _percent(option: str, text: str, language: Language) -> Amount:
    found = AMOUNT.fullmatch(text.strip())
    if found is None or _fraction(found[1]) > 100:
        raise UsageError(say("backtest.bad-percent", language, option=option, text=text))
    return Amount(_fraction(found[1]), True)


def _limit(text: str, language: Language) -> tuple[str, Amount]:
    id, equals, share = (part.strip() for part in text.partition("="))
    if not id or not equals:
        raise UsageError(say("backtest.bad-use", language, text=text))
    return id, _percent("--max-use", share, language)


def _fraction(digits: str) -> Fraction:
    return Fraction(digits.replace(",", "."))


def _move(text: str, language: Language) -> tuple[int, int]:
    old, _, new = (part.strip() for part in text.partition(":"))
    if old not in RANK or new not in RANK or old == new:
        raise UsageError(
            say("backtest.bad-move", language, text=text, words=", ".join(reversed(RANK)))
        )
    return RANK[old], RANK[new]
