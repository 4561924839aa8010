"""Triage of requests for international migration engagement, by a policy kept as plain files."""

__version__ = "0.1.0"
