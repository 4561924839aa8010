"""A small file of changed parameters and rules over a baseline, in the syntax of the policy.

The baseline's files are read again, what the overlay gives is put in their place, and the whole is
loaded as any policy is: the same strict reader, the same diagnostics with the overlay's file and
line, and the version that the folder itself would have with these changes in it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.messages import Language
from triage.model.policy import Policy, Where
from triage.rulebook.diagnostics import Diagnostics
from triage.rulebook.load import Content, build_policy, read_file, read_files, usable
from triage.rulebook.read_rules import row_slug
from triage.rulebook.read_vocabulary import FILE_KEYS
from triage.rulebook.reader import Reader, shown

REMOVE = "remove"
OVERLAY_KEYS = (*(key for key in FILE_KEYS if key != "region"), REMOVE)
HEAD = ("strategy", "french", REMOVE)
LISTS = ("rules", "tables", "limits", "suspensions", "indicators")
"""Sections whose entries have an id; such an entry takes the place of that with its id."""

PLACE = Path("operations") / "overlay.yaml"
"""Where an overlay stands among the files of a policy: strategy and setting may both rest in it."""


def load_overlay(path: Path, folder: Path, language: Language) -> Policy:
    """The policy in a folder with an overlay over it; `PolicyError` with every error when it has
    any.
    """
    diagnostics = Diagnostics()
    reader = Reader(str(path), diagnostics)
    content = read_file(path, reader)
    files = read_files(folder, diagnostics)
    if content is None or diagnostics.errors:
        return usable(None, diagnostics, language)
    reader.keys(content, OVERLAY_KEYS, (), None)
    merged = _Merger(reader, content, files).merge()
    policy = None if diagnostics.errors else build_policy(merged, folder, diagnostics)
    return usable(policy, diagnostics, language)


class _Merger:
    """Puts an overlay over the files of a baseline, as written."""

    def __init__(self, reader: Reader, overlay: Mapping, files: list[Content]) -> None:
        self.reader, self.overlay, self.files = reader, overlay, files
        self.strategy = reader.word(overlay, "strategy", None)
        self.added: dict[str | None, Mapping] = {}
        """What the overlay gives, by the strategy of the file in which it would stand."""

    def merge(self) -> list[Content]:
        """The files without what the overlay replaces, and files of what it gives."""
        self._remove()
        for section, value in self.overlay.items():
            if section in HEAD:
                continue
            if isinstance(value, Sequence):
                for raw in self.reader.mappings(self.overlay, section, None):
                    self._item(section, raw)
            else:
                for name, raw in self.reader.mapping(self.overlay, section, None).items():
                    self._entry(section, name, raw)
        found = list(self.files)
        for strategy, content in self.added.items():
            # The strategy is that of the reader and not a key of the file, which would count for
            # the version.
            found.append(
                (Reader(self.reader.file, self.reader.diagnostics, strategy), PLACE, content)
            )
        return found

    def _section(self, strategy: str | None, section: str) -> Any:
        """The section of the file that the overlay makes for a strategy."""
        content = self.added.setdefault(strategy, _empty(self.overlay.line))
        if section not in content:
            given = self.overlay[section]
            content[section] = (
                _empty(given.line) if isinstance(given, Mapping) else _empty_list(given.line)
            )
            content.lines[section] = self.overlay.lines[section]
        return content[section]

    # -- rules, tables and other lists
    # --------------------------------------------------------------------------

    def _item(self, section: str, raw: Mapping) -> None:
        """A rule or table, in place of that of the same id; it stays with the strategy that it
        had.
        """
        id = shown(raw.get("id"))
        taken, strategy = self._take(section, id)
        if taken and "strategy" in self.overlay and strategy != self.strategy:
            where = self.reader.where(self.overlay, "strategy")
            self.error("overlay-strategy", where, ("rule", id), strategy=strategy or "-")
        found = self._section(strategy if taken else self.strategy, section)
        found.append(raw)
        found.lines.append(raw.line)

    def _take(self, section: str, id: str) -> tuple[bool, str | None]:
        """Take a rule, table or row out of the files; whether it was there, and for which
        strategy.
        """
        for _, _, content in self.files:
            found = content.get(section)
            if isinstance(found, Sequence) and _drop(found, lambda raw: shown(raw.get("id")) == id):
                return True, content.get("strategy")
            tables = content.get("tables")
            if section == "rules" and isinstance(tables, Sequence) and _drop_row(tables, id):
                return True, content.get("strategy")
        return False, None

    # -- parameters and other named entries
    # ---------------------------------------------------------------------

    def _entry(self, section: str, name: str, raw: Any) -> None:
        """An entry by name. A parameter keeps the values of all days but those for which the
        overlay gives one.
        """
        for _, _, content in self.files:
            found = content.get(section)
            if section == "vocabularies" or not isinstance(found, Mapping) or name not in found:
                continue
            before = found.pop(name)
            over = (
                isinstance(before, Mapping) and isinstance(raw, Mapping) and section == "parameters"
            )
            self._put(section, content.get("strategy"), name, _over(before, raw) if over else raw)
            return
        if section == "parameters" and isinstance(raw, Mapping) and raw.keys() <= {"values"}:
            # With no more than values it is meant to be one that is there.
            where = self.reader.where(self.overlay[section], name)
            self.error(
                "unknown-parameter",
                where,
                None,
                value=name,
                suggestion=nearest(name, self._names()),
            )
            return
        self._put(section, self.strategy, name, raw)

    def _put(self, section: str, strategy: str | None, name: str, raw: Any) -> None:
        found = self._section(strategy, section)
        found[name], found.lines[name] = raw, self.overlay[section].lines[name]

    # -- what goes
    # ----------------------------------------------------------------------------------------------

    def _remove(self) -> None:
        given = {
            shown(raw.get("id"))
            for value in self.overlay.values()
            if isinstance(value, Sequence)
            for raw in value
            if isinstance(raw, Mapping)
        }
        where = self.reader.where(self.overlay, REMOVE)
        for id in self.reader.words(self.overlay, REMOVE, None):
            if id in given:
                self.error("overlay-both", where, None, value=id)
            elif not (any(self._take(section, id)[0] for section in LISTS) or self._without(id)):
                names = [*self._ids(), *self._names()]
                self.error("overlay-unknown", where, None, value=id, suggestion=nearest(id, names))

    def _without(self, id: str) -> bool:
        """Take out a parameter, or with `name@day` one of its dated values."""
        name, _, day = id.partition("@")
        for _, _, content in self.files:
            found = content.get("parameters")
            if isinstance(found, Mapping) and name in found:
                values = found[name].get("values") if isinstance(found[name], Mapping) else None
                holder, key = (values, day) if day else (found, name)
                if isinstance(holder, Mapping) and key in holder:
                    del holder[key]
                    return True
        return False

    def _ids(self) -> list[str]:
        """The ids of the rules, tables, rows and limits that are left."""
        ids = []
        for _, _, content in self.files:
            for raw in (raw for section in LISTS for raw in content.get(section) or ()):
                id = shown(raw.get("id"))
                ids += [id, *(f"{id}-{row_slug(row)}" for row in raw.get("rows") or ())]
        return ids

    def _names(self) -> list[str]:
        """The names of the parameters that are left."""
        return [name for _, _, content in self.files for name in content.get("parameters") or ()]

    def error(
        self, code: str, where: Where, subject: tuple[str, str] | None, **values: object
    ) -> None:
        """Record an error."""
        self.reader.diagnostics.error(code, where, subject, **values)


def _drop(found: Sequence, gone: Callable[[Mapping], bool]) -> bool:
    """Take the first entry of which something holds out of a list."""
    for place, raw in enumerate(found):
        if isinstance(raw, Mapping) and gone(raw):
            del found[place], found.lines[place]
            return True
    return False


def _drop_row(tables: Sequence, id: str) -> bool:
    """Take the row that gives a rule out of its table, and the table with its last row."""
    for place, table in enumerate(tables):
        rows, of = table.get("rows"), shown(table.get("id"))
        if isinstance(rows, Sequence) and id.startswith(f"{of}-"):
            slug = id.removeprefix(f"{of}-")
            if _drop(rows, lambda row, slug=slug: row_slug(row) == slug):  # type: ignore[misc]
                if not rows:
                    del tables[place], tables.lines[place]
                return True
    return False


def _over(before: Mapping, raw: Mapping) -> Mapping:
    """A parameter with what the overlay gives over it, the values day by day."""
    made = _empty(raw.line)
    for source in (before, raw):
        for key, value in source.items():
            by_day = (
                key == "values"
                and isinstance(value, Mapping)
                and isinstance(made.get(key), Mapping)
            )
            made[key], made.lines[key] = (
                _over(made[key], value) if by_day else value,
                source.lines[key],
            )
    return made


def _empty(line: int) -> Mapping:
    made = Mapping()
    made.line, made.lines = line, {}
    return made


def _empty_list(line: int) -> Sequence:
    made = Sequence()
    made.line, made.lines = line, []
    return made
