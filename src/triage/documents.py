"""Strict reading of one YAML file: positions are kept, and nothing is converted behind the author's back.

Only `true` and `false` are booleans (so `NO` and `on` stay text), decimals stay decimals, dates stay text,
a repeated key is refused with its line, and size, depth and aliases are limited.
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
    """The content of one YAML file as `Mapping`, `Sequence` and scalars; `DocumentError` where it is not strict."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise DocumentError("file-too-large", 1, limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("not-utf8", data[: error.start].count(b"\n") + 1) from None
    return parse(text)


def parse(text: str) -> Any:
    """The same for a text in memory."""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise DocumentError("bad-yaml", mark.line + 1 if mark else 1, problem=problem) from None
    except RecursionError:
        raise DocumentError("too-deep", 1, limit=MAX_DEPTH) from None
    return None if node is None else _Builder().build(node, 0)


class _Builder:
    def __init__(self) -> None:
        self.count = 0

    def build(self, node: Any, depth: int) -> Any:
        self.count += 1
        line = node.start_mark.line + 1
        # An alias repeats its node here, so the count also stops a file that grows by aliases of aliases.
        if self.count > MAX_NODES:
            raise DocumentError("too-many-values", line, limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise DocumentError("too-deep", line, limit=MAX_DEPTH)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth, line)
        if isinstance(node, yaml.SequenceNode):
            sequence = Sequence(self.build(item, depth + 1) for item in node.value)
            sequence.line = line
            sequence.lines = [item.start_mark.line + 1 for item in node.value]
            return sequence
        return _scalar(node)

    def _mapping(self, node: Any, depth: int, line: int) -> Mapping:
        mapping = Mapping()
        mapping.line, mapping.lines = line, {}
        for key_node, value_node in node.value:
            here = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError("key-not-text", here)
            key = key_node.value
            if key in mapping:
                raise DocumentError("duplicate-key", here, key=key, first=mapping.lines[key])
            mapping.lines[key] = here
            mapping[key] = self.build(value_node, depth + 1)
        return mapping


def _scalar(node: Any) -> Any:
    text = node.value
    if node.style in ("'", '"', "|", ">"):
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
