"""The files of `examples/`: what is accepted, what the tables of the source say of it, and what
the policy intends.
"""

import csv
import json
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import pytest

from commands import run
from support import ROOT, decider, shipped
from triage.deciding.decision import Decision
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request

EXAMPLES = ROOT / "examples"
INBOX = EXAMPLES / "inbox.csv"


def read(name: str) -> tuple[Inbox, list[Request]]:
    """One example file: how it was read, and its accepted requests."""
    inbox = Inbox(RequestReader(shipped()))
    return inbox, list(inbox.requests(str(EXAMPLES / name)))


@cache
def decisions() -> dict[str, Decision]:
    """The decisions on the example inbox by id."""
    return {one.id: decider().decide(one) for one in read("inbox.csv")[1]}


# -- which rows are accepted
# -----------------------------------------------------------------------------------------

FILES = {
    # file: rows read, accepted
    "inbox.csv": (50, 50),
    "inbox-fr.csv": (6, 6),
    "inbox-projects.csv": (3, 3),
    "inbox-twice.csv": (5, 5),
    "inbox-with-mistakes.csv": (8, 3),
    "proposals/half-aligned-tour.yaml": (1, 1),
    "proposals/peru.yaml": (1, 1),
    "proposals/resettlement-visit.yaml": (1, 1),
    "proposals/short-of-facts.yaml": (1, 1),
    "proposals/discussion-mobilite.json": (1, 1),
}


def test_every_example_of_requests_has_its_count_here() -> None:
    found = {
        str(path.relative_to(EXAMPLES))
        for path in [*EXAMPLES.glob("inbox*"), *EXAMPLES.glob("proposals/*")]
    }
    assert found == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_an_example_file_is_read_as_intended(name: str) -> None:
    inbox, accepted = read(name)
    assert (inbox.read, len(accepted)) == FILES[name]
    assert inbox.read == len(accepted) + len(inbox.rejected)
    assert not inbox.unknown_headers


def test_each_mistake_is_rejected_with_its_place_and_what_was_expected() -> None:
    inbox, accepted = read("inbox-with-mistakes.csv")
    ambiguous = "the day and the month cannot be told apart; expected a date as YYYY-MM-DD"
    found = [
        (one.row, error.field, error.value, error.expected)
        for one in inbox.rejected
        for error in one.errors
    ]
    assert found == [
        (3, "received", "05/07/2022", f"{ambiguous}: 2022-07-05 or 2022-05-07"),
        (
            4,
            "topics",
            "Labour mobilty",
            'expected a value of the vocabulary; did you mean "labour_mobility"?',
        ),
        (6, "end", "2022-10-02", "expected a date on or after the start, 2022-10-20"),
        (7, "participants", "about ten", "expected a whole number, 0 or more"),
        (
            8,
            "id",
            "IN-2022-101",
            f"the id is taken already, in {EXAMPLES / 'inbox-with-mistakes.csv'} row 2",
        ),
    ]
    assert [one.id for one in accepted] == ["IN-2022-101", "IN-2022-104", "IN-2022-108"]


# -- the tables of current engagement (Annex A of both strategies)
# ---------------------------------------------------


class Row(NamedTuple):
    """A row of Annex A: the priorities that it declares, and how the topics that its text names
    differ from them.
    """

    id: str
    name: str
    strategy: str
    declared: str
    missing: str = ""
    extra: str = ""
    why: str = ""


