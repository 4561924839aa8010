"""What the parts of a backtest's report share: words, numbers and cells in the language of the
report.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from triage.backtest.report import BacktestReport
from triage.backtest.statistics import Estimate
from triage.deciding.wording import number
from triage.messages import say
from triage.model.policy import RANKED
from triage.reports.document import Column, Proposed

NAME, WIDE = 24, 44


@dataclass(frozen=True)
class BacktestWords:
    """Puts the figures of one report into words."""

    report: BacktestReport

    def tell(self, key: str, **values: object) -> str:
        """A text of the catalogue under `backtest`; whole numbers among the values get the signs
        of the language.
        """
        language = self.report.language
        plain = {
            name: number(one, language) if isinstance(one, int) else one
            for name, one in values.items()
        }
        return say(f"backtest.{key}", language, **plain)

    def column(
        self, key: str, width: int = 14, number: bool = False, whole: bool = False
    ) -> Column:
        """A column of a table."""
        return Column(self.tell(f"column-{key}"), width, number, whole)

    def columns(self, *keys: str) -> list[Column]:
        """Columns of numbers."""
        return [self.column(key, 12, number=True) for key in keys]

    def recommendation(self, rank: int) -> str:
        """The word for a rank."""
        return say(f"recommendation.{RANKED[rank].value}", self.report.language)

    def proposed(self, rank: int) -> Proposed:
        """A cell with a recommendation."""
        return Proposed(self.recommendation(rank), RANKED[rank].value)

    def move(self, old: int, new: int) -> str:
        """A change of the recommendation."""
        return self.tell("move", old=self.recommendation(old), new=self.recommendation(new))

    def percent(self, share: float | Fraction, digits: int = 1) -> str:
        """A share in hundredths."""
        exact = Fraction(share) * 100
        step = Decimal(1).scaleb(-digits)
        value = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
            step, ROUND_HALF_EVEN
        )
        return self.tell("percent", number=number(value, self.report.language))

    def rate(self, count: int | None, total: int) -> str:
        """A count as a share of a total; a dash where there is none."""
        return "–" if count is None or total == 0 else self.percent(Fraction(count, total))

    def decimal(self, value: float) -> str:
        """A figure with two decimals."""
        return number(
            Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_EVEN), self.report.language
        )

    def interval(self, estimate: Estimate, percent: bool) -> str:
        """A figure with its 95 % interval."""
        show = self.percent if percent else self.decimal
        return self.tell(
            "interval", value=show(estimate.value), low=show(estimate.low), high=show(estimate.high)
        )
