"""A policy and a request make a decision."""
