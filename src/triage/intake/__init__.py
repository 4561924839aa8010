"""Files of requests make requests; a row that cannot be read makes a rejected row.

Stands on: errors, messages, formats, model, deciding.

Face:

    canonical: MAX_VALUES
    determinations: OUTCOMES
    inbox: Inbox, Intake, MOST_UNKNOWN, Rejected
    rejects: WORKBOOKS
    requests: NEVER_EMPTY, NO, ONE_OF, PASSED_OVER, REQUIRED, RequestReader, shown
    templates: csv_template, workbook_template
    topics: Suggested, Topics
"""
