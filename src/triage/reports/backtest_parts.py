"""A backtest as a document, from what was compared to the cases that a person should look at."""

from collections.abc import Iterator, Sequence

from triage.backtest.figures import RuleFigures, gained, lost
from triage.backtest.report import joined
from triage.backtest.tally import SHOWN, Flip
from triage.messages import listed
from triage.model.policy import RANKED
from triage.reports.backtest_charts import matrix_chart, score_chart
from triage.reports.backtest_limits import limits_part
from triage.reports.backtest_outcomes import agreement_part, segments_part
from triage.reports.backtest_words import NAME, BacktestWords
from triage.reports.document import ROOMY, Cell, Document, Part, Table
from triage.reports.marking import Handling

BRIEF = 20
"""Rows of a long table that a terminal shows."""
PAGE = 50
"""Cases of a list that a page shows; the workbook and JSON have up to `SHOWN` of them."""
TOGETHER = {"jointly": "backtest.how-jointly", "either": "backtest.how-either"}


def document(words: BacktestWords) -> Document:
    """The report in words."""
    report = words.report
    rejected = len(report.cases.rejected)
    handling = Handling.of(report.tally.classifications, rejected, report.words)
    return Document(
        language=report.language,
        title=words.tell("backtest.title"),
        marking=handling.marking(report.cases.read, report.language),
        notice=report.candidate.notice[report.language],
        lead=tuple(_lead(words)),
        parts=tuple(_parts(words)),
    )


def _lead(words: BacktestWords) -> Iterator[str]:
    report, tally = words.report, words.report.tally
    flips, total = len(tally.flips), tally.eligible
    counts = {"flips": flips, "total": total, "gained": gained(tally), "lost": lost(tally)}
    yield words.tell("backtest.lead", share=words.rate(flips, total), **counts)
    if report.gates:
        yield words.tell(
            "backtest.lead-gates", gates=len(report.gates), breached=len(report.breached)
        )


def _parts(words: BacktestWords) -> Iterator[Part]:
    yield _compared(words)
    yield _edits(words)
    yield _matrix(words)
    yield _flips(words)
    yield _rules(words)
    yield _scores(words)
    yield segments_part(words)
    yield agreement_part(words)
    yield limits_part(words)
    yield _near(words)
    yield _hanging(words)
    if words.report.gates:
        yield _gates(words)
    if (promoted := words.report.promoted) is not None:
        text = words.tell("backtest.promoted", count=len(promoted.cases), file=promoted.path)
        yield Part("promoted", words.tell("backtest.part-promoted"), [text])


def _compared(words: BacktestWords) -> Part:
    report, cases = words.report, words.report.cases
    old, new = (
        words.tell("backtest.policy", version=policy.version, rules=len(policy.rules))
        for policy in (report.baseline, report.candidate)
    )
    skipped = [
        words.tell("backtest.skipped", count=count, reason=report.skip_reason(name))
        for name, count in report.skipped.items()
    ]
    day = report.as_of.isoformat() if report.as_of else words.tell("backtest.as-of-received")
    rows: list[Sequence[Cell]] = [
        (words.tell("backtest.item-baseline"), old),
        (words.tell("backtest.item-candidate"), new),
        (words.tell("backtest.item-as-of"), day),
        (words.tell("backtest.item-files"), ", ".join(source.path for source in cases.sources)),
        (words.tell("backtest.item-digest"), cases.digest),
        (words.tell("backtest.item-engine"), report.engine),
        (words.tell("backtest.item-read"), cases.read),
        (words.tell("backtest.item-eligible"), report.tally.eligible),
        (words.tell("backtest.item-skipped"), "\n".join(skipped) or 0),
    ]
    columns = [
        words.column("backtest.column-item", 40),
        words.column("backtest.column-content", 70),
    ]
    title = words.tell("backtest.part-compared")
    return Part("compared", title, tables=[Table(title, title, columns, rows)])


def _edits(words: BacktestWords) -> Part:
    report, title = words.report, words.tell("backtest.part-edits")
    if not report.edits:
        return Part("edits", title, [words.tell("backtest.no-edits")])
    alone = {edits[0]: count for edits, how, count in report.causes if how == "alone"}
    rows: list[Sequence[Cell]] = []
    lines = []
    for edit in report.edits:
        number, texts = report.edit_numbers[edit.id], edit.words(report.language)
        flips: Cell = (
            alone.get(edit.id, 0) if edit.affects_results else words.tell("backtest.text-only")
        )
        rows.append((number, "\n".join(texts), flips, edit.id))
        told = words.tell("backtest.edit-flips", count=flips) if edit.affects_results else flips
        lines.append((f"{number}  ", f"{texts[0]} ({told})"))
    columns = [
        words.column("backtest.column-number", 7),
        words.column("backtest.column-change", 90),
        words.column("backtest.column-flips-alone", 12, number=True),
        words.column("backtest.column-edit", 40),
    ]
    tables = [
        Table(words.tell("backtest.caption-edits"), title, columns, rows, brief=0),
        *_jointly(words),
    ]
    return Part("edits", title, [words.tell("backtest.about-edits")], tables=tables, lines=lines)


