"""A key that stands twice in one object is refused, wherever JSON is read."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import run
from triage.formats.strict_json import DuplicateKeyError, read_json

REQUEST = '{"id": "A", "received": "2022-07-04", "type": "meeting", "countries": ["JPN"]'


@pytest.mark.parametrize(
    ("text", "key", "first", "line", "column"),
    [
        ('{"a": 1, "a": 2}', "a", 1, 1, 10),
        ('{"a": {"b": 1},\n "c" : 2, "\\u0061"\t:\n3}', "a", 1, 2, 11),
        ('[{"a": 1}, {"a": 1,\n"b": {"x": [{"é": 1,\n"é": 2}]}}]', "é", 2, 3, 1),
        ('{"t": "\\"a\\":", "a": 1, "a": 1}', "a", 1, 1, 25),
    ],
)
def test_the_key_and_its_places_are_told(
    text: str, key: str, first: int, line: int, column: int
) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        read_json(text.encode())
    error = caught.value
    assert (error.key, error.first, error.line, error.column) == (key, first, line, column)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 2}]}',
        '{"a": "\\"b\\": 1", "b": "{\\"a\\":1}", "c\\\\": "}{"}',
    ],
)
def test_equal_keys_of_different_objects_are_no_duplicates(text: str) -> None:
    assert read_json(text.encode()) == json.loads(text)


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(0, 9), st.text(alphabet='a":{}\\ \n', max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(alphabet='ab":\\', max_size=3), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert read_json(text.encode()) == value


@given(st.dictionaries(st.text(alphabet='ab":\\', max_size=3), VALUES, min_size=1, max_size=3))
def test_any_key_that_is_added_again_is_refused(value: dict[str, object]) -> None:
    again = next(iter(value))
    text = f"{json.dumps(value)[:-1]}, {json.dumps(again)}: 0}}"
    with pytest.raises(DuplicateKeyError) as caught:
        read_json(text.encode())
    assert caught.value.key == again


def test_a_file_with_such_a_key_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "inbox.json"
    path.write_text(f'[{REQUEST},\n "countries": ["PER"]}}]', "utf-8")
    for name, stdin in ((str(path), b""), ("-", path.read_bytes())):
        ran = run("screen", name, stdin=stdin)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(
            f'triage: {name}:2: "countries" stands twice in the same object; first on line 1; '
        )


def test_a_line_with_such_a_key_is_rejected_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "inbox.jsonl"
    path.write_text(f'{REQUEST}, "id": "B"}}\n{REQUEST}}}\n', "utf-8")
    ran = run("screen", str(path), "--format", "json")
    found = json.loads(ran.out)
    assert [one["request_id"] for one in found["decisions"]] == ["A"]
    (rejected,) = found["rejected"]
    assert rejected["row"] == 1
    assert rejected["expected"].startswith('"id" stands twice in the same object, again at column')
