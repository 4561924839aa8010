"""The part of a backtest's report on limits: what is used by period before and after, and who is
displaced.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from triage.backtest.capacity import Capacity, Slot, taken, used_share
from triage.backtest.policy_tally import MOST_ACCEPTED
from triage.backtest.report import BacktestReport
from triage.deciding.wording import number
from triage.limits.outcome import Use
from triage.messages import say
from triage.reports.backtest_words import BacktestWords
from triage.reports.charts import Bar, bars
from triage.reports.document import Cell, Part, Table

BRIEF, PAGE = 10, 40
MOST_DRAWN = 8
"""Limits in the chart: of each its fullest period, with a bar before and a bar after."""


def limits_part(report: BacktestReport, words: BacktestWords) -> Part:
    """Use by period under both policies, and the cases that wait under one of them only."""
    title, found = words.tell("part-limits"), report.capacity
    if found is None:
        crowded = report.tally.baseline.crowded or report.tally.candidate.crowded
        text = (
            words.tell("limits-crowded", most=MOST_ACCEPTED) if crowded else words.tell("no-limits")
        )
        return Part("limits", title, [text])
    old, new = (len(one.allocation.deferred) for one in (found.old, found.new))
    texts = [words.tell("about-limits"), words.tell("waiting", old=old, new=new)]
    tables = [_uses(report, words, found), _moved(words, found)]
    return Part(
        "limits", title, texts, tables=tables, charts=[lambda: _chart(report, words, found)]
    )


def _uses(report: BacktestReport, words: BacktestWords, found: Capacity) -> Table:
    columns = [words.column("limit-name", 40), words.column("period", 34)]
    columns += words.columns(
        "most-old", "most-new", "used-old", "used-new", "waiting-old", "waiting-new"
    )
    language = report.language
    rows: list[Sequence[Cell]] = [
        (
            slot.limit.title[language],
            slot.place,
            *(_amount(use.at_most if use else None, words) for use in (slot.old, slot.new)),
            *(_amount(taken(use) if use else None, words) for use in (slot.old, slot.new)),
            *(use.deferred if use else 0 for use in (slot.old, slot.new)),
        )
        for slot in found.slots()
        if any(use is not None and use.at_most is not None for use in (slot.old, slot.new))
    ]
    caption = words.tell("caption-use")
    narrow = (0, 1, 3, 4, 5)
    return Table(
        caption, words.tell("part-limits"), columns, rows, brief=BRIEF, page=PAGE, narrow=narrow
    )


def _amount(value: Decimal | None, words: BacktestWords) -> Cell:
    if value is None:
        return ""
    return int(value) if value == int(value) else number(value, words.report.language)


def _moved(words: BacktestWords, found: Capacity) -> Table:
    columns = [
        words.column("case", 16, whole=True),
        words.column("moved", 50),
        words.column("limits", 60),
    ]
    rows = [
        (one.id, words.tell(f"moved-{one.change.replace('_', '-')}"), "; ".join(one.limits))
        for one in found.moved
    ]
    caption = words.tell("caption-moved")
    return Table(caption, words.tell("sheet-moved"), columns, rows, brief=BRIEF, page=PAGE)


def _chart(report: BacktestReport, words: BacktestWords, found: Capacity) -> str:
    rows = []
    fullest: dict[str, Slot] = {}
    for slot in found.slots():
        if slot.new and slot.new.at_most is not None:
            fullest.setdefault(slot.limit.id, slot)
    for slot in [*fullest.values()][:MOST_DRAWN]:
        label = f"{slot.limit.title[report.language]}, {slot.place}"
        rows.append(_bar(label, "used-before", "used-before-nothing", slot.old, words))
        rows.append(_bar("", "used-after", "used-after-nothing", slot.new, words))
    title, described = words.tell("chart-use"), words.tell("chart-use-words")
    return bars(
        "chart-use",
        title,
        described,
        (say("limits.used", report.language),),
        rows,
        words.tell("line-limit"),
    )


def _bar(label: str, key: str, nothing: str, use: Use | None, words: BacktestWords) -> Bar:
    if use is None or use.at_most is None:
        return Bar(label, (0,), words.tell(nothing), Fraction(100))
    used, most = (plain_amount(value, words) for value in (taken(use), use.at_most))
    return Bar(
        label, (used_share(use) * 100,), words.tell(key, used=used, most=most), Fraction(100)
    )


def plain_amount(value: Decimal, words: BacktestWords) -> str:
    """An amount as a reader writes it."""
    return number(int(value) if value == int(value) else value, words.report.language)
