"""The files of `rules/` make a policy; whatever is wrong in them is told with its place.

Stands on: errors, messages, formats, model, deciding.

Face:

    diagnostics: Diagnostic, Diagnostics, Subject
    load: Content, FILE_KEYS, POLICY_KEYS, build_policy, default_rules, load_policy, read_file,
        read_files, read_policy, usable
    names: phrases_of
    read_changes: KEYS, MAY, MOST_AT_ONCE, VERBS
    read_effects: EFFECT_KEYS
    read_indicators: INDICATOR_KEYS
    read_limits: CAP_KEYS, LIMIT_KEYS, LIMIT_MORE, MOST_DAYS, SUSPENSION_KEYS, SUSPENSION_MORE
    read_parameters: PARAMETER_KEYS, PLAIN_TYPES
    read_rules: ROW_KEYS, RULE_KEYS, RULE_NEEDS, TABLE_KEYS, TABLE_NEEDS, row_slug
    read_sources: SOURCE_KEYS, STATEMENT_KEYS
    read_vocabulary: FACT_KEYS
    reader: Reader, fraction, shown
"""
