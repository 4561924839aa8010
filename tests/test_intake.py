"""Headers and values in English or French become a request or an explanation, never a guess."""

import unicodedata
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import REQUEST_FACTS, decider, shipped
from triage.errors import RequestError
from triage.formats.values import normal
from triage.intake.profile import ImportProfile
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES
from triage.model.facts import COUNTRIES, Kind, Request, Unresolved

POLICY = shipped()
READER = RequestReader(POLICY)
LEAST = {"received": "2022-07-04", "engagement_type": "meeting", "countries": "Japan"}


def read(**given: Any) -> Request:
    """The request in the least that is needed and these."""
    return READER.request(LEAST | given)


def errors(given: dict[str, Any], reader: RequestReader = READER) -> list[tuple[str, str, str]]:
    """What keeps a request from being read."""
    request, found = reader.read(given)
    assert (request is None) == bool(found)
    return [(one.field, one.value, one.expected) for one in found]


# -- headers


def spellings(words: str) -> set[str]:
    """A header as people type it: as it is, in capitals, without accents, with stray blanks."""
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", words) if not unicodedata.combining(one)
    )
    return {words, words.upper(), plain, plain.lower(), f"  {words} ", words.replace("'", "’")}


@pytest.mark.parametrize("name", REQUEST_FACTS)
def test_a_fact_is_understood_by_its_name_label_and_aliases_in_both_languages(name: str) -> None:
    text = POLICY.fact_texts[name]
    for words in (name, text.label.en, text.label.fr, *text.aliases):
        for header in spellings(words):
            assert READER.header(header) == name, header


@pytest.mark.parametrize(
    "header", ["", "   ", "Remarks of the desk", "Code", "№", "日付", "topic_s"]
)
def test_a_header_that_means_nothing_means_no_fact(header: str) -> None:
    assert READER.header(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "Country code",
        "Country codes",
        "COUNTRY (ISO 3)",
        "ISO3",
        "ISO 3166 alpha-3",
        "Code pays",
        "Code ISO du pays",
    ],
)
def test_a_header_that_speaks_of_codes_is_a_column_of_country_codes(header: str) -> None:
    assert READER.header(header) == "countries:codes"


@pytest.mark.parametrize(
    ("header", "fact"), [("N° de dossier", "id"), ("Nᵒ de dossier", "id"), ("Résumé", "summary")]
)
def test_french_abbreviations_and_ligatures_are_understood(header: str, fact: str) -> None:
    assert READER.header(header) == fact


# -- values of vocabularies

CHOSEN = [name for name, fact in REQUEST_FACTS.items() if fact.values and fact.values != COUNTRIES]


@pytest.mark.parametrize("name", CHOSEN)
def test_a_value_is_understood_by_its_id_label_and_aliases_in_both_languages(name: str) -> None:
    vocabulary = POLICY.vocabularies[REQUEST_FACTS[name].values or ""]
    for term in vocabulary.terms.values():
        for words in (term.id, term.label.en, term.label.fr, *term.aliases):
            for said in spellings(words):
                expected = frozenset([term.id]) if REQUEST_FACTS[name].kind is Kind.SET else term.id
                assert read(**{name: said}).facts[name] == expected, said


@pytest.mark.parametrize(
    "cell",
    ["asylum; biometrics", "asylum | biometrics", "asylum\nbiometrics", "asylum,biometrics;"],
)
def test_a_cell_may_hold_several_values(cell: str) -> None:
    assert read(topics=cell).topics == frozenset(["asylum_systems", "biometrics"])


def test_a_comma_inside_a_label_separates_nothing() -> None:
    assert read(topics="Human rights, diversity and inclusion").topics == frozenset(
        ["human_rights_inclusion"]
    )
    assert read(
        topics="Asile, Droits de la personne, diversité et inclusion, biométrie"
    ).topics == frozenset(["asylum_systems", "human_rights_inclusion", "biometrics"])


def test_a_ligature_may_be_typed_as_two_letters() -> None:
    assert (
        read(topics="mobilité de la main-d’oeuvre").topics
        == read(topics="Mobilité de la main-d'œuvre").topics
    )


def test_a_priority_that_no_vocabulary_knows_is_kept_as_it_was_written() -> None:
    assert read(gc_priority="Levels plan").facts.get("gc_priority") == "Levels plan"
    assert read(gc_priority="Indo-Pacifique").facts.get("gc_priority") == "indo_pacific_interests"


# -- countries


