"""How to handle a report: its classification, as it stands above and below everything."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.deciding.wording import Wording
from triage.messages import Language, say


@dataclass(frozen=True)
class Handling:
    """How to handle a report: the highest classification of its requests; how many have none."""

    label: str
    unlabelled: int

    @classmethod
    def of(cls, counts: Mapping[str | None, int], rejected: int, words: Wording) -> "Handling":
        """From the number of requests by classification (None: unknown, like rejected rows)."""
        vocabulary = words.policy.vocabularies.get("classifications")
        known = [id for id in (vocabulary.terms if vocabulary else ()) if counts.get(id)]
        label = words.label("classifications", known[-1]) if known else ""
        return cls(label, counts.get(None, 0) + rejected)

    def marking(self, read: int, language: Language) -> str:
        """The classification at the head of a report on so many rows."""
        if not self.label or not self.unlabelled:
            return marking(self.label, language)
        values = {"label": self.label, "unlabelled": self.unlabelled, "read": read}
        return say("report.marking-partly", language, **values)


def marking(label: str, language: Language) -> str:
    """A classification as it stands at the head of a page; an empty one is not known."""
    if not label:
        return say("report.marking-unknown", language)
    return say("report.marking", language, label=label)
