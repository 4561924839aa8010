"""What has to differ between two runs or two checkouts, each replaced by a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Normal:
    """Replaces paths, the versions of the program and of policies, and today's date."""

    checkout: str
    scratch: str
    version: str
    today: date

    def text(self, text: str) -> str:
        """A text as it would be anywhere, on any day."""
        for pattern, name in self._pairs:
            text = re.sub(pattern, name, text)
        for pattern, name in NUMBERED:
            text = _numbered(text, pattern, name)
        return text

    @property
    def _pairs(self) -> Sequence[tuple[str, str]]:
        return (
            (re.escape(self.scratch), "<scratch>"),
            (re.escape(self.checkout), "<checkout>"),
            (rf"(?<![\w.]){re.escape(self.version)}(?![\w.]*\d)", "<version>"),
            # Commands without a day of their own judge by today.
            (rf"(?<!\d){self.today.isoformat()}(?!\d)", "<today>"),
            # Of a traceback, which is a fault of the program, what was wrong; not the way there.
            (r'(?m)(^  File ".*", line \d+, in .*\n(?:    .*\n)*)+', "  <frames>\n"),
            # A new key is drawn at random; the file has its hash.
            (r"triage_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", "<key>"),
            (r"(?m)^(new-key\S*) [0-9a-f]{64}", r"\1 <hash>"),
        )


NUMBERED = (
    (r"(?<![0-9A-Za-z])(?=\d*[a-f])[0-9a-f]{12}(?![0-9A-Za-z])", "policy"),
    (r"(?<![0-9A-Za-z])D-[0-9a-f]{16}(?![0-9A-Za-z])", "decision"),
)
"""The version of a policy, and the id of a decision, which is made of it: each has the number of
its first place in the text, so that two of them cannot be confused unseen.
"""


def _numbered(text: str, pattern: str, name: str) -> str:
    numbers: dict[str, int] = {}
    return re.sub(
        pattern, lambda one: f"<{name} {numbers.setdefault(one[0], len(numbers) + 1)}>", text
    )


LOG = (
    (r'"time":"[^"]*"', '"time":"<time>"'),
    (r'"ms":[0-9.]+', '"ms":<ms>'),
    (r'"port":\d+', '"port":<port>'),
    (r'("request_id":"[^"]*(?:xlsx|openapi)[^"]*".*"bytes":)\d+', r"\1<bytes>"),
)
"""The log of the server: when, how long, where; the size of what has a time or version."""

HEAD = (
    (r"(?im)^date: .*$", "date: <time>"),
    (r"(?im)^(x-request-id: )[0-9a-f]{32}$", r"\1<id>"),
)
"""The head of an answer: the time, and a request id that was drawn because none was sent."""

SIZE = ((r"(?im)^(content-length|etag): .*$", r"\1: <of the body>"),)
"""Of a workbook, which has the time in it, and of an answer with the version or today's date."""

DRAWN = ((r'"request_id":"[0-9a-f]{32}"', '"request_id":"<id>"'),)
"""The same id in a body and in the log."""


def replaced(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """A text with each pattern replaced."""
    for pattern, name in pairs:
        text = re.sub(pattern, name, text)
    return text
