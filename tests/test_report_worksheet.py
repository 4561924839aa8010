"""The worksheet, filled in by hand as its own instructions say, gives the program's answer.

What is printed is what counts here: steps, points, maxima, thresholds and bounds are read from the
page. Only whether the conditions beside a box hold is looked up, by the rule that stands beside the
box.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings

from commands import run
from support import ROOT, decider, requests, shipped
from triage.deciding.settled import ActiveRule
from triage.deciding.wording import Wording
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, Language
from triage.model.conditions import Among, Partial
from triage.model.derived import worked_out
from triage.model.facts import Request
from triage.reports.document import Part
from triage.reports.worksheet import document

DAY = date(2022, 7, 4)
BOX = re.compile(
    r"^\| ☐ \| (?P<when>.*) \| (?P<adds>.*) \| (?P<rule>[a-z0-9-]+) \((?P<source>.*)\) \|$"
)
RANKS = {"decline": 0, "defer": 1, "accept": 2}
LEVELS = ("none", "partial", "large", "full")


@dataclass
class Step:
    """One step of the page; a box is what it adds, and the rule for which it stands."""

    heading: str
    text: str = ""
    boxes: list[tuple[str, str]] = field(default_factory=list)


@cache
def printed() -> dict[str, list[Step]]:
    """The steps of the printed worksheet by strategy."""
    done = run("worksheet", "--as-of", DAY.isoformat())
    assert done.code == 0
    titles = {one.title["en"]: one.id for one in shipped().strategies.values()}
    found: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in re.sub(r"\\(?=[^\w\s])", "", done.out).splitlines():
        if line.startswith("## "):
            title = line.removeprefix("## Worksheet for: ")
            steps = found.setdefault(titles[title], []) if title in titles else []
        elif line.startswith("### "):
            steps.append(Step(re.sub(r"^### \d+\. ", "", line)))
        elif (box := BOX.match(line)) and steps:
            steps[-1].boxes.append((box["adds"], box["rule"]))
        elif steps:
            steps[-1].text += line + "\n"
    return found


class Filled:
    """One strategy's worksheet, filled in for one request."""

    def __init__(self, strategy: str, request: Request) -> None:
        self.snapshot = decider().snapshots.on(DAY)
        self.rules = {rule.id: rule for rule in self.snapshot.plans[strategy].rules}
        given = request.known(shipped().readable)
        self.known: dict[str, Any] = worked_out(self.snapshot.of_request, given)
        self.known |= {"strategy": strategy} | dict(self.snapshot.plans[strategy].defaults)
        if "countries" in self.known:
            scope = self.snapshot.scopes[strategy]
            self.known["in_region"] = not self.known["countries"].isdisjoint(scope.countries)
        self.points: dict[str, int] = {}
        self.rank, self.score, self.lead = 0, 0, ""
        for step in printed()[strategy]:
            self.fill(step)

    def mark(self, rule: str) -> bool | None:
        """True for a tick, None for a question mark."""
        return self.rules[rule].holds(self.known)

    def ticked(self, step: Step) -> list[str]:
        return [adds for adds, rule in step.boxes if self.mark(rule)]

    def fill(self, step: Step) -> None:
        if step.heading.startswith("What follows"):
            self.conclude([(self.rules[rule], self.mark(rule)) for _, rule in step.boxes])
        elif step.heading == "Alignment with the strategy":
            self.align(step)
        elif found := re.match(r"Points: (.*), at most (\d+)", step.heading):
            total = sum(int(adds.removeprefix("+")) for adds in self.ticked(step))
            self.points[found[1]] = min(total, int(found[2]))
        elif step.heading == "Score":
            self.score = sum(self.points.values())
            found = re.search(r"From (\d+) points: accept\. From (\d+) points: defer", step.text)
            assert found
            self.rank = (
                2 if self.score >= int(found[1]) else 1 if self.score >= int(found[2]) else 0
            )
        elif step.heading == "Ceilings":
            self.rank = min([self.rank, *(RANKS[adds] for adds in self.ticked(step))])
        elif step.heading == "Floors":
            self.rank = max([self.rank, *(RANKS[adds] for adds in self.ticked(step))])
        elif step.heading == "Routing":
            named = re.search(r"or none, (.*) leads and the others", step.text)
            leading = [adds for adds in self.ticked(step) if adds.startswith("lead: ")]
            leads = {adds.split(". consult: ")[0].removeprefix("lead: ") for adds in leading}
            assert named
            self.lead = leads.pop() if len(leads) == 1 else named[1]

    def conclude(self, marked: list[tuple[ActiveRule, bool | None]]) -> None:
        sure: dict[str, set[str]] = {}
        maybe: dict[str, set[str]] = {}
        for rule, mark in marked:
            for name, value in rule.rule.then.conclude if mark is not False else ():
                values = value if isinstance(value, frozenset) else {"yes"}
                (sure if mark else maybe).setdefault(name, set()).update(values)
        for name in sure.keys() | maybe.keys():
            before = self.known.get(name)
            if isinstance(before, bool) or before is None:
                if "yes" in sure.get(name, ()) or before:
                    self.known[name] = True
                elif name in maybe:
                    self.known.pop(name, None)
                continue
            lower = before.lower if isinstance(before, Partial) else before
            upper = before.upper if isinstance(before, Partial) else before
            lower |= sure.get(name, set())
            upper |= sure.get(name, set()) | maybe.get(name, set())
            partial = Partial(frozenset(lower), frozenset(upper))
            self.known[name] = lower if lower == upper else partial

    def align(self, step: Step) -> None:
        if "topics" not in self.known:
            return
        found = re.search(r"From (\d+/\d+) on", step.text)
        assert found
        share, aligned = Fraction(found[1]), self.known["aligned_topics"]
        partial = isinstance(aligned, Partial)
        bounds = (aligned.lower, aligned.upper) if partial else (aligned, aligned)
        low, high = (LEVELS.index(level(self.known["topics"], bound, share)) for bound in bounds)
        possible = LEVELS[low : high + 1]
        self.known["alignment"] = LEVELS[low] if low == high else Among(frozenset(possible))


