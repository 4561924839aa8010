"""Case sets in Parquet, read by columns, here and on a cluster, as if they were read by row."""

import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import frame_of, request, requests, shipped, values_of
from triage.columnar import backends
from triage.columnar.backends import backend, evaluate_files
from triage.columnar.cases import CaseReader, write_cases
from triage.columnar.columns import facts_of
from triage.columnar.encode import requests_of
from triage.columnar.evaluate import Evaluator
from triage.errors import UsageError
from triage.formats.parquet import ParquetFile
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request

READER = CaseReader(shipped())
INBOX = st.lists(requests({"countries": values_of("countries")}), min_size=1, max_size=12)


def numbered(inbox: list[Request]) -> list[Request]:
    return [one.having({"id": f"C-{number}"}) for number, one in enumerate(inbox)]


def read(path: Path, length: int = 5) -> tuple[list[Request], list[dict[str, Any]]]:
    """The requests and the rejected rows of a Parquet file, read by columns, a few rows at once."""
    accepted: list[Request] = []
    rejected: list[dict[str, Any]] = []
    for part in READER.slices(str(path), length):
        batch = READER.read(part)
        assert batch.read == batch.cases.height + len(batch.rejected)
        accepted += requests_of(batch.cases)
        rejected += [one.as_dict() for one in batch.rejected]
    return accepted, rejected


def read_by_row(path: Path) -> tuple[list[Request], list[dict[str, Any]]]:
    inbox = Inbox(RequestReader(shipped()))
    accepted = list(inbox.requests(str(path)))
    return accepted, [one.as_dict() for one in inbox.rejected]


def plain(inbox: list[Request]) -> list[Request]:
    """Without what a case set does not keep: countries not understood, and unknown columns."""
    return [replace(one, unresolved={}, extra={}) for one in inbox]


@settings(max_examples=30)
@given(INBOX)
def test_what_was_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, inbox: list[Request]
) -> None:
    path, inbox = tmp_path_factory.mktemp("cases") / "cases.parquet", numbered(inbox)
    write_cases(inbox, path, facts_of([shipped()]))
    assert pl.read_parquet(path).equals(frame_of(inbox))
    # A list of topics that is empty is a fact not given, as in every intake.
    given = [one.having({"topics": one.topics or None}) for one in inbox]
    assert read(path) == (given, [])
    assert read_by_row(path) == (given, [])


# Each with a mistake, or written as people write it.
DOUBTFUL: list[dict[str, Any]] = [
    {},
    {"request_id": None},
    {"request_id": "C-1"},
    {"request_id": " C-2 "},
    {"received": None},
    {"engagement_type": "Meeting"},
    {"engagement_type": "meating"},
    {"engagement_type": None},
    {"countries": ["Japan"]},
    {"countries": ["XXX"]},
    {"countries": ["JPN", None]},
    {"countries": [], "forum": "hldm"},
    {"countries": None},
    {"countries": None, "requester_organization": "  "},
    {"topics": ["removals", "culture", "removals"]},
    {"topics": ["nothing known"]},
    {"topics": []},
    {"populations": []},
    {"forum": ""},
    {"level": "ministre"},
    {"gc_priority": "something else"},
    {"participants": -1},
    {"participants": 2_000_000},
    {"participants": 3, "visa_required_participants": 4},
    {"officer_days": Decimal("2.5")},
    {"officer_days": Decimal("-1")},
    {"cost_cad": Decimal("1000000000001")},
    {"start": date(2022, 8, 2), "end": date(2022, 8, 1)},
    {"title": "   "},
    {"title": "x" * 10_001},
    {"determination": "accepted"},
    {"determination": "perhaps"},
    {
        "determination": "defer",
        "determination_date": date(2022, 7, 9),
        "determination_reason": "later",
    },
    {"determination_reason": "no outcome"},
    {"language": "français"},
]


