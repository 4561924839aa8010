"""The HTTP API: the same decisions as the command line, for other programs.

Stands on: errors, messages, formats, model, deciding, intake, limits, review, reports, service.

Face:

    keys: add_key
    server: serve
"""
