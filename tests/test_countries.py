"""A name gives a country only when it is certain, never the country of a similar name."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import assume, given
from hypothesis import strategies as st

from triage.formats.yaml import read_document
from triage.model import countries
from triage.model.countries import CODES, Resolution, from_code, name, resolve

DATA = read_document(Path(countries.__file__).with_name("countries.yaml"))
AMBIGUOUS_SHORT_NAMES = {"FSM", "GEO", "GIN", "IRL", "MAF", "WSM"}

# 149 of the 150 names on which country libraries were compared; the last one is the empty text.
NAMES = """
Korea = ambiguous KOR PRK
South Korea = KOR
Republic of Korea = KOR
Korea, South = KOR
ROK = KOR
North Korea = PRK
Korea (Democratic People's Republic of) = PRK
Hong Kong = HKG
Hong Kong SAR = HKG
Hong Kong SAR, China = HKG
Hong Kong Special Administrative Region = HKG
Macau = MAC
Côte d’Ivoire = CIV
Cote d'Ivoire = CIV
Ivory Coast = CIV
Viet Nam = VNM
Vietnam = VNM
Türkiye = TUR
Turkey = TUR
Turkiye = TUR
UK = GBR
United Kingdom = GBR
Great Britain = GBR
England = GBR
St. Lucia = LCA
Saint Lucia = LCA
St Kitts & Nevis = KNA
Saint-Kitts-et-Nevis = KNA
Antigua & Barbuda = ATG
République dominicaine = DOM
Dominican Republic = DOM
Dominica = DMA
Dominique = DMA
Corée du Sud = KOR
Corée = ambiguous KOR PRK
République de Corée = KOR
Corée du Nord = PRK
Bolivia (Plurinational State of) = BOL
Bolivia = BOL
Bolivie = BOL
Taiwan = TWN
Chinese Taipei = TWN
Taipei = ambiguous TWN
Palestine = PSE
West Bank and Gaza = PSE
State of Palestine = PSE
Kosovo = XKX
Congo = ambiguous COD COG
DRC = COD
Democratic Republic of the Congo = COD
Congo-Brazzaville = COG
China = CHN
PRC = CHN
People's Republic of China = CHN
Chine = CHN
Inde = IND
Japon = JPN
Philippines = PHL
Les Philippines = PHL
The Philippines = PHL
Afghanistan = AFG
Myanmar = MMR
Burma = MMR
Birmanie = MMR
Pakistan = PAK
Islamic Republic of Pakistan = PAK
Bangladesh = BGD
Mexico = MEX
México = MEX
Mexique = MEX
Brésil = BRA
Brasil = BRA
Costa Rica = CRI
Panamá = PAN
Guatemala = GTM
Colombie = COL
Haïti = HTI
Haiti = HTI
Venezuela = VEN
Venezuela (Bolivarian Republic of) = VEN
Salvador = SLV
El Salvador = SLV
Honduras = HND
Belize = BLZ
Bélize = BLZ
Ecuador = ECU
Équateur = ECU
Chile = CHL
Chili = CHL
Argentine = ARG
USA = USA
U.S. = USA
US = USA
United States of America = USA
États-Unis = USA
Bahamas = BHS
The Bahamas = BHS
Trinidad & Tobago = TTO
Trinité-et-Tobago = TTO
Guyana = GUY
Suriname = SUR
Montserrat = MSR
Puerto Rico = PRI
Curaçao = CUW
Greenland = GRL
Falkland Islands = FLK
French Guiana = GUF
Guyane = ambiguous GUF GUY
Bermuda = BMU
Laos = LAO
Lao PDR = LAO
Timor Leste = TLS
East Timor = TLS
Brunei = BRN
Iran = IRN
Syria = SYR
Russia = RUS
Czech Republic = CZE
Swaziland = SWZ
Cape Verde = CPV
Macedonia = ambiguous GRC MKD
Micronesia = ambiguous FSM
Kyrgyzstan = KGZ
Kirghizistan = KGZ
Kazakhstan = KAZ
Georgia = ambiguous GEO
Guinea = ambiguous GIN GNB GNQ PNG
Niger = NER
Nigeria = NGA
Jersey = JEY
EU = organization EU
European Union = organization EU
UNHCR = organization UNHCR
IOM = organization IOM
ASEAN = organization ASEAN
CARICOM = organization CARICOM
Northern Central America = unknown
Central America = unknown
Multiple = unknown
Global = unknown
Various countries = unknown
Japan and South Korea = JPN KOR
India/Pakistan = IND PAK
Delhi = unknown
Hong Kong, China = HKG
Mexco = unknown MEX
Phillipines = unknown PHL
Columbia = ambiguous COL
Indea = unknown IND
"""

# What at least one library answered, and must never be answered.
WRONG = [
    ("République dominicaine", "DMA"),
    ("Liban", "LBY"),
    ("Corée du Nord", "KOR"),
    ("Korea", "PRK"),
    ("Republic of Korea", "PRK"),
    ("Korea", "KOR"),
    ("ROK", "CZE"),
    ("Kosovo", "SRB"),
    ("Équateur", "COD"),
    ("Inde", "PNG"),
    ("Niger", "NGA"),
    ("Hong Kong SAR", "CHN"),
    ("Hong Kong, China", "CHN"),
    ("Taiwan", "CHN"),
    ("Guyane", "FRA"),
    ("Guyane", "GUY"),
    ("Curaçao", "NLD"),
    ("U.S.", "VIR"),
    ("EU", "REU"),
    ("IOM", "IMN"),
    ("IOM", "GNB"),
    ("Northern Central America", "MNP"),
    ("Central America", "CAF"),
    ("Columbia", "COL"),
    ("Columbia", "CAN"),
    ("Congo", "COG"),
    ("Georgia", "GEO"),
    ("Guinea", "GIN"),
    ("Micronesia", "FSM"),
    ("Macedonia", "MKD"),
    ("Delhi", "IND"),
    ("", "GBR"),
]


def expected_of(text: str) -> Resolution:
    words = text.split()
    if words[0] == "organization":
        return Resolution("organization", organization=words[1])
    if words[0] == "ambiguous":
        return Resolution("ambiguous", candidates=tuple(words[1:]))
    if words[0] == "unknown":
        return Resolution("unknown", candidates=tuple(words[1:]))
    return Resolution("resolved", tuple(words))


def outcome_of(text: str, *, codes: bool = False) -> Resolution:
    """What the text resolves to, without the part: most tests do not ask where it stopped."""
    found = resolve(text, codes=codes)
    return Resolution(found.status, found.countries, found.candidates, found.organization)


ROWS = [row.split(" = ") for row in NAMES.strip().splitlines()]
OTHER_NAMES = [(code, one) for code, others in DATA["names"].items() for one in others]
DISPLAYED = [(code, name(code, language)) for language in ("en", "fr") for code in sorted(CODES)]
CLDR = [
    (code, str(one))
    for locale in ("en", "en_CA", "fr", "fr_CA")
    for alpha_2, one in Locale.parse(locale).territories.items()
    if (code := from_code(str(alpha_2)))
]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_each_compared_name_has_its_outcome(text: str, expected: str) -> None:
    assert expected_of(expected) == outcome_of(text)


@pytest.mark.parametrize(("text", "wrong"), WRONG)
def test_no_wrong_answer_of_a_library_is_given(text: str, wrong: str) -> None:
    assert wrong not in resolve(text).countries


def test_all_149_names_are_there() -> None:
    assert len({text for text, _ in ROWS}) == 149


@pytest.mark.parametrize("text", ["", " ", "\n", ",", "100%", "\ufeff"])
def test_no_text_names_no_country(text: str) -> None:
    assert Resolution("unknown") == outcome_of(text)


def test_liban_is_lebanon() -> None:
    assert resolve("Liban").countries == ("LBN",)


def test_republique_dominicaine_is_not_dominica() -> None:
    assert resolve("République dominicaine").countries == ("DOM",)
    assert resolve("REPUBLIQUE DOMINICAINE").countries == ("DOM",)
    assert resolve("la Dominique").countries == ("DMA",)
    assert resolve("Dominicaine").candidates == ("DMA", "DOM")


def test_coree_du_nord_is_not_south_korea() -> None:
    assert resolve("Corée du Nord").countries == ("PRK",)
    assert resolve("Corée du Sud").countries == ("KOR",)
    assert resolve("la Corée").candidates == ("KOR", "PRK")


def test_iom_is_an_organization_and_not_the_isle_of_man() -> None:
    assert Resolution("organization", organization="IOM", part="IOM") == resolve("IOM")
    assert resolve("OIM").organization == "IOM"
    assert resolve("Isle of Man").countries == ("IMN",)


def test_congo_alone_is_asked_about() -> None:
    assert Resolution("ambiguous", candidates=("COD", "COG"), part="Congo") == resolve("Congo")
    assert resolve("Congo, Democratic Republic").countries == ("COD",)
    assert resolve("Congo (la République démocratique du)").countries == ("COD",)
    assert resolve("Republic of the Congo").countries == ("COG",)


def test_guyane_alone_is_asked_about() -> None:
    assert resolve("Guyane").candidates == ("GUF", "GUY")
    assert resolve("la Guyane française").countries == ("GUF",)
    assert resolve("Guyana").countries == ("GUY",)


@pytest.mark.parametrize("text", ["IN", "MA", "CB", "NL", "PE", "SK", "in", "GB", "XK", "RU"])
def test_two_letters_in_free_text_are_unknown(text: str) -> None:
    assert Resolution("unknown") == outcome_of(text)


def test_two_letters_are_a_country_where_codes_are_expected() -> None:
    assert resolve("IN", codes=True).countries == ("IND",)
    assert resolve("ma; nl; XK", codes=True).countries == ("MAR", "NLD", "XKX")
    assert resolve("India, fra", codes=True).countries == ("IND", "FRA")
    assert resolve("CB", codes=True).status == "unknown"
    assert resolve("EU", codes=True).status == "organization"


def test_an_alpha_3_code_counts_in_upper_case() -> None:
    assert resolve("IND, PAK/XKX").countries == ("IND", "PAK", "XKX")
    assert resolve("ind").status == "unknown"
    assert resolve("ZZZ").status == "unknown"


def test_the_code_of_andorra_is_not_taken_for_a_conjunction() -> None:
    assert resolve("AND").countries == ("AND",)
    assert resolve("ESP, AND").countries == ("ESP", "AND")
    assert resolve("ESP, AND, FRA").countries == ("ESP", "AND", "FRA")
    assert resolve("ESP; AND ; FRA").countries == ("ESP", "AND", "FRA")
    assert resolve("ESP AND FRA").countries == ("ESP", "FRA")


def test_abbreviations_of_the_united_states_are_not_the_european_union() -> None:
    for text in ("U.S.", "U.S.A.", "É.-U.", "É.\N{NON-BREAKING HYPHEN}U.", "E\u0301.-U.", "ÉU"):
        assert resolve(text).countries == ("USA",)
    assert resolve("E.U.").organization == "EU"


def test_china_hong_kong_macao_and_taiwan_are_four_places() -> None:
    text = "China, Hong Kong, Macao, Taiwan"
    assert resolve(text).countries == ("CHN", "HKG", "MAC", "TWN")
    assert resolve("Hong Kong, China").countries == ("HKG",)
    assert resolve("Hong Kong; China").countries == ("HKG", "CHN")
    assert resolve("Hong Kong et Chine").countries == ("HKG", "CHN")
    assert resolve("Chinese Taipei").countries == ("TWN",)
    assert resolve("Republic of China").candidates == ("CHN", "TWN")
    assert resolve("China, Hong Kong").candidates == ("CHN", "HKG")


def test_a_list_that_can_be_read_in_two_ways_is_asked_about() -> None:
    expected = Resolution("ambiguous", candidates=("CHN", "HKG"), part="Hong Kong, China")
    assert expected == resolve("Japan, Hong Kong, China")
    assert resolve("Japan; Hong Kong, China").countries == ("JPN", "HKG")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Antigua and Barbuda", "ATG"),
        ("Mexico, Guatemala, and Belize", "MEX GTM BLZ"),
        ("Brésil; Chili; et Pérou", "BRA CHL PER"),
        ("Panamá y Costa Rica", "PAN CRI"),
        ("Inde & Pakistan", "IND PAK"),
        ("Saint Kitts and Nevis, Antigua and Barbuda and Trinidad & Tobago", "KNA ATG TTO"),
        ("Saint Helena, Ascension and Tristan da Cunha, Chile", "SHN CHL"),
        ("Sudan, South, Kenya", "SSD KEN"),
        ("États-Unis, Mexique", "USA MEX"),
        ("Niger/Nigeria", "NER NGA"),
        ("Myanmar/Burma", "MMR"),
        ("Mexico, Mexique", "MEX"),
        ("Jamaica: 100%", "JAM"),
        ("Congo, Democratic Republic: 100%", "COD"),
        ("Argentina: 30%,Chile: 30%,Paraguay: 40%", "ARG CHL PRY"),
        ("Uganda: 11.12%,Congo, Democratic Republic: 11.11%,Egypt: 77.77%", "UGA COD EGY"),
        ("Argentine : 33,3 %, Chili : 66,7 %", "ARG CHL"),
        ("60% Haiti, 40% Cuba", "HTI CUB"),
        ("Brazil;\nChile and\nPeru", "BRA CHL PER"),
        ("Democratic Republic\nof the Congo", "COD"),
        ("Antigua and\r\nBarbuda", "ATG"),
    ],
)
def test_one_cell_may_hold_several_countries(text: str, expected: str) -> None:
    assert Resolution("resolved", tuple(expected.split())) == resolve(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Japan, Korea, India", Resolution("ambiguous", (), ("KOR", "PRK"), None, "Korea")),
        ("Mexico and Indea", Resolution("unknown", (), ("IND",), None, "Indea")),
        (
            "Mexico; Trinidad and Tobbago",
            Resolution("unknown", (), ("TTO",), None, "Trinidad and Tobbago"),
        ),
        ("Madrid, Spain", Resolution("unknown", part="Madrid")),
        ("Mexico, UNHCR", Resolution("organization", (), (), "UNHCR", "UNHCR")),
        (
            "Haiti; Africa multiple countries",
            Resolution("unknown", part="Africa multiple countries"),
        ),
        ("Atlanta, Georgia", Resolution("unknown", part="Atlanta")),
        (
            "United States, Virgin Islands",
            Resolution("ambiguous", (), ("VGB", "VIR"), None, "Virgin Islands"),
        ),
        (
            "United States\nVirgin Islands",
            Resolution("ambiguous", (), ("VGB", "VIR"), None, "Virgin Islands"),
        ),
        ("n/a", Resolution("unknown", part="n/a")),
    ],
)
def test_one_uncertain_part_leaves_the_cell_unresolved_and_is_named(
    text: str, expected: Resolution
) -> None:
    assert expected == resolve(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RÉPUBLIQUE DE CORÉE", "KOR"),
        ("l'Équateur", "ECU"),
        ("L’Équateur", "ECU"),
        ("Cote dIvoire", "CIV"),
        ("St.Lucia", "LCA"),
        ("Ste-Lucie", "LCA"),
        ("Guinée Bissau", "GNB"),
        ("Burkina-Faso", "BFA"),
        ("Bahamas, The", "BHS"),
        ("Korea, Rep.", "KOR"),
        ("Korea, Dem. People's Rep.", "PRK"),
        ("Rép. dominicaine", "DOM"),
        ("Virgin Islands, U.S.", "VIR"),
        ("D.R. Congo", "COD"),
        ("S. Korea", "KOR"),
        ("Trinidad y Tobago", "TTO"),
        ("(Inde)", "IND"),
        ("  India. ", "IND"),
    ],
)
def test_spelling_and_typography_do_not_matter(text: str, expected: str) -> None:
    assert (expected,) == resolve(text).countries


@pytest.mark.parametrize("text", DATA["regions"])
def test_regions_are_unknown_and_suggest_no_country(text: str) -> None:
    assert Resolution("unknown", part=text) == resolve(text)


@pytest.mark.parametrize("row", DATA["ambiguous"], ids=lambda row: "-".join(row["candidates"]))
def test_ambiguous_names_give_candidates_in_alphabetical_order(row: dict[str, list[str]]) -> None:
    candidates = tuple(row["candidates"])
    assert tuple(sorted(candidates)) == candidates
    assert set(candidates) <= CODES
    for one in row["names"]:
        assert Resolution("ambiguous", candidates=candidates, part=one) == resolve(one)


def test_every_organization_is_found_and_none_of_its_names_is_a_code() -> None:
    for organization, names in DATA["organizations"].items():
        for one in names:
            expected = Resolution("organization", organization=organization, part=one)
            assert expected == resolve(one)
            assert from_code(one) is None


@pytest.mark.parametrize(("code", "one"), OTHER_NAMES)
def test_every_reviewed_name_gives_its_country(code: str, one: str) -> None:
    assert (code,) == resolve(one).countries
    assert from_code(one) in {code, None}


def test_every_abbreviation_gives_its_country() -> None:
    for text, code in DATA["abbreviations"].items():
        assert (code,) == resolve(text).countries
        assert (code,) == resolve(text.upper()).countries


def test_every_cldr_name_gives_its_country_or_is_asked_about() -> None:
    wrong = [(code, one) for code, one in CLDR if resolve(one).countries != (code,)]
    assert {code for code, _ in wrong} == AMBIGUOUS_SHORT_NAMES
    for code, one in wrong:
        assert resolve(one).status == "ambiguous"
        assert code in resolve(one).candidates


def test_every_displayed_name_gives_its_country_or_is_asked_about() -> None:
    for code, one in DISPLAYED:
        found = resolve(one)
        assert (code,) == found.countries or code in found.candidates
        assert found.status == "resolved" or code in AMBIGUOUS_SHORT_NAMES


def test_codes_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(CODES) == 250
    assert len({code for code, _ in CLDR}) == 250
    assert {"XKX", "TWN", "HKG", "MAC", "PSE", "GRL"} <= CODES
    assert not {"ANT", "SUN", "ZAR", "XKK", "EUE", "ZZZ"} & CODES


@pytest.mark.parametrize(
    ("text", "expected"),
    [("IN", "IND"), ("ind", "IND"), (" xk ", "XKX"), ("NO", "NOR"), ("GB", "GBR")],
)
def test_a_code_of_two_or_three_letters_is_read(text: str, expected: str) -> None:
    assert expected == from_code(text)


@pytest.mark.parametrize("text", ["", "UK", "EU", "UN", "CB", "ZZ", "XKK", "India", "356", "ß"])
def test_what_is_not_a_code_is_not_read(text: str) -> None:
    assert from_code(text) is None


@pytest.mark.parametrize(
    ("code", "english", "french"),
    [
        ("HKG", "Hong Kong", "Hong Kong"),
        ("MAC", "Macao", "Macao"),
        ("TWN", "Taiwan", "Taïwan"),
        ("CHN", "China", "Chine"),
        ("TUR", "Türkiye", "Türkiye"),
        ("VEN", "Venezuela", "Venezuela"),
        ("MMR", "Myanmar", "Myanmar"),
        ("CIV", "Côte d'Ivoire", "Côte d'Ivoire"),
        ("KOR", "South Korea", "Corée du Sud"),
        ("PRK", "North Korea", "Corée du Nord"),
        ("KGZ", "Kyrgyzstan", "Kirghizistan"),
        ("KNA", "Saint Kitts and Nevis", "Saint-Kitts-et-Nevis"),
        ("VNM", "Vietnam", "Vietnam"),
        ("COK", "Cook Islands", "Îles Cook"),
        ("XKX", "Kosovo", "Kosovo"),
    ],
)
def test_names_are_shown_as_the_government_of_canada_writes_them(
    code: str, english: str, french: str
) -> None:
    assert (english, french) == (name(code, "en"), name(code, "fr"))


def test_every_country_has_a_name_of_its_own_in_both_languages() -> None:
    for language in ("en", "fr"):
        names = [name(code, language) for code in CODES]
        assert len(CODES) == len(set(names))
        assert all(one[0].isupper() and "’" not in one for one in names)


def test_only_countries_have_names() -> None:
    with pytest.raises(KeyError):
        name("ZZZ", "en")


def test_reviewed_data_is_text_about_known_countries() -> None:
    assert set(DATA["names"]) <= CODES
    assert set(DATA["display"]) <= CODES
    assert set(DATA["abbreviations"].values()) <= CODES
    texts = [one for _, one in OTHER_NAMES] + DATA["regions"]
    assert all(isinstance(one, str) for one in texts)
    assert len(texts) == len(set(texts))


def test_importing_reads_neither_data_nor_libraries() -> None:
    program = (
        "import sys, triage.model.countries as c; c.resolve('IND'); c.from_code('ind');"
        "sys.exit(bool({'babel', 'yaml'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


NAME = st.sampled_from(DISPLAYED)
CERTAIN_NAME = NAME.filter(lambda row: row[0] not in AMBIGUOUS_SHORT_NAMES)
SEPARATOR = st.sampled_from(["; ", ";", "\n", " / ", " and ", " et ", "; and ", ": 20%,"])
FRAGMENT = st.one_of(
    NAME.map(lambda row: row[1]),
    st.sampled_from(sorted(CODES)),
    st.sampled_from(["Congo", "UNHCR", "IN", "100%", "Asia", "the ", ": 50%", "(", ")", " "]),
    st.sampled_from([",", ", ", ";", "/", "\n", " and ", " et ", " & "]),
)


@given(st.text() | st.lists(FRAGMENT, max_size=8).map("".join), st.booleans())
def test_any_text_gives_known_codes_or_none(text: str, codes: bool) -> None:
    found = resolve(text, codes=codes)
    assert set(found.countries) | set(found.candidates) <= CODES
    assert (found.status == "resolved") is bool(found.countries)
    assert (found.status == "organization") is (found.organization is not None)
    assert found.part is None or found.status != "resolved"
    assert not (found.countries and found.candidates)


@given(st.lists(CERTAIN_NAME, min_size=1, max_size=6), SEPARATOR)
def test_a_list_of_names_gives_each_country_once_in_order(
    rows: list[tuple[str, str]], separator: str
) -> None:
    expected = tuple(dict.fromkeys(code for code, _ in rows))
    assert expected == resolve(separator.join(one for _, one in rows)).countries


@given(CERTAIN_NAME, CERTAIN_NAME)
def test_two_names_with_a_comma_are_two_countries_or_asked_about(
    row: tuple[str, str], other: tuple[str, str]
) -> None:
    expected = tuple(dict.fromkeys((row[0], other[0])))
    # "Hong Kong, China" is one place to many organizations.
    assume(not (row[0] in {"HKG", "MAC", "TWN"} and other[0] == "CHN"))
    assert resolve(f"{row[1]}, {other[1]}").countries in {expected, ()}


@given(NAME)
def test_capitals_do_not_matter(row: tuple[str, str]) -> None:
    assert outcome_of(row[1]) == outcome_of(row[1].upper())
