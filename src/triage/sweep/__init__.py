"""A grid of settings tried on the same cases.

Stands on: errors, messages, model, deciding, rulebook, intake, limits, policy_diff.

Face:

    grid: Axis, Grid, Point, read_grid
    points: FinishedPoints, MEASURES, Result, Sweep
    swept: Swept
"""
