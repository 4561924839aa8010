"""The comparison of two drafts as text for a terminal."""

from collections.abc import Iterator

from triage.advice.assessment import differences, recommended
from triage.advice.comparison import Comparison
from triage.deciding.decision import Decision
from triage.deciding.wording import Wording
from triage.messages import say
from triage.reports.text import bulleted, wrapped


def compared(comparison: Comparison, words: Wording) -> str:
    """Both drafts, the facts in which they differ, points by criterion, and rules."""
    return "\n".join(_lines(comparison, words)) + "\n"


def _lines(comparison: Comparison, words: Wording) -> Iterator[str]:
    language, first, second = words.language, comparison.first, comparison.second
    for key, decision in (("drafts.first", first), ("drafts.second", second)):
        yield from wrapped(say(key, language, draft=_named(decision)), "")
        yield from wrapped(_headline(decision, words))
    same = first.recommendation is second.recommendation
    change, difference = "drafts.same" if same else "drafts.other", second.score - first.score
    yield from ["", *wrapped(say(change, language, difference=f"{difference:+d}"), "")]
    facts = []
    for name, *values in differences(first.request, second.request, words.policy):
        before, after = (words.value(words.policy.facts[name].values, one) for one in values)
        fact = words.fact(name)
        facts.append(say("drafts.fact", language, fact=fact, first=before, second=after))
    yield from bulleted(say("drafts.facts", language), facts or [say("drafts.no-facts", language)])
    yield from ["", say("drafts.criteria", language)]
    labels = {one.id: one.label[language] for one in words.policy.criteria}
    for id, criterion in first.result.criteria.items():
        yield _score(labels[id], criterion["points"], second.result.criteria[id]["points"])
    yield _score(say("explain.total", language), first.score, second.score)
    for key, ids in (("drafts.gained", comparison.gained), ("drafts.lost", comparison.lost)):
        titles = [words.policy.rule[id].title[language] for id in ids]
        yield from bulleted(say(key, language), titles)
    days = dict.fromkeys((first.as_of.isoformat(), second.as_of.isoformat()))
    origin = {"title": words.policy.title[language], "version": second.policy_version}
    footer = say("explain.footer", language, day=" / ".join(days), engine=second.engine, **origin)
    yield from ["", *wrapped(footer, "")]
    yield from wrapped(words.policy.notice[language], "")


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
    change = f"{after - before:+d}" if after != before else ""
    return f"  {label:<36}{before:>4}{after:>6}{change:>6}".rstrip()
