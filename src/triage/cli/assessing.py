"""`triage assess`: one proposal in full, an interview on what it leaves open, or two drafts."""

import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.console import check_outputs, day, note, report, write, write_json, write_text
from triage.cli.options import (
    FORMAT,
    AcceptOption,
    AsOfOption,
    BriefFormat,
    HiddenOption,
    LangOption,
    OutputOption,
    RulesOption,
    SheetOption,
    argument,
    option,
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

Other = Annotated[str | None, argument("help-text.other-draft", "OTHER")]
Version = Annotated[str | None, option("--expect-version", "help-text.expect-version", "VERSION")]


def assess(
    file: Annotated[str, argument("help-text.file", "FILE|-")],
    other: Other = None,
    rules: RulesOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = "en",
    format: Annotated[BriefFormat, FORMAT] = "text",
    interview: Annotated[bool, option("--interview", "help-text.interview")] = False,
    expect_version: Version = None,
    sheet: SheetOption = None,
    hidden: HiddenOption = None,
    accept_suggestions: AcceptOption = False,
    output: OutputOption = None,
) -> None:
    """Assess one proposal in full."""
    from triage.intake.inbox import Intake
    from triage.service import Triage, assessing

    _check_use(file, other, format, interview, lang)
    check_outputs((output,), () if interview else (file, other, rules), lang)
    triage = Triage(rules, lang)
    assessing.expect_version(triage.policy, expect_version, lang)
    as_of_day = day(as_of, lang)
    intake = Intake(sheet, accept_suggestions=accept_suggestions, hidden=hidden)
    if interview:
        target = _target(file, output, lang)
        request = _read(triage, file, intake)
        raise typer.Exit(_interview(triage, request, as_of_day, format, target))
    request = _read(triage, file, intake)
    if other is None:
        assessed = assessing.assess(triage, request, as_of_day)
        write(assessing.render(triage, assessed, format), output)
        return
    second = _read(triage, other, intake)
    comparison = assessing.compare_drafts(triage, request, second, as_of_day)
    if format == "json":
        write_json(comparison.as_dict(triage.policy), output)
    else:
        write_text(assessing.comparison_text(triage, comparison), output)


def _check_use(
    file: str, other: str | None, format: BriefFormat, interview: bool, language: Language
) -> None:
    if interview and other is not None:
        raise UsageError(say("interview.one-file", language))
    if interview and file == "-":
        raise UsageError(say("interview.not-standard-input", language))
    if other is not None and format not in ("text", "json"):
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


def _target(file: str, output: Path | None, language: Language) -> Path:
    """Where the completed proposal goes; checked before any question, so no answer is lost."""
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
    triage: "Triage", request: "Request", as_of: date | None, format: BriefFormat, target: Path
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
        assessed = assessing.assess(triage, interview.request, as_of)
        write(assessing.render(triage, assessed, format), None)
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
        possible, score = _possible(interview, language), interview.decision.score
        _tell(say(key, language, possible=possible, score=score))


def _ask(interview: "Interview", fact: str, number: int, language: Language) -> bool:
    """Ask until there is an answer; False when there will be no more of them."""
    choices = interview.choices(fact)
    note("")
    _tell(f"{number}. {interview.question(fact)}")
    if choices:
        few = len(choices) <= FEW_CHOICES
        _tell(f"   ({listed(choices, language, 'or') if few else say('interview.many', language)})")
    while (text := _answer()) is not None:
        if text == "?":
            free = f"   {say('interview.free', language)}"
            note("\n".join(f"   - {choice}" for choice in choices) if choices else free)
            continue
        try:
            if interview.answer(fact, text) and not interview.settled:
                possible = _possible(interview, language)
                note(f"   {say('interview.now', language, possible=possible)}")
            return True
        except RequestError as error:
            note(f"   {error.expected}")
    note("")
    return False


def _answer() -> str | None:
    """A line of standard input; None at its end."""
    sys.stderr.write("   > ")
    sys.stderr.flush()
    line = sys.stdin.buffer.readline()
    return line.decode(sys.stdin.encoding or "utf-8", "replace").strip() if line else None


def _tell(text: str) -> None:
    """A text for the one who answers, at most 100 columns wide."""
    note("\n".join(textwrap.wrap(text, WIDTH, subsequent_indent="   ", drop_whitespace=True)))


def _possible(interview: "Interview", language: Language) -> str:
    from triage.model.policy import RECOMMENDATION_MESSAGES

    possible = interview.decision.result.possible
    words = [say(RECOMMENDATION_MESSAGES[one], language) for one in possible]
    return listed(words, language, "or")
