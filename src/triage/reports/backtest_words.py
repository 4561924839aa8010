"""Words, numbers and cells that the parts of a backtest's report share, in its language."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from triage.backtest.report import BacktestReport
from triage.backtest.statistics import Estimate
from triage.backtest.tally import Flip, Shown, rank_word
from triage.deciding.wording import number
from triage.messages import say
from triage.model.policy import RANKED, RECOMMENDATION_MESSAGES
from triage.reports.document import Cell, Column, Forms, Proposed

NAME = 24


@dataclass(frozen=True)
class BacktestWords:
    """A report, and what puts its figures into words."""

    report: BacktestReport

    def tell(self, key: str, **values: object) -> str:
        """A message; whole numbers among the values get their separators."""
        language = self.report.language
        written = {
            name: number(value, language) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return say(key, language, **written)

    def column(
        self,
        key: str,
        width: int = 14,
        number: bool = False,
        whole: bool = False,
        only: Forms | None = None,
    ) -> Column:
        """A column of a table under the message `key`; `whole` cells stay on one line."""
        look = " ".join(name for name, yes in (("number", number), ("id", whole)) if yes)
        return Column(self.tell(key), width, number, look, only)

    def columns(self, *keys: str, only: Forms | None = None) -> list[Column]:
        """Columns of numbers."""
        return [self.column(key, 12, number=True, only=only) for key in keys]

    def case_columns(self) -> list[Column]:
        """The columns that begin every list of cases: the case, and what each policy proposes."""
        return [
            self.column("backtest.column-case", 16, whole=True),
            self.column("backtest.column-old", 12),
            self.column("backtest.column-new", 12),
        ]

    def case_cells(self, case: Flip | Shown) -> tuple[Cell, ...]:
        """The cells of these columns."""
        return case.id, self.proposed(case.old), self.proposed(case.new)

    def recommendation(self, rank: int) -> str:
        """The word for the rank of a recommendation."""
        return rank_word(rank, self.report.language)

    def proposed(self, rank: int) -> Proposed:
        """A cell with the recommendation of a rank."""
        return Proposed(self.recommendation(rank), RANKED[rank].value)

    def determined(self, flip: Flip) -> str:
        """What people decided on a case, with their reason."""
        determination = flip.determination
        if determination is None:
            return self.tell("backtest.not-determined")
        word = say(RECOMMENDATION_MESSAGES[determination.outcome], self.report.language)
        return f"{word} ({determination.reason})" if determination.reason else word

    def percent(self, share: float | Fraction) -> str:
        """A share in hundredths, with one decimal."""
        exact = Fraction(share) * 100
        hundredths = Decimal(exact.numerator) / Decimal(exact.denominator)
        return self.tell("backtest.percent", number=self._rounded(hundredths, "0.1"))

    def rate(self, count: int | None, total: int) -> str:
        """A count as a share of a total; a dash where there is none."""
        return "–" if count is None or total == 0 else self.percent(Fraction(count, total))

    def decimal(self, value: float) -> str:
        """A figure with two decimals."""
        return self._rounded(Decimal(value), "0.01")

    def _rounded(self, value: Decimal, step: str) -> str:
        return number(value.quantize(Decimal(step), ROUND_HALF_EVEN), self.report.language)

    def interval(self, estimate: Estimate, percent: bool) -> str:
        """A figure with its 95 % interval."""
        show = self.percent if percent else self.decimal
        low, high = show(estimate.low), show(estimate.high)
        return self.tell("backtest.interval", value=show(estimate.value), low=low, high=high)

    def amount(self, value: Decimal) -> str:
        """An amount as a reader writes it."""
        return number(int(value) if value == int(value) else value, self.report.language)
