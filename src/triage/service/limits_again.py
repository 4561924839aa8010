"""The limits of a recorded screening kept again, so that what they deferred can be compared too."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.backtest.replay import Record, Replayer
from triage.deciding.decision import Decision
from triage.intake.inbox import Inbox, Intake
from triage.limits.allocate import Order
from triage.limits.tables import LimitReport
from triage.messages import Language
from triage.reports.limited import deferred_json
from triage.service.limiting import Limiter, Limits


@dataclass
class LimitsAgain:
    """Keeps the limits of each screening among the records, from all of its records, when one of them needs it.

    `committed` are the files of what counted before them; `inboxes` are these as they were read.
    """

    replayer: Replayer
    records: Sequence[Record]
    committed: Sequence[str]
    language: Language
    inboxes: list[Inbox] = field(default_factory=list)
    _reports: dict[str, LimitReport | None] = field(default_factory=dict)

    def bytes_of(self, record: Record, decision: Decision) -> bytes | None:
        """A decision as limits leave it today; None when they leave it as it is, or the screening is not known."""
        if record.source not in self._reports:
            self._reports[record.source] = self._report(record)
        report = self._reports[record.source]
        if report is None or (found := report.words.allocation.deferred.get(decision.request.id)) is None:
            return None
        return deferred_json(decision.to_json(), found, report.words)

    def _report(self, first: Record) -> LimitReport | None:
        if first.screened is None:
            return None
        order: Order = "best" if first.screened.order == "best" else "rank"
        limiter = Limiter(self.replayer.decider(first), Limits(tuple(self.committed), order), first.language)
        limiter.commit(Intake(), first.screened.as_of)
        if limiter.committed is not None:
            self.inboxes.append(limiter.committed)
        for record in self.records:
            if record.source == first.source and (decision := self.replayer.decide(record)) is not None:
                limiter.add(decision)
        return limiter.report()
