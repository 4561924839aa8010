"""What the program itself needs of any policy: parameters, concluded facts, flags and terms."""

from collections.abc import Collection

from triage.formats.spelling import nearest
from triage.model.countries import CODES
from triage.model.facts import COUNTRIES, Fact, Origin
from triage.model.policy import Where
from triage.model.program import (
    COUNTRY_WORDS,
    PROGRAM_FACTS,
    PROGRAM_FLAGS,
    PROGRAM_TERMS,
    READING,
    READING_TERMS,
    REQUIRED_CONCLUDED,
    REQUIRED_PARAMETERS,
    UNREAD,
)
from triage.rulebook.draft import Draft


def check_program(draft: Draft, where: Where) -> None:
    """Report what the program needs and the draft lacks; `where` is for what stands nowhere."""
    error = draft.diagnostics.error
    for id, of in REQUIRED_PARAMETERS.items():
        if id not in draft.parameters and id not in draft.unreadable:
            error("required-parameter", where, ("parameter", id), of=of)
    for name, declared in PROGRAM_FACTS.items():
        if name not in draft.unreadable and not _is_declared(draft.facts.get(name), declared):
            kind, *more = declared.split()
            keys = [f"kind: {kind}", *(f"vocabulary: {one}" for one in more if one != UNREAD)]
            place = draft.places.get(("fact", name), where)
            error("program-fact", place, ("fact", name), declaration=", ".join(keys))
            draft.unreadable.add(name)
    for name, values in REQUIRED_CONCLUDED.items():
        fact = draft.facts.get(name)
        if name not in draft.unreadable and (fact is None or fact.values != values):
            place = draft.places.get(("fact", name), where)
            error("required-fact", place, ("fact", name), values=values)
            draft.unreadable.add(name)
    for fact in draft.facts.values():
        # That policy.yaml has no strategies is reported by itself.
        listed = fact.values not in (COUNTRIES, "strategies")
        if fact.values and listed and not draft.ids(fact.values):
            error("no-vocabulary", where, ("vocabulary", fact.values), fact=fact.name)
    for flag in PROGRAM_FLAGS:
        if flag not in draft.ids("flags"):
            error("required-flag", where, ("term", f"flags/{flag}"))
    _check_terms(draft)
    _check_read(draft, READING, READING_TERMS)
    _check_read(draft, COUNTRY_WORDS, CODES)
    for strategy in draft.strategies.values():
        if ("region", strategy.id) not in draft.places:
            error("no-region", strategy.where, ("strategy", strategy.id))


def _is_declared(fact: Fact | None, declared: str) -> bool:
    """Whether a fact is what the program needs: its kind, its vocabulary, and that rules see it."""
    if fact is None or fact.origin is not Origin.REQUEST:
        return False
    kind, *more = declared.split()
    values = next((one for one in more if one != UNREAD), None)
    return (fact.kind, fact.values) == (kind, values) and (fact.readable or UNREAD in more)


def _check_read(draft: Draft, id: str, known: Collection[str]) -> None:
    """Report what the program does not know in a vocabulary that only the program reads."""
    vocabulary = draft.vocabularies.get(id)
    for term in vocabulary.terms.values() if vocabulary else ():
        if term.id not in known:
            near, subject = nearest(term.id, known), ("term", f"{id}/{term.id}")
            draft.diagnostics.error("term-not-read", term.where, subject, suggestion=near)


def _check_terms(draft: Draft) -> None:
    for id, required in PROGRAM_TERMS.items():
        vocabulary = draft.vocabularies.get(id)
        if vocabulary is None or not vocabulary.terms:
            continue  # reported as missing
        where = next(iter(vocabulary.terms.values())).where
        for term in required:
            if term not in vocabulary.terms:
                draft.diagnostics.error("required-term", where, ("term", f"{id}/{term}"))
        given = [term for term in vocabulary.terms if term in required]
        if vocabulary.ordered and given != [term for term in required if term in given]:
            order = ", ".join(required)
            draft.diagnostics.error("required-order", where, ("vocabulary", id), order=order)
