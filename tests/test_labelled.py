"""Suggestions on texts that people labelled: how many are right, and how many are found."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support import ROOT, shipped
from triage.intake.suggestions import Suggester

LEAST_PRECISION, LEAST_RECALL, LEAST_AGREEMENT = 0.95, 0.90, 0.95
"""Floors on the set that the phrases were tuned on; on texts not seen they are lower."""


def measures() -> ModuleType:
    """The module of the benchmark, which is no package."""
    path = ROOT / "benchmarks" / "suggestions.py"
    spec = importlib.util.spec_from_file_location("labelled_suggestions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCHMARK = measures()
SUGGESTER = Suggester(shipped())
SETS = sorted((Path(__file__).parent / "suggestions").glob("*.yaml"))
TUNED: list[Mapping[str, Any]] = BENCHMARK.read(BENCHMARK.FOLDER / "tuned.yaml")
SCORES = BENCHMARK.scores(SUGGESTER, TUNED)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_tuned_set_is_told_rightly(language: str) -> None:
    score = SCORES[language, "all"]
    assert score.precision >= LEAST_PRECISION
    assert score.recall >= LEAST_RECALL


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("fact", ["topics", "populations", "forum", "countries", "engagement_type"])
def test_no_fact_is_told_badly(language: str, fact: str) -> None:
    score = SCORES[language, fact]
    assert score.labelled
    assert score.precision >= 0.9
    assert score.recall >= 0.85


def test_a_text_and_its_translation_suggest_the_same() -> None:
    both, either = BENCHMARK.agreement(SUGGESTER, TUNED)
    assert either >= 50
    assert both / either >= LEAST_AGREEMENT


@pytest.mark.parametrize(
    "item", [one for one in TUNED if one.get("trap")], ids=lambda one: one["id"]
)
def test_no_trap_of_the_tuned_set_catches(item: Mapping[str, Any]) -> None:
    assert BENCHMARK.suggestions(SUGGESTER, item["text"]) <= BENCHMARK.labels(item)


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_a_labelled_set_is_what_the_benchmark_reads(path: Path) -> None:
    items = BENCHMARK.read(path)
    ids = [item["id"] for item in items]
    assert len(ids) == len(set(ids)) >= 120
    facts = SUGGESTER.policy.facts
    for item in items:
        assert item["id"][0] in "EF"
        assert item.get("pair") is None or item["pair"] in ids
        for fact, value in BENCHMARK.labels(item):
            vocabulary = SUGGESTER.policy.vocabularies.get(facts[fact].values or "")
            assert vocabulary is None or value in vocabulary.terms, (item["id"], value)


def test_a_score_counts_what_is_right_suggested_and_labelled() -> None:
    score = BENCHMARK.Score()
    score.add(frozenset((("topics", "a"), ("topics", "b"))), frozenset((("topics", "b"),)))
    score.add(frozenset(), frozenset((("topics", "c"),)))
    assert (score.precision, score.recall) == (0.5, 0.5)
