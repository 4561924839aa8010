"""`rules/` -> `Policy`: finds and reads the files, collects every diagnostic, and computes the content's digest."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from triage import countries
from triage.diagnostics import Diagnostics, nearest
from triage.documents import DocumentError, Mapping, Sequence, read_document
from triage.errors import PolicyError
from triage.facts import COUNTRIES, DERIVED_FACTS, REQUEST_FACTS, Fact, Kind, Origin
from triage.layers import CycleError, layer_rules
from triage.messages import Language
from triage.parsing import RuleParser, Words, check_basis
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
    Policy,
    Reference,
    Region,
    Rule,
    Statement,
    Strategy,
    Term,
    Text,
    Vocabulary,
    Where,
)
from triage.reading import SNAKE, Reader, fraction, shown

FILE_KEYS = ("strategy", "french", "vocabularies", "facts", "parameters", "rules", "tables", "region")
SOURCE_KEYS = ("document", "statements", "french")
POLICY_KEYS = ("policy", "strategies", "criteria")
STATEMENT_KEYS = (
    *("section", "kind", "says", "not encoded", "note", "dated", "undefined_terms"),
    *("from", "until"),
)


@dataclass
class Draft:
    """What has been read so far, before the rules."""

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


def default_rules() -> Path:
    """The shipped policy: inside the installed package, or `rules/` of the checkout."""
    packaged = Path(__file__).parent / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "rules"


def load_policy(folder: Path | None = None, language: Language = "en") -> Policy:
    """The policy in a folder (the shipped one by default); `PolicyError` with every error when it has any."""
    policy, diagnostics = read_policy(folder or default_rules())
    if policy is None or diagnostics.errors:
        lines = tuple(diagnostic.line(language) for diagnostic in diagnostics.sorted())
        raise PolicyError(lines[0] if lines else "no policy", lines)
    return policy


def read_policy(folder: Path) -> tuple[Policy | None, Diagnostics]:
    """The policy as far as it can be read, with everything that is wrong in it."""
    diagnostics = Diagnostics()
    shown_folder = Path(os.path.relpath(folder)) if not os.path.relpath(folder).startswith("..") else folder
    if not folder.is_dir():
        diagnostics.error("no-folder", Where(str(shown_folder), 1))
        return None, diagnostics
    contents: list[tuple[Reader, Path, Mapping]] = []
    for path in sorted(folder.rglob("*.yaml")):
        relative = path.relative_to(folder)
        reader = Reader(str(shown_folder / relative), diagnostics)
        try:
            content = read_document(path)
        except DocumentError as error:
            diagnostics.error(error.code, Where(reader.file, error.line), None, **error.values)
            continue
        except OSError as error:
            diagnostics.error("unreadable", Where(reader.file, 1), None, problem=error.strerror)
            continue
        if not isinstance(content, Mapping):
            diagnostics.error("not-a-policy-file", Where(reader.file, 1))
            continue
        contents.append((reader, relative, content))
    loader = _Loader(diagnostics, str(shown_folder))
    return loader.load(contents), diagnostics


class _Loader:
    def __init__(self, diagnostics: Diagnostics, folder: str) -> None:
        self.diagnostics, self.folder, self.draft = diagnostics, folder, Draft()

    def load(self, contents: list[tuple[Reader, Path, Mapping]]) -> Policy | None:
        head: tuple[Reader, Mapping] | None = None
        plain: list[tuple[Reader, Mapping]] = []
        for reader, relative, content in contents:
            if relative.name == "policy.yaml" and len(relative.parts) == 1:
                reader.keys(content, POLICY_KEYS, POLICY_KEYS, None)
                head = (reader, content)
            elif relative.parts[0] == "sources":
                self._source(reader, content)
            else:
                reader.keys(content, FILE_KEYS, (), None)
                reader.setting_allowed = relative.parts[0] == "operations"
                reader.strategy = reader.word(content, "strategy", None)
                if content.get("french") == "unreviewed":
                    self.draft.unreviewed.add(reader.file)
                plain.append((reader, content))
        if head is None:
            self.diagnostics.error("no-policy-file", Where(self.folder, 1))
            return None
        self._strategies(*head)
        for step in (self._vocabularies, self._facts, self._parameters, self._region):
            for reader, content in plain:
                step(reader, content)
        self._criteria(*head)
        self._required()
        words = Words(
            self.draft.facts,
            self.draft.fact_texts,
            self.draft.vocabularies,
            self.draft.parameters,
            frozenset(criterion.id for criterion in self.draft.criteria),
            frozenset(self.draft.statements),
        )
        rules = self._rules(plain, words)
        self._cycles(rules)
        return self._policy(*head, rules, digest(content for _, _, content in contents))

    # -- policy.yaml --------------------------------------------------------------------------------------------

    def _strategies(self, reader: Reader, content: Mapping) -> None:
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
            self.draft.strategies[id] = Strategy(
                id,
                title,
                short,
                reader.period(raw, "in_force", subject),
                cite,
                Region("", "", ""),
                reader.where(raw),
            )
        terms = {s.id: Term(s.id, s.short, (), (), s.where) for s in self.draft.strategies.values()}
        self.draft.vocabularies["strategies"] = Vocabulary("strategies", False, terms)

    def _criteria(self, reader: Reader, content: Mapping) -> None:
        for id, raw in reader.mapping(content, "criteria", None, required=True).items():
            subject = ("criterion", id)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "criteria"), subject, key=id)
                continue
            reader.keys(raw, ("label", "maximum"), ("label", "maximum"), subject)
            label, maximum = reader.text(raw, "label", subject), raw.get("maximum")
            if isinstance(maximum, str):
                parameter = self.draft.parameters.get(maximum)
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
                self.draft.criteria.append(Criterion(id, label, maximum))

    def _policy(self, reader: Reader, content: Mapping, rules: list[Rule], version: str) -> Policy | None:
        subject = ("file", "policy")
        raw = reader.mapping(content, "policy", None, required=True)
        required = ("id", "title", "notice", "default_lead")
        reader.keys(raw, (*required, "french", "acknowledged"), required, subject)
        title, notice = reader.text(raw, "title", subject), reader.text(raw, "notice", subject)
        lead = reader.word(raw, "default_lead", subject)
        branches = self._ids("branches")
        if lead is not None and lead not in branches:
            self.diagnostics.error(
                "unknown-value",
                reader.where(raw, "default_lead"),
                subject,
                value=lead,
                vocabulary="branches",
                suggestion=nearest(lead, sorted(branches)),
            )
        if raw.get("french") == "unreviewed":
            self.draft.unreviewed.add(reader.file)
        if title is None or notice is None or lead is None:
            return None
        draft = self.draft
        return Policy(
            id=reader.word(raw, "id", subject) or "policy",
            version=version,
            title=title,
            notice=notice,
            default_lead=lead,
            acknowledged=frozenset(reader.words(raw, "acknowledged", subject)),
            strategies=draft.strategies,
            criteria=tuple(draft.criteria),
            vocabularies=draft.vocabularies,
            facts=draft.facts,
            fact_texts=draft.fact_texts,
            parameters=draft.parameters,
            rules=tuple(sorted(rules, key=lambda rule: rule.id)),
            documents=draft.documents,
            statements=draft.statements,
            unreviewed_french=frozenset(draft.unreviewed),
        )

    # -- sources ------------------------------------------------------------------------------------------------

    def _source(self, reader: Reader, content: Mapping) -> None:
        reader.keys(content, SOURCE_KEYS, ("document", "statements"), None)
        raw = reader.mapping(content, "document", None)
        allowed = ("id", "title", "short", "date", "language", "note", "classification")
        reader.keys(raw, allowed, ("id", "title", "short"), None)
        id, title = reader.word(raw, "id", None), reader.text(raw, "title", None)
        short = reader.text(raw, "short", None)
        if id is None or title is None or short is None:
            return
        self.draft.documents[id] = Document(id, title, short, reader.where(raw))
        for key, statement in reader.mapping(content, "statements", None).items():
            subject, where = ("statement", key), reader.where(content["statements"], key)
            if key in self.draft.statements:
                first = self.draft.statements[key].where
                self.diagnostics.error("duplicate-id", where, subject, file=first.file, line=first.line)
            if not isinstance(statement, Mapping):
                self.diagnostics.error("not-a-mapping", where, subject, key=key)
                continue
            reader.keys(statement, STATEMENT_KEYS, ("section", "kind", "says"), subject)
            self.draft.statements[key] = Statement(
                key,
                id,
                shown(statement.get("section")),
                shown(statement.get("kind")),
                shown(statement.get("says")),
                shown(statement.get("not encoded")) or None,
                where,
            )

    # -- vocabularies, facts, parameters ------------------------------------------------------------------------

    def _vocabularies(self, reader: Reader, content: Mapping) -> None:
        for id, raw in reader.mapping(content, "vocabularies", None).items():
            subject = ("vocabulary", id)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "vocabularies"), subject, key=id)
                continue
            reader.keys(raw, ("ordered", "values"), ("values",), subject)
            known = self.draft.vocabularies.get(id)
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
            self.draft.vocabularies[id] = Vocabulary(id, ordered, terms)

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

    def _check_cites(
        self, reader: Reader, raw: Mapping, cite: tuple[str, ...], subject: tuple[str, str]
    ) -> None:
        for one in cite:
            if one not in self.draft.statements:
                suggestion = nearest(one, self.draft.statements)
                where = reader.where(raw, "cite")
                self.diagnostics.error("unknown-citation", where, subject, value=one, suggestion=suggestion)

    def _facts(self, reader: Reader, content: Mapping) -> None:
        for name, raw in reader.mapping(content, "facts", None).items():
            subject = ("fact", name)
            if not isinstance(raw, Mapping):
                self.diagnostics.error("not-a-mapping", reader.where(content, "facts"), subject, key=name)
                continue
            reader.keys(raw, ("label", "aliases", "question", "concluded", "changeable"), ("label",), subject)
            where = reader.where(content["facts"], name)
            concluded = reader.word(raw, "concluded", subject)
            if concluded is None and name not in self.draft.facts:
                suggestion = nearest(name, self.draft.facts)
                self.diagnostics.error("unknown-request-fact", where, subject, suggestion=suggestion)
                continue
            if concluded is not None:
                kind, values = _concluded_type(concluded)
                if kind is None or (values is not None and values not in self.draft.vocabularies):
                    known = [f"set of {vocabulary}" for vocabulary in self.draft.vocabularies]
                    suggestion = nearest(concluded, [*known, "true or false"])
                    self.diagnostics.error(
                        "bad-concluded-type", where, subject, value=concluded, suggestion=suggestion
                    )
                    continue
                if name in self.draft.facts:
                    self.diagnostics.error("fact-taken", where, subject)
                    continue
                self.draft.facts[name] = Fact(name, kind, values, Origin.CONCLUDED)
            label = reader.text(raw, "label", subject)
            if label is not None:
                aliases = reader.mapping(raw, "aliases", subject)
                names = tuple(alias for lang in aliases for alias in reader.words(aliases, lang, subject))
                question = reader.text(raw, "question", subject)
                self.draft.fact_texts[name] = FactText(label, names, question)

    def _parameters(self, reader: Reader, content: Mapping) -> None:
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
            if id in self.draft.parameters:
                first = self.draft.parameters[id].where
                self.diagnostics.error("duplicate-id", where, subject, file=first.file, line=first.line)
                continue
            title, of = reader.text(raw, "title", subject), reader.word(raw, "of", subject)
            plain = ("integer", "decimal", "fraction", "boolean", "date", COUNTRIES)
            if of is not None and of not in plain and of not in self.draft.vocabularies:
                suggestion = nearest(of, [*plain, *self.draft.vocabularies])
                place = reader.where(raw, "of")
                self.diagnostics.error("unknown-type", place, subject, value=of, suggestion=suggestion)
                continue
            if title is None or of is None:
                continue
            values = self._dated_values(reader, raw, of, subject)
            basis = Basis.SETTING if raw.get("basis") == "setting" else Basis.STRATEGY
            self.draft.parameters[id] = Parameter(id, title, of, basis, values, where)

    def _dated_values(
        self, reader: Reader, raw: Mapping, of: str, subject: tuple[str, str]
    ) -> tuple[DatedValue, ...]:
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
            known = frozenset(self.draft.statements)
            check_basis(reader, raw, subject, cite, rationale, known, entry)
            value = entry.get("value")
            if value is not None:
                value = self._typed(reader, value, of, reader.where(entry, "value"), subject)
            if since is not None:
                dated[since] = DatedValue(since, value, cite, rationale)
        values = tuple(dated[since] for since in sorted(dated))
        if len({isinstance(one.value, frozenset) for one in values if one.value is not None}) > 1:
            self.diagnostics.error("mixed-values", reader.where(raw, "values"), subject)
        for before, after in zip(values, values[1:], strict=False):
            if before.value == after.value:
                place = reader.where(mapping, after.since.isoformat())
                self.diagnostics.warning("same-value-twice", place, subject, since=before.since)
        return values

    def _typed(self, reader: Reader, value: Any, of: str, where: Where, subject: tuple[str, str]) -> Any:
        if of == COUNTRIES or of in self.draft.vocabularies:
            known = countries.CODES if of == COUNTRIES else self._ids(of)
            items = value if isinstance(value, Sequence) else [value]
            for item in items:
                if not isinstance(item, str) or item not in known:
                    code = "unknown-country" if of == COUNTRIES else "unknown-value"
                    near = countries.from_code(str(item)) if of == COUNTRIES else nearest(str(item), known)
                    self.diagnostics.error(
                        code, where, subject, value=shown(item), vocabulary=of, suggestion=near
                    )
            good = [item for item in items if isinstance(item, str) and item in known]
            for item in sorted({item for item in good if good.count(item) > 1}):
                self.diagnostics.error("listed-twice", where, subject, value=item)
            return frozenset(good) if isinstance(value, Sequence) else next(iter(good), None)
        good = (
            (of == "boolean" and isinstance(value, bool))
            or (of == "integer" and isinstance(value, int) and not isinstance(value, bool))
            or (of == "decimal" and isinstance(value, int | Decimal) and not isinstance(value, bool))
        )
        if good:
            return Decimal(value) if of == "decimal" else value
        if of == "fraction" and (found := fraction(value)) is not None:
            return found
        if of == "date":
            return reader.day(value, where, subject)
        self.diagnostics.error("bad-value", where, subject, value=shown(value), of=of)
        return None

    def _region(self, reader: Reader, content: Mapping) -> None:
        if "region" not in content:
            return
        raw = reader.mapping(content, "region", None)
        subject = ("strategy", reader.strategy or "?")
        keys = ("countries", "undetermined", "forums")
        if not reader.keys(raw, keys, keys, subject) or reader.strategy not in self.draft.strategies:
            return
        names = {}
        for key, of in zip(keys, (COUNTRIES, COUNTRIES, "forums"), strict=True):
            name = reader.word(raw, key, subject)
            parameter = self.draft.parameters.get(name or "")
            if parameter is None or parameter.of != of:
                where, suggestion = reader.where(raw, key), nearest(name or "", self.draft.parameters)
                self.diagnostics.error(
                    "region-parameter", where, subject, key=key, of=of, suggestion=suggestion
                )
                return
            names[key] = parameter.id
        known = self.draft.strategies[reader.strategy]
        region = Region(**names)
        self.draft.strategies[known.id] = Strategy(
            known.id, known.title, known.short, known.in_force, known.cite, region, known.where
        )

    def _ids(self, vocabulary: str) -> frozenset[str]:
        found = self.draft.vocabularies.get(vocabulary)
        return frozenset(found.terms) if found else frozenset()

    def _required(self) -> None:
        place = Where(f"{self.folder}/policy.yaml", 1)
        for id, of in REQUIRED_PARAMETERS.items():
            parameter = self.draft.parameters.get(id)
            if parameter is None or parameter.of != of:
                where = parameter.where if parameter else place
                self.diagnostics.error("required-parameter", where, ("parameter", id), of=of)
        for name, values in REQUIRED_CONCLUDED.items():
            if name not in self.draft.facts:
                self.diagnostics.error("required-fact", place, ("fact", name), values=values)
        for fact in self.draft.facts.values():
            concluded = REQUIRED_CONCLUDED.get(fact.name)
            if concluded is not None and fact.values != concluded:
                self.diagnostics.error("required-fact", place, ("fact", fact.name), values=concluded)
            if fact.values and fact.values != COUNTRIES and not self._ids(fact.values):
                self.diagnostics.error("no-vocabulary", place, ("vocabulary", fact.values), fact=fact.name)
        for flag in PROGRAM_FLAGS:
            if flag not in self._ids("flags"):
                self.diagnostics.error("required-flag", place, ("term", f"flags/{flag}"))
        for strategy in self.draft.strategies.values():
            if not strategy.region.countries:
                self.diagnostics.error("no-region", strategy.where, ("strategy", strategy.id))

    # -- rules --------------------------------------------------------------------------------------------------

    def _rules(self, contents: list[tuple[Reader, Mapping]], words: Words) -> list[Rule]:
        rules: dict[str, Rule] = {}
        for reader, content in contents:
            if reader.strategy is not None and reader.strategy not in self.draft.strategies:
                where, suggestion = reader.where(content, "strategy"), nearest(
                    reader.strategy, self.draft.strategies
                )
                self.diagnostics.error(
                    "unknown-strategy", where, None, value=reader.strategy, suggestion=suggestion
                )
                continue
            parser = RuleParser(reader, words)
            parsed = [parser.rule(raw) for raw in reader.mappings(content, "rules", None)]
            found = [rule for rule in parsed if rule is not None]
            for raw in reader.mappings(content, "tables", None):
                found += parser.table(raw)
            for rule in found:
                if (first := rules.get(rule.id)) is not None:
                    file, line = first.where.file, first.where.line
                    self.diagnostics.error("duplicate-id", rule.where, ("rule", rule.id), file=file, line=line)
                else:
                    rules[rule.id] = rule
        return list(rules.values())


    def _cycles(self, rules: list[Rule]) -> None:
        for strategy in (None, *self.draft.strategies):
            try:
                layer_rules(rule for rule in rules if rule.strategy in (None, strategy))
            except CycleError as error:
                first = next(rule for rule in rules if rule.id == error.path[0])
                path = " -> ".join(error.path)
                self.diagnostics.error("cycle", first.where, None, path=path)


def _concluded_type(text: str) -> tuple[Kind | None, str | None]:
    if text == "true or false":
        return Kind.BOOLEAN, None
    if text.startswith("set of "):
        return Kind.SET, text.removeprefix("set of ")
    return None, None


def digest(contents: Iterable[Mapping]) -> str:
    """The policy version: 12 hex digits over the content, whatever its comments and the order of files and entries."""
    entries: list[bytes] = []
    for content in contents:
        strategy = content.get("strategy")
        for section, value in content.items():
            entries += [_canonical([section, strategy, part]) for part in _parts(section, value)]
    return hashlib.sha256(b"\n".join(sorted(entries))).hexdigest()[:12]


def _parts(section: str, value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return [[key, one] for key, one in value.items()]
    return value if isinstance(value, Sequence) else [value]


def _canonical(value: Any, ordered: bool = False) -> bytes:
    if isinstance(value, dict):
        inner = value.get("ordered") is True
        items = sorted((key, _canonical(one, inner)) for key, one in value.items())
        return b"{" + b",".join(orjson.dumps(key) + b":" + one for key, one in items) + b"}"
    if isinstance(value, list):
        items = [_canonical(one) for one in value]
        # Lists are sets (conditions, countries, rows); only the terms of an ordered vocabulary have an order.
        return b"[" + b",".join(items if ordered else sorted(items)) + b"]"
    return orjson.dumps(value if not isinstance(value, Decimal) else str(value))


def bilingual(text: Text) -> dict[str, str]:
    """A text as plain data."""
    return {"en": text.en, "fr": text.fr}
