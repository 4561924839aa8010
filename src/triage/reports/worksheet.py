"""The paper fallback: the policy on one day as a worksheet that gives the same answer by hand.

For each strategy it has the boxes to tick, in the order in which one box may need another. A rule
that does several things, such as giving points and setting a floor, has a box in each place.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from triage.deciding.calendar import Plan, Snapshot, take_snapshot, turning_days
from triage.deciding.settled import ActiveRule
from triage.deciding.wording import Wording
from triage.messages import Language, say
from triage.model.derived import Derivation
from triage.model.effects import effects_of
from triage.model.policy import RECOMMENDATION_MESSAGES, SLOT, Policy, Rule
from triage.reports.document import Blank, Column, Document, Item, Part, Table, Tick
from triage.review.describe import Describer

SHORT = 60
"""A list of values with more characters stands in the annex, once."""

BoxRow = tuple[Tick, str, str, str]
"""A box to tick: its conditions, what it adds, and its rule with the source behind it."""


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


def document(policy: Policy, language: Language, day: date, marking: str | None = None) -> Document:
    """The worksheet for requests that are judged by what is in force on a day.

    Its title stands above and below each page where there is no other marking.
    """
    paper = _Paper(policy, language, day)
    title = say("worksheet.title", language, title=policy.title[language])
    return Document(
        language=language,
        title=title,
        marking=title if marking is None else marking,
        notice=policy.notice[language],
        lead=(),
        parts=list(_parts(policy, paper, day)),
        look="worksheet",
        contents=False,
    )


def _parts(policy: Policy, paper: _Paper, day: date) -> Iterator[Part]:
    language, snapshot = paper.language, take_snapshot(policy, day)
    request = Blank(say("worksheet.request", language), 16)
    about = [Item(line) for line in _about(policy, paper, day)]
    yield Part("about", "", items=about, blanks=[request])
    for number, name in enumerate(snapshot.scopes, 1):
        strategy = policy.strategies[name].title[language]
        title = say("worksheet.strategy-title", language, strategy=strategy)
        steps = enumerate(_Sheet(snapshot, name, paper).steps(), 1)
        parts = [replace(step, number=count) for count, step in steps]
        yield Part(f"sheet-{number}", title, parts=parts)
    # Describing the rules has found the lists that they name.
    if paper.lists:
        lists = [Item(shown, mark=mark, name=name) for name, (mark, shown) in paper.lists.items()]
        yield Part("lists", say("worksheet.annex", language), items=lists)


def _about(policy: Policy, paper: _Paper, day: date) -> tuple[str, ...]:
    """For which days the worksheet holds, and how to fill it in."""
    language, days = paper.language, turning_days(policy)
    first = max((turn for turn in days if turn <= day), default=None)
    after = min((turn for turn in days if turn > day), default=None)
    start = first.isoformat() if first else say("worksheet.open-start", language)
    end = (after - timedelta(days=1)).isoformat() if after else say("worksheet.open-end", language)
    lead = paper.words.organization(policy.default_lead)
    return (
        say("worksheet.valid", language, start=start, end=end),
        say("report.version", language) + say("report.colon", language) + policy.version,
        say("worksheet.how", language),
        say("worksheet.outside", language, lead=lead),
        say("worksheet.tick", language),
        say("worksheet.question", language),
        say("worksheet.lists", language),
    )


class _Sheet:
    """The steps of one strategy."""

    def __init__(self, snapshot: Snapshot, strategy: str, paper: _Paper) -> None:
        self.snapshot, self.strategy, self.paper = snapshot, strategy, paper
        self.policy, self.language, self.words = snapshot.policy, paper.language, paper.words
        self.plan: Plan = snapshot.plans[strategy]

    def _text(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def steps(self) -> Iterator[Part]:
        """Every step, in the order in which they are taken."""
        yield self._scope()
        yield self._derived()
        yield from self._conclusions()
        yield from self._points()
        yield self._score()
        yield self._rules("worksheet.ceilings", "worksheet.ceilings-text", self._ceiling)
        yield self._rules("worksheet.floors", "worksheet.floors-text", self._floor)
        recommendation = self._text("worksheet.recommendation")
        yield self._step(recommendation, blanks=[recommendation])
        yield self._rules("worksheet.routing", "worksheet.routing-text", self._routed)
        yield self._rules("worksheet.notes", "worksheet.notes-text", self._noted)

    def _rules(self, heading: str, text: str, adds: Callable[[ActiveRule], str]) -> Part:
        """A step of which the boxes are those of all rules that add something to it."""
        told = self._text(text, lead=self.words.organization(self.policy.default_lead))
        return self._step(self._text(heading), [told], self._boxes(adds, self.plan.rules))

    def _step(
        self,
        heading: str,
        texts: Sequence[str] = (),
        boxes: Sequence[BoxRow] = (),
        blanks: Iterable[str] = (),
    ) -> Part:
        """One step: what to do, the boxes to tick, and the blanks to fill in."""
        columns = [
            Column(self._text("worksheet.box"), look="tick"),
            Column(self._text("worksheet.when")),
            Column(self._text("worksheet.then")),
            Column(self._text("worksheet.rule"), look="rule"),
        ]
        look = "cards boxes"
        table = Table(heading, "", columns, boxes, header=1, captioned=False, look=look)
        return Part("", heading, texts, tables=[table], blanks=[*map(Blank, blanks)])

    def _scope(self) -> Part:
        scope = self.snapshot.scopes[self.strategy]
        countries = self.words.value("countries", scope.countries)
        forums = self.words.value("forums", scope.forums)
        texts = [
            self._text("worksheet.applies-text"),
            self._text("worksheet.countries", values=countries),
            self._text("worksheet.forums", values=forums),
        ]
        return self._step(self._text("worksheet.applies"), texts)

    def _derived(self) -> Part:
        """The facts that the program works out, those of them that a rule reads."""
        read = set().union(*(rule.rule.reads() for rule in self.plan.rules))
        asked = [
            self._told(derivation)
            for name, derivation in self.plan.derived.items()
            if name in read and derivation.row.concluded is None
        ]
        return self._step(self._text("worksheet.derived"), blanks=asked)

    def _told(self, derivation: Derivation) -> str:
        """How a derived fact is worked out by hand."""
        row, words = derivation.row, self.words
        pairs = zip(row.settings, derivation.settings, strict=True)
        slots = {setting.name: words.value(setting.of, value) for setting, value in pairs}
        slots |= {term: words.label(row.fact.values, term) for term in row.terms}
        return self._text(row.told, concluded=words.fact(row.concluded or ""), **slots)

    def _conclusions(self) -> Iterator[Part]:
        """What follows from the facts, layer by layer, and the facts that rest on that."""
        number = 0
        for layer, rules in enumerate(self.plan.layers):
            yield from self._resting(layer)
            boxes = self._boxes(self._concluded, rules)
            if boxes:
                number += 1
                heading = self._text("worksheet.follows", number=number)
                yield self._step(heading, [self._text("worksheet.follows-text")], boxes)
        yield from self._resting(-1)

    def _resting(self, layer: int) -> Iterator[Part]:
        """The facts that rest on what is settled at the start of a layer."""
        for derivation in self.plan.resting:
            row = derivation.row
            if row.concluded in self.plan.settled[layer]:
                name = self.words.fact(row.fact.name)
                blanks = [*map(self._text, row.blanks), name]
                yield self._step(name, [self._told(derivation)], blanks=blanks)

    def _points(self) -> Iterator[Part]:
        maxima = zip(self.policy.criteria, self.snapshot.maxima, strict=True)
        for position, (criterion, maximum) in enumerate(maxima):
            label = criterion.label[self.language]
            heading = self._text("worksheet.points", criterion=label, maximum=maximum)
            text = self._text("worksheet.points-text", maximum=maximum)
            boxes = self._boxes(partial(_given, position), self.plan.rules)
            total = self._text("worksheet.sum", criterion=label)
            yield self._step(heading, [text], boxes, [total])

    def _score(self) -> Part:
        accept, defer = self.snapshot.accept, self.snapshot.defer
        score = self._text("worksheet.score")
        threshold = self._text("worksheet.threshold", accept=accept, defer=defer)
        texts = [self._text("worksheet.score-text"), threshold]
        return self._step(score, texts, blanks=[score, self._text("worksheet.from-score")])

    def _boxes(
        self, adds: Callable[[ActiveRule], str], rules: Iterable[ActiveRule]
    ) -> list[BoxRow]:
        """A box for each rule that adds something here."""
        tick, setting = Tick(self._text("worksheet.box")), self._text("decision.setting")
        boxes = []
        for active in rules:
            if added := adds(active):
                rule = active.rule
                source = ", ".join(rule.cite) or setting
                boxes.append((tick, self._conditions(rule), added, f"{rule.id} ({source})"))
        return boxes

    def _conditions(self, rule: Rule) -> str:
        joint = f"; {self._text('worksheet.and')} "
        when = joint.join(map(self.paper.clause, rule.when))
        if not rule.unless:
            return when
        unless = joint.join(map(self.paper.clause, rule.unless))
        return f"{when}; {self._text('worksheet.unless')} {unless}"

    def _concluded(self, active: ActiveRule) -> str:
        colon = say("report.colon", self.language)
        texts = []
        for name, value in active.rule.then.conclude:
            shown = self.words.value(self.policy.facts[name].values, value)
            texts.append(f"{self.words.fact(name)}{colon}{shown}")
        return ". ".join(texts)

    def _ceiling(self, active: ActiveRule) -> str:
        bound = active.rule.then.ceiling
        return self._text(RECOMMENDATION_MESSAGES[bound]) if bound else ""

    def _floor(self, active: ActiveRule) -> str:
        bound = active.rule.then.floor
        return self._text(RECOMMENDATION_MESSAGES[bound]) if bound else ""

    def _routed(self, active: ActiveRule) -> str:
        done = [(row, of) for row, of in effects_of(active.rule.then) if row.paper == "routing"]
        return ". ".join(line for row, value in done for line in self.paper.effect(row, value))

    def _noted(self, active: ActiveRule) -> str:
        done = [(row, of) for row, of in effects_of(active.rule.then) if row.paper == "notes"]
        texts = [self.paper.shown(row, value) for row, value in done]
        return ". ".join(_slots_named(text, self.words) for text in texts)


def _given(position: int, active: ActiveRule) -> str:
    """The points that a rule gives for the criterion at a position."""
    points = sum(points for criterion, points in active.points if criterion == position)
    return f"+{points}" if points else ""


def _slots_named(text: str, words: Wording) -> str:
    """A text whose slots show what they stand for, since paper cannot fill them in."""

    def name(slot: re.Match[str]) -> str:
        fact = slot[1].partition(".")[0]
        parameter = words.policy.parameters.get(fact)
        return f"({parameter.title[words.language] if parameter else words.fact(fact)})"

    return SLOT.sub(name, text)
