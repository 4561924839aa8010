"""`triage backtest` as a planner uses it: gates, forms, promotion, French, clear mistakes."""

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from commands import Ran, run
from support import ROOT, RULES, shipped
from triage.backtest.gates import read_gates
from triage.backtest.report import BacktestReport
from triage.columnar.cases import write_cases
from triage.columnar.columns import facts_of
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, Language
from triage.policy_diff import trial
from triage.reports.backtest import render
from triage.service import backtesting
from triage.service.backtesting import Backtest

HISTORY = ROOT / "examples" / "history"
CASES = str(HISTORY / "cases-synthetic.csv")
MISTAKES = str(HISTORY / "cases-synthetic-with-mistakes.csv")
OVERLAY = ROOT / "examples" / "candidate" / "wider-door.yaml"
FORMS = ("text", "json", "csv", "html", "md")


pytestmark = pytest.mark.usefixtures("policies_at_hand")


@cache
def few() -> bytes:
    """The first cases that the strategies were in force for, among them some that change."""
    lines = Path(CASES).read_bytes().splitlines(keepends=True)
    return b"".join([lines[0], *lines[11:71]])


def quick(*words: str) -> Ran:
    """A backtest of a few cases from standard input, with a lower threshold."""
    return run("backtest", "-", "--set", "accept_threshold=55", *words, stdin=few())


def flips(done: Ran) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.out)["flips"]
    return found


@cache
def whole(language: Language) -> BacktestReport:
    """The report on all cases of the example and the example of a change."""
    if language == "en":
        return Backtest([CASES], candidate=OVERLAY).run()
    return replace(whole("en"), language=language)


def rendered(language: Language, form: str) -> bytes:
    return b"".join(render(whole(language), form))


# -- forms


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (
        Backtest(
            [MISTAKES, str(ROOT / "examples" / "inbox.csv")], settings=["accept_threshold=55"]
        ).run()
        for _ in range(2)
    )
    assert first.tally.flips
    for form in FORMS:
        assert b"".join(render(first, form)) == b"".join(render(second, form))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_fits_a_terminal(language: Language) -> None:
    lines = rendered(language, "text").decode().splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) < 350


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_both_versions_the_flips_and_the_notice(form: str) -> None:
    report = whole("en")
    text = rendered("en", form).decode()
    for one in (
        report.baseline.version,
        report.candidate.version,
        report.tally.flips[0].request.id,
    ):
        assert one in text
    assert form == "json" or report.candidate.notice["en"].split(",")[0] in " ".join(text.split())


def test_french_reports_speak_french() -> None:
    text = rendered("fr", "md").decode()
    for words in (
        "Essai rétrospectif",
        "Qui gagne et qui perd",
        "Les demandes refusées n'ont pas de suite",
        "refuser",
    ):
        assert words in text
    assert not re.search(
        r"\b(accept|decline|baseline|threshold of)\b", re.sub(r"`[^`]*`|\S+[-_:@]\S*", "", text)
    )


def test_the_csv_has_a_row_for_each_flip() -> None:
    rows = list(csv.DictReader(io.StringIO(rendered("en", "csv").decode("utf-8-sig"))))
    assert [row["Case"] for row in rows] == [one.request.id for one in whole("en").tally.flips]
    first, flip = rows[0], whole("en").tally.flips[0]
    assert (first["Score before"], first["Score after"]) == (
        str(flip.old_score),
        str(flip.new_score),
    )
    assert first["Due to"]
    assert first["What these edits change"]


def test_the_workbook_has_a_sheet_a_purpose_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered("en", "xlsx")))
    names = {
        "About this report",
        "The edits",
        "Transitions",
        "Every case that changes",
        "Rules",
        "By region",
    }
    assert names <= set(book.sheetnames)
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert book["Every case that changes"].max_row == len(whole("en").tally.flips) + 1
    assert book["Rules"].max_row == len(whole("en").rules) + 1


def test_the_page_draws_what_its_tables_say() -> None:
    page = rendered("en", "html").decode()
    assert page.count("<svg role=") >= 2
    assert "accept from 55, after" in page
    assert "<script" not in page


# -- cases


def test_rejected_rows_are_told_and_counted_by_reason_and_the_rest_is_judged() -> None:
    done = run("backtest", MISTAKES, "--set", "accept_threshold=55", "--format", "json")
    assert done.code == 1
    assert len(done.err.splitlines()) == 5
    assert f'{MISTAKES}: row 3: received: "03/04/2022"' in done.err
    found = json.loads(done.out)["cases"]
    assert (found["read"], found["eligible"]) == (12, 7)
    reasons = ["determination.outcome", "engagement_type", "id", "received", "topics"]
    assert found["skipped"] == [{"reason": f"rejected:{name}", "count": 1} for name in reasons]


