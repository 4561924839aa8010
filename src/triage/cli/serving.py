"""`triage serve`: the same decisions over HTTP."""

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.console import note, write
from triage.cli.options import Lang, LangOption, RulesOption, help_text
from triage.errors import UsageError
from triage.messages import say


def serve(
    host: Annotated[str, typer.Option("--host", help=help_text("host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=help_text("port"), min=0, max=65535)] = 8000,
    rules: RulesOption = None,
    lang: LangOption = Lang.en,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help=help_text("allow-remote"))
    ] = False,
    keys: Annotated[
        Path | None, typer.Option("--keys", help=help_text("keys"), metavar="FILE")
    ] = None,
    new_key: Annotated[
        str | None, typer.Option("--new-key", help=help_text("new-key"), metavar="NAME")
    ] = None,
) -> None:
    """Serve the decisions over HTTP."""
    language = lang.language
    if new_key is not None:
        from triage_api.keys import add_key

        if keys is None:
            raise UsageError(say("api.new-key-needs-file", language))
        write([f"{add_key(keys, new_key, language)}\n".encode()], None)
        note(say("api.new-key", language, path=keys))
        return
    from triage_api import server

    server.serve(rules, language, host, port, allow_remote, keys)
