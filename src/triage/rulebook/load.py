"""`rules/` -> `Policy`: finds the files, reads them in turn, and collects every diagnostic."""

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
from triage.formats.yaml import DocumentError, Mapping, Sequence, read_document
from triage.messages import Language
from triage.model.policy import Policy, Rule, Where
from triage.rulebook.check_program import check_program
from triage.rulebook.diagnostics import Diagnostics, diagnostic_codes
from triage.rulebook.draft import Draft
from triage.rulebook.read_changes import read_changes
from triage.rulebook.read_indicators import read_indicators
from triage.rulebook.read_limits import read_limits, read_suspensions
from triage.rulebook.read_parameters import read_parameters
from triage.rulebook.read_rules import read_rules
from triage.rulebook.read_sources import read_source
from triage.rulebook.read_strategies import read_criteria, read_regions, read_strategies
from triage.rulebook.read_vocabulary import read_facts, read_vocabularies
from triage.rulebook.reader import Reader

FILE_KEYS = (
    *("strategy", "french", "vocabularies", "facts", "parameters", "rules", "tables", "region"),
    *("indicators", "limits", "suspensions"),
)
POLICY_KEYS = ("policy", "strategies", "criteria")

Content = tuple[Reader, Path, Mapping]
"""One file of a policy: what reads it, its place in the folder, and what is written in it."""


def default_rules() -> Path:
    """The shipped policy: inside the installed package, or `rules/` of the checkout."""
    packaged = Path(__file__).parents[1] / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "rules"


def load_policy(folder: Path | None = None, language: Language = "en") -> Policy:
    """The policy in a folder, by default the shipped one; `PolicyError` with all its errors."""
    return usable(*read_policy(folder or default_rules()), language)


def usable(policy: Policy | None, diagnostics: Diagnostics, language: Language) -> Policy:
    """The policy, when nothing is wrong with it; else `PolicyError` with every error."""
    if policy is None or diagnostics.errors:
        lines = tuple(one.line(language) for one in diagnostics.sorted() if one.severity == "error")
        raise PolicyError(lines[0] if lines else "no policy", lines)
    return policy


def read_policy(folder: Path) -> tuple[Policy | None, Diagnostics]:
    """The policy as far as it can be read, with everything that is wrong in it."""
    diagnostics = Diagnostics()
    contents = read_files(folder, diagnostics)
    # What a file that cannot be read declares would seem to be missing everywhere else.
    policy = None if diagnostics.errors else build_policy(contents, folder, diagnostics)
    return policy, diagnostics


def read_files(folder: Path, diagnostics: Diagnostics) -> list[Content]:
    """The files of a policy as they are written."""
    contents: list[Content] = []
    shown_folder = _shown(folder)
    if not folder.is_dir():
        diagnostics.error("no-folder", Where(str(shown_folder), 1))
        return contents
    for path in sorted(folder.rglob("*")):
        if path.suffix.casefold() not in (".yaml", ".yml"):
            continue
        relative = path.relative_to(folder)
        reader = Reader(str(shown_folder / relative), diagnostics)
        if path.suffix != ".yaml":
            reader.error("not-named-yaml", Where(reader.file, 1))
        elif (content := read_file(path, reader)) is not None:
            contents.append((reader, relative, content))
    return contents


def read_file(path: Path, reader: Reader) -> Mapping | None:
    """One file as it is written; None, with a diagnostic, when it is no file of a policy."""
    try:
        content = read_document(path)
    except DocumentError as error:
        reader.error(error.code, Where(reader.file, error.line), None, **error.values)
        return None
    except OSError as error:
        reader.error("unreadable", Where(reader.file, 1), None, problem=error.strerror)
        return None
    if not isinstance(content, Mapping):
        reader.error("not-a-policy-file", Where(reader.file, 1))
        return None
    return content


def _shown(folder: Path) -> Path:
    relative = os.path.relpath(folder)
    return folder if relative.startswith("..") else Path(relative)


def build_policy(contents: list[Content], folder: Path, diagnostics: Diagnostics) -> Policy | None:
    """The policy that files make together; None when its policy.yaml lacks what it needs."""
    shown_folder = str(_shown(folder))
    heads = [(reader, raw) for reader, path, raw in contents if path == Path("policy.yaml")]
    if not heads:
        diagnostics.error("no-policy-file", Where(shown_folder, 1))
        return None
    head, draft = heads[0], Draft(diagnostics)
    sections = _read_sources(contents, draft)
    # Each step names what the steps before it have read.
    read_strategies(*head, draft)
    read_vocabularies(sections, draft)
    read_facts(sections, draft)
    read_parameters(sections, draft)
    read_regions(sections, draft)
    read_criteria(*head, draft)
    check_program(draft, Where(f"{shown_folder}/policy.yaml", 1))
    names = draft.names()
    rules = read_rules(sections, names, draft.strategies)
    _check_cycles(rules, draft)
    indicators = read_indicators(sections, draft)
    read_changes(sections, draft)
    limits = read_limits(sections, names)
    suspensions = read_suspensions(sections, names, limits)
    policy = _read_head(*head, draft, digest(contents), rules)
    return policy and replace(
        policy, indicators=indicators, limits=limits, suspensions=suspensions, folder=folder
    )


