"""JSON whose objects have each key once.

The parser keeps the last of two equal keys without a word. It is fast, so it reads everything. Only
where the text may have more keys than it found is it walked through for one that stands twice.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson

_BLANKS = b" \t\r\n"
_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")([ \t\r\n]*:)?|[{}]', re.DOTALL)


class DuplicateKeyError(ValueError):
    """A key stands twice in one object: the line, from 1, of each, and the column of the second."""

    def __init__(self, key: str, first: int, line: int, column: int) -> None:
        super().__init__(key)
        self.key, self.first, self.line, self.column = key, first, line, column


def read_json(data: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises `orjson.JSONDecodeError` where it is none, and `DuplicateKeyError`.
    """
    content = orjson.loads(data)
    # A key ends with a quotation mark and a colon. These may stand inside a text too, so more of
    # them than keys is only a reason to look; the quick counts come first.
    outer = len(content) if content.__class__ is dict else 0
    if data.count(b":") > outer:
        ends = data.translate(None, _BLANKS).count(b'":')
        if ends > outer and ends > _keys(content):
            _refuse_duplicates(data.decode())
    return content


def _keys(content: Any) -> int:
    """How many keys the objects in a value have."""
    count, waiting = 0, [content]
    for value in waiting:
        inner: Iterable[Any] = value if value.__class__ is list else ()
        if value.__class__ is dict:
            count += len(value)
            inner = value.values()
        waiting += [one for one in inner if one.__class__ is dict or one.__class__ is list]
    return count


def _refuse_duplicates(text: str) -> None:
    """Raise at the first key that its object has already; the text is valid JSON."""
    objects: list[dict[str, int]] = []
    for match in _TOKEN.finditer(text):
        if match[1] is None:
            if match[0] == "{":
                objects.append({})
            else:
                objects.pop()
        elif match[2] is not None:
            key, start = json.loads(match[1]), match.start()
            first = objects[-1].setdefault(key, start)
            if first != start:
                column = start - text.rfind("\n", 0, start)
                above, line = (text.count("\n", 0, place) + 1 for place in (first, start))
                raise DuplicateKeyError(key, above, line, column)
