"""What is kept beside a request and read by no rule: what people decided on it, and the language in
which it came.

The headers and words here are normalised; a mission writes them in either language.
"""

from collections.abc import Mapping
from typing import Any

from triage.formats.values import normal
from triage.intake.cells import CellReader, is_empty, shown
from triage.messages import LANGUAGES, Language, say
from triage.model.policy import RECOMMENDATION_MESSAGES

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
"""The meaning of a column that says in which language the request came."""

LANGUAGE_HEADERS = ("language", "language of the request", "langue", "langue de la demande")
SPOKEN: Mapping[str, Language] = {
    **{"en": "en", "eng": "en", "english": "en", "anglais": "en"},
    **{"fr": "fr", "fra": "fr", "french": "fr", "francais": "fr"},
}
OUTCOMES = tuple(RECOMMENDATION_MESSAGES)
OUTCOME_WORDS: Mapping[str, str] = {
    **{"accepted": "accept", "acceptee": "accept", "accepte": "accept"},
    **{"deferred": "defer", "reportee": "defer", "reporte": "defer"},
    **{"declined": "decline", "refusee": "decline", "refuse": "decline"},
    **{
        normal(say(key, language)): outcome
        for outcome, key in RECOMMENDATION_MESSAGES.items()
        for language in LANGUAGES
    },
    **dict(zip(OUTCOMES, OUTCOMES, strict=True)),
}
"""The outcome that a word means, as a proposal or as a decision made."""


def read_determination(part: str, raw: Any, cells: CellReader) -> dict[str, Any]:
    """What people decided on a historical request: one part of it, or all of it as a mapping."""
    given = raw if isinstance(raw, Mapping) else {part: raw}
    parts: dict[str, Any] = {str(key): value for key, value in given.items() if not is_empty(value)}
    if "outcome" in parts:
        outcome = OUTCOME_WORDS.get(normal(shown(parts["outcome"])))
        if outcome is None:
            ids = ", ".join(OUTCOMES)
            raise cells.field_error(
                "determination.outcome", parts["outcome"], "expected.one-of-terms", ids=ids
            )
        parts["outcome"] = outcome
    if "date" in parts:
        parts["date"] = cells.date("determination.date", parts["date"])
    if "reason" in parts:
        parts["reason"] = str(parts["reason"]).strip()
    return parts
