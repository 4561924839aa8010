"""Both catalogues say the same, the French one in French, and nothing in them is without use."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import pytest

import triage
import triage_api
from support import DERIVED_FACTS, REQUEST_FACTS, ROOT
from triage.messages import BY_NUMBER, LANGUAGES, Language, catalogue, say
from triage.model.operators import operators_of
from triage.model.policy import Recommendation
from triage.reports.entries import LINE, PROPOSED
from triage.reports.terminal import REST

EN, FR = (
    {key: BY_NUMBER.sub(r"\3", text) for key, text in catalogue(language).items()}
    for language in LANGUAGES
)
"""The messages as they are said of several things."""
NBSP = "\N{NO-BREAK SPACE}"

# Texts of more than 12 letters that are rightly the same in both languages, each with the reason.
SAME_IN_BOTH: dict[str, str] = {
    "subject.suspension": "the same word",
    "report.justifications": "the same word",
    "edit.text-because": "the same word",
    "replay.result": "the same word",
    "column-of-report.justification": "the same word",
    "column-of-report.classification": "the same word",
}

# Tables that hold nothing but errors and their remedies, written as docs/messages.md tells.
ERRORS = {
    *("diagnostic", "help", "hint", "expected", "intake", "rejects", "case-set", "setting"),
    *("candidate", "trial", "wrong-use", "api", "problem", "problem-detail"),
}

# Diagnostics that show what the user wrote without quotation marks, because it is a number.
NUMBERS = {
    *("negative-points", "points-too-low", "out-of-range"),
    *("limit-for-unknown", "reserve-too-large"),
}

# What is not prose: commands in backquotes, words between guillemets, examples in braces,
# `file:line`.
NOT_PROSE = re.compile(
    rf"`[^`]*`|(?<=«{NBSP})[^»]*(?={NBSP}»)|\{{\{{.*?\}}\}}|\{{\w+\}}:\{{\w+\}}:?"
)

# What carries a code, which is told to machines too: a finding of the checks, an error of a reader.
# The modules that put such a code behind the name of its table; all other keys stand whole.
PUT_TOGETHER = {
    "triage/rulebook/diagnostics.py": {"diagnostic", "help", "hint", "subject"},
    "triage/backtest/promote.py": {"diagnostic"},
    "triage/intake/files.py": {"diagnostic"},
    "triage/intake/tables.py": {"intake"},
    "triage/intake/cells.py": {"expected"},
}
CODES = set().union(*PUT_TOGETHER.values())

# Functions whose first argument, as a literal, is a key, or the name of one in this table.
TABLE_OF = {
    "say": "",
    "self.say": "explain.",
    "error": "diagnostic.",
    "warning": "diagnostic.",
    "misnamed": "diagnostic.",
    "DocumentError": "diagnostic.",
}

TABLES = {key.partition(".")[0] for key in EN}
KEY = re.compile(r"[a-z-]+\.[a-z_-]+")

PACKAGES = [Path(package.__file__ or "").parent for package in (triage, triage_api)]
MODULES = {
    path.relative_to(package.parent).as_posix(): list(ast.walk(ast.parse(path.read_text("utf-8"))))
    for package in PACKAGES
    for path in sorted(package.rglob("*.py"))
}
NODES = [node for nodes in MODULES.values() for node in nodes]
LITERALS = {
    node.value for node in NODES if isinstance(node, ast.Constant) and isinstance(node.value, str)
}


def slots(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def braces(text: str) -> int:
    return sum(part.count("{") + part.count("}") for part, _, _, _ in Formatter().parse(text))


def table(name: str, texts: dict[str, str] = EN) -> set[str]:
    return {key.removeprefix(f"{name}.") for key in texts if key.startswith(f"{name}.")}


def failing(holds: Callable[[str], bool], texts: dict[str, str] = EN) -> list[str]:
    """The keys of both languages of which something does not hold."""
    return [key for key in texts if key in EN and key in FR and not holds(key)]


def errors(keys: list[str]) -> list[str]:
    """Those of the keys that stand in a table of errors."""
    return [key for key in keys if key.partition(".")[0] in ERRORS]


def calls() -> Iterator[tuple[str, list[ast.expr]]]:
    """Every call of the program: the name, such as `say` or `self.say`, and the arguments."""
    for node in NODES:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.args
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            own = isinstance(node.func.value, ast.Name) and node.func.value.id == "self"
            yield "self.say" if own and node.func.attr == "say" else node.func.attr, node.args


def first_literal(arguments: list[ast.expr]) -> str | None:
    """The first argument, where it is a text written out."""
    match arguments:
        case [ast.Constant(value=str(text)), *_]:
            return text
    return None


def used(key: str) -> bool:
    """The program has the key; of a code the name is enough, or of a hint what stands in a file."""
    table, _, name = key.partition(".")
    start, _, rest = name.partition("-")
    return key in LITERALS or (table in CODES and not LITERALS.isdisjoint({name, rest or start}))


def put_together(node: ast.AST) -> str | None:
    """The table of the key that an f-string, a sum or a format of texts begins with."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), _, *_]):
            pass
        case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Add() | ast.Mod()):
            pass
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(start)), attr="format" | "join")
        ):
            pass
        case _:
            return None
    table, dot, rest = start.partition(".")
    return table if dot and table in TABLES and re.fullmatch(r"[a-z_%{}-]*", rest) else None


