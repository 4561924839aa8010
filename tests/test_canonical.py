"""Values in canonical form are read as the long way reads them, whatever stands beside them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import REQUEST_FACTS, request, requests, shipped
from triage.intake.requests import RequestReader
from triage.model.facts import Kind, Request

WORDS = ("", " ", "x", "Yes", " minister ", "Japan", "JP", "jpn", "0", "12", "1,5")
DAYS = ("2022-W01-1", "2022-02-30", "٢٠٢٢-٠١-٠١", "2022-07-04T10:00", "4 July 2022")
NUMBERS = (-1, 0, 5, 10**6, 10**7, 10**20, 0.5, -0.0, 1e-9, float("nan"), True, False, None)
PLACES = (["JPN", "MEX"], ["JPN", "XXX"], ["jpn"], [["JPN"]])
OTHERS: list[Any] = [*PLACES, [], [""], {}, ["asylum_systems"], ["asylum_systems", 3]]
ODD = st.sampled_from([*WORDS, *DAYS, *NUMBERS, *OTHERS])
OTHER_NAMES = {
    "countries": "Pays",
    "title": "Titre",
    "topics": "Sujets",
    "level": "Niveau",
    "start": "Début",
}


def long_way() -> RequestReader:
    reader = RequestReader(shipped())
    reader.__dict__["canonical"] = {}
    return reader


def as_given(found: Request) -> dict[str, Any]:
    return {name: _json(value) for name, value in found.facts.items()}


def _json(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return (
        value.isoformat()
        if isinstance(value, date)
        else float(value)
        if isinstance(value, Decimal)
        else value
    )


def outcome(reader: RequestReader, given: dict[str, Any]) -> Any:
    found, errors = reader.read(given)
    told = [(one.field, one.value, one.expected) for one in errors]
    facts = found and {name: (type(value), value) for name, value in found.facts.items()}
    return (found and (facts, replace(found, facts={}))), told


QUICK, SLOW = RequestReader(shipped()), long_way()


@settings(max_examples=300)
@given(
    requests(),
    st.dictionaries(st.sampled_from([*REQUEST_FACTS, *OTHER_NAMES.values()]), ODD, max_size=6),
    st.data(),
)
def test_both_ways_read_the_same(found: Request, odd: dict[str, Any], data: st.DataObject) -> None:
    given = {**as_given(found), **odd}
    order = data.draw(st.permutations(list(given)))
    shuffled = {name: given[name] for name in order}
    assert outcome(QUICK, shuffled) == outcome(SLOW, shuffled)


@pytest.mark.parametrize(
    "name", [name for name, fact in REQUEST_FACTS.items() if fact.kind in (Kind.ENUM, Kind.SET)]
)
def test_every_id_of_a_vocabulary_means_what_it_means_the_long_way(name: str) -> None:
    fact = REQUEST_FACTS[name]
    vocabulary = shipped().vocabularies.get(fact.values or "")
    for one in vocabulary.terms if vocabulary else ("JPN", "COD", "GBR"):
        given = {
            **as_given(request(countries=["JPN"])),
            name: [one] if fact.kind is Kind.SET else one,
        }
        assert outcome(QUICK, given) == outcome(SLOW, given)
