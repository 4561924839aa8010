"""A sweep gives at each point what deciding case by case gives, and keeps finished points."""

import csv
import io
import json
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from commands import run
from support import ROOT, decider, shipped
from triage.deciding.decide import Decider
from triage.errors import UsageError
from triage.intake.inbox import Intake
from triage.limits.allocate import allocate
from triage.limits.demands import Engagement
from triage.model.facts import Request
from triage.policy_diff.settings import apply_settings
from triage.sweep.grid import read_grid
from triage.sweep.points import Sweep

HISTORY = str(ROOT / "examples" / "history" / "cases-synthetic.csv")


@cache
def cases(count: int) -> list[Request]:
    """Cases of the history, of which some come within ninety days with one country."""
    inbox = Intake().open(shipped(), "en", [HISTORY])
    return list(inbox.requests(HISTORY))[1 :: 400 // count]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Every eighth case of the history: enough to differ."""
    head, *rows = Path(HISTORY).read_text("utf-8").splitlines(keepends=True)
    path = tmp_path_factory.mktemp("cases") / "few.csv"
    path.write_text(head + "".join(rows[::8]), "utf-8")
    return str(path)


def swept(path: str, *words: str) -> dict[str, Any]:
    done = run("sweep", path, *words, "--format", "json")
    assert done.code == 0, done.err
    return dict(json.loads(done.out))


@pytest.mark.parametrize(
    "settings",
    [
        ["accept_threshold=35,60", "weight.partner=10,40"],
        ["defer_threshold=10..40:30", "points_full_alignment=30"],
        ["minimum_notice_days=60", "accept_threshold=58"],
        ["accept_threshold@2024-01-01=40"],
        ["americas_visit_gate=true", "largely_aligned_share=1/1"],
        ["asia_key_countries=JPN,MEX,PER"],
    ],
    ids="; ".join,
)
def test_each_point_is_what_deciding_the_cases_one_by_one_gives(settings: list[str]) -> None:
    found, old = cases(40), decider("reference")
    judged = [one for one in found if one.received.isoformat() >= "2022-04-12"]
    before = [old.decide(one).recommendation for one in judged]
    sweep = Sweep(shipped(), read_grid(settings, shipped(), "en"), lambda: found)
    for point, result, new in sweep.run():
        policy = apply_settings(
            shipped(), [f"{name}={value}" for name, value in point.values.items()]
        )
        other = Decider(policy, "reference")
        decisions = [other.decide(one) for one in judged]
        after = [one.recommendation for one in decisions]
        assert new
        assert result.moves == Counter(
            (one.value, two.value) for one, two in zip(before, after, strict=True)
        )
        accepted = [one for one, rank in zip(judged, after, strict=True) if rank == "accept"]
        assert result.use["officer_days"] == sum(
            one.facts.get("officer_days") or 0 for one in accepted
        )
        assert result.unknown["cost_cad"] == sum(
            one.facts.get("cost_cad") is None for one in accepted
        )
        let_in = [Engagement.of(one, policy) for one in decisions if one.recommendation == "accept"]
        allocation = allocate(policy, let_in)
        assert not allocation.deferred
        shares = dict.fromkeys((limit.id for limit in policy.limits), Decimal(0))
        for use in allocation.uses:
            if use.at_most is not None:
                id, share = (
                    policy.limits[use.limit].id,
                    100 * (use.used + use.reserved) / use.at_most,
                )
                shares[id] = max(shares[id], share.quantize(Decimal("0.1")))
        assert result.limits == shares
        pairs = [
            (one.determination.outcome, two)
            for one, two in zip(judged, after, strict=True)
            if one.determination
        ]
        assert (result.agreed, result.determined) == (
            sum(one == two for one, two in pairs),
            len(pairs),
        )
    assert (sweep.eligible, sweep.not_in_force) == (len(judged), len(found) - len(judged))


def test_the_point_of_the_baseline_changes_nothing_and_is_marked(few: str) -> None:
    found = swept(few, "--set", "accept_threshold=59..61", "--set", "weight.partner=20")
    assert [axis["baseline"] for axis in found["axes"]] == ["60", "20"]
    flips = {one["point"]["accept_threshold"]: one["flips"] for one in found["points"]}
    assert flips["60"] == 0
    assert found["points"][1]["policy"] == found["baseline"]["version"] == shipped().version
    done = run("sweep", few, "--set", "accept_threshold=59..61")
    assert [line.split()[0] for line in done.out.splitlines() if line.endswith("< baseline")] == [
        "60"
    ]


def test_a_second_run_goes_on_where_the_first_one_ended(few: str, tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    whole = swept(few, "--set", "accept_threshold=55..60", "--output", str(path))
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 6
    # As if the first run had been ended in the middle of its fourth point.
    path.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    done = run(
        "sweep", few, "--set", "accept_threshold=55..60", "--output", str(path), "--format", "json"
    )
    assert json.loads(done.out) == whole
    assert f"3 of 6 points were in {path} already" in done.err
    assert path.read_bytes().splitlines(keepends=True) == lines
    again = run(
        "sweep", few, "--set", "accept_threshold=55..60", "--output", str(path), "--format", "json"
    )
    assert json.loads(again.out) == whole
    assert "6 of 6 points" in again.err


def test_points_of_other_cases_are_kept_and_not_used(few: str, tmp_path: Path) -> None:
    path, fewer = tmp_path / "points.jsonl", tmp_path / "fewer.csv"
    swept(few, "--set", "accept_threshold=55", "--output", str(path))
    fewer.write_text("\n".join(Path(few).read_text("utf-8").splitlines()[:25]) + "\n", "utf-8")
    done = run("sweep", str(fewer), "--set", "accept_threshold=55", "--output", str(path))
    assert (done.code, done.err) == (0, "")
    first, second = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    assert first["cases"] != second["cases"]
    assert first["flips"] > second["flips"]


def test_a_file_with_something_else_in_it_is_left_alone(few: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not to be lost\n", "utf-8")
    done = run("sweep", few, "--set", "accept_threshold=55", "--output", str(path))
    assert done.code == 2
    assert "this line is not a point of a sweep" in done.err
    assert path.read_text("utf-8") == "not to be lost\n"


def test_a_point_that_makes_no_policy_is_told_and_passed_over(few: str) -> None:
    found = swept(few, "--set", "accept_threshold=20,60")["points"]
    assert (
        found[0]["problem"] == "the threshold to defer (25) is above the threshold to accept (20)"
    )
    assert found[1]["flips"] == 0
    done = run("sweep", few, "--set", "accept_threshold=20,60")
    assert "Points that make no policy: 1" in done.out


def test_the_table_as_csv_has_plain_numbers(few: str) -> None:
    done = run("sweep", few, "--set", "accept_threshold=50,60", "--format", "csv", "--lang", "fr")
    rows = list(csv.reader(io.StringIO(done.out.removeprefix("\ufeff"))))
    assert rows[0][:2] == ["accept_threshold", "changés"]
    assert [row[:2] for row in rows[1:]] == [["50", "5"], ["60", "0"]]


def test_a_page_has_a_heat_map_of_each_measure_beside_the_table() -> None:
    done = run(
        "sweep",
        HISTORY,
        "--set",
        "accept_threshold=55..60",
        "--set",
        "weight.partner=15,20",
        "--format",
        "html",
    )
    assert done.code == 0
    assert done.out.count("<svg role=") == 4
    assert done.out.count('<th scope="row"') == 12
    assert "<script" not in done.out


def test_many_columns_of_a_heat_map_are_spread_over_several(few: str) -> None:
    settings = ["accept_threshold=50..62", "weight.partner=10..22"]
    done = run(
        "sweep", few, *(word for one in settings for word in ("--set", one)), "--format", "html"
    )
    assert done.out.count("<svg role=") == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing to vary"),
        (
            ["--set", "accept_threshold=70..40"],
            "--set accept_threshold=70..40: expected `FROM..TO` or `FROM..TO:STEP`",
        ),
        (["--set", "accept_threshold=40..50:0"], "expected `FROM..TO` or `FROM..TO:STEP`"),
        (
            ["--set", "accept_threshold=40,40"],
            "--set accept_threshold=40,40: the same value is given twice",
        ),
        (
            ["--set", "accept_threshold=40..200"],
            "--set accept_threshold=101: expected a whole number, from 0 to 100",
        ),
        (["--set", "accept_treshold=40"], 'did you mean "accept_threshold"?'),
        (["--set", "weight.partner=1..99999"], "at most 10000 can be run at once"),
        (
            ["--set", "weight.partner=9", "--set", "weight_partner=8"],
            "--set weight_partner=8: this is set already",
        ),
    ],
)
def test_a_mistake_in_a_grid_is_told_in_one_line(few: str, words: list[str], message: str) -> None:
    done = run("sweep", few, *words)
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_file_that_is_not_there_and_a_bad_row_are_told(tmp_path: Path) -> None:
    assert run("sweep", "no-such-file.csv", "--set", "accept_threshold=55").code == 2
    mistakes = str(ROOT / "examples" / "history" / "cases-synthetic-with-mistakes.csv")
    done = run("sweep", mistakes, "--set", "accept_threshold=55")
    assert done.code == 1
    assert "row" in done.err
    assert "5 rejected" in done.out


def test_steps_of_shares_are_exact() -> None:
    (axis,) = read_grid(["largely_aligned_share=1/2..1/1:1/6"], shipped(), "en").axes
    assert axis.values == ("1/2", "2/3", "5/6", "1/1")
    assert axis.current == "2/3"
    with pytest.raises(UsageError):
        read_grid(["largely_aligned_share=0.5"], shipped(), "en")
