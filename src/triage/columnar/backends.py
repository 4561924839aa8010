"""Where parts of a case set are evaluated: here, or on the workers of an existing Dask or Spark
cluster.

The same function reads and evaluates a part everywhere; a backend only decides who runs it. The
workers need this program and the files under the same paths.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from triage.columnar.cases import AcceptedCases, CaseReader, FileSlice
from triage.columnar.evaluate import JointEvaluator
from triage.columnar.shape import ID
from triage.errors import RequestError, TriageError, UsageError, first_line
from triage.formats.parquet import SLICE, SUFFIX
from triage.intake.cells import shown
from triage.intake.inbox import Rejected
from triage.messages import Language, say
from triage.model.policy import Policy

if TYPE_CHECKING:
    import polars as pl

BACKENDS = ("polars", "dask", "spark")
AHEAD = 2
"""Parts a worker that are under way or wait to be taken, so that a case set larger than memory
does not pile up.
"""
PATIENCE = "10s"

Item = TypeVar("Item")
Result = TypeVar("Result")


class Backend(Protocol):
    """Runs a function on many items."""

    name: str

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """The results of `function(shared, item)` in the order of the items; `shared` is sent
        once.
        """
        ...


class Local:
    """Runs everything here. Polars uses all cores by itself; two parts at once fill the gaps
    between its steps.
    """

    name = "polars"

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """The results in the order of the items."""
        with ThreadPoolExecutor(AHEAD) as pool:
            yield from _in_order(
                (partial(pool.submit, function, shared, item) for item in items), AHEAD
            )


class Dask:
    """Runs on the workers of a Dask cluster."""

    name = "dask"

    def __init__(self, client: Any, language: Language) -> None:
        self._client, self._language = client, language

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """The results in the order of the items."""
        sent = self._client.scatter(shared, broadcast=True, hash=False)
        ahead = AHEAD * max(1, len(self._client.scheduler_info()["workers"]))
        submit = (partial(self._client.submit, function, sent, item, pure=False) for item in items)
        try:
            yield from _in_order(submit, ahead)
        except TriageError:
            raise
        except (
            Exception
        ) as error:  # a worker died, or lacks this program: each has a class of its own
            raise UsageError(
                say("case-set.lost", self._language, problem=first_line(error))
            ) from error


def _in_order(starts: Iterable[Callable[[], Any]], ahead: int) -> Iterator[Any]:
    """Start some of these ahead of the one whose result is taken."""
    under_way: deque[Any] = deque()
    for start in starts:
        under_way.append(start())
        if len(under_way) >= ahead:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


class Spark:
    """Runs in the Python workers of a Spark cluster."""

    name = "spark"

    def __init__(self, session: Any, language: Language) -> None:
        self._context, self._language = session.sparkContext, language

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """The results in the order of the items."""
        sent = self._context.broadcast(shared)
        parts = self._context.parallelize(items, max(1, len(items)))
        found = parts.map(lambda item: function(sent.value, item)).toLocalIterator(
            prefetchPartitions=True
        )
        try:
            yield from found
        except Exception as error:  # what went wrong on a worker comes back through Java
            own = [line for line in str(error).splitlines() if line.startswith("triage.errors.")]
            problem = own[0].partition(": ")[2] if own else first_line(error)
            raise UsageError(say("case-set.lost", self._language, problem=problem)) from error


@contextmanager
def backend(
    name: str, scheduler: str | None = None, language: Language = "en"
) -> Iterator[Backend]:
    """A backend by name, connected to the cluster whose scheduler is at an address; let go of at
    the end.

    A `UsageError` says what is missing: the package, the address, or the cluster.
    """
    if name == Local.name:
        yield Local()
        return
    if scheduler is None:
        raise UsageError(say("case-set.no-scheduler", language, backend=name))
    with (_dask if name == Dask.name else _spark)(scheduler, language) as found:
        yield found


@contextmanager
def _dask(scheduler: str, language: Language) -> Iterator[Backend]:
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError:
        raise UsageError(say("case-set.no-backend", language, backend=Dask.name)) from None
    try:
        # A client that was given half an address does not come to its end.
        get_address_host_port(scheduler, strict=True)
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        values = {"address": scheduler, "problem": first_line(error)}
        raise UsageError(say("case-set.no-cluster", language, **values)) from None
    with client:
        yield Dask(client, language)


@contextmanager
def _spark(scheduler: str, language: Language) -> Iterator[Backend]:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(say("case-set.no-backend", language, backend=Spark.name)) from None
    try:
        session = SparkSession.builder.master(scheduler).appName("triage").getOrCreate()
    except Exception as error:  # what the bridge to Java raises has no class of its own
        values = {"address": scheduler, "problem": first_line(error)}
        raise UsageError(say("case-set.no-cluster", language, **values)) from None
    try:
        yield Spark(session, language)
    finally:
        session.stop()


# -- evaluating
# -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What is done with every part: how cases are read, under which policies and for which day
    they are evaluated.
    """

    reader: CaseReader
    evaluator: JointEvaluator
    as_of: date | None
    rules: bool


