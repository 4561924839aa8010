"""All words that a person reads, in English and French.

Stands on: nothing.

Face:

    __init__: LANGUAGES, Language, catalogue, listed, say
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")

BY_NUMBER = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")
"""A slot of a message for a word that depends on a number: `{count:case|cases}`."""
ONE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"1"),
    "fr": re.compile(r"[01](,\d+)?"),
}
"""The numbers, as they are written, that take the singular: 1 in English, all below 2 in French."""


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All messages of one language by dotted key, such as `diagnostic.cycle`."""
    messages: dict[str, str] = {}
    for file in files(__name__).iterdir():
        if file.name == f"{language}.toml" or file.name.endswith(f".{language}.toml"):
            for table, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                messages |= {f"{table}.{key}": text for key, text in texts.items()}
    return messages


def say(key: str, language: Language = "en", /, **values: object) -> str:
    """The message under `key`, its `{slots}` filled with `values`.

    `{count:case|cases}` is the first of the two words for one, by the rule of the language, and
    else the second.
    """
    text = catalogue(language)[key]
    if "|" in text:
        one = ONE[language]
        text = BY_NUMBER.sub(
            lambda slot: slot[2 if one.fullmatch(str(values[slot[1]])) else 3], text
        )
    return text.format_map(values)


def listed(
    items: list[str] | tuple[str, ...], language: Language, word: Literal["and", "or"] = "and"
) -> str:
    """Items as a reader writes them: `a, b and c`.

    Semicolons separate them where an item has a comma, a colon or such a word of its own.
    """
    joint = f" {say('word.or' if word == 'or' else 'word.and', language)} "
    if any(joint in item or "," in item or ":" in item for item in items):
        return "; ".join(items)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])}{joint}{items[-1]}"
