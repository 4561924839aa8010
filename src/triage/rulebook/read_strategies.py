"""The strategies and criteria of policy.yaml, and the region that each strategy covers."""

from dataclasses import replace

from triage.formats.spelling import nearest
from triage.formats.yaml import Mapping
from triage.model.facts import COUNTRIES
from triage.model.policy import Criterion, Reference, Region, Strategy, Term, Vocabulary
from triage.rulebook.draft import Draft
from triage.rulebook.read_effects import check_points
from triage.rulebook.reader import UNREAD, Contents, Reader, is_whole, shown

REGION = {"countries": COUNTRIES, "undetermined": COUNTRIES, "forums": "forums"}
"""The keys of a region, and what the values of the parameter under each are."""


def read_strategies(reader: Reader, content: Mapping, draft: Draft) -> None:
    """The strategies; their ids are a vocabulary as well."""
    keys = ("title", "short", "in_force", "cite")
    for id, raw, subject in reader.entries(content, "strategies", "strategy"):
        reader.keys(raw, keys, keys, subject)
        title, short = reader.text(raw, "title", subject), reader.text(raw, "short", subject)
        cite = reader.words(raw, "cite", subject)
        reader.check_citations(raw, cite, draft.statements, subject)
        period, where = reader.period(raw, "in_force", subject), reader.where(raw)
        draft.strategies[id] = Strategy(
            id, title or UNREAD, short or UNREAD, period, cite, Region("", "", ""), where
        )
    terms = {s.id: Term(s.id, s.short, (), (), s.where) for s in draft.strategies.values()}
    draft.vocabularies["strategies"] = Vocabulary("strategies", False, terms)


def read_criteria(reader: Reader, content: Mapping, draft: Draft) -> None:
    """The criteria of the score.

    One with a wrong maximum is kept, so that rules which give points for it are not reported too.
    """
    for id, raw, subject in reader.entries(content, "criteria", "criterion"):
        reader.keys(raw, ("label", "maximum"), ("label", "maximum"), subject)
        label, written = reader.text(raw, "label", subject), raw.get("maximum")
        where = reader.where(raw, "maximum")
        maximum: int | Reference = 1
        if isinstance(written, str) and written in draft.parameters:
            if check_points(reader, draft.parameters[written], where, subject):
                maximum = Reference(written)
        elif is_whole(written) and written > 0:
            maximum = written
        elif written is not None and shown(written) not in draft.unreadable:
            reader.misnamed("bad-points", where, subject, written, draft.parameters)
        draft.criteria.append(Criterion(id, label or UNREAD, maximum))


def read_regions(contents: Contents, draft: Draft) -> None:
    """What each strategy covers, in the file that names the strategy."""
    for reader, content in contents:
        if "region" in content:
            _read_region(reader, content, draft)


def _read_region(reader: Reader, content: Mapping, draft: Draft) -> None:
    raw, where = reader.mapping(content, "region", None), reader.where(content, "region")
    if reader.strategy is None:
        reader.error("region-without-strategy", where)
        return
    subject = ("strategy", reader.strategy)
    first = draft.places.setdefault(("region", reader.strategy), where)
    if first is not where:
        reader.error("region-twice", where, subject, file=first.file, line=first.line)
    if isinstance(content["region"], Mapping):
        reader.keys(raw, REGION, REGION, subject)
    parameters = dict.fromkeys(REGION, "")
    for key, of in REGION.items():
        name = shown(raw.get(key))
        if not name or name in draft.unreadable:
            continue
        parameter = draft.parameters.get(name)
        if parameter is None or parameter.of != of or parameter.is_list is False:
            possible = [one.id for one in draft.parameters.values() if one.of == of]
            near, where = nearest(name, possible), reader.where(raw, key)
            reader.error("region-parameter", where, subject, key=key, of=of, suggestion=near)
            continue
        parameters[key] = name
    if (strategy := draft.strategies.get(reader.strategy)) is not None:
        draft.strategies[strategy.id] = replace(strategy, region=Region(**parameters))
