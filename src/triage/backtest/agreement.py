"""Recommendations beside what people decided: the table, the share that agrees, and kappa.

A determination shows what was done, not what would have been best: nobody knows what would have
come of a request that was declined. Every figure here carries that warning wherever it is shown.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from triage.backtest.statistics import Estimate, Kappa, kappa, share
from triage.backtest.tally import Flip
from triage.model.policy import RANKED

Determined = Counter[tuple[int, int, int]]
"""Cases by the rank of the determination, of the baseline and of the candidate."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one policy agrees with people; `table` has determinations in rows, proposals across."""

    table: tuple[tuple[int, ...], ...]
    total: int
    agreed: int
    share: Estimate | None
    kappa: Kappa


def agreement(determined: Determined, candidate: bool) -> Agreement:
    """The agreement of the candidate, or else of the baseline."""
    ranks = range(len(RANKED))
    table = [[0 for _ in ranks] for _ in ranks]
    for (decided, old, new), count in determined.items():
        table[decided][new if candidate else old] += count
    total = sum(map(sum, table))
    agreed = sum(table[rank][rank] for rank in ranks)
    return Agreement(tuple(map(tuple, table)), total, agreed, share(agreed, total), kappa(table))


def newly(flips: Iterable[Flip], right: bool) -> list[Flip]:
    """The flips by which the policy came to agree with people, or ceased to."""
    ranks = {one.value: one.rank for one in RANKED}
    return [
        flip
        for flip in flips
        if flip.determination is not None
        and ranks[flip.determination.outcome] == (flip.new if right else flip.old)
    ]
