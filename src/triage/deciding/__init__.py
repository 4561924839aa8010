"""A policy and a request make a decision: match the rules, sum the points, recommend, explain.

Stands on: errors, messages, model.

Face:

    calendar: Plan, Snapshot, Snapshots, take_snapshot, turning_days
    decide: Decider
    decision: Decision
    durable: ReferenceMatcher, active_engine
    layers: CycleError, layer_rules
    match: Matches
    possible: HIGHEST, LOWEST, outcome, recommend
    rank: RankKey, rank_key
    settled: ActiveRule, Settler, Tests, all_hold, terms
    wording: Wording, alphabetical, number
"""
