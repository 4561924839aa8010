"""Which of the requests to be accepted fit the limits, and how long the others wait.

Stands on: messages, model, deciding.

Face:

    allocate: Order, TIME_LIMIT, allocate, allocate_claims
    book: Book, Slot
    demands: Claim, Demander, Engagement
    outcome: Allocation, Deferral, Use
    tables: COLUMNS, LimitReport, NUMBERS
    words: LimitWords, fullest, plain
"""
