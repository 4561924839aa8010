"""The difference of two policies as edits, each of which can be told and applied by itself."""

import hashlib
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from triage.deciding.layers import layer_rules
from triage.messages import Language
from triage.model.effects import EFFECTS, EffectShape
from triage.model.policy import Parameter, Policy, Rule, Text
from triage.model.program import REQUIRED_PARAMETERS
from triage.policy_diff.definitions import (
    DATED,
    Definitions,
    Key,
    comparable,
    comparable_clauses,
    dated_of,
    definitions_of,
    names_of,
    policy_of,
)
from triage.policy_diff.edit_words import EditWords

TEXTS = ("words", "term", "document", "statement", "indicator", "fact")
"""Sections whose entries change no result by coming or going: a rule that reads one is an edit."""

KINDS = {"value": "parameter", "cap": "limit", "words": "text", "document": "text"}
KINDS |= {"statement": "text", "term": "vocabulary", "indicator": "text"}
"""The kind of edit by section, where the two have different names."""

WORDED = ("rule_changed", "parameter", "limit", "suspension", "strategy", "criterion")
"""Kinds of which an edit is one of texts when it cannot change a result."""


@dataclass(frozen=True)
class Edit:
    """One difference between a baseline and a candidate, which stands or falls as a whole.

    `id` is stable (`parameter:accept_threshold@2022-04-12`, `rule:key-country`); `affects_results`
    is false where only texts, citations or words differ. `keys` are the definitions that it
    changes.
    """

    id: str
    kind: str
    subject: str
    affects_results: bool
    keys: tuple[Key, ...]
    _versions: "_Versions" = field(repr=False, compare=False)

    def words(self, language: Language) -> list[str]:
        """What changes, old to new; the first line names it, indented lines belong to the first."""
        return self._versions.words(language).lines(self.kind, self.keys)

    def as_dict(self, language: Language) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "affects_results": self.affects_results,
            "words": self.words(language),
        }


class _Versions:
    """The two policies, shared by the edits between them."""

    def __init__(self, baseline: Policy, candidate: Policy) -> None:
        self.baseline, self.candidate = baseline, candidate
        self.old, self.new = definitions_of(baseline), definitions_of(candidate)
        self._words: dict[Language, EditWords] = {}

    def words(self, language: Language) -> EditWords:
        """What puts the edits into words; made once a language."""
        if language not in self._words:
            words = EditWords(self.baseline, self.candidate, self.old, self.new, language)
            self._words[language] = words
        return self._words[language]


def edits_between(baseline: Policy, candidate: Policy) -> tuple[Edit, ...]:
    """Every difference between two policies, those that can change results first, then by id."""
    versions = _Versions(baseline, candidate)
    old, new = versions.old, versions.new
    changed = [key for key in {**old, **new} if not _same(key, old, new)]
    edits = []
    for kind, id, subject, keys in _drafts(changed, old, new):
        # Of a parameter that comes or goes with its values, rules that name it have the effect.
        deciding = keys[:1] if kind in ("parameter_added", "parameter_removed") else keys
        affects = any(_affects(key, old.get(key), new.get(key)) for key in deciding)
        affects = affects and kind != "rule_renamed"
        shown = "text" if not affects and kind in WORDED else kind
        edits.append(Edit(id, shown, subject, affects, tuple(keys), versions))
    return tuple(sorted(edits, key=lambda edit: (not edit.affects_results, edit.id)))


def with_edits(baseline: Policy, candidate: Policy, edits: Collection[Edit]) -> Policy:
    """The baseline with just these of the edits between it and the candidate.

    With none it decides as the baseline, with all as the candidate. What an edit needs of the
    candidate (a parameter that its rule names) comes with it. `CycleError` when these edits
    without the others make a circle of rules.
    """
    old, new = definitions_of(baseline), definitions_of(candidate)
    definitions = dict(old)
    for edit in edits:
        for key in edit.keys:
            if key in new:
                definitions[key] = new[key]
            else:
                definitions.pop(key, None)
    chosen = "\n".join([baseline.version, candidate.version, *sorted(edit.id for edit in edits)])
    version = hashlib.sha256(chosen.encode()).hexdigest()[:12] if edits else baseline.version
    made = policy_of(definitions, old, new, candidate if edits else baseline, version)
    for strategy in (None, *made.strategies):
        layer_rules(rule for rule in made.rules if rule.strategy in (None, strategy))
    return made


_ABSENT = object()


def _same(key: Key, old: Definitions, new: Definitions) -> bool:
    before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
    if before is after:
        return True
    if before is _ABSENT or after is _ABSENT:
        return False
    return bool(comparable(before) == comparable(after))


# -- which differences stand or fall together


class _Draft(NamedTuple):
    """An edit before it is known whether it can change results."""

    kind: str
    id: str
    subject: str
    keys: list[Key]


def _drafts(changed: list[Key], old: Definitions, new: Definitions) -> Iterator[_Draft]:
    left = dict.fromkeys(changed)
    for step in (_reshaped, _whole, _vocabularies, _renamed, _tables):
        for draft in list(step(left, old, new)):
            yield draft
            for key in draft.keys:
                left.pop(key, None)
    heads = {dated: head for head, dated in DATED.items()}
    for key in left:
        section, name = key
        kind = KINDS.get(section, section)
        if section == "rule":
            kind = _came_or_went(key, old, new) or "rule_changed"
        yield _Draft(kind, f"{heads.get(section, section)}:{name}", name, [key])


def _came_or_went(key: Key, old: Definitions, new: Definitions) -> str | None:
    """The kind of edit of what only one version has; None for what both have."""
    if key not in old:
        return f"{key[0]}_added"
    return f"{key[0]}_removed" if key not in new else None


