"""A backtest as a document: its parts in words, from what was compared to the cases that a
person should look at.
"""

from collections.abc import Iterator, Sequence

from triage.backtest.figures import RuleFigures, gained, lost
from triage.backtest.report import BacktestReport, joined
from triage.backtest.tally import SHOWN, Flip
from triage.messages import listed, say
from triage.model.policy import RANKED
from triage.reports.backtest_charts import matrix_chart, score_chart
from triage.reports.backtest_limits import limits_part
from triage.reports.backtest_outcomes import agreement_part, segments_part
from triage.reports.backtest_words import NAME, BacktestWords
from triage.reports.document import Cell, Document, Part, Table
from triage.reports.rows import Handling, marking

BRIEF = 20
"""Rows of a long table that a terminal shows."""
PAGE = 50
"""Cases of a list that a page shows; the workbook and JSON have up to `SHOWN` of them."""


def document(report: BacktestReport) -> Document:
    """The report in words."""
    words = BacktestWords(report)
    return Document(
        language=report.language,
        title=words.tell("title"),
        marking=_marking(report),
        notice=report.candidate.notice[report.language],
        lead=tuple(_lead(report, words)),
        parts=tuple(_parts(report, words)),
    )


def _marking(report: BacktestReport) -> str:
    rejected = len(report.cases.rejected)
    handling = Handling.of(report.tally.classifications, rejected, report.words)
    if not handling.label or not handling.unlabelled:
        return marking(handling.label, report.language)
    values = {"label": handling.label, "unlabelled": handling.unlabelled, "read": report.cases.read}
    return say("report.marking-partly", report.language, **values)


def _lead(report: BacktestReport, words: BacktestWords) -> Iterator[str]:
    tally = report.tally
    flips, total = len(tally.flips), tally.eligible
    share = words.rate(flips, total)
    yield words.tell(
        "lead", flips=flips, total=total, share=share, gained=gained(tally), lost=lost(tally)
    )
    if report.gates:
        broken = len(report.breached)
        yield words.tell("lead-gates", gates=len(report.gates), breached=broken)


def _parts(report: BacktestReport, words: BacktestWords) -> Iterator[Part]:
    yield _compared(report, words)
    yield _edits(report, words)
    yield _matrix(report, words)
    yield _flips(report, words)
    yield _rules(report, words)
    yield _scores(report, words)
    yield segments_part(report, words)
    yield agreement_part(report, words)
    yield limits_part(report, words)
    yield _near(report, words)
    yield _hanging(report, words)
    if report.gates:
        yield _gates(report, words)
    if report.promoted is not None:
        text = words.tell("promoted", count=len(report.promoted.cases), file=report.promoted.path)
        yield Part("promoted", words.tell("part-promoted"), [text])


def _compared(report: BacktestReport, words: BacktestWords) -> Part:
    cases, tally = report.cases, report.tally
    rows: list[Sequence[Cell]] = [
        (
            words.tell("item-baseline"),
            words.tell("policy", version=report.baseline.version, rules=len(report.baseline.rules)),
        ),
        (
            words.tell("item-candidate"),
            words.tell(
                "policy", version=report.candidate.version, rules=len(report.candidate.rules)
            ),
        ),
        (
            words.tell("item-as-of"),
            report.as_of.isoformat() if report.as_of else words.tell("as-of-received"),
        ),
        (words.tell("item-files"), ", ".join(one.path for one in cases.sources)),
        (words.tell("item-digest"), cases.digest),
        (words.tell("item-engine"), report.engine),
        (words.tell("item-read"), cases.read),
        (words.tell("item-eligible"), tally.eligible),
    ]
    skipped = [
        words.tell("skipped", count=count, reason=report.skip_reason(name))
        for name, count in report.skipped.items()
    ]
    rows.append((words.tell("item-skipped"), "\n".join(skipped) or 0))
    columns = [words.column("item", 40), words.column("content", 70)]
    title = words.tell("part-compared")
    return Part("compared", title, tables=[Table(title, title, columns, rows)])


