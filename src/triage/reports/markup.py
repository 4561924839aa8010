"""One self-contained page of HTML: its own style, system fonts, no script, nothing to fetch."""

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

from triage.formats.cells import clean
from triage.messages import Language, say

Row = Sequence[tuple[str, str]]
"""The cells of a row: markup, and the class of the cell or nothing."""


def text(value: object) -> str:
    """A text in which nothing is markup, without the characters that XML forbids."""
    return html.escape(clean(str(value)))


@cache
def style() -> str:
    return (files("triage.reports") / "page.css").read_text(encoding="utf-8").strip()


@cache
def _policy() -> str:
    """The content security policy: its own style, known by its digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page(
    language: Language, title: str, marking: str, body: Iterable[str], kind: str = "report"
) -> Iterator[bytes]:
    """A page, in pieces; `marking` is the classification that stands above and below everything."""
    mark = text(marking)
    yield (
        f'<!DOCTYPE html>\n<html lang="{language}-CA">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_policy())}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n<style>{style()}</style>\n</head>\n"
        f'<body class="{kind}">\n'
        f'<a class="skip" href="#main">{text(say("report.skip", language))}</a>\n'
        f'<header>\n<p class="marking">{mark}</p>\n'
    ).encode()
    for piece in body:
        yield f"{piece}\n".encode()
    yield f'<footer>\n<p class="marking">{mark}</p>\n</footer>\n</body>\n</html>\n'.encode()


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Row],
    header: int = 0,
    kind: str = "cards",
    classes: Sequence[str] = (),
) -> Iterator[str]:
    """A table whose rows become cards on a narrow screen; the cell at `header` names its row.

    `classes` are those of the heads. The roles repeat what the elements mean, because browsers take
    the meaning from a table that is shown as cards.
    """
    yield f'<table role="table" class="{kind}">\n<caption>{text(caption)}</caption>'
    marks = [f' class="{name}"' if name else "" for name in classes] or [""] * len(heads)
    cells = "".join(
        f'<th scope="col" role="columnheader"{mark}>{text(head)}</th>'
        for head, mark in zip(heads, marks, strict=True)
    )
    yield f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead>\n<tbody role="rowgroup">'
    for row in rows:
        out = []
        for number, ((content, name), head) in enumerate(zip(row, heads, strict=True)):
            start = f' class="{name}"' if name else ""
            start += f' data-label="{text(head)}"'
            if number == header:
                out.append(f'<th scope="row" role="rowheader"{start}>{content}</th>')
            else:
                out.append(f'<td role="cell"{start}>{content}</td>')
        yield f'<tr role="row">{"".join(out)}</tr>'
    yield "</tbody>\n</table>"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of names and values."""
    items = (f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value in pairs)
    return f"<dl>{''.join(items)}</dl>"


def bullets(items: Iterable[str]) -> str:
    """A list of pieces of markup."""
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