def level(topics: frozenset[str], aligned: frozenset[str], share: Fraction) -> str:
    serving = len(topics & aligned)
    if not serving or serving == len(topics):
        return "full" if serving else "none"
    return "large" if Fraction(serving, len(topics)) >= share else "partial"


def compare(request: Request) -> None:
    decision = decider().decide(request, DAY)
    words = Wording(shipped(), "en")
    for strategy, assessment in decision.strategies.items():
        by_hand = Filled(strategy, request)
        assert by_hand.score == assessment.score
        assert by_hand.rank == assessment.recommendation.rank
        assert by_hand.lead == words.organization(assessment.lead)
        labels = {criterion.id: criterion.label["en"] for criterion in shipped().criteria}
        points = {labels[id]: entry["points"] for id, entry in assessment.criteria.items()}
        assert by_hand.points == points


def test_by_hand_the_example_inbox_comes_out_as_the_program_has_it() -> None:
    for request in Inbox(RequestReader(shipped())).requests(str(ROOT / "examples" / "inbox.csv")):
        compare(request)


@settings(max_examples=60)
@given(requests())
def test_by_hand_any_request_comes_out_as_the_program_has_it(request: Request) -> None:
    compare(request)


def boxes(sheet: Part) -> Iterator[tuple[str, str]]:
    """The conditions of each box of a strategy, and its rule."""
    for step in sheet.parts:
        for _, conditions, _, rule in step.tables[0].rows:
            yield str(conditions), str(rule).partition(" (")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_in_force_is_on_paper(language: Language) -> None:
    sheets = document(shipped(), language, DAY).parts[1:-1]
    snapshot = decider().snapshots.on(DAY)
    assert len(sheets) == len(snapshot.scopes)
    for strategy, sheet in zip(snapshot.scopes, sheets, strict=True):
        rules = snapshot.plans[strategy].rules
        on_paper = {rule for _, rule in boxes(sheet)}
        assert on_paper == {rule.id for rule in rules if rule.effect or rule.rule.then.advise}


def test_a_long_list_stands_at_the_end_once() -> None:
    *sheets, lists = document(shipped(), "en", DAY).parts
    conditions = [text for sheet in sheets for text, _ in boxes(sheet)]
    used = {mark for text in conditions for mark in re.findall(r"\[(L\d+)\]", text)}
    assert used == {item.mark for item in lists.items}
    assert len({item.name for item in lists.items}) == len(lists.items)


def test_the_worksheet_says_for_which_days_it_holds() -> None:
    text = run("worksheet", "--as-of", "2022-07-04").out
    found = re.search(r"from (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)", text)
    assert found
    assert found[1] <= "2022-07-04" <= found[2]
    first = run("worksheet", "--as-of", found[1]).out
    assert first == run("worksheet", "--as-of", found[2]).out == text
