"""An analyst adds a fact and a rule on it, by docs/change-a-rule.md alone: no Python."""

import json
import re
import shutil
from pathlib import Path

import pytest

from commands import run
from support import ROOT, RULES
from triage.columnar.backends import evaluate_files
from triage.intake.templates import csv_template
from triage.review.schema import json_schema
from triage.rulebook.load import load_policy
from triage.service import Triage
from triage_api.app import document
from triage_api.models import request_schema

CASES = """id,received,engagement_type,Country,Topics,Reporters
A,2022-09-05,meeting,Mexico,asylum_systems,40
B,2022-09-05,meeting,Mexico,asylum_systems,2
C,2022-09-05,meeting,Mexico,asylum_systems,900
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the policy with the file of the page."""
    rules = tmp_path_factory.mktemp("media") / "rules"
    shutil.copytree(RULES, rules)
    page = (ROOT / "docs" / "change-a-rule.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(french: .*?)^```", page, re.M | re.S)
    (rules / "operations" / "media.yaml").write_text(block, "utf-8")
    return rules


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(CASES, "utf-8")
    return path


def test_the_policy_has_no_error(rules: Path) -> None:
    ran = run("check", str(rules))
    assert "Errors: 0;" in ran.out
    assert "journalists" not in ran.out.replace("journalists-many", "")


def test_the_template_and_the_rules_show_it(rules: Path) -> None:
    header = csv_template(load_policy(rules), "en").decode().splitlines()[0]
    assert "Number of journalists" in header
    assert "Number of journalists" in run("rules", "journalists-many", "--rules", str(rules)).out
    assert "Number of journalists" in run("worksheet", "--rules", str(rules)).out


def test_the_schemas_have_it_with_its_range(rules: Path) -> None:
    policy = load_policy(rules)
    assert request_schema(policy)["properties"]["journalists"] == {
        "description": "Number of journalists / Nombre de journalistes",
        "type": "integer",
        "minimum": 0,
        "maximum": 500,
    }
    assert "journalists above" in json.dumps(json_schema(policy))


def test_the_document_of_the_api_has_it_in_both_languages(rules: Path) -> None:
    request = document(Triage(rules))["components"]["schemas"]["Request"]
    assert list(request["properties"]) == list(load_policy(rules).request_facts)
    assert request["properties"]["journalists"] == {
        "description": "Number of journalists / Nombre de journalistes: whole number, 0 to 500"
    }


def test_a_decision_reads_it_and_its_range_is_kept(rules: Path, cases: Path) -> None:
    ran = run("screen", str(cases), "--rules", str(rules), "--format", "json")
    screened = json.loads(ran.out)
    decided = {one["request_id"]: one for one in screened["decisions"]}
    matched = {id: {rule["id"] for rule in one["rules"]} for id, one in decided.items()}
    assert {id: "journalists-many" in ids for id, ids in matched.items()} == {"A": True, "B": False}
    (rejected,) = screened["rejected"]
    assert (rejected["field"], rejected["expected"]) == ("journalists", "expected at most 500")


def test_an_assessment_says_how_it_could_change(rules: Path, tmp_path: Path) -> None:
    proposal = tmp_path / "proposal.yaml"
    text = (ROOT / "examples" / "proposals" / "peru.yaml").read_text("utf-8")
    proposal.write_text(f"{text}journalists: 40\n", "utf-8")
    ran = run("assess", str(proposal), "--rules", str(rules), "--format", "json")
    assert "ring at most 10 journalists" in ran.out


def test_a_backtest_reads_the_column_that_only_the_candidate_knows(
    rules: Path, cases: Path
) -> None:
    policies = (load_policy(RULES), load_policy(rules))
    position = [rule.id for rule in policies[1].rules].index("journalists-many")
    (evaluated,) = evaluate_files(policies, [str(cases)])
    batch, (_, new) = evaluated
    assert batch.cases["journalists"].to_list() == [40, 2]
    assert [position in matched for matched in new["rules"].to_list()] == [True, False]
    ran = run("backtest", str(cases), "--candidate", str(rules), "--format", "json")
    assert json.loads(ran.out)["cases"]["skipped"] == [
        {"reason": "rejected:journalists", "count": 1}
    ]
