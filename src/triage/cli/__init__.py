"""The command line: options in, formatting and exit codes out; the work is in `service`."""

from triage.cli.app import main

__all__ = ["main"]
