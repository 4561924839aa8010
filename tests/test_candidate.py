"""What a planner tries: overlays over the baseline, and single parameters."""

import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from support import ROOT, RULES, shipped
from triage.errors import PolicyError, UsageError
from triage.model.policy import Policy
from triage.policy_diff.candidate import load_candidate
from triage.policy_diff.edits import edits_between, with_edits
from triage.policy_diff.trial import run_trial, try_policy
from triage.rulebook.load import load_policy

OVERLAY = ROOT / "examples" / "candidate" / "wider-door.yaml"


def overlay(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "trial.yaml"
    path.write_text(text, "utf-8")
    return load_candidate(path, [], shipped())


def refused(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(PolicyError) as error:
        overlay(tmp_path, text)
    return [line.removeprefix(f"{tmp_path}/") for line in error.value.diagnostics]


def tried(*settings: str) -> Policy:
    return load_candidate(None, settings, shipped())


def wrong(*settings: str) -> str:
    with pytest.raises(UsageError) as error:
        tried(*settings)
    return error.value.message


# -- overlays


def test_an_overlay_has_the_version_of_the_folder_with_its_changes(tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    path = tmp_path / "rules" / "strategies" / "asia" / "countries.yaml"
    line = "      2022-04-12: {value: [BGD, IND, JPN, KOR, PAK, PHL], cite: [A057, A095, A110]}\n"
    text = path.read_text("utf-8")
    assert line in text
    added = "      2024-01-01: {value: [BGD, IND, JPN, KOR, PAK, PHL, NPL], cite: [A057]}\n"
    path.write_text(text.replace(line, line + added), "utf-8")
    made = overlay(tmp_path, "parameters:\n  asia_key_countries:\n    values:\n" + added)
    assert made.version == load_policy(tmp_path / "rules").version != shipped().version
    assert edits_between(load_policy(tmp_path / "rules"), made) == ()


def test_a_value_for_one_day_leaves_the_values_of_other_days(tmp_path: Path) -> None:
    made = overlay(
        tmp_path,
        "parameters:\n  accept_threshold:\n    values:\n      2024-01-01:\n        value: 55\n"
        "        rationale: {en: A trial., fr: Un essai.}\n",
    )
    values = {str(dated.since): dated.value for dated in made.parameters["accept_threshold"].values}
    assert values == {"2022-04-12": 60, "2024-01-01": 55}


RULE = """
rules:
  - id: {id}
    title: {{en: A trial, fr: Un essai}}
    when: [same_topic_within_24_months is: true]
    then: {{at most: decline}}
    because: {{en: A trial., fr: Un essai.}}
    basis: setting
    rationale: {{en: A trial., fr: Un essai.}}
"""


def test_a_rule_takes_the_place_of_the_one_with_its_id(tmp_path: Path) -> None:
    made = overlay(tmp_path, RULE.format(id="same-topic-again"))
    assert len(made.rules) == len(shipped().rules)
    assert made.rule["same-topic-again"].where.file.endswith("trial.yaml")


def test_a_rule_takes_the_place_of_a_row_and_keeps_its_strategy(tmp_path: Path) -> None:
    made = overlay(tmp_path, RULE.format(id="asia-topic-removals"))
    assert len(made.rules) == len(shipped().rules)
    assert made.rule["asia-topic-removals"].strategy == "asia"
    assert made.rule["asia-topic-removals"].table is None


def test_rules_tables_and_parameters_can_be_removed(tmp_path: Path) -> None:
    made = overlay(tmp_path, "remove: [same-topic-again, asia-topic-removals]\n")
    assert {rule.id for rule in shipped().rules} - {rule.id for rule in made.rules} == {
        "same-topic-again",
        "asia-topic-removals",
    }


def test_a_limit_takes_the_place_of_the_one_with_its_id_and_its_days_are_told(
    tmp_path: Path,
) -> None:
    made = overlay(
        tmp_path,
        """
remove: [visits-of-a-mission]
limits:
  - id: visits-a-quarter
    title: {en: Visits a quarter, fr: Visites par trimestre}
    applies_to: [{"engagement_type is any of": [delegation, study_tour]}]
    per: fiscal_quarter
    measure: count
    basis: setting
    to_be_set: true
    at_most:
      2022-04-01: {value: 8, rationale: {en: A trial., fr: Un essai.}}
      2024-04-01: {value: 6, rationale: {en: A trial., fr: Un essai.}}
""",
    )
    found = {edit.id: edit for edit in edits_between(shipped(), made)}
    assert set(found) == {
        "limit:visits-a-quarter",  # its title
        "limit:visits-a-quarter@2022-04-01",  # its rationale
        "limit:visits-a-quarter@2024-04-01",
        "limit:visits-of-a-mission",
    }
    assert {id for id, edit in found.items() if edit.affects_results} == {
        "limit:visits-a-quarter@2024-04-01",
        "limit:visits-of-a-mission",
    }
    assert found["limit:visits-a-quarter@2024-04-01"].words("en") == [
        "limit visits-a-quarter (Visits a quarter, branch setting), from 2024-04-01: 8 → 6; "
        "nothing changes before"
    ]
    assert found["limit:visits-of-a-mission"].kind == "limit_removed"
    assert edits_between(made, with_edits(shipped(), made, found.values())) == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "remove: [same-topic-agian]\n",
            '1: the baseline has nothing called "same-topic-agian" to remove',
        ),
        (
            "parameters:\n  accept_treshold:\n    values: {}\n",
            '2: "accept_treshold" is not a parameter',
        ),
        ("rulez: []\n", '1: unknown key "rulez"'),
        ("- a list\n", "1: a policy file has keys"),
        (
            RULE.format(id="same-topic-again") + "remove: [same-topic-again]\n",
            'removes "same-topic-again" and gives it',
        ),
        (
            "strategy: americas\n" + RULE.format(id="asia-topic-removals"),
            "has this rule for strategy asia",
        ),
        (
            "parameters:\n  accept_threshold:\n"
            "    values: {2024-01-01: {value: 155, rationale: {en: a, fr: b}}}",
            "3: parameter accept_threshold: 155 is not between 0 and 100",
        ),
    ],
)
def test_a_mistake_in_an_overlay_is_told_with_its_line(
    tmp_path: Path, text: str, line: str
) -> None:
    found = refused(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith("trial.yaml:")
    assert line in found[0]


def test_a_baseline_that_is_no_folder_takes_no_overlay() -> None:
    with pytest.raises(UsageError, match="an overlay needs a baseline"):
        load_candidate(OVERLAY, [], replace(shipped(), folder=None))


# -- single parameters


def values(policy: Policy, name: str) -> list[object]:
    return [dated.value for dated in policy.parameters[name].values]


def test_a_setting_takes_the_place_of_every_dated_value(tmp_path: Path) -> None:
    twice = load_candidate(None, ["accept_threshold@2024-01-01=65"], shipped())
    assert values(load_candidate(None, ["accept_threshold=55"], twice), "accept_threshold") == [
        55,
        55,
    ]


def test_a_setting_with_a_day_holds_from_that_day() -> None:
    made = tried("accept_threshold@2024-01-01=55").parameters["accept_threshold"]
    assert [(str(dated.since), dated.value) for dated in made.values] == [
        ("2022-04-12", 60),
        ("2024-01-01", 55),
    ]


def test_a_weight_is_the_maximum_of_its_criterion() -> None:
    assert values(tried("weight.partner=25"), "weight_partner") == [25]
    assert values(tried("weight_partner=25"), "weight_partner") == [25]


def test_the_value_that_is_there_changes_nothing() -> None:
    assert tried("accept_threshold=60") is shipped()


def test_lists_shares_and_switches_can_be_set() -> None:
    made = tried(
        "asia_key_countries=JPN,NPL", "largely_aligned_share=1/2", "americas_visit_gate=true"
    )
    assert values(made, "asia_key_countries") == [frozenset({"JPN", "NPL"})]
    assert [str(one) for one in values(made, "largely_aligned_share")] == ["1/2"]
    assert values(made, "americas_visit_gate") == [True]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "accept_threshold",
            "--set accept_threshold: expected NAME=VALUE or NAME@YYYY-MM-DD=VALUE",
        ),
        (
            "accept_treshold=55",
            '--set accept_treshold=55: there is no parameter "accept_treshold"; '
            'did you mean "accept_threshold"?',
        ),
        (
            "weight.partnr=2",
            '--set weight.partnr=2: there is no parameter "weight.partnr"; '
            'did you mean "weight.partner"?',
        ),
        (
            "accept_threshold=high",
            "--set accept_threshold=high: expected a whole number, from 0 to 100",
        ),
        (
            "accept_threshold=101",
            "--set accept_threshold=101: expected a whole number, from 0 to 100",
        ),
        (
            "accept_threshold=20",
            "--set accept_threshold=20: the threshold to defer (25) is above "
            "the threshold to accept (20)",
        ),
        ("weight.partner=0", "--set weight.partner=0: expected a whole number, 1 or more"),
        (
            "largely_aligned_share=0.5",
            "--set largely_aligned_share=0.5: expected a share such as 2/3, from 0 to 1",
        ),
        ("americas_visit_gate=yes", "--set americas_visit_gate=yes: expected true or false"),
        (
            "accept_threshold@soon=55",
            "--set accept_threshold@soon=55: expected a date as YYYY-MM-DD",
        ),
        (
            "asia_key_countries=JPN,JAP",
            '--set asia_key_countries=JPN,JAP: "JAP" is not an alpha-3 country code; '
            'did you mean "JPN"?',
        ),
    ],
)
def test_a_mistake_in_a_setting_says_what_is_expected(setting: str, message: str) -> None:
    assert wrong(setting) == message


