"""A change of the policy tried on historical cases: the edits, what they change and why, and whether to adopt them."""
