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
TOGETHER = {"jointly": "how-jointly", "either": "how-either"}


def document(words: BacktestWords) -> Document:
    """The report in words."""
    report = words.report
    rejected = len(report.cases.rejected)
    handling = Handling.of(report.tally.classifications, rejected, report.words)
    return Document(
        language=report.language,
        title=words.tell("title"),
        marking=handling.marking(report.cases.read, report.language),
        notice=report.candidate.notice[report.language],
        lead=tuple(_lead(words)),
        parts=tuple(_parts(words)),
    )


def _lead(words: BacktestWords) -> Iterator[str]:
    report, tally = words.report, words.report.tally
    flips, total = len(tally.flips), tally.eligible
    counts = {"flips": flips, "total": total, "gained": gained(tally), "lost": lost(tally)}
    yield words.tell("lead", share=words.rate(flips, total), **counts)
    if report.gates:
        yield words.tell("lead-gates", gates=len(report.gates), breached=len(report.breached))


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
        text = words.tell("promoted", count=len(promoted.cases), file=promoted.path)
        yield Part("promoted", words.tell("part-promoted"), [text])


def _compared(words: BacktestWords) -> Part:
    report, cases = words.report, words.report.cases
    old, new = (
        words.tell("policy", version=policy.version, rules=len(policy.rules))
        for policy in (report.baseline, report.candidate)
    )
    skipped = [
        words.tell("skipped", count=count, reason=report.skip_reason(name))
        for name, count in report.skipped.items()
    ]
    day = report.as_of.isoformat() if report.as_of else words.tell("as-of-received")
    rows: list[Sequence[Cell]] = [
        (words.tell("item-baseline"), old),
        (words.tell("item-candidate"), new),
        (words.tell("item-as-of"), day),
        (words.tell("item-files"), ", ".join(source.path for source in cases.sources)),
        (words.tell("item-digest"), cases.digest),
        (words.tell("item-engine"), report.engine),
        (words.tell("item-read"), cases.read),
        (words.tell("item-eligible"), report.tally.eligible),
        (words.tell("item-skipped"), "\n".join(skipped) or 0),
    ]
    columns = [words.column("item", 40), words.column("content", 70)]
    title = words.tell("part-compared")
    return Part("compared", title, tables=[Table(title, title, columns, rows)])


def _edits(words: BacktestWords) -> Part:
    report, title = words.report, words.tell("part-edits")
    if not report.edits:
        return Part("edits", title, [words.tell("no-edits")])
    alone = {edits[0]: count for edits, how, count in report.causes if how == "alone"}
    rows: list[Sequence[Cell]] = []
    lines = []
    for edit in report.edits:
        number, texts = report.edit_numbers[edit.id], edit.words(report.language)
        flips: Cell = alone.get(edit.id, 0) if edit.affects_results else words.tell("text-only")
        rows.append((number, "\n".join(texts), flips, edit.id))
        told = words.tell("edit-flips", count=flips) if edit.affects_results else flips
        lines.append(f"{number}  {texts[0]} ({told})")
    columns = [
        words.column("number", 7),
        words.column("change", 90),
        words.column("flips-alone", 12, number=True),
        words.column("edit", 40),
    ]
    tables = [Table(words.tell("caption-edits"), title, columns, rows, brief=0), *_jointly(words)]
    return Part("edits", title, [words.tell("about-edits")], tables=tables, lines=lines)


def _jointly(words: BacktestWords) -> Iterator[Table]:
    """The flips that are due to several edits, if there are any."""
    report = words.report
    rows = [
        (joined([report.edit_numbers[id] for id in edits], how), words.tell(TOGETHER[how]), count)
        for edits, how, count in report.causes
        if how != "alone"
    ]
    columns = [
        words.column("edits-together", 30),
        words.column("how", 30),
        words.column("flips", 12, number=True),
    ]
    if rows:
        caption, sheet = words.tell("caption-interactions"), words.tell("sheet-interactions")
        yield Table(caption, sheet, columns, rows)


def _matrix(words: BacktestWords) -> Part:
    tally, title = words.report.tally, words.tell("part-matrix")
    rows: list[Sequence[Cell]] = []
    for old in reversed(RANKED):
        counts = [tally.moves[old.rank, new.rank] for new in reversed(RANKED)]
        rows.append((words.proposed(old.rank), *counts, sum(counts)))
    totals = [sum(tally.moves[old.rank, new.rank] for old in RANKED) for new in reversed(RANKED)]
    rows.append((words.tell("total"), *totals, sum(totals)))
    columns = [
        words.column("baseline", NAME),
        words.column("to-accept", 16, number=True),
        words.column("to-defer", 16, number=True),
        words.column("to-decline", 16, number=True),
        words.column("total", 10, number=True),
    ]
    same = tally.eligible - len(tally.flips)
    text = words.tell("unchanged", same=same, total=tally.eligible)
    tables = [Table(words.tell("caption-matrix"), title, columns, rows)]
    return Part("matrix", title, [text], tables=tables, charts=[lambda: matrix_chart(words)])


def _flips(words: BacktestWords) -> Part:
    title, flips = words.tell("part-flips"), words.report.tally.flips
    if not flips:
        return Part("flips", title, [words.tell("no-flips")])
    columns = [
        *words.case_columns(),
        words.column("score-change", 10, number=True, whole=True),
        words.column("people", 30),
        words.column("due-to", 14, whole=True),
        words.column("rules-gained", 40, only=ROOMY),
        words.column("rules-lost", 40, only=ROOMY),
    ]
    rows = [_flip(words, flip) for flip in flips]
    table = Table(words.tell("caption-flips"), title, columns, rows, brief=BRIEF)
    return Part("flips", title, [words.tell("about-flips")], tables=[table])


