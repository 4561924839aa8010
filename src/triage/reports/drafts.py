"""The comparison of two drafts as text for a terminal."""

import textwrap
from collections.abc import Iterable, Iterator

from triage.advice.assessment import differences, recommended
from triage.advice.comparison import Comparison
from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.messages import say
from triage.reports.terminal import WIDTH


def compared(comparison: Comparison, words: Wording) -> str:
    """Both drafts, at most 100 columns wide."""
    return "\n".join(_lines(comparison, words)) + "\n"


def _lines(comparison: Comparison, words: Wording) -> Iterator[str]:
    language, first, second = words.language, comparison.first, comparison.second
    for key, decision in (("first", first), ("second", second)):
        yield from _wrapped(say(f"drafts.{key}", language, draft=_named(decision)), "")
        yield from _wrapped(_headline(decision, words))
    change = "same" if first.recommendation is second.recommendation else "other"
    yield from [
        "",
        *_wrapped(
            say(f"drafts.{change}", language, difference=f"{second.score - first.score:+d}"), ""
        ),
    ]
    facts = [
        say("drafts.fact", language, fact=words.fact(name), first=before, second=after)
        for name, *both in differences(first.request, second.request)
        for before, after in [(words.value(words.policy.facts[name].values, one) for one in both)]
    ]
    yield from _section(say("drafts.facts", language), facts or [say("drafts.no-facts", language)])
    yield from ["", say("drafts.criteria", language)]
    labels = {one.id: one.label[language] for one in words.policy.criteria}
    for id, one in first.result.criteria.items():
        yield _score(labels[id], one["points"], second.result.criteria[id]["points"])
    yield _score(say("explain.total", language), first.score, second.score)
    for key, ids in (("gained", comparison.gained), ("lost", comparison.lost)):
        yield from _section(
            say(f"drafts.{key}", language), [words.policy.rule[id].title[language] for id in ids]
        )
    days = dict.fromkeys((first.as_of.isoformat(), second.as_of.isoformat()))
    title = words.policy.title[language]
    values = {
        "title": title,
        "version": second.policy_version,
        "day": " / ".join(days),
        "engine": second.engine,
    }
    yield from ["", *_wrapped(say("explain.footer", language, **values), "")]
    yield from _wrapped(words.policy.notice[language], "")


def _named(decision: Decision) -> str:
    return f"{decision.request.id}  {decision.request.title or ''}".rstrip()


def _headline(decision: Decision, words: Wording) -> str:
    strategy = words.label("strategies", decision.strategy) if decision.strategy else ""
    return say(
        "explain.headline",
        words.language,
        recommendation=recommended(decision.recommendation, words).upper(),
        score=decision.score,
        strategy=strategy or say("explain.no-strategy", words.language),
    )


def _score(label: str, before: int, after: int) -> str:
    return f"  {label:<36}{before:>4}{after:>6}{f'{after - before:+d}' if after != before else '':>6}".rstrip()


def _section(heading: str, texts: Iterable[str]) -> list[str]:
    lines = [line for text in texts for line in _wrapped(text, "  - ")]
    return ["", heading, *lines] if lines else []


def _wrapped(text: str, start: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or [
        start
    ]
