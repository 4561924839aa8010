"""The command line: options in, formatting and exit codes out.

Stands on: errors, messages, formats, model, rulebook, intake, review, advice, backtest, sweep,
reports, service, triage_api.
"""

from triage.cli.app import main

__all__ = ["main"]
