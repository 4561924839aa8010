"""The vocabularies of a policy, its words for facts, and the facts that its rules conclude."""

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping
from triage.model.facts import DERIVED_FACTS, REQUEST_FACTS, Fact, Kind, Origin
from triage.model.policy import FactText, Term, Vocabulary, Where
from triage.rulebook.diagnostics import Subject
from triage.rulebook.draft import Draft
from triage.rulebook.reader import PLAIN, SNAKE, UNREAD, Contents, Reader

FACT_KEYS = ("label", "aliases", "question", "concluded", "change")
TERM_KEYS = ("id", "label", "aliases", "cite", "keywords", "unread")


def read_vocabularies(contents: Contents, draft: Draft) -> None:
    """The vocabularies of all files; several files may add to one."""
    for reader, content in contents:
        for id, raw, subject in reader.entries(content, "vocabularies", "vocabulary"):
            reader.keys(raw, ("ordered", "values"), ("values",), subject)
            known = draft.vocabularies.get(id)
            terms = dict(known.terms) if known else {}
            for entry in reader.mappings(raw, "values", subject):
                term = _term(reader, entry, subject, draft)
                if term is None:
                    continue
                first = terms.setdefault(term.id, term)
                if first is not term:
                    reader.duplicate(term.where, ("term", f"{id}/{term.id}"), first.where)
            ordered = reader.flag(raw, "ordered", subject) or (known is not None and known.ordered)
            draft.vocabularies[id] = Vocabulary(id, ordered, terms)


def _term(reader: Reader, entry: Mapping, subject: Subject, draft: Draft) -> Term | None:
    reader.keys(entry, TERM_KEYS, ("id", "label"), subject)
    id = reader.identifier(entry, "id", PLAIN, subject)
    label = reader.text(entry, "label", subject)
    if id is None:
        return None
    cite = reader.words(entry, "cite", subject)
    reader.check_citations(entry, cite, draft.statements, subject)
    aliases = _words_by_language(reader, entry, "aliases", subject)
    keywords = _words_by_language(reader, entry, "keywords", subject)
    unread = reader.flag(entry, "unread", subject)
    return Term(id, label or UNREAD, aliases, cite, reader.where(entry), unread, keywords)


def _words_by_language(reader: Reader, raw: Mapping, key: str, subject: Subject) -> tuple[str, ...]:
    """The words of both languages under a key, such as `{en: [a, b], fr: c}`."""
    words = reader.mapping(raw, key, subject)
    return tuple(word for language in words for word in reader.words(words, language, subject))


def read_facts(contents: Contents, draft: Draft) -> None:
    """The words for facts, and the facts that rules conclude."""
    for reader, content in contents:
        for name, raw, subject in reader.entries(content, "facts", "fact"):
            reader.keys(raw, FACT_KEYS, ("label",), subject)
            where = reader.where(content["facts"], name)
            if not _declared(reader, raw, name, where, draft):
                continue
            draft.check_once(reader, "fact", name, where)
            label = reader.text(raw, "label", subject)
            if label is not None:
                aliases = _words_by_language(reader, raw, "aliases", subject)
                question = reader.text(raw, "question", subject)
                draft.fact_texts[name] = FactText(label, aliases, question)


def _declared(reader: Reader, raw: Mapping, name: str, where: Where, draft: Draft) -> bool:
    """Whether the program has the fact, or the entry makes it one that rules conclude."""
    subject = ("fact", name)
    concluded = reader.word(raw, "concluded", subject)
    if concluded is None:
        if name not in draft.facts:
            suggestion = nearest(name, draft.facts)
            reader.error("unknown-request-fact", where, subject, suggestion=suggestion)
            draft.unreadable.add(name)
        return name in draft.facts
    kind, values = _concluded_type(concluded)
    if kind is None or (values is not None and values not in draft.vocabularies):
        types = ["true or false", *(f"set of {id}" for id in draft.vocabularies)]
        place = reader.where(raw, "concluded")
        reader.misnamed("bad-concluded-type", place, subject, concluded, types)
        draft.unreadable.add(name)
        return False
    reader.check_form(name, SNAKE, where, subject)
    if name in REQUEST_FACTS or name in DERIVED_FACTS:
        reader.error("fact-taken", where, subject)
        return False
    draft.facts[name] = Fact(name, kind, values, Origin.CONCLUDED)
    return True


def _concluded_type(text: str) -> tuple[Kind | None, str | None]:
    if text == "true or false":
        return Kind.BOOLEAN, None
    if text.startswith("set of "):
        return Kind.SET, text.removeprefix("set of ")
    return None, None
