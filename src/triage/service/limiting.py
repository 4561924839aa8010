"""Keeping a screening within the limits: what is committed counts first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from triage.backtest.replay import Record, Replayer
from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.intake.forms import WORKBOOKS
from triage.intake.inbox import Inbox, Intake
from triage.limits.allocate import TIME_LIMIT, Order, allocate_claims
from triage.limits.demands import Claim, Demander, Engagement
from triage.limits.tables import LimitReport
from triage.limits.words import LimitWords
from triage.messages import Language
from triage.model.policy import Recommendation
from triage.reports.deferred import deferred_json


@dataclass(frozen=True, slots=True)
class Limits:
    """How limits are kept: files of what is committed, the order, seconds that `best` may take."""

    committed: tuple[str, ...] = ()
    order: Order = "rank"
    time_limit: float = TIME_LIMIT


@dataclass
class Limiter:
    """Gathers a small claim of each decision of one screening that is to be accepted."""

    decider: Decider
    options: Limits
    language: Language
    committed: Inbox | None = None
    _before: list[Claim] = field(default_factory=list)
    _claims: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._demander = Demander(self.decider.policy)

    def commit(self, intake: Intake, as_of: date | None) -> None:
        """Read what is committed; each row is decided only to know its strategy and its lead."""
        files = self.options.committed
        if not files:
            return
        sheet = intake.sheet if any(name.lower().endswith(WORKBOOKS) for name in files) else None
        intake = replace(intake, sheet=sheet, rejects=None, suggest_to=None, confirmed=None)
        inbox = intake.open(self.decider.policy, self.language, files)
        for path in files:
            for request in inbox.requests(path):
                self._before.append(self._claim(self.decider.decide(request, as_of, self.language)))
        self.committed = inbox

    def add(self, decision: Decision) -> None:
        """Take in a decision; only what is to be accepted takes room."""
        if decision.recommendation is Recommendation.ACCEPT:
            self._claims.append(self._claim(decision))

    def _claim(self, decision: Decision) -> Claim:
        return self._demander.claim(Engagement.of(decision, self.decider.policy))

    def report(self) -> LimitReport:
        """Which requests wait and what is used, in words."""
        policy, options, labels = self.decider.policy, self.options, self._demander.labels
        claims = sorted(self._claims, key=lambda claim: claim.rank)
        before = sorted(self._before, key=lambda claim: (claim.day, claim.id))
        allocation = allocate_claims(
            policy, claims, before, options.order, options.time_limit, labels
        )
        words = LimitWords(self.decider.writer.wording(self.language), allocation)
        return LimitReport(words, options.committed, len(before))


@dataclass
class Relimiter:
    """Keeps the limits of each screening again, from all of its records, when one needs it.

    `committed` are the files of what counted before them; `inboxes` are these as they were read.
    """

    replayer: Replayer
    records: Sequence[Record]
    committed: Sequence[str]
    language: Language
    inboxes: list[Inbox] = field(default_factory=list)
    _reports: dict[str, LimitReport | None] = field(default_factory=dict)

    def bytes_of(self, record: Record, decision: Decision) -> bytes | None:
        """A decision as limits leave it today.

        None when they leave it as it is, or when its screening is not known.
        """
        if record.source not in self._reports:
            self._reports[record.source] = self._report(record)
        report = self._reports[record.source]
        if report is None:
            return None
        deferral = report.words.allocation.deferred.get(decision.request.id)
        if deferral is None:
            return None
        before, bulk, after = decision.parts()
        before, after = deferred_json(before, after, deferral, report.words)
        return before + bulk + after

    def _report(self, first: Record) -> LimitReport | None:
        if first.screened is None:
            return None
        order: Order = "best" if first.screened.order == "best" else "rank"
        options = Limits(tuple(self.committed), order)
        limiter = Limiter(self.replayer.decider(first), options, first.language)
        limiter.commit(Intake(), first.screened.as_of)
        if limiter.committed is not None:
            self.inboxes.append(limiter.committed)
        for record in self.records:
            decision = self.replayer.decide(record) if record.source == first.source else None
            if decision is not None:
                limiter.add(decision)
        return limiter.report()
