"""The names that conditions, effects and limits may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from triage.messages import Language
from triage.model import countries
from triage.model.facts import COUNTRIES, Fact
from triage.model.operators import Operator, operators_of
from triage.model.policy import FactText, Parameter, Vocabulary


@dataclass(frozen=True)
class KnownNames:
    """Everything that rules may name: facts, vocabularies, parameters, criteria and statements."""

    facts: Mapping[str, Fact]
    fact_texts: Mapping[str, FactText]
    vocabularies: Mapping[str, Vocabulary]
    parameters: Mapping[str, Parameter]
    criteria: frozenset[str]
    statements: frozenset[str]
    unreadable: frozenset[str] = frozenset()
    """Parameters and facts whose declaration cannot be read: to name one is no second mistake."""

    def ordered(self, fact: Fact) -> bool:
        """Whether the values of a fact are ordered."""
        vocabulary = self.vocabularies.get(fact.values or "")
        return vocabulary is not None and vocabulary.ordered

    @cached_property
    def phrases(self) -> dict[str, tuple[Fact, Operator]]:
        """The closed table of conditions: phrase -> fact and operator."""
        return phrases_of(self.facts, self.ordered)

    def domain(self, name: str) -> frozenset[str] | None:
        """The ids of a vocabulary, or the codes of `countries`; None for any other name."""
        if name == COUNTRIES:
            return countries.CODES
        vocabulary = self.vocabularies.get(name)
        return None if vocabulary is None else frozenset(vocabulary.terms)

    def label(self, values: str | None, id: str, language: Language) -> str:
        """What people call one value of a vocabulary or a country; a text stands for itself."""
        if values is None:
            return id
        if values == COUNTRIES:
            return countries.name(id, language)
        return self.vocabularies[values].terms[id].label[language]


def phrases_of(
    facts: Mapping[str, Fact], ordered: Callable[[Fact], bool]
) -> dict[str, tuple[Fact, Operator]]:
    """The phrases of conditions on facts; `ordered` tells whether the values of one are."""
    return {
        f"{fact.name} {phrase}": (fact, operator)
        for fact in facts.values()
        for phrase, operator in operators_of(fact, ordered(fact)).items()
    }
