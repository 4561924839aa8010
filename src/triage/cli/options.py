"""The options that several commands share, and how each names its help."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from triage.messages import Language, say

TextOrJson = Literal["text", "json"]
Spreadsheet = Literal["csv", "xlsx"]
BriefFormat = Literal["text", "json", "md", "html"]
"""Text for a terminal, a record for machines, or a page to print or attach to a file."""


def _spoken() -> Language:
    """The language of help and messages: `--lang` anywhere on the line, else TRIAGE_LANG.

    The texts of help are made when the commands are imported, before Typer reads the line.
    """
    words = sys.argv[1:]
    given = os.environ.get("TRIAGE_LANG", "en")
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--lang":
            given = following
        elif word.startswith("--lang="):
            given = word.removeprefix("--lang=")
    return "fr" if given == "fr" else "en"


SPOKEN = _spoken()


def option(flags: str, key: str, metavar: str | None = None, **settings: Any) -> Any:
    """An option of a command: its flags, separated by spaces, and the message key of its help."""
    return typer.Option(*flags.split(), help=say(key, SPOKEN), metavar=metavar, **settings)


def argument(key: str, metavar: str) -> Any:
    """An argument of a command; `key` is the message key of its help."""
    return typer.Argument(help=say(key, SPOKEN), metavar=metavar)


FORMAT = option("--format", "help-text.format")
"""Each command has formats of its own."""

RulesOption = Annotated[Path | None, option("--rules", "help-text.rules-option", "DIR")]
LangOption = Annotated[Language, option("--lang", "help-text.lang", envvar="TRIAGE_LANG")]
AsOfOption = Annotated[str | None, option("--as-of", "help-text.as-of", "YYYY-MM-DD")]
OutputOption = Annotated[Path | None, option("--output -o", "help-text.output", "FILE")]
SheetOption = Annotated[str | None, option("--sheet", "help-text.sheet", "NAME")]
HiddenOption = Annotated[Literal["skip", "read"] | None, option("--hidden", "help-text.hidden")]
CsvForOption = Annotated[
    Literal["excel-en", "excel-fr"] | None, option("--csv-for", "help-text.csv-for")
]
AcceptOption = Annotated[bool, option("--accept-suggestions", "help-text.accept-suggestions")]
SetOption = Annotated[list[str] | None, option("--set", "help-text.set", "NAME=VALUE")]
CommittedOption = Annotated[list[str] | None, option("--committed", "help-text.committed", "FILE")]
SeenOption = Annotated[list[str] | None, option("--seen", "help-text.seen", "FILE")]
TextFormat = Annotated[TextOrJson, FORMAT]
