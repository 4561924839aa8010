"""The indicators that each strategy asks to be recorded of its engagements."""

from triage.formats.yaml import Mapping
from triage.model.policy import Indicator
from triage.rulebook.diagnostics import Subject
from triage.rulebook.draft import Draft
from triage.rulebook.reader import SNAKE, Contents, Reader

INDICATOR_KEYS = ("id", "label", "help", "cite")
"""The keys that every indicator needs; `values`, the vocabulary of its answers, is optional."""


def read_indicators(contents: Contents, draft: Draft) -> tuple[Indicator, ...]:
    """The indicators of all files, in the order of each file."""
    indicators: dict[tuple[str, str], Indicator] = {}
    for reader, content in contents:
        for raw in reader.mappings(content, "indicators", None):
            indicator = _indicator(reader, raw, draft)
            if indicator is None:
                continue
            first = indicators.setdefault((indicator.strategy, indicator.id), indicator)
            if first is not indicator:
                reader.duplicate(indicator.where, ("indicator", indicator.id), first.where)
    return tuple(indicators.values())


def _indicator(reader: Reader, raw: Mapping, draft: Draft) -> Indicator | None:
    subject: Subject = ("indicator", str(raw.get("id", "?")))
    complete = reader.keys(raw, (*INDICATOR_KEYS, "values"), INDICATOR_KEYS, subject)
    id = reader.identifier(raw, "id", SNAKE, subject)
    label, help = reader.text(raw, "label", subject), reader.text(raw, "help", subject)
    cite, values = reader.words(raw, "cite", subject), reader.word(raw, "values", subject)
    reader.check_citations(raw, cite, draft.statements, subject)
    if values is not None and values not in draft.vocabularies:
        known, of, where = draft.vocabularies, "vocabularies", reader.where(raw, "values")
        reader.misnamed("unknown-value", where, subject, values, known, vocabulary=of)
    if reader.strategy is None:
        reader.error("indicator-without-strategy", reader.where(raw), subject)
    elif "cite" in raw and not cite:
        reader.error("missing-citation", reader.where(raw, "cite"), subject)
    if not complete or reader.strategy is None or id is None or label is None or help is None:
        return None
    return Indicator(id, reader.strategy, label, help, values, cite, reader.where(raw))
