"""Who may ask: the key in a header, the name of the host; and the headers of every answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage_api.keys import Keys
from triage_api.problems import ProblemError

# No answer is meant to be shown by a browser: a report in HTML is sent to be saved.
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
OPEN_PATHS = frozenset(("/health",))
LOCAL_HOSTS = frozenset(("127.0.0.1", "localhost", "[::1]"))


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request must show. Without keys only this machine is served, under its own names.

    A page on another site could point a name of its own at 127.0.0.1 and have the reader's browser
    ask us for it; its `Host` gives it away.
    """

    keys: Keys | None = None
    local: bool = True

    def admit(self, path: str, headers: Mapping[bytes, bytes]) -> str | None:
        """The owner of the key, None where no key is needed; `ProblemError` to keep it out."""
        host = headers.get(b"host", b"").decode("latin-1")
        if self.local and _without_port(host) not in LOCAL_HOSTS:
            raise ProblemError("host")
        if self.keys is None or path in OPEN_PATHS:
            return None
        owner = self.keys.owner(_presented(headers))
        if owner is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="triage"'}
            raise ProblemError("unauthorized", headers=challenge)
        return owner


def _presented(headers: Mapping[bytes, bytes]) -> str:
    """The key in the headers; not one in the address, which ends up in logs and histories."""
    scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1").strip()


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
