"""Questions about a plan: why, what else, how little, what now."""
