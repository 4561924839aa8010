"""The indicators that each strategy asks to be recorded of its engagements, read from the
policy's files.
"""

from collections.abc import Iterable

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping
from triage.model.policy import Indicator
from triage.rulebook.read_vocabulary import Draft
from triage.rulebook.reader import SNAKE, Reader, Subject

INDICATOR_KEYS = ("id", "label", "help", "cite")
"""The keys that every indicator needs; `values`, the vocabulary of its answers, is optional."""


def read_indicators(
    contents: Iterable[tuple[Reader, Mapping]], draft: Draft
) -> tuple[Indicator, ...]:
    """The indicators of all files, in the order of each file; what is wrong becomes a diagnostic
    of the draft.
    """
    found: dict[tuple[str, str], Indicator] = {}
    for reader, content in contents:
        for raw in reader.mappings(content, "indicators", None):
            one = _indicator(reader, raw, draft)
            if one is None:
                continue
            first = found.setdefault((one.strategy, one.id), one)
            if first is not one:
                file, line = first.where.file, first.where.line
                draft.diagnostics.error(
                    "duplicate-id", one.where, ("indicator", one.id), file=file, line=line
                )
    return tuple(found.values())


def _indicator(reader: Reader, raw: Mapping, draft: Draft) -> Indicator | None:
    subject: Subject = ("indicator", str(raw.get("id", "?")))
    complete = reader.keys(raw, (*INDICATOR_KEYS, "values"), INDICATOR_KEYS, subject)
    id = reader.identifier(raw, "id", SNAKE, subject)
    label, help = reader.text(raw, "label", subject), reader.text(raw, "help", subject)
    cite, values = reader.words(raw, "cite", subject), reader.word(raw, "values", subject)
    draft.check_cites(reader, raw, cite, subject)
    if values is not None and values not in draft.vocabularies:
        near = nearest(values, draft.vocabularies)
        draft.diagnostics.error(
            "unknown-value",
            reader.where(raw, "values"),
            subject,
            value=values,
            vocabulary="vocabularies",
            suggestion=near,
        )
    if reader.strategy is None:
        draft.diagnostics.error("indicator-without-strategy", reader.where(raw), subject)
    elif "cite" in raw and not cite:
        draft.diagnostics.error("missing-citation", reader.where(raw, "cite"), subject)
    if not complete or reader.strategy is None or id is None or label is None or help is None:
        return None
    return Indicator(id, reader.strategy, label, help, values, cite, reader.where(raw))
