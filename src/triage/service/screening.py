"""Requests in, recommendations out; an empty inbox, and topics that words suggest."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.deciding.durable import active_engine
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.wording import Wording
from triage.errors import UsageError
from triage.formats.csv_forms import PLAIN_CSV, CsvForm
from triage.formats.spool import RankedSpool
from triage.intake.draft_requests import DraftRequest, draft_request
from triage.intake.duplicates import Duplicates
from triage.intake.inbox import PLAIN_INTAKE, Inbox, Intake
from triage.intake.likeness import DuplicateLink
from triage.intake.topics import Suggested, Topics
from triage.limits.tables import LimitReport
from triage.messages import Language, say
from triage.model.policy import RECOMMENDATION_MESSAGES, Policy
from triage.reports import terminal, text
from triage.reports.deferred import deferred_entry, deferred_json, deferred_key, deferred_record
from triage.reports.duplicates import DuplicateReport
from triage.reports.entries import entry
from triage.reports.limits import limits_on_terminal
from triage.reports.screening import ScreeningReport
from triage.rulebook.load import load_policy
from triage.service.limiting import Limiter, Limits


@dataclass
class Screening:
    """The outcome of screening, in one form.

    The rows of a table and the counts are in memory; what another form keeps of each decision is in
    a spool.
    """

    policy: Policy
    as_of: date | None
    inbox: Inbox
    form: str = "table"
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[terminal.RankedLine] = field(default_factory=list)
    classifications: Counter[str | None] = field(default_factory=Counter)
    explained: Decision | None = None
    spool: RankedSpool[RankKey] = field(default_factory=RankedSpool)
    limits: LimitReport | None = None
    committed: Inbox | None = None
    csv_form: CsvForm = PLAIN_CSV
    duplicates: list[DuplicateLink] = field(default_factory=list)
    seen: list[tuple[str, Inbox]] = field(default_factory=list)
    """Each file of requests seen before, and how it was read."""

    @property
    def inboxes(self) -> list[Inbox]:
        """All that was read, in its order."""
        committed = [self.committed] if self.committed is not None else []
        return [*committed, *(inbox for _, inbox in self.seen), self.inbox]

    @property
    def totals(self) -> dict[str, int]:
        """`accepted`, `rejected` and what was passed over make up `read`.

        The recommendations make up `accepted`. `passed_over` is there only where it is not 0.
        """
        accepted, rejected = sum(self.counts.values()), len(self.inbox.rejected)
        passed = {"passed_over": self.inbox.passed_over} if self.inbox.passed_over else {}
        recommended = {one: self.counts[one] for one in RECOMMENDATION_MESSAGES}
        read = {"read": self.inbox.read, "accepted": accepted, "rejected": rejected}
        return read | passed | recommended

    def pieces(self) -> Iterator[bytes]:
        """The report in its form, ranked."""
        if self.form == "json":
            return self._json()
        if self.form == "table":
            return self._table()
        from triage.reports import rendering

        return rendering.render(self._report(), self.form)

    def _table(self) -> Iterator[bytes]:
        language = self.inbox.language
        yield f"{terminal.table(self.lines, language)}\n\n".encode()
        parts = [terminal.totals(self.totals, self.policy, active_engine(), language)]
        if self.duplicates:
            parts.append(self._linked().on_terminal())
        if self.limits is not None:
            parts.append(limits_on_terminal(self.limits))
        yield text.plainly(parts, language).encode()

    def _json(self) -> Iterator[bytes]:
        yield b'{"decisions":['
        for number, (data, bulk) in enumerate(self.spool.records()):
            before, after = data.split(b"\n")
            yield b"".join((b"," if number else b"", before, bulk, after))
        rejected = orjson.dumps([one.as_dict() for one in self.inbox.rejected])
        as_of = self.as_of and self.as_of.isoformat()
        policy = {"version": self.policy.version, "as_of": as_of, "engine": active_engine()}
        yield b'],"rejected":' + rejected + b',"totals":' + orjson.dumps(self.totals)
        files = [one.as_dict() for one in self.inbox.surveys.values() if one.is_remarkable]
        if files:
            yield b',"files":' + orjson.dumps(files)
        if self.limits is not None:
            yield b',"limits":' + orjson.dumps(self.limits.words.limits())
            yield b',"allocation":' + orjson.dumps(self._allocation(self.limits))
        if self.duplicates:
            yield b',"duplicates":' + orjson.dumps(self._linked().as_list())
        if self.seen:
            yield b',"seen":' + orjson.dumps([_read(*one) for one in self.seen])
        yield b',"policy":' + orjson.dumps(policy) + b"}\n"

    def _linked(self) -> DuplicateReport:
        return DuplicateReport(self.duplicates, Wording(self.policy, self.inbox.language))

    def _allocation(self, limits: LimitReport) -> dict[str, Any]:
        shape = limits.words.allocated()
        if self.committed is not None:
            shape["committed"] = {
                "files": list(limits.files),
                "read": self.committed.read,
                "accepted": limits.accepted,
                "rejected": [one.as_dict() for one in self.committed.rejected],
            }
        return shape

    def keep_within(self, limits: LimitReport) -> None:
        """Defer the requests that wait: in the table, in the counts, and in the spool."""
        deferred, words = limits.words.allocation.deferred, limits.words
        self.limits = limits
        self.counts["accept"] -= len(deferred)
        self.counts["defer"] += len(deferred)
        for number, line in enumerate(self.lines):
            if (deferral := deferred.get(line.key.id)) is not None:
                reason, language = words.reason(deferral), words.words.language
                self.lines[number] = terminal.deferred(line, reason, language)

        def change(key: RankKey, data: bytes) -> tuple[RankKey, bytes] | None:
            record = deferred_record(self.form, data, deferred[key.id], words)
            return None if record is None else (deferred_key(key), record)

        self.spool.revise(deferred, change)

    def _report(self) -> ScreeningReport:
        return ScreeningReport(
            language=self.inbox.language,
            policy=self.policy,
            engine=active_engine(),
            as_of=self.as_of,
            totals=self.totals,
            classifications=self.classifications,
            rejected=self.inbox.rejected,
            rejected_before=[row for inbox in self.inboxes[:-1] for row in inbox.rejected],
            spool=self.spool,
            limits=self.limits,
            csv_form=self.csv_form,
            duplicates=self._linked() if self.duplicates else None,
        )

    def close(self) -> None:
        """Let go of the temporary files."""
        self.spool.close()
        self.inbox.close()


def _read(file: str, inbox: Inbox) -> dict[str, Any]:
    """How a file of requests seen before was read, in the JSON shape."""
    rejected = [one.as_dict() for one in inbox.rejected]
    return {"file": file, "read": inbox.read, "rejected": rejected}


class Triage:
    """The use cases with one policy and its engine; `rules` is its folder, or the shipped one."""

    def __init__(
        self, rules: Path | None = None, language: Language = "en", engine: str | None = None
    ) -> None:
        self.language = language
        self.policy = load_policy(rules, language)
        self.decider = Decider(self.policy, engine)

    def screen(
        self,
        files: Iterable[str],
        as_of: date | None = None,
        explain: str | None = None,
        form: str = "table",
        progress: Callable[[int], None] | None = None,
        intake: Intake | None = None,
        limits: Limits | None = None,
        seen: Iterable[str] = (),
    ) -> Screening:
        """Decide every request of the files, and keep what is accepted within the limits.

        `explain` keeps the decision with that id. `limits` says what is committed already and which
        order counts. `seen` are files of earlier requests: they show which requests came before.
        `form` is table, json or one of `rendering.REPORTS`. `progress` is told how many rows were
        read, and may raise. The caller closes the outcome.
        """
        files, limits = list(files), limits or Limits()
        if limits.order == "best" and not self.policy.limits:
            raise UsageError(say("screen.no-limits", self.language))
        limiter = Limiter(self.decider, limits, self.language)
        intake, duplicates = intake or Intake(), Duplicates()
        limiter.commit(intake, as_of, duplicates)
        inbox = intake.open(self.policy, self.language, files)
        result = Screening(self.policy, as_of, inbox, form, committed=limiter.committed)
        if limiter.committed is not None:
            inbox.reserve(limiter.committed)
        with ExitStack() as undo:
            undo.callback(result.close)
            self._take_in_seen(result, seen, intake, duplicates, progress)
            self._decide_all(result, files, limiter, duplicates, explain, progress)
            result.duplicates = duplicates.links()
            if explain is not None and result.explained is None:
                raise UsageError(say("screen.no-such-id", self.language, id=explain))
            result.keep_within(limiter.report())
            if inbox.rejects is not None:
                inbox.rejects.write()
            if inbox.suggestions is not None:
                inbox.suggestions.write()
            undo.pop_all()
        return result

    def _take_in_seen(
        self,
        result: Screening,
        files: Iterable[str],
        intake: Intake,
        duplicates: Duplicates,
        progress: Callable[[int], None] | None,
    ) -> None:
        """Read each file by itself: the same request may well stand in several of them."""
        for path in files:
            inbox = intake.beside([path]).open(self.policy, self.language, [path])
            result.seen.append((path, inbox))
            for request in inbox.requests(path):
                duplicates.add(request, "seen", inbox.place(request.id))
                if progress is not None:
                    progress(inbox.read)

    def _decide_all(
        self,
        result: Screening,
        files: Iterable[str],
        limiter: Limiter,
        duplicates: Duplicates,
        explain: str | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        wording = self.decider.writer.wording(self.language)
        keep = None
        if result.form != "table":
            from triage.reports import rendering

            keep = rendering.keeper(result.form, wording)
        for path in files:
            for request in result.inbox.requests(path):
                decision = self.decider.decide(request, result.as_of, self.language)
                limiter.add(decision)
                duplicates.add(request, "inbox", result.inbox.place(request.id))
                result.counts[decision.recommendation.value] += 1
                result.classifications[request.classification] += 1
                if keep is None:
                    result.lines.append(terminal.line(decision, wording))
                elif (kept := keep(decision)) is not None:
                    result.spool.add(rank_key(decision), *kept)
                if explain is not None and request.id == explain:
                    result.explained = decision
                if progress is not None:
                    progress(result.inbox.read)

    def explain(
        self, decision: Decision, form: str, limits: LimitReport | None = None
    ) -> Iterable[bytes]:
        """One decision in full, as `limits` leave it.

        `form` is text, json, or one of `rendering.BRIEF_FORMATS`.
        """
        words = self.decider.writer.wording(self.language)
        deferral = None
        if limits is not None:
            deferral = limits.words.allocation.deferred.get(decision.request.id)
        if form == "json":
            before, bulk, after = decision.parts()
            if deferral and limits:
                before, after = deferred_json(before, after, deferral, limits.words)
            return [before, bulk, after, b"\n"]
        row = entry(decision, words)
        if deferral and limits:
            row = deferred_entry(row, deferral, limits.words)
        from triage.reports import rendering

        return rendering.brief(row, words, form)


def empty_inbox(
    form: str,
    rules: Path | None = None,
    language: Language = "en",
    csv_form: CsvForm | None = None,
) -> bytes:
    """An inbox to be filled in, as `csv` or `xlsx`; CSV in the form of the language by default."""
    policy = load_policy(rules, language)
    from triage.intake.templates import csv_template, workbook_template

    if form == "xlsx":
        return workbook_template(policy, language)
    return csv_template(policy, language, csv_form)


def suggest_topics(
    path: str,
    rules: Path | None = None,
    language: Language = "en",
    intake: Intake = PLAIN_INTAKE,
) -> tuple[Topics, Iterator[Suggested]]:
    """What the words of a text, or of each request of an inbox, suggest; `Topics` tells it."""
    topics = Topics(load_policy(rules, language), language, intake)
    return topics, topics.read(path)


def draft_from_letter(
    path: Path, rules: Path | None = None, language: Language = "en"
) -> DraftRequest:
    """The draft of the request in a letter, every value with the words it rests on."""
    return draft_request(path, load_policy(rules, language), language)