def _jointly(words: BacktestWords) -> Iterator[Table]:
    """The flips that are due to several edits, if there are any."""
    report = words.report
    rows = [
        (joined([report.edit_numbers[id] for id in edits], how), words.tell(TOGETHER[how]), count)
        for edits, how, count in report.causes
        if how != "alone"
    ]
    columns = [
        words.column("backtest.column-edits-together", 30),
        words.column("backtest.column-how", 30),
        words.column("backtest.column-flips", 12, number=True),
    ]
    if rows:
        caption, sheet = (
            words.tell("backtest.caption-interactions"),
            words.tell("backtest.sheet-interactions"),
        )
        yield Table(caption, sheet, columns, rows)


def _matrix(words: BacktestWords) -> Part:
    tally, title = words.report.tally, words.tell("backtest.part-matrix")
    rows: list[Sequence[Cell]] = []
    for old in reversed(RANKED):
        counts = [tally.moves[old.rank, new.rank] for new in reversed(RANKED)]
        rows.append((words.proposed(old.rank), *counts, sum(counts)))
    totals = [sum(tally.moves[old.rank, new.rank] for old in RANKED) for new in reversed(RANKED)]
    rows.append((words.tell("backtest.total"), *totals, sum(totals)))
    columns = [
        words.column("backtest.column-baseline", NAME),
        words.column("backtest.column-to-accept", 16, number=True),
        words.column("backtest.column-to-defer", 16, number=True),
        words.column("backtest.column-to-decline", 16, number=True),
        words.column("backtest.column-total", 10, number=True),
    ]
    same = tally.eligible - len(tally.flips)
    text = words.tell("backtest.unchanged", same=same, total=tally.eligible)
    tables = [Table(words.tell("backtest.caption-matrix"), title, columns, rows)]
    return Part("matrix", title, [text], tables=tables, charts=[lambda: matrix_chart(words)])


def _flips(words: BacktestWords) -> Part:
    title, flips = words.tell("backtest.part-flips"), words.report.tally.flips
    if not flips:
        return Part("flips", title, [words.tell("backtest.no-flips")])
    columns = [
        *words.case_columns(),
        words.column("backtest.column-score-change", 10, number=True, whole=True),
        words.column("backtest.column-people", 30),
        words.column("backtest.column-due-to", 14, whole=True),
        words.column("backtest.column-rules-gained", 40, only=ROOMY),
        words.column("backtest.column-rules-lost", 40, only=ROOMY),
    ]
    rows = [_flip(words, flip) for flip in flips]
    table = Table(words.tell("backtest.caption-flips"), title, columns, rows, brief=BRIEF)
    return Part("flips", title, [words.tell("backtest.about-flips")], tables=[table])


def _flip(words: BacktestWords, flip: Flip) -> tuple[Cell, ...]:
    return (
        *words.case_cells(flip),
        f"{flip.old_score} → {flip.new_score}",
        words.determined(flip),
        words.report.due_to(flip, short=True),
        "; ".join(flip.gained),
        "; ".join(flip.lost),
    )


def _rules(words: BacktestWords) -> Part:
    report, title = words.report, words.tell("backtest.part-rules")
    changed = [_rule(words, rule) for rule in report.rules if rule.changed]
    never = [rule.id for rule in report.rules if rule.never_matched]
    columns = [
        words.column("backtest.column-rule", 36),
        words.column("backtest.column-rule-title", 40, only=ROOMY),
        *words.columns("backtest.column-matched-old", "backtest.column-matched-new"),
        *words.columns("backtest.column-rate-old", "backtest.column-rate-new", only=ROOMY),
        *words.columns("backtest.column-decisive-old", "backtest.column-decisive-new"),
    ]
    caption, sheet = (
        words.tell("backtest.caption-rules"),
        words.tell("backtest.sheet-rules-changed"),
    )
    tables = [Table(caption, sheet, columns, changed, brief=BRIEF)]
    rows = [_rule(words, rule) for rule in report.rules]
    tables.append(
        Table(words.tell("backtest.caption-all-rules"), title, columns, rows, brief=0, page=0)
    )
    rows = [(id, report.rule_title(id)) for id in never]
    caption, sheet = words.tell("backtest.caption-never"), words.tell("backtest.sheet-never")
    tables.append(Table(caption, sheet, columns[:2], rows, brief=0, page=0))
    tables.append(_together(words))
    texts = [words.tell("backtest.about-rules")]
    if not changed:
        texts.append(words.tell("backtest.no-rules-changed"))
    texts.append(
        words.tell("backtest.never-matched", count=len(never), total=len(report.candidate.rules))
    )
    notes = [words.tell("backtest.never-ids", ids="; ".join(never))] if never else []
    return Part("rules", title, texts, tables=tables, notes=notes)


