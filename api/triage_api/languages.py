"""Accept-Language -> English or French."""

from functools import lru_cache

from triage.messages import LANGUAGES, Language

MOST_RANGES = 50


@lru_cache(maxsize=256)
def choose(accepted: str, otherwise: Language = "en") -> Language:
    """The language that `Accept-Language` prefers; `otherwise` when it names neither of ours."""
    quality: dict[str, float] = {}
    for range_ in accepted.split(",")[:MOST_RANGES]:
        name, *parameters = (word.strip() for word in range_.split(";"))
        # "fr-CA" asks for French; the best of several ranges of one language counts.
        language = name.lower().split("-")[0]
        if language in (*LANGUAGES, "*"):
            quality[language] = max(quality.get(language, 0.0), _quality(parameters))
    rest = quality.get("*", 0.0)
    # Of two that are asked for alike, the one named first; then the one of the service.
    preferred = [one for one in quality if one in LANGUAGES]
    preferred += [one for one in (otherwise, *LANGUAGES) if one not in preferred]
    best = max(preferred, key=lambda one: quality.get(one, rest))
    return best if quality.get(best, rest) > 0 else otherwise


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                found = float(value)
            except ValueError:
                return 0.0
            return found if 0.0 <= found <= 1.0 else 0.0
    return 1.0
