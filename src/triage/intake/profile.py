"""What is known of the files of one source beside the words of the policy.

A person settles it once for a source: what its own headers mean, in which order its digits write a
day, and which facts its files leave out because they are the same in every row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DateOrder = Literal["dmy", "mdy", "ymd"]
"""The order of day, month and year in a date of digits."""
HiddenParts = Literal["skip", "read"]
"""What becomes of hidden rows and columns."""


@dataclass(frozen=True, slots=True)
class ImportProfile:
    """How the files of one source are read.

    `columns` has what a normalised header means, as `Headers.meaning` gives it, before the words of
    the policy; None leaves a column without a meaning. `placeholders` are normalised words for an
    unknown value, beside those of the policy. `given` has the values of facts that no file of the
    source says, as a cell would have them; a cell of the row comes before them. `header_rows` is
    the number of rows that the header takes up.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    dates: DateOrder | None = None
    placeholders: frozenset[str] = frozenset()
    hidden: HiddenParts = "read"
    given: Mapping[str, Any] = field(default_factory=dict)
    sheet: str | None = None
    header_rows: int | None = None


NO_PROFILE = ImportProfile()
"""Nothing is known but the words of the policy."""
