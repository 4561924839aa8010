"""What would change a recommendation: the facts still owed, and the smallest changes.

Stands on: errors, messages, formats, model, deciding, intake.

Face:

    assessment: SelfAssessment, differences, join, steps
    comparison: Comparison
    interview: Interview
    search: ChangeSet, MOST_RUNS, find_changes
"""
