"""A document as one self-contained page of HTML: its own style, no script, nothing to fetch.

The markup stands in `templates/`; whatever a template is given is escaped.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

from triage.formats.cells import clean
from triage.messages import say
from triage.reports.document import Document, Link, Proposed, Tick, grid, plain, shown

if TYPE_CHECKING:
    from jinja2 import Environment

PIECES = 256
"""How many pieces of a template go out at once."""


def render(document: Document) -> Iterator[bytes]:
    """The page, in pieces."""
    words = {
        "skip": say("report.skip", document.language),
        "contents": say("report.contents", document.language),
        "more_rows": partial(say, "report.more-rows", document.language),
    }
    page = _templates().get_template("page.html").stream(document=document, words=words)
    page.enable_buffering(PIECES)
    for piece in page:
        yield piece.encode()


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def settled(value: object) -> object:
        """A text without the characters that no page can hold."""
        return clean(value) if type(value) is str else value

    templates = Environment(
        autoescape=True,
        auto_reload=False,
        finalize=settled,
        keep_trailing_newline=True,
        loader=FunctionLoader(_source),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    style = _source("page.css").strip()
    templates.globals |= {
        "style": Markup(style),
        "digest": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "grid": partial(grid, form="html"),
        "shown": partial(shown, form="html"),
    }
    templates.tests |= {
        "proposed": lambda cell: isinstance(cell, Proposed),
        "link": lambda cell: isinstance(cell, Link),
        "box": lambda cell: isinstance(cell, Tick),
    }
    templates.filters["lines"] = lambda cell: clean(plain(cell)).splitlines()
    return templates


def _source(name: str) -> str:
    return (files("triage.reports") / "templates" / name).read_text(encoding="utf-8")
