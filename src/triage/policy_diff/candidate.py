"""The policy that a planner tries: a folder or an overlay over the baseline, and settings."""

from collections.abc import Sequence
from pathlib import Path

from triage.errors import UsageError
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.policy_diff.overlays import load_overlay
from triage.policy_diff.settings import apply_settings
from triage.rulebook.load import load_policy


def load_candidate(
    path: Path | None, settings: Sequence[str], baseline: Policy, language: Language = "en"
) -> Policy:
    """The candidate policy; `PolicyError` or `UsageError` say what is wrong and where.

    `path` is the folder of a whole policy, or an overlay: one file of changed parameters and rules
    over the baseline. `settings` are single values such as `accept_threshold=55`, applied last.
    """
    if path is None and not settings:
        raise UsageError(say("candidate.nothing", language))
    candidate = baseline
    if path is not None:
        if path.is_dir():
            candidate = load_policy(path, language)
        elif not path.exists():
            problem = say("test.not-found", language)
            raise UsageError(say("intake.unreadable", language, path=path, problem=problem))
        elif baseline.folder is None:
            raise UsageError(say("candidate.no-folder", language, path=path))
        else:
            candidate = load_overlay(path, baseline.folder, language)
    return apply_settings(candidate, settings, language) if settings else candidate