def test_no_key_is_put_together() -> None:
    found: dict[str, set[str]] = {}
    for module, nodes in MODULES.items():
        if tables := {name for node in nodes if (name := put_together(node)) is not None}:
            found[module] = tables
    for module, tables in found.items():
        assert tables <= PUT_TOGETHER.get(module, set()), module


@pytest.mark.parametrize(
    "text",
    ['f"unit.{name}"', 'f"column.no-{name}"', '"unit." + name', '"unit.%s" % name',
     '"unit.{}".format(name)'],
)  # fmt: skip
def test_a_key_that_is_put_together_is_seen(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert put_together(node) == text.strip('f"').partition(".")[0]


def test_both_languages_have_the_same_keys() -> None:
    assert EN.keys() == FR.keys()


def test_both_languages_fill_the_same_slots() -> None:
    assert failing(lambda key: slots(FR[key]) == slots(EN[key])) == []
    assert failing(lambda key: braces(FR[key]) == braces(EN[key])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_that_depends_on_a_number_has_the_number_beside_it(language: Language) -> None:
    by_number = {}
    for key, text in catalogue(language).items():
        if names := {slot[1] for slot in BY_NUMBER.finditer(text)}:
            by_number[key] = names
            assert names <= {*slots(EN[key])} or key.startswith("unit."), key
    assert by_number


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 0, "0 accepted cases wait"),
        ("en", 1, "1 accepted case waits"),
        ("en", 2, "2 accepted cases wait"),
        ("en", "1,001", "1,001 accepted cases wait"),
        ("fr", 0, "0 cas accepté attend"),
        ("fr", 1, "1 cas accepté attend"),
        ("fr", "1,5", "1,5 cas accepté attend"),
        ("fr", 2, "2 cas acceptés attendent"),
        ("fr", "1\N{NO-BREAK SPACE}001", "1\N{NO-BREAK SPACE}001 cas acceptés attendent"),
    ],
)
def test_a_word_agrees_with_its_number(language: Language, number: object, said: str) -> None:
    assert say("backtest.waiting", language, old=number, new=3).startswith(f"{said} ")


# Never one: the maxima of the criteria sum to 100, what is too many; and a list of points.
NEVER_ONE = {
    *("decision.summary", "decision.points-setting"),
    *("sweep.too-many", "diagnostic.too-many-alternatives"),
}
COUNTS = {"count", "total", "read", "rules", "cases", "points", "score", "eligible", "accepted"}


def test_no_noun_in_the_plural_stands_unchanged_beside_a_count() -> None:
    fixed = re.compile(r"\{(\w+)\} [a-z]+s\b")
    found = {key for key, text in catalogue("en").items() if COUNTS & {*fixed.findall(text)}}
    assert found == NEVER_ONE


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_said(language: Language) -> None:
    for key, text in catalogue(language).items():
        assert say(key, language, **dict.fromkeys(slots(text), "x")).strip()


def test_the_french_is_not_the_english() -> None:
    same = [key for key in EN if len(EN[key]) > 12 and FR.get(key) == EN[key]]
    assert same == [key for key in EN if key in SAME_IN_BOTH]
    assert SAME_IN_BOTH.keys() <= EN.keys()