# The disagreements belong to the source. Both readings are kept: what the topics serve, and what
# the table declares.
ANNEX_A = [
    Row(
        "IN-2022-001",
        "Afghanistan",
        "asia",
        "4",
        "",
        "2",
        "humanitarian commitments are also under 2 (A015, A069)",
    ),
    Row(
        "IN-2022-002",
        "Pakistan",
        "asia",
        "4",
        "",
        "3",
        "D-08: the text also speaks of the migration relationship",
    ),
    Row(
        "IN-2022-003",
        "India",
        "asia",
        "12",
        "12",
        "3",
        "D-08: the text speaks of irritants only, which are under 3",
    ),
    Row(
        "IN-2022-004",
        "Bangladesh",
        "asia",
        "134",
        "1",
        "",
        "the text names nothing on irregular migration",
    ),
    Row(
        "IN-2022-005",
        "China",
        "asia",
        "2",
        "2",
        "3",
        "D-08: the text speaks of irritants only, which are under 3",
    ),
    Row("IN-2022-006", "Japan", "asia", "234"),
    Row(
        "IN-2022-007",
        "Philippines",
        "asia",
        "2",
        "",
        "3",
        "D-08: the text also speaks of irritants",
    ),
    Row("IN-2022-008", "South Korea", "asia", "234"),
    Row(
        "IN-2022-009",
        "HLDM",
        "americas",
        "1234",
        "3",
        "",
        "the text names nothing on integration or narratives",
    ),
    Row(
        "IN-2022-010",
        "CBMWG",
        "americas",
        "1234",
        "234",
        "",
        "the text names irregular migration only",
    ),
    Row("IN-2022-011", "Canada-U.S. group", "americas", "12"),
    Row(
        "IN-2022-012",
        "CARICOM",
        "americas",
        "1234",
        "23",
        "",
        "the text names visas, biometrics and mobility only",
    ),
    Row(
        "IN-2022-013",
        "OAS CAM",
        "americas",
        "34",
        "34",
        "1",
        "the text names no topic; its governance is under 1",
    ),
    Row(
        "IN-2022-014",
        "MIRPS chair",
        "americas",
        "23",
        "3",
        "",
        "the text names nothing on integration or narratives",
    ),
    Row(
        "IN-2022-015",
        "Capacity building",
        "americas",
        "123",
        "",
        "4",
        "labour mobility is under 4 (W067; D-02b)",
    ),
]
ASIA = [row for row in ANNEX_A if row.strategy == "asia"]
FORUMS = [row for row in ANNEX_A if row.strategy == "americas" and row.name != "Capacity building"]


def numbers(priorities: Any, strategy: str) -> set[str]:
    """`asia-sp2` -> `2`."""
    assert all(one.startswith(f"{strategy}-sp") for one in priorities)
    return {one[-1] for one in priorities}


def concluded(decision: Decision, rules: str, fact: str) -> set[str]:
    """What the matched rules of one table conclude."""
    entries = [
        entry["effect"].get("conclude", {})
        for entry in decision.result.rules
        if entry["id"].startswith(rules)
    ]
    return set().union(*(one.get(fact, ()) for one in entries))


def from_topics(row: Row) -> set[str]:
    """The numbers of the priorities that the topics of a row serve."""
    found = concluded(decisions()[row.id], f"{row.strategy}-topic-", "priorities")
    return numbers(found, row.strategy)


@pytest.mark.parametrize("row", ANNEX_A, ids=lambda row: row.name)
def test_topics_serve_the_priorities_that_annex_a_declares_but_for_the_known_disagreements(
    row: Row,
) -> None:
    assert set(row.missing) <= set(row.declared)
    assert not set(row.extra) & set(row.declared)
    assert bool(row.why) == bool(row.missing or row.extra)
    assert from_topics(row) == set(row.declared) - set(row.missing) | set(row.extra)


@pytest.mark.parametrize("row", ANNEX_A, ids=lambda row: row.name)
def test_every_topic_of_annex_a_is_a_topic_of_its_strategy(row: Row) -> None:
    decision = decisions()[row.id]
    assert decision.strategy == row.strategy
    assert decision.result.alignment == "full"


@pytest.mark.parametrize("row", ASIA, ids=lambda row: row.name)
def test_the_declared_priorities_of_a_country_are_kept_beside_those_of_its_topics(row: Row) -> None:
    decision = decisions()[row.id]
    assert numbers(concluded(decision, "asia-engaged-", "declared_priorities"), "asia") == set(
        row.declared
    )
    assert numbers(decision.result.priorities, "asia") == from_topics(row)


