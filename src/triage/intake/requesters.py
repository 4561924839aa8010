"""The name of a requester -> its words, so that one body written in two ways has the same words.

English, French and Spanish words of one meaning become one word; small words, legal forms and
acronyms in brackets are left out; names of countries become codes. What is no word of this table
stays as it is written: a translation of it is another name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from triage.formats.values import normal
from triage.model import countries

LEAST_LETTERS = 6
"""A shorter word has no room for a slip: "Lagos" and "Lagoa" are two words. A choice of ours."""

LETTERS_A_SLIP = 7
"""A word of twice as many letters may have two slips, and so on; any word that is long enough one.

"Immigration" and "emigration" are two slips apart, and two words.
"""

EDGE = 3
"""Two words that are to be one have as many letters in common at the beginning, or at the end."""

_SMALL = frozenset(
    """
    a an and at au aux d da de del des do dos du e el en et for fur in l la las le les los of on
    par pour sur the to und with y avec
    """.split()  # noqa: SIM905
)
_LEGAL = frozenset(
    """
    ag bv cie co company corp corporation gmbh inc incorporated limited llc llp ltd ltee nv plc
    pty sa sarl sas spa srl
    """.split()  # noqa: SIM905
)
_SAME = """
affair: affaire aff asunto
agency: agence agencia
agriculture: agricultura
association: asociacion assoc
asylum: asile asilo
authority: autorite autoridad
border: frontiere frontalier frontaliere frontera
chamber: chambre camara
child: children enfant
citizenship: citoyennete ciudadania
city: ville
commission: commissariat commissioner comision
committee: comite
consulate: consulat consulado
council: conseil consejo
culture: cultura
customs: douane
defence: defense defensa
department: departement departamento dept dep
development: developpement desarrollo
directorate: direction direccion dir
economic: economique
economy: economie economia
embassy: ambassade embajada emb
employment: emploi empleo
energy: energie energia
environment: environnement
family: famille familia
federal: federale
finance: hacienda
foreign: external etrangere exterieure exterior
general: generale gen
government: gouvernement gobierno gov govt
health: sante salud
high: haut
human: humain
industry: industrie industria
institute: institut instituto inst
interior: interieur
international: internationale internacional intl
justice: justicia
labour: labor travail trabajo
ministry: ministere ministerio min
national: nationale nacional
office: bureau oficina
organization: organisation organizacion org
parliament: parlement
permanent: permanente
planning: planification
police: policia
public: publique
refugee: refugie refugiado
regional: regionale
right: droit derecho
secretariat: secretaria
security: safety securite seguridad
senate: senat
service: servicio
social: sociale
state: etat estado
statistic: statistique
tourism: tourisme turismo
trade: commerce comercio
united: uni unie
university: universite universidad univ
woman: women femme mujer
youth: jeunesse juventud
"""
_ACRONYM = re.compile(r"\(([A-Z][A-Z.&-]{1,9})\)")
_LONGEST_NAME = 300
_MOST_WORDS_OF_COUNTRY = 6


@dataclass(frozen=True, slots=True)
class RequesterName:
    """The words of a name, in no order, and the codes of the countries in it."""

    words: frozenset[str]
    countries: frozenset[str]


@lru_cache(maxsize=4096)
def requester_name(text: str) -> RequesterName:
    """The name without its order, its language and its way of writing, as far as words allow."""
    text = text[:_LONGEST_NAME]
    codes = {code for code in _ACRONYM.findall(text) if code in countries.CODES}
    words = [word for word in plain_words(_ACRONYM.sub(" ", text)) if word not in _LEGAL]
    rest: list[str] = []
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + _MOST_WORDS_OF_COUNTRY), start, -1):
            if (code := _countries().get(tuple(words[start:end]))) is not None:
                codes.add(code)
                start = end
                break
        else:
            rest.append(words[start])
            start += 1
    same = _same()
    found = frozenset(same.get(word, word) for word in rest)
    if not found and not codes:
        found = frozenset((text.casefold().strip(),))
    return RequesterName(found, frozenset(codes))


def plain_words(text: str) -> list[str]:
    """The words of a text without case, accents, small words and the "s" of a plural."""
    return [_singular(word) for word in normal(text).split() if word not in _SMALL]


def similar_words(first: str, second: str) -> bool:
    """Whether two words are probably one with a slip; a number is never another number."""
    if min(len(first), len(second)) < LEAST_LETTERS or not (first + second).isalpha():
        return False
    if first[:EDGE] != second[:EDGE] and first[-EDGE:] != second[-EDGE:]:
        return False
    # Few inboxes need it, and it takes long to import.
    from rapidfuzz.distance import OSA

    slips = max(1, max(len(first), len(second)) // LETTERS_A_SLIP)
    return OSA.distance(first, second, score_cutoff=slips) <= slips


def same_requester(first: RequesterName, second: RequesterName) -> bool:
    """Whether two names are of one body: the same words but for a slip in one of them."""
    if first.countries and second.countries and first.countries != second.countries:
        return False
    left, right = first.words - second.words, second.words - first.words
    if not left and not right:
        return True
    return len(left) == len(right) == 1 and similar_words(*left, *right)


def words_but_one(words: frozenset[str]) -> Iterator[tuple[frozenset[str], str]]:
    """What two names have in common when `same_requester` finds a slip in a word of theirs.

    All words but that one, and the beginning or the end of it.
    """
    for word in words:
        if len(word) >= LEAST_LETTERS and word.isalpha():
            rest = words - {word}
            yield rest, word[:EDGE]
            yield rest, "-" + word[-EDGE:]


def _singular(word: str) -> str:
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


@cache
def _same() -> dict[str, str]:
    """Each word of the table, in the singular, with the one that stands for it."""
    found: dict[str, str] = {}
    for row in _SAME.strip().splitlines():
        word, others = row.split(":")
        found |= dict.fromkeys(map(_singular, [word, *others.split()]), word)
    return found


@cache
def _countries() -> dict[tuple[str, ...], str]:
    """The certain names of countries, as words, with their codes."""
    return {
        tuple(plain_words(spelling)): codes[0]
        for spelling, codes in countries.spellings().items()
        if len(codes) == 1 and countries.is_certain(spelling)
    }
