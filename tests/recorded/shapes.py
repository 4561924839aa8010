"""Output as text: workbooks as cells, Parquet as values, everything else as it is."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

DEFAULT_FONT = ("Calibri", 11.0)


def as_text(data: bytes) -> str:
    """The text that stands for these bytes in a record."""
    if data.startswith(b"PK\x03\x04") and zipfile.is_zipfile(io.BytesIO(data)):
        return "".join(f"{line}\n" for line in _workbook(data))
    if data.startswith(b"PAR1") and data.endswith(b"PAR1"):
        return _parquet(data)
    return data.decode("utf-8", "backslashreplace").replace("\ufeff", "<BOM>").replace("\r", "<CR>")


def _parquet(data: bytes) -> str:
    import polars  # noqa: PLC0415 - slow, and rarely needed

    frame = polars.read_parquet(io.BytesIO(data))
    rows = "".join(f"{row!r}\n" for row in frame.iter_rows())
    return f"{dict(frame.schema)}\n{rows}"


def _workbook(data: bytes) -> Iterator[str]:
    """Everything of a workbook that a reader sees, a line each."""
    import openpyxl  # noqa: PLC0415 - slow, and not always needed

    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        active = [name for name in parts.namelist() if "vba" in name.lower() or "external" in name]
    if active:
        yield f"active parts: {active}"
    book = openpyxl.load_workbook(io.BytesIO(data))
    about = book.properties
    yield f"workbook title={about.title!r} creator={about.creator!r} language={about.language!r}"
    for name, defined in sorted(book.defined_names.items()):
        yield f"name {name} {defined.attr_text}"
    for sheet in book.worksheets:
        yield from _sheet(sheet)


def _sheet(sheet: Any) -> Iterator[str]:
    yield (
        f"sheet {sheet.title!r} state={sheet.sheet_state} freeze={sheet.freeze_panes} "
        f"filter={sheet.auto_filter.ref} print={sheet.print_title_rows} "
        f"page={sheet.page_setup.orientation} {sheet.page_setup.fitToWidth} "
        f"{sheet.page_setup.fitToHeight} protected={bool(sheet.protection.sheet)}"
    )
    for name, defined in sorted(sheet.defined_names.items()):
        yield f"  name {name} {defined.attr_text}"
    for column, shape in sorted(sheet.column_dimensions.items()):
        yield f"  column {column} width={shape.width:.2f} hidden={shape.hidden}"
    for area in sorted(str(one) for one in sheet.merged_cells.ranges):
        yield f"  merged {area}"
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None or cell.comment:
                yield f"  {_cell(cell)}"
    for rule in sorted(sheet.data_validations.dataValidation, key=lambda one: str(one.sqref)):
        told = (rule.type, rule.operator, rule.formula1, rule.formula2, rule.allow_blank)
        words = (rule.promptTitle, rule.prompt, rule.errorTitle, rule.error, rule.errorStyle)
        yield f"  validation {rule.sqref} {told} {words}"
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            yield f"  conditional {area.sqref} {rule.type} {rule.operator} {rule.formula}"


def _cell(cell: Any) -> str:
    """A cell: where, type, value, number format, and what of its style is not the default."""
    more = []
    if cell.comment:
        more.append(f"comment={cell.comment.text!r}")
    if cell.hyperlink:
        more.append(f"link={cell.hyperlink.target or cell.hyperlink.location!r}")
    if cell.quotePrefix:
        more.append("quoted")
    font = cell.font
    if font.b or font.i or (font.color is not None and font.color.type == "rgb"):
        color = font.color.rgb if font.color is not None and font.color.type == "rgb" else None
        more.append(f"font={'b' * bool(font.b)}{'i' * bool(font.i)} {color}")
    if cell.fill.fill_type:
        more.append(f"fill={cell.fill.start_color.rgb}")
    if cell.alignment.wrap_text or cell.alignment.horizontal or cell.alignment.vertical:
        where = cell.alignment
        more.append(f"align={where.horizontal} {where.vertical} {bool(where.wrap_text)}")
    return (
        f"{cell.coordinate} {cell.data_type} {cell.value!r} [{cell.number_format}] {' '.join(more)}"
    )
