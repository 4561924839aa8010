"""`triage serve`: checks address and keys, binds, and runs uvicorn until it is told to stop."""

import gc
import logging
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from triage.errors import UsageError
from triage.messages import Language, say
from triage.service import Triage
from triage_api import limits
from triage_api.app import create_app
from triage_api.keys import Keys, read_keys
from triage_api.logs import Log, LogHandler
from triage_api.security import Guard

LOCAL = "127.0.0.1"


def serve(
    rules: Path | None,
    language: Language,
    host: str,
    port: int,
    allow_remote: bool,
    keys_file: Path | None,
) -> None:
    """Serve one policy until SIGTERM or SIGINT; what is under way is finished first.

    `PolicyError` when the policy does not load; `UsageError` for a wrong address or wrong keys.
    """
    keys = _keys(host, allow_remote, keys_file, language)
    triage = Triage(rules, language)
    log = Log()
    app = create_app(triage, Guard(keys, local=not allow_remote), log)
    listener = _listen(host, port, language)
    server = Server(app, listener, log)
    # Single decisions wait for a thread at work on a large inbox: it gives way sooner than the
    # usual 5 ms.
    sys.setswitchinterval(0.001)
    # A decision leaves hardly anything for the collector; looking less often makes it a fifth
    # quicker.
    gc.set_threshold(50_000, 20, 50)
    # uvicorn ends by raising the signal that stopped it again; ignored, the exit code is 0.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    server.run(sockets=[listener])
    log.write("stopped")


class Server(uvicorn.Server):
    """uvicorn, which says in our log where it listens when it does."""

    def __init__(self, app: object, listener: socket.socket, log: Log) -> None:
        logger = logging.getLogger("uvicorn")
        logger.handlers = [LogHandler(log)]
        logger.propagate = False
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]
            log_config=None,
            log_level="warning",
            access_log=False,
            # The log names the client that is connected; headers that say otherwise may be made up.
            proxy_headers=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_keep_alive=limits.IDLE_SECONDS,
            timeout_graceful_shutdown=limits.STOP_SECONDS,
        )
        super().__init__(config)
        self._listener, self._log = listener, log

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open for requests, and say so."""
        await super().startup(sockets)
        if self.started:
            address, port = self._listener.getsockname()[:2]
            self._log.write("listening", address=address, port=port)


def _keys(host: str, allow_remote: bool, path: Path | None, language: Language) -> Keys | None:
    if allow_remote and path is None:
        raise UsageError(say("api.remote-needs-keys", language))
    if host != LOCAL and not allow_remote:
        raise UsageError(say("api.remote", language, host=host))
    return read_keys(path, language) if path is not None else None


def _listen(host: str, port: int, language: Language) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on, and every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        problem = getattr(error, "strerror", None) or str(error)
        values = {"host": host, "port": port, "problem": problem}
        raise UsageError(say("api.cannot-listen", language, **values)) from None
    return listener