def _rule(words: BacktestWords, rule: RuleFigures) -> tuple[Cell, ...]:
    total = words.report.tally.eligible
    return (
        rule.id,
        words.report.rule_title(rule.id),
        "–" if rule.old_matched is None else rule.old_matched,
        "–" if rule.new_matched is None else rule.new_matched,
        words.rate(rule.old_matched, total),
        words.rate(rule.new_matched, total),
        "–" if rule.old_decisive is None else rule.old_decisive,
        "–" if rule.new_decisive is None else rule.new_decisive,
    )


def _together(words: BacktestWords) -> Table:
    """The groups of rules that matched exactly the same cases."""
    report = words.report
    groups = {tuple(sorted((rule.id, *rule.together))) for rule in report.rules if rule.together}
    columns = [
        words.column("backtest.column-rules-together", 90),
        words.column("backtest.column-cases", 10, number=True),
    ]
    rows = [("; ".join(ids), report.matched(ids[0])) for ids in sorted(groups)]
    caption, sheet = words.tell("backtest.caption-together"), words.tell("backtest.sheet-together")
    return Table(caption, sheet, columns, rows, brief=10)


def _scores(words: BacktestWords) -> Part:
    report, title = words.report, words.tell("backtest.part-scores")
    columns = [
        words.column("backtest.column-score", 14),
        *words.columns("backtest.column-baseline", "backtest.column-candidate"),
    ]
    rows = [(f"{one.low}–{one.high}", one.old, one.new) for one in report.bins]
    texts = []
    baseline, candidate = report.tally.baseline, report.tally.candidate
    for key, policy in (
        ("backtest.thresholds-old", baseline),
        ("backtest.thresholds-new", candidate),
    ):
        thresholds = [
            words.tell("backtest.thresholds", accept=accept, defer=defer, count=count)
            for (accept, defer), count in sorted(policy.thresholds.items())
        ]
        if thresholds:
            texts.append(words.tell(key, thresholds=listed(thresholds, report.language)))
    tables = [
        Table(words.tell("backtest.caption-scores"), title, columns, rows, brief=0, look="figures")
    ]
    return Part("scores", title, texts, tables=tables, charts=[lambda: score_chart(words)])


def _near(words: BacktestWords) -> Part:
    tally = words.report.tally
    points, old, new = tally.near_points, tally.baseline.near, tally.candidate.near
    figures = words.columns(
        "backtest.column-score",
        "backtest.column-threshold-accept",
        "backtest.column-threshold-defer",
        "backtest.column-gap",
    )
    rows = [
        (*words.case_cells(case), case.score, case.accept, case.defer, case.gap)
        for case in tally.near
    ]
    caption = words.tell("backtest.caption-near", shown=len(rows), count=new)
    columns, sheet = [*words.case_columns(), *figures], words.tell("backtest.sheet-near")
    tables = [Table(caption, sheet, columns, rows, brief=10, page=PAGE)]
    text = words.tell("backtest.about-near", points=points, old=old, new=new)
    return Part("near", words.tell("backtest.part-near", points=points), [text], tables=tables)


def _hanging(words: BacktestWords) -> Part:
    report, tally = words.report, words.report.tally
    old, new = tally.baseline.hanging, tally.candidate.hanging
    columns = words.case_columns()
    columns += [
        words.column("backtest.column-score", 10, number=True),
        words.column("backtest.column-unknown", 80),
    ]
    rows = []
    for case in tally.hanging:
        unknown = "; ".join(map(report.words.fact, report.facts.get(case.id, ())))
        rows.append((*words.case_cells(case), case.score, unknown))
    caption = words.tell("backtest.caption-hanging", shown=len(rows), count=new, most=SHOWN)
    tables = [
        Table(caption, words.tell("backtest.sheet-hanging"), columns, rows, brief=10, page=PAGE)
    ]
    text = words.tell("backtest.about-hanging", old=old, new=new, total=tally.eligible)
    return Part("hanging", words.tell("backtest.part-hanging"), [text], tables=tables)


def _gates(words: BacktestWords) -> Part:
    title = words.tell("backtest.part-gates")
    columns = [
        words.column("backtest.column-gate", 20),
        words.column("backtest.column-limit", 24),
        words.column("backtest.column-found", 24),
        words.column("backtest.column-result", 14),
    ]
    results = {True: words.tell("backtest.gate-breached"), False: words.tell("backtest.gate-kept")}
    rows = [
        (gate.name, gate.limit, gate.found, results[gate.breached]) for gate in words.report.gates
    ]
    return Part("gates", title, tables=[Table(title, title, columns, rows)])