def test_both_languages_begin_and_end_alike() -> None:
    """The program puts texts together, so a capital or a full stop in one language would show."""

    def alike(key: str) -> bool:
        en, fr = EN[key], FR[key]
        letters = en[0].isalpha() and fr[0].isalpha()
        ends = all(en.endswith(end) is fr.endswith(end) for end in (".", ":", " ", "?"))
        begins = not letters or en[0].islower() is fr[0].islower()
        return begins and ends and en.count("\n") == fr.count("\n")

    assert failing(alike) == []


@pytest.mark.parametrize("texts", [EN, FR], ids=LANGUAGES)
def test_an_error_is_one_line_in_lower_case_without_a_full_stop(texts: dict[str, str]) -> None:
    wrong = re.compile(r"^[A-ZÀ-Þ]|\n|\.$")
    assert errors(failing(lambda key: not wrong.search(texts[key]), texts)) == []


def test_errors_quote_the_same_words_in_both_languages() -> None:
    def alike(key: str) -> bool:
        quoted = re.findall(r'"\{(\w+)\}"', EN[key])
        return sorted(quoted) == sorted(re.findall(rf"«{NBSP}\{{(\w+)\}}{NBSP}»", FR[key]))

    assert errors(failing(alike)) == []


def test_a_diagnostic_quotes_what_the_user_wrote() -> None:
    bare = re.compile(r'(?<!["{])\{(key|phrase|value)\}')
    found = {name for name in table("diagnostic") if bare.search(EN[f"diagnostic.{name}"])}
    assert found == NUMBERS


def test_the_guide_to_messages_shows_messages_that_there_are() -> None:
    guide = (ROOT / "docs" / "messages.md").read_text("utf-8")
    shown = tomllib.loads("".join(re.findall(r"^```toml\n(.*?)^```", guide, re.M | re.S)))
    assert shown
    for name, texts in shown.items():
        assert texts.items() <= {key: EN[f"{name}.{key}"] for key in table(name)}.items()
    (named,) = re.findall(r"search for `([^`]+)`", guide)
    assert named in EN


def test_french_quotation_marks() -> None:
    """Guillemets, each with its no-break space, and no marks of another kind."""
    marks = re.compile(rf'["“”‘’]|«(?!{NBSP})|(?<!{NBSP})»')

    def sound(key: str) -> bool:
        return not marks.search(FR[key]) and FR[key].count("«") == FR[key].count("»")

    assert failing(sound, FR) == []


def test_french_punctuation() -> None:
    """A no-break space before : ; ? ! in prose, and never two spaces inside a text."""
    wrong = re.compile(rf"(?<!{NBSP})[:;?!]|\S[ {NBSP}]{{2}}|\N{{NARROW NO-BREAK SPACE}}")
    assert failing(lambda key: not wrong.search(NOT_PROSE.sub("…", FR[key])), FR) == []


def test_english_punctuation() -> None:
    assert failing(lambda key: not re.search(rf"[“”‘’«»{NBSP}]| [:;?!]", EN[key])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_room_for_its_heads_and_words(language: Language) -> None:
    texts = catalogue(language)
    widths = {column.head: column.width or REST for column in LINE}
    for head, width in widths.items():
        assert len(texts[head]) <= width
    for recommendation in Recommendation:
        assert len(texts[f"recommendation.{recommendation}"]) <= widths[PROPOSED]


def test_every_key_that_the_program_names_exists() -> None:
    tables = {key.partition(".")[0] for key in EN}
    named = {text for text in LITERALS if KEY.fullmatch(text) and text.partition(".")[0] in tables}
    for function, arguments in calls():
        name = first_literal(arguments)
        if function in TABLE_OF and name and "." not in name:
            named.add(TABLE_OF[function] + name)
    assert named - EN.keys() == set()


def test_every_key_is_used() -> None:
    assert failing(used) == []


def test_help_belongs_to_a_diagnostic() -> None:
    assert table("help") <= table("diagnostic")


def test_every_operator_has_words() -> None:
    facts = [*REQUEST_FACTS.values(), *DERIVED_FACTS.values()]
    known = {
        row.told.removeprefix("operator.")
        for fact in facts
        for ordered in (True, False)
        for row in operators_of(fact, ordered).values()
    }
    assert table("operator") == known


def test_every_recommendation_has_words() -> None:
    assert table("recommendation") == {*Recommendation}
