"""What a case is: commands that run one after the other in a folder of their own."""

import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

FRENCH = " --lang fr"


@dataclass(frozen=True)
class Case:
    """Commands, each the words after `triage`, in a folder that holds the examples and the policy.

    The folder has `examples`, `rules`, `tests` (of the checkout), `made` and `bad` (see
    `inputs.py`), and a copy of each file of `copies` under its own name.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    stdin: str | bytes | None = None
    """A file by its name, or bytes; otherwise standard input is empty."""
    terminal: str = ""
    """Which of `in`, `out`, `err` are a terminal, separated by spaces."""
    answers: tuple[str, ...] = ()
    """What is typed into the terminal, one each time that the program asks."""
    copies: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    cold: bool = False
    """Run as a process of its own, by the script that is installed."""
    module: str = ""
    """A module to be run instead of `triage`, with the same words; always a process of its own."""

    @property
    def french(self) -> bool:
        """Whether the command line asks for French; what asks for it in another way runs cold."""
        return any(
            pair == ("--lang", "fr")
            for words in self.commands
            for pair in itertools.pairwise(words)
        )


def case(name: str, line: str, **more: object) -> Case:
    """A case of one line: commands with ` ; ` between them, quoted as in a shell."""
    commands = tuple(tuple(shlex.split(one)) for one in line.split(" ; "))
    return replace(Case(name, commands), **more)  # type: ignore[arg-type]


def both(name: str, line: str, **more: object) -> Iterator[Case]:
    """The same case in English and in French."""
    yield case(f"{name}.en", line, **more)
    french = " ; ".join(one + FRENCH for one in line.split(" ; "))
    yield case(f"{name}.fr", french, **more)


SHORT = {
    "$CASES": "made/few-cases.csv",
    "$HISTORY": "examples/history/cases-synthetic.csv",
    "$WIDER": "examples/candidate/wider-door.yaml",
    "$INBOX": "examples/inbox.csv",
    "$MISTAKES": "examples/inbox-with-mistakes.csv",
    "$PROJECTS": "examples/inbox-projects.csv",
    "$COMMITTED": "examples/committed.csv",
    "$SMALL": "--rules bad/none/rules",
    "$PROPOSALS": "examples/proposals",
}
"""What stands for the files that tables name most.

The small policy is read and compiled at once, so it is used where the policy does not matter.
"""


def table(group: str, rows: str) -> Iterator[Case]:
    """Cases of a table: a line each, the name and the command; an indented line goes on with it.

    Each is run in both languages, unless its name ends in that of one.
    """
    for row in re.sub(r"\n +", " ", rows.strip()).splitlines():
        name, line = row.split(maxsplit=1)
        for short, path in SHORT.items():
            line = line.replace(short, path)
        if name.endswith(".en"):
            yield case(f"{group}/{name}", line)
        elif name.endswith(".fr"):
            yield case(f"{group}/{name}", line + FRENCH)
        else:
            yield from both(f"{group}/{name}", line)
