"""Two policies side by side, and recorded decisions beside those of today."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from triage.backtest.replay import (
    Cause,
    Difference,
    Record,
    Replayer,
    UnreadableRecord,
    read_records,
)
from triage.deciding.durable import active_engine
from triage.errors import UsageError
from triage.formats.file_names import one_line
from triage.intake.inbox import PLAIN_INTAKE, Inbox, Intake
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.policy_diff.candidate import load_candidate
from triage.policy_diff.edits import Edit, edits_between
from triage.rulebook.load import load_policy
from triage.service.limiting import Relimiter


@dataclass(frozen=True)
class Compared:
    """Two policies and the edits between them."""

    baseline: Policy
    candidate: Policy
    edits: tuple[Edit, ...]

    @property
    def effective(self) -> list[Edit]:
        """The edits that can change a result."""
        return [edit for edit in self.edits if edit.affects_results]

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "baseline": {"version": self.baseline.version},
            "candidate": {"version": self.candidate.version},
            "edits": [edit.as_dict(language) for edit in self.edits],
        }


def compare(
    baseline: Path | None,
    candidate: Path | None,
    settings: Sequence[str] = (),
    language: Language = "en",
) -> Compared:
    """The edits between a policy (the shipped one by default) and a candidate or its overlay."""
    first = load_policy(baseline, language)
    second = load_candidate(candidate, settings, first, language)
    return Compared(first, second, edits_between(first, second))


@dataclass
class Replayed:
    """How many recorded decisions agree with today's, and every one that does not."""

    engine: str
    versions: Sequence[str]
    agreed: int = 0
    differences: list[Difference] = field(default_factory=list)
    unreadable: list[UnreadableRecord] = field(default_factory=list)
    inboxes: list[Inbox] = field(default_factory=list)

    @property
    def causes(self) -> Counter[Cause]:
        """How many decisions differ for each cause."""
        return Counter(difference.cause for difference in self.differences)

    @property
    def read(self) -> int:
        """How many records there were."""
        return self.agreed + len(self.differences) + len(self.unreadable)

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "read": self.read,
            "agreed": self.agreed,
            "differing": len(self.differences),
            "unreadable": [record.as_dict() for record in self.unreadable],
            "causes": {cause.value: self.causes[cause] for cause in Cause},
            "differences": [difference.as_dict() for difference in self.differences],
            "policy": {"versions": list(self.versions)},
            "engine": self.engine,
        }


def replay(
    records: Iterable[str],
    requests: Iterable[str],
    rules: Sequence[Path] = (),
    language: Language = "en",
    intake: Intake = PLAIN_INTAKE,
    committed: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Replayed:
    """Make recorded decisions again from the inboxes of their requests.

    `rules` are the folders of the policies at hand, the shipped one by default: each record is made
    again under the one with its version. `committed` are the files of what limits counted before
    the screening. `-` is standard input.
    """
    policies = [load_policy(folder, language) for folder in rules] or [load_policy(None, language)]
    replayed = Replayed(active_engine(), [policy.version for policy in policies])
    readable = _read(records, replayed, language)
    known = _known(list(requests), readable, policies[0], intake, replayed, language)
    replayer = Replayer(policies, known)
    relimiter = Relimiter(replayer, readable, committed, language)
    replayer.limited = relimiter.bytes_of
    for number, (_, difference) in enumerate(replayer.replay(readable), 1):
        if difference is None:
            replayed.agreed += 1
        else:
            replayed.differences.append(difference)
        if progress is not None:
            progress(number)
    replayed.inboxes += relimiter.inboxes
    return replayed


def _read(paths: Iterable[str], replayed: Replayed, language: Language) -> list[Record]:
    """The records of the files; what is no record is noted. `UsageError` when none is one."""
    readable: list[Record] = []
    for path in paths:
        for record in read_records(one_line(path), _bytes(path, language)):
            if isinstance(record, Record):
                readable.append(record)
            else:
                replayed.unreadable.append(record)
    if replayed.unreadable and not readable:
        raise UsageError(replayed.unreadable[0].line(language))
    return readable


def _known(
    files: Sequence[str],
    records: Sequence[Record],
    policy: Policy,
    intake: Intake,
    replayed: Replayed,
    language: Language,
) -> dict[tuple[str, bool], list[Request]]:
    """The requests by id, read with suggestions accepted where a record rests on them."""
    known: dict[tuple[str, bool], list[Request]] = {}
    for suggested in sorted({record.suggested for record in records}):
        for path in files:
            # Each file by itself: two inboxes may have one id with different facts, and records of
            # both.
            asked = replace(intake, accept_suggestions=suggested)
            inbox = asked.open(policy, language, [path])
            for request in inbox.requests(path):
                known.setdefault((request.id, suggested), []).append(request)
            replayed.inboxes.append(inbox)
    return known


def _bytes(path: str, language: Language) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        values = {"path": path, "problem": error.strerror}
        raise UsageError(say("intake.unreadable", language, **values)) from None
