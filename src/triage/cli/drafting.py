"""`triage draft`: a letter in, the draft of one request out."""

from pathlib import Path
from typing import Annotated, Literal

from triage.cli.console import write_json, write_text
from triage.cli.options import FORMAT, LangOption, OutputOption, RulesOption, argument

DraftFormat = Literal["yaml", "json"]


def draft(
    file: Annotated[Path, argument("help-text.letter", "FILE")],
    rules: RulesOption = None,
    lang: LangOption = "en",
    format: Annotated[DraftFormat, FORMAT] = "yaml",
    output: OutputOption = None,
) -> None:
    """Draft a request from a letter."""
    from triage.service import draft_from_letter

    made = draft_from_letter(file, rules, lang)
    if format == "json":
        write_json(made.as_dict(), output)
    else:
        write_text(made.to_yaml(), output)
