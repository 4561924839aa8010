"""Keeping requests within limits: the best choice of 2,000, proved, and rank order of 100,000.

Eight limits of every kind hold over four quarters, with room for a share of the requests. The best
choice is measured in seconds to the proof; rank order in rows per second, and as a share of the
time that the decisions take. All seconds are of the processor, so that other work on the machine
counts less.

Run: python benchmarks/allocation.py
"""

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from triage.deciding.decide import Decider
from triage.intake.inbox import Intake
from triage.limits.allocate import allocate
from triage.limits.demands import Engagement
from triage.limits.outcome import Allocation
from triage.model.policy import Basis, Cap, Limit, Policy, Text, Where
from triage.rulebook.load import load_policy

ROOT = Path(__file__).parents[1]
INBOX = str(ROOT / "examples" / "inbox.csv")
FIRST = date(2022, 4, 1)
MISSIONS = [f"Mission {number}" for number in range(40)]
COUNTRIES = (
    *("JPN", "IND", "KOR", "PHL", "PAK", "BGD", "MEX", "BRA"),
    *("COL", "CRI", "GTM", "HTI", "PAN", "CHL", "PER"),
)
TYPES = ("meeting", "dialogue", "event", "delegation", "study_tour")
LEADS = ("IIR", "RAB", "IRM")
BOTH = Text("-", "-")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--best", type=int, default=2_000)
    parser.add_argument("--rank", type=int, default=100_000)
    chosen = parser.parse_args()
    base = load_policy()
    for share in (0.5, 0.8):
        requests = engagements(chosen.best, 7)
        outcome, seconds = timed(limited(base, requests, share), requests, "best")
        choice = outcome.choice
        assert choice is not None
        proof = "proved" if choice.proved else f"gap {choice.gap}"
        gain = choice.score - choice.rank_score
        print(
            f"best of {len(requests):,}, room for {share:.0%}: {seconds:5.1f} s, {proof}; "
            f"{outcome.taken:,} taken, {choice.score:,} points, {gain:,} more than rank order"
        )
    decisions = rate_of_decisions(base)
    for share in (0.02, 0.5, 1.1):
        requests = engagements(chosen.rank, 8)
        outcome, seconds = timed(limited(base, requests, share), requests, "rank")
        rate = len(requests) / seconds
        print(
            f"rank order of {len(requests):,}, room for {share:.0%}: {rate:8,.0f} rows/s, "
            f"{decisions / rate:.0%} of the time of the decisions; {outcome.taken:,} taken"
        )


def timed(policy: Policy, requests: Sequence[Engagement], order: Any) -> tuple[Allocation, float]:
    """The outcome and the seconds that it took."""
    start = time.process_time()
    outcome = allocate(policy, requests, order=order, time_limit=600)
    return outcome, time.process_time() - start


def engagements(count: int, seed: int) -> list[Engagement]:
    """Requests to be accepted over four quarters; a tenth lack each measure, some a first day."""
    chance = random.Random(seed)
    requests = []
    for number in range(count):
        facts: dict[str, Any] = {
            "engagement_type": chance.choice(TYPES),
            "mission": chance.choice(MISSIONS),
            "countries": frozenset(chance.sample(COUNTRIES, chance.choice((1, 1, 1, 2)))),
        }
        if chance.random() > 0.1:
            facts["officer_days"] = Decimal(chance.randrange(1, 60)) / 2
        if chance.random() > 0.1:
            facts["cost_cad"] = Decimal(chance.randrange(500, 90_000))
        if chance.random() > 0.1:
            facts["participants"] = chance.randrange(2, 60)
        if chance.random() > 0.05:
            facts["start"] = FIRST + timedelta(days=chance.randrange(365))
        score, id = chance.randrange(60, 101), f"B-{number:06}"
        strategy, lead = chance.choice(("asia", "americas")), chance.choice(LEADS)
        rank = (-2, -score, f"2022-{chance.randrange(1, 4):02}-15", id)
        requests.append(Engagement(id, rank, score, strategy, lead, facts, FIRST))
    return requests


def limited(policy: Policy, requests: Sequence[Engagement], share: float) -> Policy:
    """The policy with eight limits that let about a share of the requests through."""

    def limit(id: str, measure: str, per: str, by: str, groups: int, periods: int) -> Limit:
        total = Decimal(len(requests))
        if measure != "count":
            total = sum((Decimal(one.facts.get(measure, 15)) for one in requests), Decimal())
        most = max(Decimal(1), Decimal(int(total * Decimal(str(share)) / groups / periods)))
        unknown = min(most, Decimal(1 if measure == "count" else 15))
        cap = Cap(FIRST, most, unknown, (), BOTH)
        return Limit(id, BOTH, (), per, 0, by, measure, (cap,), Basis.SETTING, True, Where("-", 1))

    limits = (
        limit("count-quarter", "count", "fiscal_quarter", "none", 1, 4),
        limit("count-mission", "count", "fiscal_quarter", "mission", len(MISSIONS), 4),
        limit("days-quarter", "officer_days", "fiscal_quarter", "none", 1, 4),
        limit("days-lead", "officer_days", "fiscal_quarter", "lead", len(LEADS), 4),
        limit("cost-year", "cost_cad", "fiscal_year", "none", 1, 1),
        limit("cost-region", "cost_cad", "fiscal_quarter", "region", 2, 4),
        limit("people-month", "participants", "month", "none", 1, 12),
        limit("count-country", "count", "fiscal_quarter", "country", len(COUNTRIES), 4),
    )
    return replace(policy, limits=tuple(sorted(limits, key=lambda one: one.id)), suspensions=())


def rate_of_decisions(policy: Policy) -> float:
    """Decisions per second on the example inbox, in the same run."""
    decider = Decider(policy)
    requests = list(Intake().open(policy, "en", [INBOX]).requests(INBOX))
    for request in requests:
        decider.decide(request).to_json()
    start, rounds = time.process_time(), 20
    for _ in range(rounds):
        for request in requests:
            decider.decide(request).to_json()
    return rounds * len(requests) / (time.process_time() - start)


if __name__ == "__main__":
    main()