@pytest.mark.parametrize(
    "cell",
    [
        "Japan; Mexico",
        "Japan, Mexico",
        "Japan and Mexico",
        "Japon et Mexique",
        "JPN\nMEX",
        "Mexique|Japan",
        "Japan/Mexico",
    ],
)
def test_a_cell_may_name_several_countries(cell: str) -> None:
    assert read(countries=cell).countries == frozenset(["JPN", "MEX"])


def test_two_letter_codes_are_understood_in_a_list_and_in_a_column_of_codes_only() -> None:
    assert READER.request(LEAST | {"countries": ["JP", "MEX", "Chile"]}).countries == frozenset(
        ["JPN", "MEX", "CHL"]
    )
    found = READER.request({"received": "2022-07-04", "type": "meeting", "Country code": "jp; NO"})
    assert found.countries == frozenset(["JPN", "NOR"])
    assert "countries" in read(countries="NO").unresolved


def test_two_columns_of_countries_add_up() -> None:
    assert READER.request(LEAST | {"Country code": "MX"}).countries == frozenset(["JPN", "MEX"])


@pytest.mark.parametrize(
    ("cell", "given", "candidates"),
    [
        ("Congo", "Congo", ("COD", "COG")),
        ("Korea", "Korea", ("KOR", "PRK")),
        ("Japan; Congo", "Congo", ("COD", "COG")),
        ("Philipines", "Philipines", ("PHL",)),
        ("European Union", "European Union", ()),
        ("several partners", "several partners", ()),
    ],
)
def test_a_country_that_is_not_certain_leaves_the_fact_unknown_with_candidates(
    cell: str, given: str, candidates: tuple[str, ...]
) -> None:
    request = read(countries=cell)
    assert request.countries is None
    assert request.unresolved == {"countries": Unresolved(given=given, candidates=candidates)}


def test_a_country_that_is_not_certain_in_one_column_makes_the_other_column_uncertain_too() -> None:
    request = READER.request(LEAST | {"Country code": "XX"})
    assert (request.countries, set(request.unresolved)) == (None, {"countries"})


# -- what was not given is unknown


@pytest.mark.parametrize("blank", ["", "   ", None, ";", " ; , ", [], ["", None]])
def test_topics_that_are_not_given_are_unknown(blank: Any) -> None:
    assert read(topics=blank).topics is None


@pytest.mark.parametrize("blank", ["", None, " ; ", "/", [], [""], [None, " "]])
def test_a_request_without_country_forum_and_organization_cannot_be_placed(blank: Any) -> None:
    ((field, value, expected),) = errors(LEAST | {"countries": blank})
    assert (field, value) == ("countries", "")
    assert expected == "at least one of countries, forum and requester_organization is required"
    assert READER.request(LEAST | {"countries": blank, "forum": "OAS"}).countries is None


def test_a_list_may_say_that_there_is_none() -> None:
    assert read(populations=[]).facts.get("populations") == frozenset()
    assert read(populations="").facts.get("populations") is None


def test_every_optional_fact_may_be_absent() -> None:
    request = read()
    assert set(request.known(shipped().readable)) == frozenset(
        ["received", "engagement_type", "countries"]
    )


# -- plain values


@pytest.mark.parametrize("said", ["yes", "Y", "TRUE", "1", "x", "Oui", "o", "vrai", True, 1])
def test_yes_in_two_languages(said: Any) -> None:
    assert read(agenda_attached=said).facts.get("agenda_attached") is True


@pytest.mark.parametrize("said", ["no", "N", "False", "0", "Non", "faux", False, 0])
def test_no_in_two_languages(said: Any) -> None:
    assert read(agenda_attached=said).facts.get("agenda_attached") is False


def test_numbers_stay_exact() -> None:
    request = read(
        officer_days="2.5", cost_cad=1250.5, participants="12.0", visa_required_participants=3
    )
    assert (request.facts.get("officer_days"), request.facts.get("cost_cad")) == (
        Decimal("2.5"),
        Decimal("1250.5"),
    )
    assert (request.participants, request.facts.get("visa_required_participants")) == (12, 3)


def test_numbers_and_money_are_read_in_english_and_french() -> None:
    request = read(
        officer_days="2,5",
        cost_cad="1 250,50 $",
        participants="1,200",
        visa_required_participants="1 100",
    )
    assert (request.facts.get("officer_days"), request.facts.get("cost_cad")) == (
        Decimal("2.5"),
        Decimal("1250.50"),
    )
    assert (request.participants, request.facts.get("visa_required_participants")) == (1200, 1100)


