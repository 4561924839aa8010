"""Historical cases under two policies: judged, counted, explained, held to gates, promoted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from triage.backtest.attribution import Attribution, attribute
from triage.backtest.capacity import capacity
from triage.backtest.cases import CaseSet, engine_name
from triage.backtest.evaluation import ranks
from triage.backtest.gates import Gates
from triage.backtest.policy_tally import PolicyTally
from triage.backtest.promote import chosen, promote
from triage.backtest.report import BacktestReport, Promoted
from triage.backtest.segments import DIMENSIONS
from triage.backtest.tally import Flip, Tally
from triage.columnar.backends import BACKENDS, backend
from triage.errors import UsageError
from triage.intake.inbox import PLAIN_INTAKE, Intake
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.policy_diff.candidate import load_candidate
from triage.policy_diff.edits import Edit, edits_between
from triage.policy_diff.trial import try_policy
from triage.rulebook.load import load_policy


@dataclass(frozen=True)
class Backtest:
    """What is compared: a candidate (a folder or an overlay, with settings) with a baseline.

    Each case is judged by its own day unless `as_of` names one. `near` is the distance, in points,
    at which a score is near a threshold. `flips` are the ids to promote, separated by commas, or
    `all`.
    """

    files: Sequence[str]
    candidate: Path | None = None
    settings: Sequence[str] = ()
    baseline: Path | None = None
    as_of: date | None = None
    by: Sequence[str] = DIMENSIONS
    near: int = 5
    gates: Gates = field(default_factory=Gates)
    promote: Path | None = None
    flips: str | None = None
    intake: Intake = PLAIN_INTAKE
    backend: str = BACKENDS[0]
    scheduler: str | None = None
    language: Language = "en"

    def run(self, progress: Callable[[int], None] | None = None) -> BacktestReport:
        """Judge all cases under both policies."""
        language = self.language
        self._check()
        try_policy(self.candidate, self.settings, self.baseline, language)
        baseline = load_policy(self.baseline, language)
        candidate = load_candidate(self.candidate, self.settings, baseline, language)
        edits = edits_between(baseline, candidate)
        self.gates.check_limits(candidate, language)
        tally = Tally(PolicyTally(baseline), PolicyTally(candidate), self.as_of, self.by, self.near)
        cases = CaseSet(self.files, language, self.intake)
        with backend(self.backend, self.scheduler, language) as on:
            for batch in cases.batches(baseline, candidate, self.as_of, on, progress):
                tally.add(batch)
        tally.finish()
        report = BacktestReport(
            language=language,
            cases=cases,
            engine=engine_name(self.backend),
            edits=edits,
            tally=tally,
            caused=_caused(edits, tally.flips, baseline, candidate, self.as_of),
            facts=_facts(tally, self.as_of),
            capacity=capacity(tally, language),
        )
        gates = self.gates.check(tally.moves, report.agreements[1], report.capacity, language)
        return replace(report, gates=gates, promoted=self._promoted(tally.flips, candidate))

    def _check(self) -> None:
        if not self.files:
            raise UsageError(say("backtest.no-cases", self.language))
        if (self.promote is None) != (self.flips is None):
            only_flips = self.promote is None
            key = "backtest.flips-needs-promote" if only_flips else "backtest.promote-needs-flips"
            raise UsageError(say(key, self.language))

    def _promoted(self, flips: Sequence[Flip], candidate: Policy) -> Promoted | None:
        if self.promote is None or self.flips is None:
            return None
        wanted = chosen(flips, self.flips, self.language)
        return Promoted(*promote(wanted, self.promote, candidate, self.language))


def _caused(
    edits: Sequence[Edit],
    flips: Sequence[Flip],
    baseline: Policy,
    candidate: Policy,
    as_of: date | None,
) -> Mapping[str, Attribution]:
    """The edits that each flip is due to, by case."""
    effective = [edit.id for edit in edits if edit.affects_results]
    if len(effective) == 1:
        # There is nothing else that it could be due to.
        only = Attribution((effective[0],), "alone", (effective[0],))
        return {flip.request.id: only for flip in flips}
    requests = {flip.request.id: flip.request for flip in flips}

    def evaluate(policy: Policy, ids: Sequence[str]) -> Sequence[int]:
        return ranks(policy, [requests[id] for id in ids], as_of)

    moved = {flip.request.id: (flip.old, flip.new) for flip in flips}
    return attribute(edits, moved, evaluate, baseline, candidate)


def _facts(tally: Tally, as_of: date | None) -> dict[str, list[str]]:
    """The unknown facts that could change the recommendation, of the cases shown as hanging."""
    decider = tally.candidate.decider
    facts = {}
    for case in tally.hanging:
        unknown = decider.decide(case.request, as_of).result.unknown
        facts[case.id] = [fact["fact"] for fact in unknown if fact["could_change"]]
    return facts