def test_nothing_to_try_is_said() -> None:
    assert "nothing to compare with" in wrong()


# -- trials in a process of their own


def test_a_good_candidate_passes_its_trial() -> None:
    try_policy(OVERLAY, ["accept_threshold=55"])


def test_the_errors_of_a_candidate_come_back_from_its_trial(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text("rulez: []\n", "utf-8")
    with pytest.raises(PolicyError) as error:
        try_policy(path)
    assert [line.removeprefix(f"{tmp_path}/") for line in error.value.diagnostics] == [
        'trial.yaml:1: unknown key "rulez"; did you mean "rules"?'
    ]


def run(code: str, seconds: float = 20) -> str:
    with pytest.raises(UsageError) as error:
        run_trial([sys.executable, "-c", code], "en", seconds)
    return error.value.message


@pytest.mark.skipif(not hasattr(signal, "SIGSEGV"), reason="no signals here")
def test_a_candidate_that_brings_the_engine_down_takes_only_its_trial_down() -> None:
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)") == (
        "the candidate policy brought the engine down when it was tried (SIGSEGV), "
        "so it is not used"
    )


def test_a_candidate_that_hangs_is_given_up() -> None:
    assert "within 0.2 seconds" in run("import time; time.sleep(30)", 0.2)


def test_any_other_failure_of_a_trial_is_one_line() -> None:
    assert (
        run("raise ValueError('unforeseen')")
        == "the candidate policy could not be tried: ValueError: unforeseen"
    )