def rows(changes: list[dict[str, Any]]) -> pl.DataFrame:
    base = frame_of([request(countries=["JPN"], topics=["removals"], participants=12)]).row(
        0, named=True
    )
    made = [
        {**base, "request_id": f"C-{number}", **change} for number, change in enumerate(changes)
    ]
    return pl.DataFrame(made, schema=frame_of([]).schema)


def test_doubtful_rows_are_read_or_rejected_as_every_intake_would(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    rows(DOUBTFUL).write_parquet(path)
    accepted, rejected = read(path)
    expected, refused = read_by_row(path)
    assert accepted == plain(expected)
    assert rejected == refused
    assert len(accepted) + len(rejected) == len(DOUBTFUL)
    assert {"source", "row", "field", "value", "expected"} <= set(rejected[0])
    assert len(rejected) > 12


def test_columns_of_other_types_are_read_as_every_intake_would(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    frame = rows(
        [
            {},
            {"officer_days": Decimal("0.3")},
            {"purpose_stated": True},
            {"start": date(2022, 9, 1)},
        ]
    )
    frame = frame.with_columns(
        pl.col("received").cast(pl.Datetime("us")),
        pl.col("start").cast(pl.String),
        pl.col("topics").list.join("; "),
        pl.col("countries").list.join(","),
        pl.col("participants").cast(pl.Float64),
        pl.col("officer_days").cast(pl.Float64),
        pl.col("engagement_type").cast(pl.Categorical),
        pl.when(pl.col("purpose_stated")).then(pl.lit("yes")).alias("purpose_stated"),
        pl.lit("unread").alias("Colour"),
    ).rename({"request_id": "Request number", "level": "Level of the visitor"})
    frame.write_parquet(path)
    accepted, rejected = read(path)
    assert (accepted, rejected) == (plain(read_by_row(path)[0]), [])
    assert accepted[1].facts.get("officer_days") == Decimal("0.3")
    assert accepted[2].facts.get("purpose_stated") is True
    assert accepted[3].start == date(2022, 9, 1)
    assert READER.read(READER.slices(str(path))[0]).unknown == ("Colour",)


@settings(max_examples=40)
@given(
    st.lists(
        st.floats(0, 10**6) | st.integers(0, 10**9).map(lambda n: n / 10**6),
        min_size=1,
        max_size=20,
    )
)
def test_floating_point_amounts_are_read_alike(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[float]
) -> None:
    path = tmp_path_factory.mktemp("cases") / "cases.parquet"
    rows([{} for _ in amounts]).with_columns(pl.Series("cost_cad", amounts)).write_parquet(path)
    assert read(path) == read_by_row(path)


def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    missing, empty, text = (
        tmp_path / name for name in ("missing.parquet", "empty.parquet", "text.parquet")
    )
    frame_of([]).write_parquet(empty)
    text.write_text("id,received\n")
    (tmp_path / "none.parquet").mkdir()
    frame_of([request()]).drop("received").write_parquet(tmp_path / "undated.parquet")
    for path, words in (
        (missing, "No such file"),
        (empty, "no request in it"),
        (text, "cannot be read as Parquet"),
        (tmp_path / "none.parquet", "directory"),
        (tmp_path / "undated.parquet", "no column gives Date received (`received`)"),
    ):
        with pytest.raises(UsageError) as told:
            READER.slices(str(path))
        assert words in told.value.message, path
        assert "\n" not in told.value.message


def test_files_of_every_format_are_evaluated_and_an_id_counts_once(tmp_path: Path) -> None:
    inbox = numbered(
        [request(countries=[place], topics=["removals"]) for place in ("JPN", "MEX", "FRA", "CHN")]
    )
    write_cases(inbox, tmp_path / "cases.parquet", facts_of([shipped()]))
    (tmp_path / "more.csv").write_text(
        "id,received,engagement_type,countries\nC-1,2022-07-04,meeting,JPN\nD-1,2022-07-04,meeting,Peru\n"
        "D-2,2022-07-04,nothing,Peru\n",
        encoding="utf-8",
    )
    files = [str(tmp_path / "cases.parquet"), str(tmp_path / "more.csv")]
    found = list(evaluate_files([shipped()], files, length=3))
    assert [batch.cases["request_id"].to_list() for batch, _ in found] == [
        ["C-0", "C-1", "C-2"],
        ["C-3"],
        ["D-1"],
    ]
    assert [one.row for batch, _ in found for one in batch.rejected] == [2, 4]
    assert sum(batch.read for batch, _ in found) == 7
    for batch, (result,) in found:
        assert result.drop("case").equals(Evaluator(shipped()).evaluate(batch.cases).drop("case"))


def test_rows_without_an_id_count_once_when_they_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    same = {"request_id": None}
    rows([same, {}, same, {**same, "participants": 13}, same]).write_parquet(path)
    found = list(evaluate_files([shipped()], [str(path)], length=2))
    assert [batch.rows.to_list() for batch, _ in found] == [[1, 2], [4], []]
    assert [one.row for batch, _ in found for one in batch.rejected] == [3, 5]
    # Columns do not keep what a case said: they tell that its id is taken, and not by the same one.
    told = ("row", "field", "value")
    by_row = [[one[key] for key in told] for one in read_by_row(path)[1]]
    assert by_row == [
        [one.as_dict()[key] for key in told] for batch, _ in found for one in batch.rejected
    ]


def test_a_time_of_day_and_a_zone_leave_the_day(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    late = pl.Series("received", [datetime(2022, 7, 4, 23, 30)]).dt.replace_time_zone(
        "America/Toronto"
    )
    rows([{}]).with_columns(late).write_parquet(path)
    assert read(path)[0][0].received == date(2022, 7, 4)
    assert read(path) == read_by_row(path)


# -- clusters


@pytest.fixture
def cluster() -> Iterator[str]:
    """A Dask cluster of two workers, processes of their own."""
    from distributed import LocalCluster  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
        ) as made:
            yield made.scheduler_address


def test_a_dask_cluster_gives_what_polars_gives(tmp_path: Path, cluster: str) -> None:
    path = tmp_path / "cases.parquet"
    rows(
        [*DOUBTFUL, *({"countries": [place]} for place in ("JPN", "MEX", "FRA", "CHN", "HTI"))]
    ).write_parquet(path)
    here = list(evaluate_files([shipped()], [str(path)], length=7))
    with backend("dask", cluster) as on:
        there = list(evaluate_files([shipped()], [str(path)], on=on, length=7))
    assert len(there) == len(here) > 4
    for (batch, (result,)), (other, (same,)) in zip(here, there, strict=True):
        assert other.cases.equals(batch.cases)
        assert same.equals(result)
        assert [one.as_dict() for one in other.rejected] == [
            one.as_dict() for one in batch.rejected
        ]


def test_a_backend_that_is_not_there_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "PATIENCE", "300ms")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    for name, scheduler, words in (
        ("dask", None, "--scheduler"),
        ("dask", "tcp://127.0.0.1:9", "no cluster answers at tcp://127.0.0.1:9"),
        ("dask", "nonsense", "no cluster answers at nonsense: "),
        ("spark", "local[1]", "pip install 'engagement-triage[spark]'"),
    ):
        with pytest.raises(UsageError) as told, backend(name, scheduler):
            pass
        assert words in told.value.message
        assert "\n" not in told.value.message


def test_a_panic_of_the_reader_of_parquet_is_a_damaged_file(tmp_path: Path) -> None:
    """Polars raises what is no usual exception where its own code gives up."""

    def give_up() -> None:
        raise pl.exceptions.PanicException("gave up")

    path = tmp_path / "cases.parquet"
    pl.DataFrame({"id": ["A"]}).write_parquet(path)
    file = ParquetFile(str(path))
    with pytest.raises(UsageError, match="cannot be read as Parquet: gave up"):
        file._guarded(give_up)
