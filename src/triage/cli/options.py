"""The options that several commands share, and the formats that each command gives out."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from triage.messages import Language, say


def _spoken() -> Language:
    """The language of help and messages: `--lang` anywhere on the line, else TRIAGE_LANG, else
    English.
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


class Lang(StrEnum):
    """The languages of output."""

    en = "en"
    fr = "fr"

    @property
    def language(self) -> Language:
        """The same as the catalogues name it."""
        return "fr" if self is Lang.fr else "en"


class TextOrJson(StrEnum):
    """Output formats of most commands."""

    text = "text"
    json = "json"


class ScreenFormat(StrEnum):
    """Output formats of `screen`."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    md = "md"
    html = "html"


class AssessFormat(StrEnum):
    """Output formats of `assess`: text for a terminal, a record for machines, or a brief to
    attach to a file.
    """

    text = "text"
    json = "json"
    md = "md"
    html = "html"


class PageFormat(StrEnum):
    """Output formats of a page to print."""

    md = "md"
    html = "html"


class TemplateFormat(StrEnum):
    """Forms of the empty inbox."""

    csv = "csv"
    xlsx = "xlsx"


class Allocate(StrEnum):
    """Which requests are taken where a limit is reached."""

    rank = "rank"
    best = "best"


class PlanFormat(StrEnum):
    """Output formats of an action plan."""

    csv = "csv"
    xlsx = "xlsx"


class SweepFormat(StrEnum):
    """Output formats of `sweep`."""

    text = "text"
    json = "json"
    csv = "csv"
    html = "html"


def help_text(key: str) -> str:
    """The help of a command or an option, in the language that is spoken."""
    return say(f"help-text.{key}", SPOKEN)


RulesOption = Annotated[
    Path | None, typer.Option("--rules", help=help_text("rules-option"), metavar="DIR")
]
LangOption = Annotated[Lang, typer.Option("--lang", help=help_text("lang"), envvar="TRIAGE_LANG")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help=help_text("as-of"), metavar="YYYY-MM-DD")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help=help_text("output"), metavar="FILE")
]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", help=help_text("sheet"), metavar="NAME")
]
AcceptOption = Annotated[
    bool, typer.Option("--accept-suggestions", help=help_text("accept-suggestions"))
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help=help_text("set"), metavar="NAME=VALUE")
]
TextFormat = Annotated[TextOrJson, typer.Option("--format", help=help_text("format"))]