def _flip(words: BacktestWords, flip: Flip) -> tuple[Cell, ...]:
    return (
        flip.request.id,
        words.proposed(flip.old),
        words.proposed(flip.new),
        f"{flip.old_score} → {flip.new_score}",
        words.determined(flip),
        words.report.due_to(flip, short=True),
        "; ".join(flip.gained),
        "; ".join(flip.lost),
    )


def _rules(words: BacktestWords) -> Part:
    report, title = words.report, words.tell("part-rules")
    changed = [_rule(words, rule) for rule in report.rules if rule.changed]
    never = [rule.id for rule in report.rules if rule.never_matched]
    columns = [
        words.column("rule", 36),
        words.column("rule-title", 40, only=ROOMY),
        *words.columns("matched-old", "matched-new"),
        *words.columns("rate-old", "rate-new", only=ROOMY),
        *words.columns("decisive-old", "decisive-new"),
    ]
    caption, sheet = words.tell("caption-rules"), words.tell("sheet-rules-changed")
    tables = [Table(caption, sheet, columns, changed, brief=BRIEF)]
    rows = [_rule(words, rule) for rule in report.rules]
    tables.append(Table(words.tell("caption-all-rules"), title, columns, rows, brief=0, page=0))
    rows = [(id, report.rule_title(id)) for id in never]
    caption, sheet = words.tell("caption-never"), words.tell("sheet-never")
    tables.append(Table(caption, sheet, columns[:2], rows, brief=0, page=0))
    tables.append(_together(words))
    texts = [words.tell("about-rules")]
    if not changed:
        texts.append(words.tell("no-rules-changed"))
    texts.append(words.tell("never-matched", count=len(never), total=len(report.candidate.rules)))
    notes = [words.tell("never-ids", ids="; ".join(never))] if never else []
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
    columns = [words.column("rules-together", 90), words.column("cases", 10, number=True)]
    rows = [("; ".join(ids), report.matched(ids[0])) for ids in sorted(groups)]
    caption, sheet = words.tell("caption-together"), words.tell("sheet-together")
    return Table(caption, sheet, columns, rows, brief=10)


def _scores(words: BacktestWords) -> Part:
    report, title = words.report, words.tell("part-scores")
    columns = [words.column("score", 14), *words.columns("baseline", "candidate")]
    rows = [(f"{one.low}–{one.high}", one.old, one.new) for one in report.bins]
    texts = []
    baseline, candidate = report.tally.baseline, report.tally.candidate
    for key, policy in (("thresholds-old", baseline), ("thresholds-new", candidate)):
        thresholds = [
            words.tell("thresholds", accept=accept, defer=defer, count=count)
            for (accept, defer), count in sorted(policy.thresholds.items())
        ]
        if thresholds:
            texts.append(words.tell(key, thresholds=listed(thresholds, report.language)))
    tables = [Table(words.tell("caption-scores"), title, columns, rows, brief=0, look="figures")]
    return Part("scores", title, texts, tables=tables, charts=[lambda: score_chart(words)])


def _near(words: BacktestWords) -> Part:
    tally = words.report.tally
    points, old, new = tally.near_points, tally.baseline.near, tally.candidate.near
    figures = words.columns("score", "threshold-accept", "threshold-defer", "gap")
    rows = [
        (
            case.id,
            words.proposed(case.old),
            words.proposed(case.new),
            case.score,
            case.accept,
            case.defer,
            case.gap,
        )
        for case in tally.near
    ]
    caption = words.tell("caption-near", shown=len(rows), count=new)
    columns, sheet = [*words.case_columns(), *figures], words.tell("sheet-near")
    tables = [Table(caption, sheet, columns, rows, brief=10, page=PAGE)]
    text = words.tell("about-near", points=points, old=old, new=new)
    return Part("near", words.tell("part-near", points=points), [text], tables=tables)


def _hanging(words: BacktestWords) -> Part:
    report, tally = words.report, words.report.tally
    old, new = tally.baseline.hanging, tally.candidate.hanging
    columns = words.case_columns()
    columns += [words.column("score", 10, number=True), words.column("unknown", 80)]
    rows = [
        (
            case.id,
            words.proposed(case.old),
            words.proposed(case.new),
            case.score,
            "; ".join(report.words.fact(name) for name in report.facts.get(case.id, ())),
        )
        for case in tally.hanging
    ]
    caption = words.tell("caption-hanging", shown=len(rows), count=new, most=SHOWN)
    tables = [Table(caption, words.tell("sheet-hanging"), columns, rows, brief=10, page=PAGE)]
    text = words.tell("about-hanging", old=old, new=new, total=tally.eligible)
    return Part("hanging", words.tell("part-hanging"), [text], tables=tables)


def _gates(words: BacktestWords) -> Part:
    title = words.tell("part-gates")
    columns = [
        words.column("gate", 20),
        words.column("limit", 24),
        words.column("found", 24),
        words.column("result", 14),
    ]
    results = {True: words.tell("gate-breached"), False: words.tell("gate-kept")}
    rows = [
        (gate.name, gate.limit, gate.found, results[gate.breached]) for gate in words.report.gates
    ]
    return Part("gates", title, tables=[Table(title, title, columns, rows)])
