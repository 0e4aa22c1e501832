"""A plan again after some creators have signed."""