def test_dates_with_the_month_in_words_are_dates() -> None:
    request = read(received="1er juin 2022", start="July 4, 2022", end=datetime(2022, 7, 5, 17))
    assert (request.received, request.start, request.end) == (
        date(2022, 6, 1),
        date(2022, 7, 4),
        date(2022, 7, 5),
    )


def test_dates_are_dates() -> None:
    assert read(start=" 2022-09-01 ", end=date(2022, 9, 2)).end == date(2022, 9, 2)


# -- bad values

BAD = [
    # field, value, what the message says
    ("received", "2022-02-30", "expected a date as YYYY-MM-DD"),
    ("received", "yesterday", "expected a date as YYYY-MM-DD"),
    ("received", "20220704", "expected a date as YYYY-MM-DD"),
    (
        "start",
        "04/07/2022",
        "the day and the month cannot be told apart; expected a date as YYYY-MM-DD: 2022-07-04 or",
    ),
    ("end", "4.7.22", "the day and the month cannot be told apart; expected a date as YYYY-MM-DD"),
    (
        "engagement_type",
        "study trip",
        'expected a value of the vocabulary; did you mean "study_tour"?',
    ),
    (
        "engagement_type",
        "zzz",
        "expected one of: meeting, courtesy_call, dialogue, event, delegation, study_tour",
    ),
    (
        "topics",
        "biometrics; asylim",
        'expected a value of the vocabulary; did you mean "asylum_systems"?',
    ),
    ("topics", "qqq", "expected a value of the vocabulary; `triage rules --vocabulary` lists them"),
    (
        "forum",
        "the usual one",
        "expected a value of the vocabulary; `triage rules --vocabulary` lists them",
    ),
    ("classification", "Secret", "expected one of: unclassified, protected_a, protected_b"),
    ("agenda_attached", "maybe", "expected yes or no"),
    ("agenda_attached", 2, "expected yes or no"),
    ("participants", "about ten", "expected a whole number, 0 or more"),
    ("participants", "-1", "expected a whole number, 0 or more"),
    ("participants", "2.5", "expected a whole number, 0 or more"),
    ("participants", True, "expected a whole number, 0 or more"),
    ("participants", 2_000_000, "expected at most 1,000,000"),
    ("officer_days", "two", "expected a number, 0 or more, such as 1250.50"),
    ("cost_cad", "1,250", '"," may separate thousands or decimals; expected 1250 or 1.250'),
    ("cost_cad", "1 250 €", "expected an amount in Canadian dollars"),
    ("officer_days", "$5", "expected a number, 0 or more, such as 1250.50"),
    ("start", "July 4, 22", "expected a year of four digits"),
    ("cost_cad", 10**13, "expected at most 1,000,000,000,000"),
    ("title", "x" * 10_001, "expected at most 10,000 characters"),
    ("title", ["one", "two"], "expected one value"),
    ("level", {"rank": "DG"}, "expected one value"),
    ("countries", [["JPN"]], "expected one value"),
    ("topics", ["asylum", 7], "expected a value of the vocabulary"),
    ("topics", "asylum," * 1001, "expected at most 1000 values"),
    ("countries", ["JPN"] * 1001, "expected at most 1000 values"),
]


@pytest.mark.parametrize(("field", "value", "expected"), BAD)
def test_a_bad_value_is_named_with_its_field_and_what_was_expected(
    field: str, value: Any, expected: str
) -> None:
    ((found, shown, said),) = errors(LEAST | {field: value})
    assert found == field
    assert said.startswith(expected)
    assert shown
    assert len(shown) <= 80


def test_a_value_is_shown_in_one_line_without_control_characters() -> None:
    ((_, shown, _),) = errors(LEAST | {"participants": "ten\n\x1b[31mred\u2028"})
    assert shown == "ten [31mred"


def test_every_bad_value_of_a_row_is_named() -> None:
    found = errors(
        {"received": "soon", "engagement_type": "zzz", "participants": "ten", "countries": "Japan"}
    )
    assert [field for field, _, _ in found] == ["received", "engagement_type", "participants"]


@pytest.mark.parametrize("field", ["received", "engagement_type"])
def test_a_required_value_is_asked_for(field: str) -> None:
    assert errors(LEAST | {field: " "}) == [(field, "", "a value is required")]


