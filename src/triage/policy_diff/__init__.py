"""Two policies compared: their edits, in words, and a policy with some of the edits."""
