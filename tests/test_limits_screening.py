"""`triage screen` within limits: a full quarter, a crisis, the best choice, and each form."""

import csv
import html
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from commands import Ran, run
from support import ROOT, RULES

EXAMPLES = ROOT / "examples"
INBOX, COMMITTED = str(EXAMPLES / "inbox.csv"), str(EXAMPLES / "committed.csv")
PROJECTS = str(EXAMPLES / "inbox-projects.csv")
FULL = (INBOX, "--committed", COMMITTED)
WAITING = {"IN-2022-015", "IN-2022-037"}


def screened(*words: str, code: int = 0) -> dict[str, Any]:
    ran = run("screen", *words, "--format", "json")
    assert ran.code == code, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def by_id(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["request_id"]: one for one in found["decisions"]}


def periods(found: dict[str, Any], limit: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = next(
        one["periods"] for one in found["limits"] if one["limit"] == limit
    )
    return rows


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the policy that a test may change."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


# -- the example


def test_the_example_inbox_alone_fits_the_limits_that_ship() -> None:
    found = screened(INBOX)
    assert found["allocation"]["deferred"] == 0
    assert not [one for one in found["decisions"] if "limits" in one]
    assert all(limit["to_be_set"] for limit in found["limits"])


def test_a_full_quarter_defers_the_lowest_ranked_visit_to_the_next_quarter() -> None:
    waits = by_id(screened(*FULL))["IN-2022-037"]
    assert (waits["recommendation"], waits["decided_by"]) == ("defer", ["limit-visits-a-quarter"])
    assert "limit_reached" in waits["flags"]
    assert waits["limits"]["recommendation"] == "accept"
    assert waits["limits"]["decided_by"] == ["threshold-accept"]
    (reached,) = waits["limits"]["reached"]
    found = (reached["limit"], reached["period"], reached["at_most"], reached["used"])
    assert found == ("visits-a-quarter", "2022-23-Q3", 8, 8)
    assert set(reached["by"]) >= {"AC-2022-01", "IN-2022-046"}
    assert waits["limits"]["first_period"]["from"] == "2023-01-01"
    assert waits["limits"]["first_period"]["period"] == "2022-23-Q4"
    assert waits["possible"] == ["accept", "defer"]
    assert "2023-01-01" in waits["advice"][0]


def test_a_year_whose_money_is_spent_defers_the_project_to_the_next_year() -> None:
    waits = by_id(screened(*FULL))["IN-2022-015"]
    assert [one["limit"] for one in waits["limits"]["reached"]] == ["projects-of-a-region"]
    assert waits["limits"]["first_period"]["from"] == "2023-04-01"


def test_moved_to_the_day_that_it_was_told_a_request_is_accepted(tmp_path: Path) -> None:
    with Path(INBOX).open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        heads, rows = list(reader.fieldnames or ()), list(reader)
    days = {
        id: one["limits"]["first_period"]["from"]
        for id, one in by_id(screened(*FULL)).items()
        if "limits" in one
    }
    assert days.keys() == WAITING
    for row in rows:
        if (day := days.get(row["Request number"])) is not None:
            row["First day"], row["Last day"] = day, ""
    path = tmp_path / "moved.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, heads)
        writer.writeheader()
        writer.writerows(rows)
    found = by_id(screened(str(path), "--committed", COMMITTED))
    assert {found[id]["recommendation"] for id in WAITING} == {"accept"}


def test_decisions_that_no_limit_touches_keep_their_bytes() -> None:
    def records(*words: str) -> dict[str, str]:
        text = run("screen", *words, "--format", "json").out
        shown = re.findall(r'\{"decision_id":.*?"language":"en"\}', text)
        return {json.loads(one)["request_id"]: one for one in shown}

    alone, full = records(INBOX), records(*FULL)
    assert alone.keys() == full.keys()
    assert {id for id, record in alone.items() if record != full[id]} == WAITING


def test_totals_and_ranks_follow_what_limits_defer() -> None:
    alone, full = screened(INBOX), screened(*FULL)
    assert full["totals"]["accept"] == alone["totals"]["accept"] - 2
    assert full["totals"]["defer"] == alone["totals"]["defer"] + 2
    order = [one["recommendation"] for one in full["decisions"]]
    assert order == sorted(order, key=["accept", "defer", "decline"].index)


def test_the_use_of_a_limit_adds_up() -> None:
    for limit in screened(*FULL)["limits"]:
        for row in limit["periods"]:
            if row["at_most"] is None:
                continue
            assert row["free"] == row["at_most"] - row["set_aside"] - row["used"] - row["reserved"]
            assert row["reserved_requests"] == len(row["reserved_for"])
            assert (row["reserved"] > 0) is (row["reserved_requests"] > 0)


def test_an_unknown_amount_is_set_aside_for_in_a_column_of_its_own() -> None:
    rows = periods(screened(*FULL), "officer-days-a-month")
    row = next(one for one in rows if one["period"] == "2022-11")
    assert (row["reserved"], row["reserved_for"]) == (5, ["AC-2022-04"])


def test_who_has_no_first_day_is_named() -> None:
    assert screened(*FULL)["allocation"]["start_unknown"] == ["AC-2022-08", "IN-2022-019"]


# -- what is committed


def test_rejected_rows_of_what_is_committed_are_told_like_those_of_the_inbox(
    tmp_path: Path,
) -> None:
    path = tmp_path / "committed.csv"
    rows = ["C-1,soon,delegation,2022-10-03,JPN", "C-2,2022-06-01,event,,JPN"]
    path.write_text("\n".join(["id,received,engagement_type,start,countries", *rows]), "utf-8")
    ran = run("screen", INBOX, "--committed", str(path), "--format", "json")
    assert ran.code == 1
    assert "committed.csv" in ran.err
    assert "soon" in ran.err
    found = json.loads(ran.out)
    assert found["rejected"] == []
    assert found["totals"]["read"] == 50
    committed = found["allocation"]["committed"]
    assert (committed["read"], committed["accepted"], len(committed["rejected"])) == (2, 1, 1)
    for form in ("csv", "md", "html"):
        assert "soon" in run("screen", INBOX, "--committed", str(path), "--format", form).out


def test_a_request_that_is_committed_already_does_not_count_twice() -> None:
    ran = run("screen", INBOX, "--committed", INBOX, "--format", "json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert found["totals"]["accepted"] == 0
    assert found["allocation"]["committed"]["accepted"] == 50


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--committed", "nowhere.csv"), "nowhere.csv"),
        (("--committed", str(EXAMPLES)), "examples"),
        (("--time-limit", "0"), "--time-limit"),
        (("--allocate", "fair"), "fair"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(words: tuple[str, ...], said: str) -> None:
    ran = run("screen", INBOX, *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_best_without_limits_is_refused(rules: Path) -> None:
    (rules / "operations" / "limits.yaml").unlink()
    ran = run("screen", INBOX, "--rules", str(rules), "--allocate", "best")
    assert (ran.code, ran.err) == (2, "triage: --allocate best: the policy has no limits\n")
    assert "Limits" in run("screen", INBOX, "--rules", str(rules)).out


# -- the best choice


def test_the_example_where_the_best_choice_beats_rank_order() -> None:
    found = screened(PROJECTS, "--allocate", "best")
    best = found["allocation"]["best"]
    assert (best["score"], best["rank_score"], best["proved"], best["gap"]) == (148, 78, True, 0)
    assert [(one["request_id"], one["rank"], one["best"]) for one in best["changes"]] == [
        ("PR-01", "accept", "defer"),
        ("PR-02", "defer", "accept"),
        ("PR-03", "defer", "accept"),
    ]
    taken = {id for id, one in by_id(found).items() if one["recommendation"] == "accept"}
    assert taken == {"PR-02", "PR-03"}
    rank = by_id(screened(PROJECTS))
    assert {id for id, one in rank.items() if one["recommendation"] == "accept"} == {"PR-01"}


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    run("screen", PROJECTS, "--allocate", "best")
    assert capfd.readouterr() == ("", "")


# -- crises

SUSPENSION = """
suspensions:
  - id: evacuation
    title: {en: Evacuation, fr: Évacuation}
    reason: {en: "Teams are on emergency work.", fr: "Les équipes font du travail d'urgence."}
    in_force: {from: 2022-10-01, until: 2022-11-15}
    below: 80
    reserves: {visits-a-quarter: 7}
    basis: setting
    rationale: {en: Decided for the crisis., fr: Décidé pour la crise.}
"""


def test_a_suspension_defers_what_ranks_below_and_sets_capacity_aside(rules: Path) -> None:
    path = rules / "operations" / "limits.yaml"
    path.write_text(path.read_text("utf-8") + SUSPENSION, "utf-8")
    found = screened(INBOX, "--rules", str(rules))
    decisions = by_id(found)
    waits = decisions["IN-2022-037"]
    assert waits["decided_by"] == ["suspension-evacuation"]
    assert "suspended" in waits["flags"]
    assert "Teams are on emergency work." in waits["justification"]
    assert waits["limits"]["suspension"]["below"] == 80
    assert waits["limits"]["first_period"]["from"] == "2023-01-01"
    for id, one in decisions.items():
        if "suspension-evacuation" in one["decided_by"]:
            assert one["score"] < 80
            assert "2022-10-01" <= one["limits"]["counted_on"] <= "2022-11-15", id
    # Of eight visits seven are set aside: one of the two with more than 80 points has to wait.
    row = next(one for one in periods(found, "visits-a-quarter") if one["period"] == "2022-23-Q3")
    assert (row["at_most"], row["set_aside"], row["used"]) == (8, 7, 1)
    (log,) = found["allocation"]["suspensions"]
    assert (log["id"], log["reason"]) == ("evacuation", "Teams are on emergency work.")
    suspended = {id for id, one in decisions.items() if "suspended" in one["flags"]}
    assert set(log["deferred"]) == suspended
    assert "Teams are on emergency work." in run("screen", INBOX, "--rules", str(rules)).out


# -- forms


def shown(form: str, *words: str) -> Ran:
    ran = run("screen", *FULL, "--format", form, *words)
    assert ran.code == 0, ran.err
    return ran


def test_the_table_tells_who_waits_and_what_is_used() -> None:
    text = shown("table").out
    assert re.search(r"IN-2022-037  defer .* Limit reached: Delega", text)
    assert re.search(r"quarter 3 of 2022-23 +8 +- +0 +8 +1\n", text)
    assert "one more unit would let in IN-2022-037" in text


def test_french_tells_the_same() -> None:
    text = shown("table", "--lang", "fr").out
    assert "Limite atteinte : D" in text
    assert "à fixer par la direction générale" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_csv_has_lines_on_limits_after_the_requests() -> None:
    rows = list(csv.DictReader(io.StringIO(shown("csv").out.lstrip("\ufeff"), newline="")))
    ranked = [bool(one["Rank"]) for one in rows]
    assert ranked == sorted(ranked, reverse=True)
    after = [one for one in rows if not one["Rank"]]
    assert {one["Proposed"] for one in after} == {"limit", "the same?"}
    waits = next(one for one in rows if one["Request"] == "IN-2022-037")
    assert waits["Proposed"] == "defer"
    assert "8 of 8 engagements are used" in waits["Justification"]


def test_the_page_draws_each_limit_beside_its_table() -> None:
    text = shown("html").out
    start = text.index('<section id="limits">')
    section = text[start : text.index('<section id="justifications">')]
    assert section.count('role="img"') == 7
    assert section.count('<table role="table"') == 7
    assert section.count("<title id=") == section.count("<desc id=") == 7


@pytest.fixture
def mandatory(rules: Path, tmp_path: Path) -> tuple[str, ...]:
    """Two visits that a rule always accepts, under a policy that has room for one."""
    commitments = rules / "strategies" / "americas" / "commitments.yaml"
    text = commitments.read_text("utf-8")
    commitments.write_text(text.replace("at least: defer", "at least: accept"), "utf-8")
    limits = rules / "operations" / "limits.yaml"
    limits.write_text(limits.read_text("utf-8").replace("value: 8\n", "value: 1\n"), "utf-8")
    path = tmp_path / "mandatory.csv"
    path.write_text(
        "id,received,engagement_type,countries,gc_priority,start\n"
        "R-1,2022-08-01,delegation,MEX,us_roadmap,2022-11-03\n"
        "R-2,2022-08-02,delegation,GTM,us_roadmap,2022-11-10\n",
        "utf-8",
    )
    return str(path), "--rules", str(rules)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Always accepted, although a limit is exceeded: R-1, R-2."),
        ("fr", "Toujours retenues, bien qu'une limite soit dépassée : R-1, R-2."),
    ],
)
@pytest.mark.parametrize("form", ["table", "csv", "xlsx", "md", "html"])
def test_a_request_that_is_always_accepted_beyond_a_limit_is_told_in_each_form(
    mandatory: tuple[str, ...], form: str, language: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / f"report.{form}"
    words = ("--lang", language, "--format", form, "--output", str(path))
    ran = run("screen", *mandatory, *words)
    assert ran.code == 0, ran.err
    if form == "xlsx":
        rows = [row for sheet in load_workbook(path) for row in sheet.iter_rows(values_only=True)]
        text = "\n".join(str(cell) for row in rows for cell in row)
    else:
        text = html.unescape(path.read_text("utf-8"))
    assert said in text.replace("\N{NO-BREAK SPACE}", " ")
    found = screened(*mandatory)
    assert found["totals"]["accept"] == 2
    assert found["allocation"]["always_in_beyond_a_limit"] == ["R-1", "R-2"]
    row = next(one for one in periods(found, "visits-a-quarter") if one["period"] == "2022-23-Q3")
    assert (row["at_most"], row["used"], row["free"]) == (1, 2, -1)


def test_an_action_plan_leaves_out_who_waits(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    assert run("screen", *FULL, "--action-plan", "csv", "--output", str(path)).code == 0
    assert not [id for id in WAITING if id in path.read_text("utf-8-sig")]


@pytest.mark.parametrize("form", ["table", "json", "md", "html"])
def test_one_request_in_full_says_why_it_waits(form: str) -> None:
    text = shown(form, "--explain", "IN-2022-037").out
    assert "2023-01-01" in text
    assert "AC-2022-01" in text


@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_the_order_of_the_inbox_changes_nothing_in_a_report(form: str, tmp_path: Path) -> None:
    head, *rows = Path(INBOX).read_text("utf-8").splitlines(keepends=True)
    path = tmp_path / "inbox.csv"
    words = ("--committed", COMMITTED, "--allocate", "best", "--format", form)
    outs = []
    for lines in (rows, rows[::-1]):
        path.write_text(head + "".join(lines), "utf-8")
        ran = run("screen", str(path), *words)
        assert ran.code == 0
        outs.append(ran.out)
    assert outs[0] == outs[1]
