"""The forms in which a backtest is given out."""

from collections.abc import Iterator

import orjson

from triage.backtest.report import BacktestReport
from triage.backtest.report_json import report_json
from triage.formats.csv_forms import PLAIN_CSV, CsvForm
from triage.reports import backtest_csv, markdown, pages, text, workbook
from triage.reports.backtest_parts import document
from triage.reports.backtest_words import BacktestWords


def render(report: BacktestReport, form: str, csv_form: CsvForm = PLAIN_CSV) -> Iterator[bytes]:
    """The report as text, json, csv, xlsx, html or md, in pieces."""
    if form == "json":
        return iter([orjson.dumps(report_json(report), option=orjson.OPT_INDENT_2), b"\n"])
    words = BacktestWords(report)
    made = document(words)
    match form:
        case "csv":
            return backtest_csv.render(words, made, csv_form)
        case "xlsx":
            return workbook.render(workbook.with_texts(made))
        case "html":
            return pages.render(made)
        case "md":
            return markdown.render(made)
    return text.render(made)
