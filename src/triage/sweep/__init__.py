"""A grid of settings tried on the same cases."""
