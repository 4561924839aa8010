"""A changed policy on historical cases: what changes, which edit did it, whether to adopt it.

Stands on: errors, messages, formats, model, deciding, intake, limits, columnar, policy_diff.

Face:

    agreement: Agreement
    attribution: Attribution, attribute
    capacity: Capacity, Slot, capacity, taken, used_share
    cases: CaseSet, engine_name
    evaluation: ranks
    figures: RuleFigures, gained, lost
    gates: Gates, read_gates
    policy_tally: MOST_ACCEPTED, PolicyTally
    promote: chosen, promote
    replay: Cause, Difference, Record, Replayer, SET_APART, UnreadableRecord, read_records
    report: BacktestReport, Promoted, joined
    report_json: report_json
    segments: DIMENSIONS, SMALL
    statistics: Estimate
    tally: Flip, SHOWN, Shown, Tally, rank_word
"""
