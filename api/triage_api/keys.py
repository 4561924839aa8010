"""API keys: made at random, kept as SHA-256, compared in constant time.

A plain hash is enough here and no slow one is needed: a key is 256 random bits, not a password, so
there is nothing to guess from the hash; and a slow hash would let anyone keep the server busy with
false keys.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from triage.errors import UsageError
from triage.messages import Language, say

PREFIX = "triage_"
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
LINE = re.compile(rf"({NAME.pattern})\s+([0-9a-f]{{64}})(?:\s+(\d{{4}}-\d{{2}}-\d{{2}}))?")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The owner's name, the SHA-256 of the key, and the last day on which it is good."""

    name: str
    digest: bytes
    until: date | None = None


class Keys:
    """The keys of one file: a line has a name, the SHA-256 in hex, perhaps the last day.

    `#` starts a remark.
    """

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = tuple(keys)

    def owner(self, presented: str) -> str | None:
        """The name of the key that was presented; None when it is not known or has run out."""
        digest, today, found = hash_of(presented), datetime.now(UTC).date(), None
        # Every key is compared, whether one was found or not, so that the time tells nothing.
        for key in self._keys:
            same = hmac.compare_digest(digest, key.digest)
            if same and (key.until is None or today <= key.until):
                found = key.name
        return found


def read_keys(path: Path, language: Language = "en") -> Keys:
    """The keys of a file; a `UsageError` names the line that is wrong."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "UTF-8"
        raise UsageError(say("intake.unreadable", language, path=path, problem=problem)) from None
    keys: list[ApiKey] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if not words:
            continue
        match = LINE.fullmatch(words)
        try:
            until = date.fromisoformat(match[3]) if match and match[3] else None
        except ValueError:
            match = None
        if match is None or match[1] in {key.name for key in keys}:
            raise UsageError(f"{path}:{number}: {say('api.bad-key-line', language)}")
        keys.append(ApiKey(match[1], bytes.fromhex(match[2]), until))
    if not keys:
        raise UsageError(f"{path}: {say('api.no-keys', language)}")
    return Keys(keys)


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).digest()


def add_key(path: Path, name: str, language: Language = "en") -> str:
    """Make a key, add its line to the file, and return the key, which is stored nowhere."""
    if not NAME.fullmatch(name):
        raise UsageError(say("api.bad-key-name", language, name=name))
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        if any(line.split()[:1] == [name] for line in text.splitlines()):
            raise UsageError(say("api.key-taken", language, path=path, name=name))
        key = PREFIX + secrets.token_urlsafe(32)
        start = "\n" if text and not text.endswith("\n") else ""
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"{start}{name} {hash_of(key).hex()}\n")
    except OSError as error:
        values = {"path": path, "problem": error.strerror}
        raise UsageError(say("intake.unreadable", language, **values)) from None
    return key
