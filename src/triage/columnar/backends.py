"""Where slices of case sets are evaluated: here, or on the workers of a Dask or Spark cluster.

The same function reads and evaluates a slice everywhere; a backend only decides who runs it. The
cluster must be there already, and its workers need this program and the files under the same paths.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from triage.columnar.cases import AcceptedCases, CaseReader, FileSlice, reading_policy
from triage.columnar.columns import ID
from triage.columnar.evaluate import JointEvaluator
from triage.errors import RequestError, TriageError, UsageError, first_line
from triage.formats.file_names import one_line
from triage.formats.parquet import SLICE, SUFFIX
from triage.intake.cells import shown
from triage.intake.inbox import Rejected
from triage.messages import Language, say
from triage.model.policy import Policy

if TYPE_CHECKING:
    import polars as pl

BACKENDS = ("polars", "dask", "spark")
AHEAD = 2
"""Items for each worker that are started before the result of the first is taken.

A few keep it busy; more would let a case set larger than memory pile up.
"""
PATIENCE = "10s"
"""How long to wait for a scheduler, as Dask writes it."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Backend(Protocol):
    name: str

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """The results of `function(shared, item)` in the order of the items.

        `shared` is sent to each worker once.
        """
        ...


class Local:
    """Runs everything here.

    Polars uses all cores by itself; two items at once fill the gaps between its steps.
    """

    name = "polars"

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """See `Backend.map`."""
        with ThreadPoolExecutor(AHEAD) as pool:
            starts = (partial(pool.submit, function, shared, item) for item in items)
            yield from _in_order(starts, AHEAD)


class Dask:
    name = "dask"

    def __init__(self, client: Any, language: Language) -> None:
        self._client, self._language = client, language

    def map(
        self, function: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item]
    ) -> Iterator[Result]:
        """See `Backend.map`."""
        sent = self._client.scatter(shared, broadcast=True, hash=False)
        ahead = AHEAD * max(1, len(self._client.scheduler_info()["workers"]))
        starts = (partial(self._client.submit, function, sent, item, pure=False) for item in items)
        try:
            yield from _in_order(starts, ahead)
        except TriageError:
            raise
        except Exception as error:  # a worker that dies or lacks this program has many classes
            problem = first_line(error)
            raise UsageError(say("case-set.lost", self._language, problem=problem)) from error


def _in_order(starts: Iterable[Callable[[], Any]], ahead: int) -> Iterator[Any]:
    """The results in order; `ahead` items are started before the first result is taken."""
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
        """See `Backend.map`."""
        sent = self._context.broadcast(shared)
        partitions = self._context.parallelize(items, max(1, len(items)))
        results = partitions.map(lambda item: function(sent.value, item))
        try:
            yield from results.toLocalIterator(prefetchPartitions=True)
        except Exception as error:  # what went wrong on a worker comes back through Java
            own = [line for line in str(error).splitlines() if line.startswith("triage.errors.")]
            problem = own[0].partition(": ")[2] if own else first_line(error)
            raise UsageError(say("case-set.lost", self._language, problem=problem)) from error


@contextmanager
def backend(
    name: str, scheduler: str | None = None, language: Language = "en"
) -> Iterator[Backend]:
    """A backend by name, connected until the end of the block to the cluster of a scheduler.

    `UsageError` says what is missing: the package, the address, or the cluster.
    """
    if name == Local.name:
        yield Local()
        return
    if scheduler is None:
        raise UsageError(say("case-set.no-scheduler", language, backend=name))
    with (_dask if name == Dask.name else _spark)(scheduler, language) as cluster:
        yield cluster


@contextmanager
def _dask(scheduler: str, language: Language) -> Iterator[Backend]:
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError:
        raise UsageError(say("case-set.no-backend", language, backend=Dask.name)) from None
    try:
        # A client that was given half an address would wait without end.
        get_address_host_port(scheduler, strict=True)
        options = {"timeout": PATIENCE, "set_as_default": False}
        client = Client(scheduler, **options)  # type: ignore[no-untyped-call]
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


@dataclass(frozen=True)
class Task:
    """How every slice is read and evaluated."""

    reader: CaseReader
    evaluator: JointEvaluator
    as_of: date | None
    rules: bool


Evaluated = tuple[AcceptedCases, "list[pl.DataFrame]"]
"""A batch of cases, and the results of `JointEvaluator` under each policy."""


def evaluate_slice(task: Task, slice_: FileSlice) -> Evaluated:
    return evaluate_batch(task, task.reader.read(slice_))


def evaluate_batch(task: Task, batch: AcceptedCases) -> Evaluated:
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
    """The cases of files of every intake format with their results, batch by batch, in order.

    Headers and vocabularies are those of `reading_policy`. Slices of Parquet are read by the worker
    that evaluates them; other files are read here. An id counts once over all files.
    """
    reader = CaseReader(reading_policy(policies, language), language)
    task = Task(reader, JointEvaluator(policies), as_of, rules)
    names = list(files)
    seen: dict[str, tuple[str, int]] = {}
    for path in names:
        evaluated: Iterator[Evaluated]
        unique = len(names) == 1
        if path.lower().endswith(SUFFIX):
            slices = task.reader.slices(path, length)
            unique = unique and slices[0].identified
            evaluated = (on or Local()).map(evaluate_slice, task, slices)
        else:
            evaluated = (evaluate_batch(task, batch) for batch in task.reader.by_row(path, length))
        for batch, results in evaluated:
            yield (batch, results) if unique else _first_of(batch, results, seen, language)


def _first_of(
    batch: AcceptedCases,
    results: "list[pl.DataFrame]",
    seen: dict[str, tuple[str, int]],
    language: Language,
) -> Evaluated:
    """Reject the cases whose id an earlier batch had, in the file and row that `seen` tells."""
    ids = batch.cases[ID].to_list()
    kept = [id not in seen for id in ids]
    rejected = []
    for id, row, first in zip(ids, batch.rows, kept, strict=True):
        if first:
            seen[id] = (one_line(batch.path), row)
            continue
        source, earlier = seen[id]
        expected = say("expected.unique-id", language, source=source, row=earlier)
        error = RequestError("id", shown(id), expected, "expected.unique-id")
        rejected.append(Rejected(one_line(batch.path), row, (error,)))
    if not rejected:
        return batch, results
    every = tuple(sorted((*batch.rejected, *rejected), key=lambda one: one.row))
    cases, rows = batch.cases.filter(kept), batch.rows.filter(kept)
    fewer = replace(batch, cases=cases, rows=rows, rejected=every)
    return fewer, [frame.filter(kept) for frame in results]
