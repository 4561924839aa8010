"""Whole-policy diagnostics: statements nobody accounts for, rules that never match or add
nothing, what is unused.
"""

import itertools
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from triage.deciding.calendar import Snapshot, take_snapshot, turning_days
from triage.deciding.settled import ActiveRule, terms
from triage.formats.spelling import nearest
from triage.model.facts import COUNTRIES, Origin
from triage.model.periods import Period
from triage.model.policy import Condition, Policy, Recommendation, Reference, Rule, Term, Where
from triage.model.program import PROGRAM_FLAGS, REQUIRED_PARAMETERS
from triage.review.limit_checks import check_limits
from triage.review.satisfiable import Domain, clause_implies, contradiction
from triage.rulebook.diagnostics import Diagnostics

Domains = Mapping[str, Domain]
PROGRAM_VOCABULARIES = ("flags", "funds", "branches", "departments", "strategies")
"""The vocabularies that no fact takes its values from: effects and the program name their
entries.
"""


def check_policy(policy: Policy, diagnostics: Diagnostics) -> None:
    """Add to `diagnostics` everything about the policy as a whole that an analyst should know."""
    _statements(policy, diagnostics)
    _folders(policy, diagnostics)
    snapshots = [take_snapshot(policy, day) for day in turning_days(policy)]
    domains = _domains(policy)
    _score(policy, snapshots, diagnostics)
    _never(policy, snapshots, domains, diagnostics)
    _moot(policy, snapshots, domains, diagnostics)
    _overlaps(policy, diagnostics)
    check_limits(policy, domains, diagnostics)
    _unused(policy, diagnostics)
    _aliases(policy, diagnostics)
    if policy.unreviewed_french:
        where = Where(min(policy.unreviewed_french), 1)
        diagnostics.warning("french-unreviewed", where, None, count=len(policy.unreviewed_french))


def statement_counts(policy: Policy) -> dict[str, int]:
    """How many statements there are, are cited, are listed as not encoded, and are neither."""
    cited = policy.cited()
    listed = [s for s in policy.statements.values() if s.id not in cited and s.not_encoded]
    known = sum(id in policy.statements for id in cited)
    total = len(policy.statements)
    return {
        "total": total,
        "cited": known,
        "not_encoded": len(listed),
        "unaccounted": total - known - len(listed),
    }


def statement_table(policy: Policy) -> list[tuple[str, str, int, int, int]]:
    """Document, kind, and how many of its statements are cited, not encoded and unaccounted for."""
    cited = policy.cited()
    counts: dict[tuple[str, str], list[int]] = {}
    for statement in policy.statements.values():
        row = counts.setdefault((statement.document, statement.kind.split("/")[0]), [0, 0, 0])
        row[0 if statement.id in cited else 1 if statement.not_encoded else 2] += 1
    return [(*key, *row) for key, row in sorted(counts.items())]  # type: ignore[misc]


def _statements(policy: Policy, diagnostics: Diagnostics) -> None:
    cited = policy.cited()
    for statement in policy.statements.values():
        subject = ("statement", statement.id)
        if statement.id not in cited and not statement.not_encoded:
            diagnostics.error("unaccounted-statement", statement.where, subject)
        elif statement.id in cited and statement.not_encoded:
            by = next(where for where, cite in _citing(policy) if statement.id in cite)
            diagnostics.error(
                "cited-not-encoded", statement.where, subject, file=by.file, line=by.line
            )


def _citing(policy: Policy) -> Iterable[tuple[Where, Iterable[str]]]:
    for rule in policy.rules:
        yield rule.where, rule.cite
    for parameter in policy.parameters.values():
        yield parameter.where, [id for dated in parameter.values for id in dated.cite]
    for strategy in policy.strategies.values():
        yield strategy.where, strategy.cite
    for indicator in policy.indicators:
        yield indicator.where, indicator.cite
    for vocabulary in policy.vocabularies.values():
        for term in vocabulary.terms.values():
            yield term.where, term.cite


