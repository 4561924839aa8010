"""The log: a JSON object a line on standard output, without anything that a request contains."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import IO, Any

import orjson


class Log:
    """Writes events to one stream, by default to standard output."""

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        self._stream = stream

    def write(self, event: str, **values: Any) -> None:
        """One event; a reader of the log that went away does not stop the work."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = {"time": time, "event": event, **values}
        stream = self._stream or sys.stdout.buffer
        try:
            stream.write(orjson.dumps(record, default=str) + b"\n")
            stream.flush()
        except (OSError, ValueError):
            pass

    def failure(self, error: BaseException, **values: Any) -> None:
        """An error of ours by type and place; not its words, which may quote a request."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        self.write("failure", error=type(error).__name__, places=places[-8:], **values)


class LogHandler(logging.Handler):
    """Takes the messages of the server itself into the same log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One message of the server."""
        if record.exc_info and record.exc_info[1] is not None:
            self._log.failure(record.exc_info[1])
        else:
            self._log.write("server", level=record.levelname.lower(), message=record.getMessage())
