"""What the commands share: reading options, writing output, telling what was passed over."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import UsageError
from triage.formats.csv_forms import CSV_FORMS, PLAIN_CSV, CsvForm
from triage.formats.file_names import one_line
from triage.formats.whole_files import same_file, whole_file
from triage.messages import Language, say

if TYPE_CHECKING:
    from triage.backtest.cases import CaseSet
    from triage.intake.inbox import Inbox, Rejected

MOST_LINES = 20
"""So many errors of rejected rows are told one by one, and else so many causes of them."""
FEW_ROWS = 5


def day(text: str | None, language: Language) -> date | None:
    """The day of `--as-of`."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'--as-of: "{text}": {say("expected.date", language)}') from None


def csv_form(program: str | None, writes_csv: bool, language: Language) -> CsvForm:
    """The form of `--csv-for`; `UsageError` when no CSV is written."""
    if program is not None and not writes_csv:
        raise UsageError(say("output.no-csv", language))
    return CSV_FORMS[program] if program is not None else PLAIN_CSV


def refuse_terminal(format: str | None, output: Path | None, language: Language) -> None:
    """`UsageError` when a workbook would be written to a terminal."""
    if format == "xlsx" and output is None and sys.stdout.isatty():
        raise UsageError(say("screen.needs-output", language))


def check_outputs(
    outputs: Iterable[Path | None], inputs: Iterable[str | Path | None], language: Language
) -> None:
    """`UsageError` when a file cannot be written where it is wanted, before any work is done.

    None of the inputs is written over: neither a file nor, in a folder, a part of a policy, such as
    the one that counts where none is named.
    """
    from triage.rulebook.load import default_rules

    wanted = [path for path in outputs if path is not None]
    given = [Path(name) for name in inputs if name is not None and str(name) != "-"]
    given.append(default_rules())
    for index, path in enumerate(wanted):
        if not path.parent.is_dir() or path.is_dir():
            raise UsageError(say("rejects.no-folder", language, path=one_line(path)))
        if any(same_file(path, other) for other in wanted[:index]):
            raise UsageError(say("output.twice", language, path=one_line(path)))
        if any(_is_part(path, name) for name in given):
            raise UsageError(say("output.is-input", language, path=one_line(path)))


def _is_part(path: Path, given: Path) -> bool:
    if given.is_dir():
        inside = path.resolve().is_relative_to(given.resolve())
        return inside and path.exists() and path.suffix.lower() in (".yaml", ".yml")
    return same_file(path, given)


def progress() -> Callable[[int], None] | None:
    """Counts on the terminal while a long file is read; quiet in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        if count % 500 == 0:
            sys.stderr.write(f"\r{count}\r")
            sys.stderr.flush()

    return show


def report(inbox: "Inbox | CaseSet") -> None:
    """Say on stderr how files were read, what was passed over and what was rejected."""
    for survey in inbox.surveys.values():
        for line in survey.lines(inbox.language):
            note(line)
    for path, names in inbox.unknown_headers.items():
        note(say("intake.unknown-columns", inbox.language, path=path, columns=", ".join(names)))
    for line in _rejections(inbox.rejected, inbox.language):
        note(line)


def _rejections(rejected: Sequence["Rejected"], language: Language) -> Iterator[str]:
    """What is wrong with rejected rows: a line an error, or a line a cause where they are many."""
    if sum(len(row.errors) for row in rejected) <= MOST_LINES:
        for row in rejected:
            yield from row.lines(language)
        return
    causes: dict[tuple[str, str, str], _SameCause] = {}
    for row in rejected:
        for error in row.errors:
            key = (row.source, error.field, error.cause)
            if (same := causes.get(key)) is None:
                causes[key] = _SameCause(row.line(error, language))
            else:
                same.count += 1
                same.rows += [row.row] if len(same.rows) < FEW_ROWS else []
    for same in list(causes.values())[:MOST_LINES]:
        yield same.told(language)
    if len(causes) > MOST_LINES:
        yield say("rejects.more-causes", language, count=len(causes) - MOST_LINES)
    yield say("rejects.all-rows", language, count=len(rejected))


@dataclass
class _SameCause:
    """The errors of one cause: the line of the first, the rows of the next, and how many more."""

    line: str
    count: int = 0
    rows: list[int] = field(default_factory=list)

    def told(self, language: Language) -> str:
        if not self.count:
            return self.line
        shown = ", ".join(map(str, self.rows)) + (" …" if self.count > len(self.rows) else "")
        return self.line + say("rejects.same-cause", language, count=self.count, rows=shown)


def note(line: str) -> None:
    """A line on stderr, or several; nothing in it can command a terminal."""
    lines = line.splitlines() if "\n" in line else [line]
    sys.stderr.write("".join(f"{one_line(one)}\n" for one in lines or [""]))


def write(pieces: Iterable[bytes], output: Path | None) -> None:
    """Write to the file of `--output`, whole or not at all, or to standard output."""
    if output is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    try:
        with whole_file(output) as stream:
            stream.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{one_line(output)}: {error.strerror}") from None


def write_text(text: str, output: Path | None) -> None:
    """Write a text that ends with its own line break."""
    write([text.encode()], output)


def write_json(value: Any, output: Path | None) -> None:
    """Write a value as indented JSON."""
    write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", output)