Evaluated = tuple[AcceptedCases, "list[pl.DataFrame]"]
"""A batch of cases, and the results of `JointEvaluator` under each policy."""


def evaluate_part(task: Task, part: FileSlice) -> Evaluated:
    """Read and evaluate one part."""
    return evaluate_batch(task, task.reader.read(part))


def evaluate_batch(task: Task, batch: AcceptedCases) -> Evaluated:
    """Evaluate cases that were read already."""
    return batch, task.evaluator.evaluate(batch.cases, task.as_of, task.rules)


def evaluate_files(
    policies: Sequence[Policy],
    files: Iterable[str],
    as_of: date | None = None,
    rules: bool = True,
    on: Backend | None = None,
    language: Language = "en",
    length: int = SLICE,
) -> Iterator[Evaluated]:
    """The cases of files of every intake format with what each policy makes of them, batch by
    batch, in order.

    The first policy's headers and vocabularies are those of the files. Parquet is read where it is
    evaluated.
    """
    task = Task(CaseReader(policies[0], language), JointEvaluator(policies), as_of, rules)
    names = list(files)
    seen: dict[str, tuple[str, int]] = {}
    for path in names:
        found: Iterator[Evaluated]
        once = len(names) == 1
        if path.lower().endswith(SUFFIX):
            parts = task.reader.parts(path, length)
            once = once and parts[0].identified
            found = (on or Local()).map(evaluate_part, task, parts)
        else:
            found = (evaluate_batch(task, batch) for batch in task.reader.by_row(path, length))
        for batch, results in found:
            yield (batch, results) if once else _first_of(batch, results, seen, language)


def _first_of(
    batch: AcceptedCases,
    results: "list[pl.DataFrame]",
    seen: dict[str, tuple[str, int]],
    language: Language,
) -> Evaluated:
    """Without the cases whose id an earlier batch had; these are rejected."""
    ids = batch.cases[ID].to_list()
    again = [one in seen for one in ids]
    rejected = []
    for id, row, repeats in zip(ids, batch.rows, again, strict=True):
        if repeats:
            source, first = seen[id]
            expected = say("expected.unique-id", language, source=source, row=first)
            rejected.append(Rejected(batch.path, row, (RequestError("id", shown(id), expected),)))
        else:
            seen[id] = (batch.path, row)
    if not rejected:
        return batch, results
    told = tuple(sorted((*batch.rejected, *rejected), key=lambda one: one.row))
    kept = [not repeats for repeats in again]
    fewer = replace(
        batch, cases=batch.cases.filter(kept), rows=batch.rows.filter(kept), rejected=told
    )
    return fewer, [frame.filter(kept) for frame in results]
