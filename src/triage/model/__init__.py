"""What the words of a policy and of a request mean: facts, countries, periods, conditions, the policy itself."""
