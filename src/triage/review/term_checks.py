"""Parameters and terms that nothing uses, words that mean two terms, and keywords that mislead."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from triage.formats.spelling import nearest
from triage.model.effects import EFFECTS, EffectShape, effects_of
from triage.model.facts import COUNTRIES
from triage.model.phrases import parse_phrase
from triage.model.policy import Condition, Policy, Reference, Term
from triage.model.program import COUNTRY_WORDS, PROGRAM_FLAGS, READING, REQUIRED_PARAMETERS
from triage.model.words import plain, stem
from triage.rulebook.diagnostics import Diagnostics

NOT_OF_FACTS = {"strategies", *(name for effect in EFFECTS for name in effect.vocabularies)}
"""The vocabularies that no fact takes its values from: effects and the program name their terms."""


def check_unused(policy: Policy, diagnostics: Diagnostics) -> None:
    """Warn of parameters, vocabularies and terms that nothing reads."""
    used_parameters = _used_parameters(policy)
    for id, parameter in policy.parameters.items():
        if id not in used_parameters:
            diagnostics.warning("unused-parameter", parameter.where, ("parameter", id))
    used = NOT_OF_FACTS | {*(fact.values for fact in policy.facts.values())}
    used |= {parameter.of for parameter in policy.parameters.values()}
    apart = {indicator.values for indicator in policy.indicators} | {READING, COUNTRY_WORDS}
    terms = _used_terms(policy)
    for id, vocabulary in policy.vocabularies.items():
        if id in apart:
            continue
        if id not in used:
            for term in list(vocabulary.terms.values())[:1]:
                near, subject = nearest(id, [one for one in used if one]), ("vocabulary", id)
                diagnostics.warning("unused-vocabulary", term.where, subject, suggestion=near)
            continue
        for term in vocabulary.terms.values():
            if (id, term.id) not in terms and not term.unread and not vocabulary.ordered:
                diagnostics.warning("unused-term", term.where, ("term", f"{id}/{term.id}"))


def check_words(policy: Policy, diagnostics: Diagnostics) -> None:
    """Warn of a label or alias of two terms: the order of files would decide which one it means."""
    for vocabulary in policy.vocabularies.values():
        owners: dict[str, Term] = {}
        for term in vocabulary.terms.values():
            texts = (term.id, term.label.en, term.label.fr, *term.aliases)
            for text in dict.fromkeys(text.casefold().replace("_", " ") for text in texts):
                owner, subject = owners.setdefault(text, term), f"{vocabulary.id}/{term.id}"
                if owner is not term:
                    values = {"value": text, "other": owner.id}
                    diagnostics.warning("alias-taken", term.where, ("term", subject), **values)


def check_keywords(policy: Policy, diagnostics: Diagnostics) -> None:
    """Warn of a keyword that is one common word, or that an exclusion of its own term always bars.

    What the program reads prose by is no keyword, and an abbreviation no word.
    """
    for vocabulary in policy.vocabularies.values():
        if vocabulary.id in (READING, COUNTRY_WORDS):
            continue
        for term in vocabulary.terms.values():
            subject = ("term", f"{vocabulary.id}/{term.id}")
            excluded = {phrase for text in term.phrases.exclusions for phrase in parse_phrase(text)}
            for keyword in term.phrases.keywords:
                words = [] if keyword.isupper() or " " in keyword else keyword.split("/")
                if not _common_words().isdisjoint(stem(plain(word)) for word in words):
                    diagnostics.warning("common-keyword", term.where, subject, keyword=keyword)
                if not excluded.isdisjoint(parse_phrase(keyword)):
                    diagnostics.warning("excluded-keyword", term.where, subject, keyword=keyword)


@cache
def _common_words() -> frozenset[str]:
    text = Path(__file__).with_name("common_words.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(stem(plain(word)) for line in lines for word in line.split())


def _limiting(policy: Policy) -> list[Condition]:
    return [one for limit in policy.limits for clause in limit.applies_to for one in clause]


def _used_parameters(policy: Policy) -> set[str]:
    used = set(REQUIRED_PARAMETERS).union(*(rule.parameters() for rule in policy.rules))
    values: list[object] = [criterion.maximum for criterion in policy.criteria]
    values += [change.values for text in policy.fact_texts.values() for change in text.changes]
    values += [condition.value for condition in _limiting(policy)]
    used |= {value.parameter for value in values if isinstance(value, Reference)}
    for strategy in policy.strategies.values():
        used |= {strategy.region.countries, strategy.region.undetermined, strategy.region.forums}
    return used | shown_in_texts(policy)


def shown_in_texts(policy: Policy) -> set[str]:
    """The facts and parameters that the texts of rules have slots for."""
    shown: set[str] = set()
    for rule in policy.rules:
        texts = [text for _, text in effects_of(rule.then, EffectShape.TEXT)]
        texts += [rule.title, rule.because]
        shown |= {slot.partition(".")[0] for text in texts for slot in text.slots("en")}
    return shown


def _used_terms(policy: Policy) -> set[tuple[str, str]]:
    """The terms that something names, each with its vocabulary."""
    used = {("flags", flag) for flag in PROGRAM_FLAGS}
    used |= {("strategies", strategy) for strategy in policy.strategies}
    used.add(("branches", policy.default_lead))
    for values, value in _named_values(policy):
        if values not in (None, COUNTRIES):
            terms = value if isinstance(value, frozenset) else (value,)
            used |= {(values, term) for term in terms if isinstance(term, str)}
    return used


def _named_values(policy: Policy) -> Iterator[tuple[str | None, object]]:
    """Every value that is written in the policy, after the vocabulary that it is of."""
    for parameter in policy.parameters.values():
        yield from ((parameter.of, dated.value) for dated in parameter.values)
    conditions = [one for rule in policy.rules for one in rule.conditions()]
    for condition in (*_limiting(policy), *conditions):
        yield condition.fact.values, condition.value
    for rule in policy.rules:
        for _, conclusions in effects_of(rule.then, EffectShape.CONCLUSIONS):
            yield from ((policy.facts[name].values, value) for name, value in conclusions)
        for effect, value in effects_of(rule.then, EffectShape.TERM, EffectShape.TERMS):
            terms = frozenset((value,) if effect.shape is EffectShape.TERM else value)
            yield from ((name, terms) for name in effect.vocabularies)
