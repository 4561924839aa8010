"""`triage serve`: the same decisions over HTTP."""

from pathlib import Path
from typing import Annotated

from triage.cli.console import note, write_text
from triage.cli.options import LangOption, RulesOption, option
from triage.errors import UsageError
from triage.messages import say


def serve(
    host: Annotated[str, option("--host", "help-text.host")] = "127.0.0.1",
    port: Annotated[int, option("--port", "help-text.port", min=0, max=65535)] = 8000,
    rules: RulesOption = None,
    lang: LangOption = "en",
    allow_remote: Annotated[bool, option("--allow-remote", "help-text.allow-remote")] = False,
    keys: Annotated[Path | None, option("--keys", "help-text.keys", "FILE")] = None,
    new_key: Annotated[str | None, option("--new-key", "help-text.new-key", "NAME")] = None,
) -> None:
    """Serve the decisions over HTTP."""
    if new_key is None:
        from triage_api import server

        server.serve(rules, lang, host, port, allow_remote, keys)
        return
    from triage_api.keys import add_key

    if keys is None:
        raise UsageError(say("api.new-key-needs-file", lang))
    write_text(f"{add_key(keys, new_key, lang)}\n", None)
    note(say("api.new-key", lang, path=keys))
