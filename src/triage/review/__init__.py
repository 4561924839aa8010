"""Is the policy right: checks, policy cases, the schema, rules in words.

Stands on: errors, messages, formats, model, deciding, rulebook, intake.

Face:

    cases: Coverage, Outcome, cover, read_cases, run_cases
    checks: check_policy, cited, statement_counts, statement_table
    describe: BASIS_KEYS, Describer
    schema: json_schema
"""
