"""Everything of a policy but its rules: strategies, criteria, sources, vocabularies, facts, parameters and regions."""

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from triage import countries
from triage.diagnostics import Diagnostics, nearest
from triage.documents import Mapping, Sequence
from triage.facts import COUNTRIES, DERIVED_FACTS, REQUEST_FACTS, Fact, Kind, Origin
from triage.parsing import check_basis
from triage.policy import (
    PROGRAM_FLAGS,
    REQUIRED_CONCLUDED,
    REQUIRED_PARAMETERS,
    Basis,
    Criterion,
    DatedValue,
    Document,
    FactText,
    Parameter,
    Reference,
    Region,
    Statement,
    Strategy,
    Term,
    Vocabulary,
    Where,
)
from triage.reading import SNAKE, Reader, fraction, shown

FILE_KEYS = ("strategy", "french", "vocabularies", "facts", "parameters", "rules", "tables", "region")
POLICY_KEYS = ("policy", "strategies", "criteria")
SOURCE_KEYS = ("document", "statements", "french")
STATEMENT_KEYS = (
    *("section", "kind", "says", "not encoded", "note", "dated", "undefined_terms"),
    *("from", "until"),
)


@dataclass
class Draft:
    """What has been read so far, file by file; what cannot be read becomes a diagnostic and is left out."""

    diagnostics: Diagnostics
    folder: str
    strategies: dict[str, Strategy] = field(default_factory=dict)
    criteria: list[Criterion] = field(default_factory=list)
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=lambda: {**REQUEST_FACTS, **DERIVED_FACTS})
    fact_texts: dict[str, FactText] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    unreviewed: set[str] = field(default_factory=set)

    def read_strategies(self, reader: Reader, content: Mapping) -> None:
        """The strategies that policy.yaml names."""
        for id, raw in reader.mapping(content, "strategies", None, required=True).items():
            subject = ("strategy", id)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "strategies"), subject, key=id)
                continue
            keys = ("title", "short", "in_force", "cite")
            reader.keys(raw, keys, keys, subject)
            title, short = reader.text(raw, "title", subject), reader.text(raw, "short", subject)
            if title is None or short is None:
                continue
            cite = reader.words(raw, "cite", subject)
            self._check_cites(reader, raw, cite, subject)
            self.strategies[id] = Strategy(
                id,
                title,
                short,
                reader.period(raw, "in_force", subject),
                cite,
                Region("", "", ""),
                reader.where(raw),
            )
        terms = {s.id: Term(s.id, s.short, (), (), s.where) for s in self.strategies.values()}
        self.vocabularies["strategies"] = Vocabulary("strategies", False, terms)

    def read_criteria(self, reader: Reader, content: Mapping) -> None:
        """The criteria of the score."""
        for id, raw in reader.mapping(content, "criteria", None, required=True).items():
            subject = ("criterion", id)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "criteria"), subject, key=id)
                continue
            reader.keys(raw, ("label", "maximum"), ("label", "maximum"), subject)
            label, maximum = reader.text(raw, "label", subject), raw.get("maximum")
            if isinstance(maximum, str):
                parameter = self.parameters.get(maximum)
                if parameter is None or parameter.of != "integer":
                    where = reader.where(raw, "maximum")
                    self.diagnostics.error("bad-points", where, subject, value=maximum)
                    continue
                maximum = Reference(maximum)
            elif not isinstance(maximum, int) or isinstance(maximum, bool) or maximum < 1:
                where = reader.where(raw, "maximum")
                self.diagnostics.error("bad-points", where, subject, value=shown(maximum))
                continue
            if label is not None:
                self.criteria.append(Criterion(id, label, maximum))

    # -- sources ------------------------------------------------------------------------------------------------

    def read_source(self, reader: Reader, content: Mapping) -> None:
        """One source document with its statements."""
        reader.keys(content, SOURCE_KEYS, ("document", "statements"), None)
        raw = reader.mapping(content, "document", None)
        allowed = ("id", "title", "short", "date", "language", "note", "classification")
        reader.keys(raw, allowed, ("id", "title", "short"), None)
        id, title = reader.word(raw, "id", None), reader.text(raw, "title", None)
        short = reader.text(raw, "short", None)
        if id is None or title is None or short is None:
            return
        self.documents[id] = Document(id, title, short, reader.where(raw))
        for key, statement in reader.mapping(content, "statements", None).items():
            subject, where = ("statement", key), reader.where(content["statements"], key)
            if key in self.statements:
                first = self.statements[key].where
                self.diagnostics.error("duplicate-id", where, subject, file=first.file, line=first.line)
            if not isinstance(statement, Mapping):
                self.diagnostics.error("not-a-mapping", where, subject, key=key)
                continue
            reader.keys(statement, STATEMENT_KEYS, ("section", "kind", "says"), subject)
            self.statements[key] = Statement(
                key,
                id,
                shown(statement.get("section")),
                shown(statement.get("kind")),
                shown(statement.get("says")),
                shown(statement.get("not encoded")) or None,
                where,
            )

    # -- vocabularies, facts, parameters ------------------------------------------------------------------------

    def read_vocabularies(self, reader: Reader, content: Mapping) -> None:
        """The vocabularies of a file."""
        for id, raw in reader.mapping(content, "vocabularies", None).items():
            subject = ("vocabulary", id)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "vocabularies"), subject, key=id)
                continue
            reader.keys(raw, ("ordered", "values"), ("values",), subject)
            known = self.vocabularies.get(id)
            terms = dict(known.terms) if known else {}
            for entry in reader.mappings(raw, "values", subject):
                term = self._term(reader, entry, subject)
                if term is None:
                    continue
                if term.id in terms:
                    first = terms[term.id].where
                    self.diagnostics.error(
                        "duplicate-id",
                        term.where,
                        ("term", f"{id}/{term.id}"),
                        file=first.file,
                        line=first.line,
                    )
                    continue
                terms[term.id] = term
            ordered = raw.get("ordered") is True or (known is not None and known.ordered)
            self.vocabularies[id] = Vocabulary(id, ordered, terms)

    def _term(self, reader: Reader, entry: Mapping, subject: tuple[str, str]) -> Term | None:
        allowed = ("id", "label", "aliases", "cite", "keywords", "unread")
        reader.keys(entry, allowed, ("id", "label"), subject)
        id, label = reader.word(entry, "id", subject), reader.text(entry, "label", subject)
        if id is None or label is None:
            return None
        cite = reader.words(entry, "cite", subject)
        self._check_cites(reader, entry, cite, subject)
        aliases = reader.mapping(entry, "aliases", subject)
        names = tuple(alias for language in aliases for alias in reader.words(aliases, language, subject))
        return Term(id, label, names, cite, reader.where(entry), entry.get("unread") is True)

    def _check_cites(self, reader: Reader, raw: Mapping, cite: tuple[str, ...], subject: tuple[str, str]) -> None:
        for one in cite:
            if one not in self.statements:
                suggestion = nearest(one, self.statements)
                where = reader.where(raw, "cite")
                self.diagnostics.error("unknown-citation", where, subject, value=one, suggestion=suggestion)

    def read_facts(self, reader: Reader, content: Mapping) -> None:
        """The words for facts, and the facts that rules conclude."""
        for name, raw in reader.mapping(content, "facts", None).items():
            subject = ("fact", name)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "facts"), subject, key=name)
                continue
            reader.keys(raw, ("label", "aliases", "question", "concluded", "changeable"), ("label",), subject)
            where = reader.where(content["facts"], name)
            concluded = reader.word(raw, "concluded", subject)
            if concluded is None and name not in self.facts:
                suggestion = nearest(name, self.facts)
                self.diagnostics.error("unknown-request-fact", where, subject, suggestion=suggestion)
                continue
            if concluded is not None:
                kind, values = _concluded_type(concluded)
                if kind is None or (values is not None and values not in self.vocabularies):
                    known = [f"set of {vocabulary}" for vocabulary in self.vocabularies]
                    suggestion = nearest(concluded, [*known, "true or false"])
                    self.diagnostics.error("bad-concluded-type", where, subject, value=concluded, suggestion=suggestion)
                    continue
                if name in self.facts:
                    self.diagnostics.error("fact-taken", where, subject)
                    continue
                self.facts[name] = Fact(name, kind, values, Origin.CONCLUDED)
            label = reader.text(raw, "label", subject)
            if label is not None:
                aliases = reader.mapping(raw, "aliases", subject)
                names = tuple(alias for lang in aliases for alias in reader.words(aliases, lang, subject))
                question = reader.text(raw, "question", subject)
                self.fact_texts[name] = FactText(label, names, question)

    def read_parameters(self, reader: Reader, content: Mapping) -> None:
        """The parameters of a file."""
        for id, raw in reader.mapping(content, "parameters", None).items():
            subject, where = ("parameter", id), reader.where(content["parameters"], id)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", where, subject, key=id)
                continue
            keys = ("title", "of", "basis", "values")
            if not reader.keys(raw, (*keys, "note"), keys, subject):
                continue
            if not SNAKE.match(id):
                self.diagnostics.error("bad-id", where, subject, value=id, form="snake_case")
            if id in self.parameters:
                first = self.parameters[id].where
                self.diagnostics.error("duplicate-id", where, subject, file=first.file, line=first.line)
                continue
            title, of = reader.text(raw, "title", subject), reader.word(raw, "of", subject)
            plain = ("integer", "decimal", "fraction", "boolean", "date", COUNTRIES)
            if of is not None and of not in plain and of not in self.vocabularies:
                suggestion = nearest(of, [*plain, *self.vocabularies])
                place = reader.where(raw, "of")
                self.diagnostics.error("unknown-type", place, subject, value=of, suggestion=suggestion)
                continue
            if title is None or of is None:
                continue
            values = self._dated_values(reader, raw, of, subject)
            basis = Basis.SETTING if raw.get("basis") == "setting" else Basis.STRATEGY
            self.parameters[id] = Parameter(id, title, of, basis, values, where)

    def _dated_values(self, reader: Reader, raw: Mapping, of: str, subject: tuple[str, str]) -> tuple[DatedValue, ...]:
        dated: dict[Any, DatedValue] = {}
        mapping = reader.mapping(raw, "values", subject, required=True)
        if not mapping:
            self.diagnostics.error("no-values", reader.where(raw, "values"), subject)
        for key, entry in mapping.items():
            where = reader.where(mapping, key)
            since = reader.day(key, where, subject)
            if not isinstance(entry, Mapping):
                self.diagnostics.error("not-a-mapping", where, subject, key=key)
                continue
            reader.keys(entry, ("value", "cite", "rationale"), ("value",), subject)
            cite = reader.words(entry, "cite", subject)
            rationale = reader.text(entry, "rationale", subject)
            known = frozenset(self.statements)
            check_basis(reader, raw, subject, cite, rationale, known, entry)
            value = entry.get("value")
            if value is not None:
                value = self._typed(reader, value, of, reader.where(entry, "value"), subject)
            if since is not None:
                dated[since] = DatedValue(since, value, cite, rationale)
        values = tuple(dated[since] for since in sorted(dated))
        if len({isinstance(one.value, frozenset) for one in values if one.value is not None}) > 1:
            self.diagnostics.error("mixed-values", reader.where(raw, "values"), subject)
        for before, after in itertools.pairwise(values):
            if before.value == after.value:
                place = reader.where(mapping, after.since.isoformat())
                self.diagnostics.warning("same-value-twice", place, subject, since=before.since)
        return values

    def _typed(self, reader: Reader, value: Any, of: str, where: Where, subject: tuple[str, str]) -> Any:
        if of == COUNTRIES or of in self.vocabularies:
            known = countries.CODES if of == COUNTRIES else self.ids(of)
            items = value if isinstance(value, Sequence) else [value]
            for item in items:
                if not isinstance(item, str) or item not in known:
                    code = "unknown-country" if of == COUNTRIES else "unknown-value"
                    near = countries.from_code(str(item)) if of == COUNTRIES else nearest(str(item), known)
                    self.diagnostics.error(code, where, subject, value=shown(item), vocabulary=of, suggestion=near)
            good = [item for item in items if isinstance(item, str) and item in known]
            for item in sorted({item for item in good if good.count(item) > 1}):
                self.diagnostics.error("listed-twice", where, subject, value=item)
            return frozenset(good) if isinstance(value, Sequence) else next(iter(good), None)
        plain = (
            (of == "boolean" and isinstance(value, bool))
            or (of == "integer" and isinstance(value, int) and not isinstance(value, bool))
            or (of == "decimal" and isinstance(value, int | Decimal) and not isinstance(value, bool))
        )
        if plain:
            return Decimal(value) if of == "decimal" else value
        if of == "fraction" and (found := fraction(value)) is not None:
            return found
        if of == "date":
            return reader.day(value, where, subject)
        self.diagnostics.error("bad-value", where, subject, value=shown(value), of=of)
        return None

    def read_region(self, reader: Reader, content: Mapping) -> None:
        """What the strategy of a file covers."""
        if "region" not in content:
            return
        raw = reader.mapping(content, "region", None)
        subject = ("strategy", reader.strategy or "?")
        keys = ("countries", "undetermined", "forums")
        if not reader.keys(raw, keys, keys, subject) or reader.strategy not in self.strategies:
            return
        names = {}
        for key, of in zip(keys, (COUNTRIES, COUNTRIES, "forums"), strict=True):
            name = reader.word(raw, key, subject)
            parameter = self.parameters.get(name or "")
            if parameter is None or parameter.of != of:
                where, suggestion = reader.where(raw, key), nearest(name or "", self.parameters)
                self.diagnostics.error("region-parameter", where, subject, key=key, of=of, suggestion=suggestion)
                return
            names[key] = parameter.id
        known = self.strategies[reader.strategy]
        region = Region(**names)
        self.strategies[known.id] = Strategy(
            known.id, known.title, known.short, known.in_force, known.cite, region, known.where
        )

    def ids(self, vocabulary: str) -> frozenset[str]:
        """The ids of a vocabulary."""
        found = self.vocabularies.get(vocabulary)
        return frozenset(found.terms) if found else frozenset()

    def check_required(self) -> None:
        """What the program needs of any policy."""
        place = Where(f"{self.folder}/policy.yaml", 1)
        for id, of in REQUIRED_PARAMETERS.items():
            parameter = self.parameters.get(id)
            if parameter is None or parameter.of != of:
                where = parameter.where if parameter else place
                self.diagnostics.error("required-parameter", where, ("parameter", id), of=of)
        for name, values in REQUIRED_CONCLUDED.items():
            if name not in self.facts:
                self.diagnostics.error("required-fact", place, ("fact", name), values=values)
        for fact in self.facts.values():
            concluded = REQUIRED_CONCLUDED.get(fact.name)
            if concluded is not None and fact.values != concluded:
                self.diagnostics.error("required-fact", place, ("fact", fact.name), values=concluded)
            if fact.values and fact.values != COUNTRIES and not self.ids(fact.values):
                self.diagnostics.error("no-vocabulary", place, ("vocabulary", fact.values), fact=fact.name)
        for flag in PROGRAM_FLAGS:
            if flag not in self.ids("flags"):
                self.diagnostics.error("required-flag", place, ("term", f"flags/{flag}"))
        for strategy in self.strategies.values():
            if not strategy.region.countries:
                self.diagnostics.error("no-region", strategy.where, ("strategy", strategy.id))


def _concluded_type(text: str) -> tuple[Kind | None, str | None]:
    if text == "true or false":
        return Kind.BOOLEAN, None
    if text.startswith("set of "):
        return Kind.SET, text.removeprefix("set of ")
    return None, None
