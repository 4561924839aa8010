"""The command line: its commands, and what becomes of an error.

Exit codes: 0 fine, 1 findings (rejected rows, diagnostics, failed cases), 2 wrong use or unreadable
input.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import typer

from triage import __version__
from triage.cli import assessing, backtesting, comparing, drafting, policies, screening, serving
from triage.cli.console import note
from triage.cli.options import SPOKEN, option
from triage.cli.speaking import Command, CommandGroup, wrong_use
from triage.errors import EvaluationError, PolicyError, TriageError
from triage.formats.file_names import one_line
from triage.messages import Language, say

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "screen": (screening.screen, "help-text.screen"),
    "assess": (assessing.assess, "help-text.assess"),
    "topics": (screening.topics, "help-text.topics"),
    "draft": (drafting.draft, "help-text.draft"),
    "check": (policies.check, "help-text.check"),
    "test": (policies.run_cases, "help-text.test"),
    "rules": (policies.show_rules, "help-text.rules"),
    "diff": (comparing.diff, "help-text.diff"),
    "replay": (comparing.replay, "help-text.replay"),
    "backtest": (backtesting.backtest, "help-text.backtest"),
    "sweep": (comparing.sweep, "help-text.sweep"),
    "serve": (serving.serve, "help-text.serve"),
    "worksheet": (policies.worksheet, "help-text.worksheet"),
}
"""Each command and the key of its help, in the order in which help lists them."""

app = typer.Typer(
    cls=CommandGroup,
    help=say("help-text.triage", SPOKEN),
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, option("--version", "help-text.version")] = False,
    lang: Annotated[Language | None, option("--lang", "help-text.lang")] = None,
) -> None:
    if lang is not None:
        # Before a command it stands for the command's own option, whose default is this variable.
        os.environ["TRIAGE_LANG"] = lang
    if version:
        typer.echo(f"triage {__version__}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


for name, (function, key) in COMMANDS.items():
    app.command(name=name, cls=Command, help=say(key, SPOKEN))(function)


def main() -> None:
    """Run the command line; every failure is one line on stderr and an exit code."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as exit_:
        code = exit_.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except typer.TyperException as error:
        note(f"triage: {wrong_use(error)}")
        code = 2
    except PolicyError as error:
        for line in error.diagnostics or (error.message,):
            note(line)
        code = 2
    except EvaluationError as error:
        note(f"triage: {say(error.key, SPOKEN, **error.values)}")
        code = 2
    except TriageError as error:
        note(one_line(f"triage: {error.message}" + (f" ({error.help})" if error.help else "")))
        code = 2
    except BrokenPipeError:
        # The reader went away, as `head` does: nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        # A full disk, most likely, under standard output or the temporary files.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        note(f"triage: {error.filename or say('output.unwritable', SPOKEN)}: {error.strerror}")
        code = 2
    sys.exit(code if isinstance(code, int) else 0)
