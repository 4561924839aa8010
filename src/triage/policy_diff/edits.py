"""The structural difference of two policies as edits, each of which can be put into words and
applied by itself.
"""

import hashlib
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from triage.deciding.layers import CycleError, layer_rules
from triage.errors import PolicyError
from triage.messages import Language, say
from triage.model.policy import Parameter, Policy, Rule, Text
from triage.model.program import REQUIRED_PARAMETERS
from triage.policy_diff.edit_words import EditWords
from triage.policy_diff.parts import (
    DATED,
    Key,
    Parts,
    clauses,
    named,
    plain,
    put_together,
    take_apart,
)

TEXTS = ("words", "term", "document", "statement", "indicator", "fact", "parameter")
"""Sections whose entries change no result by themselves: a rule that reads one that comes or
goes is an edit too.
"""

KINDS = {
    **{
        "value": "parameter",
        "cap": "limit",
        "words": "text",
        "document": "text",
        "statement": "text",
    },
    **{"term": "vocabulary", "indicator": "text"},
}
"""The kind of edit by section, where the two have different names."""

WORDED = ("rule_changed", "parameter", "limit", "suspension", "strategy", "criterion")
"""Kinds of which an edit is one of texts when it cannot change a result."""


@dataclass(frozen=True)
class Edit:
    """One difference between a baseline and a candidate, which stands or falls as a whole.

    `id` is stable (`parameter:accept_threshold@2022-04-12`, `rule:key-country`); `affects_results`
    is false where only texts, citations or words differ. `keys` are the parts of the policy that it
    changes.
    """

    id: str
    kind: str
    subject: str
    affects_results: bool
    keys: tuple[Key, ...]
    _between: "_Between" = field(repr=False, compare=False)

    def words(self, language: Language) -> list[str]:
        """What changes, old to new, one or more lines; lines after the first are indented where
        they belong to it.
        """
        return self._between.words(language).lines(self.kind, self.keys)


class _Between:
    """The two versions, shared by the edits between them."""

    def __init__(self, baseline: Policy, candidate: Policy) -> None:
        self.baseline, self.candidate = baseline, candidate
        self.old, self.new = take_apart(baseline), take_apart(candidate)
        self._words: dict[Language, EditWords] = {}

    def words(self, language: Language) -> EditWords:
        """What puts the differences into words; made once a language."""
        if language not in self._words:
            self._words[language] = EditWords(
                self.baseline, self.candidate, self.old, self.new, language
            )
        return self._words[language]


def edits_between(baseline: Policy, candidate: Policy) -> tuple[Edit, ...]:
    """Every difference between two policies, those that can change results first, then by id."""
    between = _Between(baseline, candidate)
    old, new = between.old, between.new
    changed = [key for key in {**old, **new} if not _same(key, old, new)]
    edits = []
    for kind, id, subject, keys in _grouped(changed, old, new):
        # A parameter that comes or goes with all its values has an effect only through the rules
        # that name it.
        deciding = keys[:1] if kind in ("parameter_added", "parameter_removed") else keys
        affects = kind != "rule_renamed" and any(
            _affects(key, old.get(key), new.get(key)) for key in deciding
        )
        shown = "text" if not affects and kind in WORDED else kind
        edits.append(Edit(id, shown, subject, affects, tuple(keys), between))
    return tuple(sorted(edits, key=lambda edit: (not edit.affects_results, edit.id)))


def with_edits(baseline: Policy, candidate: Policy, edits: Collection[Edit]) -> Policy:
    """The baseline with just these of the edits between it and the candidate.

    With none it decides as the baseline, with all as the candidate. What an edit needs of the
    candidate (a parameter that its rule names) comes with it. `PolicyError` when these edits
    without the others make a circle of rules.
    """
    old, new = take_apart(baseline), take_apart(candidate)
    parts = dict(old)
    for edit in edits:
        for key in edit.keys:
            if key in new:
                parts[key] = new[key]
            else:
                parts.pop(key, None)
    chosen = "\n".join([baseline.version, candidate.version, *sorted(edit.id for edit in edits)])
    version = hashlib.sha256(chosen.encode()).hexdigest()[:12] if edits else baseline.version
    made = put_together(parts, old, new, candidate if edits else baseline, version)
    for strategy in (None, *made.strategies):
        try:
            layer_rules(rule for rule in made.rules if rule.strategy in (None, strategy))
        except CycleError as error:
            raise PolicyError(say("diagnostic.cycle", path=" -> ".join(error.path))) from None
    return made


_ABSENT = object()


def _same(key: Key, old: Parts, new: Parts) -> bool:
    before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
    if before is after:
        return True
    return before is not _ABSENT and after is not _ABSENT and bool(plain(before) == plain(after))


# -- which differences stand or fall together
# -----------------------------------------------------------------------

Group = tuple[str, str, str, list[Key]]
"""Kind, id, subject and keys."""


def _grouped(changed: list[Key], old: Parts, new: Parts) -> Iterator[Group]:
    left = dict.fromkeys(changed)
    for step in (_reshaped, _whole, _vocabularies, _renamed, _tables):
        for group in list(step(left, old, new)):
            yield group
            for key in group[3]:
                left.pop(key, None)
    for key in left:
        section, name = key
        if section == "rule":
            kind = (
                "rule_added"
                if key not in old
                else "rule_removed"
                if key not in new
                else "rule_changed"
            )
        else:
            kind = KINDS.get(section, section)
        of = {dated: whole for whole, dated in DATED.items()}.get(section, section)
        yield kind, f"{of}:{name}", name, [key]


