"""Runs the command line in this process, with its own streams."""

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest.mock import patch

from triage import cli


@dataclass(frozen=True)
class Ran:
    """The exit code of a command, and what it wrote."""

    code: int
    out: str
    err: str


def run(*words: str, stdin: bytes = b"") -> Ran:
    """`triage` with these words; help and wrong use are in the language of its import, English."""
    streams = [
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
        for data in (stdin, b"", b"")
    ]
    code = None
    with (
        patch.object(sys, "argv", ["triage", *words]),
        patch.object(sys, "stdin", streams[0]),
        contextlib.redirect_stdout(streams[1]),
        contextlib.redirect_stderr(streams[2]),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    texts = []
    for stream in streams[1:]:
        stream.seek(0)
        texts.append(stream.read())
    return Ran(code, *texts)
