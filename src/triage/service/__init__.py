"""The use cases, composed once for the command line and the API.

Stands on: errors, messages, formats, model, deciding, rulebook, intake, limits, review, advice,
columnar, policy_diff, backtest, sweep, reports.

Face:

    __init__: Limits, Screening, Triage, check, draft_from_letter, empty_inbox,
        run_policy_cases, suggest_topics
    assessing: assess, compare_drafts, comparison_text, expect_version, interview,
        read_proposal, render
    backtesting: Backtest
    comparing: compare, replay
    sweeping: Progress, sweep
"""

from triage.service.limiting import Limits
from triage.service.policies import check, run_policy_cases
from triage.service.screening import (
    Screening,
    Triage,
    draft_from_letter,
    empty_inbox,
    suggest_topics,
)

__all__ = [
    "Limits",
    "Screening",
    "Triage",
    "check",
    "draft_from_letter",
    "empty_inbox",
    "run_policy_cases",
    "suggest_topics",
]