def _read_sources(contents: list[Content], draft: Draft) -> list[tuple[Reader, Mapping]]:
    """Read the source documents, and return the files that hold the other sections."""
    sections: list[tuple[Reader, Mapping]] = []
    for reader, path, content in contents:
        if path == Path("policy.yaml"):
            reader.keys(content, POLICY_KEYS, POLICY_KEYS, None)
        elif path.parts[0] == "sources":
            read_source(reader, content, draft)
        else:
            reader.keys(content, FILE_KEYS, (), None)
            reader.setting_allowed = path.parts[0] == "operations"
            reader.strategy = reader.word(content, "strategy", None) or reader.strategy
            _read_french(reader, content, draft)
            sections.append((reader, content))
    return sections


def _check_cycles(rules: list[Rule], draft: Draft) -> None:
    for strategy in (None, *draft.strategies):
        try:
            layer_rules(rule for rule in rules if rule.strategy in (None, strategy))
        except CycleError as error:
            first = next(rule for rule in rules if rule.id == error.path[0])
            draft.diagnostics.error("cycle", first.where, None, path=" -> ".join(error.path))


def _read_head(
    reader: Reader, content: Mapping, draft: Draft, version: str, rules: list[Rule]
) -> Policy | None:
    """The policy of what has been read and of what policy.yaml says of it as a whole."""
    subject, required = ("file", "policy"), ("id", "title", "notice", "default_lead")
    raw = reader.mapping(content, "policy", None)
    if isinstance(content.get("policy"), Mapping):
        reader.keys(raw, (*required, "french", "acknowledged"), required, subject)
    title, notice = reader.text(raw, "title", subject), reader.text(raw, "notice", subject)
    lead, branches = reader.word(raw, "default_lead", subject), draft.ids("branches")
    if lead is not None and lead not in branches:
        where = reader.where(raw, "default_lead")
        reader.misnamed("unknown-value", where, subject, lead, branches, vocabulary="branches")
    _read_french(reader, raw, draft)
    acknowledged, codes = reader.words(raw, "acknowledged", subject), diagnostic_codes()
    for code in acknowledged:
        if code not in codes:
            where = reader.where(raw, "acknowledged")
            reader.misnamed("unknown-code", where, subject, code, codes)
    if title is None or notice is None or lead is None:
        return None
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
        unreviewed_french=frozenset(draft.unreviewed),
    )


def _read_french(reader: Reader, raw: Mapping, draft: Draft) -> None:
    word = reader.word(raw, "french", None)
    if word == "unreviewed":
        draft.unreviewed.add(reader.file)
    elif word is not None:
        reader.error("bad-french", reader.where(raw, "french"), value=word)


def digest(contents: Iterable[Content]) -> str:
    """The policy version: 12 hex digits over what the files say.

    Comments do not count, nor does the order of files and entries, but for facts: their order is
    that of columns and questions.
    """
    entries: list[bytes] = []
    for reader, _, content in contents:
        strategy = content.get("strategy", reader.strategy)
        for section, value in content.items():
            entries += [_canonical([section, strategy, entry]) for entry in _entries(value)]
            if section == "facts" and isinstance(value, Mapping):
                entries.append(_canonical([section, list(value)]))
    return hashlib.sha256(b"\n".join(sorted(entries))).hexdigest()[:12]


def _entries(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return [[key, one] for key, one in value.items()]
    return value if isinstance(value, Sequence) else [value]


def _canonical(value: Any, ordered: bool = False) -> bytes:
    """JSON with sorted keys. Lists are sets, so they are sorted too, unless they are `ordered`."""
    if isinstance(value, dict):
        # Of all lists only the terms of an ordered vocabulary have an order.
        inner = value.get("ordered") is True
        items = sorted((key, _canonical(one, inner)) for key, one in value.items())
        return b"{" + b",".join(orjson.dumps(key) + b":" + one for key, one in items) + b"}"
    if isinstance(value, list):
        entries = [_canonical(one) for one in value]
        return b"[" + b",".join(entries if ordered else sorted(entries)) + b"]"
    return orjson.dumps(value if not isinstance(value, Decimal) else str(value))