def _reshaped(left: Collection[Key], old: Definitions, new: Definitions) -> Iterator[_Draft]:
    """A parameter or fact of another type, with what reads it: neither works without the other."""
    taken: set[Key] = set()
    names = dict.fromkeys(
        name.rpartition("@")[0] if section == "value" else name for section, name in left
    )
    for section, name in itertools.product(("parameter", "fact"), names):
        head = (section, name)
        if head not in old or head not in new or not _another_type(head, old, new):
            continue
        own = [head] if head in left else []
        own += dated_of(head, left) if section == "parameter" else []
        readers = [
            key
            for key in left
            if key[0] in ("rule", "criterion", "strategy")
            and key not in taken
            and any(head in names_of(version[key]) for version in (old, new) if key in version)
        ]
        taken |= {*own, *readers}
        if own:
            yield _Draft(section, f"{section}:{name}", name, [*own, *readers])


def _another_type(head: Key, old: Definitions, new: Definitions) -> bool:
    if head[0] == "fact":
        return bool(comparable(old[head]) != comparable(new[head]))
    lists = [_is_list(head, definitions) for definitions in (old, new)]
    return bool(old[head].of != new[head].of) or (None not in lists and lists[0] != lists[1])


def _is_list(head: Key, definitions: Definitions) -> bool | None:
    values = tuple(definitions[key] for key in dated_of(head, definitions))
    it = definitions[head]
    return Parameter(it.id, it.title, it.of, it.basis, values, it.where).is_list


def _whole(left: Iterable[Key], old: Definitions, new: Definitions) -> Iterator[_Draft]:
    """A parameter or limit that only one version has, with all its values."""
    for head in left:
        if head[0] in DATED and (kind := _came_or_went(head, old, new)):
            yield _Draft(kind, f"{head[0]}:{head[1]}", head[1], [head, *dated_of(head, left)])


def _vocabularies(left: Iterable[Key], old: Definitions, new: Definitions) -> Iterator[_Draft]:
    """A vocabulary that comes, goes or gets another order, with the terms that come and go."""
    for section, name in left:
        if section == "vocabulary":
            terms = [key for key in left if key[0] == "term" and key[1].startswith(f"{name}/")]
            moved = [key for key in terms if key not in old or key not in new]
            yield _Draft(section, f"vocabulary:{name}", name, [(section, name), *moved])


def _renamed(left: Iterable[Key], old: Definitions, new: Definitions) -> Iterator[_Draft]:
    """A rule that is the same under another id."""
    gone = {_content(old[key]): key for key in left if key[0] == "rule" and key not in new}
    for key in left:
        if key[0] == "rule" and key not in old:
            before = gone.pop(_content(new[key]), None)
            if before is not None:
                yield _Draft("rule_renamed", f"rule:{key[1]}", key[1], [before, key])


def _content(rule: Rule) -> Any:
    """A rule without its id, which is the first field."""
    return comparable(rule)[1:]


def _tables(left: Iterable[Key], old: Definitions, new: Definitions) -> Iterator[_Draft]:
    """Rules of one table that all change alike, as when a condition of the table changes."""
    tables: dict[str, list[Key]] = {}
    for key in left:
        if key[0] == "rule" and key in old and key in new:
            table = old[key].table
            if table and table == new[key].table:
                tables.setdefault(table, []).append(key)
    for table, keys in tables.items():
        if len(keys) > 1 and len({_change(old[key], new[key]) for key in keys}) == 1:
            yield _Draft("rule_changed", f"table:{table}", table, keys)


def _change(before: Rule, after: Rule) -> Any:
    """What changes between two versions of a rule, equal for rules that change alike."""
    conditions = [
        (comparable_clauses(rule.when), comparable_clauses(rule.unless)) for rule in (before, after)
    ]
    moved = tuple((old - new, new - old) for old, new in zip(*conditions, strict=True))
    changes = set()
    for name in Rule.__dataclass_fields__.keys() - {"when", "unless", "where", "table"}:
        old, new = getattr(before, name), getattr(after, name)
        was, now = comparable(old), comparable(new)
        if was != now:
            # A text of a row has the row's own value in it: the same change reads differently.
            changes.add((name, None if isinstance(old, Text) else (was, now)))
    return moved, frozenset(changes)


# -- what can change a result


def _affects(key: Key, before: Any, after: Any) -> bool:
    section, name = key
    if section in TEXTS:
        return section == "fact" and before is not None and after is not None
    if section == "policy":
        return name == "default_lead"
    if before is None or after is None:
        return name in REQUIRED_PARAMETERS if section == "parameter" else section != "vocabulary"
    if section == "rule":
        return bool(_working(before) != _working(after))
    deciding = DECIDING.get(section)
    return deciding is None or any(
        comparable(getattr(before, one)) != comparable(getattr(after, one)) for one in deciding
    )


DECIDING = {
    "value": ("value",),
    "parameter": ("of",),
    "criterion": ("maximum",),
    "strategy": ("in_force", "region"),
    "limit": ("applies_to", "per", "days", "by", "measure"),
    "cap": ("value", "for_unknown"),
    "suspension": ("in_force", "below", "reserves"),
}
"""The fields that can change a result; the rest are texts and what a definition rests on."""


def _working(rule: Rule) -> Any:
    """What of a rule decides when it holds and what it does; not its texts and citations."""
    does = [row.of(rule.then) for row in EFFECTS if row.shape is not EffectShape.TEXT]
    clauses = comparable_clauses(rule.when), comparable_clauses(rule.unless)
    return (*clauses, does, rule.strategy, rule.in_force, rule.applies_if)
