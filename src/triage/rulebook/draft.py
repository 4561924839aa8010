"""What has been read of a policy so far, but for its rules."""

from dataclasses import dataclass, field

from triage.model.facts import Fact
from triage.model.policy import (
    Criterion,
    FactText,
    Parameter,
    SourceDocument,
    Statement,
    Strategy,
    Vocabulary,
    Where,
)
from triage.rulebook.diagnostics import Diagnostics
from triage.rulebook.names import KnownNames
from triage.rulebook.reader import Reader


@dataclass
class Draft:
    """The parts of a policy by id, as far as they can be read."""

    diagnostics: Diagnostics
    strategies: dict[str, Strategy] = field(default_factory=dict)
    criteria: list[Criterion] = field(default_factory=list)
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    fact_texts: dict[str, FactText] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    documents: dict[str, SourceDocument] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    places: dict[tuple[str, str], Where] = field(default_factory=dict)
    """Where regions, words for facts and documents stand, by kind and name."""
    unreadable: set[str] = field(default_factory=set)
    """Parameters and facts whose declaration cannot be read: to name one is no second mistake."""
    unreviewed: set[str] = field(default_factory=set)
    """The files whose French nobody has reviewed."""

    def check_once(self, reader: Reader, kind: str, name: str, where: Where) -> None:
        """Report what stands in a second place."""
        first = self.places.setdefault((kind, name), where)
        if first is not where:
            reader.duplicate(where, (kind, name), first)

    def ids(self, vocabulary: str) -> frozenset[str]:
        """The ids of a vocabulary; none when there is no such vocabulary."""
        known = self.vocabularies.get(vocabulary)
        return frozenset(known.terms) if known else frozenset()

    def names(self) -> KnownNames:
        """What rules and limits may name."""
        return KnownNames(
            self.facts,
            self.fact_texts,
            self.vocabularies,
            self.parameters,
            frozenset(criterion.id for criterion in self.criteria),
            frozenset(self.statements),
            frozenset(self.unreadable),
        )
