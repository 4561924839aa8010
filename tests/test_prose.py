"""Traps of prose, each kind by itself: what a word seems to mean and does not."""

import pytest

from support import shipped
from triage.intake.suggestions import Suggester
from triage.model.phrases import Lexicon, is_phrase, parse_phrase
from triage.model.words import Words

SUGGESTER = Suggester(shipped())


def strong(text: str) -> set[str]:
    """The ids that a text suggests strongly, of all facts but the type of engagement."""
    return {
        one.ids[0]
        for one in SUGGESTER.suggest(text)
        if one.strong and one.fact != "engagement_type"
    }


def weak(text: str) -> set[str]:
    """The ids that a text only hints at, of all facts but the type of engagement."""
    return {
        id
        for one in SUGGESTER.suggest(text)
        if not one.strong and one.fact != "engagement_type"
        for id in one.ids
    }


def engagement_type(text: str) -> list[str]:
    """The types of engagement that a text suggests strongly."""
    found = SUGGESTER.suggest(text)
    return [one.ids[0] for one in found if one.fact == "engagement_type" and one.strong]


# -- phrases


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("snow plough", "The snow ploughs are out"),
        ("deux canal régional", "les deux canaux régionaux"),
        ("travailleur temporaire", "TRAVAILLEURS TEMPORAIRES"),
        ("migrante irrégulière", "un migrant irrégulier"),
        ("country policy", "policies of the countries, country policies"),
        ("gestion des lacs", "la gestion de l'eau, la gestion de nos lacs"),
        ("fake/forged licence", "forged licences"),
        ("crew/hired-hand wanted", "hired hands wanted"),
        ("deport*", "those deported"),
        ("return ... claimant", "return of the many failed claimants"),
        ("sponsor* + refugee", "refugees whom groups of friends sponsored"),
        ("GCM", "the GCM review"),
    ],
)
def test_a_phrase_is_found_in_each_form_of_its_words(phrase: str, text: str) -> None:
    lexicon = Lexicon((one, phrase) for one in parse_phrase(phrase))
    assert {match.key for match in lexicon.find(Words.of(text))} == {phrase}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("snow plough", "The snow. Ploughs are out"),
        ("snow plough", "snow\n\nploughs"),
        ("snow plough", "snow: ploughs"),
        ("snow plough", "snowploughs"),
        ("return ... claimant", "return b c e f g claimant"),
        ("return ... claimant", "return. The claimant"),
        ("sponsor* + refugee", "They sponsor a team. Refugees play."),
        ("GCM", "gcm"),
        ("asylum", "asylumish"),
    ],
)
def test_a_phrase_is_not_found_where_its_words_do_not_stand_together(
    phrase: str, text: str
) -> None:
    lexicon = Lexicon((one, phrase) for one in parse_phrase(phrase))
    assert lexicon.find(Words.of(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "... a",
        "word ...",
        "x ... ... y",
        "de*",
        "mo*re",
        "*",
        "+ x",
        "x +",
        "la",
        "x//y",
        "x  y",
    ],
)
def test_what_cannot_be_looked_for_is_no_phrase(text: str) -> None:
    assert not is_phrase(text)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The U.S. Embassy wrote. It waits.", 2),
        ("Dr. Diop and J. Roy met on 5 Sept. 2022", 1),
        ("Version 2.5 of the form", 1),
        ("one\ntwo three", 1),
        ("Title\nSummary", 2),
        ("They left. nothing else", 1),
        ("It was cancelled. nothing else", 2),
        ("Really? Yes! And so on… Then more", 4),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: int) -> None:
    assert len(set(Words.of(text).sentences)) == sentences


# -- false friends


@pytest.mark.parametrize(
    "text",
    [
        "Snow removal on the third floor terrace",
        "Removal of tariffs on lumber",
        "Settlement of a grievance over parking",
        "Insurance settlement for the flood",
        "L'établissement du calendrier des vacances",
        "Renvoi automatique des appels au standard",
        "Traite bancaire à signer",
        "Regularization of the tax account",
        "Régularisation des comptes fournisseurs",
        "Students of medicine may apply for a summer job",
        "Server migration tonight",
        "Migration des serveurs dimanche",
        "Systems integration for the new payroll",
        "Intégration du logiciel de courriel",
        "Root cause of the network outage",
        "Border collie puppies",
        "Nuclear deterrence",
        "Fisheries quota talks",
        "The workplace culture survey",
        "Our business environment is changing",
    ],
)
def test_a_word_that_means_another_thing_suggests_nothing(text: str) -> None:
    assert strong(text) - {"trade_promotion"} == set()


def test_the_same_words_in_their_own_sense_still_do() -> None:
    assert "removals" in strong("Removal of inadmissible foreign nationals")
    assert "settlement_integration" in strong("Settlement services for newcomers")
    assert "removals" in strong("Renvois vers le pays d'origine")
    assert "regularization" in strong("Régularisation des migrants sans statut")
    assert "migration_management" in strong("Migration management in a small ministry")


# -- sentences, negation, titles, names


def test_no_phrase_goes_across_the_end_of_a_sentence() -> None:
    assert strong("The form is marked ASYLUM. Systems are down.") == {"asylum_systems"}
    assert strong("Archives: family. Reunification of two databases.") == set()


