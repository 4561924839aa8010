"""The files of rules/ make a policy; whatever is wrong in them is told with its place."""
