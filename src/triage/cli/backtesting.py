"""`triage backtest`: historical cases under two policies."""

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from triage.cli.console import note, progress, report, write
from triage.cli.options import Lang, LangOption, OutputOption, SetOption, SheetOption, help_text
from triage.errors import UsageError
from triage.messages import Language, say


class BacktestFormat(StrEnum):
    """Output formats of `backtest`."""

    text = "text"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    html = "html"
    md = "md"


class BackendName(StrEnum):
    """Where cases in Parquet are evaluated."""

    polars = "polars"
    dask = "dask"
    spark = "spark"


RECEIVED = "received"


def backtest(
    cases: Annotated[
        list[str] | None, typer.Argument(help=help_text("backtest-cases"), metavar="CASES...")
    ] = None,
    candidate: Annotated[
        Path | None,
        typer.Option("--candidate", help=help_text("candidate-option"), metavar="RULES"),
    ] = None,
    settings: SetOption = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", "--rules", help=help_text("baseline-option"), metavar="RULES"),
    ] = None,
    as_of: Annotated[
        str,
        typer.Option("--as-of", help=help_text("backtest-as-of"), metavar="received|YYYY-MM-DD"),
    ] = RECEIVED,
    by: Annotated[
        str | None, typer.Option("--by", help=help_text("by-option"), metavar="NAME,...")
    ] = None,
    near: Annotated[int, typer.Option("--near", help=help_text("near-option"), min=0, max=100)] = 5,
    max_flips: Annotated[
        str | None, typer.Option("--max-flips", help=help_text("max-flips"), metavar="N|P%")
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option("--forbid", help=help_text("forbid"), metavar="OLD:NEW")
    ] = None,
    min_agreement: Annotated[
        str | None, typer.Option("--min-agreement", help=help_text("min-agreement"), metavar="P%")
    ] = None,
    max_use: Annotated[
        list[str] | None, typer.Option("--max-use", help=help_text("max-use"), metavar="LIMIT=P%")
    ] = None,
    promote: Annotated[
        Path | None, typer.Option("--promote", help=help_text("promote"), metavar="DIR")
    ] = None,
    flips: Annotated[
        str | None, typer.Option("--flips", help=help_text("flips-option"), metavar="ID,...|all")
    ] = None,
    backend: Annotated[
        BackendName, typer.Option("--backend", help=help_text("backend"))
    ] = BackendName.polars,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help=help_text("scheduler"), metavar="ADDRESS")
    ] = None,
    sheet: SheetOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[
        BacktestFormat, typer.Option("--format", help=help_text("format"))
    ] = BacktestFormat.text,
    output: OutputOption = None,
) -> None:
    """Compare two policies on historical cases."""
    from triage.backtest.gates import read_gates
    from triage.reports import backtest as forms
    from triage.service.backtesting import Backtest

    language = lang.language
    if format is BacktestFormat.xlsx and output is None and sys.stdout.isatty():
        raise UsageError(say("screen.needs-output", language))
    asked = Backtest(
        files=cases or [],
        candidate=candidate,
        settings=settings or (),
        baseline=baseline,
        as_of=_as_of(as_of, language),
        by=_dimensions(by, language),
        near=near,
        gates=read_gates(max_flips, forbid or (), min_agreement, max_use or (), language),
        promote=promote,
        flips=flips,
        sheet=sheet,
        backend=backend.value,
        scheduler=scheduler,
        language=language,
    )
    found = asked.run(progress())
    report(found.cases)
    for gate in found.breached:
        values = {"gate": gate.name, "limit": gate.limit, "found": gate.found}
        note(say("backtest.gate-told", language, **values))
    write(forms.render(found, format.value), output)
    raise typer.Exit(1 if found.breached or found.cases.rejected else 0)


def _as_of(text: str, language: Language) -> date | None:
    if text == RECEIVED:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(say("backtest.bad-as-of", language, text=text)) from None


def _dimensions(text: str | None, language: Language) -> tuple[str, ...]:
    from triage.backtest.segments import DIMENSIONS

    if text is None:
        return DIMENSIONS
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name not in DIMENSIONS:
            raise UsageError(
                say("backtest.bad-by", language, text=name, known=", ".join(DIMENSIONS))
            )
    return names
