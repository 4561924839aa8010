"""The shipped policy: its guards, and the defects of the source that it handles."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import REQUEST_FACTS, RULES, completed, decider, request, requests, shipped
from triage.model.facts import Request
from triage.model.policy import Basis, Reference
from triage.review.checks import statement_counts
from triage.service import check

POLICY = shipped()


def test_the_policy_has_no_finding() -> None:
    assert [one.line() for one in check(RULES).findings] == []


def test_every_statement_of_the_source_is_accounted_for() -> None:
    counts = statement_counts(POLICY)
    assert counts["total"] == 319
    assert counts["unaccounted"] == 0
    assert counts["cited"] + counts["not_encoded"] == 319
    by_document = Counter(statement.document for statement in POLICY.statements.values())
    assert by_document == {"memo": 22, "asia": 158, "americas": 139}


def test_the_criteria_make_up_one_hundred() -> None:
    assert sum(decider().snapshots.on(date(2022, 7, 4)).maxima) == 100


# -- a number we chose is never shown as one the government published


def test_every_number_of_points_is_a_branch_setting() -> None:
    for rule in POLICY.rules:
        for _, points in rule.then.score:
            assert isinstance(points, Reference), rule.id
            assert POLICY.parameters[points.parameter].basis is Basis.SETTING, rule.id


def test_settings_live_under_operations_with_a_rationale() -> None:
    for rule in POLICY.rules:
        if rule.basis is Basis.SETTING:
            assert "/operations/" in rule.where.file
            assert rule.rationale is not None
    for parameter in POLICY.parameters.values():
        if parameter.basis is Basis.SETTING:
            assert "/operations/" in parameter.where.file
            assert all(dated.rationale for dated in parameter.values)


# -- the statements marked GUARD


def test_a_partners_views_on_migration_cannot_lower_a_score() -> None:
    """A109, A102: there is no fact for a partner's views, so no rule can use them."""
    words = ("view", "stance", "opinion")
    assert not [name for name in REQUEST_FACTS if any(word in name for word in words)]
    for id in ("A109", "A102"):
        citing = [rule for rule in POLICY.rules if id in rule.cite]
        assert citing
        assert all(rule.then.ceiling is None for rule in citing)


def test_migration_volumes_are_never_a_score_input() -> None:
    """A035, A042: no fact holds a volume, and no rule that gives points cites them."""
    assert not [name for name in REQUEST_FACTS if "volume" in name or "flow" in name]
    scoring = [rule for rule in POLICY.rules if rule.then.score]
    assert not [rule.id for rule in scoring if {"A035", "A042"} & set(rule.cite)]


def test_nationality_is_never_a_risk_factor() -> None:
    """A075: the only ceiling that reads countries is the lane that the source names (A113)."""
    ceilings = [rule for rule in POLICY.rules if rule.then.ceiling is not None]
    for rule in ceilings:
        if "countries" in rule.reads():
            assert "A113" in rule.cite, rule.id


@settings(max_examples=60)
@given(requests({"topics": st.just(frozenset({"resettlement", "culture"}))}))
def test_countries_of_the_same_standing_are_treated_alike(found: Request) -> None:
    """A075: Nepal and Sri Lanka stand in the same lists, so one for the other changes nothing."""
    one = decider().decide(completed(found, {"countries": frozenset({"NPL"})}))
    other = decider().decide(completed(found, {"countries": frozenset({"LKA"})}))
    assert (one.recommendation, one.score) == (other.recommendation, other.score)
    assert [rule["id"] for rule in one.result.rules] == [rule["id"] for rule in other.result.rules]


def test_an_operational_proposal_of_a_mission_is_not_automatically_out() -> None:
    """A093: plans of missions cover operations too."""
    found = request(
        countries=["NPL"],
        topics=["application_status"],
        requester_type="ircc_mission",
        in_engagement_plan=True,
    )
    assert decider().decide(found).recommendation != "decline"


@pytest.mark.parametrize("id", ["A132", "A133", "W112", "W113"])
def test_limits_of_applicability_are_told_and_never_lower_a_score(id: str) -> None:
    """A132, A133, W112, W113: Canadian practice may not fit, and each partner's context differs."""
    citing = [rule for rule in POLICY.rules if id in rule.cite]
    assert citing
    assert all(rule.then.ceiling is None and not rule.then.score for rule in citing)
    assert any(rule.then.advise or rule.then.flag for rule in citing)


def test_every_guard_statement_has_a_test_here() -> None:
    guards = {one.id for one in POLICY.statements.values() if "GUARD" in one.kind.split("/")}
    assert guards == {"A075", "A093", "A102", "A109", "A132", "A133", "W112", "W113"}


# -- defects of the source


def test_d01_asias_second_priority_is_not_its_third() -> None:
    """The summary prints the third title twice; the second comes from the body."""
    labels = {id: POLICY.vocabularies["priorities"].terms[id] for id in ("asia-sp2", "asia-sp3")}
    assert labels["asia-sp2"].label.en != labels["asia-sp3"].label.en
    assert "A065" in labels["asia-sp2"].cite
    assert "A008" not in labels["asia-sp2"].cite


