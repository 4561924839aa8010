"""The synthetic history: its generator gives the committed bytes, with known disagreements."""

import runpy
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from support import ROOT, shipped
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request

HISTORY = ROOT / "examples" / "history"
FILES = ("cases-synthetic.csv", "cases-synthetic-with-mistakes.csv")


@cache
def read(name: str) -> tuple[Inbox, list[Request]]:
    """One file of the history: how it was read, and its accepted cases."""
    inbox = Inbox(RequestReader(shipped()))
    return inbox, list(inbox.requests(str(HISTORY / name)))


def test_the_generator_gives_the_committed_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["make_history.py", str(tmp_path)])
    runpy.run_path(str(HISTORY / "make_history.py"), run_name="__main__")
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (HISTORY / name).read_bytes()


def test_every_case_is_read_and_marked_as_synthetic() -> None:
    inbox, cases = read("cases-synthetic.csv")
    assert (inbox.read, len(cases), inbox.rejected, inbox.unknown_headers) == (400, 400, [], {})
    assert all(case.id.startswith("SYN-") for case in cases)
    assert {case.received.year for case in cases} == {2022, 2023, 2024, 2025}


def test_the_cases_are_of_both_languages_and_some_lack_facts_or_a_determination() -> None:
    _, cases = read("cases-synthetic.csv")
    languages = Counter(case.language for case in cases)
    assert languages == {"en": len(cases) - languages["fr"], "fr": languages["fr"]}
    assert 60 < languages["fr"] < 140
    assert 10 < sum(case.determination is None for case in cases) < 60
    for name in ("expressed_interest", "flexible_dates", "start", "topics", "participants"):
        assert 0 < sum(case.facts.get(name) is None for case in cases) < len(cases) * 0.6


def test_the_known_disagreements_are_told_apart_by_their_reason() -> None:
    _, cases = read("cases-synthetic.csv")
    found: Counter[tuple[str | None, str]] = Counter(
        (one.reason, one.outcome) for case in cases if (one := case.determination)
    )
    for reason, outcome in (
        ("supported by the head of mission", "accept"),
        ("too little notice", "decline"),
        ("visit test not yet applied", "accept"),
        ("agents are looked at twice", "defer"),
        ("officer days of the fiscal year used up", "defer"),
    ):
        assert found[reason, outcome] >= 3
        assert (
            sum(count for (why, _), count in found.items() if why == reason)
            == found[reason, outcome]
        )


def test_the_file_with_mistakes_has_the_mistakes_of_old_files() -> None:
    inbox, cases = read("cases-synthetic-with-mistakes.csv")
    found = [(one.row, error.field) for one in inbox.rejected for error in one.errors]
    wrong = ["received", "topics", "engagement_type", "determination.outcome", "id"]
    assert found == list(zip((3, 5, 7, 9, 11), wrong, strict=True))
    assert len(cases) == 7