def _edits(report: BacktestReport, words: BacktestWords) -> Part:
    title = words.tell("part-edits")
    if not report.edits:
        return Part("edits", title, [words.tell("no-edits")])
    alone = {edits[0]: count for edits, how, count in report.causes if how == "alone"}
    rows: list[Sequence[Cell]] = []
    lines = []
    for edit in report.edits:
        number, change = report.edit_numbers[edit.id], "\n".join(edit.words(report.language))
        count: Cell = alone.get(edit.id, 0) if edit.affects_results else words.tell("text-only")
        rows.append((number, change, count, edit.id))
        told = words.tell("edit-flips", count=count) if edit.affects_results else count
        lines.append(f"{number}  {edit.words(report.language)[0]} ({told})")
    columns = [
        words.column("number", 7),
        words.column("change", 90),
        words.column("flips-alone", 12, number=True),
    ]
    columns.append(words.column("edit", 40))
    tables = [Table(words.tell("caption-edits"), title, columns, rows, brief=0)]
    joint = [
        (joined([report.edit_numbers[id] for id in edits], how), words.tell(f"how-{how}"), count)
        for edits, how, count in report.causes
        if how != "alone"
    ]
    if joint:
        heads = [
            words.column("edits-together", 30),
            words.column("how", 30),
            words.column("flips", 12, number=True),
        ]
        tables.append(
            Table(
                words.tell("caption-interactions"), words.tell("sheet-interactions"), heads, joint
            )
        )
    return Part("edits", title, [words.tell("about-edits")], tables=tables, lines=lines)


def _matrix(report: BacktestReport, words: BacktestWords) -> Part:
    moves = report.tally.moves
    rows: list[Sequence[Cell]] = []
    for old in reversed(RANKED):
        line = [moves[old.rank, new.rank] for new in reversed(RANKED)]
        rows.append((words.proposed(old.rank), *line, sum(line)))
    totals = [sum(moves[old.rank, new.rank] for old in RANKED) for new in reversed(RANKED)]
    rows.append((words.tell("total"), *totals, sum(totals)))
    columns = [words.column("baseline", NAME)]
    columns += [words.column(f"to-{new.value}", 16, number=True) for new in reversed(RANKED)]
    columns.append(words.column("total", 10, number=True))
    title = words.tell("part-matrix")
    same = report.tally.eligible - len(report.tally.flips)
    text = words.tell("unchanged", same=same, total=report.tally.eligible)
    table = Table(words.tell("caption-matrix"), title, columns, rows)
    return Part(
        "matrix", title, [text], tables=[table], charts=[lambda: matrix_chart(report, words)]
    )


def _flips(report: BacktestReport, words: BacktestWords) -> Part:
    title = words.tell("part-flips")
    flips = report.tally.flips
    if not flips:
        return Part("flips", title, [words.tell("no-flips")])
    columns = [
        words.column("case", 16, whole=True),
        words.column("old", 12),
        words.column("new", 12),
        words.column("score-change", 10, number=True, whole=True),
        words.column("people", 30),
        words.column("due-to", 14, whole=True),
        words.column("rules-gained", 40),
        words.column("rules-lost", 40),
    ]
    rows = [_flip(report, words, one) for one in flips]
    table = Table(
        words.tell("caption-flips"), title, columns, rows, brief=BRIEF, narrow=(0, 1, 2, 3, 4, 5)
    )
    return Part("flips", title, [words.tell("about-flips")], tables=[table])


def _flip(report: BacktestReport, words: BacktestWords, flip: Flip) -> tuple[Cell, ...]:
    return (
        flip.request.id,
        words.proposed(flip.old),
        words.proposed(flip.new),
        f"{flip.old_score} → {flip.new_score}",
        people(report, flip),
        report.due_to(flip, short=True),
        "; ".join(flip.gained),
        "; ".join(flip.lost),
    )


def people(report: BacktestReport, flip: Flip) -> str:
    """What people decided on a flip, with their reason."""
    found = flip.determination
    if found is None:
        return say("backtest.not-determined", report.language)
    word = say(f"recommendation.{found.outcome}", report.language)
    return f"{word} ({found.reason})" if found.reason else word


def _rules(report: BacktestReport, words: BacktestWords) -> Part:
    title = words.tell("part-rules")
    changed = [one for one in report.rules if one.changed]
    never = [one.id for one in report.rules if one.never_matched]
    groups = sorted(
        {tuple(sorted((one.id, *one.together))) for one in report.rules if one.together}
    )
    total = report.tally.eligible
    columns = [words.column("rule", 36), words.column("rule-title", 40)]
    columns += words.columns(
        "matched-old", "matched-new", "rate-old", "rate-new", "decisive-old", "decisive-new"
    )
    rows = [_rule(report, words, one, total) for one in report.rules]
    narrow = (0, 2, 3, 6, 7)
    texts = [words.tell("about-rules")]
    if not changed:
        texts.append(words.tell("no-rules-changed"))
    texts.append(words.tell("never-matched", count=len(never), total=len(report.candidate.rules)))
    tables = [
        Table(
            words.tell("caption-rules"),
            words.tell("sheet-rules-changed"),
            columns,
            [_rule(report, words, one, total) for one in changed],
            brief=BRIEF,
            narrow=narrow,
        ),
        Table(words.tell("caption-all-rules"), title, columns, rows, brief=0, page=0),
        Table(
            words.tell("caption-never"),
            words.tell("sheet-never"),
            columns[:2],
            [(id, report.rule_title(id)) for id in never],
            brief=0,
            page=0,
        ),
        Table(
            words.tell("caption-together"),
            words.tell("sheet-together"),
            [words.column("rules-together", 90), words.column("cases", 10, number=True)],
            [("; ".join(one), report.matched(one[0])) for one in groups],
            brief=10,
        ),
    ]
    notes = [words.tell("never-ids", ids="; ".join(never))] if never else []
    return Part("rules", title, texts, tables=tables, notes=notes)


