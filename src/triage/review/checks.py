"""What is wrong with a policy as a whole, once each of its files can be read."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from triage.deciding.calendar import Snapshot, take_snapshot, turning_days
from triage.model.policy import Policy, Reference, Where
from triage.review.fact_checks import check_ranges, check_read
from triage.review.limit_checks import check_limits
from triage.review.rule_checks import check_rules
from triage.review.satisfiable import domains_of
from triage.review.term_checks import check_keywords, check_unused, check_words
from triage.rulebook.diagnostics import Diagnostics


def check_policy(policy: Policy, diagnostics: Diagnostics) -> None:
    """Add to `diagnostics` everything about the policy as a whole that an analyst should know."""
    _check_statements(policy, diagnostics)
    _check_folders(policy, diagnostics)
    snapshots = [take_snapshot(policy, day) for day in turning_days(policy)]
    domains = domains_of(policy)
    _check_score(policy, snapshots, diagnostics)
    told = check_ranges(policy, domains, diagnostics)
    check_rules(policy, snapshots, domains, told, diagnostics)
    check_limits(policy, domains, told, diagnostics)
    check_read(policy, diagnostics)
    check_unused(policy, diagnostics)
    check_words(policy, diagnostics)
    check_keywords(policy, diagnostics)
    if policy.unreviewed_french:
        where, count = Where(min(policy.unreviewed_french), 1), len(policy.unreviewed_french)
        diagnostics.warning("french-unreviewed", where, None, count=count)


def statement_counts(policy: Policy) -> dict[str, int]:
    """How many statements there are, are cited, are listed as not encoded, and are neither."""
    table = statement_table(policy)
    return {
        "total": len(policy.statements),
        "cited": sum(row[2] for row in table),
        "not_encoded": sum(row[3] for row in table),
        "unaccounted": sum(row[4] for row in table),
    }


def statement_table(policy: Policy) -> list[tuple[str, str, int, int, int]]:
    """Document, kind, and how many of its statements are cited, not encoded and unaccounted for."""
    known = cited(policy)
    counts: dict[tuple[str, str], list[int]] = {}
    for statement in policy.statements.values():
        row = counts.setdefault((statement.document, statement.kind.split("/")[0]), [0, 0, 0])
        row[0 if statement.id in known else 1 if statement.not_encoded else 2] += 1
    return [(*key, *row) for key, row in sorted(counts.items())]  # type: ignore[misc]


def _check_statements(policy: Policy, diagnostics: Diagnostics) -> None:
    known = cited(policy)
    for statement in policy.statements.values():
        where, subject = statement.where, ("statement", statement.id)
        if statement.id not in known and not statement.not_encoded:
            diagnostics.error("unaccounted-statement", where, subject)
        elif statement.id in known and statement.not_encoded:
            by = next(place for place, cite in _citing(policy) if statement.id in cite)
            diagnostics.error("cited-not-encoded", where, subject, file=by.file, line=by.line)


def cited(policy: Policy) -> set[str]:
    """The ids of all statements that something in the policy cites."""
    return {id for _, ids in _citing(policy) for id in ids}


def _citing(policy: Policy) -> Iterator[tuple[Where, Iterable[str]]]:
    """Each place that cites statements, with their ids."""
    yield from ((rule.where, rule.cite) for rule in policy.rules)
    yield from ((strategy.where, strategy.cite) for strategy in policy.strategies.values())
    yield from ((indicator.where, indicator.cite) for indicator in policy.indicators)
    for parameter in policy.parameters.values():
        yield parameter.where, itertools.chain(*(dated.cite for dated in parameter.values))
    for vocabulary in policy.vocabularies.values():
        yield from ((term.where, term.cite) for term in vocabulary.terms.values())
    for limit in policy.limits:
        yield limit.where, itertools.chain(*(cap.cite for cap in limit.at_most))


def _check_folders(policy: Policy, diagnostics: Diagnostics) -> None:
    """Warn of a file in the folder of one strategy whose rules are read for another, or for all."""
    for file, strategy in {(rule.where.file, rule.strategy) for rule in policy.rules}:
        pairs = itertools.pairwise(Path(file).parts)
        folder = next((inner for outer, inner in pairs if outer == "strategies"), None)
        if folder in policy.strategies and folder != strategy:
            code = "strategy-not-named" if strategy is None else "strategy-of-another-folder"
            diagnostics.warning(code, Where(file, 1), None, folder=folder, strategy=strategy)


def _check_score(policy: Policy, snapshots: Iterable[Snapshot], diagnostics: Diagnostics) -> None:
    before = 100
    for snapshot in snapshots:
        accept, defer, values = snapshot.accept, snapshot.defer, snapshot.values
        if values.get("accept_threshold") is None:
            continue
        if defer > accept:
            where = policy.parameters["defer_threshold"].where
            diagnostics.error("thresholds-reversed", where, None, defer=defer, accept=accept)
        total = sum(snapshot.maxima)
        if total not in (100, before):
            where, day = _weights(policy, snapshot.day), snapshot.day.isoformat()
            diagnostics.warning("maxima-not-100", where, None, total=total, day=day)
        before = total
        small, medium = values.get("small_event_at_most"), values.get("medium_event_at_most")
        if small is not None and medium is not None and small > medium:
            where = policy.parameters["small_event_at_most"].where
            diagnostics.error("event-sizes-reversed", where, None, small=small, medium=medium)


def _weights(policy: Policy, day: date) -> Where:
    """The parameter of a maximum that changes on the day, else the first one, else policy.yaml."""
    maxima = [criterion.maximum for criterion in policy.criteria]
    named = [policy.parameters[one.parameter] for one in maxima if isinstance(one, Reference)]
    changed = [one for one in named if any(dated.since == day for dated in one.values)]
    if changed or named:
        return (changed or named)[0].where
    return Where(next(iter(policy.strategies.values())).where.file, 1)
