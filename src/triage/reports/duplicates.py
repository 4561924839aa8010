"""Which requests may be the same, as text, as plain data, and as rows for a table."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.deciding.wording import Wording
from triage.intake.cells import shown
from triage.intake.likeness import DuplicateLink, Ground, RequestPlace
from triage.messages import listed, say
from triage.reports.text import WIDTH

MOST_LINES = 10
"""So many links a terminal shows, which would show little else otherwise."""

HEADS = (
    "column-of-duplicates.request",
    "column-of-duplicates.other",
    "column-of-duplicates.where",
    "column-of-duplicates.certainty",
    "column-of-duplicates.why",
)
CERTAINTIES = {"certain": "duplicates.certain", "probable": "duplicates.probable"}
PLACES = {
    "committed": "duplicates.committed",
    "seen": "duplicates.seen",
    "inbox": "duplicates.inbox",
}
"""Within one run an id is enough: the rows of an inbox may stand in any order."""


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """The links of a screening, in the words of one language."""

    links: Sequence[DuplicateLink]
    words: Wording

    @property
    def heading(self) -> str:
        return say("duplicates.heading", self.words.language)

    @property
    def note(self) -> str:
        """What is done about them: a person decides."""
        return say("duplicates.note", self.words.language)

    def heads(self) -> list[str]:
        """The heads of the columns of `rows`."""
        return [say(key, self.words.language) for key in HEADS]

    def rows(self) -> Iterator[list[str]]:
        """A row a link: a request, the one before it, where that stands, how certain, and why."""
        for link in self.links:
            certainty = say(CERTAINTIES[link.certainty], self.words.language)
            where, why = self._where(link.other), "; ".join(self._why(link))
            yield [link.request.id, link.other.id, where, certainty, why]

    def text(self) -> str:
        """The first links for a terminal; at most 100 columns wide."""
        language = self.words.language
        lines = [self.heading, *textwrap.wrap(self.note, WIDTH)]
        short = DuplicateReport(self.links[:MOST_LINES], self.words)
        for id, other, where, certainty, why in short.rows():
            values = {"id": shown(id), "other": shown(other), "certainty": certainty}
            told = say("duplicates.line", language, where=where, why=why, **values)
            lines += textwrap.wrap(told, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        if (more := len(self.links) - MOST_LINES) > 0:
            lines.append("  " + say("duplicates.more", language, count=more))
        return "\n".join(lines)

    def as_list(self) -> list[dict[str, Any]]:
        """The JSON shape; `why` is for people, `reasons` for programs."""
        return [
            {
                "request_id": link.request.id,
                "other": _place(link.other),
                "certainty": link.certainty,
                "reasons": [ground.key.partition(".")[2] for ground in link.grounds],
                "why": "; ".join(self._why(link)),
            }
            for link in self.links
        ]

    def _where(self, place: RequestPlace) -> str:
        values = {"file": shown(Path(place.file).name), "row": place.row}
        return say(PLACES[place.among], self.words.language, **values)

    def _why(self, link: DuplicateLink) -> Iterator[str]:
        for ground in link.grounds:
            yield say(ground.key, self.words.language, **self._values(ground))

    def _values(self, ground: Ground) -> dict[str, str]:
        """What fills the message: labels of topics, days and texts as they may be shown."""
        values = {name: shown(value) for name, value in ground.values.items()}
        if "topics" in ground.values:
            labels = [self.words.label("topics", id) for id in ground.values["topics"]]
            values["topics"] = listed(labels, self.words.language)
        return values


def _place(place: RequestPlace) -> dict[str, Any]:
    shape: dict[str, Any] = {"id": place.id, "among": place.among}
    return shape if place.among == "inbox" else shape | {"file": place.file, "row": place.row}