@pytest.mark.parametrize("row", FORUMS, ids=lambda row: row.name)
def test_a_forum_serves_its_declared_priorities_whatever_the_topics(row: Row) -> None:
    decision = decisions()[row.id]
    assert numbers(concluded(decision, "americas-forum-", "priorities"), "americas") == set(
        row.declared
    )
    assert numbers(decision.result.priorities, "americas") == set(row.declared) | from_topics(row)


@pytest.mark.parametrize("row", ANNEX_A, ids=lambda row: row.name)
def test_current_engagement_is_never_declined(row: Row) -> None:
    assert decisions()[row.id].recommendation != "decline"
    # One point short: what a forum alone cannot show is a partner, and this request states no
    # outcome either.
    assert (decisions()[row.id].recommendation == "accept") == (row.name != "OAS CAM")


# -- the opportunities of the Americas (Annex C)
# ---------------------------------------------------------------------

ANNEX_C = {
    # id: the rule that sees the opportunity, the priorities served
    "IN-2022-016": ("americas-opportunity-mexico", "134"),
    "IN-2022-017": ("americas-opportunity-northern-central-america", "1234"),
    "IN-2022-018": ("americas-opportunity-colombia", "1234"),
    "IN-2022-019": ("americas-opportunity-ecuador", "14"),
    "IN-2022-020": ("americas-opportunity-haiti", "134"),
    "IN-2022-021": ("americas-opportunity-caribbean", "14"),
    "IN-2022-022": ("americas-opportunity-costa-rica-and-panama", "134"),
    "IN-2022-023": ("americas-opportunity-brazil", "134"),
    "IN-2022-024": ("americas-opportunity-chile", "3"),
    "IN-2022-025": ("americas-opportunity-argentina", "23"),
    "IN-2022-026": ("americas-opportunity-community-sponsorship", "2"),
}


@pytest.mark.parametrize("id", ANNEX_C)
def test_an_opportunity_of_annex_c_is_seen_and_counts_as_a_partner(id: str) -> None:
    rule, served = ANNEX_C[id]
    decision = decisions()[id]
    assert rule in {entry["id"] for entry in decision.result.rules}
    assert numbers(decision.result.priorities, "americas") == set(served)
    assert decision.result.criteria["partner"]["points"] > 0


# -- the awkward ones
# ------------------------------------------------------------------------------


class Awkward(NamedTuple):
    """What the policy intends with a request that is not plain."""

    id: str
    what: str
    recommendation: str
    strategy: str | None
    lead: str
    flags: str
    decided_by: str


