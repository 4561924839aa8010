"""The HTTP API: the same decisions as the command line, for other programs."""