def test_the_last_day_cannot_come_before_the_first() -> None:
    found = errors(LEAST | {"start": "2022-09-02", "end": "2022-09-01"})
    assert found == [("end", "2022-09-01", "expected a date on or after the start, 2022-09-02")]
    assert read(start="2022-09-01", end="2022-09-01").end == date(2022, 9, 1)


def test_no_more_people_need_a_visa_than_take_part() -> None:
    found = errors(LEAST | {"participants": "5", "visa_required_participants": "6"})
    assert found == [
        ("visa_required_participants", "6", "expected at most the number of participants, 5")
    ]


def test_what_was_expected_is_said_in_french_too() -> None:
    french = RequestReader(POLICY, "fr")
    for field, value, english in BAD:
        ((_, _, said),) = errors(LEAST | {field: value}, french)
        assert said
        assert not said.startswith(english)


# -- what no fact means


def test_columns_that_mean_nothing_are_kept_with_the_request_and_change_no_decision() -> None:
    plain, kept = (
        read(topics="asylum"),
        read(topics="asylum", Desk="x", Colour="", nested={"a": [1]}),
    )
    assert kept.extra == {"Desk": "x", "nested": {"a": [1]}}
    assert (plain.id, plain.extra) == (kept.id, {})
    assert decider().decide(plain).to_json() == decider().decide(kept).to_json()


def test_two_columns_of_one_name_that_mean_nothing_are_both_kept() -> None:
    request = READER.request([*LEAST.items(), ("Desk", "x"), ("Desk", "y")])
    assert request.extra == {"Desk": "x", "Desk (2)": "y"}


def test_the_column_with_the_reason_of_a_rejection_is_passed_over() -> None:
    for header in ("reason for rejection", "Motif du rejet"):
        assert READER.request({**LEAST, header: "row 3: soon"}).extra == {}


# -- two headers with one meaning


def test_two_columns_of_a_set_add_up() -> None:
    assert read(topics="asylum", Subjects="biometrics").topics == frozenset(
        ["asylum_systems", "biometrics"]
    )


def test_two_columns_of_free_text_are_kept_one_after_the_other() -> None:
    assert read(Description="First.", Comments="Second.").facts.get("summary") == "First.\nSecond."


def test_two_columns_that_say_the_same_are_one() -> None:
    assert read(type="Réunion").engagement_type == "meeting"


def test_two_columns_that_differ_are_not_chosen_between() -> None:
    ((field, value, expected),) = errors(LEAST | {"type": "event"})
    assert (field, value) == ("engagement_type", "event")
    assert expected == 'expected the same value as in the column "meeting", which means the same'


# -- ids


def test_a_request_without_an_id_gets_the_same_one_for_the_same_content() -> None:
    english, french = {"topics": "asylum; biometrics"}, {"Thèmes": "Biométrie; Asile"}
    assert read(**english).id == read(**french).id
    assert read(**english).id.startswith("R-")
    assert read(topics="asylum").id != read(**english).id


def test_what_was_not_understood_is_part_of_the_content() -> None:
    assert read(countries="Congo").id != read(countries="Korea").id


# -- what people decided


@pytest.mark.parametrize(
    "given",
    [
        {"determination": {"outcome": "Accept", "date": "2022-08-01", "reason": "A key Country"}},
        {
            "Résultat de la détermination": "Acceptée",
            "Date de la détermination": "2022-08-01",
            "Motif de la détermination": "A key Country",
        },
        {
            "determination": "accept",
            "determination date": "2022-08-01",
            "determination reason": "A key Country",
        },
        {
            "determination outcome": "ACCEPT",
            "date de la détermination": "2022-08-01",
            "motif de la détermination": "A key Country",
        },
    ],
)
def test_a_determination_is_kept_beside_the_request(given: dict[str, Any]) -> None:
    found = READER.request(LEAST | given).determination
    assert found is not None
    assert (found.outcome, found.date, found.reason) == (
        "accept",
        date(2022, 8, 1),
        "A key Country",
    )


@pytest.mark.parametrize(
    "header", ["language", "Language of the request", "LANGUE", "Langue de la demande"]
)
@pytest.mark.parametrize(
    ("words", "language"), [("EN", "en"), ("anglais", "en"), ("French", "fr"), ("Français", "fr")]
)
def test_the_language_of_a_request_is_kept_beside_it(
    header: str, words: str, language: str
) -> None:
    assert read(**{header: words}).language == language


