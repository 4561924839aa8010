"""Help and wrong use in the reader's language; the library knows both in English only."""

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from triage.cli.options import SPOKEN
from triage.messages import Language, say

_HEADINGS = {
    "arguments": "help-page.arguments",
    "options": "help-page.options",
    "commands": "help-page.commands",
}
_TAGS = {"env var: ": "help-page.variable", "default: ": "help-page.default"}
_HELP = "Show this message and exit."

_INVALID = r"Invalid value for '(?P<name>.+?)': "
_SHOULD_BE = _INVALID + "Input should be "
_WRONG_USE = {
    "wrong-use.no-option": r"No such option: (?P<option>\S+)",
    "wrong-use.no-option-near": (
        r"No such option: (?P<option>\S+) \((?:Possible options: |Did you mean )(?P<near>.+?)\??\)"
    ),
    "wrong-use.no-command": r"No such command '(?P<command>.*?)'\.",
    "wrong-use.no-command-near": (
        r"No such command '(?P<command>.*?)'\. Did you mean '(?P<near>[^']+)'\?"
    ),
    "wrong-use.missing": r"Missing (?:argument|option|parameter) '(?P<name>.+)'\.",
    "wrong-use.needs-value": r"Option '(?P<option>.+)' requires an argument\.",
    "wrong-use.too-many": r"Got unexpected extra argument(?:s|\(s\))? \((?P<given>.*)\)",
    "wrong-use.not-one-of": _INVALID + r".*'(?P<value>.*)' is not one of (?P<allowed>.+)\.",
    "wrong-use.not-whole": _SHOULD_BE + r"a valid integer.*",
    "wrong-use.at-most": _SHOULD_BE + r"less than or equal to (?P<limit>\d+)",
    "wrong-use.at-least": _SHOULD_BE + r"greater than or equal to (?P<limit>\d+)",
}
"""What the library says of wrong use, by the key of the message that says it in our words."""


def wrong_use(error: typer.TyperException, language: Language = SPOKEN) -> str:
    """What is wrong with a command line, in one line; what we have no words for stays English."""
    told = " ".join(getattr(error, "format_message", error.__str__)().split())
    for key, pattern in _WRONG_USE.items():
        if (match := re.fullmatch(pattern, told)) is not None:
            return say(key, language, **match.groupdict())
    return told


_Plain: Any = typer.Context.formatter_class


class _Formatter(_Plain):  # type: ignore[misc]
    """Lays out a page of help under headings in the language that is spoken."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("help-page.usage", SPOKEN) + " ")

    def write_heading(self, heading: str) -> None:
        """The messages have the colon, which the library adds in the English manner."""
        key = _HEADINGS.get(heading.lower())
        own = say(key, SPOKEN) if key else f"{heading}:"
        self.write(f"{'':>{self.current_indent}}{own}\n")

    def write_dl(self, rows: Any, *args: Any, **kwargs: Any) -> None:
        """A list of options, arguments or commands, each with what it does."""
        super().write_dl([(name, _told(text)) for name, text in rows], *args, **kwargs)


def _told(text: str) -> str:
    if text == _HELP:
        return say("help-page.help", SPOKEN)
    for tag, key in _TAGS.items():
        text = text.replace(tag, say(key, SPOKEN) + " ")
    return text


class _Context(typer.Context):
    formatter_class = _Formatter


class Command(TyperCommand):
    """A command whose help is in the language that is spoken."""

    context_class = _Context


class CommandGroup(TyperGroup):
    """The same for the program as a whole."""

    context_class = _Context
