"""What is kept beside a request and read by no rule: what people decided on it, and the language in
which it came.

The headers of their columns and the words in these, normalised; a mission writes them in either
language.
"""

from collections.abc import Mapping

from triage.formats.values import normal
from triage.messages import LANGUAGES, Language, say

DETERMINATION = {
    "determination": "outcome",
    "determination outcome": "outcome",
    "resultat de la determination": "outcome",
    "determination date": "date",
    "date de la determination": "date",
    "determination reason": "reason",
    "motif de la determination": "reason",
}
"""The part of a determination that a header means."""

LANGUAGE = "language"
"""What the columns mean in which the language of the request stands."""

LANGUAGE_HEADERS = ("language", "language of the request", "langue", "langue de la demande")
SPOKEN: Mapping[str, Language] = {
    **{"en": "en", "eng": "en", "english": "en", "anglais": "en"},
    **{"fr": "fr", "fra": "fr", "french": "fr", "francais": "fr"},
}
OUTCOMES = ("accept", "defer", "decline")
PAST = {
    **{"accepted": "accept", "acceptee": "accept", "accepte": "accept"},
    **{"deferred": "defer", "reportee": "defer", "reporte": "defer"},
    **{"declined": "decline", "refusee": "decline", "refuse": "decline"},
}


def outcome(text: str) -> str | None:
    """The outcome that a word means, as a proposal or as a decision made."""
    known = {
        normal(say(f"recommendation.{one}", said)): one for one in OUTCOMES for said in LANGUAGES
    }
    return (PAST | known | {one: one for one in OUTCOMES}).get(normal(text))
