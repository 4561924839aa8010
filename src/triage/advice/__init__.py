"""What would change a recommendation: the facts still owed, and the smallest changes of a proposal."""
