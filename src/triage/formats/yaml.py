"""Strict reading of one YAML file, with the line of every key and item.

Only `true` and `false` are booleans (so `NO` and `on` stay text), decimals stay decimals, dates
stay text, a repeated key is refused with its line, and size, depth and aliases are limited.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 1_000_000
MAX_NODES = 100_000
MAX_DEPTH = 20
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}\Z")
CONTROL = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]"
)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DocumentError(Exception):
    """The file cannot be read as strict YAML: a message key with its values, and the line."""

    def __init__(self, code: str, line: int, **values: object) -> None:
        super().__init__(code)
        self.code, self.line, self.values = code, line, values


class Mapping(dict[str, Any]):
    """A YAML mapping that knows the line of itself and of each key."""

    line: int = 1
    lines: dict[str, int]


class Sequence(list[Any]):
    """A YAML sequence that knows the line of itself and of each item."""

    line: int = 1
    lines: list[int]


def line_of(value: object, default: int = 1) -> int:
    """The line on which a mapping or sequence starts; `default` for a scalar."""
    return value.line if isinstance(value, Mapping | Sequence) else default


def read_document(path: Path) -> Any:
    """The content of a file as `Mapping`, `Sequence` and scalars, or a `DocumentError`."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise DocumentError("file-too-large", 1, limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("not-utf8", data[: error.start].count(b"\n") + 1) from None
    return parse(text)


def parse(text: str) -> Any:
    """The same as `read_document`, for a text in memory."""
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise DocumentError("control-character", line, character=f"U+{ord(found[0]):04X}")
    loader = _Loader(text)
    try:
        return _Builder(loader).document()
    except yaml.YAMLError as error:
        raise _explained(error, text) from None
    finally:
        loader.dispose()


class _Builder:
    """Builds values from the parser's events; deeply nested text crashes PyYAML's own composer."""

    def __init__(self, loader: Any) -> None:
        self.next: Any = loader.get_event
        self.anchors: dict[str, Any] = {}
        self.count = 0

    def document(self) -> Any:
        """The one document of a file; None when the file is empty."""
        self.next()
        if isinstance(self.next(), yaml.StreamEndEvent):
            return None
        value = self.build(self.next(), 0)
        self.next()
        if not isinstance(event := self.next(), yaml.StreamEndEvent):
            raise DocumentError("yaml-documents", event.start_mark.line + 1)
        return value

    def build(self, event: Any, depth: int) -> Any:
        """The value that begins with an event."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise DocumentError("yaml-start", line, character="*")
            value = self.anchors[event.anchor]
            self.repeat(value, depth, line)
            return value
        if event.tag is not None:
            raise DocumentError("yaml-start", line, character="!")
        self.grow(depth, line)
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event.value, event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(depth, line)
        else:
            value = self.mapping(depth, line)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def grow(self, depth: int, line: int) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise DocumentError("too-many-values", line, limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise DocumentError("too-deep", line, limit=MAX_DEPTH)

    def repeat(self, value: Any, depth: int, line: int) -> None:
        """Count all that an alias repeats, so that a file cannot grow by aliases of aliases."""
        self.grow(depth, line)
        if isinstance(value, Mapping | Sequence):
            for child in value.values() if isinstance(value, Mapping) else value:
                self.repeat(child, depth + 1, line)

    def sequence(self, depth: int, line: int) -> Sequence:
        sequence = Sequence()
        sequence.line, sequence.lines = line, []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            sequence.lines.append(event.start_mark.line + 1)
            sequence.append(self.build(event, depth + 1))
        return sequence

    def mapping(self, depth: int, line: int) -> Mapping:
        mapping = Mapping()
        mapping.line, mapping.lines = line, {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            here = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise DocumentError("key-not-text", here)
            key = event.value
            if key in mapping:
                raise DocumentError("duplicate-key", here, key=key, first=mapping.lines[key])
            mapping.lines[key] = here
            mapping[key] = self.build(self.next(), depth + 1)
        return mapping


def _scalar(text: str, style: str | None) -> Any:
    if style in ("'", '"', "|", ">"):
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "~", "null"):
        return None
    if INTEGER.match(text):
        return int(text)
    if DECIMAL.match(text):
        return Decimal(text)
    return text


# What the parser says (with or without libyaml), our code, and whether to point where it began.
_EXPLAINED = (
    ("unexpected end of stream", "yaml-quote", True),
    ("expected ',' or", "yaml-bracket", False),
    ("mapping values are not allowed", "yaml-colon", False),
    ("could not find expected ':'", "yaml-key", True),
    ("sequence entries are not allowed", "yaml-dash", False),
    ("comment or line break", "yaml-start", True),
    ("indentation indicators", "yaml-start", True),
    ("a comment or a line break", "yaml-start", True),
    ("cannot start any token", "yaml-start", False),
    ("alphabetic or numeric character", "yaml-start", True),
    ("directive", "yaml-start", True),
    ("node content", "yaml-start", False),
    ("tab character", "yaml-tab", False),
    ("unknown escape", "yaml-backslash", False),
    ("expected key", "yaml-indentation", False),
    ("expected '-' indicator", "yaml-indentation", False),
    ("expected <block end>", "yaml-indentation", False),
)


def _explained(error: yaml.YAMLError, text: str) -> DocumentError:
    """The parser's error in the words of someone who knows the file and not the parser."""
    problem = str(getattr(error, "problem", None) or error)
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    known = (row[1:] for row in _EXPLAINED if row[0] in problem)
    code, earlier = next(known, ("bad-yaml", False))
    point = context if earlier and context else mark
    if point is None:
        return DocumentError("bad-yaml", 1, problem=problem.split("\n", 1)[0])
    lines = text.splitlines()
    line = lines[point.line] if point.line < len(lines) else ""
    character = line[point.column : point.column + 1]
    if code == "yaml-start":
        code = {"\t": "yaml-tab", "": "yaml-end"}.get(character, code)
    if code == "yaml-indentation" and line[: point.column].strip():
        code = "yaml-after-value"
    values: dict[str, Any] = {"problem": problem} if code == "bad-yaml" else {}
    if code == "yaml-start":
        values["character"] = character
    if code == "yaml-bracket" and context is not None:
        closing = problem.rpartition("or '")[2][:1]
        opening = {"]": "[", "}": "{"}.get(closing)
        values = {"opening": opening, "closing": closing, "first": context.line + 1}
    return DocumentError(code, point.line + 1, **values)
