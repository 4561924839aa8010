"""Requests that are, or may be, one: found wherever they stand, with why, and nothing else changes.

Every pair of `duplicate_pairs.yaml` is told as people told it.
"""

import html
import json
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from commands import run
from support import ROOT, request
from triage.intake import duplicates
from triage.intake.duplicates import Duplicates
from triage.intake.inbox import AcceptedRow
from triage.intake.likeness import (
    Among,
    DuplicateLink,
    RequestPlace,
    Traits,
    content_digest,
    likeness,
    traits_of,
)
from triage.intake.requesters import requester_name, same_requester
from triage.messages import say
from triage.model.facts import Request

EXAMPLES = ROOT / "examples"
PAIRS = yaml.safe_load((ROOT / "tests" / "duplicate_pairs.yaml").read_text("utf-8"))
HEAD = "id,received,type,title,requester,countries,topics\n"
TALKS = "meeting,Resettlement talks,Embassy of Japan,Japan,resettlement"


def of_pair(id: str, facts: dict[str, Any]) -> Traits:
    """What is kept of one request of a pair."""
    names = {"who": "requester_organization", "type": "engagement_type"}
    every = {"countries": ["MEX"]} | {names.get(name, name): value for name, value in facts.items()}
    known = {name: value for name, value in every.items() if value is not None}
    return kept(request(id=id, **known))


def kept(one: Request, among: Among = "inbox", row: int = 2) -> Traits:
    return traits_of(one, RequestPlace(one.id, among, f"{among}.csv", row), content_digest(one), {})


@pytest.mark.parametrize(
    ("told", "first", "second"),
    [(told, *pair) for told, pairs in PAIRS.items() for pair in pairs],
)
def test_a_pair_is_told_as_people_told_it(
    told: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, other = of_pair("a", first), of_pair("b", first | second)
    assert (likeness(one, other) is not None) is (told == "same")
    assert likeness(one, other) is None or likeness(other, one) is not None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Embassy of Japan", "AMBASSADE DU JAPON"),
        ("Ministry of the Interior", "Ministère de l’Intérieur"),
        ("Department of Labor", "Département du travail"),
        ("日本国大使館", "日本国大使館 "),
        ("Ministry of Interior (MEX)", "Ministry of Interior of Mexico"),
        ("Ministry of Labour", "Ministry of Labuor"),
    ],
)
def test_a_requester_is_known_again(first: str, second: str) -> None:
    assert same_requester(requester_name(first), requester_name(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("日本国大使館", "大韓民国大使館"),
        ("Ministry of Labour of Mexico", "Ministry of Labour of Peru"),
        ("Mali", "Male"),
        ("Office 1234567", "Office 1234568"),
    ],
)
def test_two_requesters_stay_two(first: str, second: str) -> None:
    assert not same_requester(requester_name(first), requester_name(second))


# -- all requests


def plain_links(every: list[Traits]) -> Iterator[tuple[str, str]]:
    """The plain way of `Duplicates.links`: every two requests, those of the same content first."""
    ordered = sorted(every, key=lambda one: one.order)
    linked = {id(one): {id(one)} for one in ordered}
    pairs = list(combinations(ordered, 2))
    for one, other in sorted(pairs, key=lambda pair: pair[0].content != pair[1].content):
        before = other.place.among != "inbox"
        found = one.content == other.content if before else likeness(one, other) is not None
        if found and id(other) not in linked[id(one)]:
            together = linked[id(one)] | linked[id(other)]
            linked |= dict.fromkeys(together, together)
            if not before:
                yield other.place.id, one.place.id


