"""The order in which an inbox is shown."""

from typing import NamedTuple

from triage.deciding.decision import Decision


class RankKey(NamedTuple):
    """Sorts requests: best recommendation, highest score (both negated), earliest received, id."""

    recommendation: int
    score: int
    received: str
    id: str


def rank_key(decision: Decision) -> RankKey:
    request = decision.request
    return RankKey(
        -decision.recommendation.rank, -decision.score, request.received.isoformat(), request.id
    )
