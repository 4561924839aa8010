"""Where requests become decisions: readers a thread, and a pool of threads for what takes long."""

import asyncio
import copy
import gc
import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, TypeVar

from triage.deciding.decision import Decision
from triage.intake.forms import MOST_UNKNOWN
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, Language
from triage.model.facts import Request
from triage.service import Triage
from triage.service.assessing import assess
from triage_api.limits import MOST_JOBS
from triage_api.problems import ProblemError, invalid_request

Done = TypeVar("Done")
WORKERS = 4


class Desk:
    """Decides with one policy.

    One decision takes less than a change of threads costs, so it is made where it is asked. Batches
    and inboxes go to a pool, whose threads stay because each compiles the policy for itself.
    """

    def __init__(self, triage: Triage) -> None:
        self.triage, self.policy = triage, triage.policy
        self.engine = triage.decider.engines.name
        self._local = threading.local()
        self._pool: ThreadPoolExecutor | None = None
        self._jobs = 0

    def warm(self) -> None:
        """Compile the policy before the first request, and leave what was loaded to itself."""
        today = date.today()
        type = next(iter(self.policy.vocabularies["engagement_types"].terms))
        # Neither country nor forum is known, so that every strategy is asked.
        sample = {"id": "-", "received": today, "engagement_type": type}
        sample["requester_organization"] = "-"
        for language in LANGUAGES:
            self.decide(sample, today, language)
        gc.collect()
        gc.freeze()

    def reader(self, language: Language) -> RequestReader:
        """The reader of this thread: it remembers values, so threads cannot share one."""
        readers: dict[Language, RequestReader] | None = getattr(self._local, "readers", None)
        if readers is None:
            readers = {one: RequestReader(self.policy, one) for one in LANGUAGES}
            self._local.readers = readers
        return readers[language]

    def speaking(self, language: Language) -> Triage:
        """The use cases of the service in a language, with the same policy and engines."""
        other = copy.copy(self.triage)
        other.language = language
        return other

    def read(self, given: Mapping[str, Any], language: Language) -> Request:
        """One request; `ProblemError` with every value that cannot be read."""
        reader = self.reader(language)
        request, errors = reader.read(given)
        if request is None:
            names = {(reader.header(key) or "").partition(":")[0]: key for key in given}
            raise invalid_request(errors, given, names)
        return request

    def decide(self, given: Mapping[str, Any], as_of: date | None, language: Language) -> Decision:
        """The decision on one request; `ProblemError` with every value that cannot be read."""
        return self.triage.decider.decide(self.read(given, language), as_of, language)

    def assess(
        self,
        given: Mapping[str, Any],
        as_of: date | None,
        language: Language,
        check: Callable[[], None],
    ) -> bytes:
        """The self-assessment of one proposal as JSON; `check` is called often and may raise."""
        assessed = assess(self.speaking(language), self.read(given, language), as_of, check)
        return assessed.to_json(self.triage.decider.writer.wording(language))

    def unread(self, given: Mapping[str, Any]) -> list[str]:
        """The keys that mean nothing here, so that the sender can be told."""
        if given.keys() <= self.policy.request_facts.keys():
            return []
        reader = self.reader("en")
        unread = (key for key in given if not reader.header(key))
        return list(itertools.islice(unread, MOST_UNKNOWN))

    async def work(self, job: Callable[[], Done]) -> Done:
        """Run a job in the pool; `ProblemError` when too many are waiting."""
        if self._jobs >= MOST_JOBS:
            raise ProblemError("busy", headers={"Retry-After": "10"})
        self._jobs += 1
        if self._pool is None:
            self._pool = ThreadPoolExecutor(WORKERS, "triage")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, job)
        finally:
            self._jobs -= 1

    def close(self) -> None:
        """Let the threads go, when their work is done."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
