"""Words suggest topics, populations, forums and countries, and fill them when a person says so."""

import io
import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import run
from support import REQUEST_FACTS, ROOT, decider, shipped
from triage.deciding.decision import Decision
from triage.errors import UsageError
from triage.intake.requests import RequestReader
from triage.intake.suggestions import SUGGESTED_FACTS, Suggester
from triage.intake.topics import Topics

POLICY = shipped()
SUGGESTER = Suggester(POLICY)
TOPICS = Topics(POLICY, "en")
LEAST = {"received": "2022-07-04", "engagement_type": "meeting"}
PROSE = {
    "en": """The Embassy of Japan asks for a meeting on asylum seekers and refugee resettlement,
        before the Global Forum on Migration and Development. Rohingya people in Bangladesh would
        also be discussed.""",
    "fr": """L'ambassade du Japon souhaite une rencontre sur les demandeurs d’asile et la
        réinstallation des réfugiés, avant le Forum mondial sur la migration et le développement.
        On parlerait aussi des Rohingyas au Bangladesh.""",
}
EXPECTED = {
    "topics": ["asylum_systems", "resettlement"],
    "populations": ["rohingya"],
    "forum": ["gfmd"],
    "countries": ["JPN", "BGD"],
    "engagement_type": ["meeting"],
}


def suggested(text: str) -> dict[str, list[str]]:
    """The values that a text suggests, by fact; weak ones begin with "perhaps"."""
    found: dict[str, list[str]] = {fact: [] for fact in SUGGESTED_FACTS}
    for one in SUGGESTER.suggest(text):
        found[one.fact] += one.ids if one.strong else [f"perhaps {' '.join(one.ids)}"]
    return found


FORMS = ("{}", "A WORD ON {}, PLEASE", "« {} »")


def examples(phrase: str) -> list[str]:
    """Texts in which a phrase of the vocabulary stands, one for each of its alternatives."""
    places = [word.split("/") for word in phrase.replace(" + ", " ").replace(" ... ", " ").split()]
    texts: dict[str, None] = {}
    for number, alternatives in enumerate(places):
        for one in alternatives:
            words = [one if at == number else place[0] for at, place in enumerate(places)]
            texts[" ".join(word.rstrip("*") for word in words)] = None
    return list(texts)


# -- what words suggest


@pytest.mark.parametrize("language", PROSE)
def test_the_same_text_in_both_languages_suggests_the_same(language: str) -> None:
    assert suggested(PROSE[language]) == EXPECTED


@pytest.mark.parametrize("fact", ["topics", "populations", "forum", "engagement_type"])
def test_every_term_is_suggested_by_each_of_its_keywords(fact: str) -> None:
    vocabulary = POLICY.vocabularies[REQUEST_FACTS[fact].values or ""]
    for term in vocabulary.terms.values():
        for keyword in term.phrases.keywords:
            for example, form in zip(examples(keyword), itertools.cycle(FORMS)):
                text = form.format(example if form != FORMS[1] else example.upper())
                strong = [one.ids[0] for one in SUGGESTER.suggest(text) if one.strong]
                assert term.id in strong, (term.id, text)


@pytest.mark.parametrize("fact", ["topics", "populations", "forum", "engagement_type"])
def test_every_term_but_the_others_has_keywords(fact: str) -> None:
    vocabulary = POLICY.vocabularies[REQUEST_FACTS[fact].values or ""]
    without = [term.id for term in vocabulary.terms.values() if not term.phrases.keywords]
    assert set(without) <= {"other_topic", "other_forum", "no_forum"}


def test_the_longest_keyword_wins_where_two_overlap() -> None:
    assert suggested("risks of irregular migration")["topics"] == ["risk_communications"]
    assert suggested("irregular migration")["topics"] == ["irregular_migration"]
    assert suggested("GFMD working group on public narratives")["forum"] == ["gfmd_narratives"]
    assert suggested("South Korea")["countries"] == ["KOR"]


def test_words_match_whole() -> None:
    assert suggested("asylums, asylum-related, asylumish")["topics"] == ["asylum_systems"]
    assert suggested("asylumish nursery agriculturalist")["topics"] == []


def test_the_words_that_matched_are_kept_as_they_stand_in_the_text() -> None:
    (first, second) = SUGGESTER.suggest(
        "ASYLUM\n  systems; refugee status determination; Études et visas d'étudiant"
    )
    assert (first.ids, first.matched) == (
        ("asylum_systems",),
        ("ASYLUM systems", "refugee status determination"),
    )
    assert (second.ids, second.matched) == (("international_students",), ("visas d'étudiant",))


def test_names_of_countries_need_their_capital() -> None:
    assert suggested("us and turkey, chad")["countries"] == []
    assert suggested("US and Türkiye, Chad")["countries"] == ["USA", "TUR", "TCD"]
    assert suggested("a car from the UAE")["countries"] == ["ARE"]


def test_the_country_that_is_asked_is_no_partner() -> None:
    assert suggested("Canada and Mexico; Canada's managed migration")["countries"] == ["MEX"]