def test_cases_without_determinations_say_nothing_of_agreement() -> None:
    inbox = str(ROOT / "examples" / "inbox-fr.csv")
    done = run("backtest", inbox, "--set", "accept_threshold=55", "--format", "json")
    found = json.loads(done.out)["agreement"]["candidate"]
    assert (found["determined"], found["agreement"]["value"]) == (0, None)
    assert (found["kappa"]["value"], found["kappa"]["undefined"]) == (None, "none")
    assert (
        "No case has a determination" in run("backtest", inbox, "--set", "accept_threshold=55").out
    )


def test_the_digest_is_that_of_the_bytes() -> None:
    import hashlib  # noqa: PLC0415

    found = json.loads(quick("--format", "json").out)["cases"]
    assert found["digest"] == hashlib.sha256(few()).hexdigest()


def test_cases_in_parquet_give_the_same_figures(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    requests = Inbox(RequestReader(shipped())).requests("few", few())
    write_cases(requests, path, facts_of([shipped()]))
    found = json.loads(
        run("backtest", str(path), "--set", "accept_threshold=55", "--format", "json").out
    )
    expected = json.loads(quick("--format", "json").out)
    assert expected["flips"]
    for one in (found, expected):
        del one["cases"]["files"], one["cases"]["digest"]
    assert found == expected


def test_a_backend_without_its_cluster_is_one_line() -> None:
    done = run("backtest", CASES, "--set", "accept_threshold=55", "--backend", "dask")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "--scheduler" in done.err


def test_only_the_groups_that_were_asked_for_are_counted() -> None:
    found = json.loads(quick("--by", "mission,language", "--format", "json").out)
    assert list(found["segments"]) == ["mission", "language"]


def test_a_candidate_that_says_the_same_changes_nothing() -> None:
    done = run("backtest", "-", "--candidate", str(RULES), stdin=few())
    assert (done.code, done.err) == (0, "")
    assert "The two policies say the same." in done.out
    assert "No case changes its recommendation." in done.out


# -- gates


def checked(
    *forbid: str, flips: str | None = None, agreement: str | None = None
) -> list[tuple[str, str, bool]]:
    """The gates on the report of the whole example: limit, found, breached."""
    report = whole("en")
    gates = read_gates(flips, forbid, agreement, (), "en")
    found = gates.check(report.tally.moves, report.agreements[1], report.capacity, "en")
    return [(one.limit, one.found, one.breached) for one in found]


def test_a_gate_on_flips_holds_exactly_at_its_limit() -> None:
    count, total = len(whole("en").tally.flips), whole("en").tally.eligible
    assert count > 1
    assert checked(flips=str(count)) == [(str(count), f"{count} of {total}", False)]
    assert checked(flips=str(count - 1)) == [(str(count - 1), f"{count} of {total}", True)]
    assert not checked(flips="100%")[0][2]
    assert checked(flips="1,5 %")[0] == ("1.5%", f"{count} of {total}", True)


def test_a_gate_on_moves_counts_that_move_alone() -> None:
    count = whole("en").tally.moves[1, 2]
    assert checked("accept:decline", "defer:accept") == [
        ("accept to decline", "0", False),
        ("defer to accept", str(count), True),
    ]


def test_a_gate_on_agreement_is_for_the_candidate() -> None:
    found = whole("en").agreements[1]
    percent = 100 * found.agreed / found.total
    assert not checked(agreement=f"{percent - 0.1:.1f}%")[0][2]
    assert checked(agreement=f"{percent + 0.1:.1f}")[0][2]


def test_a_gate_on_use_names_the_fullest_period() -> None:
    kept, broken = (quick("--max-use", f"visits-a-quarter={share}") for share in ("100%", "5%"))
    assert (kept.code, kept.err) == (0, "")
    assert broken.code == 1
    assert re.fullmatch(
        r"gate max-use breached: limit visits-a-quarter at most 5%, "
        r"found [\d.]+% in quarter \d of 20\d\d-\d\d\n",
        broken.err,
    )


def test_a_breached_gate_is_told_and_exits_with_1() -> None:
    done = quick("--max-flips", "0", "--forbid", "accept:decline")
    assert done.code == 1
    assert re.fullmatch(r"gate max-flips breached: limit 0, found \d+ of 60\n", done.err)
    assert re.search(r"max-flips +0 +\d+ of 60 +breached", done.out)
    assert re.search(r"forbid +accept to decline +0 +kept", done.out)


def test_agreement_that_cannot_be_measured_does_not_pass_its_gate() -> None:
    inbox = str(ROOT / "examples" / "inbox-fr.csv")
    done = run("backtest", inbox, "--set", "accept_threshold=55", "--min-agreement", "1%")
    assert done.code == 1
    assert "gate min-agreement breached" in done.err


# -- promotion, and a planner's session


def test_promoted_flips_are_policy_cases_that_pass_under_the_candidate_only(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    path = rules / "operations" / "scoring.yaml"
    text = path.read_text("utf-8")
    start = text.index("  accept_threshold:")
    path.write_text(text[:start] + text[start:].replace("value: 60", "value: 55", 1), "utf-8")
    folder = tmp_path / "cases"
    words = ("backtest", "-", "--candidate", str(rules), "--promote", str(folder))
    first, second, *_ = [
        one["request_id"] for one in flips(run(*words[:4], "--format", "json", stdin=few()))
    ]
    done = run(*words, "--flips", f"{first}, {second}", "--format", "json", stdin=few())
    assert len(json.loads(done.out)["promoted"]["cases"]) == 2
    (file,) = folder.iterdir()
    assert "2 passed, 0 failed" in run("test", str(folder), "--rules", str(rules)).out
    failed = run("test", str(folder))
    assert failed.code == 1
    assert "0 passed, 2 failed" in failed.out
    # Free text of old requests does not become part of the tests of the policy.
    assert "summary:" not in file.read_text("utf-8")
    # Once more, with more: what is there stays, what is new is added.
    before = file.read_text("utf-8")
    run(*words, "--flips", "all", stdin=few())
    assert file.read_text("utf-8").startswith(before)
    assert " 0 failed" in run("test", str(folder), "--rules", str(rules)).out


# -- mistakes


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("--max-flips", "some"),
            '--max-flips: "some": expected a number of cases such as 20, or a share such as 5%',
        ),
        (
            ("--max-flips", "2.5"),
            '--max-flips: "2.5": expected a number of cases such as 20, or a share such as 5%',
        ),
        (
            ("--max-flips", "101%"),
            '--max-flips: "101%": expected a number of cases such as 20, or a share such as 5%',
        ),
        (("--min-agreement", "good"), '--min-agreement: "good": expected a share such as 80%'),
        (
            ("--forbid", "accept"),
            '--forbid: "accept": expected two different recommendations such as accept:decline, '
            "of accept, defer, decline",
        ),
        (
            ("--as-of", "yesterday"),
            '--as-of: "yesterday": expected received, or a day as YYYY-MM-DD',
        ),
        (
            ("--by", "colour"),
            '--by: "colour": there is no such group; there are: region, country, engagement_type, '
            "mission, requester_type, quarter, language",
        ),
        (
            ("--max-use", "visits"),
            '--max-use: "visits": expected a limit and a share, such as visits-a-quarter=90%',
        ),
        (
            ("--max-use", "visits-a-quater=90%"),
            '--max-use: "visits-a-quater" is not a limit of the candidate; '
            'did you mean "visits-a-quarter"?',
        ),
        (("--flips", "all"), "--flips needs --promote: the folder to write the cases to"),
        (
            ("--promote", "somewhere"),
            "--promote needs --flips: the ids of the cases to write, or all",
        ),
    ],
)
def test_a_mistake_in_an_option_is_one_line(words: tuple[str, ...], line: str) -> None:
    done = quick(*words)
    assert (done.code, done.out, done.err) == (2, "", f"triage: {line}\n")