WORDS = (
    "asylum",
    "visas",
    "talks",
    "talks on asylum",
    "asylum appeals",
    "asylum apeals",
    "2",
    None,
)
NAMES = ("Embassy of Japan", "Ambassade du Japon", "Ministry of Labour", "Ministry of Labuor", None)
FACTS = st.fixed_dictionaries(
    {
        "received": st.sampled_from([date(2022, 7, 4), date(2022, 7, 20), date(2022, 8, 10)]),
        "engagement_type": st.sampled_from(["meeting", "event"]),
        "title": st.sampled_from(WORDS),
        "requester_organization": st.sampled_from(NAMES),
        "countries": st.sampled_from([["JPN"], ["JPN", "MEX"], ["MEX"], None]),
        "forum": st.sampled_from(["f", "g", None]),
        "topics": st.sampled_from([["a"], ["a", "b"], ["c"], None]),
        "start": st.sampled_from([date(2022, 9, 5), date(2022, 9, 8), date(2022, 10, 3), None]),
    }
)
OTHERS = st.lists(
    st.tuples(
        st.sampled_from(["committed", "seen", "inbox", "inbox"]),
        st.integers(0, 4),
        FACTS,
        st.sets(st.sampled_from(["title", "start", "requester_organization", "topics"]), max_size=2)
        | st.just({"received", "engagement_type", "title", "countries", "forum", "start"}),
    ),
    max_size=9,
)
"""Requests that have a few facts of their own; in all others they are like each other."""


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[Among, int, dict[str, Any]]]:
    """Where each request stands, a number for its id, and its facts."""
    first = draw(FACTS)
    found: list[tuple[Among, int, dict[str, Any]]] = []
    for among, id, facts, own in draw(OTHERS):
        found.append((among, id, first | {name: facts[name] for name in own}))  # type: ignore[arg-type]
    return found


Placed = tuple[Among, Request, int]


def gathered(given: list[tuple[Among, int, dict[str, Any]]]) -> list[Placed]:
    """Requests with the facts that are known; only among those seen an id may come again."""
    found: list[Placed] = []
    for number, (among, id, facts) in enumerate(given):
        known = {name: value for name, value in facts.items() if value is not None}
        own = id if among == "seen" else number
        found.append((among, request(**known | {"id": f"R{own}"}), number))
    return found


def links(requests: list[Placed]) -> list[DuplicateLink]:
    found = Duplicates()
    for among, one, row in requests:
        found.add(one, among, AcceptedRow(f"{among}.csv", row, content_digest(one)))
    return found.links()


@given(entries(), st.randoms(use_true_random=False))
def test_the_links_are_those_of_the_plain_way_in_any_order(
    given: list[tuple[Among, int, dict[str, Any]]], chance: Any
) -> None:
    requests = gathered(given)
    found = links(requests)
    told = sorted((link.request.id, link.other.id) for link in found)
    assert told == sorted(plain_links([kept(one, among, row) for among, one, row in requests]))
    chance.shuffle(requests)
    assert links(requests) == found


def test_many_requests_of_one_requester_are_not_all_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0

    def counting(first: Traits, second: Traits) -> Any:
        nonlocal compared
        compared += 1
        return likeness(first, second)

    monkeypatch.setattr(duplicates, "likeness", counting)
    facts = {"requester_organization": "Ministry of Labour", "countries": ["MEX"]}
    many = [request(id=f"M-{n}", title=f"Visit {n:b} {n:o}", **facts) for n in range(2_000)]
    assert links([("inbox", one, row) for row, one in enumerate(many)]) == []
    assert compared <= len(many) * duplicates.NEIGHBOURS


def test_ministries_of_one_name_in_other_countries_do_not_stand_between_two() -> None:
    ministry = {"requester_organization": "Ministry of Foreign Affairs", "topics": ["visa_policy"]}
    codes = [f"{one}{other}X" for one in "ABCDEFGHIJ" for other in "ABCDEFGHIJ"]
    others = [request(id=f"M-{code}", countries=[code], **ministry) for code in codes]
    two = [request(id=id, countries=["JPN"], title="Visas", **ministry) for id in ("A", "Z")]
    assert len(others) > duplicates.NEIGHBOURS
    [link] = links([("inbox", one, row) for row, one in enumerate([*others, *two])])
    assert (link.request.id, link.other.id) == ("Z", "A")


