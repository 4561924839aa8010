"""ODS workbooks for tests, written by hand: a sheet is a list of rows, a row a list of cells."""

import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

NAMES = "urn:oasis:names:tc:opendocument:xmlns"
HEAD = "".join(f' xmlns:{one}="{NAMES}:{one}:1.0"' for one in ("office", "table", "text", "style"))


def cell(value: Any, shown: str | None = None, **more: str) -> str:
    """One cell as XML; `shown` is its text, and `more` has further attributes, `_` for `:`."""
    if value is None and not more:
        return "<table:table-cell/>"
    kind, name = "string", ""
    if isinstance(value, bool):
        kind, name, value = "boolean", "boolean-value", str(value).lower()
    elif isinstance(value, int | float):
        kind, name = "float", "value"
    elif isinstance(value, date):
        kind, name, value = "date", "date-value", value.isoformat()
    attributes = {} if value is None else {"office:value-type": kind}
    attributes |= {f"office:{name}": str(value)} if name else {}
    attributes |= {key.replace("_", ":", 1).replace("_", "-"): one for key, one in more.items()}
    told = "".join(f" {key}={quoteattr(one)}" for key, one in attributes.items())
    lines = str(value if shown is None else shown).split("\n") if value is not None else []
    texts = "".join(f"<text:p>{escape(line)}</text:p>" for line in lines)
    return f"<table:table-cell{told}>{texts}</table:table-cell>"


def row(cells: Iterable[Any], **more: str) -> str:
    """One row as XML; a cell that is text with a mark `<` in front is XML already."""
    told = "".join(f' table:{key.replace("_", "-")}="{one}"' for key, one in more.items())
    made = [one if str(one).startswith("<table:") else cell(one) for one in cells]
    return f"<table:table-row{told}>{''.join(made)}</table:table-row>"


def save(path: Path, rows: Iterable[str], columns: str = "", **parts: str) -> Path:
    """A workbook with one sheet, `Requests`; `parts` are others of its archive."""
    return save_sheets(path, {"Requests": (columns, rows)}, **parts)


def save_sheets(
    path: Path, sheets: Mapping[str, tuple[str, Iterable[str]]], hidden: str = "", **parts: str
) -> Path:
    """A workbook with these sheets, of which the one called `hidden` is."""
    style = '<style:style style:name="ta1" style:family="table"><style:table-properties/>'
    off = style.replace("ta1", "ta2").replace("/>", ' table:display="false"/>')
    content = f"<office:automatic-styles>{style}</style:style>{off}</style:style>"
    content += "</office:automatic-styles><office:body><office:spreadsheet>"
    for name, (columns, rows) in sheets.items():
        look = "ta2" if name == hidden else "ta1"
        content += f'<table:table table:name={quoteattr(name)} table:style-name="{look}">'
        content += f"{columns}{''.join(rows)}</table:table>"
    content += "</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _document(content))
        for part, text in parts.items():
            archive.writestr(part, text)
    return path


def _document(content: str) -> str:
    root = "office:document-content"
    return f'<?xml version="1.0" encoding="UTF-8"?><{root}{HEAD}>{content}</{root}>'
