"""Two policies make a list of edits, in words; edits and settings make another policy.

Stands on: errors, messages, formats, model, deciding, rulebook, review.

Face:

    candidate: load_candidate
    edits: Edit, edits_between, with_edits
    settings: FORM, Setting, find_target, read_setting, reversed_pair, with_settings
    trial: try_policy
"""
