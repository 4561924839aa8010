"""The paper fallback: the policy on one day as a worksheet that gives the same answer by hand.

A worksheet is data: for each strategy the boxes to tick, in the order in which one box may need
another. A rule that does several things, such as giving points and setting a floor, has a box in
each place.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from triage.deciding.calendar import Plan, Snapshot, take_snapshot, turning_days
from triage.deciding.settled import ActiveRule
from triage.deciding.wording import Wording, number
from triage.messages import Language, listed, say
from triage.model.policy import Policy
from triage.model.program import ALIGNED_TOPICS
from triage.review.describe import Describer

SHORT = 60
"""A list of values that is longer stands in the annex, once."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box to tick: its conditions, what it adds, and the rule that it stands for."""

    rule: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    adds: str
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, the boxes to tick, and the blanks to fill in."""

    kind: str
    heading: str
    text: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worksheet:
    """Everything that is printed: the instructions, the steps of each strategy, and the lists at
    the end.
    """

    language: Language
    title: str
    notice: str
    about: tuple[str, ...]
    sheets: tuple[tuple[str, tuple[Step, ...]], ...]
    lists: tuple[tuple[str, str, str], ...]


class _Paper(Describer):
    """Describes conditions for paper: a long list of values is named, and stands in the annex."""

    def __init__(self, policy: Policy, language: Language, day: date) -> None:
        super().__init__(policy, language, day)
        self.lists: dict[str, tuple[str, str]] = {}

    def named(self, name: str, shown: str) -> str:
        if len(shown) <= SHORT:
            return super().named(name, shown)
        mark, _ = self.lists.setdefault(name, (f"L{len(self.lists) + 1}", shown))
        return f"{name} [{mark}]"


def make_worksheet(policy: Policy, language: Language, day: date) -> Worksheet:
    """The worksheet for requests that are judged by what is in force on a day."""
    paper = _Paper(policy, language, day)
    snapshot = take_snapshot(policy, day)
    sheets = []
    for name in snapshot.scopes:
        title = say(
            "worksheet.strategy-title", language, strategy=policy.strategies[name].title[language]
        )
        sheets.append((title, tuple(_Sheet(snapshot, name, paper).steps())))
    start, end = _stretch(policy, day)
    lead = paper.words.organization(policy.default_lead)
    return Worksheet(
        language=language,
        title=say("worksheet.title", language, title=policy.title[language]),
        notice=policy.notice[language],
        about=(
            say(
                "worksheet.valid",
                language,
                start=start.isoformat() if start else say("worksheet.open-start", language),
                end=end.isoformat() if end else say("worksheet.open-end", language),
            ),
            say("report.version", language) + say("report.colon", language) + policy.version,
            say("worksheet.how", language),
            say("worksheet.outside", language, lead=lead),
            say("worksheet.tick", language),
            say("worksheet.question", language),
            say("worksheet.lists", language),
        ),
        sheets=tuple(sheets),
        lists=tuple((mark, name, shown) for name, (mark, shown) in paper.lists.items()),
    )


def _stretch(policy: Policy, day: date) -> tuple[date | None, date | None]:
    """The first and the last day on which the policy stands as it does on `day`."""
    days = turning_days(policy)
    later = [one for one in days if one > day]
    return max((one for one in days if one <= day), default=None), later[0] - timedelta(
        days=1
    ) if later else None


class _Sheet:
    """The steps of one strategy."""

    def __init__(self, snapshot: Snapshot, strategy: str, paper: _Paper) -> None:
        self.snapshot, self.strategy, self.paper = snapshot, strategy, paper
        self.policy, self.language, self.words = snapshot.policy, paper.language, paper.words
        self.plan: Plan = snapshot.plans[strategy]

    def _text(self, key: str, **values: object) -> str:
        return say(f"worksheet.{key}", self.language, **values)

    def steps(self) -> Iterator[Step]:
        """Every step, in the order in which they are taken."""
        yield self._scope()
        yield self._derived()
        yield from self._conclusions()
        yield from self._points()
        accept, defer = self.snapshot.accept, self.snapshot.defer
        total = (self._text("score"), self._text("from-score"))
        text = (self._text("score-text"), self._text("threshold", accept=accept, defer=defer))
        yield Step("score", self._text("score"), text, blanks=total)
        for kind, key, rest in (
            ("ceilings", "ceiling", "ceilings-text"),
            ("floors", "floor", "floors-text"),
        ):
            boxes = self._boxes(lambda rule, key=key: _bound(rule, key, self.language))  # type: ignore[misc]
            yield Step(kind, self._text(kind), (self._text(rest),), boxes)
        yield Step(
            "recommendation", self._text("recommendation"), blanks=(self._text("recommendation"),)
        )
        lead = self.words.organization(self.policy.default_lead)
        boxes = self._boxes(self._routed)
        yield Step(
            "routing", self._text("routing"), (self._text("routing-text", lead=lead),), boxes
        )
        yield Step(
            "notes", self._text("notes"), (self._text("notes-text"),), self._boxes(self._noted)
        )

    def _scope(self) -> Step:
        scope = self.snapshot.scopes[self.strategy]
        lines = [self._text("applies-text")]
        for key, values in (("countries", scope.countries), ("forums", scope.forums)):
            named = self.words.value(key, values)
            lines.append(self._text(key, values=named))
        return Step("applies", self._text("applies"), tuple(lines))

    def _derived(self) -> Step:
        read = set().union(*(rule.rule.reads() for rule in self.plan.rules))
        values = self.snapshot.values
        known = {
            "notice_days": self._text("notice-days"),
            "duration_days": self._text("duration-days"),
            "event_size": self._text(
                "event-size",
                small=values.get("small_event_at_most") or 0,
                medium=values.get("medium_event_at_most") or 0,
            ),
            "country_count": self._text("country-count"),
            "in_region": self._text("in-region"),
            "strategy": self._text(
                "strategy-is", strategy=self.words.label("strategies", self.strategy)
            ),
        }
        return Step(
            "derived",
            self._text("derived"),
            blanks=tuple(text for name, text in known.items() if name in read),
        )

    def _conclusions(self) -> Iterator[Step]:
        number = 0
        for layer, rules in enumerate(self.plan.layers):
            if ALIGNED_TOPICS in self.plan.settled[layer]:
                yield self._alignment()
            boxes = self._boxes(self._concluded, rules)
            if boxes:
                number += 1
                yield Step(
                    "follows",
                    self._text("follows", number=number),
                    (self._text("follows-text"),),
                    boxes,
                )
        if ALIGNED_TOPICS in self.plan.settled[-1]:
            yield self._alignment()

    def _alignment(self) -> Step:
        label = self.words.label
        levels = {name: label("alignments", name) for name in ("none", "partial", "large", "full")}
        share = number(self.snapshot.large, self.language)
        text = self._text(
            "alignment-text", fact=self.words.fact(ALIGNED_TOPICS), share=share, **levels
        )
        blanks = (self._text("topics"), self._text("topics-aligned"), self._text("alignment"))
        return Step("alignment", self._text("alignment"), (text,), blanks=blanks)

    def _points(self) -> Iterator[Step]:
        for place, (criterion, maximum) in enumerate(
            zip(self.policy.criteria, self.snapshot.maxima, strict=True)
        ):
            label = criterion.label[self.language]

            def given(rule: ActiveRule, place: int = place) -> str:
                points = sum(found for one, found in rule.points if one == place)
                return f"+{points}" if points else ""

            yield Step(
                "points",
                self._text("points", criterion=label, maximum=maximum),
                (self._text("points-text", maximum=maximum),),
                self._boxes(given),
                (self._text("sum", criterion=label),),
            )

    # -- boxes
    # ----------------------------------------------------------------------------------------------------

    def _boxes(
        self, adds: Callable[[ActiveRule], str], rules: Iterable[ActiveRule] | None = None
    ) -> tuple[Box, ...]:
        """A box for each rule that adds something here."""
        found = []
        for rule in self.plan.rules if rules is None else rules:
            if text := adds(rule):
                when = tuple(self.paper.clause(clause) for clause in rule.rule.when)
                unless = tuple(self.paper.clause(clause) for clause in rule.rule.unless)
                found.append(
                    Box(rule.id, when, unless, text, ", ".join(rule.rule.cite) or self._setting())
                )
        return tuple(found)

    def _setting(self) -> str:
        return say("decision.setting", self.language)

    def _concluded(self, rule: ActiveRule) -> str:
        colon = say("report.colon", self.language)
        texts = []
        for name, value in rule.rule.then.conclude:
            shown = self.words.value(self.policy.facts[name].values, value)
            texts.append(f"{self.words.fact(name)}{colon}{shown}")
        return ". ".join(texts)

    def _routed(self, rule: ActiveRule) -> str:
        then, language = rule.rule.then, self.language
        texts = []
        if then.lead:
            texts.append(say("effect.lead", language, branch=self.words.organization(then.lead)))
        if then.consult:
            consulted = [self.words.organization(one) for one in then.consult]
            texts.append(say("effect.consult", language, consulted=listed(consulted, language)))
        if then.fund:
            texts.append(say("effect.fund", language, fund=self.words.label("funds", then.fund)))
        return ". ".join(texts)

    def _noted(self, rule: ActiveRule) -> str:
        then, language = rule.rule.then, self.language
        texts = [self.words.label("flags", then.flag)] if then.flag else []
        if then.advise:
            texts.append(_slots_named(then.advise[language], self.words))
        return ". ".join(texts)


def _bound(rule: ActiveRule, key: str, language: Language) -> str:
    bound = getattr(rule.rule.then, key)
    return say(f"recommendation.{bound}", language) if bound is not None else ""


def _slots_named(text: str, words: Wording) -> str:
    """A text whose slots show what they stand for, since paper cannot fill them in."""
    parts = text.split("{")
    out = parts[0]
    for part in parts[1:]:
        slot, _, rest = part.partition("}")
        name = slot.partition(".")[0]
        parameter = words.policy.parameters.get(name)
        out += f"({parameter.title[words.language] if parameter else words.fact(name)}){rest}"
    return out