def _reshaped(left: Iterable[Key], old: Parts, new: Parts) -> Iterator[Group]:
    """A parameter or fact of another type: whatever reads it changes with it, since neither
    works without the other.
    """
    taken: set[Key] = set()
    names = dict.fromkeys(
        name.rpartition("@")[0] if section == "value" else name for section, name in left
    )
    for section, name in itertools.product(("parameter", "fact"), names):
        key = (section, name)
        if key not in old or key not in new or not _another_type(key, old, new):
            continue
        own = [
            one for one in left if one == key or (section == "parameter" and _is_value(one, name))
        ]
        readers = [
            one
            for one in left
            if one[0] in ("rule", "criterion", "strategy")
            and one not in taken
            and any(key in named(parts[one]) for parts in (old, new) if one in parts)
        ]
        taken |= {*own, *readers}
        if own:
            yield section, f"{section}:{name}", name, [*own, *readers]


def _is_value(key: Key, name: str) -> bool:
    return key[0] == "value" and key[1].rpartition("@")[0] == name


def _another_type(key: Key, old: Parts, new: Parts) -> bool:
    if key[0] == "fact":
        return bool(plain(old[key]) != plain(new[key]))
    lists = [_is_list(key[1], parts) for parts in (old, new)]
    return bool(old[key].of != new[key].of) or (None not in lists and lists[0] != lists[1])


def _is_list(name: str, parts: Parts) -> bool | None:
    values = tuple(part for key, part in parts.items() if _is_value(key, name))
    head = parts["parameter", name]
    return Parameter(head.id, head.title, head.of, head.basis, values, head.where).is_list


def _whole(left: Iterable[Key], old: Parts, new: Parts) -> Iterator[Group]:
    """A parameter or limit that only one version has, with all its values."""
    for section, name in left:
        if section in DATED and ((section, name) not in old or (section, name) not in new):
            values = [
                one for one in left if one[0] == DATED[section] and one[1].startswith(f"{name}@")
            ]
            kind = f"{section}_added" if (section, name) not in old else f"{section}_removed"
            yield kind, f"{section}:{name}", name, [(section, name), *values]


def _vocabularies(left: Iterable[Key], old: Parts, new: Parts) -> Iterator[Group]:
    """A vocabulary that comes, goes or gets another order, with the terms that come and go."""
    for section, name in left:
        if section == "vocabulary":
            terms = [one for one in left if one[0] == "term" and one[1].startswith(f"{name}/")]
            moved = [one for one in terms if one not in old or one not in new]
            yield section, f"vocabulary:{name}", name, [(section, name), *moved]


def _renamed(left: Iterable[Key], old: Parts, new: Parts) -> Iterator[Group]:
    """A rule that is the same under another id."""
    gone = {_content(old[key]): key for key in left if key[0] == "rule" and key not in new}
    for key in left:
        if key[0] == "rule" and key not in old:
            before = gone.pop(_content(new[key]), None)
            if before is not None:
                yield "rule_renamed", f"rule:{key[1]}", key[1], [before, key]


def _content(rule: Rule) -> Any:
    return plain(rule)[1:]


def _tables(left: Iterable[Key], old: Parts, new: Parts) -> Iterator[Group]:
    """Rules of one table that all change in the same way, as when a condition of the whole table
    changes.
    """
    tables: dict[str, list[Key]] = {}
    for key in left:
        if (
            key[0] == "rule"
            and key in old
            and key in new
            and old[key].table
            and old[key].table == new[key].table
        ):
            tables.setdefault(old[key].table, []).append(key)
    for table, keys in tables.items():
        if len(keys) > 1 and len({_change(old[key], new[key]) for key in keys}) == 1:
            yield "rule_changed", f"table:{table}", table, keys


def _change(before: Rule, after: Rule) -> Any:
    """What changes between two versions of a rule, the rest left out: equal for rules that
    change in the same way.
    """
    conditions = [(clauses(one.when), clauses(one.unless)) for one in (before, after)]
    moved = tuple((old - new, new - old) for old, new in zip(*conditions, strict=True))
    was, now = (
        {name: getattr(one, name) for name in one.__dataclass_fields__} for one in (before, after)
    )
    others = []
    for name in was.keys() - {"when", "unless", "where", "table"}:
        if plain(was[name]) != plain(now[name]):
            # The texts of rows hold the row's own value, so that the same change reads differently
            # in each.
            others.append(
                (
                    name,
                    None if isinstance(was[name], Text) else (plain(was[name]), plain(now[name])),
                )
            )
    return moved, frozenset(others)


# -- what can change a result
# ---------------------------------------------------------------------------------------


def _affects(key: Key, before: Any, after: Any) -> bool:
    section, name = key
    if section in TEXTS and section != "parameter":
        return section == "fact" and before is not None and after is not None
    if section == "policy":
        return name == "default_lead"
    if section == "parameter" and (before is None or after is None):
        return name in REQUIRED_PARAMETERS
    if before is None or after is None:
        return section != "vocabulary"
    if section == "rule":
        return bool(_working(before) != _working(after))
    deciding = DECIDING.get(section)
    return deciding is None or any(
        plain(getattr(before, one)) != plain(getattr(after, one)) for one in deciding
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
"""What of a part can change a result; the rest are texts and what it rests on."""


def _working(rule: Rule) -> Any:
    """What of a rule decides when it holds and what it does; not its texts and what it rests on."""
    then = rule.then
    does = (
        then.score,
        then.ceiling,
        then.floor,
        then.conclude,
        then.lead,
        then.consult,
        then.fund,
        then.flag,
    )
    return (
        clauses(rule.when),
        clauses(rule.unless),
        does,
        rule.strategy,
        rule.in_force,
        rule.applies_if,
    )
