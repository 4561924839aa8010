"""`rules/` -> `Policy`: finds and reads the files, collects every diagnostic, and computes the
content's digest.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from triage.deciding.layers import CycleError, layer_rules
from triage.errors import PolicyError
from triage.formats.spelling import nearest
from triage.formats.yaml import DocumentError, Mapping, Sequence, read_document
from triage.messages import Language
from triage.model.policy import (
    Indicator,
    Policy,
    Rule,
    Where,
)
from triage.rulebook.diagnostics import Diagnostics, diagnostic_codes
from triage.rulebook.read_changes import read_changes
from triage.rulebook.read_conditions import KnownNames
from triage.rulebook.read_indicators import read_indicators
from triage.rulebook.read_limits import read_limits, read_suspensions
from triage.rulebook.read_rules import RuleParser
from triage.rulebook.read_vocabulary import FILE_KEYS, POLICY_KEYS, Draft
from triage.rulebook.reader import Reader

Content = tuple[Reader, Path, Mapping]
"""One file of a policy: what reads it, its place in the folder, and what is written in it."""


def default_rules() -> Path:
    """The shipped policy: inside the installed package, or `rules/` of the checkout."""
    packaged = Path(__file__).parents[1] / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "rules"


def load_policy(folder: Path | None = None, language: Language = "en") -> Policy:
    """The policy in a folder (the shipped one by default); `PolicyError` with every error when
    it has any.
    """
    return usable(*read_policy(folder or default_rules()), language)


def read_policy(folder: Path) -> tuple[Policy | None, Diagnostics]:
    """The policy as far as it can be read, with everything that is wrong in it."""
    diagnostics = Diagnostics()
    contents = read_files(folder, diagnostics)
    # What a file that cannot be read declares would seem to be missing everywhere else.
    return (
        None if diagnostics.errors else build_policy(contents, folder, diagnostics)
    ), diagnostics


def read_files(folder: Path, diagnostics: Diagnostics) -> list[Content]:
    """The files of a policy as they are written."""
    contents: list[Content] = []
    shown_folder = _shown(folder)
    if not folder.is_dir():
        diagnostics.error("no-folder", Where(str(shown_folder), 1))
        return contents
    for path in sorted(
        path for path in folder.rglob("*") if path.suffix.casefold() in (".yaml", ".yml")
    ):
        relative = path.relative_to(folder)
        reader = Reader(str(shown_folder / relative), diagnostics)
        if path.suffix != ".yaml":
            diagnostics.error("not-named-yaml", Where(reader.file, 1))
        elif (content := read_file(path, reader)) is not None:
            contents.append((reader, relative, content))
    return contents


def read_file(path: Path, reader: Reader) -> Mapping | None:
    """One file as it is written; None, with a diagnostic, when it is no file of a policy."""
    try:
        content = read_document(path)
    except DocumentError as error:
        reader.diagnostics.error(error.code, Where(reader.file, error.line), None, **error.values)
        return None
    except OSError as error:
        reader.diagnostics.error("unreadable", Where(reader.file, 1), None, problem=error.strerror)
        return None
    if not isinstance(content, Mapping):
        reader.diagnostics.error("not-a-policy-file", Where(reader.file, 1))
        return None
    return content


def build_policy(contents: list[Content], folder: Path, diagnostics: Diagnostics) -> Policy | None:
    """The policy that files make together."""
    policy = _Loader(diagnostics, str(_shown(folder))).load(contents)
    return None if policy is None else replace(policy, folder=folder)


def usable(policy: Policy | None, diagnostics: Diagnostics, language: Language) -> Policy:
    """The policy, when nothing is wrong with it; else `PolicyError` with every error."""
    if policy is None or diagnostics.errors:
        lines = tuple(one.line(language) for one in diagnostics.sorted() if one.severity == "error")
        raise PolicyError(lines[0] if lines else "no policy", lines)
    return policy


def _shown(folder: Path) -> Path:
    relative = os.path.relpath(folder)
    return folder if relative.startswith("..") else Path(relative)


class _Loader:
    def __init__(self, diagnostics: Diagnostics, folder: str) -> None:
        self.diagnostics, self.folder = diagnostics, folder
        self.draft = Draft(diagnostics, folder)

    def load(self, contents: list[Content]) -> Policy | None:
        head = next(
            (
                (reader, content)
                for reader, path, content in contents
                if path == Path("policy.yaml")
            ),
            None,
        )
        if head is None:
            self.diagnostics.error("no-policy-file", Where(self.folder, 1))
            return None
        plain: list[tuple[Reader, Mapping]] = []
        for reader, relative, content in contents:
            if reader is head[0]:
                reader.keys(content, POLICY_KEYS, POLICY_KEYS, None)
            elif relative.parts[0] == "sources":
                self.draft.read_source(reader, content)
            else:
                reader.keys(content, FILE_KEYS, (), None)
                reader.setting_allowed = relative.parts[0] == "operations"
                reader.strategy = reader.word(content, "strategy", None) or reader.strategy
                self._french(reader, content)
                plain.append((reader, content))
        draft = self.draft
        draft.read_strategies(*head)
        for step in (
            draft.read_vocabularies,
            draft.read_facts,
            draft.read_parameters,
            draft.read_region,
        ):
            for reader, content in plain:
                step(reader, content)
        draft.read_criteria(*head)
        draft.check_required()
        words = KnownNames(
            draft.facts,
            draft.fact_texts,
            draft.vocabularies,
            draft.parameters,
            frozenset(criterion.id for criterion in draft.criteria),
            frozenset(draft.statements),
            frozenset(draft.unreadable),
        )
        rules = self._rules(plain, words)
        self._cycles(rules)
        indicators = read_indicators(plain, draft)
        read_changes(plain, draft)
        limits = read_limits(plain, words)
        suspensions = read_suspensions(plain, words, limits)
        policy = self._policy(*head, rules, indicators, digest(contents))
        return policy and replace(policy, limits=limits, suspensions=suspensions)

    # -- policy.yaml
    # --------------------------------------------------------------------------------------------

    def _policy(
        self,
        reader: Reader,
        content: Mapping,
        rules: list[Rule],
        indicators: tuple[Indicator, ...],
        version: str,
    ) -> Policy | None:
        subject = ("file", "policy")
        raw, required = (
            reader.mapping(content, "policy", None),
            ("id", "title", "notice", "default_lead"),
        )
        if isinstance(content.get("policy"), Mapping):
            reader.keys(raw, (*required, "french", "acknowledged"), required, subject)
        title, notice = reader.text(raw, "title", subject), reader.text(raw, "notice", subject)
        lead = reader.word(raw, "default_lead", subject)
        branches = self.draft.ids("branches")
        if lead is not None and lead not in branches:
            self.diagnostics.error(
                "unknown-value",
                reader.where(raw, "default_lead"),
                subject,
                value=lead,
                vocabulary="branches",
                suggestion=nearest(lead, sorted(branches)),
            )
        self._french(reader, raw)
        acknowledged, codes = reader.words(raw, "acknowledged", subject), diagnostic_codes()
        for code in acknowledged:
            if code not in codes:
                where, suggestion = reader.where(raw, "acknowledged"), nearest(code, codes)
                self.diagnostics.error(
                    "unknown-code", where, subject, value=code, suggestion=suggestion
                )
        if title is None or notice is None or lead is None:
            return None
        draft = self.draft
        return Policy(
            id=reader.word(raw, "id", subject) or "policy",
            version=version,
            title=title,
            notice=notice,
            default_lead=lead,
            acknowledged=frozenset(acknowledged),
            strategies=dict(sorted(draft.strategies.items())),
            criteria=tuple(draft.criteria),
            vocabularies=draft.vocabularies,
            facts=draft.facts,
            fact_texts=draft.fact_texts,
            parameters=draft.parameters,
            rules=tuple(sorted(rules, key=lambda rule: rule.id)),
            documents=draft.documents,
            statements=draft.statements,
            indicators=indicators,
            unreviewed_french=frozenset(draft.unreviewed),
        )

    def _french(self, reader: Reader, raw: Mapping) -> None:
        word = reader.word(raw, "french", None)
        if word == "unreviewed":
            self.draft.unreviewed.add(reader.file)
        elif word is not None:
            self.diagnostics.error("bad-french", reader.where(raw, "french"), value=word)

    # -- rules
    # --------------------------------------------------------------------------------------------------

    def _rules(self, contents: list[tuple[Reader, Mapping]], words: KnownNames) -> list[Rule]:
        rules: dict[str, Rule] = {}
        for reader, content in contents:
            if reader.strategy is not None and reader.strategy not in self.draft.strategies:
                where, suggestion = (
                    reader.where(content, "strategy"),
                    nearest(reader.strategy, self.draft.strategies),
                )
                if self.draft.strategies:
                    self.diagnostics.error(
                        "unknown-strategy", where, value=reader.strategy, suggestion=suggestion
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
                    self.diagnostics.error(
                        "duplicate-id", rule.where, ("rule", rule.id), file=file, line=line
                    )
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


def digest(contents: Iterable[Content]) -> str:
    """The policy version: 12 hex digits over the content, whatever its comments and the order of
    files and entries.
    """
    entries: list[bytes] = []
    for reader, _, content in contents:
        strategy = content.get("strategy", reader.strategy)
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
        parts = [_canonical(one) for one in value]
        # Lists are sets (conditions, countries, rows); only the terms of an ordered vocabulary have
        # an order.
        return b"[" + b",".join(parts if ordered else sorted(parts)) + b"]"
    return orjson.dumps(value if not isinstance(value, Decimal) else str(value))
