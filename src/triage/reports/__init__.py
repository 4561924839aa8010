"""What is given out, as text, Markdown, HTML, CSV and XLSX.

Stands on: errors, messages, formats, model, deciding, rulebook, intake, limits, review, advice,
policy_diff, backtest, sweep.

Face:

    backtest: render
    changes: FEW_IN_BRIEF, sections
    comparing: document, edits, replayed
    document_pages: html, markdown
    drafts: compared
    limited: deferred_entry, deferred_json, deferred_key, deferred_record
    rendering: MEDIA_TYPES, REPORTS, REPORT_FORMATS, brief, keeper
    rows: ScreeningReport, entry
    sweep: SweepReport, comma_separated, html, terminal
    terminal: RankedLine, deferred, explain, line, table, totals
    terminal_limits: limits_text
    terminal_policy: checked, find_rule, rules, tested, vocabulary
    worksheet_pages: render
"""
