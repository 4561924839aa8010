"""The comparison of two drafts, for a terminal."""

from collections.abc import Iterator

from triage.advice.assessment import differences
from triage.advice.comparison import Comparison
from triage.deciding.wording import Wording
from triage.messages import say
from triage.reports.document import Part
from triage.reports.entries import Entry, entry
from triage.reports.request import headline, listing, named, origin


def compared(comparison: Comparison, words: Wording) -> Iterator[Part]:
    """Both drafts, the facts in which they differ, points by criterion, and rules."""
    language = words.language
    first, second = entry(comparison.first, words), entry(comparison.second, words)
    drafts = []
    for key, draft in (("drafts.first", first), ("drafts.second", second)):
        drafts.append(("", say(key, language, draft=named(draft))))
        drafts.append(("  ", headline(draft, draft.proposed.upper(), language)))
    yield Part("", "", lines=drafts)
    same = first.recommendation == second.recommendation
    change, difference = "drafts.same" if same else "drafts.other", second.score - first.score
    parts = _differences(comparison, first, second, words)
    yield Part("", "", [say(change, language, difference=f"{difference:+d}")], parts=list(parts))
    days = " / ".join(dict.fromkeys((first.as_of, second.as_of)))
    notice = words.policy.notice[language]
    yield Part("", "", [origin(second, words.policy, language, days), notice])


def _differences(
    comparison: Comparison, first: Entry, second: Entry, words: Wording
) -> Iterator[Part]:
    language, facts = words.language, []
    requests = comparison.first.request, comparison.second.request
    for name, *values in differences(*requests, words.policy):
        before, after = (words.value(words.policy.facts[name].values, one) for one in values)
        fact = words.fact(name)
        facts.append(say("drafts.fact", language, fact=fact, first=before, second=after))
    yield from listing(say("drafts.facts", language), facts or [say("drafts.no-facts", language)])
    pairs = zip(first.criteria, second.criteria, strict=True)
    points = [(before.label, before.points, after.points) for before, after in pairs]
    points.append((say("explain.total", language), first.score, second.score))
    scores = [("  ", _score(*one)) for one in points]
    yield Part("", say("drafts.criteria", language), lines=scores)
    for key, ids in (("drafts.gained", comparison.gained), ("drafts.lost", comparison.lost)):
        titles = [words.policy.rule[id].title[language] for id in ids]
        yield from listing(say(key, language), titles)


def _score(label: str, before: int, after: int) -> str:
    change = f"{after - before:+d}" if after != before else ""
    return f"{label:<36}{before:>4}{after:>6}{change:>6}"