@pytest.mark.parametrize(
    "text",
    [
        "We will not discuss refugee resettlement",
        "They don't want to talk about biometrics",
        "A meeting without raising visa policy",
        "Nothing on human trafficking this time",
        "Resettlement is off the table",
        "Biometrics will not be discussed",
        "Nous ne parlerons pas de la réinstallation",
        "Il ne sera question ni de biométrie ni de traite des personnes",
        "Sans aborder la politique des visas",
        "La réinstallation ne sera pas abordée",
        "Tout sauf la biométrie",
    ],
)
def test_what_a_negation_takes_back_is_not_suggested(text: str) -> None:
    assert strong(text) | weak(text) == set()


def test_a_negation_ends_with_its_clause() -> None:
    assert strong("We will not discuss visas, but biometrics") == {"biometrics"}
    assert strong("Ni visas ni asile : seulement la biométrie") == {"biometrics"}
    assert strong("They do not discuss asylum. Biometrics is the item.") == {"biometrics"}


@pytest.mark.parametrize(
    "text",
    [
        'The novel "Human Trafficking" is at the library',
        "The film Asylum tonight",
        "Le roman « La traite des personnes »",
        "« Réinstallation » de Anne Dupont",
    ],
)
def test_the_title_of_a_work_suggests_nothing(text: str) -> None:
    assert strong(text) == set()


def test_other_words_in_quotation_marks_count() -> None:
    assert strong('Panel "Refugee resettlement today"') == {"resettlement"}


@pytest.mark.parametrize(
    "text",
    [
        "Lee, Immigration, Refugees and Citizenship Canada (IRCC)",
        "Roy, Immigration, Réfugiés et Citoyenneté Canada",
        "Sent by IIR on behalf of the Minister of Immigration, Refugees and Citizenship",
        "info@asylum-systems.example, https://resettlement.example/biometrics",
    ],
)
def test_the_departments_own_names_and_addresses_suggest_nothing(text: str) -> None:
    assert strong(text) | weak(text) == set()


def test_the_name_of_an_organization_only_hints() -> None:
    assert strong("Letter of the Ministry of Labour Migration") == set()
    assert weak("Letter of the Ministry of Labour Migration") == {"labour_migration_policy"}
    assert strong("Ministry of Labour: labour migration") == {"labour_migration_policy"}


# -- countries


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("PLEASE LET US KNOW", set()),
        ("please tell us", set()),
        ("Officials from the US and the UK", {"USA", "GBR"}),
        ("the U.S. delegation", {"USA"}),
        ("La Réunion annuelle", set()),
        ("Réunion avec le Pérou", {"PER"}),
        ("L'île de la Réunion", {"REU"}),
        ("Jordan Blake will moderate", set()),
        ("Chad from Facilities", set()),
        ("Embassy of Jordan", {"JOR"}),
        ("Officials from Chad", {"TCD"}),
        ("Jordan, Lebanon and Iraq", {"JOR", "LBN", "IRQ"}),
        ("Israël Côté de la paie", set()),
        ("L'ambassade d'Israël", {"ISR"}),
        ("la France et la Belgique", {"FRA", "BEL"}),
        ("New Mexico", set()),
        ("12 Peru Street", set()),
        ("la rue du Chili", set()),
        ("Salle Fleuve-Niger", set()),
        ("the Gulf of Mexico", set()),
        ("Mexico Holdings Inc", {"MEX"}),
        ("Colombia Inc", set()),
        ("Mr. Kenya Adams", set()),
        ("Maurice Roy", set()),
        ("la République de Maurice", {"MUS"}),
        ("turkey sandwiches", set()),
        ("a visit to Turkey", {"TUR"}),
        ("Nouvelle-Écosse", set()),
        ("Canada-Ireland talks", {"IRL"}),
        ("We crossed the river. Japan asks for more", {"JPN"}),
        ("A note from the embassy. Jordan Blake wrote it", set()),
    ],
)
def test_a_country_counts_where_the_words_mean_it(text: str, countries: set[str]) -> None:
    found = SUGGESTER.suggest(text)
    assert {one.ids[0] for one in found if one.fact == "countries" and one.strong} == countries


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Mexican officials", "MEX"),
        ("une délégation japonaise", "JPN"),
        ("flight to Lima", "PER"),
        ("Coffee with Jordan", "JOR"),
        ("vanille de La Réunion", "REU"),
        ("le Forum à Mexico", "MEX"),
    ],
)
def test_adjectives_cities_and_names_only_hint(text: str, country: str) -> None:
    assert strong(text) == set()
    assert weak(text) == {country}


# -- types and forums


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Request for a meeting", ["meeting"]),
        ("Study tour and a meeting with the DG", ["study_tour"]),
        ("Voyage d'études de juges", ["study_tour"]),
        ("Courtesy call, or a study tour", []),
        ("Delegation of authority", []),
        ("Délégation de signature", []),
        ("vanille de La Réunion", []),
        ("Réunion de travail", ["meeting"]),
    ],
)
def test_a_type_is_suggested_where_the_text_names_one(text: str, types: list[str]) -> None:
    assert engagement_type(text) == types


def test_a_working_group_goes_before_the_forum_that_it_is_of() -> None:
    assert "rcm_border" in strong("RCM: working group on border matters of the RCM")
    assert "rcm" in strong("RCM plenary")
    assert not {"gfmd", "asean"} & strong("GFMD and ASEAN")
