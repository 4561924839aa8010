"""A small file of changed parameters and rules over a baseline, in the syntax of the policy.

The baseline's files are read again, what the overlay gives takes the place of what it replaces, and
the whole is loaded as any policy is: by the same strict reader, with diagnostics that name the
overlay's file and line, and with the version that the folder would have with these changes in it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping, Sequence
from triage.messages import Language
from triage.model.policy import Policy
from triage.rulebook.diagnostics import Diagnostics
from triage.rulebook.load import FILE_KEYS, Content, build_policy, read_file, read_files, usable
from triage.rulebook.read_rules import row_slug
from triage.rulebook.reader import Reader, shown

REMOVE = "remove"
OVERLAY_KEYS = (*(key for key in FILE_KEYS if key != "region"), REMOVE)
HEAD = ("strategy", "french", REMOVE)
LISTS = ("rules", "tables", "limits", "suspensions", "indicators")
"""Sections whose entries have an id; such an entry replaces the one with its id."""

OVERLAY_FILE = Path("operations") / "overlay.yaml"
"""Where an overlay stands among the files of a policy: both bases, strategy and setting, may be
there.
"""


def load_overlay(path: Path, folder: Path, language: Language) -> Policy:
    """The policy in a folder with an overlay over it; `PolicyError` has all errors."""
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
        self.error = reader.diagnostics.error
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
        files = list(self.files)
        for strategy, content in self.added.items():
            # As a key of the file, the strategy would count for the version.
            reader = Reader(self.reader.file, self.reader.diagnostics, strategy)
            files.append((reader, OVERLAY_FILE, content))
        return files

    def _section(self, strategy: str | None, section: str) -> Any:
        """The section of the file that the overlay makes for a strategy."""
        content = self.added.setdefault(strategy, _mapping(self.overlay.line))
        if section not in content:
            given = self.overlay[section]
            empty = _mapping if isinstance(given, Mapping) else _sequence
            content[section] = empty(given.line)
            content.lines[section] = self.overlay.lines[section]
        return content[section]

    # -- rules, tables and other lists

    def _item(self, section: str, raw: Mapping) -> None:
        """A rule or table replaces that of the same id, and stays with its strategy."""
        id = shown(raw.get("id"))
        taken, strategy = self._take(section, id)
        if taken and "strategy" in self.overlay and strategy != self.strategy:
            where = self.reader.where(self.overlay, "strategy")
            self.error("overlay-strategy", where, ("rule", id), strategy=strategy or "-")
        entries = self._section(strategy if taken else self.strategy, section)
        entries.append(raw)
        entries.lines.append(raw.line)

    def _take(self, section: str, id: str) -> tuple[bool, str | None]:
        """Take a rule, table or row out of the files; whether it was there, and its strategy."""
        for _, _, content in self.files:
            entries, tables = content.get(section), content.get("tables")
            if isinstance(entries, Sequence) and _drop(entries, lambda raw: _id(raw) == id):
                return True, content.get("strategy")
            if section == "rules" and isinstance(tables, Sequence) and _drop_row(tables, id):
                return True, content.get("strategy")
        return False, None

    # -- parameters and other named entries

    def _entry(self, section: str, name: str, raw: Any) -> None:
        """An entry by name; a parameter keeps the values of days that the overlay does not give."""
        parameter = section == "parameters" and isinstance(raw, Mapping)
        for _, _, content in self.files:
            entries = content.get(section)
            if section == "vocabularies" or not isinstance(entries, Mapping) or name not in entries:
                continue
            before = entries.pop(name)
            if parameter and isinstance(before, Mapping):
                raw = _over(before, raw)
            self._put(section, content.get("strategy"), name, raw)
            return
        if parameter and raw.keys() <= {"values"}:
            # With nothing but values it is meant to change a parameter that exists.
            where = self.reader.where(self.overlay[section], name)
            near = nearest(name, self._names())
            self.error("unknown-parameter", where, None, value=name, suggestion=near)
            return
        self._put(section, self.strategy, name, raw)

    def _put(self, section: str, strategy: str | None, name: str, raw: Any) -> None:
        entries = self._section(strategy, section)
        entries[name], entries.lines[name] = raw, self.overlay[section].lines[name]

    # -- what goes

    def _remove(self) -> None:
        given = {
            _id(raw)
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
            parameters = content.get("parameters")
            if isinstance(parameters, Mapping) and name in parameters:
                parameter = parameters[name]
                values = parameter.get("values") if isinstance(parameter, Mapping) else None
                holder, key = (values, day) if day else (parameters, name)
                if isinstance(holder, Mapping) and key in holder:
                    del holder[key]
                    return True
        return False

    def _ids(self) -> list[str]:
        ids = []
        for _, _, content in self.files:
            for raw in (raw for section in LISTS for raw in content.get(section) or ()):
                id = _id(raw)
                ids += [id, *(f"{id}-{row_slug(row)}" for row in raw.get("rows") or ())]
        return ids

    def _names(self) -> list[str]:
        """The names of the parameters that are left."""
        return [name for _, _, content in self.files for name in content.get("parameters") or ()]


def _id(raw: Mapping) -> str:
    return shown(raw.get("id"))


def _drop(entries: Sequence, gone: Callable[[Mapping], bool]) -> bool:
    """Take out the first entry for which `gone` is true; whether there was one."""
    for index, raw in enumerate(entries):
        if isinstance(raw, Mapping) and gone(raw):
            del entries[index], entries.lines[index]
            return True
    return False


def _drop_row(tables: Sequence, id: str) -> bool:
    """Take the row that gives a rule out of its table, and the table with its last row."""
    for index, table in enumerate(tables):
        rows, prefix = table.get("rows"), f"{_id(table)}-"
        if isinstance(rows, Sequence) and id.startswith(prefix):
            slug = id.removeprefix(prefix)
            if _drop(rows, lambda row, slug=slug: row_slug(row) == slug):  # type: ignore[misc]
                if not rows:
                    del tables[index], tables.lines[index]
                return True
    return False


def _over(before: Mapping, raw: Mapping) -> Mapping:
    """A parameter with what the overlay gives over it, the values day by day."""
    made = _mapping(raw.line)
    for source in (before, raw):
        for key, value in source.items():
            earlier: Any = made.get(key)
            mappings = isinstance(value, Mapping) and isinstance(earlier, Mapping)
            made[key] = _over(earlier, value) if key == "values" and mappings else value
            made.lines[key] = source.lines[key]
    return made


def _mapping(line: int) -> Mapping:
    made = Mapping()
    made.line, made.lines = line, {}
    return made


def _sequence(line: int) -> Sequence:
    made = Sequence()
    made.line, made.lines = line, []
    return made
