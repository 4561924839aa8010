"""One decision with its full justification, beside the bare core of durable-rules.

The bare core asserts the same facts into the same rulesets and collects the names of the rules that
fire, and nothing else: no reading of facts, no unknowns, no justification, no JSON.

Both run on the example inbox again and again, then on requests made from it that are decided once
each: there, what is remembered of one request helps the next only as far as they are alike.

Run: python benchmarks/decision.py
"""

import gc
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from triage.deciding import durable
from triage.deciding.decide import Decider
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request
from triage.rulebook.load import load_policy

ROUNDS = 40
MADE = 2000
NEEDED = ("received", "engagement_type", "countries", "forum")


def main() -> None:
    """Print p50 and p99 of both, and their ratio."""
    policy = load_policy()
    decider = Decider(policy)
    inbox = Inbox(RequestReader(policy))
    requests = list(inbox.requests(str(Path(__file__).parents[1] / "examples" / "inbox.csv")))
    counts = f"{len(policy.rules)} rules, {len(requests)} requests"
    print(f"policy {policy.version}, {counts}, {decider.engines.name}")
    if durable.core is None:
        sys.exit("durable-rules is not installed here: there is nothing to compare with")
    asked = {request.id: recorded(decider, request) for request in requests}
    fired = [sum(len(durable._ask(handle, fact)) for handle, fact in one) for one in asked.values()]
    print(f"rules fired a request: median {statistics.median(fired):.0f}, most {max(fired)}")
    gc.freeze()  # as the command line does
    decisions, bare = [], []
    for round_ in range(ROUNDS):
        for request in requests:
            # In turn, so that both see the same moments of a shared machine.
            first = timed(lambda one=request: decider.decide(one).to_json())
            second = timed(lambda one=request: core(asked[one.id]))
            if round_ >= 5:
                decisions.append(first)
                bare.append(second)
    compare(decisions, bare)
    once = varied(requests, random.Random(1), [*policy.vocabularies["topics"].terms])
    print(f"\n{len(once)} other requests, each once")
    decisions, bare = [], []
    for request in once:
        decisions.append(timed(lambda one=request: decider.decide(one).to_json()))
        questions = recorded(decider, request)
        bare.append(timed(lambda asked=questions: core(asked)))
    compare(decisions, bare)


def varied(requests: list[Request], chance: random.Random, topics: list[str]) -> list[Request]:
    """Requests like the examples with other topics, dates and numbers, a fifth of facts unknown."""
    made = []
    optional = [name for name in load_policy().readable if name not in NEEDED]
    for number in range(MADE):
        facts = dict.fromkeys(optional) | dict(chance.choice(requests).facts)
        facts |= {name: None for name in optional if chance.random() < 0.2}
        facts["id"] = f"V-{number}"
        facts["topics"] = frozenset(chance.sample(topics, chance.randint(1, 5)))
        facts |= {"received": date(2022, 7, 4) + timedelta(chance.randrange(1000))}
        if facts["start"] is not None:
            facts["start"] = facts["received"] + timedelta(chance.randrange(90))
            facts["end"] = facts["end"] and facts["start"] + timedelta(chance.randrange(5))
        if facts["participants"] is not None:
            facts["participants"] = chance.randrange(200)
        made.append(Request({name: one for name, one in facts.items() if one is not None}))
    return made


def compare(decisions: list[float], bare: list[float]) -> None:
    """Both, and their ratio."""
    show("decision, facts to JSON", decisions)
    show("bare core, same rules", bare)
    ratios = [one / other for one, other in zip(decisions, bare, strict=True)]
    ratio = quantile(decisions, 50) / quantile(bare, 50)
    pairwise = statistics.median(ratios)
    print(f"ratio                     p50 {ratio:6.1f}    pairwise median {pairwise:.1f}")


def recorded(decider: Decider, request: Any) -> list[tuple[int, str]]:
    """Every question that a decision asks the core."""
    asked: list[tuple[int, str]] = []
    real = durable._ask

    def record(handle: int, fact: str) -> list[str]:
        asked.append((handle, fact))
        return real(handle, fact)

    decider.decide(request)
    durable._ask = record
    try:
        decider.decide(request)
    finally:
        durable._ask = real
    return asked


def core(asked: list[tuple[int, str]]) -> list[str]:
    """The same questions, straight to the core."""
    fired = []
    for handle, fact in asked:
        code, state = durable.core.assert_fact(handle, fact)
        if code == 0:
            message = durable.core.start_action_for_state(handle, state)[1]
            while message is not None:
                fired.append(message[2:6])
                message = durable.core.complete_and_start_action(handle, state)
            durable.core.retract_fact(handle, durable.FACT)
    return fired


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def show(name: str, values: list[float]) -> None:
    """One line of microseconds."""
    p50, p99 = quantile(values, 50) * 1e6, quantile(values, 99) * 1e6
    print(f"{name:<25} p50 {p50:6.0f} µs  p99 {p99:6.0f} µs")


if __name__ == "__main__":
    main()
