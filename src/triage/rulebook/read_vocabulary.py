"""The vocabularies of a policy, its words for facts, and the facts that its rules conclude."""

from collections.abc import Mapping as MappingABC

from triage.formats.spelling import nearest
from triage.formats.values import normal
from triage.formats.yaml import Mapping
from triage.model.derived import DERIVED
from triage.model.facts import COUNTRIES, DEFAULT_RANGES, Fact, Kind, Origin
from triage.model.phrases import PHRASE_LISTS, TermPhrases, is_phrase
from triage.model.policy import FactText, Term, Vocabulary, Where
from triage.model.program import PROGRAM_FACTS
from triage.rulebook.diagnostics import Subject
from triage.rulebook.draft import Draft
from triage.rulebook.reader import PLAIN, SNAKE, UNREAD, Contents, Reader, is_whole, shown

ORIGIN_KEYS = ("kind", "derived", "concluded")
"""One of these says where a fact comes from: from the request, the program, or a rule."""
REQUEST_KEYS = ("vocabulary", "unit", "least", "most", "unread", "personal")
FACT_KEYS = (*ORIGIN_KEYS, *REQUEST_KEYS, "label", "aliases", "question", "change")
KINDS_WITH: MappingABC[str, tuple[Kind, ...]] = {
    "vocabulary": (Kind.ENUM, Kind.SET, Kind.TEXT),
    "unit": (Kind.INTEGER, Kind.DECIMAL),
    "least": tuple(DEFAULT_RANGES),
    "most": tuple(DEFAULT_RANGES),
}
"""The kinds that a key of a fact of a request goes with."""
WIDEST: MappingABC[Kind, tuple[int, int]] = {
    Kind.TEXT: (1, 1_000_000),
    Kind.INTEGER: (0, 2_000_000_000),
    Kind.DECIMAL: (0, 10**12),
}
"""The widest range that a fact may declare: what a column can hold."""
TAKEN = (
    *("determination", "determination_date", "determination_reason", "language"),
    *("request_id", "case", "unresolved", "suggested"),
)
"""Names under which a request and a case set keep something else than a fact."""
TERM_KEYS = ("id", "label", "aliases", "cite", *PHRASE_LISTS, "yields_to", "unread")


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
    for reader, content in contents:
        for id, raw, subject in reader.entries(content, "vocabularies", "vocabulary"):
            _check_yielding(reader, raw, subject, draft.ids(id))


def _check_yielding(reader: Reader, raw: Mapping, subject: Subject, known: frozenset[str]) -> None:
    """Report the terms that another is to yield to and that are not of its vocabulary."""
    for entry in reader.mappings(raw, "values", subject):
        for id in reader.words(entry, "yields_to", subject):
            if id not in known:
                place, of = reader.where(entry, "yields_to"), subject[1]
                reader.misnamed("unknown-value", place, subject, id, sorted(known), vocabulary=of)


def _term(reader: Reader, entry: Mapping, subject: Subject, draft: Draft) -> Term | None:
    reader.keys(entry, TERM_KEYS, ("id", "label"), subject)
    id = reader.identifier(entry, "id", PLAIN, subject)
    label = reader.text(entry, "label", subject)
    if id is None:
        return None
    cite = reader.words(entry, "cite", subject)
    reader.check_citations(entry, cite, draft.statements, subject)
    aliases = _words_by_language(reader, entry, "aliases", subject)
    return Term(
        id=id,
        label=label or UNREAD,
        aliases=aliases,
        cite=cite,
        where=reader.where(entry),
        unread=reader.flag(entry, "unread", subject),
        phrases=TermPhrases(
            keywords=_phrases(reader, entry, "keywords", subject),
            weak_keywords=_phrases(reader, entry, "weak_keywords", subject),
            exclusions=_phrases(reader, entry, "exclusions", subject),
            yields_to=reader.words(entry, "yields_to", subject),
        ),
    )


def _phrases(reader: Reader, entry: Mapping, key: str, subject: Subject) -> tuple[str, ...]:
    """The phrases of both languages under a key, without those that cannot be understood."""
    understood = []
    for phrase in _words_by_language(reader, entry, key, subject):
        if is_phrase(phrase):
            understood.append(phrase)
        else:
            reader.error("bad-phrase", reader.where(entry, key), subject, key=key, phrase=phrase)
    return tuple(understood)


def _words_by_language(reader: Reader, raw: Mapping, key: str, subject: Subject) -> tuple[str, ...]:
    """The words of both languages under a key, such as `{en: [a, b], fr: c}`."""
    words = reader.mapping(raw, key, subject)
    return tuple(word for language in words for word in reader.words(words, language, subject))


def read_facts(contents: Contents, draft: Draft) -> None:
    """The facts of requests, those that are worked out, and those that rules conclude."""
    headers: dict[str, str] = {}
    for reader, content in contents:
        for name, raw, subject in reader.entries(content, "facts", "fact"):
            reader.keys(raw, FACT_KEYS, ("label",), subject)
            where = reader.where(content["facts"], name)
            reader.check_form(name, SNAKE, where, subject)
            first = draft.places.setdefault(("fact", name), where)
            if first is not where:
                reader.duplicate(where, subject, first)
                continue
            fact = _FactReader(reader, raw, name, draft).read(where)
            if fact is None:
                draft.unreadable.add(name)
                continue
            draft.facts[name] = fact
            label = reader.text(raw, "label", subject)
            if label is not None:
                aliases = _words_by_language(reader, raw, "aliases", subject)
                question = reader.text(raw, "question", subject)
                draft.fact_texts[name] = text = FactText(label, aliases, question, where=where)
                if fact.origin is Origin.REQUEST:
                    _check_headers(reader, name, text, where, headers)