def test_a_flip_that_is_none_is_not_promoted(tmp_path: Path) -> None:
    done = quick("--promote", str(tmp_path / "cases"), "--flips", "SYN-1")
    assert (done.code, done.out, done.err) == (
        2,
        "",
        'triage: --flips: "SYN-1": this case does not change\n',
    )
    assert not (tmp_path / "cases").exists()


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("cases.csv", b"", "there is no header"),
        (
            "cases.csv",
            b"Request number,Date received,Type of engagement,Countries\n",
            "no requests",
        ),
        ("cases.txt2", b"x", "expected"),
        ("missing.csv", None, "No such file"),
    ],
)
def test_cases_that_cannot_be_read_are_one_line(
    tmp_path: Path, name: str, content: bytes | None, line: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = run("backtest", str(path), "--set", "accept_threshold=55")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert done.err.startswith("triage: ")
    assert line.casefold() in done.err.casefold() or str(path) in done.err


def test_no_cases_and_no_candidate_are_one_line_each() -> None:
    assert run("backtest").err == "triage: name one or more files of cases\n"
    assert run("backtest", CASES).code == 2


def test_a_bad_overlay_names_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(
        "parameters:\n  accept_treshold:\n    values:\n      2022-04-12: {value: 55}\n", "utf-8"
    )
    monkeypatch.setattr(backtesting, "try_policy", trial.try_policy)
    done = run("backtest", "-", "--candidate", str(path), stdin=few())
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f'{path}:2: "accept_treshold" is not a parameter; did you mean "accept_threshold"?\n'
    )
