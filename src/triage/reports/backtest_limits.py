"""The part of a backtest's report on limits: use by period before and after, and who waits."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from triage.backtest.capacity import Capacity, Slot, taken, used_share
from triage.backtest.policy_tally import MOST_ACCEPTED
from triage.limits.outcome import Use
from triage.messages import say
from triage.reports.backtest_words import BacktestWords
from triage.reports.charts import Bar, Caption, bars
from triage.reports.document import ROOMY, Cell, Part, Table

BRIEF, PAGE = 10, 40
MOST_DRAWN = 8
"""Limits in the chart: of each its fullest period, with a bar before and a bar after."""
MOVED = {
    "displaced": "backtest.moved-displaced",
    "no_room": "backtest.moved-no-room",
    "fits_now": "backtest.moved-fits-now",
}


def limits_part(words: BacktestWords) -> Part:
    """Use by period under both policies, and the cases that wait under one of them only."""
    title, tally, capacity = (
        words.tell("backtest.part-limits"),
        words.report.tally,
        words.report.capacity,
    )
    if capacity is None:
        crowded = tally.baseline.crowded or tally.candidate.crowded
        why = "backtest.limits-crowded" if crowded else "backtest.no-limits"
        return Part("limits", title, [words.tell(why, most=MOST_ACCEPTED)])
    old, new = (len(one.allocation.deferred) for one in (capacity.old, capacity.new))
    texts = [words.tell("backtest.about-limits"), words.tell("backtest.waiting", old=old, new=new)]
    tables = [_uses(words, capacity), _moved(words, capacity)]
    return Part("limits", title, texts, tables=tables, charts=[lambda: _chart(words, capacity)])


def _uses(words: BacktestWords, capacity: Capacity) -> Table:
    columns = [
        words.column("backtest.column-limit-name", 40),
        words.column("backtest.column-period", 34),
        *words.columns("backtest.column-most-old", only=ROOMY),
        *words.columns(
            "backtest.column-most-new", "backtest.column-used-old", "backtest.column-used-new"
        ),
        *words.columns("backtest.column-waiting-old", "backtest.column-waiting-new", only=ROOMY),
    ]
    rows: list[Sequence[Cell]] = []
    for slot in capacity.slots():
        uses = (slot.old, slot.new)
        if any(use is not None and use.at_most is not None for use in uses):
            rows.append(
                (
                    slot.limit.title[words.report.language],
                    slot.place,
                    *(_amount(use.at_most if use else None, words) for use in uses),
                    *(_amount(taken(use) if use else None, words) for use in uses),
                    *(use.deferred if use else 0 for use in uses),
                )
            )
    caption, sheet = words.tell("backtest.caption-use"), words.tell("backtest.part-limits")
    return Table(caption, sheet, columns, rows, brief=BRIEF, page=PAGE)


def _amount(value: Decimal | None, words: BacktestWords) -> Cell:
    if value is None:
        return ""
    return int(value) if value == int(value) else words.amount(value)


def _moved(words: BacktestWords, capacity: Capacity) -> Table:
    columns = [
        words.column("backtest.column-case", 16, whole=True),
        words.column("backtest.column-moved", 50),
        words.column("backtest.column-limits", 60),
    ]
    rows = [
        (one.id, words.tell(MOVED[one.change]), "; ".join(one.limits)) for one in capacity.moved
    ]
    caption, sheet = words.tell("backtest.caption-moved"), words.tell("backtest.sheet-moved")
    return Table(caption, sheet, columns, rows, brief=BRIEF, page=PAGE)


def _chart(words: BacktestWords, capacity: Capacity) -> str:
    language = words.report.language
    fullest: dict[str, Slot] = {}
    for slot in capacity.slots():
        if slot.new and slot.new.at_most is not None:
            fullest.setdefault(slot.limit.id, slot)
    rows = [bar for slot in [*fullest.values()][:MOST_DRAWN] for bar in _bars(slot, words)]
    caption = Caption(
        "chart-use", words.tell("backtest.chart-use"), words.tell("backtest.chart-use-words")
    )
    return bars(caption, [say("limits.used", language)], rows, words.tell("backtest.line-limit"))


def _bars(slot: Slot, words: BacktestWords) -> Iterator[Bar]:
    """A bar before and a bar after, in hundredths of the limit."""
    label = f"{slot.limit.title[words.report.language]}, {slot.place}"
    yield _bar(label, slot.old, "backtest.used-before", "backtest.used-before-nothing", words)
    yield _bar("", slot.new, "backtest.used-after", "backtest.used-after-nothing", words)


def _bar(label: str, use: Use | None, key: str, nothing: str, words: BacktestWords) -> Bar:
    if use is None or use.at_most is None:
        return Bar(label, (0,), words.tell(nothing), Fraction(100))
    told = words.tell(key, used=words.amount(taken(use)), most=words.amount(use.at_most))
    return Bar(label, (used_share(use) * 100,), told, Fraction(100))
