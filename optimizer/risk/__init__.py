"""What a plan may come to, and what it costs to be sure."""
