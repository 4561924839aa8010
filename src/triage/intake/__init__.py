"""Files of requests make requests; a row that cannot be read makes a rejected row.

`inbox` takes rows from `files`, which leaves cells below a header to `tables`; `layout` tells the
header and the rows that are no requests, and `survey` keeps what was found of the file. `requests`
reads a row, `headers` what its columns mean, and `cells` each value by the kind of its fact.
`duplicates` finds the requests that are, or may be, one: `likeness` compares two, `requesters`
their names.

Stands on: errors, messages, formats, model, deciding.

Face:

    canonical: MAX_VALUES
    cells: NEVER_EMPTY, NO, shown
    determinations: OUTCOMES
    draft_requests: DraftRequest, draft_request
    duplicates: Duplicates
    forms: MOST_UNKNOWN
    headers: PASSED_OVER
    inbox: Inbox, Intake, PLAIN_INTAKE, Rejected
    likeness: DuplicateLink, Ground, RequestPlace, content_digest
    profile: HiddenParts
    requests: ONE_OF, REQUIRED, RequestReader
    survey: FileSurvey, passed_over
    templates: csv_template, workbook_template
    topics: Suggested, Topics
"""