def test_d02_five_lists_of_capacity_building_countries_are_kept_apart() -> None:
    names = ("areas", "priorities", "programming", "annex_a", "annex_c")
    lists = [POLICY.parameters[f"americas_capacity_{name}"] for name in names]
    cited = [set(dated.cite) for one in lists for dated in one.values]
    assert cited == [{"W013"}, {"W050"}, {"W087"}, {"W124"}, {"W132"}]
    day = date(2022, 7, 4)
    default = POLICY.parameters["americas_capacity_building"].value_on(day)
    assert {"BLZ", "NIC", "MEX", "COL", "CRI", "PAN", "GTM", "SLV", "HND"} <= default


def test_d02_a_decision_says_in_how_many_lists_a_country_stands() -> None:
    found = request(
        countries=["MEX"], topics=["asylum_systems"], engagement_type="capacity_building"
    )
    told = [rule["because"] for rule in decider().decide(found).result.rules]
    assert any("of 5" in text or "of the 5" in text or "five" in text for text in told), told


@pytest.mark.parametrize(
    ("people", "size"), [(0, "small"), (10, "small"), (11, "medium"), (50, "medium"), (51, "large")]
)
def test_d04_the_bands_share_ten_and_fifty_and_those_are_flagged(people: int, size: str) -> None:
    found = request(
        countries=["JPN"], topics=["resettlement"], engagement_type="event", participants=people
    )
    decision = decider().decide(found)
    (matches,) = decider().matches(found)
    assert matches.state["event_size"] == size
    assert ("size_boundary" in decision.result.flags) is (people in (10, 50))


def test_d07_the_test_for_visits_is_asias_alone() -> None:
    half = ["resettlement", "culture"]
    asia = decider().decide(request(countries=["JPN"], topics=half, engagement_type="study_tour"))
    americas = decider().decide(
        request(countries=["BRA"], topics=half, engagement_type="study_tour")
    )
    assert asia.recommendation == "decline"
    assert asia.result.decided_by == ["asia-visit-not-largely-aligned"]
    assert americas.recommendation != "decline"
    assert POLICY.parameters["americas_visit_gate"].value_on(date(2022, 7, 4)) is False


def test_d08_the_declared_and_the_implied_priorities_are_both_kept() -> None:
    found = request(countries=["CHN"], topics=["visa_irritants"])
    (matches,) = decider().matches(found)
    assert matches.state["declared_priorities"] == frozenset({"asia-sp2"})
    assert decider().decide(found).result.priorities == ["asia-sp3"]


@pytest.mark.parametrize(
    ("received", "counts"), [(date(2022, 6, 30), True), (date(2022, 7, 1), False)]
)
def test_d16_a_role_that_has_ended_does_not_count_and_the_decision_says_so(
    received: date, counts: bool
) -> None:
    found = request(
        received=received,
        countries=["HND"],
        forum="mirps_support_platform",
        topics=["forced_displacement"],
    )
    decision = decider().decide(found)
    points = decision.result.criteria["commitments"]["points"]
    assert (points > 0) is counts
    assert ("not_in_force" in decision.result.flags) is not counts
    assert any("2022-06-30" in advice for advice in decision.result.advice) is not counts


@pytest.mark.parametrize(
    ("received", "counts"), [(date(2025, 12, 31), True), (date(2026, 1, 1), False)]
)
def test_a_crisis_that_has_ended_does_not_count_and_the_decision_says_so(
    received: date, counts: bool
) -> None:
    afghan = {"populations": ["afghan"], "gc_priority": "afghanistan_response"}
    found = request(received=received, countries=["PAK"], topics=["resettlement"], **afghan)
    decision = decider().decide(found)
    assert ("not_in_force" in decision.result.flags) is not counts


def test_d18_greenland_is_undetermined_and_territories_are_outside() -> None:
    greenland = decider().decide(request(countries=["GRL"], topics=["irregular_migration"]))
    assert greenland.strategy is None
    assert "region_undetermined" in greenland.result.flags
    for territory in ("PRI", "VIR", "MSR"):
        decision = decider().decide(request(countries=[territory], topics=["irregular_migration"]))
        assert decision.strategy is None
        assert "region_undetermined" not in decision.result.flags


def test_d24_chile_and_argentina_share_one_line_of_opportunities() -> None:
    for place in ("CHL", "ARG"):
        found = request(countries=[place], topics=["settlement_integration"])
        (matches,) = decider().matches(found)
        assert "opportunity" in matches.state["tiers"]
        cited = {
            one["id"] for rule in decider().decide(found).result.rules for one in rule["citations"]
        }
        assert "W137" in cited


# -- places


def test_china_hong_kong_taiwan_and_macao_are_four_places() -> None:
    policy_topics = ["managed_migration"]
    limited = {
        place: "transactional_lane"
        in decider()
        .decide(request(countries=[place], topics=policy_topics, engagement_type="dialogue"))
        .result.flags
        for place in ("CHN", "HKG", "TWN", "MAC")
    }
    assert limited == {"CHN": True, "HKG": False, "TWN": False, "MAC": False}


def test_a_country_alone_never_accepts() -> None:
    """A057: a key country counts only where a priority is served."""
    for place in ("IND", "JPN", "MEX"):
        decision = decider().decide(
            request(countries=[place], topics=["culture"], expressed_interest=True)
        )
        assert decision.result.criteria["partner"]["points"] == 0
        assert decision.recommendation == "decline"


def test_the_default_lead_is_the_branch_that_both_strategies_name() -> None:
    assert POLICY.default_lead == "IIR"
    assert {"IIR", "RAB", "IRM", "IB", "IN"} <= set(POLICY.vocabularies["branches"].terms)
