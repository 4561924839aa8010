"""Everything of a policy but its rules: strategies, criteria, sources, vocabularies, facts,
parameters and regions.
"""

import itertools
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.model import countries
from triage.model.facts import COUNTRIES, DERIVED_FACTS, REQUEST_FACTS, Fact, Kind, Origin
from triage.model.policy import (
    Basis,
    Criterion,
    DatedValue,
    FactText,
    Parameter,
    Reference,
    Region,
    SourceDocument,
    Statement,
    Strategy,
    Term,
    Vocabulary,
    Where,
)
from triage.model.program import (
    PROGRAM_FLAGS,
    PROGRAM_TERMS,
    RANGES,
    REQUIRED_CONCLUDED,
    REQUIRED_PARAMETERS,
)
from triage.rulebook.diagnostics import Diagnostics
from triage.rulebook.read_conditions import code_of
from triage.rulebook.read_effects import check_points
from triage.rulebook.read_rules import check_basis
from triage.rulebook.reader import PLAIN, SNAKE, UNREAD, Reader, fraction, shown

FILE_KEYS = (
    *(
        "strategy",
        "french",
        "vocabularies",
        "facts",
        "parameters",
        "rules",
        "tables",
        "region",
        "indicators",
    ),
    *("limits", "suspensions"),
)
POLICY_KEYS = ("policy", "strategies", "criteria")
SOURCE_KEYS = ("document", "statements", "french")
STATEMENT_KEYS = (
    *("section", "kind", "says", "not encoded", "note", "dated", "undefined_terms"),
    *("from", "until"),
)


