"""`triage assess`: one proposal in full, with what would raise it; the questions that it leaves
open; two drafts.
"""

import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.console import as_json, day, note, report, write
from triage.cli.options import (
    AcceptOption,
    AsOfOption,
    AssessFormat,
    Lang,
    LangOption,
    OutputOption,
    RulesOption,
    SheetOption,
    help_text,
)
from triage.errors import RequestError, UsageError
from triage.messages import Language, listed, say

if TYPE_CHECKING:
    from triage.advice.interview import Interview
    from triage.intake.inbox import Intake
    from triage.model.facts import Request
    from triage.service import Triage

FEW_CHOICES = 6
"""The most allowed values that are shown with a question; `?` shows all."""
INTERRUPTED = 130
WIDTH = 100


def assess(
    file: Annotated[str, typer.Argument(help=help_text("file"), metavar="FILE|-")],
    other: Annotated[
        str | None, typer.Argument(help=help_text("other-draft"), metavar="OTHER")
    ] = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = Lang.en,
    format: Annotated[
        AssessFormat, typer.Option("--format", help=help_text("format"))
    ] = AssessFormat.text,
    interview: Annotated[bool, typer.Option("--interview", help=help_text("interview"))] = False,
    expect_version: Annotated[
        str | None,
        typer.Option("--expect-version", help=help_text("expect-version"), metavar="VERSION"),
    ] = None,
    sheet: SheetOption = None,
    accept_suggestions: AcceptOption = False,
    output: OutputOption = None,
) -> None:
    """Assess one proposal in full."""
    from triage import service
    from triage.intake.inbox import Intake
    from triage.service import assessing

    language = lang.language
    _check_use(file, other, format, interview, language)
    triage = service.Triage(rules, language)
    assessing.expect_version(triage.policy, expect_version, language)
    judged, intake = day(as_of, language), Intake(sheet, accept_suggestions=accept_suggestions)
    if interview:
        target = _target(file, output, language)
        raise typer.Exit(_interview(triage, _read(triage, file, intake), judged, format, target))
    requests = [_read(triage, one, intake) for one in (file, other) if one is not None]
    if len(requests) == 1:
        write(
            assessing.render(triage, assessing.assess(triage, requests[0], judged), format.value),
            output,
        )
        return
    first, second = requests
    compared = assessing.compare_drafts(triage, first, second, judged)
    if format is AssessFormat.json:
        write([as_json(compared.as_dict())], output)
    else:
        write([assessing.comparison_text(triage, compared)], output)


def _check_use(
    file: str, other: str | None, format: AssessFormat, interview: bool, language: Language
) -> None:
    if interview and other is not None:
        raise UsageError(say("interview.one-file", language))
    if interview and file == "-":
        raise UsageError(say("interview.not-standard-input", language))
    if other is not None and format not in (AssessFormat.text, AssessFormat.json):
        raise UsageError(say("drafts.formats", language))
    if other == file == "-":
        raise UsageError(say("drafts.one-standard-input", language))


def _read(triage: "Triage", path: str, intake: "Intake") -> "Request":
    """The request in a file; what is wrong with it is said, and ends the command."""
    from triage.service.assessing import read_proposal

    request, inbox = read_proposal(triage, path, intake)
    report(inbox)
    if request is None:
        raise typer.Exit(1)
    return request


# -- the interview
# ---------------------------------------------------------------------------------------------------


def _target(file: str, output: Path | None, language: Language) -> Path:
    """Where the completed proposal goes; said before the first question, so that no answer is
    lost.
    """
    path = Path(file)
    target = output or path.with_name(f"{path.stem}.completed.yaml")
    if target.exists() and path.exists() and target.samefile(path):
        raise UsageError(say("interview.is-input", language, path=target))
    if output is None and target.exists():
        raise UsageError(say("interview.exists", language, path=target))
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(say("interview.not-yaml", language, path=target))
    if not target.parent.is_dir() or target.is_dir():
        raise UsageError(say("rejects.no-folder", language, path=target))
    return target


def _interview(
    triage: "Triage", request: "Request", as_of: date | None, format: AssessFormat, target: Path
) -> int:
    """Ask, write the completed proposal, and assess it; the exit code."""
    from triage.service import assessing

    interview, language = assessing.interview(triage, request, as_of), triage.language
    code = 0
    try:
        _ask_all(interview, language)
    except KeyboardInterrupt:
        # What was answered so far is kept: typing it again would be the worst that could happen.
        note("")
        code = INTERRUPTED
    write([interview.completed()], target)
    note(say("interview.written", language, path=target, count=len(interview.answered)))
    if not code:
        write(
            assessing.render(
                triage, assessing.assess(triage, interview.request, as_of), format.value
            ),
            None,
        )
    return code


def _ask_all(interview: "Interview", language: Language) -> None:
    fact = interview.next()
    key = "interview.nothing" if fact is None else "interview.begin"
    _tell(say(key, language, possible=_possible(interview, language)))
    number = 0
    while fact is not None:
        number += 1
        if not _ask(interview, fact, number, language):
            note(say("interview.ended", language))
            return
        fact = interview.next()
    if number:
        key = "interview.settled" if interview.settled else "interview.open"
        _tell(
            say(
                key,
                language,
                possible=_possible(interview, language),
                score=interview.decision.score,
            )
        )


def _ask(interview: "Interview", fact: str, number: int, language: Language) -> bool:
    """Ask until there is an answer; False when there will be no more of them."""
    choices = interview.choices(fact)
    note("")
    _tell(f"{number}. {interview.question(fact)}")
    if choices:
        shown = (
            listed(choices, language, "or")
            if len(choices) <= FEW_CHOICES
            else say("interview.many", language)
        )
        _tell(f"   ({shown})")
    while True:
        sys.stderr.write("   > ")
        sys.stderr.flush()
        line = sys.stdin.buffer.readline()
        if not line:
            note("")
            return False
        text = line.decode(sys.stdin.encoding or "utf-8", "replace").strip()
        if text == "?":
            note(
                "\n".join(f"   - {one}" for one in choices)
                if choices
                else f"   {say('interview.free', language)}"
            )
            continue
        try:
            if interview.answer(fact, text) and not interview.settled:
                note(
                    f"   {say('interview.now', language, possible=_possible(interview, language))}"
                )
        except RequestError as error:
            note(f"   {error.expected}")
            continue
        return True


def _tell(text: str) -> None:
    """A text for the one who answers, at most 100 columns wide."""
    note("\n".join(textwrap.wrap(text, WIDTH, subsequent_indent="   ", drop_whitespace=True)))


def _possible(interview: "Interview", language: Language) -> str:
    words = [say(f"recommendation.{one}", language) for one in interview.decision.result.possible]
    return listed(words, language, "or")