def test_another_language_is_kept_as_it_came_and_rejects_nothing() -> None:
    found = read(language="Spanish")
    assert found.language is None
    assert found.extra == {"language": "Spanish"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"determination": "perhaps"}, "determination.outcome"),
        ({"determination": {"outcome": "accept", "date": "1654041600"}}, "determination.date"),
        ({"determination date": "2022-08-01"}, "determination.outcome"),
        ({"determination": {"outcome": "accept", "by": "someone"}}, "determination.by"),
    ],
)
def test_a_determination_that_cannot_be_read_is_named(given: dict[str, Any], field: str) -> None:
    assert [found for found, _, _ in errors(LEAST | given)] == [field]


def test_an_unknown_part_of_a_determination_is_told_in_words_of_our_own() -> None:
    given = LEAST | {"determination": {"outcome": "accept", "by": "someone"}}
    for reader, expected in ((READER, "expected"), (RequestReader(shipped(), "fr"), "attendue")):
        with pytest.raises(RequestError) as error:
            reader.request(given)
        assert (error.value.field, error.value.value) == ("determination.by", "someone")
        assert expected in error.value.expected


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("participants", 1, ("expected at least 2", "valeur attendue : au moins 2")),
        ("participants", 10, ("expected at most 9", "valeur attendue : au plus 9")),
        (
            *("mission", "X"),
            ("expected at least 2 characters", "texte attendu : au moins 2 caractères"),
        ),
        (
            *("mission", "X" * 10),
            ("expected at most 9 characters", "texte attendu : au plus 9 caractères"),
        ),
    ],
)
def test_a_value_beyond_the_declared_range_is_told_with_the_limit(
    name: str, value: Any, said: tuple[str, str]
) -> None:
    narrow = replace(POLICY.facts[name], least=2, most=9)
    policy = replace(POLICY, facts={**POLICY.facts, name: narrow})
    for language, expected in zip(LANGUAGES, said, strict=True):
        with pytest.raises(RequestError) as error:
            RequestReader(policy, language).request(LEAST | {name: value})
        found = error.value
        assert (found.field, found.value) == (name, str(value))
        assert found.expected.replace("\N{NO-BREAK SPACE}", " ") == expected
    inside = 5 if name == "participants" else "X" * 5
    assert RequestReader(policy).request(LEAST | {name: inside}).facts[name] == inside


# -- whatever comes


def test_values_that_are_nested_deeply_are_bad_values() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert {
        field
        for field, _, _ in errors(LEAST | {"title": deep, "topics": deep, "gc_priority": deep})
    } == {*("title", "topics", "gc_priority")}


WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "yes",
            "2022-07-04",
            "Japan",
            "Congo",
            "asylum; biometrics",
            "12",
            "-3",
            "1e9",
            "meeting",
            "none",
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=2)),
    max_leaves=5,
)
KEYS = st.one_of(
    st.sampled_from([*REQUEST_FACTS, "determination", "Pays", "Country code", "Comments"]),
    st.text(max_size=10),
)


@settings(max_examples=200)
@given(st.dictionaries(KEYS, VALUES, max_size=12))
def test_anything_is_either_a_request_or_a_list_of_what_is_wrong(content: dict[str, Any]) -> None:
    request, found = READER.read(content)
    assert (request is None) == bool(found)
    assert all(one.expected and "\n" not in one.message for one in found)


@given(st.text(max_size=40))
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    assert normal(normal(text)) == normal(text)


# -- the profile of a source


def test_a_profile_says_what_the_headers_of_a_source_mean() -> None:
    columns = {"what they want": "summary", "place": "countries", "title": None}
    reader = RequestReader(POLICY, profile=ImportProfile(columns))
    rest = {"received": "2022-07-04", "type": "meeting"}
    found = reader.request({**rest, "What they want": "a talk", "PLACE": "Japan", "Title": "x"})
    assert (found.facts["summary"], found.countries) == ("a talk", frozenset(["JPN"]))
    assert (found.title, found.extra) == (None, {"Title": "x"})


def test_a_profile_gives_what_no_row_of_a_source_says() -> None:
    profile = ImportProfile(given={"engagement_type": "Réunion", "mission": "Tokyo"})
    reader = RequestReader(POLICY, profile=profile)
    found = reader.request({"received": "2022-07-04", "countries": "Japan", "mission": "Osaka"})
    assert (found.engagement_type, found.mission) == ("meeting", "Osaka")
    assert found.given_by_profile == ("engagement_type",)
    assert read().given_by_profile == ()