@dataclass
class Draft:
    """What has been read so far, file by file; what cannot be read becomes a diagnostic and is
    left out.
    """

    diagnostics: Diagnostics
    folder: str
    strategies: dict[str, Strategy] = field(default_factory=dict)
    criteria: list[Criterion] = field(default_factory=list)
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=lambda: {**REQUEST_FACTS, **DERIVED_FACTS})
    fact_texts: dict[str, FactText] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    documents: dict[str, SourceDocument] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    places: dict[tuple[str, str], Where] = field(default_factory=dict)
    """Where regions, words for facts and documents stand, by kind and name."""
    unreadable: set[str] = field(default_factory=set)
    """Parameters and facts that are declared in a way that cannot be read: to name one is not
    another mistake.
    """
    unreviewed: set[str] = field(default_factory=set)

    def read_strategies(self, reader: Reader, content: Mapping) -> None:
        """The strategies that policy.yaml names."""
        for id, raw, subject in reader.entries(content, "strategies", "strategy"):
            keys = ("title", "short", "in_force", "cite")
            reader.keys(raw, keys, keys, subject)
            title, short = reader.text(raw, "title", subject), reader.text(raw, "short", subject)
            cite = reader.words(raw, "cite", subject)
            self.check_cites(reader, raw, cite, subject)
            self.strategies[id] = Strategy(
                id,
                title or UNREAD,
                short or UNREAD,
                reader.period(raw, "in_force", subject),
                cite,
                Region("", "", ""),
                reader.where(raw),
            )
        terms = {s.id: Term(s.id, s.short, (), (), s.where) for s in self.strategies.values()}
        self.vocabularies["strategies"] = Vocabulary("strategies", False, terms)

    def read_criteria(self, reader: Reader, content: Mapping) -> None:
        """The criteria of the score."""
        for id, raw, subject in reader.entries(content, "criteria", "criterion"):
            reader.keys(raw, ("label", "maximum"), ("label", "maximum"), subject)
            label, maximum, where = (
                reader.text(raw, "label", subject),
                raw.get("maximum"),
                reader.where(raw, "maximum"),
            )
            parameter = self.parameters.get(maximum) if isinstance(maximum, str) else None
            found: int | Reference = 1
            if parameter is not None:
                if check_points(reader, parameter, where, subject):
                    found = Reference(parameter.id)
            elif isinstance(maximum, int) and not isinstance(maximum, bool) and maximum > 0:
                found = maximum
            elif maximum is not None and shown(maximum) not in self.unreadable:
                suggestion = nearest(shown(maximum), self.parameters)
                self.diagnostics.error(
                    "bad-points", where, subject, value=shown(maximum), suggestion=suggestion
                )
            # Its name is known in any case, so that the rules which give points for it are not
            # reported as well.
            self.criteria.append(Criterion(id, label or UNREAD, found))

    # -- sources
    # ------------------------------------------------------------------------------------------------

    def read_source(self, reader: Reader, content: Mapping) -> None:
        """One source document with its statements."""
        if not {"document", "statements"} & content.keys():
            self.diagnostics.error("not-a-source-file", reader.where(content))
            return
        reader.keys(content, SOURCE_KEYS, ("document", "statements"), None)
        raw = reader.mapping(content, "document", None)
        allowed = ("id", "title", "short", "date", "language", "note", "classification")
        if "document" in content:
            reader.keys(raw, allowed, ("id", "title", "short"), None)
        id, title = reader.word(raw, "id", None), reader.text(raw, "title", None)
        short = reader.text(raw, "short", None)
        if id is not None:
            self._once("source", id, reader.where(raw))
            self.documents[id] = SourceDocument(
                id, title or UNREAD, short or UNREAD, reader.where(raw)
            )
        for key, statement, subject in reader.entries(content, "statements", "statement"):
            where = reader.where(content["statements"], key)
            if key in self.statements:
                first = self.statements[key].where
                self.diagnostics.error(
                    "duplicate-id", where, subject, file=first.file, line=first.line
                )
            reader.keys(statement, STATEMENT_KEYS, ("section", "kind", "says"), subject)
            self.statements[key] = Statement(
                key,
                id or "?",
                shown(statement.get("section")),
                shown(statement.get("kind")),
                shown(statement.get("says")),
                shown(statement.get("not encoded")) or None,
                where,
            )

    # -- vocabularies, facts, parameters
    # ------------------------------------------------------------------------

    def read_vocabularies(self, reader: Reader, content: Mapping) -> None:
        """The vocabularies of a file."""
        for id, raw, subject in reader.entries(content, "vocabularies", "vocabulary"):
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
            ordered = reader.flag(raw, "ordered", subject) or (known is not None and known.ordered)
            self.vocabularies[id] = Vocabulary(id, ordered, terms)

    def _term(self, reader: Reader, entry: Mapping, subject: tuple[str, str]) -> Term | None:
        allowed = ("id", "label", "aliases", "cite", "keywords", "unread")
        reader.keys(entry, allowed, ("id", "label"), subject)
        id, label = (
            reader.identifier(entry, "id", PLAIN, subject),
            reader.text(entry, "label", subject),
        )
        if id is None:
            return None
        cite = reader.words(entry, "cite", subject)
        self.check_cites(reader, entry, cite, subject)
        names, keywords = (
            tuple(word for language in said for word in reader.words(said, language, subject))
            for said in (reader.mapping(entry, key, subject) for key in ("aliases", "keywords"))
        )
        unread = reader.flag(entry, "unread", subject)
        return Term(id, label or UNREAD, names, cite, reader.where(entry), unread, keywords)

    def check_cites(
        self, reader: Reader, raw: Mapping, cite: tuple[str, ...], subject: tuple[str, str]
    ) -> None:
        """Report citations of statements that no source has."""
        for one in cite:
            if one not in self.statements:
                suggestion = nearest(one, self.statements)
                where = reader.where(raw, "cite")
                self.diagnostics.error(
                    "unknown-citation", where, subject, value=one, suggestion=suggestion
                )

    def read_facts(self, reader: Reader, content: Mapping) -> None:
        """The words for facts, and the facts that rules conclude."""
        for name, raw, subject in reader.entries(content, "facts", "fact"):
            reader.keys(
                raw, ("label", "aliases", "question", "concluded", "change"), ("label",), subject
            )
            where = reader.where(content["facts"], name)
            concluded = reader.word(raw, "concluded", subject)
            if concluded is None and name not in self.facts:
                suggestion = nearest(name, self.facts)
                self.diagnostics.error(
                    "unknown-request-fact", where, subject, suggestion=suggestion
                )
                self.unreadable.add(name)
                continue
            if concluded is not None:
                kind, values = _concluded_type(concluded)
                if kind is None or (values is not None and values not in self.vocabularies):
                    known = [f"set of {vocabulary}" for vocabulary in self.vocabularies]
                    suggestion = nearest(concluded, [*known, "true or false"])
                    place = reader.where(raw, "concluded")
                    self.diagnostics.error(
                        "bad-concluded-type", place, subject, value=concluded, suggestion=suggestion
                    )
                    self.unreadable.add(name)
                    continue
                reader.form(name, SNAKE, where, subject)
                if name in REQUEST_FACTS or name in DERIVED_FACTS:
                    self.diagnostics.error("fact-taken", where, subject)
                    continue
                self.facts[name] = Fact(name, kind, values, Origin.CONCLUDED)
            self._once("fact", name, where)
            label = reader.text(raw, "label", subject)
            if label is not None:
                aliases = reader.mapping(raw, "aliases", subject)
                names = tuple(
                    alias for lang in aliases for alias in reader.words(aliases, lang, subject)
                )
                question = reader.text(raw, "question", subject)
                self.fact_texts[name] = FactText(label, names, question)

    def read_parameters(self, reader: Reader, content: Mapping) -> None:
        """The parameters of a file."""
        given = content.get("parameters")
        if isinstance(given, Mapping):
            self.unreadable |= {id for id, raw in given.items() if not isinstance(raw, Mapping)}
        for id, raw, subject in reader.entries(content, "parameters", "parameter"):
            where, keys = (
                reader.where(content["parameters"], id),
                ("title", "of", "basis", "values"),
            )
            reader.keys(raw, (*keys, "note"), keys, subject)
            reader.form(id, SNAKE, where, subject)
            if id in self.parameters:
                first = self.parameters[id].where
                self.diagnostics.error(
                    "duplicate-id", where, subject, file=first.file, line=first.line
                )
                continue
            title, of = reader.text(raw, "title", subject), reader.word(raw, "of", subject)
            plain = ("integer", "decimal", "fraction", "boolean", "date", COUNTRIES)
            if of is not None and of not in plain and of not in self.vocabularies:
                suggestion = nearest(of, [*plain, *self.vocabularies])
                place = reader.where(raw, "of")
                self.diagnostics.error(
                    "unknown-type", place, subject, value=of, suggestion=suggestion
                )
                of = None
            if of is not None and (needed := REQUIRED_PARAMETERS.get(id, of)) != of:
                self.diagnostics.error(
                    "required-parameter", reader.where(raw, "of"), subject, of=needed
                )
                of = None
            if of is None:
                self.unreadable.add(id)
                continue
            values = self._dated_values(reader, raw, of, subject)
            basis = Basis.SETTING if raw.get("basis") == "setting" else Basis.STRATEGY
            self.parameters[id] = Parameter(id, title or UNREAD, of, basis, values, where)

    def _dated_values(
        self, reader: Reader, raw: Mapping, of: str, subject: tuple[str, str]
    ) -> tuple[DatedValue, ...]:
        dated: dict[Any, DatedValue] = {}
        mapping = reader.mapping(raw, "values", subject)
        if raw.get("values") == {}:
            self.diagnostics.error("no-values", reader.where(raw, "values"), subject)
        for key, entry in mapping.items():
            where = reader.where(mapping, key)
            since = reader.day(key, where, subject)
            if not isinstance(entry, Mapping):
                self.diagnostics.error("not-a-mapping", where, subject, key=key)
                continue
            reader.keys(
                entry, ("value", "cite", "rationale"), ("value",), subject, may_be_empty=("value",)
            )
            _, cite, rationale = check_basis(
                reader, ((entry, subject), (raw, subject)), frozenset(self.statements)
            )
            value = entry.get("value")
            if value is not None:
                value = self._typed(reader, value, of, reader.where(entry, "value"), subject)
            least, most = RANGES.get(subject[1], (None, None))
            if (
                value is not None
                and least is not None
                and most is not None
                and not least <= value <= most
            ):
                self.diagnostics.error(
                    "out-of-range",
                    reader.where(entry, "value"),
                    subject,
                    value=value,
                    least=least,
                    most=most,
                )
            if since is not None:
                dated[since] = DatedValue(since, value, cite, rationale)
        values = tuple(dated[since] for since in sorted(dated))
        if len({isinstance(one.value, frozenset) for one in values if one.value is not None}) > 1:
            self.diagnostics.error("mixed-values", reader.where(raw, "values"), subject)
        for before, after in itertools.pairwise(values):
            if before.value == after.value is not None:
                place = reader.where(mapping, after.since.isoformat())
                self.diagnostics.warning("same-value-twice", place, subject, since=before.since)
        return values

    def _typed(
        self, reader: Reader, value: Any, of: str, where: Where, subject: tuple[str, str]
    ) -> Any:
        if of == COUNTRIES or of in self.vocabularies:
            known = countries.CODES if of == COUNTRIES else self.ids(of)
            items = value if isinstance(value, Sequence) else [value]
            for item in items:
                if not isinstance(item, str) or item not in known:
                    code = "unknown-country" if of == COUNTRIES else "unknown-value"
                    near = code_of(item) if of == COUNTRIES else nearest(shown(item), known)
                    self.diagnostics.error(
                        code, where, subject, value=shown(item), vocabulary=of, suggestion=near
                    )
            good = [item for item in items if isinstance(item, str) and item in known]
            for item in sorted({item for item in good if good.count(item) > 1}):
                self.diagnostics.error("listed-twice", where, subject, value=item)
            return frozenset(good) if isinstance(value, Sequence) else next(iter(good), None)
        plain = (
            (of == "boolean" and isinstance(value, bool))
            or (of == "integer" and isinstance(value, int) and not isinstance(value, bool))
            or (
                of == "decimal" and isinstance(value, int | Decimal) and not isinstance(value, bool)
            )
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
        raw, where = reader.mapping(content, "region", None), reader.where(content, "region")
        if reader.strategy is None:
            self.diagnostics.error("region-without-strategy", where)
            return
        subject, keys = ("strategy", reader.strategy), ("countries", "undetermined", "forums")
        first = self.places.setdefault(("region", reader.strategy), where)
        if first is not where:
            self.diagnostics.error("region-twice", where, subject, file=first.file, line=first.line)
        if isinstance(content["region"], Mapping):
            reader.keys(raw, keys, keys, subject)
        names = dict.fromkeys(keys, "")
        for key, of in zip(keys, (COUNTRIES, COUNTRIES, "forums"), strict=True):
            name = shown(raw.get(key))
            if not name or name in self.unreadable:
                continue
            parameter = self.parameters.get(name)
            if parameter is None or parameter.of != of or parameter.is_list is False:
                possible = [one.id for one in self.parameters.values() if one.of == of]
                place, suggestion = reader.where(raw, key), nearest(name, possible)
                self.diagnostics.error(
                    "region-parameter", place, subject, key=key, of=of, suggestion=suggestion
                )
                continue
            names[key] = name
        if (known := self.strategies.get(reader.strategy)) is not None:
            self.strategies[known.id] = replace(known, region=Region(**names))

    def _once(self, kind: str, name: str, where: Where) -> None:
        """Report what stands in a second place."""
        first = self.places.setdefault((kind, name), where)
        if first is not where:
            self.diagnostics.error(
                "duplicate-id", where, (kind, name), file=first.file, line=first.line
            )

    def ids(self, vocabulary: str) -> frozenset[str]:
        """The ids of a vocabulary."""
        found = self.vocabularies.get(vocabulary)
        return frozenset(found.terms) if found else frozenset()

    def check_required(self) -> None:
        """What the program needs of any policy."""
        place = Where(f"{self.folder}/policy.yaml", 1)
        for id, of in REQUIRED_PARAMETERS.items():
            if id not in self.parameters and id not in self.unreadable:
                self.diagnostics.error("required-parameter", place, ("parameter", id), of=of)
        for name, values in REQUIRED_CONCLUDED.items():
            if name not in self.unreadable and (
                name not in self.facts or self.facts[name].values != values
            ):
                where = self.places.get(("fact", name), place)
                self.diagnostics.error("required-fact", where, ("fact", name), values=values)
                self.unreadable.add(name)
        for fact in self.facts.values():
            # Without strategies in policy.yaml there are more serious things to say, and they are
            # said.
            if (
                fact.values
                and fact.values not in (COUNTRIES, "strategies")
                and not self.ids(fact.values)
            ):
                self.diagnostics.error(
                    "no-vocabulary", place, ("vocabulary", fact.values), fact=fact.name
                )
        for flag in PROGRAM_FLAGS:
            if flag not in self.ids("flags"):
                self.diagnostics.error("required-flag", place, ("term", f"flags/{flag}"))
        self._check_terms()
        for strategy in self.strategies.values():
            if ("region", strategy.id) not in self.places:
                self.diagnostics.error("no-region", strategy.where, ("strategy", strategy.id))

    def _check_terms(self) -> None:
        for name, terms in PROGRAM_TERMS.items():
            vocabulary = self.vocabularies.get(name)
            if vocabulary is None or not vocabulary.terms:
                continue  # reported as missing
            where = next(iter(vocabulary.terms.values())).where
            for one in terms:
                if one not in vocabulary.terms:
                    self.diagnostics.error("required-term", where, ("term", f"{name}/{one}"))
            given = [one for one in vocabulary.terms if one in terms]
            if vocabulary.ordered and given != [one for one in terms if one in given]:
                self.diagnostics.error(
                    "required-order", where, ("vocabulary", name), order=", ".join(terms)
                )


def _concluded_type(text: str) -> tuple[Kind | None, str | None]:
    if text == "true or false":
        return Kind.BOOLEAN, None
    if text.startswith("set of "):
        return Kind.SET, text.removeprefix("set of ")
    return None, None