def test_a_name_that_may_mean_several_is_never_chosen() -> None:
    assert suggested("Korea and Japan")["countries"] == ["perhaps KOR PRK", "JPN"]
    assert suggested("a visit to Georgia")["countries"] == ["perhaps GEO"]
    assert suggested("British Columbia and Latin America")["countries"] == []


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for one in SUGGESTER.suggest(text):
        assert one.ids
        assert one.matched


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    text = "irregular migration and the risks of irregular migration in Japan " * 5_000
    assert suggested(text)["topics"] == ["irregular_migration", "risk_communications"]


# -- what is filled in

READER = RequestReader(POLICY)
WELL_FORMED = {"start": "2022-09-20", "end": "2022-09-20", "participants": 5}
ACCEPTING = RequestReader(POLICY, "en", SUGGESTER)


def test_without_consent_nothing_is_filled_in() -> None:
    request = READER.request(LEAST | {"countries": "Chile", "summary": PROSE["en"]})
    assert (request.topics, request.facts.get("populations"), request.forum, request.suggested) == (
        None,
        None,
        None,
        (),
    )


def test_only_unknown_facts_are_filled_in_and_the_request_tells_which() -> None:
    request = ACCEPTING.request(
        LEAST | {"countries": "Chile", "topics": "biometrics", "summary": PROSE["en"]}
    )
    assert (request.countries, request.topics) == (frozenset(["CHL"]), frozenset(["biometrics"]))
    assert (request.facts.get("populations"), request.forum) == (frozenset(["rohingya"]), "gfmd")
    assert request.suggested == ("populations", "forum")


def test_a_country_in_the_text_places_a_request_that_names_none() -> None:
    request = ACCEPTING.request(LEAST | {"title": "Visit from Japan"})
    assert (request.countries, request.suggested) == (frozenset(["JPN"]), ("countries",))
    found, errors = READER.read(LEAST | {"title": "Visit from Japan"})
    assert (found, [one.field for one in errors]) == (None, ["countries"])


def test_what_was_given_and_not_understood_is_not_replaced() -> None:
    request = ACCEPTING.request(LEAST | {"countries": "Congo", "title": "Visit from Japan"})
    assert (request.countries, request.suggested) == (None, ())
    assert "countries" in request.unresolved


def test_an_empty_list_is_a_fact_that_was_given() -> None:
    request = ACCEPTING.request(
        LEAST | {"countries": "Japan", "populations": [], "title": "Rohingya"}
    )
    assert (request.facts.get("populations"), request.suggested) == (frozenset(), ())


def test_candidates_and_rival_forums_fill_nothing_in() -> None:
    request = ACCEPTING.request(
        LEAST | {"requester_organization": "A", "title": "Korea, Japan; GFMD and ASEAN"}
    )
    assert (request.countries, request.forum, request.suggested) == (None, None, ())


def test_the_id_that_is_made_from_the_content_stays_the_same() -> None:
    given = LEAST | {"countries": "Chile", "summary": PROSE["en"]}
    assert ACCEPTING.request(given).id == READER.request(given).id


