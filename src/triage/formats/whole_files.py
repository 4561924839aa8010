"""Files that are written whole or not at all: a full disk or an error leaves the old file."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES
from pathlib import Path
from typing import IO

DEVICES = "/dev/"


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A stream into a new file beside `path`, which takes its place at the end.

    A link stays a link: what it points to is replaced. Pipes and devices are written to as they
    are. Raises `OSError`, as writing would.
    """
    target = Path(os.path.realpath(path))
    if str(path).startswith(DEVICES) or (target.exists() and not target.is_file()):
        with path.open("wb") as stream:
            yield stream
        return
    mode = _mode(target)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".triage-")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or those of a new one."""
    if target.exists():
        if not os.access(target, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(target))
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, by links of any kind too."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)
