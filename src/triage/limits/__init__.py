"""Limits on what may be accepted: read, checked, counted, and kept in rank order or by the best choice."""
