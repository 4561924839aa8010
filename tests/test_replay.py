"""Recorded decisions made again: the same bytes, or a difference with its cause."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import run
from support import ROOT, RULES, decider, request, requests, shipped
from triage.backtest.replay import Cause, Record, Replayer, read_records
from triage.deciding import durable
from triage.deciding.decide import Decider
from triage.messages import LANGUAGES
from triage.model.facts import Request
from triage.reports.comparing import replayed as replayed_text

INBOX = str(ROOT / "examples" / "inbox.csv")


def screened(tmp_path: Path, *words: str) -> Path:
    path = tmp_path / "decisions.json"
    done = run("screen", INBOX, "--format", "json", "--output", str(path), *words)
    assert done.code == 0
    return path


def replayed(*words: str) -> tuple[int, dict[str, Any]]:
    done = run("replay", *words, "--format", "json")
    return done.code, json.loads(done.out)


@settings(max_examples=30)
@given(requests(), st.sampled_from(LANGUAGES))
def test_every_decision_made_again_agrees(found: Request, language: str) -> None:
    decision = decider().decide(found, language="fr" if language == "fr" else "en")
    (record,) = read_records("memory", decision.to_json())
    assert isinstance(record, Record)
    assert [
        one
        for _, one in Replayer([shipped()], {(found.id, record.suggested): [found]}).replay(
            [record]
        )
    ] == [None]


@pytest.mark.parametrize(
    "words", [["--lang", "fr", "--as-of", "2024-05-01"], ["--accept-suggestions"]]
)
def test_a_screening_made_again_agrees_byte_for_byte(tmp_path: Path, words: list[str]) -> None:
    code, found = replayed(str(screened(tmp_path, *words)), "--requests", INBOX)
    assert (code, found["agreed"], found["differing"]) == (0, 50, 0)


def test_json_lines_and_a_single_decision_are_records_too(tmp_path: Path) -> None:
    decisions = json.loads(screened(tmp_path).read_text("utf-8"))["decisions"]
    lines = tmp_path / "journal.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in decisions), "utf-8")
    assert replayed(str(lines), "--requests", INBOX)[1]["agreed"] == 50
    proposal = str(ROOT / "examples" / "proposals" / "peru.yaml")
    one = tmp_path / "one.json"
    run("assess", proposal, "--format", "json", "--output", str(one))
    assert replayed(str(one), "--requests", proposal)[1]["agreed"] == 1


def test_changed_facts_are_named_as_the_cause_and_the_request_with_them(tmp_path: Path) -> None:
    path = screened(tmp_path)
    inbox = tmp_path / "inbox.csv"
    text = Path(INBOX).read_text("utf-8")
    assert text.count("IN-2022-003,2022-06-08,Dialogue or working group") == 1
    inbox.write_text(
        text.replace(
            "IN-2022-003,2022-06-08,Dialogue or working group", "IN-2022-003,2022-06-08,Meeting"
        )
    )
    code, found = replayed(str(path), "--requests", str(inbox))
    assert (code, found["agreed"], found["causes"]["facts"]) == (1, 49, 1)
    assert found["differences"][0]["request_id"] == "IN-2022-003"
    # The inbox of that time beside it settles the matter.
    assert replayed(str(path), "--requests", str(inbox), "--requests", INBOX)[1]["agreed"] == 50


def test_another_policy_is_named_with_both_versions_and_the_right_one_settles_it(
    tmp_path: Path,
) -> None:
    path = screened(tmp_path)
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    scoring = rules / "operations" / "scoring.yaml"
    text = scoring.read_text("utf-8")
    assert text.count("value: 60\n") == 1
    scoring.write_text(text.replace("value: 60\n", "value: 65\n"), "utf-8")
    code, found = replayed(str(path), "--requests", INBOX, "--rules", str(rules))
    assert (code, found["causes"]["policy"]) == (1, 50)
    versions = found["differences"][0]["policy"]
    assert (
        versions["recorded"]
        == shipped().version
        != versions["now"]
        == found["policy"]["versions"][0]
    )
    found = replayed(str(path), "--requests", INBOX, "--rules", str(rules), "--rules", str(RULES))[
        1
    ]
    assert found["agreed"] == 50


@pytest.mark.skipif(durable.core is None, reason="durable-rules is not installed here")
def test_a_record_of_the_reference_evaluator_is_made_again_with_it() -> None:
    found = request(countries=["JPN"])
    (record,) = read_records("memory", Decider(shipped(), "reference").decide(found).to_json())
    assert isinstance(record, Record)
    replayer = Replayer([shipped()], {("T-1", False): [found]})
    assert [one for _, one in replayer.replay([record])] == [None]
    other = Record("memory", 1, {**record.shape, "engine": "durable-rules 1.0"})
    ((_, difference),) = replayer.replay([other])
    assert difference is not None
    assert (difference.cause, difference.keys) == (Cause.ENGINE, ("engine",))


def test_a_record_that_nothing_else_explains_points_at_the_program(tmp_path: Path) -> None:
    path = screened(tmp_path)
    screening = json.loads(path.read_text("utf-8"))
    screening["decisions"][7]["score"] += 1
    path.write_text(json.dumps(screening), "utf-8")
    code, found = replayed(str(path), "--requests", INBOX)
    assert (code, found["causes"]["program"], found["agreed"]) == (1, 1, 49)
    assert found["differences"][0]["differs_in"] == ["score"]
    done = run("replay", str(path), "--requests", INBOX)
    assert "so the program must have changed: 1" in done.out


@pytest.mark.parametrize("words", [["--lang", "fr"], ["--allocate", "best"]])
def test_what_limits_deferred_is_made_again_from_the_whole_screening(
    tmp_path: Path, words: list[str]
) -> None:
    committed = ["--committed", str(ROOT / "examples" / "committed.csv")]
    path = screened(tmp_path, *committed, *words)
    deferred = [one for one in json.loads(path.read_text("utf-8"))["decisions"] if "limits" in one]
    assert deferred
    code, found = replayed(str(path), "--requests", INBOX, *committed)
    assert (code, found["agreed"]) == (0, 50)
    code, found = replayed(str(path), "--requests", INBOX)
    assert (code, found["agreed"], found["causes"]["limits"]) == (
        1,
        50 - len(deferred),
        len(deferred),
    )


def test_a_request_that_is_nowhere_is_said(tmp_path: Path) -> None:
    path = screened(tmp_path)
    inbox = tmp_path / "short.csv"
    inbox.write_text("\n".join(Path(INBOX).read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8")
    code, found = replayed(str(path), "--requests", str(inbox))
    assert (code, found["causes"]["request"], found["agreed"]) == (1, 1, 49)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            '{"decisions": [1]}',
            2,
            "record 1: this is not a recorded decision; expected a JSON object",
        ),
        (
            "[{}]",
            2,
            "record 1: this is not a recorded decision; wrong or missing: decision_id, request_id",
        ),
        ("id,score\n1,2\n", 2, "this is not a recorded decision"),
        ("", 2, "this is not a recorded decision"),
    ],
)
def test_what_is_no_record_is_told(tmp_path: Path, text: str, code: int, message: str) -> None:
    path = tmp_path / "records.json"
    path.write_text(text, "utf-8")
    done = run("replay", str(path), "--requests", INBOX)
    assert (done.code, "Traceback" in done.err) == (code, False)
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, True])
def test_a_record_with_anything_wrong_in_it_is_told_and_never_a_traceback(value: object) -> None:
    shape = decider().decide(request(countries=["JPN"])).as_dict()
    replayer = Replayer([shipped()], {("T-1", False): [request(countries=["JPN"])]})
    for key in shape:
        (record,) = read_records("memory", json.dumps({**shape, key: value}, default=str).encode())
        if not isinstance(record, Record):
            assert key in record.line("en")
            continue
        ((_, difference),) = replayer.replay([record])
        if difference is None:
            assert shape[key] == value
            continue
        assert replayed_text(1, [difference], [], "engine", ["version"], "fr")
        assert json.dumps(difference.as_dict())


def test_one_bad_line_does_not_stop_the_others(tmp_path: Path) -> None:
    decisions = json.loads(screened(tmp_path).read_text("utf-8"))["decisions"]
    path = tmp_path / "journal.jsonl"
    path.write_text(
        json.dumps(decisions[0]) + "\n{broken\n" + json.dumps(decisions[1]) + "\n", "utf-8"
    )
    done = run("replay", str(path), "--requests", INBOX)
    assert done.code == 1
    assert "record 2: this is not a recorded decision" in done.err
    assert "3 records: 2 agree byte for byte, 0 differ, 1 could not be read" in done.out


def test_without_the_inboxes_nothing_can_be_made_again(tmp_path: Path) -> None:
    done = run("replay", str(screened(tmp_path)))
    assert done.code == 2
    assert "--requests FILE" in done.err
    assert run("replay", "no-such-file.json", "--requests", INBOX).code == 2


# -- diff

OVERLAY = str(ROOT / "examples" / "candidate" / "wider-door.yaml")


def test_a_diff_lists_every_edit_and_is_no_finding() -> None:
    done = run("diff", str(RULES), OVERLAY)
    assert (done.code, done.err) == (0, "")
    assert "Edits that can change a result: 4" in done.out
    assert all(len(line) <= 100 for line in done.out.splitlines())
    found = json.loads(run("diff", str(RULES), OVERLAY, "--format", "json").out)
    assert [one["id"] for one in found["edits"] if one["affects_results"]] == [
        "parameter:accept_threshold@2024-01-01",
        "parameter:minimum_notice_days@2022-04-12",
        "parameter:points_other_country@2022-04-12",
        "rule:visit-of-many",
    ]


def test_a_diff_takes_single_values_and_speaks_french() -> None:
    done = run("diff", str(RULES), "--set", "accept_threshold=55", "--lang", "fr")
    assert done.code == 0
    assert "Modifications qui peuvent changer un résultat\N{NO-BREAK SPACE}: 1" in done.out


@pytest.mark.parametrize(("form", "heads"), [("html", 3), ("md", 2)])
def test_a_diff_comes_as_a_page_too(form: str, heads: int) -> None:
    done = run("diff", str(RULES), OVERLAY, "--format", form)
    assert done.code == 0
    assert "rule:visit-of-many" in done.out
    assert re.search(r"parameter accept\\?_threshold", done.out)
    # Each condition of a new rule has a line of its own.
    assert form == "md" or re.search(r"\n *unless: Modality is Virtual\n", done.out)
    assert len(re.findall(r"<h[12]|^## ", done.out, re.M)) == heads


def test_a_diff_of_the_same_policy_says_so() -> None:
    assert "The two say the same." in run("diff", str(RULES), str(RULES)).out


@pytest.mark.parametrize(
    "words", [[str(RULES)], [str(RULES), "no-such-file"], ["no-such-folder", str(RULES)]]
)
def test_a_diff_of_nothing_is_wrong_use(words: list[str]) -> None:
    done = run("diff", *words)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
