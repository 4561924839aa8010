"""Help and wrong use in the reader's language: the headings and messages that the library knows
in English only.
"""

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from triage.cli.options import SPOKEN
from triage.messages import Language, say

_HEADINGS = ("arguments", "options", "commands")
_TAGS = {"env var: ": "variable", "default: ": "default"}
_HELP = "Show this message and exit."

_WRONG_USE = {
    "no-option": r"No such option: (?P<option>\S+)",
    "no-option-near": r"No such option: (?P<option>\S+) \((?:Possible options: |Did you mean )(?P<near>.+?)\??\)",
    "no-command": r"No such command '(?P<command>.*?)'\.",
    "no-command-near": r"No such command '(?P<command>.*?)'\. Did you mean '(?P<near>[^']+)'\?",
    "missing": r"Missing (?:argument|option|parameter) '(?P<name>.+)'\.",
    "needs-value": r"Option '(?P<option>.+)' requires an argument\.",
    "too-many": r"Got unexpected extra argument(?:s|\(s\))? \((?P<given>.*)\)",
    "not-one-of": r"Invalid value for '(?P<name>.+?)': .*'(?P<value>.*)' is not one of (?P<allowed>.+)\.",
    "not-whole": r"Invalid value for '(?P<name>.+?)': Input should be a valid integer.*",
    "at-most": r"Invalid value for '(?P<name>.+?)': Input should be less than or equal to (?P<limit>\d+)",
    "at-least": r"Invalid value for '(?P<name>.+?)': Input should be greater than or equal to (?P<limit>\d+)",
}
"""What the library says of wrong use, by the key of `wrong-use` that says it in our words."""


def wrong_use(error: typer.TyperException, language: Language = SPOKEN) -> str:
    """What is wrong with a command line, in one line; in the library's English where we have no
    words of our own.
    """
    told = " ".join(getattr(error, "format_message", error.__str__)().split())
    for key, pattern in _WRONG_USE.items():
        if (found := re.fullmatch(pattern, told)) is not None:
            return say(f"wrong-use.{key}", language, **found.groupdict())
    return told


_Plain: Any = typer.Context.formatter_class


class _Formatter(_Plain):  # type: ignore[misc]
    """Lays out a page of help under headings in the language that is spoken."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that shows how a command is called."""
        super().write_usage(prog, args, prefix or say("help-page.usage", SPOKEN) + " ")

    def write_heading(self, heading: str) -> None:
        """The heading of a section; with the colon, which the library adds in the English
        manner.
        """
        own = (
            say(f"help-page.{heading.lower()}", SPOKEN)
            if heading.lower() in _HEADINGS
            else f"{heading}:"
        )
        self.write(f"{'':>{self.current_indent}}{own}\n")

    def write_dl(self, rows: Any, *args: Any, **kwargs: Any) -> None:
        """A list of options, arguments or commands, each with what it does."""
        super().write_dl([(name, _told(text)) for name, text in rows], *args, **kwargs)


def _told(text: str) -> str:
    if text == _HELP:
        return say("help-page.help", SPOKEN)
    for tag, key in _TAGS.items():
        text = text.replace(tag, say(f"help-page.{key}", SPOKEN) + " ")
    return text


class _Context(typer.Context):
    formatter_class = _Formatter


class Command(TyperCommand):
    """A command whose help is in the language that is spoken."""

    context_class = _Context


class CommandGroup(TyperGroup):
    """The same for the program as a whole."""

    context_class = _Context