def test_a_copy_that_many_files_of_earlier_requests_have_is_told_once() -> None:
    one = request(title="Talk", requester_organization="Ministry of Labour", countries=["MEX"])
    twice: list[Placed] = [("seen", one, 2), ("seen", one, 3)]
    [link] = links([*twice, ("inbox", one.having({"id": "T-2"}), 2)])
    assert (link.request.id, link.other.id, link.certainty) == ("T-2", "T-1", "certain")


def test_rows_that_say_little_are_not_certainly_the_same() -> None:
    [link] = links([("inbox", request(id=id, countries=["MEX"]), 2) for id in ("A", "B")])
    assert link.certainty == "probable"
    assert [one.key for one in link.grounds] == ["duplicates.same-content-without-names"]


# -- on the command line


def screened(*words: str) -> Any:
    ran = run("screen", *words, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_requests_of_the_example_are_linked_with_why() -> None:
    found = screened(str(EXAMPLES / "inbox-twice.csv"))
    assert [(one["request_id"], one["other"]) for one in found["duplicates"]] == [
        ("TW-2", {"id": "TW-1", "among": "inbox"}),
        ("TW-3", {"id": "TW-1", "among": "inbox"}),
    ]
    first, second = found["duplicates"]
    assert (first["certainty"], first["why"]) == ("certain", "every fact is the same")
    assert (second["certainty"], second["why"]) == (
        "probable",
        'one requester, it seems: "Embassy of Japan" and "Ambassade du Japon"; '
        "the titles say the same; topics in common: Refugee resettlement; "
        "the same first day, 2022-10-18; received 2 days apart",
    )
    assert second["reasons"] == [
        *("requester-otherwise", "same-title", "topics", "same-start", "received-days-apart")
    ]


def test_duplicates_change_no_decision_and_lose_no_request(tmp_path: Path) -> None:
    head, *rows = (EXAMPLES / "inbox-twice.csv").read_text("utf-8").splitlines(keepends=True)
    path = tmp_path / "alone.csv"
    alone = []
    for row in rows:
        path.write_text(head + row, "utf-8")
        found = screened(str(path))
        assert "duplicates" not in found
        alone += found["decisions"]
    together = screened(str(EXAMPLES / "inbox-twice.csv"))["decisions"]
    assert sorted(together, key=lambda one: str(one["request_id"])) == alone


def test_seen_requests_are_compared_and_nothing_else(tmp_path: Path) -> None:
    inbox, seen = EXAMPLES / "inbox-twice.csv", EXAMPLES / "inbox.csv"
    before, found = screened(str(inbox)), screened(str(inbox), "--seen", str(seen))
    assert found["seen"] == [{"file": str(seen), "read": 50, "rejected": []}]
    [first, *others] = found.pop("duplicates")
    assert (first["request_id"], first["certainty"]) == ("TW-5", "probable")
    other = {"id": "IN-2022-047", "among": "seen", "file": str(seen), "row": 48}
    assert first["other"] == other
    assert others == before.pop("duplicates")
    del found["seen"]
    assert found == before


def test_the_same_number_or_content_seen_before_is_told(tmp_path: Path) -> None:
    seen, inbox = tmp_path / "seen.csv", tmp_path / "inbox.csv"
    seen.write_text(f"{HEAD}A,2022-07-04,{TALKS}\nB,2021-01-04,{TALKS}\n", "utf-8")
    inbox.write_text(f"{HEAD}A,2022-07-04,{TALKS}\nB,2022-12-01,{TALKS}\n", "utf-8")
    found = screened(str(inbox), "--seen", str(seen))["duplicates"]
    assert [(one["request_id"], one["certainty"], one["reasons"]) for one in found] == [
        ("B", "probable", ["same-number"]),
        ("A", "certain", ["same-content"]),
    ]


def test_a_committed_request_under_another_id_is_linked(tmp_path: Path) -> None:
    committed, inbox = tmp_path / "committed.csv", tmp_path / "inbox.csv"
    committed.write_text(f"{HEAD}C,2022-07-04,{TALKS}\n", "utf-8")
    inbox.write_text(f"{HEAD}A,2022-07-06,{TALKS}\n", "utf-8")
    [link] = screened(str(inbox), "--committed", str(committed))["duplicates"]
    assert link["other"] == {"id": "C", "among": "committed", "file": str(committed), "row": 2}


def test_two_files_of_one_run_are_compared(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path, id in zip(paths, "AB", strict=True):
        path.write_text(f"{HEAD}{id},2022-07-04,{TALKS}\n", "utf-8")
    forward, back = (screened(*map(str, order)) for order in (paths, paths[::-1]))
    assert [one["request_id"] for one in forward["duplicates"]] == ["B"]
    assert forward["duplicates"] == back["duplicates"]


def test_one_id_twice_is_rejected_and_the_same_content_is_named_as_such(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox.csv"
    rows = f"A,2022-07-04,{TALKS}\nA,2022-07-04,{TALKS}\nA,2022-07-05,{TALKS}\n"
    inbox.write_text(HEAD + rows, "utf-8")
    ran = run("screen", str(inbox), "--format", "json")
    assert ran.code == 1
    same, other = (one["expected"] for one in json.loads(ran.out)["rejected"])
    assert same == (
        f"the same request stands in {inbox} row 2 already, under the same id; "
        "leave one of the two out"
    )
    assert other == f"the id is taken already, in {inbox} row 2"


def test_a_row_of_a_seen_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    seen = tmp_path / "seen.csv"
    seen.write_text(f"{HEAD}A,soon,{TALKS}\nB,2022-07-04,{TALKS}\n", "utf-8")
    ran = run("screen", str(EXAMPLES / "inbox-twice.csv"), "--seen", str(seen), "--format", "json")
    assert ran.code == 1
    assert "soon" in ran.err
    found = json.loads(ran.out)
    assert found["rejected"] == []
    assert [(one["read"], len(one["rejected"])) for one in found["seen"]] == [(2, 1)]
    missing = run("screen", str(EXAMPLES / "inbox-twice.csv"), "--seen", "nowhere.csv")
    assert (missing.code, len(missing.err.strip().splitlines())) == (2, 1)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_table_has_a_short_section_of_100_columns(language: str, tmp_path: Path) -> None:
    path = tmp_path / "inbox.csv"
    rows = "".join(f"A{number:02},2022-07-04,{TALKS}\n" for number in range(15))
    path.write_text(HEAD + rows, "utf-8")
    out = run("screen", str(path), "--lang", language).out
    section = out[out.index("The same" if language == "en" else "La même") :].split("\n\n")[0]
    lines = section.splitlines()
    assert len([line for line in lines if line.startswith("  - ")]) == 10
    assert lines[-1].strip() in (
        "Not shown here: 4. Every other form shows them all.",
        "Non montrés ici\N{NO-BREAK SPACE}: 4. Toute autre forme les montre tous.",
    )
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("form", ["csv", "md", "html"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_form_tells_each_link(form: str, language: str) -> None:
    words = ("--format", form, "--lang", language)
    out = html.unescape(run("screen", str(EXAMPLES / "inbox-twice.csv"), *words).out)
    why = "every fact is the same" if language == "en" else "tous les faits sont les mêmes"
    assert out.count(why) == 1
    assert "Ambassade du Japon" in out[out.index(why) :]
    alone = run("screen", str(EXAMPLES / "inbox-projects.csv"), *words).out
    assert say("duplicates.heading", "fr" if language == "fr" else "en") not in html.unescape(alone)


def test_a_workbook_has_a_sheet_of_links(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    words = ("--format", "xlsx", "--output", str(path))
    assert run("screen", str(EXAMPLES / "inbox-twice.csv"), *words).code == 0
    rows = [*openpyxl.load_workbook(path)["Duplicates"].iter_rows(values_only=True)]
    assert [row[:2] for row in rows[1:]] == [("TW-2", "TW-1"), ("TW-3", "TW-1")]
