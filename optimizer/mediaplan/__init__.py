"""Media Plan files: read as a scenario, written from a plan."""