AWKWARD = [
    # Where the request stands
    Awkward(
        "IN-2022-012",
        "no country, but a forum",
        "accept",
        "americas",
        "IIR",
        "senior_level",
        "threshold-accept",
    ),
    Awkward(
        "IN-2022-027", "two regions at once", "accept", "americas", "IIR", "", "threshold-accept"
    ),
    Awkward(
        *("IN-2022-028", "an organization without a country", "defer", None, "IIR"),
        *("outside_strategies", "outside-strategies"),
    ),
    Awkward(
        *("IN-2022-033", "Greenland", "defer", None, "IIR"),
        *("outside_strategies region_undetermined", "outside-strategies"),
    ),
    Awkward(
        *("IN-2022-034", "Iran", "defer", None, "IIR"),
        *("outside_strategies region_undetermined", "outside-strategies"),
    ),
    Awkward(
        "IN-2022-035", "Europe", "defer", None, "IIR", "outside_strategies", "outside-strategies"
    ),
    Awkward(
        "IN-2022-047",
        "which Congo?",
        "defer",
        None,
        "IIR",
        "outside_strategies",
        "outside-strategies",
    ),
    # China, and the three that are not China (A113, A038, A048)
    Awkward(
        *("IN-2022-005", "China on operations", "accept", "asia", "IIR"),
        *("irritant transactional_lane", "threshold-accept"),
    ),
    Awkward(
        *("IN-2022-030", "China on policy", "defer", "asia", "IIR"),
        *("applicability_note special_events_unit transactional_lane", "asia-transactional-visit"),
    ),
    Awkward(
        *("IN-2022-031", "Hong Kong, a named priority", "accept", "asia", "IIR"),
        *("crisis named_gc_priority sensitive_population", "threshold-accept"),
    ),
    Awkward("IN-2022-032", "Taiwan", "accept", "asia", "IIR", "", "threshold-accept"),
    # The gate for visits (A097)
    Awkward(
        *("IN-2022-036", "a study tour half aligned", "decline", "asia", "IIR"),
        *("applicability_note", "asia-visit-not-largely-aligned"),
    ),
    Awkward(
        *("IN-2022-037", "the same, two thirds aligned", "accept", "asia", "IIR"),
        *("applicability_note", "threshold-accept"),
    ),
    # Leads that are not the default (A119, A120, W096)
    Awkward(
        *("IN-2022-029", "a row in French, on integrity", "accept", "asia", "IRM"),
        *("unpublished_list", "threshold-accept"),
    ),
    Awkward("IN-2022-026", "sponsorship only", "accept", "americas", "RAB", "", "threshold-accept"),
    # What has run out, and what overrides (M20, A018, A073, W036, W123)
    Awkward(
        "IN-2022-014",
        "a forum in its last month",
        "accept",
        "americas",
        "IIR",
        "",
        "threshold-accept",
    ),
    Awkward(
        "IN-2022-039",
        "the same forum later",
        "accept",
        "americas",
        "RAB",
        "not_in_force",
        "threshold-accept",
    ),
    Awkward(
        *("IN-2022-040", "a crisis", "accept", "asia", "RAB"),
        *("crisis named_gc_priority sensitive_population", "threshold-accept"),
    ),
    Awkward(
        *("IN-2026-001", "the same crisis, its commitment ended", "accept", "asia", "RAB"),
        *("not_in_force sensitive_population", "threshold-accept"),
    ),
    Awkward(
        *("IN-2022-041", "a named priority with the United States", "accept", "americas", "IIR"),
        *("named_gc_priority", "threshold-accept"),
    ),
    # What the branch asks of a request
    Awkward(
        "IN-2022-042",
        "almost nothing known",
        "defer",
        "asia",
        "IIR",
        "incomplete",
        "topics-missing",
    ),
    Awkward(
        "IN-2022-043", "two weeks' notice", "defer", "asia", "IIR", "short_notice", "notice-short"
    ),
    Awkward(
        "IN-2022-018",
        "short notice, a crisis",
        "defer",
        "americas",
        "IIR",
        "crisis short_notice",
        "notice-short",
    ),
    Awkward(
        *("IN-2022-020", "no purpose", "defer", "americas", "IIR"),
        *(
            "applicability_note capacity_priority_note incomplete unpublished_list",
            "purpose-missing",
        ),
    ),
    Awkward(
        *("IN-2022-038", "an agent without letter", "defer", "asia", "IIR"),
        *("agent_without_letter applicability_note", "agent-without-letter"),
    ),
    Awkward(
        *("IN-2022-044", "again within 24 months", "defer", "asia", "IIR"),
        *("applicability_note duplicate", "same-topic-again"),
    ),
    Awkward(
        *("IN-2022-045", "a mission's operational proposal", "defer", "asia", "IIR"),
        *("operational_proposal priority_claim_differs", "asia-mission-proposal-is-looked-at"),
    ),
    Awkward(
        *("IN-2022-046", "a large delegation with visas", "accept", "asia", "IIR"),
        *("cost_review senior_level special_events_unit", "threshold-accept"),
    ),
    Awkward(
        *("IN-2022-023", "ten participants", "accept", "americas", "IIR"),
        *("applicability_note size_boundary", "threshold-accept"),
    ),
    Awkward(
        "IN-2022-024",
        "fifty participants",
        "accept",
        "americas",
        "IIR",
        "size_boundary",
        "threshold-accept",
    ),
    # Nothing that a strategy names
    Awkward(
        "IN-2022-048", "culture and tourism", "decline", "americas", "IIR", "", "threshold-decline"
    ),
    Awkward("IN-2022-049", "trade and one file", "decline", "asia", "IIR", "", "threshold-decline"),
]


