"""What would raise a recommendation, as parts for every form: alike changes in one line."""

from collections.abc import Iterator

from triage.advice.assessment import SelfAssessment, join, steps
from triage.advice.search import ChangeSet
from triage.deciding.wording import Wording
from triage.messages import say
from triage.model.policy import RANKED, RECOMMENDATION_MESSAGES, Recommendation
from triage.reports.document import Item, Part

FEW = 5
"""How many lines are shown for one recommendation, and how many values in a line."""
FEW_IN_BRIEF = 2
"""The same for a brief, which should stay on one page."""


def parts(assessed: SelfAssessment, words: Wording, few: int = FEW) -> Iterator[Part]:
    """A part for each better recommendation, the best first; or one that there is no change."""
    language, search = words.language, assessed.found
    current = assessed.decision.merits
    limits = []
    if search.largest is not None:
        limits.append(Item(say("assess.limit", language, largest=search.largest)))
    if search.members is not None:
        limits.append(Item(say("assess.limit-members", language, largest=search.members)))
    if search.left_off:
        limits.append(Item(say("assess.left-off", language, count=search.left_off)))
    for rank in range(Recommendation.ACCEPT.rank, current.rank, -1):
        sets = [one for one in search.sets if one.to.rank == rank]
        better = say(RECOMMENDATION_MESSAGES[RANKED[rank]], language)
        heading = say("assess.changes", language, recommendation=better)
        if sets:
            last = rank == search.sets[-1].to.rank
            items = [*_items(sets, words, few), *(limits if last else ())]
            yield Part("", heading, items=items)
    if not search.sets and current is not Recommendation.ACCEPT:
        key = "assess.none-but" if limits else "assess.none"
        items = [Item(say(key, language)), *limits]
        yield Part("", say("assess.changes-any", language), items=items)


def _items(sets: list[ChangeSet], words: Wording, few: int) -> Iterator[Item]:
    groups: dict[tuple[object, ...], list[ChangeSet]] = {}
    for one in sets:
        verbs = tuple((move.fact, *(change.verb for change, _ in move.steps)) for move in one.moves)
        groups.setdefault((one.score, *verbs), []).append(one)
    shown = list(groups.values())[:few]
    for group in shown:
        yield Item(_group(group, words, few))
    rest = len(sets) - sum(map(len, shown))
    if rest:
        yield Item(say("assess.more", words.language, count=rest))


def _group(group: list[ChangeSet], words: Wording, few: int) -> str:
    """Sets that do the same to the same facts and give the same score, as one text."""
    language = words.language
    said = [steps(one, words) for one in group]
    first = said[0]
    differing = [at for at in range(len(first)) if len({one[at][2] for one in said}) > 1]
    texts = [text for text, _, _ in first]
    if len(differing) == 1:
        # The sets differ in one value: the line names all values, or the first of them.
        at = differing[0]
        values = list(dict.fromkeys(one[at][2] for one in said))
        rest = len(values) - few
        if rest > 2:
            value = say("assess.or-others", language, values=" / ".join(values[:few]), count=rest)
        else:
            value = " / ".join(values)
        texts[at] = first[at][1].replace("{value}", value)
    text = join(texts)
    if len(differing) > 1:
        text += " " + say("assess.alike", language, count=len(group) - 1)
    on = [id for id in group[0].rules_on if all(id in one.rules_on for one in group)]
    off = [id for id in group[0].rules_off if all(id in one.rules_off for one in group)]
    told = [say("assess.score", language, score=group[0].score)]
    for key, ids in (("assess.on", on), ("assess.off", off)):
        if ids:
            titles = dict.fromkeys(words.policy.rule[id].title[language] for id in ids)
            told.append(say(key, language, rules=", ".join(titles)))
    return f"{text} {' '.join(told)}"
