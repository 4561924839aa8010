"""All that a backtest found, as figures that every form of the report tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from triage.backtest.agreement import Agreement, agreement, newly
from triage.backtest.attribution import Attribution, Causation
from triage.backtest.capacity import Capacity
from triage.backtest.cases import CaseSet
from triage.backtest.figures import (
    Bin,
    RuleFigures,
    Segment,
    causes,
    distribution,
    rule_figures,
    segments,
)
from triage.backtest.gates import Gate
from triage.backtest.segments import VOCABULARY
from triage.backtest.tally import Flip, Tally
from triage.deciding.wording import Wording
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.policy_diff.edits import Edit

REJECTED = "rejected:"
NOT_IN_FORCE = "not-in-force"
LANGUAGES = {"en": "backtest.language-en", "fr": "backtest.language-fr"}
"""What a group of cases by their language is called."""


@dataclass(frozen=True)
class Promoted:
    """The file of policy cases that was written, and the cases in it that came from flips."""

    path: Path
    cases: tuple[str, ...]


@dataclass(frozen=True)
class BacktestReport:
    """The outcome of one backtest.

    `caused` has the cause of each flip by case id; `facts` the unknown facts that could change the
    recommendation of the hanging cases that are shown.
    """

    language: Language
    cases: CaseSet
    engine: str
    edits: Sequence[Edit]
    tally: Tally
    caused: Mapping[str, Attribution] = field(default_factory=dict)
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    capacity: Capacity | None = None
    gates: Sequence[Gate] = ()
    promoted: Promoted | None = None

    @property
    def baseline(self) -> Policy:
        return self.tally.baseline.policy

    @property
    def candidate(self) -> Policy:
        return self.tally.candidate.policy

    @property
    def as_of(self) -> date | None:
        """The day by which all cases are judged; None where each has its own."""
        return self.tally.as_of

    @property
    def breached(self) -> list[Gate]:
        return [gate for gate in self.gates if gate.breached]

    @cached_property
    def skipped(self) -> dict[str, int]:
        """Cases that were read and not judged, by reason."""
        rejected = sorted(self.cases.rejected_by_field.items())
        skipped = {f"{REJECTED}{name}": count for name, count in rejected}
        if self.tally.not_in_force:
            skipped[NOT_IN_FORCE] = self.tally.not_in_force
        return skipped

    def skip_reason(self, reason: str) -> str:
        if reason == NOT_IN_FORCE:
            return say("backtest.skipped-not-in-force", self.language)
        name, dot, _ = reason.removeprefix(REJECTED).partition(".")
        label = say("backtest.determination", self.language) if dot else self.words.fact(name)
        return say("backtest.skipped-rejected", self.language, field=label)

    @cached_property
    def words(self) -> Wording:
        """The labels of the candidate, in the language of the report."""
        return Wording(self.candidate, self.language)

    @cached_property
    def agreements(self) -> tuple[Agreement, Agreement]:
        """With what people decided, under the baseline and under the candidate."""
        determined = self.tally.determined
        return agreement(determined, candidate=False), agreement(determined, candidate=True)

    @cached_property
    def newly_right(self) -> list[Flip]:
        return newly(self.tally.flips, right=True)

    @cached_property
    def newly_wrong(self) -> list[Flip]:
        return newly(self.tally.flips, right=False)

    @cached_property
    def rules(self) -> list[RuleFigures]:
        return rule_figures(self.tally.baseline, self.tally.candidate)

    def rule_title(self, id: str) -> str:
        """What a rule is called; the candidate's title where both have it."""
        rule = self.candidate.rule.get(id) or self.baseline.rule.get(id)
        return rule.title[self.language] if rule else id

    @cached_property
    def bins(self) -> list[Bin]:
        return distribution(self.tally.baseline, self.tally.candidate)

    @cached_property
    def causes(self) -> list[tuple[tuple[str, ...], Causation, int]]:
        """The edits that flips are due to, how they work together, and how many flips."""
        return causes(self.tally.flips, self.caused)

    @cached_property
    def segments(self) -> dict[str, list[Segment]]:
        counted = self.tally.segments
        made = {name: segments(counted.get(name, {})) for name in self.tally.dimensions}
        return {name: groups for name, groups in made.items() if groups}

    def segment_label(self, dimension: str, value: str | None) -> str:
        if value is None:
            return say("word.unknown", self.language)
        if dimension == "language":
            return say(LANGUAGES[value], self.language)
        if dimension == "region" and value == "outside":
            return say("backtest.region-outside", self.language)
        name = VOCABULARY.get(dimension)
        return self.words.label(name, value) if name else value

    def edits_of(self, flip: Flip) -> tuple[str, ...]:
        cause = self.caused.get(flip.request.id)
        return cause.edits if cause else ()

    @cached_property
    def edit_numbers(self) -> dict[str, str]:
        """A short name for each edit by its id, as the report shows it."""
        return {edit.id: f"E{number}" for number, edit in enumerate(self.edits, 1)}

    def due_to(self, flip: Flip, short: bool = False) -> str:
        """The edits that a flip is due to, by id or by short name."""
        cause = self.caused.get(flip.request.id)
        if cause is None:
            return ""
        return joined([self.edit_numbers[id] if short else id for id in cause.edits], cause.how)

    def matched(self, id: str) -> int:
        """On how many cases a rule of the candidate holds."""
        return next((one.new_matched or 0 for one in self.rules if one.id == id), 0)


def joined(edits: Sequence[str], how: Causation) -> str:
    """Edits in one text: with + where it takes all of them, with a bar where each is enough."""
    return (" | " if how == "either" else " + ").join(edits)
