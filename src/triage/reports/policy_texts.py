"""What `check`, `test` and `rules` tell of a policy, as text for a terminal."""

from triage.deciding.durable import active_engine
from triage.errors import UsageError
from triage.formats.spelling import nearest
from triage.messages import Language, say
from triage.model.policy import Policy, Rule
from triage.review.cases import Coverage, Outcome
from triage.review.checks import statement_counts, statement_table
from triage.rulebook.diagnostics import Diagnostic

SEVERITIES = {"error": "check.error", "warning": "check.warning"}


def checked(policy: Policy | None, diagnostics: list[Diagnostic], language: Language) -> str:
    """Each diagnostic with its help, then the statements by document and kind, and the engine."""
    out = []
    for diagnostic in diagnostics:
        where = f"{diagnostic.where.file}:{diagnostic.where.line}"
        severity = say(SEVERITIES[diagnostic.severity], language)
        out.append(f"{where}: {severity}: {diagnostic.message(language)}")
        if help := diagnostic.help(language):
            out.append(f"    {help}")
    if policy is not None:
        out += ["", say("check.statements", language)]
        for document, kind, cited, listed, missing in statement_table(policy):
            out.append(f"  {document:<10}{kind:<8}{cited:>5}{listed:>5}{missing:>5}")
        out.append(say("check.total", language, **statement_counts(policy)))
        values = {"version": policy.version, "engine": active_engine()}
        out.append(say("check.policy", language, rules=len(policy.rules), **values))
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    out.append(say("check.summary", language, errors=errors, warnings=len(diagnostics) - errors))
    return "\n".join(out).lstrip("\n") + "\n"


def tested(outcomes: list[Outcome], coverage: Coverage, language: Language) -> str:
    """The failed cases with expected and actual, then the coverage by rule."""
    failed = [outcome for outcome in outcomes if not outcome.passed]
    out = [line for outcome in failed for line in _failure(outcome, language)]
    counts = {"passed": len(outcomes) - len(failed), "failed": len(failed)}
    out.append(say("test.summary", language, cases=len(outcomes), **counts))
    out.append(say("test.coverage", language, rules=coverage.rules, covered=coverage.covered))
    out += [f"  {say('test.never-matched', language)}: {id}" for id in coverage.never_matched]
    out += [f"  {say('test.never-missed', language)}: {id}" for id in coverage.never_just_missed]
    return "\n".join(out) + "\n"


def _failure(outcome: Outcome, language: Language) -> list[str]:
    case = outcome.case
    where = {"file": case.where.file, "line": case.where.line}
    out = [say("test.failed", language, name=case.name, **where)]
    for key, (expected, actual) in outcome.differences.items():
        if isinstance(expected, list) and isinstance(actual, list):
            wanted, given = ({str(item) for item in items} for items in (expected, actual))
            if missing := ", ".join(sorted(wanted - given)):
                out.append(f"    {key}: {say('test.missing', language)}: {missing}")
            if extra := ", ".join(sorted(given - wanted)):
                out.append(f"    {key}: {say('test.extra', language)}: {extra}")
        else:
            text = say("test.differs", language, expected=expected, actual=actual)
            out.append(f"    {key}: {text}")
    return out


def rules(policy: Policy, language: Language) -> str:
    """All rules, a line each."""
    width = max((len(rule.id) for rule in policy.rules), default=0)
    out = []
    for rule in policy.rules:
        mark = say("rules.setting", language) if rule.basis == "setting" else ", ".join(rule.cite)
        out.append(f"{rule.id:<{width}}  {rule.title[language]} [{mark}]")
    out.append(say("rules.summary", language, count=len(policy.rules), version=policy.version))
    return "\n".join(out) + "\n"


def find_rule(policy: Policy, id: str, language: Language) -> Rule:
    """The rule with an id; a `UsageError` names the nearest one."""
    rule = policy.rule.get(id)
    if rule is None:
        near = nearest(id, policy.rule)
        suggestion = say("word.suggestion", language, suggestion=near) if near else ""
        raise UsageError(say("rules.no-rule", language, id=id) + suggestion)
    return rule


def vocabulary(policy: Policy, name: str, language: Language) -> str:
    """The values of one vocabulary with their labels and aliases; a `UsageError` names them all."""
    chosen = policy.vocabularies.get(name)
    if chosen is None:
        known = ", ".join(sorted(policy.vocabularies))
        raise UsageError(say("rules.no-vocabulary", language, name=name, known=known))
    lines = []
    for term in chosen.terms.values():
        aliases = f" ({', '.join(term.aliases)})" if term.aliases else ""
        lines.append(f"{term.id:<32}{term.label[language]}{aliases}")
    return "\n".join(lines) + "\n"
