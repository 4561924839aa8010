"""A name, a code or an alias in English or French becomes a country, or candidates; never a guess.

Names come from the Unicode CLDR (babel) and from `countries.yaml`, which is reviewed by hand. A
name counts when it is the same after normalising; a similar one is only a candidate.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

CODES: frozenset[str] = frozenset(
    # A list literal would take 250 lines.
    """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR
    BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG
    COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH
    FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY
    HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM
    KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL
    MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR
    NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU
    SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA
    TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB
    VIR VNM VUT WLF WSM XKX YEM ZAF ZMB ZWE
    """.split()  # noqa: SIM905
)
"""Every alpha-3 code that is accepted: ISO 3166-1, and XKX for Kosovo, which ISO does not list."""

_Value = TypeVar("_Value")
Status = Literal["resolved", "ambiguous", "unknown", "organization"]

_LOCALES = {"en": "en_CA", "fr": "fr_CA"}
_SMALL_WORDS = frozenset({"the", "of", "la", "le", "les", "de", "du", "des"})
_SAME_WORDS = {"et": "and", "y": "and", "st": "saint", "ste": "sainte"}
_SAME_WORDS |= {"rep": "republic", "republique": "republic"}
_SAME_WORDS |= {"dem": "democratic", "democratique": "democratic"}
_PLAIN_PUNCTUATION = str.maketrans("’‘ʼ‐‑–", "'''---")
_BRACKETS_AS_COMMAS = str.maketrans("()[]", ",,,,")
_WORD_OR_COMMA = re.compile(r"[^\W_]+|,")
_ELISION = re.compile(r"\b[dl]['’‘ʼ`´]")
# Bounded repetition: a hostile cell must not cost more than its length.
_PERCENTAGE = re.compile(r"[:(]?[ \xa0]?(?<!\d)\d{1,3}(?:[.,]\d{1,9})?[ \xa0]{0,2}%\)?")
_STRONG_SEPARATOR = re.compile(r"[;|\r\n]|(?<=..)/")  # not the stroke of "n/a"
# Next to a blank and to no comma: the code in "ESP, AND, FRA" is Andorra's.
_EDGE_CONJUNCTION = re.compile(r"^(?:and|et|y|&) |(?<!,) (?:and|et|y|&)$", re.IGNORECASE)
_WEAK_SEPARATOR = re.compile(r" ?, ?(?:(?:and|et|y|&) (?!,))?| (?:and|et|y) | ?& ?", re.IGNORECASE)
_LONGEST_NAME = 100
_MOST_PIECES = 3  # "Saint Helena, Ascension and Tristan da Cunha"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text names: `countries` when all of it is certain, else the `part` that is not."""

    status: Status
    countries: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    organization: str | None = None
    part: str | None = None


class _Tables(NamedTuple):
    names: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]
    organizations: Mapping[str, str]
    regions: frozenset[str]


def resolve(text: str, *, codes: bool = False) -> Resolution:
    """What a text names; `codes` says that it may hold alpha-2 codes and codes in lower case."""
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN_PUNCTUATION)
    plain = _PERCENTAGE.sub(";", plain)
    lines = [" ".join(line.split()).strip(" ,:") for line in _STRONG_SEPARATOR.split(plain)]
    parts = [part for line in lines if (part := _EDGE_CONJUNCTION.sub("", line))]
    named: dict[str, None] = {}
    for part in parts:
        resolution = _resolve_part(part, codes)
        if resolution.status != "resolved":
            return _wrapped(plain, parts, codes) or resolution
        named |= dict.fromkeys(resolution.countries)
    return Resolution("resolved", tuple(named)) if named else Resolution("unknown")


def from_code(text: str) -> str | None:
    """The alpha-3 code for an alpha-2 or alpha-3 code in any case; None for anything else."""
    # Upper case turns letters outside ASCII into codes: "ß" into South Sudan's.
    code = text.strip().upper() if text.isascii() else ""
    return code if code in CODES else _alpha_2().get(code)


def name(code: str, language: str) -> str:
    """The name of a country in "en" or "fr", as the Government of Canada writes it."""
    return _display_names(language)[code]


def spellings() -> dict[str, tuple[str, ...]]:
    """Every name with the codes that it may mean; regions and organizations have none.

    A name with one code may still be doubtful: `is_certain` tells.
    """
    others = [*_data()["regions"], *_by_name(_data()["organizations"])]
    names: dict[str, tuple[str, ...]] = dict.fromkeys(others, ())
    names |= {spelling: (code,) for spelling, code in _spellings().items()}
    return names | _ambiguous()


def is_certain(spelling: str) -> bool:
    """Whether a spelling names one country and nothing else."""
    exact = _exact(spelling, codes=False)
    return exact is not None and exact.status == "resolved"


def _wrapped(text: str, lines: list[str], codes: bool) -> Resolution | None:
    """One name over several lines of a cell, when no line of it names another country."""
    whole = _exact(" ".join(text.split()), codes) if "\n" in text else None
    named = {code for line in lines if (one := _exact(line, codes)) for code in one.countries}
    return whole if whole and named <= set(whole.countries) else None


