"""The use cases, composed once: all that the command line and the API call."""

from triage.service.limiting import Limits
from triage.service.policies import Checked, Tested, check, default_cases, run_policy_cases
from triage.service.screening import Screening, Triage, empty_inbox, suggest_topics

__all__ = [
    "Checked",
    "Limits",
    "Screening",
    "Tested",
    "Triage",
    "check",
    "default_cases",
    "empty_inbox",
    "run_policy_cases",
    "suggest_topics",
]
