"""The files of `rules/` make a policy; whatever is wrong in them is told with its place.

Stands on: errors, messages, formats, model, deciding.

Face:

    diagnostics: Diagnostic, Diagnostics
    load: Content, build_policy, default_rules, load_policy, read_file, read_files, read_policy,
        usable
    read_changes: KEYS, MOST_AT_ONCE, VERBS
    read_conditions: KnownNames
    read_effects: CEILINGS, EFFECT_KEYS, FLOORS
    read_indicators: INDICATOR_KEYS
    read_limits: CAP_KEYS, LIMIT_KEYS, LIMIT_MORE, MOST_DAYS, SUSPENSION_KEYS, SUSPENSION_MORE
    read_rules: ROW_KEYS, RULE_KEYS, TABLE_KEYS, row_slug
    read_vocabulary: FILE_KEYS, POLICY_KEYS, SOURCE_KEYS, STATEMENT_KEYS
    reader: Reader, fraction, shown
"""
