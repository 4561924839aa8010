"""Is the policy right: checks, policy cases, the worksheet, the schema, rules told in words."""
