"""A document as one self-contained page of HTML: its own style, no script, nothing to fetch.

The markup stands in `templates/`; whatever a template is given is escaped.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

from triage.formats.cells import printable
from triage.messages import say
from triage.reports.document import Document, Link, Proposed, Tick, grid, shown

if TYPE_CHECKING:
    from jinja2 import Environment

PIECES = 8
"""How many rows or requests go out at once."""


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
        yield printable(piece).encode()


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        autoescape=True,
        auto_reload=False,
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
        "tick": lambda cell: isinstance(cell, Tick),
    }
    return templates


def _source(name: str) -> str:
    return (files("triage.reports") / "templates" / name).read_text(encoding="utf-8")