@pytest.mark.parametrize("row", AWKWARD, ids=lambda row: row.what)
def test_an_awkward_request_gets_what_the_policy_intends(row: Awkward) -> None:
    decision = decisions()[row.id]
    result = decision.result
    found = (
        str(result.recommendation),
        decision.strategy,
        result.lead,
        " ".join(result.flags),
        *result.decided_by,
    )
    assert found == (row.recommendation, row.strategy, row.lead, row.flags, row.decided_by)


CONSULTED = {
    # id: those whom the strategies name for this
    "IN-2022-001": "GAC IN IOM RAB UNHCR",
    "IN-2022-002": "CBSA GAC IN IOM RAB UNHCR",
    "IN-2022-006": "GAC IB IN IOM RAB UNHCR",
    "IN-2022-015": "GAC GAC_VTF IN IOM IRB RAB UNHCR",
    "IN-2022-022": "CBSA GAC IN",
    "IN-2022-029": "GAC IN",
    "IN-2022-040": "DND GAC IN IOM UNHCR",
    "IN-2022-041": "CBSA GAC GAC_ACCBP IN",
    "IN-2022-043": "CBSA GAC IN PS",
}


@pytest.mark.parametrize("id", CONSULTED)
def test_those_whom_the_strategies_name_are_consulted(id: str) -> None:
    assert decisions()[id].result.consult == CONSULTED[id].split()


@pytest.mark.parametrize("id", ["IN-2022-002", "IN-2022-015", "IN-2022-020"])
def test_capacity_building_outside_the_unpublished_list_looks_to_the_program_with_limited_funds(
    id: str,
) -> None:
    assert decisions()[id].result.fund == "IMCBP"


def test_a_request_from_two_regions_is_assessed_under_both_strategies() -> None:
    decision = decisions()["IN-2022-027"]
    assert sorted(decision.strategies) == ["americas", "asia"]
    assert {name: one.priorities for name, one in decision.strategies.items()} == {
        "americas": ["americas-sp4"],
        "asia": ["asia-sp2"],
    }
    assert decision.score == max(one.score for one in decision.strategies.values())


def test_an_organization_without_a_country_could_still_be_accepted_once_a_country_is_known() -> (
    None
):
    result = decisions()["IN-2022-028"].result
    assert [str(one) for one in result.possible] == ["accept", "defer"]
    assert {"countries", "forum"} <= {one["fact"] for one in result.unknown if one["could_change"]}


def test_an_ambiguous_country_is_asked_back_with_both_candidates() -> None:
    result = decisions()["IN-2022-047"].result
    entry = next(one for one in result.unknown if one["fact"] == "countries")
    assert (entry["given"], entry["candidates"], entry["could_change"]) == (
        "Congo",
        ["COD", "COG"],
        True,
    )
    assert any('"Congo" was not understood; perhaps' in advice for advice in result.advice)


def test_almost_nothing_known_leaves_everything_possible() -> None:
    result = decisions()["IN-2022-042"].result
    assert [str(one) for one in result.possible] == ["accept", "defer", "decline"]
    assert "topics" in {one["fact"] for one in result.unknown if one["could_change"]}


def test_what_has_run_out_is_said_and_counts_no_more() -> None:
    for before, after in (("IN-2022-014", "IN-2022-039"), ("IN-2022-040", "IN-2026-001")):
        assert decisions()[before].result.criteria["commitments"]["points"] == 10
        assert decisions()[after].result.criteria["commitments"]["points"] == 0
        assert any(
            advice.startswith("Not counted: ") for advice in decisions()[after].result.advice
        )


def test_a_request_is_judged_by_the_rules_of_its_day_unless_another_is_asked_for() -> None:
    request = decisions()["IN-2022-014"].request
    assert "not_in_force" in decider().decide(request, as_of=date(2022, 7, 1)).result.flags


def test_the_example_inbox_shows_every_recommendation() -> None:
    found = [str(one.recommendation) for one in decisions().values()]
    assert {one: found.count(one) for one in set(found)} == {
        "accept": 33,
        "defer": 14,
        "decline": 3,
    }