def _rule(
    report: BacktestReport, words: BacktestWords, one: RuleFigures, total: int
) -> tuple[Cell, ...]:
    return (
        one.id,
        report.rule_title(one.id),
        "–" if one.old_matched is None else one.old_matched,
        "–" if one.new_matched is None else one.new_matched,
        words.rate(one.old_matched, total),
        words.rate(one.new_matched, total),
        "–" if one.old_decisive is None else one.old_decisive,
        "–" if one.new_decisive is None else one.new_decisive,
    )


def _scores(report: BacktestReport, words: BacktestWords) -> Part:
    title = words.tell("part-scores")
    columns = [words.column("score", 14), *words.columns("baseline", "candidate")]
    rows = [(f"{one.low}–{one.high}", one.old, one.new) for one in report.bins]
    texts = []
    for key, side in (
        ("thresholds-old", report.tally.baseline),
        ("thresholds-new", report.tally.candidate),
    ):
        found = [
            words.tell("thresholds", accept=accept, defer=defer, count=count)
            for (accept, defer), count in sorted(side.thresholds.items())
        ]
        if found:
            texts.append(words.tell(key, thresholds=listed(found, report.language)))
    table = Table(words.tell("caption-scores"), title, columns, rows, brief=0, small=True)
    return Part("scores", title, texts, tables=[table], charts=[lambda: score_chart(report, words)])


def _near(report: BacktestReport, words: BacktestWords) -> Part:
    tally = report.tally
    title = words.tell("part-near", points=tally.near_points)
    text = words.tell(
        "about-near", points=tally.near_points, old=tally.baseline.near, new=tally.candidate.near
    )
    columns = [
        words.column("case", 16, whole=True),
        words.column("old", 12),
        words.column("new", 12),
    ]
    columns += words.columns("score", "threshold-accept", "threshold-defer", "gap")
    rows = [
        (
            one.id,
            words.proposed(one.old),
            words.proposed(one.new),
            one.score,
            one.accept,
            one.defer,
            one.gap,
        )
        for one in tally.near
    ]
    caption = words.tell("caption-near", shown=len(rows), count=tally.candidate.near)
    tables = [Table(caption, words.tell("sheet-near"), columns, rows, brief=10, page=PAGE)]
    return Part("near", title, [text], tables=tables)


def _hanging(report: BacktestReport, words: BacktestWords) -> Part:
    tally = report.tally
    text = words.tell(
        "about-hanging",
        old=tally.baseline.hanging,
        new=tally.candidate.hanging,
        total=tally.eligible,
    )
    columns = [
        words.column("case", 16, whole=True),
        words.column("old", 12),
        words.column("new", 12),
    ]
    columns += [words.column("score", 10, number=True), words.column("unknown", 80)]
    rows = [
        (
            one.id,
            words.proposed(one.old),
            words.proposed(one.new),
            one.score,
            "; ".join(report.words.fact(name) for name in report.facts.get(one.id, ())),
        )
        for one in tally.hanging
    ]
    caption = words.tell(
        "caption-hanging", shown=len(rows), count=tally.candidate.hanging, most=SHOWN
    )
    tables = [Table(caption, words.tell("sheet-hanging"), columns, rows, brief=10, page=PAGE)]
    return Part("hanging", words.tell("part-hanging"), [text], tables=tables)


def _gates(report: BacktestReport, words: BacktestWords) -> Part:
    title = words.tell("part-gates")
    columns = [
        words.column("gate", 20),
        words.column("limit", 24),
        words.column("found", 24),
        words.column("result", 14),
    ]
    rows = [
        (
            one.name,
            one.limit,
            one.found,
            words.tell("gate-breached" if one.breached else "gate-kept"),
        )
        for one in report.gates
    ]
    return Part("gates", title, tables=[Table(title, title, columns, rows)])
