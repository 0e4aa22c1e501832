"""A plan in cases that come otherwise."""
