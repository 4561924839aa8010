"""`triage backtest`: historical cases under two policies."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from triage.cli.console import (
    check_outputs,
    csv_form,
    note,
    progress,
    refuse_terminal,
    report,
    write,
)
from triage.cli.options import (
    FORMAT,
    CsvForOption,
    HiddenOption,
    LangOption,
    OutputOption,
    SetOption,
    SheetOption,
    argument,
    option,
)
from triage.errors import UsageError
from triage.messages import Language, say

if TYPE_CHECKING:
    from triage.formats.csv_forms import CsvForm
    from triage.service.backtesting import Backtest

RECEIVED = "received"

Cases = Annotated[list[str] | None, argument("help-text.backtest-cases", "CASES...")]
Candidate = Annotated[Path | None, option("--candidate", "help-text.candidate-option", "RULES")]
Baseline = Annotated[
    Path | None, option("--baseline --rules", "help-text.baseline-option", "RULES")
]
AsOf = Annotated[str, option("--as-of", "help-text.backtest-as-of", "received|YYYY-MM-DD")]
By = Annotated[str | None, option("--by", "help-text.by-option", "NAME,...")]
Near = Annotated[int, option("--near", "help-text.near-option", min=0, max=100)]
MaxFlips = Annotated[str | None, option("--max-flips", "help-text.max-flips", "N|P%")]
Forbid = Annotated[list[str] | None, option("--forbid", "help-text.forbid", "OLD:NEW")]
MinAgreement = Annotated[str | None, option("--min-agreement", "help-text.min-agreement", "P%")]
MaxUse = Annotated[list[str] | None, option("--max-use", "help-text.max-use", "LIMIT=P%")]
Promote = Annotated[Path | None, option("--promote", "help-text.promote", "DIR")]
Flips = Annotated[str | None, option("--flips", "help-text.flips-option", "ID,...|all")]
Backend = Annotated[Literal["polars", "dask", "spark"], option("--backend", "help-text.backend")]
Scheduler = Annotated[str | None, option("--scheduler", "help-text.scheduler", "ADDRESS")]
Format = Annotated[Literal["text", "json", "csv", "xlsx", "html", "md"], FORMAT]


def backtest(
    cases: Cases = None,
    candidate: Candidate = None,
    settings: SetOption = None,
    baseline: Baseline = None,
    as_of: AsOf = RECEIVED,
    by: By = None,
    near: Near = 5,
    max_flips: MaxFlips = None,
    forbid: Forbid = None,
    min_agreement: MinAgreement = None,
    max_use: MaxUse = None,
    promote: Promote = None,
    flips: Flips = None,
    backend: Backend = "polars",
    scheduler: Scheduler = None,
    sheet: SheetOption = None,
    hidden: HiddenOption = None,
    lang: LangOption = "en",
    csv_for: CsvForOption = None,
    format: Format = "text",
    output: OutputOption = None,
) -> None:
    """Compare two policies on historical cases."""
    from triage.backtest.gates import read_gates
    from triage.intake.inbox import Intake
    from triage.service.backtesting import Backtest

    refuse_terminal(format, output, lang)
    check_outputs((output,), [*(cases or ()), candidate, baseline], lang)
    task = Backtest(
        files=cases or [],
        candidate=candidate,
        settings=settings or (),
        baseline=baseline,
        as_of=_day(as_of, lang),
        by=_dimensions(by, lang),
        near=near,
        gates=read_gates(max_flips, forbid or (), min_agreement, max_use or (), lang),
        promote=promote,
        flips=flips,
        intake=Intake(sheet, hidden=hidden),
        backend=backend,
        scheduler=scheduler,
        language=lang,
    )
    _run(task, format, output, csv_form(csv_for, format == "csv", lang))


def _run(task: "Backtest", format: str, output: Path | None, written: "CsvForm") -> None:
    from triage.reports import backtest as forms

    result = task.run(progress())
    report(result.cases)
    for gate in result.breached:
        values = {"gate": gate.name, "limit": gate.limit, "found": gate.found}
        note(say("backtest.gate-told", task.language, **values))
    write(forms.render(result, format, written), output)
    raise typer.Exit(1 if result.breached or result.cases.rejected else 0)


def _day(text: str, language: Language) -> date | None:
    """The day by which all cases are judged; None when each is judged by its own."""
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
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in DIMENSIONS:
            known = ", ".join(DIMENSIONS)
            raise UsageError(say("backtest.bad-by", language, text=name, known=known))
    return names
