"""The recommendations of one policy on single requests, which attribution compares."""

from collections.abc import Sequence
from datetime import date

from triage.columnar.columns import facts_of
from triage.columnar.encode import frame_of
from triage.columnar.evaluate import Evaluator
from triage.deciding.decide import Decider
from triage.model.facts import Request
from triage.model.policy import Policy

FEW = 300
"""Up to so many requests are decided one by one: compiling the columns would take longer."""


def ranks(policy: Policy, requests: Sequence[Request], as_of: date | None) -> list[int]:
    """The rank of the recommendation on each request, in their order."""
    if len(requests) > FEW:
        results = Evaluator(policy).evaluate(
            frame_of(requests, facts_of([policy])), as_of, rules=False
        )
        return [int(rank) for rank in results["recommendation"]]
    decider = Decider(policy, "reference")
    return [decider.decide(request, as_of).recommendation.rank for request in requests]
