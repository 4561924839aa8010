"""The policy as expressions on whole columns, for historical cases by the million.

Stands on: errors, messages, formats, model, deciding, intake.

Face:

    backends: BACKENDS, Backend, backend, evaluate_files
    cases: reading_policy
    columns: ID, OUTCOME, facts_of
    encode: frame_of, requests_of
    evaluate: Evaluator, JointEvaluator
"""
