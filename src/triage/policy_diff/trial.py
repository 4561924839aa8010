"""Try an experimental policy in a process of its own, so that a bad one takes only that down.

The compiled core of the engine can crash or hang on what its guards do not foresee. The process
compiles the policy for every stretch of days and decides one request for each strategy, with a
limit of time.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from triage.deciding.calendar import turning_days
from triage.deciding.decide import Decider
from triage.errors import EvaluationError, PolicyError, TriageError, UsageError
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import Policy
from triage.policy_diff.candidate import load_candidate
from triage.rulebook.load import load_policy

SECONDS = 60
"""How long compiling and trying a policy may take; the shipped one takes about one."""

REFUSED = 2
"""Exit code of the process when the policy has errors, which it has then written out."""


def try_policy(
    candidate: Path | None,
    settings: Sequence[str] = (),
    baseline: Path | None = None,
    language: Language = "en",
    seconds: float = SECONDS,
) -> None:
    """Compile and try a candidate in a process of its own, as `load_candidate` would load it.

    `PolicyError` when it has errors, and `UsageError` with one line when it crashed, hung or failed
    in another way.
    """
    words = [str(candidate or ""), str(baseline or ""), language, *settings]
    run_trial([sys.executable, "-m", "triage.policy_diff.trial", *words], language, seconds)


def run_trial(command: Sequence[str], language: Language, seconds: float) -> None:
    """Run the process of a trial; raises what `try_policy` raises."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise UsageError(say("trial.hung", language, seconds=f"{seconds:g}")) from None
    lines = tuple(line for line in done.stderr.splitlines() if line.strip())
    if done.returncode == REFUSED and lines:
        raise PolicyError(lines[0], lines)
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise UsageError(say("trial.crashed", language, signal=name))
    if done.returncode != 0:
        problem = lines[-1] if lines else f"{done.returncode}"
        raise UsageError(say("trial.failed", language, problem=problem))


def smoke(policy: Policy) -> int:
    """Decide a request for each strategy and one outside all, on each stretch of days.

    Returns how many requests were decided.
    """
    decider = Decider(policy)
    days = turning_days(policy) or [date(2000, 1, 1)]  # then all days are alike
    types = policy.vocabularies.get("engagement_types")
    type_ = next(iter(types.terms), "meeting") if types else "meeting"
    count = 0
    for day in days:
        scopes = decider.snapshots.on(day).scopes.values()
        for countries in [[], *(sorted(scope.countries)[:1] for scope in scopes)]:
            facts = {"id": "trial", "received": day, "engagement_type": type_}
            if countries:
                facts["countries"] = frozenset(countries)
            decider.decide(Request(facts))
            count += 1
    return count


def main(words: Sequence[str]) -> int:
    """The process: load and try the candidate, write what is wrong to standard error."""
    candidate, baseline, language, *settings = words
    spoken: Language = "fr" if language == "fr" else "en"
    try:
        first = load_policy(Path(baseline) if baseline else None, spoken)
        if candidate or settings:
            first = load_candidate(Path(candidate) if candidate else None, settings, first, spoken)
        smoke(first)
    except PolicyError as error:
        sys.stderr.write("\n".join(error.diagnostics or (error.message,)) + "\n")
        return REFUSED
    except EvaluationError as error:
        sys.stderr.write(f"triage: {say(error.key, spoken, **error.values)}\n")
        return REFUSED
    except TriageError as error:
        sys.stderr.write(f"triage: {error.message}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # Nothing is left to do, and the engine's core is not asked to tidy up after itself.
    sys.stderr.flush()
    os._exit(code)
