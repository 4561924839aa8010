"""The policy on whole columns: the same conditions as dataframe expressions, for historical cases by the million."""