def _check_headers(
    reader: Reader, name: str, text: FactText, where: Where, headers: dict[str, str]
) -> None:
    """Report a header that means another fact already."""
    for header in dict.fromkeys((name, text.label.en, text.label.fr, *text.aliases)):
        other = headers.setdefault(normal(header), name)
        if other != name:
            reader.error("header-twice", where, ("fact", name), header=header, other=other)


class _FactReader:
    """Reads the declaration of one fact."""

    def __init__(self, reader: Reader, raw: Mapping, name: str, draft: Draft) -> None:
        self.reader, self.raw, self.name, self.draft = reader, raw, name, draft
        self.subject: Subject = ("fact", name)

    def read(self, where: Where) -> Fact | None:
        """The fact; None when it cannot be told what it is."""
        origins = [key for key in ORIGIN_KEYS if self.raw.get(key) is not None]
        if len(origins) != 1:
            if ORIGIN_KEYS[0] not in self.raw or origins:
                near = None if origins else nearest(self.name, PROGRAM_FACTS.keys() | DERIVED)
                self._error("fact-origin", where, suggestion=None if near == self.name else near)
            return None
        derived = self.name in DERIVED
        if origins != ["derived"] and (derived or self.name in TAKEN):
            self._error("fact-taken", where)
            return None
        for key in REQUEST_KEYS if origins != ["kind"] else ():
            if key in self.raw:
                self._error(
                    "fact-key", self.reader.where(self.raw, key), key=key, beside=origins[0]
                )
        match origins:
            case ["kind"]:
                return self._of_request()
            case ["concluded"]:
                return self._concluded()
        if not self.reader.flag(self.raw, "derived", self.subject) or not derived:
            known, place = ", ".join(DERIVED), self.reader.where(self.raw, "derived")
            near = nearest(self.name, DERIVED)
            self._error("not-derived", place, suggestion=near, known=known)
            return None
        return DERIVED[self.name].fact

    def _concluded(self) -> Fact | None:
        text = self.reader.word(self.raw, "concluded", self.subject) or ""
        kind, values = _concluded_type(text)
        if kind is not None and (values is None or values in self.draft.vocabularies):
            return Fact(self.name, kind, values, Origin.CONCLUDED)
        types = ["true or false", *(f"set of {id}" for id in self.draft.vocabularies)]
        place = self.reader.where(self.raw, "concluded")
        self.reader.misnamed("bad-concluded-type", place, self.subject, text, types)
        return None

    def _of_request(self) -> Fact | None:
        reader, raw, subject = self.reader, self.raw, self.subject
        word = reader.word(raw, "kind", subject)
        if word not in {*Kind}:
            where, kinds = reader.where(raw, "kind"), ", ".join(Kind)
            near = None if word is None else nearest(word, Kind)
            self._error("bad-kind", where, value=word, suggestion=near, kinds=kinds)
            return None
        kind = Kind(word or "")
        for key, kinds_with in KINDS_WITH.items():
            if key in raw and kind not in kinds_with:
                self._error("fact-key", reader.where(raw, key), key=key, beside=f"kind: {kind}")
        values = self._vocabulary(kind)
        personal, unread = (reader.flag(raw, key, subject) for key in ("personal", "unread"))
        unit, (least, most) = reader.word(raw, "unit", subject), self._range(kind)
        readable = not (personal or unread)
        if values is None and kind in (Kind.ENUM, Kind.SET):
            return None
        name = self.name
        return Fact(name, kind, values, Origin.REQUEST, readable, unit, least, most, personal)

    def _vocabulary(self, kind: Kind) -> str | None:
        """The vocabulary of the values; None where there is none or it is not known."""
        reader, raw, subject = self.reader, self.raw, self.subject
        id, where = reader.word(raw, "vocabulary", subject), reader.where(raw, "vocabulary")
        if id is None and kind in (Kind.ENUM, Kind.SET) and "vocabulary" not in raw:
            self._error("missing-key", where, key="vocabulary")
        # Countries are a vocabulary of the program's; one fact of a request has them.
        known = {*self.draft.vocabularies, *((COUNTRIES,) if self.name == COUNTRIES else ())}
        if id is None or id in known:
            return id
        reader.misnamed("unknown-vocabulary", where, subject, id, sorted(known))
        return None

    def _range(self, kind: Kind) -> tuple[int | None, int | None]:
        """The least and the most that are declared, where they can be told."""
        bounds: dict[str, int | None] = dict.fromkeys(("least", "most"))
        low, high = WIDEST.get(kind, (0, 0))
        for key in bounds:
            value, where = self.raw.get(key), self.reader.where(self.raw, key)
            if value is None or kind not in WIDEST:
                continue
            if is_whole(value) and low <= value <= high:
                bounds[key] = value
            else:
                self._error("out-of-range", where, value=shown(value), least=low, most=high)
        least, most = Fact(self.name, kind, least=bounds["least"], most=bounds["most"]).range or (
            0,
            0,
        )
        if least > most:
            where = self.reader.where(self.raw, "least" if bounds["least"] is not None else "most")
            self._error("range-reversed", where, least=least, most=most)
        return bounds["least"], bounds["most"]

    def _error(self, code: str, where: Where, **values: object) -> None:
        self.reader.error(code, where, self.subject, **values)


def _concluded_type(text: str) -> tuple[Kind | None, str | None]:
    if text == "true or false":
        return Kind.BOOLEAN, None
    if text.startswith("set of "):
        return Kind.SET, text.removeprefix("set of ")
    return None, None
