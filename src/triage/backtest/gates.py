"""Gates: what a change of the policy may do at most, for a planner or a pipeline to hold it to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from triage.backtest.agreement import Agreement
from triage.errors import UsageError
from triage.messages import Language, say
from triage.policy import RANKED
from triage.wording import number

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

    def check(self, moves: Mapping[tuple[int, int], int], agreement: Agreement, language: Language) -> list[Gate]:
        """Every gate on cases, in a fixed order."""
        found = []
        total = sum(moves.values())
        flips = sum(count for (old, new), count in moves.items() if old != new)
        if self.max_flips is not None:
            most = self.max_flips.value * total / 100 if self.max_flips.percent else self.max_flips.value
            found.append(Gate("max-flips", self.max_flips.words(language), _of(flips, total, language), flips > most))
        for old, new in self.forbidden:
            words = say("backtest.move", language, old=_word(old, language), new=_word(new, language))
            count = moves.get((old, new), 0)
            found.append(Gate("forbid", words, number(count, language), count > 0))
        if self.min_agreement is not None:
            found.append(self._agreement(agreement, self.min_agreement, language))
        return found

    def _agreement(self, agreement: Agreement, least: Amount, language: Language) -> Gate:
        if not agreement.total:
            # What cannot be measured has not been shown to hold.
            return Gate("min-agreement", least.words(language), say("backtest.no-determinations", language), True)
        words = _of(agreement.agreed, agreement.total, language)
        breached = Fraction(agreement.agreed * 100, agreement.total) < least.value
        return Gate("min-agreement", least.words(language), words, breached)


def _word(rank: int, language: Language) -> str:
    return say(f"recommendation.{RANKED[rank].value}", language)


def _of(count: int, total: int, language: Language) -> str:
    return say("backtest.of", language, count=number(count, language), total=number(total, language))


# -- options ---------------------------------------------------------------------------------------------------------


def read_gates(
    max_flips: str | None,
    forbid: Sequence[str],
    min_agreement: str | None,
    language: Language,
) -> Gates:
    """The gates in the options of a command; `UsageError` says what cannot be read."""
    return Gates(
        max_flips=None if max_flips is None else _amount("--max-flips", max_flips, language),
        forbidden=tuple(_move(text, language) for text in forbid),
        min_agreement=None if min_agreement is None else _percent("--min-agreement", min_agreement, language),
    )


def _amount(option: str, text: str, language: Language) -> Amount:
    found = AMOUNT.fullmatch(text.strip())
    percent = bool(found and found[2])
    if found is None or (not percent and not found[1].isdigit()) or (percent and _fraction(found[1]) > 100):
        raise UsageError(say("backtest.bad-amount", language, option=option, text=text))
    return Amount(_fraction(found[1]), percent)


def _percent(option: str, text: str, language: Language) -> Amount:
    found = AMOUNT.fullmatch(text.strip())
    if found is None or _fraction(found[1]) > 100:
        raise UsageError(say("backtest.bad-percent", language, option=option, text=text))
    return Amount(_fraction(found[1]), True)


def _fraction(digits: str) -> Fraction:
    return Fraction(digits.replace(",", "."))


def _move(text: str, language: Language) -> tuple[int, int]:
    old, _, new = (part.strip() for part in text.partition(":"))
    if old not in RANK or new not in RANK or old == new:
        raise UsageError(say("backtest.bad-move", language, text=text, words=", ".join(reversed(RANK))))
    return RANK[old], RANK[new]
