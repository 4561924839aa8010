"""The command line: formats, exit codes, and one line for each failure."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from commands import run
from support import ROOT, RULES, shipped
from triage.deciding.decide import Decider
from triage.errors import EvaluationError
from triage.review.schema import json_schema

INBOX = str(ROOT / "examples" / "inbox.csv")
PROPOSAL = str(ROOT / "examples" / "proposals" / "peru.yaml")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["screen", INBOX], 0),
        (["screen", str(ROOT / "examples" / "inbox-with-mistakes.csv")], 1),
        (["screen", "no-such-file.csv"], 2),
        (["screen", INBOX, "--explain", "no-such-id"], 2),
        (["screen", INBOX, "--as-of", "yesterday"], 2),
        (["screen"], 2),
        (["scren"], 2),
        (["assess", PROPOSAL], 0),
        (["assess", INBOX], 2),
        (["assess", PROPOSAL, "--rules", "no-such-folder"], 2),
        (["check", str(RULES)], 0),
        (["check", "no-such-folder"], 1),
        (["rules"], 0),
        (["rules", "no-such-rule"], 2),
        (["rules", "--vocabulary", "topics"], 0),
        (["rules", "--vocabulary", "no-such-vocabulary"], 2),
        (["test", "no-such-folder"], 2),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
def test_exit_codes(words: list[str], code: int) -> None:
    done = run(*words)
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    if code == 2:
        assert done.err.strip()
        assert len(done.err.strip().splitlines()) == 1


def test_screen_prints_decisions_rejected_rows_and_totals_for_machines() -> None:
    done = run("screen", INBOX, "--format", "json")
    screening = json.loads(done.out)
    keys = ["decisions", "rejected", "totals", "limits", "allocation", "duplicates", "policy"]
    assert list(screening) == keys
    totals = screening["totals"]
    assert totals["accepted"] + totals["rejected"] == totals["read"]
    assert totals["accept"] + totals["defer"] + totals["decline"] == totals["accepted"]
    assert totals["accepted"] == len(screening["decisions"])
    ranks = {"accept": 0, "defer": 1, "decline": 2}
    order = [(ranks[one["recommendation"]], -one["score"]) for one in screening["decisions"]]
    assert order == sorted(order)


DECISION_KEYS = [
    *("decision_id", "request_id", "recommendation", "score", "criteria", "strategy", "strategies"),
    *("priorities", "alignment", "rules", "justification", "decided_by", "lead", "consult", "fund"),
    *("advice", "flags", "unknown", "possible", "policy", "engine", "language"),
]


def test_a_decision_has_its_keys_in_a_fixed_order() -> None:
    decision = json.loads(run("assess", PROPOSAL, "--format", "json").out)
    assert list(decision) == [*DECISION_KEYS, "changes"]
    assert set(decision["strategies"]) == {decision["strategy"]}
    for rule in decision["rules"]:
        assert list(rule) == ["id", "effect", "because", "basis", "citations"]


def test_screen_and_assess_give_the_same_decision() -> None:
    alone = json.loads(run("assess", PROPOSAL, "--format", "json").out)
    (together,) = json.loads(run("screen", PROPOSAL, "--format", "json").out)["decisions"]
    del alone["changes"]
    assert alone == together


def test_explain_shows_one_row_in_full() -> None:
    done = run("screen", INBOX, "--explain", "IN-2022-006")
    assert done.out.startswith("IN-2022-006")
    assert "branch setting" in done.out


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_line_for_people_is_wider_than_a_hundred_columns(language: str) -> None:
    explained = ["screen", INBOX, "--explain", "IN-2022-006"]
    for words in (["screen", INBOX], explained, ["assess", PROPOSAL]):
        done = run(*words, "--lang", language)
        assert max(map(len, done.out.splitlines())) <= 100


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    done = run("assess", PROPOSAL, "--format", "json", "--output", str(path))
    assert done.out == ""
    assert json.loads(path.read_bytes())["request_id"] == "MP-2022-04"
    assert run("assess", PROPOSAL, "--output", str(tmp_path / "no" / "folder")).code == 2


def test_a_rejected_proposal_is_a_finding_with_a_line_for_each_mistake() -> None:
    known = {"received": "04/07/2022", "engagement_type": "meting", "countries": ["JPN"]}
    done = run("assess", "-", stdin=json.dumps({**known, "lenght": 3}).encode())
    assert done.code == 1
    assert done.out == ""
    ignored, *mistakes = done.err.splitlines()
    assert "lenght" in ignored
    assert [line.split(": ")[2] for line in mistakes] == ["received", "engagement_type"]


def test_as_of_judges_by_another_day() -> None:
    decision = json.loads(run("assess", PROPOSAL, "--as-of", "2021-01-01", "--format", "json").out)
    assert decision["policy"]["as_of"] == "2021-01-01"
    assert decision["strategy"] is None
    assert "not_in_force" in decision["flags"]


def test_check_prints_its_shape_for_machines() -> None:
    checked = json.loads(run("check", str(RULES), "--format", "json").out)
    counts = {"total": 319, "cited": 272, "not_encoded": 47, "unaccounted": 0}
    assert checked["statements"] == counts
    assert checked["rules"] == len(shipped().rules)
    assert [one["code"] for one in checked["diagnostics"]] == ["french-unreviewed"]
    keys = ["severity", "code", "file", "line", "message", "help"]
    assert list(checked["diagnostics"][0]) == keys


def test_a_failing_case_shows_what_was_expected_and_what_came_out(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "cases:\n"
        "  - name: a case that is wrong\n"
        "    as_of: 2022-07-04\n"
        "    request: {engagement_type: meeting, countries: [JPN], topics: [resettlement]}\n"
        "    expect: {recommendation: decline, rules: [asia-key-country, asia-agent-of-change]}\n",
        "utf-8",
    )
    done = run("test", str(path))
    assert done.code == 1
    assert "cases.yaml:2: failed: a case that is wrong" in done.out
    assert "recommendation: expected decline, actual accept" in done.out
    assert "rules: there but not expected: " in done.out
    assert '"asia-agent-of-change" is not a rule' in done.err
    shape = json.loads(run("test", str(path), "--format", "json").out)
    assert list(shape) == ["cases", "passed", "failed", "coverage"]
    assert shape["coverage"]["rules"] == len(shipped().rules)
    assert len(shape["coverage"]["uncovered"]) > 100


def test_the_schema_file_is_what_the_program_prints() -> None:
    """When this fails, run `make schema`."""
    assert json.loads((RULES / "schema.json").read_text("utf-8")) == json_schema(shipped())


def test_every_policy_file_names_the_schema() -> None:
    for path in RULES.rglob("*.yaml"):
        first = path.read_text("utf-8").splitlines()[0]
        relative = os.path.relpath(RULES / "schema.json", path.parent)
        assert first == f"# yaml-language-server: $schema={relative}", path


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m triage.cli screen {INBOX} --format json | head -c 10"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b""


def test_help_speaks_french_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triage.cli", "--help"],
        env=os.environ | {"TRIAGE_LANG": "fr"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "refuser" in done.stdout


def test_without_words_the_command_shows_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triage.cli"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: ")
    assert "  screen " in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["screen", "--bogus"], "there is no option --bogus"),
        (["screen", "--ouput", "x"], "there is no option --ouput; did you mean --output?"),
        (["xyz"], 'there is no command "xyz"'),
        (["screem"], 'there is no command "screem"; did you mean screen?'),
        (["topics"], "FILE|- is missing; --help shows how the command is used"),
        (["screen", "--as-of"], "--as-of needs a value"),
        (["topics", "a", "b", "c"], "more was given than the command takes: b c"),
        (["screen", "--format", "pdf", "x"], '--format: "pdf" is not one of'),
        (["serve", "--port", "abc"], "--port: expected a whole number"),
        (["serve", "--port", "99999"], "--port: expected at most 65535"),
        (["serve", "--port", "-1"], "--port: expected at least 0"),
    ],
)
def test_wrong_use_is_told_in_our_words(words: list[str], told: str) -> None:
    """The library still says what our words are looked up by."""
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"triage: {told}")
    assert done.err.count("\n") == 1


def test_a_page_of_help_is_in_one_language() -> None:
    code = (
        "import sys; sys.argv = ['triage', 'screen', '--help']; from triage.cli import main; main()"
    )
    french = {**os.environ, "TRIAGE_LANG": "fr"}
    done = subprocess.run([sys.executable, "-c", code], env=french, capture_output=True, check=True)
    page = done.stdout.decode()
    assert page.startswith("Utilisation\N{NO-BREAK SPACE}: ")
    for word in ("Usage", "Arguments:", "Options:", "default:", "env var", "Show this message"):
        assert word not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "triage: the rule engine failed: interrupted\n"),
        ("fr", "triage: le moteur de règles a échoué\u00a0: interrupted\n"),
    ],
)
def test_a_failure_of_the_engine_is_one_line_in_the_language_of_the_reader(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = EvaluationError("evaluation.failed", problem="interrupted")

    def failing(*_: object) -> None:
        # As it comes from another process.
        raise pickle.loads(pickle.dumps(error))

    monkeypatch.setattr(Decider, "decide", failing)
    monkeypatch.setattr("triage.cli.app.SPOKEN", language)
    ran = run("screen", INBOX)
    assert (ran.code, ran.err) == (2, said)