# -- French
# ------------------------------------------------------------------------------

TWINS = [
    # file, row, and the same row in English, where it differs
    (
        "inbox.csv",
        "IN-2022-029",
        {
            "Type of engagement": "Meeting",
            "Origin of the request": "Asked of Canada",
            "Type of requester": "Foreign government",
            "Countries": "Cambodia",
            "Topics": "Integrity of immigration programs; Fraudulent documents",
            "Purpose stated": "yes",
            "Agenda attached": "yes",
            "Expected outcome stated": "yes",
            "Visitor shares its own experience": "yes",
            "Interest in learning from Canada expressed": "yes",
            "Level of the visitor": "Director general",
            "Modality": "Virtual",
            "Place": "Abroad",
            "Same requester and topic within 24 months": "no",
            "Security classification": "Unclassified",
        },
    ),
    (
        "inbox-fr.csv",
        "IN-2022-201",
        {
            "Type of engagement": "Study tour",
            "Origin of the request": "Asked of Canada",
            "Type of requester": "Foreign government",
            "Countries": "South Korea",
            "Topics": "Settlement and integration of newcomers; Refugee resettlement",
            "Purpose stated": "yes",
            "Agenda attached": "yes",
            "Expected outcome stated": "yes",
            "Visitor shares its own experience": "yes",
            "Interest in learning from Canada expressed": "yes",
            "Level of the visitor": "Director",
            "Modality": "In person",
            "Place": "In Canada",
            "Dates are flexible": "no",
            "Cost recovery": "Partial cost recovery",
            "Same requester and topic within 24 months": "no",
        },
    ),
]


