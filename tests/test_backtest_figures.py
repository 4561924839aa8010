"""Every figure of the report on the example history, held to counts by the reference evaluator.

Nothing of the backtest is used on this side: decisions one by one, plain dictionaries, fractions.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from commands import run
from support import ROOT, shipped
from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.policy_diff.candidate import load_candidate

pytestmark = pytest.mark.usefixtures("policies_at_hand")

CASES = ROOT / "examples" / "history" / "cases-synthetic.csv"
OVERLAY = ROOT / "examples" / "candidate" / "wider-door.yaml"
ENDORSED = date(2022, 4, 12)
RANK = {"decline": 0, "defer": 1, "accept": 2}
WORDS = ("accept", "defer", "decline")


@cache
def report() -> dict[str, Any]:
    """The report that is checked, in JSON."""
    done = run("backtest", str(CASES), "--candidate", str(OVERLAY), "--format", "json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@cache
def candidate() -> Policy:
    return load_candidate(OVERLAY, [], shipped())


@dataclass(frozen=True)
class Case:
    """A case with what the reference evaluator decides under both policies."""

    request: Request
    old: Decision
    new: Decision

    @property
    def moved(self) -> bool:
        return self.old.recommendation != self.new.recommendation

    @property
    def said(self) -> str | None:
        return self.request.determination.outcome if self.request.determination else None


@cache
def cases() -> list[Case]:
    """The cases that can be judged: those received when the strategies were in force."""
    deciders = Decider(shipped(), "reference"), Decider(candidate(), "reference")
    requests = Inbox(RequestReader(shipped())).requests(str(CASES))
    return [
        Case(one, *(decider.decide(one) for decider in deciders))
        for one in requests
        if one.received >= ENDORSED
    ]


def rules(decision: Decision) -> set[str]:
    return {one["id"] for one in decision.result.rules}


def both(old: Any, new: Any) -> dict[str, Any]:
    return {"baseline": old, "candidate": new}


# -- 1 and 3: counts and transitions


def test_the_header_counts_every_row_that_was_read() -> None:
    found = report()["cases"]
    assert (found["read"], found["eligible"]) == (400, len(cases()))
    assert found["skipped"] == [{"reason": "not-in-force", "count": 400 - len(cases())}]
    assert found["determined"] == sum(case.said is not None for case in cases())
    assert report()["as_of"] == "received"
    assert report()["baseline"]["version"] == shipped().version
    assert report()["candidate"]["version"] == candidate().version


def test_the_transition_matrix_is_a_count_of_pairs() -> None:
    pairs = Counter(
        (case.old.recommendation.value, case.new.recommendation.value) for case in cases()
    )
    assert report()["matrix"] == {old: {new: pairs[old, new] for new in WORDS} for old in WORDS}
    assert report()["unchanged"] == sum(not case.moved for case in cases())
    assert report()["changed"] == sum(case.moved for case in cases()) > 5


# -- 4: flips


def test_every_flip_is_told_with_its_scores_rules_and_determination() -> None:
    expected = {}
    for case in cases():
        if case.moved:
            said = case.request.determination
            expected[case.request.id] = {
                "from": case.old.recommendation.value,
                "to": case.new.recommendation.value,
                "score_change": case.new.score - case.old.score,
                "rules_gained": sorted(rules(case.new) - rules(case.old)),
                "rules_lost": sorted(rules(case.old) - rules(case.new)),
                "determination": said
                and {"outcome": said.outcome, "date": str(said.date), "reason": said.reason},
            }
    found = {one.pop("request_id"): one for one in json.loads(json.dumps(report()["flips"]))}
    assert [one["request_id"] for one in report()["flips"]] == sorted(expected)
    for one in found.values():
        assert one.pop("edits")
    assert found == expected


def test_a_flip_has_exactly_the_agreed_keys() -> None:
    keys = [
        "request_id",
        "from",
        "to",
        "score_change",
        "edits",
        "rules_gained",
        "rules_lost",
        "determination",
    ]
    assert all(list(one) == keys for one in report()["flips"])


def test_the_cause_of_a_flip_is_the_setting_that_makes_it_by_itself() -> None:
    settings = {
        "accept_threshold": "accept_threshold=55",
        "points_other_country": "points_other_country=10",
    }
    words = [word for text in settings.values() for word in ("--set", text)]
    done = run("backtest", str(CASES), *words, "--format", "json")
    alone = {
        name: Decider(load_candidate(None, [text], shipped()), "reference")
        for name, text in settings.items()
    }
    either = jointly = 0
    for flip in json.loads(done.out)["flips"]:
        (case,) = (one for one in cases() if one.request.id == flip["request_id"])
        makes = {
            name
            for name, one in alone.items()
            if one.decide(case.request).recommendation == flip["to"]
        }
        names = {id.removeprefix("parameter:").partition("@")[0] for id in flip["edits"]}
        assert names == (makes or set(settings))
        either, jointly = either + (len(makes) == 2), jointly + (not makes)
    causes = json.loads(done.out)["causes"]
    assert sum(one["flips"] for one in causes if one["how"] == "either") == either
    assert sum(one["flips"] for one in causes if one["how"] == "jointly") == jointly
    assert sum(one["flips"] for one in causes) == json.loads(done.out)["changed"]


# -- 5: rules


def without(decision: Decision, left_out: str | None, accept: int, defer: int) -> int:
    """The rank from the points and bounds of the rules that hold, but for one."""
    points: Counter[str] = Counter()
    ceiling, floor = 2, 0
    for one in decision.result.rules:
        if one["id"] != left_out:
            points.update(one["effect"].get("score", {}))
            ceiling = min(ceiling, RANK[one["effect"].get("at_most", "accept")])
            floor = max(floor, RANK[one["effect"].get("at_least", "decline")])
    score = sum(
        min(points[name], part["maximum"]) for name, part in decision.result.criteria.items()
    )
    answer = 2 if score >= accept else 1 if score >= defer else 0
    return max(min(answer, ceiling), floor)


def thresholds(decision: Decision, policy: Policy) -> tuple[int, int]:
    names = ("accept_threshold", "defer_threshold")
    accept, defer = (policy.parameters[name].value_on(decision.as_of) for name in names)
    return accept, defer


def decisive(decision: Decision, policy: Policy) -> Iterator[str]:
    if decision.strategy is None:
        return
    levels = thresholds(decision, policy)
    assert without(decision, None, *levels) == decision.recommendation.rank
    for id in rules(decision):
        if without(decision, id, *levels) != decision.recommendation.rank:
            yield id


def test_rules_are_counted_where_they_hold_and_where_they_decide() -> None:
    sides = [
        [(case.old, shipped()) for case in cases()],
        [(case.new, candidate()) for case in cases()],
    ]
    held = [Counter(id for one, _ in side for id in rules(one)) for side in sides]
    decided = [
        Counter(id for one, policy in side for id in decisive(one, policy)) for side in sides
    ]
    ids = [{rule.id for rule in policy.rules} for policy in (shipped(), candidate())]
    assert [one["id"] for one in report()["rules"]] == sorted(ids[0] | ids[1])

    def counts(counters: list[Counter[str]], id: str) -> dict[str, Any]:
        return both(
            *(
                counter[id] if id in known else None
                for counter, known in zip(counters, ids, strict=True)
            )
        )

    for one in report()["rules"]:
        assert one["matched"] == counts(held, one["id"])
        assert one["decisive"] == counts(decided, one["id"])
        assert one["never_matched"] == (one["id"] in ids[1] and held[1][one["id"]] == 0)
        rates = [
            None if count is None else round(count / len(cases()), 4)
            for count in one["matched"].values()
        ]
        assert list(one["rate"].values()) == rates
    assert sum(decided[1].values()) > 100


def test_rules_that_hold_on_the_same_cases_are_named() -> None:
    where: dict[str, frozenset[str]] = {}
    for case in cases():
        for id in rules(case.new):
            where[id] = where.get(id, frozenset()) | {case.request.id}
    for one in report()["rules"]:
        mine = where.get(one["id"], frozenset())
        same = sorted(id for id, places in where.items() if places == mine and id != one["id"])
        assert one["together_with"] == (same if len(mine) >= 5 else [])


# -- 6: segments


def regions(case: Case) -> list[str]:
    found = []
    for strategy in shipped().strategies.values():
        countries = shipped().parameters[strategy.region.countries].value_on(case.request.received)
        if countries & (case.request.countries or frozenset()):
            found.append(strategy.id)
    return found or ["outside"]


SPLITS: dict[str, Any] = {
    "region": regions,
    "country": lambda case: case.request.countries,
    "engagement_type": lambda case: [case.request.engagement_type],
    "mission": lambda case: [case.request.mission],
    "requester_type": lambda case: [case.request.facts.get("requester_type")],
    "quarter": lambda case: [
        f"{case.request.received.year}-Q{(case.request.received.month + 2) // 3}"
    ],
    "language": lambda case: [case.request.language],
}


@pytest.mark.parametrize("dimension", SPLITS)
def test_groups_are_counted_by_gain_and_loss(dimension: str) -> None:
    groups: dict[str | None, Counter[str]] = {}
    for case in cases():
        change = case.new.recommendation.rank - case.old.recommendation.rank
        for value in SPLITS[dimension](case):
            groups.setdefault(value, Counter())[
                "gained" if change > 0 else "lost" if change else "unchanged"
            ] += 1
    found = {one["value"]: one for one in report()["segments"][dimension]}
    assert found.keys() == groups.keys()
    for value, counts in groups.items():
        total = sum(counts.values())
        assert found[value]["cases"] == total
        assert found[value]["small"] == (total < 10)
        assert all(found[value][name] == counts[name] for name in ("gained", "lost", "unchanged"))


# -- 7: agreement


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_agreement_with_people_is_counted_and_estimated(side: str) -> None:
    pairs = Counter(
        (case.said, (case.old if side == "baseline" else case.new).recommendation.value)
        for case in cases()
        if case.said is not None
    )
    found = report()["agreement"][side]
    assert found["table"] == {said: {one: pairs[said, one] for one in WORDS} for said in WORDS}
    total, agreed = sum(pairs.values()), sum(pairs[one, one] for one in WORDS)
    assert (found["determined"], found["agreed"]) == (total, agreed)
    assert found["agreement"]["value"] == round(agreed / total, 4)
    rows = {one: Fraction(sum(pairs[one, other] for other in WORDS), total) for one in WORDS}
    columns = {one: Fraction(sum(pairs[other, one] for other in WORDS), total) for one in WORDS}
    chance = sum(rows[one] * columns[one] for one in WORDS)
    expected = (Fraction(agreed, total) - chance) / (1 - chance)
    assert found["kappa"]["value"] == round(float(expected), 4)
    for figure in (found["agreement"], found["kappa"]):
        assert figure["low"] < figure["value"] < figure["high"]
        assert "Declined requests have no outcome" in figure["warning"]


def test_newly_right_and_newly_wrong_cases_are_named() -> None:
    right = [
        case.request.id for case in cases() if case.moved and case.said == case.new.recommendation
    ]
    wrong = [
        case.request.id for case in cases() if case.moved and case.said == case.old.recommendation
    ]
    assert report()["agreement"]["newly_right"] == sorted(right)
    assert report()["agreement"]["newly_wrong"] == sorted(wrong)
    change = (
        report()["agreement"]["candidate"]["agreed"] - report()["agreement"]["baseline"]["agreed"]
    )
    assert change == len(right) - len(wrong)


# -- 8: limits

TIGHT = """
limits:
  - id: visits-a-quarter
    title:
      en: Delegations and study tours in a quarter
      fr: Délégations et voyages d'études par trimestre
    applies_to:
      - engagement_type is any of: [delegation, study_tour]
    per: fiscal_quarter
    measure: count
    basis: setting
    at_most:
      2022-04-01: {value: 2, rationale: {en: On trial., fr: À l'essai.}}
"""


def quarter(case: Case) -> tuple[int, int]:
    """The calendar quarter of a visit; fiscal quarters are the same stretches of days."""
    day = case.request.start or case.request.received
    return day.year, (day.month + 2) // 3


def visits(side: str) -> dict[tuple[int, int], list[str]]:
    """The accepted visits of each quarter, the best ranked first."""
    found: dict[tuple[int, int], list[tuple[int, date, str]]] = {}
    for case in cases():
        decision = getattr(case, side)
        if decision.recommendation == "accept" and case.request.engagement_type in (
            "delegation",
            "study_tour",
        ):
            row = (-decision.score, case.request.received, case.request.id)
            found.setdefault(quarter(case), []).append(row)
    return {when: [id for _, _, id in sorted(rows)] for when, rows in found.items()}


@pytest.mark.parametrize(("side", "name"), [("old", "baseline"), ("new", "candidate")])
def test_the_use_of_a_limit_is_counted_by_period(side: str, name: str) -> None:
    (limit,) = (one for one in report()["limits"][name] if one["limit"] == "visits-a-quarter")
    found = {
        date.fromisoformat(one["from"]): one["used"] + one["reserved"] for one in limit["periods"]
    }
    assert found == {
        date(year, number * 3 - 2, 1): len(ids) for (year, number), ids in visits(side).items()
    }


def test_who_is_displaced_by_a_tighter_limit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tight.yaml"
    path.write_text(TIGHT, "utf-8")
    done = run(
        "backtest",
        str(CASES),
        "--candidate",
        str(path),
        "--format",
        "json",
        "--max-use",
        "visits-a-quarter=50%",
    )
    found = json.loads(done.out)
    waiting = {id for ids in visits("old").values() for id in ids[2:]}
    assert found["changed"] == 0
    assert {one["request_id"] for one in found["limits"]["displaced"]} == waiting != set()
    assert all(one["limits"] == ["limit-visits-a-quarter"] for one in found["limits"]["displaced"])
    assert (found["limits"]["no_room"], found["limits"]["fits_now"]) == ([], [])
    assert (done.code, found["gates"][0]["breached"]) == (1, True)


# -- 9: near a threshold, hanging, and the scores


def test_cases_near_a_threshold_are_counted_and_shown_by_distance() -> None:
    gaps = [
        {
            case.request.id: min(abs(one.score - level) for level in thresholds(one, policy))
            for case in cases()
            for one in [getattr(case, name)]
        }
        for name, policy in (("old", shipped()), ("new", candidate()))
    ]
    near = [{id: gap for id, gap in side.items() if gap <= 5} for side in gaps]
    found = report()["near"]
    assert (found["points"], found["baseline"], found["candidate"]) == (
        5,
        len(near[0]),
        len(near[1]),
    )
    shown = [(one["points_from_threshold"], one["request_id"]) for one in found["cases"]]
    assert shown == sorted((gap, id) for id, gap in near[1].items())[:200]


def test_cases_that_hang_on_an_unknown_fact_are_counted_and_told_which() -> None:
    hanging = [
        [one for one in side if len(one.result.possible) > 1] for side in zip(*pairs(), strict=True)
    ]
    found = report()["hanging"]
    assert (found["baseline"], found["candidate"]) == tuple(map(len, hanging))
    expected = {
        one.request.id: {u["fact"] for u in one.result.unknown if u["could_change"]}
        for one in hanging[1]
    }
    assert [one["request_id"] for one in found["cases"]] == sorted(expected)[:200]
    for one in found["cases"]:
        assert set(one["unknown"]) == expected[one["request_id"]] != set()


def pairs() -> list[tuple[Decision, Decision]]:
    return [(case.old, case.new) for case in cases()]


def test_the_distribution_of_scores_counts_every_case() -> None:
    for one in report()["scores"]["bins"]:
        counts = [
            sum(one["from"] <= d.score <= one["to"] for d in side)
            for side in zip(*pairs(), strict=True)
        ]
        assert [one["baseline"], one["candidate"]] == counts
    assert sum(one["baseline"] for one in report()["scores"]["bins"]) == len(cases())
    levels = Counter(thresholds(case.new, candidate()) for case in cases())
    found = {
        (one["accept"], one["defer"]): one["cases"]
        for one in report()["scores"]["thresholds"]["candidate"]
    }
    assert found == levels


# -- other ways to ask


def test_a_fixed_day_judges_all_cases_by_it() -> None:
    day = date(2024, 6, 3)
    done = run(
        "backtest",
        str(CASES),
        "--set",
        "accept_threshold=55",
        "--as-of",
        str(day),
        "--format",
        "json",
    )
    found = json.loads(done.out)
    decider = Decider(shipped(), "reference")
    requests = list(Inbox(RequestReader(shipped())).requests(str(CASES)))
    counts = Counter(decider.decide(one, day).recommendation.value for one in requests)
    assert found["as_of"] == str(day)
    assert found["cases"]["eligible"] == 400
    assert {name: sum(row.values()) for name, row in found["matrix"].items()} == counts
