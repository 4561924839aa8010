"""Self-assessment at the command line: changes, interview, two drafts, the version expected."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from commands import Ran, run
from support import ROOT, decider, requests, shipped, values_of
from triage.advice.interview import Interview, as_given
from triage.formats.yaml import read_document
from triage.intake.cells import NEVER_EMPTY
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, Language
from triage.model.facts import Request

PROPOSALS = ROOT / "examples" / "proposals"
SHORT = "short-of-facts.yaml"
HALF = str(PROPOSALS / "half-aligned-tour.yaml")


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands with the shipped policy, which is loaded and compiled once for all tests."""
    monkeypatch.setattr("triage.service.screening.load_policy", lambda _rules, _language: shipped())
    monkeypatch.setattr("triage.service.screening.Decider", lambda _policy, engine: decider(engine))


@pytest.fixture
def proposal(tmp_path: Path) -> Path:
    """A copy of a proposal of which most is still owed."""
    return Path(shutil.copy(PROPOSALS / SHORT, tmp_path))


def interviewed(path: Path, answers: str, *words: str) -> Ran:
    return run("assess", str(path), "--interview", *words, stdin=answers.encode())


def plain(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def read(path: Path) -> Request:
    (found,) = Inbox(RequestReader(shipped())).requests(str(path))
    return found


# -- the changes


@pytest.mark.parametrize("name", sorted(path.name for path in PROPOSALS.iterdir()))
def test_each_change_in_json_flips_the_proposal_when_it_is_applied(name: str) -> None:
    """As a reader of the JSON would: the facts go into the file, and the file is assessed again."""
    assessed = json.loads(run("assess", str(PROPOSALS / name), "--format", "json").out)
    assert list(assessed)[-1] == "changes"
    given = as_given(read(PROPOSALS / name), shipped())
    seen: dict[str, Any] = {}
    for change in assessed["changes"]:
        seen.setdefault(" ".join(one["fact"] for one in change["facts"]), change)
    for change in seen.values():
        after = {**given, **{one["fact"]: one["to"] for one in change["facts"]}}
        assert all(given.get(one["fact"]) == one["from"] for one in change["facts"])
        again = decider().decide(RequestReader(shipped()).request(after)).as_dict()
        assert (again["recommendation"], again["score"]) == (change["to"], change["score"])
        before, now = ({rule["id"] for rule in one["rules"]} for one in (assessed, again))
        assert (set(change["rules_on"]), set(change["rules_off"])) == (now - before, before - now)


def test_the_text_counts_the_unknown_facts_first_then_tells_the_changes() -> None:
    text = plain(run("assess", HALF).out)
    assert "Not known, and could still change it (3; accept, defer or decline possible):" in text
    assert "Not known, but cannot change it (1): Participants who need a visa." in text
    assert (
        text.index("Not known")
        < text.index("What would raise it to accept:")
        < text.index("Routing:")
    )
    assert (
        "Score then: 85. Turns on: Full alignment. Turns off: Partial alignment, Visit not largely"
        in text
    )


def test_when_nothing_would_raise_it_that_is_said() -> None:
    given = {
        "received": "2022-07-04",
        "engagement_type": "meeting",
        "countries": ["FRA"],
        "topics": ["culture"],
    }
    for language, words in (
        ("en", "No change that the policy allows"),
        ("fr", "Aucun changement que la politique permet"),
    ):
        assert words in run("assess", "-", "--lang", language, stdin=json.dumps(given).encode()).out


def test_an_accepted_proposal_has_no_changes() -> None:
    path = str(PROPOSALS / "resettlement-visit.yaml")
    assert json.loads(run("assess", path, "--format", "json").out)["changes"] == []
    assert "would raise it" not in run("assess", path).out


@pytest.mark.parametrize("form", ["md", "html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_brief_has_the_changes_too(form: str, language: Language) -> None:
    text = plain(run("assess", HALF, "--format", form, "--lang", language).out)
    assert {"en": "What would raise it to accept", "fr": "Ce qui donnerait « accepter »"}[
        language
    ] in text
    assert {"en": "Culture and heritage. Score then", "fr": "Culture et patrimoine. Note obtenue"}[
        language
    ] in text


def test_a_search_that_was_cut_short_is_told_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.service.assessing.MOST_RUNS", 100)
    path = str(PROPOSALS / SHORT)
    assessed = json.loads(run("assess", path, "--format", "json").out)
    assert list(assessed)[-2:] == ["changes_limit", "changes"]
    largest = assessed["changes_limit"]["facts"]
    assert assessed["changes_limit"] == {"facts": largest, "members": None, "left_off": 0}
    assert (
        f"Sets that change more than {largest} facts were not looked for."
        in run("assess", path).out
    )
    assert "n'ont pas été cherchés" in run("assess", path, "--lang", "fr").out


def test_sets_that_are_too_many_to_show_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    every = json.loads(run("assess", HALF, "--format", "json").out)["changes"]
    monkeypatch.setattr("triage.advice.search.MOST_SHOWN", 3)
    assessed = json.loads(run("assess", HALF, "--format", "json").out)
    assert assessed["changes"] == every[:3]
    assert assessed["changes_limit"] == {"facts": None, "members": None, "left_off": len(every) - 3}
    assert f"because there are so many: {len(every) - 3}." in plain(run("assess", HALF).out)


# -- the version


def test_the_same_version_gives_the_same_answer_and_another_one_fails() -> None:
    plain = run("assess", HALF, "--format", "json").out
    assert (
        run("assess", HALF, "--format", "json", "--expect-version", shipped().version).out == plain
    )
    failed = run("assess", HALF, "--expect-version", "000000000000")
    assert (failed.code, failed.out) == (2, "")
    message = (
        f"triage: --expect-version: the policy is version {shipped().version}, not 000000000000\n"
    )
    assert failed.err == message
    assert shipped().version in run("assess", HALF).out


# -- the interview


def test_an_interview_asks_until_the_answer_is_settled_and_writes_the_proposal(
    proposal: Path,
) -> None:
    ran = interviewed(proposal, "yes\nno\nno forum\nno named priority\n" + "yes\n" * 20)
    assert ran.code == 0
    assert "Settled: accept" in ran.err
    assert ran.out.splitlines()[1].startswith("ACCEPT")
    assert "could still change it" not in ran.out
    target = proposal.with_name("short-of-facts.completed.yaml")
    assert f"{target}: written" in ran.err
    again = run("assess", str(target))
    assert again.out == ran.out
    assert again.err == ""
    # Only what mattered was asked, and the rest stays unknown.
    assert ran.err.count("   > ") < 15
    assert "Number of participants" in again.out


def test_the_id_of_a_proposal_stays_when_it_is_completed(proposal: Path) -> None:
    before = json.loads(run("assess", str(proposal), "--format", "json").out)["request_id"]
    interviewed(proposal, "yes\n")
    target = proposal.with_name("short-of-facts.completed.yaml")
    assert json.loads(run("assess", str(target), "--format", "json").out)["request_id"] == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_understood_in_both_languages_and_skipped_in_both(
    proposal: Path, language: Language
) -> None:
    ran = interviewed(proposal, "oui\nno\n\nPasser\nskip\nNON\nyes\n", "--lang", language)
    assert ran.code == 0
    answered = as_given(read(proposal.with_name("short-of-facts.completed.yaml")), shipped())
    new = {
        name: value
        for name, value in answered.items()
        if name not in read_document(proposal) and name != "id"
    }
    assert new == {
        **{"purpose_stated": True, "same_topic_within_24_months": False},
        **{"populations": [], "shares_experience": True},
    }


def test_an_answer_that_cannot_be_read_is_asked_again_with_what_was_expected(
    proposal: Path,
) -> None:
    ran = run("assess", str(proposal), "--interview", stdin=b"perhaps\n\xff\xfe\nyes\n")
    assert ran.err.count("expected yes or no") == 2
    assert (
        read(proposal.with_name("short-of-facts.completed.yaml")).facts.get("purpose_stated")
        is True
    )


def test_a_question_mark_shows_the_allowed_values(proposal: Path) -> None:
    ran = interviewed(proposal, "yes\nno\n?\ngfmd\n")
    assert "   - Global Forum on Migration and Development\n" in ran.err
    assert read(proposal.with_name("short-of-facts.completed.yaml")).forum == "gfmd"


def test_a_country_that_may_be_two_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    given = {
        **{
            "received": "2022-07-04",
            "engagement_type": "meeting",
            "requester_organization": "A ministry",
        },
        "forum": "no forum",
        **{
            "topics": ["resettlement"],
            "summary": "None of it is here: é",
            "own column": [1, "no", None],
        },
    }
    path.write_text(json.dumps(given), "utf-8")
    ran = interviewed(path, "Congo\nJapon\n")
    assert "not understood; perhaps" in ran.err
    completed = path.with_name("p.completed.yaml")
    found = read(completed)
    assert found.countries == frozenset(("JPN",))
    assert found.extra["own column"] == [1, "no", None]
    assert found.facts.get("summary") == given["summary"]


def test_a_settled_proposal_has_no_questions(tmp_path: Path) -> None:
    path = Path(shutil.copy(PROPOSALS / "resettlement-visit.yaml", tmp_path))
    ran = interviewed(path, "", "--output", str(tmp_path / "done.yaml"))
    assert ran.code == 0
    assert "Nothing to ask" in ran.err
    assert read(tmp_path / "done.yaml") == read(path)


def test_the_end_of_the_input_ends_the_questions_and_keeps_the_answers(proposal: Path) -> None:
    ran = interviewed(proposal, "yes")
    assert ran.code == 0
    assert "No more answers." in ran.err
    assert (
        read(proposal.with_name("short-of-facts.completed.yaml")).facts.get("purpose_stated")
        is True
    )


def test_what_was_only_suggested_is_not_written_as_given(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    given = {
        **{"received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"]},
        **{"title": "Meeting on refugee resettlement"},
    }
    path.write_text(json.dumps(given), "utf-8")
    interviewed(path, "\n" * 30, "--accept-suggestions")
    assert read(tmp_path / "p.completed.yaml").topics is None


def test_wrong_use_is_said_before_the_first_question(proposal: Path, tmp_path: Path) -> None:
    (tmp_path / "taken.completed.yaml").write_text("", "utf-8")
    taken = Path(shutil.copy(proposal, tmp_path / "taken.yaml"))
    for words in (
        ["-"],
        [str(proposal), HALF],
        [str(taken)],
        [str(proposal), "--output", str(proposal)],
        [str(proposal), "--output", str(tmp_path / "answers.csv")],
        [str(proposal), "--output", str(tmp_path / "no" / "folder.yaml")],
    ):
        ran = run("assess", *words, "--interview", stdin=b"yes\n")
        assert (ran.code, ran.out) == (2, ""), words
        assert len(ran.err.splitlines()) == 1


@settings(max_examples=5)
@given(requests({"countries": values_of("countries")}))
def test_a_completed_proposal_is_the_same_request(found: Request) -> None:
    interview = Interview(decider(), RequestReader(shipped()), found)
    fact = interview.next()
    if fact is not None:
        assert not interview.answer(fact, " Passer ")
        assert interview.next() != fact
    reader = RequestReader(shipped())
    # No topics at all is a fact not given.
    known = {
        name: value
        for name, value in found.known(shipped().readable).items()
        if value or name not in NEVER_EMPTY
    }
    assert reader.request(as_given(found, shipped())).known(shipped().readable) == known


@settings(max_examples=8)
@given(requests())
def test_no_question_is_asked_that_could_not_change_the_answer(found: Request) -> None:
    interview = Interview(decider(), RequestReader(shipped()), found)
    could = {one["fact"] for one in interview.decision.result.unknown if one["could_change"]}
    fact = interview.next()
    assert (fact is None) is (not could)
    assert fact is None or fact in could


def test_control_c_keeps_the_answers_and_gives_no_traceback(proposal: Path) -> None:
    """In a real terminal."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "triage.cli", "assess", str(proposal), "--interview"]
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, cwd=ROOT
    )
    os.close(terminal)
    seen = ""
    try:
        seen = until(controller, seen, "   > ")
        os.write(controller, b"oui\n")
        seen = until(controller, seen, "2. ", "   > ")
        until_it_waits(process.pid)
        process.send_signal(signal.SIGINT)
        seen = until(controller, seen, "written")
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.wait(30)
        os.close(controller)
    assert "Traceback" not in seen
    assert (
        read(proposal.with_name("short-of-facts.completed.yaml")).facts.get("purpose_stated")
        is True
    )


def until_it_waits(pid: int) -> None:
    """Wait until a process sleeps in its read: it would notice an earlier signal only later."""
    state, end = Path(f"/proc/{pid}/stat"), time.monotonic() + 60
    if not state.exists():
        time.sleep(1)
        return
    while state.read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < end
        time.sleep(0.01)


def until(descriptor: int, seen: str, *texts: str) -> str:
    """What has been seen once all of the texts have come, the last of them after the others."""
    end, start = time.monotonic() + 60, len(seen)
    for text in texts:
        while text not in seen[start:]:
            assert time.monotonic() < end, seen
            if select.select([descriptor], [], [], 1)[0]:
                seen += os.read(descriptor, 4096).decode("utf-8", "replace")
        start = seen.index(text, start) + len(text)
    return seen


# -- two drafts


@pytest.fixture
def drafts(tmp_path: Path) -> tuple[str, str]:
    second, text = tmp_path / "second.yaml", Path(HALF).read_text("utf-8")
    second.write_text(
        text.replace("[settlement_integration, culture]", "[settlement_integration]"), "utf-8"
    )
    return HALF, str(second)


def test_two_drafts_are_compared_for_machines(drafts: tuple[str, str]) -> None:
    found = json.loads(run("assess", *drafts, "--format", "json").out)
    assert found["recommendation"] == {"from": "decline", "to": "accept"}
    assert found["score"] == {"from": 60, "to": 85}
    assert found["facts"] == [
        {
            "fact": "topics",
            "from": ["culture", "settlement_integration"],
            "to": ["settlement_integration"],
        }
    ]
    assert found["criteria"]["alignment"] == {"from": 20, "to": 45, "maximum": 45}
    assert found["rules_on"] == ["asia-fully-aligned"]
    assert "asia-visit-not-largely-aligned" in found["rules_off"]
    assert found["policy"]["version"] == shipped().version


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_drafts_are_compared_for_people(drafts: tuple[str, str], language: Language) -> None:
    ran = run("assess", *drafts, "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 100
    assert {"en": "differs; score +25.", "fr": "La recommandation est différente"}[
        language
    ] in ran.out
    assert {"en": "  - Visit not largely aligned", "fr": "  - Visite trop peu conforme"}[
        language
    ] in ran.out
    assert shipped().version in ran.out


def test_a_draft_compared_with_itself_differs_in_nothing() -> None:
    ran = run("assess", HALF, HALF)
    assert "The recommendation is the same; score +0." in ran.out
    assert "  - none" in ran.out


def test_wrong_use_of_two_drafts(drafts: tuple[str, str], tmp_path: Path) -> None:
    assert run("assess", *drafts, "--format", "html").code == 2
    assert run("assess", "-", "-").code == 2
    ran = run("assess", HALF, str(tmp_path / "typo.yaml"))
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    broken = tmp_path / "broken.yaml"
    broken.write_text("received: soon\nengagement_type: meeting\ncountries: [JPN]\n", "utf-8")
    ran = run("assess", HALF, str(broken))
    assert (ran.code, ran.out) == (1, "")
