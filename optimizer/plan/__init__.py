"""The plan: its lines, totals, limits and flags; saved and read back."""
