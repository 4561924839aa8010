"""Which requests may be the same: as a part of a screening, as text, and as plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from triage.deciding.wording import Wording
from triage.intake.cells import shown
from triage.intake.likeness import DuplicateLink, Ground, RequestPlace
from triage.messages import listed, say
from triage.reports.document import Column, Lazy, Part, Table

MOST_LINES = 10
"""So many links a terminal shows, which would show little else otherwise."""

COLUMNS = {
    "column-of-duplicates.request": 15,
    "column-of-duplicates.other": 15,
    "column-of-duplicates.where": 36,
    "column-of-duplicates.certainty": 12,
    "column-of-duplicates.why": 100,
}
"""The heads of a table, with the widths of a workbook."""

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

    def part(self) -> Part:
        """For reports: a row a link."""
        language = self.words.language
        heading, sheet = say("duplicates.heading", language), say("duplicates.sheet", language)
        columns = [Column(say(key, language), width) for key, width in COLUMNS.items()]
        rows = Lazy(self._rows)
        table = Table(heading, sheet, columns, rows, captioned=False, look="cards")
        return Part("duplicates", heading, [say("duplicates.note", language)], tables=[table])

    def told(self) -> Iterator[tuple[str, str]]:
        """The id of a request and what is said of it, for each link."""
        for id, other, where, certainty, why in self._rows():
            values = {"id": shown(id), "other": shown(other), "certainty": certainty}
            yield id, say("duplicates.line", self.words.language, where=where, why=why, **values)

    def on_terminal(self) -> Part:
        """The first links, for a terminal."""
        language = self.words.language
        lines = [("  - ", told) for _, told in islice(self.told(), MOST_LINES)]
        if (more := len(self.links) - MOST_LINES) > 0:
            lines.append(("  ", say("duplicates.more", language, count=more)))
        heading, note = say("duplicates.heading", language), say("duplicates.note", language)
        return Part("duplicates", heading, [note], lines=lines)

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

    def _rows(self) -> Iterator[list[str]]:
        """A request, the one before it, where that stands, how certain, and why."""
        for link in self.links:
            certainty = say(CERTAINTIES[link.certainty], self.words.language)
            where, why = self._where(link.other), "; ".join(self._why(link))
            yield [link.request.id, link.other.id, where, certainty, why]

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
