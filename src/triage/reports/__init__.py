"""What is given out, as text, Markdown, HTML, CSV and XLSX.

Stands on: errors, messages, formats, model, deciding, rulebook, intake, limits, review, advice,
policy_diff, backtest, sweep.

Face:

    backtest: render
    changes: FEW, FEW_IN_BRIEF, parts
    comparing: as_text, document, replayed
    deferred: deferred_entry, deferred_json, deferred_key, deferred_record
    drafts: compared
    duplicates: DuplicateReport
    entries: entry
    limits: limits_on_terminal
    markdown: render
    pages: render
    policy_texts: checked, find_rule, rules, tested, vocabulary
    rendering: MEDIA_TYPES, REPORTS, REPORT_FORMATS, brief, keeper, render
    screening: ScreeningReport
    sweep: SweepReport, render
    terminal: RankedLine, deferred, line, table, totals
    text: plainly
    worksheet: document
"""