@pytest.mark.parametrize(
    ("name", "id", "english"), TWINS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_row_in_french_is_the_same_request_as_its_english_twin(
    name: str, id: str, english: dict[str, str]
) -> None:
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    french = next(row for row in rows if id in row.values())
    reader = RequestReader(shipped())
    headers = {reader.header(header): header for header in english}
    renamed = {headers.get(reader.header(header), header): cell for header, cell in french.items()}
    assert set(english) <= set(renamed)
    twin = renamed | english
    assert reader.request(french) == reader.request(twin)
    assert decider().decide(reader.request(french)) == decider().decide(reader.request(twin))


TEXTS = ("justification", "advice", "language", "rules", "strategies")


def without_texts(decision: Decision) -> dict[str, Any]:
    """A decision without its words."""
    found = {key: value for key, value in decision.as_dict().items() if key not in TEXTS}
    found["rules"] = [
        {key: rule[key] for key in ("id", "effect", "basis")} for rule in decision.result.rules
    ]
    found["cited"] = [[one["id"] for one in rule["citations"]] for rule in decision.result.rules]
    return found


@pytest.mark.parametrize("id", ["IN-2022-002", "IN-2022-029", "IN-2022-036", "IN-2022-047"])
def test_a_decision_in_french_differs_from_the_english_one_in_its_words_only(id: str) -> None:
    english = decisions()[id]
    french = decider().decide(english.request, language="fr")
    assert without_texts(french) == without_texts(english)
    assert french.result.justification != english.result.justification


def test_the_french_inbox_shows_every_recommendation() -> None:
    found = {
        one.id: str(decider().decide(one, language="fr").recommendation)
        for one in read("inbox-fr.csv")[1]
    }
    assert found == {
        "IN-2022-201": "accept",
        "IN-2022-202": "accept",
        "IN-2022-203": "accept",
        "IN-2022-204": "decline",
        "IN-2022-205": "defer",
        "IN-2022-206": "defer",
    }


# -- proposals of missions
# -------------------------------------------------------------------------------------------


def proposal(name: str) -> Decision:
    """The decision on a proposal."""
    return decider().decide(read(f"proposals/{name}")[1][0])


def test_a_complete_proposal_leaves_no_question_that_could_change_its_answer() -> None:
    result = proposal("resettlement-visit.yaml").result
    assert (str(result.recommendation), [str(one) for one in result.possible]) == (
        "accept",
        ["accept"],
    )
    assert not [one for one in result.unknown if one["could_change"]]
    assert result.priorities == ["asia-sp2", "asia-sp4"]
    assert "priority_claim_differs" not in result.flags


def test_an_incomplete_proposal_says_which_facts_are_owed() -> None:
    result = proposal("short-of-facts.yaml").result
    assert (str(result.recommendation), [str(one) for one in result.possible]) == (
        "defer",
        ["accept", "defer"],
    )
    owed = {one["fact"] for one in result.unknown if one["could_change"]}
    assert {"start", "outcome_stated", "expressed_interest", "agenda_attached"} <= owed
    assert "incomplete" in result.flags


def test_a_proposal_with_french_keys_is_decided_like_any_other() -> None:
    result = proposal("discussion-mobilite.json").result
    assert (str(result.recommendation), result.lead) == ("accept", "IIR")
    assert "GAC_VTF" in result.consult


def test_a_half_aligned_study_tour_is_told_the_one_topic_that_would_do() -> None:
    assessed = json.loads(
        run(
            "assess", str(EXAMPLES / "proposals" / "half-aligned-tour.yaml"), "--format", "json"
        ).out
    )
    assert (assessed["recommendation"], assessed["alignment"]) == ("decline", "partial")
    changes = assessed["changes"]
    assert {(one["to"], len(one["facts"]), one["facts"][0]["fact"]) for one in changes} == {
        ("accept", 1, "topics")
    }
    added = {topic for one in changes for topic in one["facts"][0]["to"]} - {
        "settlement_integration",
        "culture",
    }
    assert {"resettlement", "settlement_retention"} <= added
    assert not {"tourism", "trade_promotion"} & added
    (less,) = (one for one in changes if one["text"] == "Leave out a topic: Culture and heritage.")
    assert less["facts"] == [
        {
            "fact": "topics",
            "from": ["culture", "settlement_integration"],
            "to": ["settlement_integration"],
        }
    ]
    assert less["rules_on"] == ["asia-fully-aligned"]
    assert {"asia-partly-aligned", "asia-visit-not-largely-aligned"} <= set(less["rules_off"])
    text = run("assess", str(EXAMPLES / "proposals" / "half-aligned-tour.yaml"), "--lang", "fr").out
    assert "Retirer un thème\N{NO-BREAK SPACE}: Culture et patrimoine." in text


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("proposals/")])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_assess_explains_a_proposal_within_100_columns(name: str, lang: str) -> None:
    ran = run("assess", str(EXAMPLES / name), "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 100


# -- the command
# ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_table_of_the_inbox_keeps_to_100_columns(lang: str) -> None:
    ran = run("screen", str(INBOX), "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 100
    table = lines[: lines.index("")]
    assert sum(line.startswith("IN-") for line in table) == FILES["inbox.csv"][0]


def test_the_table_is_ranked() -> None:
    lines = [
        line.split()
        for line in run("screen", str(INBOX)).out.splitlines()
        if line.startswith("IN-")
    ]
    order = ["accept", "defer", "decline"]
    keys = [(order.index(recommended), -int(score)) for _, recommended, score, *_ in lines]
    assert keys == sorted(keys)


@pytest.mark.parametrize("name", ["inbox.csv", "inbox-with-mistakes.csv"])
def test_in_json_accepted_and_rejected_rows_make_up_those_read(name: str) -> None:
    ran = run("screen", str(EXAMPLES / name), "--format", "json")
    found = json.loads(ran.out)
    read_rows, accepted = FILES[name]
    totals = found["totals"]
    assert (totals["read"], totals["accepted"], totals["rejected"]) == (
        read_rows,
        accepted,
        read_rows - accepted,
    )
    assert (len(found["decisions"]), len(found["rejected"])) == (accepted, read_rows - accepted)
    assert totals["accept"] + totals["defer"] + totals["decline"] == accepted
    assert ran.code == (1 if found["rejected"] else 0)
