"""Self-assessment of a proposal by its mission, before it is sent."""

from collections.abc import Callable, Iterable
from datetime import date

from triage.advice.assessment import SelfAssessment
from triage.advice.comparison import Comparison
from triage.advice.interview import Interview
from triage.advice.search import MOST_RUNS, find_changes
from triage.errors import UsageError
from triage.intake.inbox import Inbox, Intake
from triage.intake.requests import RequestReader
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.reports import changes, drafts, text
from triage.reports.entries import entry
from triage.service.screening import Triage


def expect_version(policy: Policy, wanted: str | None, language: Language) -> None:
    """`UsageError` when the policy is not at the version that was expected."""
    if wanted is not None and policy.version != wanted.strip().lower():
        values = {"wanted": wanted, "version": policy.version}
        raise UsageError(say("assess.other-version", language, **values))


def read_proposal(
    triage: Triage, path: str, intake: Intake | None = None
) -> tuple[Request | None, Inbox]:
    """The one request of a file (`-` is standard input), and what its inbox tells.

    The request is None when it is rejected.
    """
    inbox = (intake or Intake()).open(triage.policy, triage.language, [path])
    requests = list(inbox.requests(path))
    count = inbox.read - inbox.passed_over
    if count != 1:
        raise UsageError(say("assess.not-one", triage.language, path=path, count=count))
    return (requests[0] if requests else None), inbox


def assess(
    triage: Triage,
    request: Request,
    as_of: date | None = None,
    check: Callable[[], None] | None = None,
) -> SelfAssessment:
    """Decide one request and find what would raise it; `check` is called often and may raise."""
    decision = triage.decider.decide(request, as_of, triage.language)
    return SelfAssessment(decision, find_changes(triage.decider, request, as_of, check, MOST_RUNS))


def interview(triage: Triage, request: Request, as_of: date | None = None) -> Interview:
    """The questions that could still change the recommendation of a proposal."""
    return Interview(triage.decider, RequestReader(triage.policy, triage.language), request, as_of)


def compare_drafts(
    triage: Triage, first: Request, second: Request, as_of: date | None = None
) -> Comparison:
    """Two drafts of one proposal under one policy."""
    decide, language = triage.decider.decide, triage.language
    return Comparison(decide(first, as_of, language), decide(second, as_of, language))


def comparison_text(triage: Triage, comparison: Comparison) -> str:
    """A comparison for a terminal."""
    words = triage.decider.writer.wording(triage.language)
    return text.plainly(drafts.compared(comparison, words), triage.language)


def render(triage: Triage, assessed: SelfAssessment, form: str) -> Iterable[bytes]:
    """A self-assessment as text, json, or one of `rendering.BRIEF_FORMATS`."""
    words = triage.decider.writer.wording(triage.language)
    if form == "json":
        return [assessed.to_json(words) + b"\n"]
    row = entry(assessed.decision, words)
    from triage.reports import rendering

    few = changes.FEW if form == "text" else changes.FEW_IN_BRIEF
    more = changes.parts(assessed, words, few)
    return rendering.brief(row, words, form, more)