def decided(language: Any = "en", **facts: Any) -> tuple[Decision, Decision]:
    """The decision on a request with suggestions accepted, and on the same facts all given."""
    request = ACCEPTING.request({"received": "2022-07-04", "id": "A", **facts})
    given = replace(request, suggested=())
    return decider().decide(request, language=language), decider().decide(given, language=language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_decision_says_which_facts_were_suggested(language: Any) -> None:
    facts = {"engagement_type": "meeting", "countries": "Chile", "summary": PROSE["en"]}
    marked, unmarked = decided(language, **facts)
    assert set(marked.result.flags) - set(unmarked.result.flags) == {"suggested_facts"}
    (sentence,) = set(marked.result.advice) - set(unmarked.result.advice)
    labels = [
        POLICY.fact_texts[name].label[language] for name in ("topics", "populations", "forum")
    ]
    assert all(label in sentence for label in labels)
    assert marked.decision_id != unmarked.decision_id


@pytest.mark.parametrize(
    ("facts", "merits"),
    [
        ({"countries": "Japan", "title": "Irregular migration and smuggling"}, "accept"),
        ({"countries": "Japan", "title": "Tourism and school curriculum"}, "decline"),
    ],
)
def test_a_result_that_suggested_facts_alone_make_is_deferred(
    facts: dict[str, Any], merits: str
) -> None:
    more = {"engagement_type": "meeting", "requester_type": "foreign_government", "level": "DG"}
    suggested, given = decided(**more, **facts, **WELL_FORMED)
    assert given.recommendation == merits
    assert (suggested.recommendation, suggested.if_confirmed) == ("defer", merits)
    assert suggested.merits == merits
    assert suggested.result.decided_by == ["suggested-facts"]
    assert {"defer", merits} <= set(suggested.result.possible)
    assert suggested.result.reason.startswith(f"{merits}, if confirmed: ")
    assert suggested.result.justification.startswith("Deferred until a person confirms")
    assert suggested.score == given.score
    record = json.loads(suggested.to_json())
    assert (record["recommendation"], record["if_confirmed"]) == ("defer", merits)
    assert record == json.loads(json.dumps(suggested.as_dict()))
    assert "if_confirmed" not in json.loads(given.to_json())


def test_a_result_that_stands_without_them_is_only_marked() -> None:
    facts = {"engagement_type": "meeting", "countries": "Chile", "title": "Rohingya people"}
    suggested, given = decided(**facts)
    assert (suggested.recommendation, suggested.if_confirmed) == (given.recommendation, None)
    assert suggested.result.decided_by == given.result.decided_by
    assert suggested.result.reason == f"on suggested facts: {given.result.reason}"
    assert "if_confirmed" not in json.loads(suggested.to_json())


def test_a_request_without_a_type_never_stands_without_the_suggestion() -> None:
    suggested, given = decided(countries="Chile", title="Request for a meeting")
    assert "engagement_type" in suggested.request.suggested
    assert (suggested.recommendation, suggested.if_confirmed) == ("defer", given.recommendation)


@pytest.mark.parametrize("form", ["table", "csv", "md", "html", "json"])
def test_every_list_marks_what_is_not_confirmed(form: str, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    facts = {"received": "2022-07-04", "id": "A", "countries": "Japan", **WELL_FORMED}
    path.write_text(json.dumps(facts | {"engagement_type": "meeting", "title": "Tourism"}), "utf-8")
    told = run("screen", str(path), "--accept-suggestions", "--format", form).out
    mark = '"if_confirmed":"decline"' if form == "json" else "decline, if confirmed"
    assert mark in told


def test_the_commands_use_suggestions_only_when_told_to(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(
        json.dumps(LEAST | {"id": "A", "countries": "Japan", "summary": PROSE["en"]}), "utf-8"
    )
    for command in ("assess", "screen"):
        plain = run(command, str(path), "--format", "json")
        accepted = run(command, str(path), "--format", "json", "--accept-suggestions")
        assert (plain.code, accepted.code) == (0, 0)
        assert "suggested_facts" not in plain.out
        assert "suggested_facts" in accepted.out
    text = run("assess", str(path), "--accept-suggestions").out
    assert "Suggested by the words of the request, not given by a person:" in text


# -- the command


@pytest.mark.parametrize("language", PROSE)
@pytest.mark.parametrize("name", ["letter.txt", "letter.md", "-"])
def test_a_text_is_read_whole(language: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(PROSE[language], "utf-8")
    words = [name] if name == "-" else [str(path)]
    ran = run("topics", *words, "--format", "json", stdin=PROSE[language].encode())
    assert (ran.code, ran.err) == (0, "")
    (found,) = json.loads(ran.out)["suggestions"]
    assert [one["id"] for one in found["topics"]] == EXPECTED["topics"]
    assert [one["id"] for one in found["countries"]] == EXPECTED["countries"]
    assert [one["id"] for one in found["forums"]] == EXPECTED["forum"]
    assert (found["row"], found["id"]) == (None, None)


def test_text_in_windows_1252_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lettre.txt"
    path.write_bytes(PROSE["fr"].encode("cp1252"))
    assert "asylum_systems" in run("topics", str(path)).out


def test_each_request_of_an_inbox_gets_its_own_suggestions_even_where_facts_are_missing(
    tmp_path: Path,
) -> None:
    rows = [
        {"title": "Visit on asylum", "received": "soon"},
        {"id": "B", "summary": "Korea"},
        {"id": "C", "title": "x"},
    ]
    path = tmp_path / "inbox.json"
    path.write_text(json.dumps(rows), "utf-8")
    ran = run("topics", str(path))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(
        'row 1  Visit on asylum\n  Topics\n    asylum_systems: Asylum systems ("asylum")\n\n'
    )
    both = 'perhaps South Korea or North Korea ("Korea"): a person decides'
    assert f"B  Korea\n  Countries\n    {both}\n" in ran.out
    assert "C  x\n  nothing is suggested\n" in ran.out
    assert ran.out.rstrip().endswith("--accept-suggestions.")
    assert run("topics", "-", stdin=path.read_bytes()).out == ran.out
    as_csv = b"id,title,received\n,Visit on asylum,soon\n"
    assert 'asylum_systems: Asylum systems ("asylum")' in run("topics", "-", stdin=as_csv).out


def test_a_person_can_tell_in_french_too() -> None:
    ran = run("topics", str(ROOT / "examples" / "inbox-fr.csv"), "--lang", "fr")
    assert "resettlement\N{NO-BREAK SPACE}: Réinstallation des réfugiés" in ran.out


def test_a_text_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    for name in ("missing.txt", "missing.csv", "missing"):
        ran = run("topics", str(tmp_path / name))
        assert (ran.code, ran.out) == (2, "")
        assert "cannot be read: No such file or directory" in ran.err
    assert run("topics", str(tmp_path)).code == 2


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=100), st.text(max_size=60).map(str.encode)))
def test_whatever_comes_is_a_text_or_wrong_use(content: bytes) -> None:
    with patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(content))):
        try:
            found = list(TOPICS.read("-"))
        except UsageError as error:
            assert "\n" not in error.message  # noqa: PT017
            return
    assert all(TOPICS.text(one) and TOPICS.as_dict(one) for one in found)