def _resolve_part(text: str, codes: bool) -> Resolution:
    """What a line names: the longest names first, each of at most a few pieces."""
    if (exact := _exact(text, codes)) is not None:
        return exact
    pieces = _pieces(text)
    named: dict[str, None] = {}
    start = 0
    while start < len(pieces):
        for end in range(min(len(pieces), start + _MOST_PIECES), start, -1):
            phrase = text[pieces[start][0] : pieces[end - 1][1]]
            exact = _exact(phrase, codes)
            if exact is not None and (exact.status == "resolved" or end == start + 1):
                break
        else:
            return _unknown(text, phrase)
        if exact.status != "resolved":
            return exact
        apart = [_exact(text[first:last], codes) for first, last in pieces[start:end]]
        if all(one is not None and one.status == "resolved" for one in apart):
            codes_apart = {code for one in apart if one for code in one.countries}
            # "Japan, Hong Kong, China" may be two places or three.
            if codes_apart != set(exact.countries):
                return Resolution("ambiguous", candidates=tuple(sorted(codes_apart)), part=phrase)
        named |= dict.fromkeys(exact.countries)
        start = end
    return Resolution("resolved", tuple(named)) if named else Resolution("unknown", part=text)


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where each piece between separators begins and ends."""
    inner = [edge for match in _WEAK_SEPARATOR.finditer(text) for edge in match.span()]
    edges = [0, *inner, len(text)]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [(first, last) for first, last in spans if first < last]


def _exact(text: str, codes: bool) -> Resolution | None:
    bare = text.strip(" ()[].")
    # Requests are written in alpha-3. In free text two letters are as often a province or a word.
    code = from_code(bare) if codes else bare if bare in CODES else None
    code = code or _data()["abbreviations"].get(text.strip(" ()").casefold())
    if code is not None:
        return Resolution("resolved", (code,))
    tables, key = _tables(), _key(text)
    if (organization := tables.organizations.get(key)) is not None:
        return Resolution("organization", organization=organization, part=text)
    if (candidates := tables.ambiguous.get(key)) is not None:
        return Resolution("ambiguous", candidates=candidates, part=text)
    if key in tables.regions:
        return Resolution("unknown", part=text)
    return Resolution("resolved", (tables.names[key],)) if key in tables.names else None


def _unknown(text: str, part: str) -> Resolution:
    resolution = Resolution("unknown", part=part)
    for phrase in dict.fromkeys((text, part)):
        if candidates := _similar(phrase):
            return replace(resolution, candidates=candidates, part=phrase)
    return resolution


def _similar(text: str) -> tuple[str, ...]:
    tables, key = _tables(), _key(text)
    if not 4 <= len(key) <= _LONGEST_NAME:
        return ()
    codes: dict[str, None] = {}
    # What "Republic of Guyana" has in common with "Republic of Ghana" is mostly the republic.
    names = (*tables.names, *tables.ambiguous)
    short_names = [one for one in names if "," not in one and "republic" not in one]
    short_key = key.replace(",", "").replace("republic", "")
    for near in difflib.get_close_matches(short_key, short_names, n=5, cutoff=0.8):
        codes |= dict.fromkeys(tables.ambiguous.get(near) or (tables.names[near],))
    return tuple(codes)


def _key(text: str) -> str:
    """A name without case, accents and small words.

    A comma stays: "United States, Virgin Islands" is a list, without the comma it is a name.
    """
    plain = text.casefold().translate(_BRACKETS_AS_COMMAS)
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain).casefold()
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _WORD_OR_COMMA.findall(_ELISION.sub(" ", plain).replace("&", " and "))
    joined = "".join(_SAME_WORDS.get(word, word) for word in words if word not in _SMALL_WORDS)
    return re.sub(",,+", ",", joined).strip(",") if "," in joined else joined


@cache
def _data() -> Any:
    # Reading takes some 50 ms and the libraries as much again: both wait for the first question.
    from triage.formats.yaml import read_document  # noqa: PLC0415

    return read_document(Path(__file__).with_name("countries.yaml"))


@cache
def _alpha_2() -> Mapping[str, str]:
    from babel.core import get_global  # noqa: PLC0415

    aliases = get_global("territory_aliases")
    return {"XK": "XKX"} | {aliases[code][0]: code for code in CODES - {"XKX"}}


@cache
def _cldr_names(locale: str) -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415

    territories = Locale.parse(locale).territories
    return {code: territories[alpha_2] for alpha_2, code in _alpha_2().items()}


@cache
def _display_names(language: str) -> Mapping[str, str]:
    ours = _data()["display"]
    names = {}
    for code, cldr_name in _cldr_names(_LOCALES[language]).items():
        plain = cldr_name.translate(_PLAIN_PUNCTUATION)
        names[code] = ours.get(code, {}).get(language) or plain[:1].upper() + plain[1:]
    return names


def _spellings() -> dict[str, str]:
    sources = [_display_names(language) for language in _LOCALES]
    sources += [_cldr_names(locale) for locale in (*_LOCALES, *_LOCALES.values())]
    found = {spelling: code for names in sources for code, spelling in names.items()}
    return found | _by_name(_data()["names"])


def _ambiguous() -> dict[str, tuple[str, ...]]:
    rows = _data()["ambiguous"]
    return {spelling: tuple(row["candidates"]) for row in rows for spelling in row["names"]}


@cache
def _tables() -> _Tables:
    return _Tables(
        names=_by_key(_spellings()),
        ambiguous=_by_key(_ambiguous()),
        organizations=_by_key(_by_name(_data()["organizations"])),
        regions=frozenset(map(_key, _data()["regions"])),
    )


def _by_name(names: Mapping[str, list[str]]) -> dict[str, str]:
    return {one: owner for owner, others in names.items() for one in others}


def _by_key(names: Mapping[str, _Value]) -> dict[str, _Value]:
    keys = {_key(one): value for one, value in names.items()}
    return {key.replace(",", ""): value for key, value in keys.items()} | keys
