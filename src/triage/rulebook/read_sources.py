"""The source documents and their statements, on which everything in a policy rests."""

from triage.formats.yaml import Mapping
from triage.model.policy import SourceDocument, Statement
from triage.rulebook.draft import Draft
from triage.rulebook.reader import UNREAD, Reader, shown

SOURCE_KEYS = ("document", "statements", "french")
DOCUMENT_KEYS = ("id", "title", "short", "date", "language", "note", "classification")
STATEMENT_KEYS = (
    *("section", "kind", "says", "not encoded", "note", "dated", "undefined_terms"),
    *("from", "until"),
)


def read_source(reader: Reader, content: Mapping, draft: Draft) -> None:
    """One source document with its statements."""
    if not {"document", "statements"} & content.keys():
        reader.error("not-a-source-file", reader.where(content))
        return
    reader.keys(content, SOURCE_KEYS, ("document", "statements"), None)
    raw = reader.mapping(content, "document", None)
    if "document" in content:
        reader.keys(raw, DOCUMENT_KEYS, ("id", "title", "short"), None)
    id, title = reader.word(raw, "id", None), reader.text(raw, "title", None)
    short, where = reader.text(raw, "short", None), reader.where(raw)
    if id is not None:
        draft.check_once(reader, "source", id, where)
        draft.documents[id] = SourceDocument(id, title or UNREAD, short or UNREAD, where)
    for name, entry, subject in reader.entries(content, "statements", "statement"):
        where = reader.where(content["statements"], name)
        if name in draft.statements:
            reader.duplicate(where, subject, draft.statements[name].where)
        reader.keys(entry, STATEMENT_KEYS, ("section", "kind", "says"), subject)
        draft.statements[name] = Statement(
            id=name,
            document=id or "?",
            section=shown(entry.get("section")),
            kind=shown(entry.get("kind")),
            says=shown(entry.get("says")),
            not_encoded=shown(entry.get("not encoded")) or None,
            where=where,
        )
