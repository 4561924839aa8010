"""What concerns the policy itself: checking it and running its cases."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.deciding.decide import Decider
from triage.deciding.durable import active_engine
from triage.errors import UsageError
from triage.messages import Language, say
from triage.model.policy import Policy
from triage.review.cases import Coverage, Outcome, cover, read_cases, run_cases
from triage.review.checks import check_policy, statement_counts
from triage.rulebook.diagnostics import Diagnostic, Diagnostics
from triage.rulebook.load import default_rules, load_policy, read_policy


@dataclass(frozen=True)
class Checked:
    """A policy with its diagnostics; the policy is None when it cannot be read."""

    policy: Policy | None
    diagnostics: list[Diagnostic]

    @property
    def findings(self) -> list[Diagnostic]:
        """The errors, and the warnings that the policy has not acknowledged."""
        acknowledged = self.policy.acknowledged if self.policy else frozenset()

        def counts(diagnostic: Diagnostic) -> bool:
            return diagnostic.severity == "error" or diagnostic.code not in acknowledged

        return [diagnostic for diagnostic in self.diagnostics if counts(diagnostic)]

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The JSON shape."""
        policy = self.policy
        return {
            "diagnostics": [
                {
                    "severity": diagnostic.severity,
                    "code": diagnostic.code,
                    "file": diagnostic.where.file,
                    "line": diagnostic.where.line,
                    "message": diagnostic.message(language),
                    "help": diagnostic.help(language),
                }
                for diagnostic in self.diagnostics
            ],
            "rules": len(policy.rules) if policy else 0,
            "statements": statement_counts(policy) if policy else dict.fromkeys(_COUNTS, 0),
            "policy": {"version": policy.version if policy else None},
            "engine": active_engine(),
        }


_COUNTS = ("total", "cited", "not_encoded", "unaccounted")


def check(rules: Path | None = None, cases: Path | None = None) -> Checked:
    """Everything that is wrong with a policy, and rules that no policy case shows at work."""
    folder = rules or default_rules()
    policy, diagnostics = read_policy(folder)
    if policy is not None and not diagnostics.errors:
        check_policy(policy, diagnostics)
        cases = cases or default_cases(folder)
        if cases is not None and not diagnostics.errors:
            coverage = cover(read_cases([cases], policy, diagnostics), Decider(policy))
            # What a case that cannot be read covers would seem to be covered by none.
            if not diagnostics.errors:
                for id in coverage.never_matched:
                    diagnostics.warning("no-case", policy.rule[id].where, ("rule", id))
                for id in coverage.never_just_missed:
                    diagnostics.warning("no-near-case", policy.rule[id].where, ("rule", id))
    return Checked(policy, diagnostics.sorted())


def default_cases(rules: Path) -> Path | None:
    """The policy cases that lie beside a policy: `tests/cases` next to its folder."""
    folder = rules.resolve().parent / "tests" / "cases"
    return folder if folder.is_dir() else None


@dataclass(frozen=True)
class Tested:
    """Policy cases as they came out, and the rules that they cover."""

    outcomes: list[Outcome]
    coverage: Coverage
    diagnostics: list[Diagnostic]

    @property
    def failed(self) -> list[Outcome]:
        """The cases that did not give what they expect."""
        return [outcome for outcome in self.outcomes if not outcome.passed]

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "cases": len(self.outcomes),
            "passed": len(self.outcomes) - len(self.failed),
            "failed": [
                {
                    "name": outcome.case.name,
                    "file": outcome.case.where.file,
                    "line": outcome.case.where.line,
                    "expected": {key: pair[0] for key, pair in outcome.differences.items()},
                    "actual": {key: pair[1] for key, pair in outcome.differences.items()},
                }
                for outcome in self.failed
            ],
            "coverage": {
                "rules": self.coverage.rules,
                "covered": self.coverage.covered,
                "uncovered": self.coverage.uncovered,
                "never_matched": list(self.coverage.never_matched),
                "never_just_missed": list(self.coverage.never_just_missed),
            },
        }


def run_policy_cases(
    paths: list[Path], rules: Path | None, language: Language, engine: str | None = None
) -> Tested:
    """Run the policy cases in files and folders."""
    policy = load_policy(rules, language)
    if not paths:
        folder = default_cases(rules or default_rules())
        if folder is None:
            raise UsageError(say("test.no-cases", language))
        paths = [folder]
    for path in paths:
        if not path.exists():
            problem = say("test.not-found", language)
            raise UsageError(say("intake.unreadable", language, path=path, problem=problem))
    diagnostics = Diagnostics()
    decider = Decider(policy, engine)
    cases = read_cases(paths, policy, diagnostics)
    return Tested(run_cases(cases, decider), cover(cases, decider), diagnostics.sorted())