def _folders(policy: Policy, diagnostics: Diagnostics) -> None:
    """A file in the folder of one strategy whose rules are read for another, or for all: most
    likely a slip.
    """
    for file, strategy in {(rule.where.file, rule.strategy) for rule in policy.rules}:
        parts = Path(file).parts
        folder = next((two for one, two in itertools.pairwise(parts) if one == "strategies"), None)
        if folder in policy.strategies and folder != strategy:
            code = "strategy-not-named" if strategy is None else "strategy-of-another-folder"
            diagnostics.warning(code, Where(file, 1), None, folder=folder, strategy=strategy)


def _score(policy: Policy, snapshots: Iterable[Snapshot], diagnostics: Diagnostics) -> None:
    before = 100
    for snapshot in snapshots:
        if snapshot.values.get("accept_threshold") is None:
            continue
        day, total = snapshot.day.isoformat(), sum(snapshot.maxima)
        if snapshot.defer > snapshot.accept:
            where = policy.parameters["defer_threshold"].where
            diagnostics.error(
                "thresholds-reversed", where, None, defer=snapshot.defer, accept=snapshot.accept
            )
        if total not in (100, before):
            diagnostics.warning(
                "maxima-not-100", _weights(policy, snapshot.day), None, total=total, day=day
            )
        before = total
        small, medium = (
            snapshot.values.get(f"{size}_event_at_most") for size in ("small", "medium")
        )
        if small is not None and medium is not None and small > medium:
            where = policy.parameters["small_event_at_most"].where
            diagnostics.error("event-sizes-reversed", where, None, small=small, medium=medium)


def _weights(policy: Policy, day: date) -> Where:
    """The parameter of a maximum that changes on the day, or the first that there is, or
    policy.yaml.
    """
    named = [
        policy.parameters[c.maximum.parameter]
        for c in policy.criteria
        if isinstance(c.maximum, Reference)
    ]
    changed = [
        parameter for parameter in named if any(dated.since == day for dated in parameter.values)
    ]
    files = [Where(strategy.where.file, 1) for strategy in policy.strategies.values()]
    return next(iter([*(parameter.where for parameter in changed + named), *files]))


def _domains(policy: Policy) -> Domains:
    domains = {}
    for fact in policy.facts.values():
        vocabulary = policy.vocabularies.get(fact.values or "")
        # The request model takes no negative number; the program may work one out, such as the
        # notice.
        least = 0 if fact.origin is Origin.REQUEST else None
        domains[fact.name] = Domain(
            fact.kind, frozenset(vocabulary.terms) if vocabulary else frozenset(), least
        )
    return domains


def _never(
    policy: Policy, snapshots: list[Snapshot], domains: Domains, diagnostics: Diagnostics
) -> None:
    reasons: dict[str, tuple[str, str]] = {}
    alive: set[str] = set()
    for snapshot in snapshots:
        for plan in snapshot.plans.values():
            concluded = _concluded(plan.rules)
            for active in plan.rules:
                reason = _impossible(policy, active, domains, concluded)
                if reason is None:
                    alive.add(active.id)
                else:
                    reasons[active.id] = reason
    for rule in policy.rules:
        if rule.id in alive or (rule.id not in reasons and _switched_off(policy, rule)):
            continue
        code, name = reasons.get(rule.id, ("never-in-force", ""))
        diagnostics.warning(code, rule.where, ("rule", rule.id), fact=name)


def _concluded(rules: Iterable[ActiveRule]) -> dict[str, set[str] | bool]:
    found: dict[str, set[str] | bool] = {}
    for rule in rules:
        for name, value in rule.rule.then.conclude:
            if value is True:
                found[name] = True
            elif isinstance(value, frozenset):
                known = found.setdefault(name, set())
                if isinstance(known, set):
                    known |= value
    return found


