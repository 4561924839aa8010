"""Every difference of two policies is an edit, and edits can be applied one by one."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import ROOT, RULES, decider, requests, shipped
from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.policy_diff.candidate import load_candidate
from triage.policy_diff.edits import Edit, edits_between, with_edits
from triage.rulebook.load import load_policy

OVERLAY = ROOT / "examples" / "candidate" / "wider-door.yaml"
CANDIDATE = load_candidate(
    OVERLAY, ["asia_key_countries=JPN,IND,NPL", "largely_aligned_share=1/2"], shipped()
)
EDITS = edits_between(shipped(), CANDIDATE)


def changed(tmp_path: Path, file: str, *changes: tuple[str, str]) -> Policy:
    """The shipped policy with texts of one file replaced."""
    shutil.copytree(RULES, tmp_path / "rules")
    path = tmp_path / "rules" / file
    text = path.read_text("utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path.write_text(text, "utf-8")
    return load_policy(tmp_path / "rules")


def only(baseline: Policy, candidate: Policy) -> Edit:
    (edit,) = edits_between(baseline, candidate)
    return edit


def test_a_policy_does_not_differ_from_itself_read_again(tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    assert edits_between(shipped(), load_policy(tmp_path / "rules")) == ()


def test_each_kind_of_difference_has_a_stable_id() -> None:
    assert [(edit.id, edit.kind, edit.affects_results) for edit in EDITS] == [
        ("parameter:accept_threshold@2024-01-01", "parameter", True),
        ("parameter:asia_key_countries@2022-04-12", "parameter", True),
        ("parameter:largely_aligned_share@2022-04-12", "parameter", True),
        ("parameter:minimum_notice_days@2022-04-12", "parameter", True),
        ("parameter:points_other_country@2022-04-12", "parameter", True),
        ("rule:visit-of-many", "rule_added", True),
        ("parameter:visit_participants_at_most", "parameter_added", False),
    ]


def test_a_condition_that_changes_is_told_old_to_new(tmp_path: Path) -> None:
    candidate = changed(
        tmp_path,
        "strategies/asia/engagement.yaml",
        (
            "    when:\n      - engagement_type is any of: [delegation, study_tour]\n"
            "      - alignment is below: large\n"
            "    then:\n      at most: decline\n",
            "    when:\n      - engagement_type is: study_tour\n      - alignment is below: full\n"
            "    then:\n      at most: defer\n",
        ),
    )
    edit = only(shipped(), candidate)
    assert (edit.id, edit.kind, edit.affects_results) == (
        "rule:asia-visit-not-largely-aligned",
        "rule_changed",
        True,
    )
    assert edit.words("en") == [
        "rule asia-visit-not-largely-aligned changed: Visit not largely aligned",
        "  condition: Type of engagement is Incoming delegation or Study tour → "
        "Type of engagement is Study tour",
        "  condition: Alignment with the strategy is below Largely aligned → "
        "Alignment with the strategy is below Fully aligned",
        "  effect: at most decline → at most defer",
    ]
    assert edit.words("fr")[0] == (
        "règle asia-visit-not-largely-aligned modifiée\N{NO-BREAK SPACE}: "
        + shipped().rule["asia-visit-not-largely-aligned"].title.fr
    )


def test_a_change_of_words_is_told_and_cannot_change_a_result(tmp_path: Path) -> None:
    candidate = changed(
        tmp_path,
        "operations/duplicates.yaml",
        (
            'title: {en: "Same topic again", fr: "Même thème de nouveau"}',
            'title: {en: "Again", fr: "De nouveau"}',
        ),
    )
    edit = only(shipped(), candidate)
    assert (edit.id, edit.kind, edit.affects_results) == ("rule:same-topic-again", "text", False)
    assert edit.words("en")[1:] == ['  title: "Same topic again" → "Again"']


def test_a_rule_under_another_id_is_renamed_and_not_gone(tmp_path: Path) -> None:
    candidate = changed(
        tmp_path, "operations/duplicates.yaml", ("id: same-topic-again", "id: topic-again")
    )
    edit = only(shipped(), candidate)
    assert (edit.id, edit.kind, edit.affects_results) == ("rule:topic-again", "rule_renamed", False)
    assert edit.words("en") == ["rule same-topic-again is now called topic-again: Same topic again"]


def test_a_condition_of_a_whole_table_is_one_edit(tmp_path: Path) -> None:
    candidate = changed(
        tmp_path,
        "strategies/asia/priorities.yaml",
        (
            "    match: topics include\n",
            "    match: topics include\n    unless: [agent_letter is: true]\n",
        ),
    )
    rules = [rule.id for rule in shipped().rules if rule.table == "asia-topic"]
    edit = only(shipped(), candidate)
    assert edit.id == "table:asia-topic"
    assert edit.affects_results
    assert edit.words("en")[0].startswith(
        f"table asia-topic: {len(rules)} rules change in the same way"
    )
    assert len(edit.words("en")) == 2


def test_a_list_tells_what_comes_and_what_goes() -> None:
    edit = next(one for one in EDITS if one.subject.startswith("asia_key_countries"))
    assert edit.words("en") == [
        "parameter asia_key_countries (Key countries of the Strategy for Asia), from 2022-04-12: "
        "adds Nepal; takes out Bangladesh, Pakistan, Philippines and South Korea",
        "  a value on trial, which rests on no citation and no rationale",
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_edit_can_be_said_in_both_languages(language: str) -> None:
    for edit in EDITS:
        assert all(line.strip() for line in edit.words("fr" if language == "fr" else "en"))


# -- applying edits


def plain(decision: Decision) -> dict[str, object]:
    shape = decision.as_dict()
    del shape["policy"], shape["decision_id"]
    return shape


NONE, ALL = (Decider(with_edits(shipped(), CANDIDATE, edits)) for edits in ((), EDITS))
TRIED = Decider(CANDIDATE)


@settings(max_examples=60)
@given(requests())
def test_with_no_edit_it_decides_as_the_baseline_and_with_all_as_the_candidate(
    found: Request,
) -> None:
    assert plain(NONE.decide(found)) == plain(decider().decide(found))
    assert plain(ALL.decide(found)) == plain(TRIED.decide(found))


@settings(max_examples=25)
@given(st.sets(st.sampled_from(EDITS)))
def test_the_edits_applied_are_the_differences_found(chosen: set[Edit]) -> None:
    made = with_edits(shipped(), CANDIDATE, chosen)
    # A new parameter comes along with the rule that names it.
    found = {edit.id for edit in edits_between(shipped(), made)}
    wanted = {edit.id for edit in chosen}
    if "rule:visit-of-many" in wanted:
        wanted |= {"parameter:visit_participants_at_most"}
    assert found == wanted


LATER = Decider(load_candidate(None, ["accept_threshold@2024-01-01=40"], shipped()))


@settings(max_examples=40)
@given(requests())
def test_a_dated_value_changes_nothing_before_its_day(found: Request) -> None:
    if found.received < date(2024, 1, 1):
        assert plain(LATER.decide(found)) == plain(decider().decide(found))
