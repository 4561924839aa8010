"""Files of requests make requests; a row that cannot be read makes a rejected row.

`inbox` takes rows from `files`, which leaves cells below a header to `tables`; `requests` reads a
row, `headers` what its columns mean, and `cells` each value by the kind of its fact.

Stands on: errors, messages, formats, model, deciding.

Face:

    canonical: MAX_VALUES
    cells: NEVER_EMPTY, NO, shown
    determinations: OUTCOMES
    draft_requests: DraftRequest, draft_request
    forms: MOST_UNKNOWN, WORKBOOKS
    headers: PASSED_OVER
    inbox: Inbox, Intake, Rejected
    requests: ONE_OF, REQUIRED, RequestReader
    templates: csv_template, workbook_template
    topics: Suggested, Topics
"""