def _impossible(
    policy: Policy,
    rule: ActiveRule,
    domains: Domains,
    concluded: dict[str, set[str] | bool],
) -> tuple[str, str] | None:
    """Why no facts can make the rule hold in one assessment, as a code and the fact; None when
    some can.
    """
    reason = None
    for term in terms(rule):
        reason = None
        fact = contradiction(term, domains)
        if fact is not None:
            reason = ("never-matches", fact)
        for test, wanted in term:
            if policy.facts[test.fact].origin is not Origin.CONCLUDED or reason is not None:
                continue
            values = concluded.get(test.fact, set())
            asked = test.value if isinstance(test.value, frozenset) else frozenset({test.value})
            positive = test.operator in (
                "include",
                "include any of",
                "include all of",
                "is not empty",
            )
            if wanted and test.value is True and values is not True:
                reason = ("never-concluded", test.fact)
            elif wanted and positive and isinstance(values, set):
                missing = not values if test.value is None else not asked & values
                if test.operator == "include all of":
                    missing = bool(asked - values)
                if missing:
                    shown = "" if test.value is None else f": {', '.join(sorted(asked))}"
                    reason = ("never-concluded", test.fact + shown)
        if reason is None:
            return None
        # Lists that the source withholds are empty until the branch fills them: that is not a
        # mistake of the rule.
        if any(wanted and test.value == frozenset() for test, wanted in term):
            return None
    return reason


def _switched_off(policy: Policy, rule: Rule) -> bool:
    parameter = policy.parameters.get(rule.applies_if or "")
    return parameter is not None and not any(dated.value is True for dated in parameter.values)


def _moot(
    policy: Policy, snapshots: list[Snapshot], domains: Domains, diagnostics: Diagnostics
) -> None:
    """Rules whose whole effect another rule gives whenever they match, in every snapshot that
    has them.
    """
    verdicts: dict[str, set[str]] = {}
    for snapshot in snapshots:
        for plan in snapshot.plans.values():
            for active in plan.rules:
                others = {
                    one.id
                    for one in plan.rules
                    if one is not active and _covers(one, active, domains)
                }
                verdicts[active.id] = (
                    verdicts[active.id] & others if active.id in verdicts else others
                )
    for id, covering in sorted(verdicts.items()):
        # Of two equal rules only the second is named.
        others = {other for other in covering if not (id in verdicts.get(other, ()) and id < other)}
        if others:
            rule = policy.rule[id]
            diagnostics.warning("moot", rule.where, ("rule", id), other=min(others))


def _covers(wide: ActiveRule, narrow: ActiveRule, domains: Domains) -> bool:
    one, two = wide.rule.then, narrow.rule.then
    if two.score or two.advise not in (None, one.advise):
        return False
    for key in ("lead", "fund", "flag"):
        if getattr(two, key) not in (None, getattr(one, key)):
            return False
    if not set(two.consult) <= {*one.consult, one.lead}:
        return False
    if two.ceiling is not None and (one.ceiling or Recommendation.ACCEPT).rank > two.ceiling.rank:
        return False
    if two.floor is not None and (one.floor or Recommendation.DECLINE).rank < two.floor.rank:
        return False
    given = dict(one.conclude)
    for name, value in two.conclude:
        known = given.get(name)
        if known is None or (
            isinstance(value, frozenset) and isinstance(known, frozenset) and not value <= known
        ):
            return False
    wider = all(
        any(clause_implies(theirs, ours, domains) for theirs in narrow.when) for ours in wide.when
    )
    return wider and (not wide.unless or wide.unless == narrow.unless)


def _overlaps(policy: Policy, diagnostics: Diagnostics) -> None:
    """Rules with the same conditions and effects, as dated versions of one rule are: on a day
    they share both count.
    """
    seen: dict[object, list[Rule]] = {}
    for rule in policy.rules:
        then = rule.then
        kinds = (
            frozenset(name for name, _ in then.score),
            then.ceiling is not None,
            then.floor is not None,
            frozenset(name for name, _ in then.conclude),
        )
        if not any(kinds):
            continue
        # Versions may differ in how much they give; two rules at the same time are a slip when
        # nothing differs.
        always = rule.in_force == Period()
        effect = (
            (frozenset(then.score), then.ceiling, then.floor, frozenset(then.conclude))
            if always
            else kinds
        )
        key = (rule.strategy, rule.applies_if, _shape(rule.when), _shape(rule.unless), effect)
        others = seen.setdefault(key, [])
        if (
            other := next((one for one in others if _overlap(one.in_force, rule.in_force)), None)
        ) is not None:
            code = "same-rule-twice" if always else "overlapping-periods"
            diagnostics.warning(code, rule.where, ("rule", rule.id), other=other.id)
        others.append(rule)


