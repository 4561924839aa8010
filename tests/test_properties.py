"""What holds of the shipped policy for any request, as that more alignment never hurts."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support import OPTIONAL, ROOT, RULES, completed, decider, request, requests, shipped, values_of
from triage.deciding import durable
from triage.deciding.decide import Decider
from triage.deciding.decision import Decision
from triage.formats import yaml as documents
from triage.formats.yaml import Mapping, Sequence
from triage.model.derived import sources_of
from triage.model.facts import Request
from triage.rulebook import load

RANK = {"decline": 0, "defer": 1, "accept": 2}


def plain(decision: Decision) -> dict[str, Any]:
    shape = orjson.loads(decision.to_json())
    shape.pop("engine")
    return dict(shape)


@pytest.mark.skipif(durable.core is None, reason="durable-rules is not installed here")
@settings(max_examples=150)
@given(requests())
def test_durable_rules_and_the_reference_give_the_same_decision(found: Request) -> None:
    assert plain(decider().decide(found)) == plain(decider("reference").decide(found))


@settings(max_examples=100)
@given(requests())
def test_the_criteria_add_up_to_the_score(found: Request) -> None:
    decision = decider().decide(found)
    for one in (decision.result, *decision.strategies.values()):
        assert one.score == sum(part["points"] for part in one.criteria.values())
        assert 0 <= one.score <= 100
        gained = dict.fromkeys(one.criteria, 0)
        for rule in one.rules:
            for criterion, points in rule["effect"].get("score", {}).items():
                gained[criterion] += points
        for id, part in one.criteria.items():
            assert part["points"] == min(gained[id], part["maximum"])


@settings(max_examples=100)
@given(requests())
def test_every_rule_of_a_decision_cites_a_source_or_says_branch_setting(found: Request) -> None:
    for rule in decider().decide(found).result.rules:
        if rule["basis"] == "strategy":
            assert rule["citations"]
        if rule["basis"] == "setting" or "score" in rule["effect"]:
            assert "branch setting" in rule["because"]


@settings(max_examples=60)
@given(requests())
def test_no_text_of_a_decision_has_an_unfilled_slot(found: Request) -> None:
    for language in ("en", "fr"):
        result = decider().decide(found, language=language).result
        texts = [result.justification, result.reason, *result.advice]
        texts += [rule["because"] for rule in result.rules]
        assert not [text for text in texts if "{" in text or "}" in text]


@settings(max_examples=100)
@given(requests())
def test_the_same_input_gives_the_same_bytes(found: Request) -> None:
    assert decider().decide(found).to_json() == decider().decide(found).to_json()


def test_other_processes_give_the_same_bytes() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from support import decider, request\n"
        "topics = ['resettlement', 'removals', 'culture']\n"
        "found = request(countries=['JPN', 'MEX', 'FRA'], topics=topics,\n"
        "                populations=['afghan', 'rohingya'], unresolved={})\n"
        "sys.stdout.buffer.write(decider().decide(found).to_json())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_eight_threads_give_the_same_decisions_as_one() -> None:
    places = ["JPN", "IND", "CHN", "MEX", "BRA", "FRA"]
    topics = ["removals", "resettlement", "irregular_migration", "culture"]
    inbox = [
        request(id=f"T-{n}", countries=[places[n % 6]], topics=[topics[n % 4]]) for n in range(240)
    ]
    shared = Decider(shipped())
    alone = [shared.decide(one).to_json() for one in inbox]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: shared.decide(one).to_json(), inbox))
    assert together == alone


# -- order


@settings(max_examples=4)
@given(st.integers(0, 2**32))
def test_the_order_of_files_rules_rows_and_conditions_never_matters(seed: int) -> None:
    shuffle = random.Random(seed).shuffle
    read = documents.read_document

    def shuffled(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            keys = list(value)
            if key not in ("criteria", "facts", ""):
                shuffle(keys)
            fixed = bool(value.get("ordered"))
            mapping = Mapping(
                {one: shuffled(value[one], "fixed" if fixed else one) for one in keys}
            )
            mapping.line, mapping.lines = value.line, value.lines
            return mapping
        if isinstance(value, Sequence):
            items = zip(value, value.lines, strict=True)
            pairs = [(shuffled(item, "item"), line) for item, line in items]
            if key != "fixed":
                shuffle(pairs)
            sequence = Sequence(item for item, _ in pairs)
            sequence.line, sequence.lines = value.line, [line for _, line in pairs]
            return sequence
        return value

    class Folder(type(RULES)):  # type: ignore[misc]
        """A folder whose files come in another order."""

        def __lt__(self, other: Any) -> bool:
            own, others = (random.Random(f"{seed}{path}").random() for path in (self, other))
            return own < others

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_document", lambda path: shuffled(read(path)))
        other = load.load_policy(Folder(RULES))
    assert other.version == shipped().version
    found = Decider(other)
    for one in ORDER_REQUESTS:
        assert found.decide(one).to_json() == decider().decide(one).to_json()


ORDER_REQUESTS = [
    request(countries=["JPN"], topics=["resettlement", "removals"], engagement_type="study_tour"),
    request(
        countries=["COL", "CHN"],
        topics=["visa_policy", "culture", "trafficking"],
        populations=["venezuelan"],
    ),
    request(forum="hldm", topics=["asylum_systems"], engagement_type="dialogue"),
    request(countries=["FRA"], topics=["culture"]),
]


# -- monotone


def aligned_topics(strategy: str) -> list[str]:
    """The topics that serve a strategy for any partner, and for whatever else a request says."""
    found = {
        topic
        for rule in shipped().rules
        if rule.strategy == strategy and rule.reads() == {"topics"}
        for name, value in rule.then.conclude
        if name == "aligned_topics" and isinstance(value, frozenset)
        for topic in value
    }
    assert len(found) > 20
    return sorted(found)


@settings(max_examples=250)
@given(requests({"topics": values_of("topics"), "countries": values_of("countries")}), st.data())
def test_one_more_aligned_topic_never_lowers_a_recommendation(
    found: Request, data: st.DataObject
) -> None:
    before = decider().decide(found)
    assume(before.strategies)
    assert found.topics is not None
    for strategy, assessment in before.strategies.items():
        topic = data.draw(st.sampled_from(aligned_topics(strategy)))
        more = completed(found, {"topics": found.topics | {topic}})
        after = decider().decide(more).strategies[strategy]
        assert after.recommendation.rank >= assessment.recommendation.rank, (strategy, topic)
        assert after.score >= assessment.score, (strategy, topic)


# -- facts


def facts_nobody_reads() -> list[str]:
    read = set().union(*(rule.reads() for rule in shipped().rules))
    read |= {source for name in read for source in sources_of(name)}
    return [
        name for name in shipped().readable if name not in read and name != "priorities_claimed"
    ]


@settings(max_examples=80)
@given(requests(), st.data())
def test_a_fact_that_no_rule_reads_changes_nothing(found: Request, data: st.DataObject) -> None:
    unread = [name for name in facts_nobody_reads() if name in OPTIONAL]
    assert unread
    changes = {name: data.draw(values_of(name)) for name in unread} | {
        "title": "Another",
        "summary": "Other words",
    }
    assert (
        decider().decide(completed(found, changes)).to_json() == decider().decide(found).to_json()
    )


@settings(max_examples=250)
@given(requests(), st.data())
def test_possible_contains_what_each_completion_of_the_unknown_facts_gives(
    found: Request, data: st.DataObject
) -> None:
    before = decider().decide(found)
    missing = [name for name in OPTIONAL if found.facts.get(name) is None]
    chosen = data.draw(st.sets(st.sampled_from(missing))) if missing else set()
    answers = {name: data.draw(values_of(name)) for name in sorted(chosen)}
    after = decider().decide(completed(found, answers))
    assert before.recommendation in before.result.possible
    assert after.recommendation in before.result.possible


@settings(max_examples=250)
@given(requests(), st.data())
def test_answering_only_facts_that_cannot_change_it_does_not_change_it(
    found: Request, data: st.DataObject
) -> None:
    before = decider().decide(found)
    could = {one["fact"] for one in before.result.unknown if one["could_change"]}
    settled = [name for name in OPTIONAL if found.facts.get(name) is None and name not in could]
    chosen = data.draw(st.sets(st.sampled_from(settled))) if settled else set()
    answers = {name: data.draw(values_of(name)) for name in sorted(chosen)}
    assert decider().decide(completed(found, answers)).recommendation == before.recommendation


@settings(max_examples=80)
@given(requests())
def test_outside_every_strategy_nothing_is_accepted_or_declined(found: Request) -> None:
    decision = decider().decide(found)
    if decision.strategy is None:
        assert decision.recommendation == "defer"
        assert decision.result.lead == "IIR"
        assert "outside_strategies" in decision.result.flags


def test_the_most_favourable_strategy_decides_and_the_others_are_shown() -> None:
    decision = decider().decide(
        request(countries=["JPN", "CHL"], topics=["resettlement", "economic_immigration"])
    )
    assert set(decision.strategies) == {"asia", "americas"}
    ranks = {
        name: (one.recommendation.rank, one.score) for name, one in decision.strategies.items()
    }
    assert decision.strategy == max(ranks, key=ranks.__getitem__)


def test_a_later_as_of_date_overrides_the_day_of_receipt() -> None:
    found = request(
        received=date(2022, 6, 1), forum="mirps_support_platform", topics=["forced_displacement"]
    )
    assert decider().decide(found).strategy == "americas"
    later = decider().decide(found, date(2022, 7, 1))
    assert "not_in_force" in later.result.flags
    assert any("2022-06-30" in advice for advice in later.result.advice)


@settings(max_examples=40)
@given(requests())
def test_the_bytes_of_a_decision_are_those_of_its_plain_data(found: Request) -> None:
    decision = decider().decide(found)
    assert decision.to_json() == orjson.dumps(decision.as_dict())


TWO_REGIONS = st.tuples(
    st.sampled_from(["JPN", "NPL", "CHN"]), st.sampled_from(["MEX", "CHL", "HTI"])
).map(frozenset)


@settings(max_examples=150)
@given(
    requests(
        {"countries": TWO_REGIONS, "topics": values_of("topics"), "forum": values_of("forum")}
    ),
    st.data(),
)
def test_with_two_strategies_the_facts_that_matter_to_either_are_told(
    found: Request, data: st.DataObject
) -> None:
    before = decider().decide(found)
    could = {one["fact"] for one in before.result.unknown if one["could_change"]}
    assert bool(could) is (len(before.result.possible) > 1)
    settled = [name for name in OPTIONAL if found.facts.get(name) is None and name not in could]
    chosen = data.draw(st.sets(st.sampled_from(settled))) if settled else set()
    answers = {name: data.draw(values_of(name)) for name in sorted(chosen)}
    assert decider().decide(completed(found, answers)).recommendation == before.recommendation