def _shape(clauses: tuple[tuple[Condition, ...], ...]) -> frozenset[object]:
    return frozenset(
        frozenset((one.fact.name, one.operator, one.value) for one in clause) for clause in clauses
    )


def _overlap(one: Period, other: Period) -> bool:
    latest = max(one.start or date.min, other.start or date.min)
    return latest <= min(one.end or date.max, other.end or date.max)


def _unused(policy: Policy, diagnostics: Diagnostics) -> None:
    used = set(REQUIRED_PARAMETERS).union(*(rule.parameters() for rule in policy.rules))
    used |= {c.maximum.parameter for c in policy.criteria if isinstance(c.maximum, Reference)}
    changes = [change for text in policy.fact_texts.values() for change in text.changes]
    used |= {change.values.parameter for change in changes if isinstance(change.values, Reference)}
    limited = [c for limit in policy.limits for clause in limit.applies_to for c in clause]
    used |= {c.value.parameter for c in limited if isinstance(c.value, Reference)}
    for strategy in policy.strategies.values():
        used |= {strategy.region.countries, strategy.region.undetermined, strategy.region.forums}
    slots = {
        slot.partition(".")[0]
        for rule in policy.rules
        for text in (rule.title, rule.because, rule.then.advise)
        if text is not None
        for slot in text.slots("en")
    }
    for id, parameter in policy.parameters.items():
        if id not in used | slots:
            diagnostics.warning("unused-parameter", parameter.where, ("parameter", id))
    named = _named_terms(policy)
    taken = {*PROGRAM_VOCABULARIES, *(fact.values for fact in policy.facts.values())}
    taken |= {parameter.of for parameter in policy.parameters.values()}
    answers = {indicator.values for indicator in policy.indicators}
    for vocabulary in policy.vocabularies.values():
        terms_ = vocabulary.terms.values()
        if vocabulary.id in answers:
            continue
        if vocabulary.id not in taken:
            for term in list(terms_)[:1]:
                near = nearest(vocabulary.id, [id for id in taken if id])
                diagnostics.warning(
                    "unused-vocabulary", term.where, ("vocabulary", vocabulary.id), suggestion=near
                )
            continue
        for term in terms_:
            if (vocabulary.id, term.id) not in named and not term.unread and not vocabulary.ordered:
                diagnostics.warning(
                    "unused-term", term.where, ("term", f"{vocabulary.id}/{term.id}")
                )


def _aliases(policy: Policy, diagnostics: Diagnostics) -> None:
    """A label or alias of two entries: which of them a request means would depend on the order
    of files.
    """
    for vocabulary in policy.vocabularies.values():
        owners: dict[str, Term] = {}
        for term in vocabulary.terms.values():
            texts = (term.id, term.label.en, term.label.fr, *term.aliases)
            for text in dict.fromkeys(text.casefold().replace("_", " ") for text in texts):
                owner = owners.setdefault(text, term)
                if owner is not term:
                    subject = ("term", f"{vocabulary.id}/{term.id}")
                    diagnostics.warning(
                        "alias-taken", term.where, subject, value=text, other=owner.id
                    )


def _named_terms(policy: Policy) -> set[tuple[str, str]]:
    named = {("flags", flag) for flag in PROGRAM_FLAGS}
    named |= {("strategies", strategy) for strategy in policy.strategies}
    named.add(("branches", policy.default_lead))

    def add(values: str | None, value: object) -> None:
        for one in value if isinstance(value, frozenset) else (value,):
            if isinstance(one, str) and values not in (None, COUNTRIES):
                named.add((str(values), one))

    for parameter in policy.parameters.values():
        for dated in parameter.values:
            add(parameter.of, dated.value)
    for limit in policy.limits:
        for condition in (condition for clause in limit.applies_to for condition in clause):
            add(condition.fact.values, condition.value)
    for rule in policy.rules:
        for condition in rule.conditions():
            add(condition.fact.values, condition.value)
        for name, value in rule.then.conclude:
            add(policy.facts[name].values, value)
        for values, one in (
            ("flags", rule.then.flag),
            ("funds", rule.then.fund),
            ("branches", rule.then.lead),
        ):
            add(values, one)
        for one in rule.then.consult:
            named |= {("branches", one), ("departments", one)}
    return named
